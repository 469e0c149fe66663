# Where stdout is no terminal watch prints a line per update, or JSON lines.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M
seq 5 | ringctl produce a.ring
r watch a.ring --count 2 --interval 0 |
	sed 's/^[0-9][0-9T:.Z-]*/TIME/; s/in: [0-9].*s used/in: RATE used/; s/out: .*/RATE/'
ringctl watch a.ring --count 3 --interval 0 --json | is_json 3 ||
	echo 'not JSON'
"$RINGCTL" watch a.ring --interval 0 >out &
started
watcher=$!
until_true has_lines 2 out
stop TERM $watcher
--- stdout
TIME no producer in: - used: 0.0 % | default: 5 behind, RATE
TIME no producer in: RATE used: 0.0 % | default: 5 behind, RATE
exit 0
ended with 0
