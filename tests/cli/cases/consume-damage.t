# consume --on-damage: what is lost is told with its positions and numbers, once
# each; the exit code is 1 then. So it is for what a repair had left out.
. "$CLI_DIR/lib.sh"
exec 2>&1
ringctl create a.ring --size 1M
printf '%s\n' 1 2 3 | ringctl produce a.ring
printf '%s\n' 4 5 6 | ringctl produce a.ring
printf '%s\n' 7 8 9 | ringctl produce a.ring
ringctl dump a.ring --json >dump
offset=$(sed -n 's/.*"offset":\([0-9]*\),"kind":"item".*"sequence":4.*/\1/p' \
	dump)
printf X | dd of=a.ring bs=1 seek=$((offset + 48)) conv=notrunc 2>/dev/null
cp a.ring damaged
for policy in stop skip truncate; do
	echo "--- $policy"
	cp damaged a.ring
	r consume a.ring --on-damage $policy
	echo '--- again'
	r consume a.ring --on-damage $policy
done
echo '--- json: a line in its place'
cp damaged a.ring
ringctl consume a.ring --on-damage skip --json >lines 2>err || echo "exit $?"
is_json 9 <lines || echo 'not 9 lines of JSON'
grep -n '"lost"' lines
echo '--- count'
cp damaged a.ring
r consume a.ring --on-damage skip --count 3
r consume a.ring --on-damage skip --count 3
r consume a.ring --on-damage skip --count 9
echo '--- repaired'
cp damaged a.ring
ringctl repair a.ring --on-damage skip --apply >/dev/null
r consume a.ring
echo '--- peek tells it each time'
cp damaged a.ring
for i in 1 2; do
	r consume a.ring --on-damage skip --peek >out
	tail -n 1 out
done
--- stdout
--- stop
1
2
3
ringctl: 'a.ring': damage at offset 524600, 56 bytes: the checksum does not match
exit 3
--- again
ringctl: 'a.ring': damage at offset 524600, 56 bytes: the checksum does not match
exit 3
--- skip
ringctl: 'a.ring': 1 item from 4 on lost, from position 524600 to 524656
1
2
3
4
6
7
8
9
exit 1
--- again
ringctl: 'a.ring': no item yet
exit 4
--- truncate
ringctl: 'a.ring': 6 items from 3 on lost, from position 524544 to 525056
1
2
3
exit 1
--- again
ringctl: 'a.ring': no item yet
exit 4
--- json: a line in its place
exit 1
5:{"lost":{"position":524600,"next":524656,"sequence":4,"items":1,"repaired":false}}
--- count
1
2
3
exit 0
ringctl: 'a.ring': 1 item from 4 on lost, from position 524600 to 524656
4
6
7
exit 1
8
9
ringctl: 'a.ring': no item yet; 2 of 9 items taken
exit 4
--- repaired
ringctl: 'a.ring': 1 item from 4 on lost, from position 524600 to 524656
1
2
3
4
6
7
8
9
exit 1
--- peek tells it each time
ringctl: 'a.ring': 1 item from 4 on lost, from position 524600 to 524656
exit 1
ringctl: 'a.ring': 1 item from 4 on lost, from position 524600 to 524656
exit 1
