# On a terminal watch draws the ring; the screen is given back at the end.
. "$CLI_DIR/lib.sh"
command -v script >/dev/null || skip 'script(1) is not here'
ringctl create a.ring --size 8M --max-item 1M
head -c 3000000 /dev/zero | tr '\0' 'x' | fold -w 1000 |
	ringctl produce a.ring
script -q -e -c "stty columns 42; $RINGCTL watch a.ring --count 1" \
	/dev/null </dev/null >out
echo "exit $?"
esc=$(printf '\033')
sed "s/$esc\[[?0-9]*[A-Za-z]//g" out | tr -d '\r' | grep -A 1 '^\[[^]]*\]$'
grep -c "$esc\[?1049h" out
tail -c 20 out | grep -c "$esc\[?25h$esc\[?1049l"
--- stdout
exit 0
[#################.......................]
 a               P                       
1
1
