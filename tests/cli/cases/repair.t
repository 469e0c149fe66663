# repair: plans by default (1: something to do), --apply does it, a second run
# finds nothing. What is overwritten is kept with --backup, and --restore brings
# back the same bytes; a file that is there, of another ring, or damaged, and a
# ring in use, are refused.
. "$CLI_DIR/lib.sh"
exec 2>&1
ringctl create a.ring --size 1M
for i in 1 2 3 4 5; do
	echo "item $i" | ringctl produce a.ring
done
ringctl dump a.ring --json >dump
offset=$(sed -n 's/.*"offset":\([0-9]*\),"kind":"item".*"sequence":2.*/\1/p' \
	dump)
printf X | dd of=a.ring bs=1 seek=$((offset + 50)) conv=notrunc 2>/dev/null
cp a.ring damaged
echo '--- stop'
r repair a.ring
r repair a.ring --apply
echo '--- plan'
r repair a.ring --on-damage skip
r repair a.ring --on-damage truncate
ringctl repair a.ring --on-damage skip --json >doc || echo "exit $?"
is_json <doc || echo 'not JSON'
field applied <doc
field first_lost <doc
cmp a.ring damaged && echo 'nothing is changed'
echo '--- apply'
r repair a.ring --on-damage skip --apply --backup backup
sed 's/ .*//' backup
r repair a.ring --on-damage skip --apply --backup not-made
[ -e not-made ] || echo 'no backup of nothing'
r check a.ring
cp a.ring repaired
echo '--- refused'
cp damaged b.ring
r repair b.ring --on-damage skip --apply --backup backup
cmp b.ring damaged && echo 'nothing is changed'
ringctl create c.ring --size 1M
r repair c.ring --restore backup
sed 's/524288/524280/' backup >changed
r repair a.ring --restore changed
r repair a.ring --restore damaged
r repair a.ring --restore not-there
cmp a.ring repaired && echo 'nothing is changed'
r repair a.ring --backup x | head -n 1
r repair a.ring --restore backup --apply | head -n 1
r repair a.ring --on-damage mend | head -n 1
echo '--- in use'
"$RINGCTL" consume a.ring --follow >taken &
started
until_true has_lines 4 taken
r repair a.ring --on-damage skip --apply 2>&1 | sed "s/process [0-9]* is/process N is/"
r repair a.ring --restore backup
r repair a.ring
stop TERM $!
echo '--- restore'
cp repaired a.ring
head -c -9 backup >torn
r repair a.ring --restore torn --json
cmp a.ring repaired && echo 'a torn line was never acted on'
r repair a.ring --restore backup
cmp a.ring damaged && echo 'as before the repair'
--- stdout
--- stop
left: 56 bytes at offset 524576 are damaged (the checksum does not match): told to skip them, a repair would lose 1 items from 2 on (offset 524576, 56 bytes, position 524576)
'a.ring': 0 steps to do, 0 items lost, 1 left
exit 1
left: 56 bytes at offset 524576 are damaged (the checksum does not match): told to skip them, a repair would lose 1 items from 2 on (offset 524576, 56 bytes, position 524576)
'a.ring': 0 steps done, 0 items lost, 1 left
exit 1
--- plan
plan: 56 bytes at offset 524576 are left out: 1 items from 2 on are lost (the checksum does not match) (offset 524576, 56 bytes, position 524576)
'a.ring': 1 step to do, 1 items lost, 0 left
exit 1
plan: 432 bytes at offset 524576 are left out: 3 items from 2 on are lost (the checksum does not match) (offset 524576, 432 bytes, position 524576)
'a.ring': 1 step to do, 3 items lost, 0 left
exit 1
exit 1
false
2
nothing is changed
--- apply
repair: 56 bytes at offset 524576 are left out: 1 items from 2 on are lost (the checksum does not match) (offset 524576, 56 bytes, position 524576)
'a.ring': 1 step done, 1 items lost, 0 left
exit 0
ringctl-backup
524288
'a.ring': 0 steps done, 0 items lost, 0 left
exit 0
no backup of nothing
note: a repair left out 1 items from 2 on (offset 524576, 56 bytes, position 524576)
'a.ring': clean
exit 0
--- refused
ringctl: 'b.ring': cannot keep what would be overwritten in 'backup': File exists
repair: 56 bytes at offset 524576 are left out: 1 items from 2 on are lost (the checksum does not match) (offset 524576, 56 bytes, position 524576)
exit 3
nothing is changed
ringctl: 'c.ring': cannot restore from 'backup': it is of another ring
exit 3
ringctl: 'a.ring': cannot restore from 'changed': it is damaged
exit 3
ringctl: 'a.ring': cannot restore from 'damaged': not a backup of ringctl
exit 3
ringctl: 'a.ring': cannot restore from 'not-there': No such file or directory
exit 3
nothing is changed
ringctl: option '--backup' needs '--apply'
Try 'ringctl repair --help'.
exit 2
ringctl: option '--restore' undoes a repair: no other option goes with it
Try 'ringctl repair --help'.
exit 2
ringctl: option '--on-damage': 'mend': must be stop, skip or truncate
Try 'ringctl repair --help'.
exit 2
--- in use
ringctl: 'a.ring': 1 item from 2 on lost, from position 524576 to 524632
ringctl: 'a.ring': cannot become the consumer: process N is: in use by another process
exit 3
ringctl: 'a.ring': in use by another process
exit 3
ringctl: 'a.ring': cannot repair it: in use by another process
exit 3
ended with 1
--- restore
{
  "path": "a.ring",
  "restored": 0
}
exit 0
a torn line was never acted on
'a.ring': 1 change undone
exit 0
as before the repair
