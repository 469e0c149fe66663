# Values into a ring: what a consumer gets, put together, is what standard
# output would have got; a ring that is full or suspended is waited for.
. "$CLI_DIR/lib.sh"
exec 2>&1
letters="-s char[10] -e row-binary --seed 1 -q"
ringctl create a.ring --size 8M --max-item 100K
g $letters -c 3 --ring a.ring
r consume a.ring
echo '--- an item for each cut'
g $letters -c 5 --ring a.ring --max-count 2
r consume a.ring
echo '--- more than it holds, with a consumer'
"$RINGGEN" -s '{a: u64; b: string?}' -e row-binary -c 2000000 --seed 1 -q \
	>expected
# As many items as there will be are not known: stop behind the last byte.
"$RINGCTL" consume a.ring --follow --framing none >got &
started
consumer=$!
g -s '{a: u64; b: string?}' -e row-binary -c 2000000 --seed 1 -q \
	--ring a.ring --json >document
sed -n 's/^exit/exit/p; /values/p; /bytes/p' document
emptied()
{
	ringctl info a.ring --json | grep -q '"backlog_items": 0'
}
until_true emptied
stop TERM $consumer
cmp expected got && echo the same
echo '--- suspended, and stopped'
"$RINGGEN" $letters --ring a.ring -r 1000 &
started
generator=$!
has_item()
{
	ringctl consume a.ring --peek --count 1
}
until_true has_item
r suspend a.ring --wait 60
r resume a.ring --wait 60
stop TERM $generator
r check a.ring >/dev/null
r consume a.ring >/dev/null
echo '--- full, and stopped: it waits for room'
"$RINGGEN" $letters --ring a.ring --json >document &
started
generator=$!
is_full()
{
	[ "$(ringctl info a.ring --json | field free_bytes)" -lt 200000 ]
}
until_true is_full
kill -TERM $generator
"$RINGCTL" consume a.ring --follow --framing none >got &
started
consumer=$!
wait $generator
echo "ended with $?"
until_true emptied
stop TERM $consumer
[ "$(field bytes <document)" = "$(wc -c <got)" ] && echo 'nothing is lost'
echo '--- full, and stopped twice'
"$RINGGEN" $letters --ring a.ring &
started
generator=$!
until_true is_full
kill -TERM $generator
is_taken()
{
	! grep '^ShdPnd:.*4000$' /proc/$generator/status
}
until_true is_taken
stop TERM $generator
ringctl consume a.ring --framing none >/dev/null
echo '--- errors'
g -s 'char[200000]' -e row-binary -q --ring a.ring
g $letters --ring none.ring
: >file
g $letters --ring file
--- stdout
exit 0
wblzezdgrvjzofdyudlbmidfysyhow
exit 0
--- an item for each cut
exit 0
wblzezdgrvjzofdyudlb
midfysyhownxgbialzjf
achwflnsnf
exit 0
--- more than it holds, with a consumer
  "values": 2000000,
  "bytes": 26499061,
exit 0
ended with 0
the same
--- suspended, and stopped
exit 0
exit 0
ended with 0
--- full, and stopped: it waits for room
ended with 0
ended with 0
nothing is lost
--- full, and stopped twice
ringgen: stopped twice, and the target takes no more: the last values are lost
ended with 3
--- errors
ringgen: a value of 200000 bytes is too big for 'a.ring': an item holds at most 102400
exit 3
ringgen: cannot open 'none.ring': No such file or directory
exit 3
ringgen: 'file': cannot read the superblock: not a ring
exit 3
