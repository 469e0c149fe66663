# --follow goes on until SIGTERM, or until nothing came for --wait: exit 0.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M
r consume a.ring --follow --wait 0.01
"$RINGCTL" consume a.ring --follow >out &
started
follower=$!
echo one | ringctl produce a.ring
until_true has_lines 1 out
echo two | ringctl produce a.ring
until_true has_lines 2 out
stop TERM $follower
cat out
echo '--- it consumed them'
r consume a.ring 2>&1
--- stdout
exit 0
ended with 0
one
two
--- it consumed them
ringctl: 'a.ring': no item yet
exit 4
