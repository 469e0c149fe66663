# A clean ring: 0. Damaged items: 1, with the offset; consume stops before
# them with 3 and delivers what was good.
. "$CLI_DIR/lib.sh"
exec 2>&1
ringctl create a.ring --size 8M
for i in 1 2 3 4 5; do
	echo "item number $i" | ringctl produce a.ring
done
r check a.ring
ringctl check a.ring --json | is_json || echo 'not JSON'
ringctl dump a.ring --json >dump
offset=$(sed -n 's/.*"offset":\([0-9]*\),"kind":"item".*"sequence":3.*/\1/p' \
	dump)
printf X | dd of=a.ring bs=1 seek=$((offset + 50)) conv=notrunc 2>/dev/null
code=0
ringctl check a.ring --json >result || code=$?
echo "check: exit $code"
is_json <result || echo 'not JSON'
field clean <result
grep -q "\"offset\": $offset" result && echo 'the offset is told'
r check a.ring | grep -c damage
echo '--- consume'
code=0
ringctl consume a.ring >out 2>err || code=$?
cat out
echo "exit $code"
grep -c "damage at offset $offset" err
echo '--- superblock: the other copy serves, and check says so'
ringctl create b.ring --size 8M
echo x | ringctl produce b.ring
printf X | dd of=b.ring bs=1 seek=40 conv=notrunc 2>/dev/null
r check b.ring | grep -E -c '^warning'
r consume b.ring
--- stdout
'a.ring': clean
exit 0
check: exit 1
false
the offset is told
1
--- consume
item number 1
item number 2
item number 3
exit 3
1
--- superblock: the other copy serves, and check says so
1
x
exit 0
