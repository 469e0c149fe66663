# A few kills: what was asked for is printed, nothing is lost; a file of its
# own is gone afterwards, one that was there is refused, or has a ring then.
. "$CLI_DIR/lib.sh"
# How many items went through is another number each time.
hide()
{
	sed -e '/^items/s/ [1-9][0-9]*$/ N/' -e '/^duplicated/s/ [0-9][0-9]*/ N/' \
		-e '/^kills/s/[0-9]*\([,)]\)/N\1/g'
}
ringctl torture new.ring --kills 6 --seed 7 --size 2M >out
echo "exit $?"
hide <out
[ ! -e new.ring ] || echo 'the file is still there'
echo '--- JSON'
ringctl torture new.ring --kills 3 --seed 7 --size 2M --json >out
echo "exit $?"
is_json <out || echo 'not JSON'
for name in seed kills lost reordered damaged good finding; do
	echo "$name $(field $name <out)"
done
[ "$(field items <out)" -gt 0 ] || echo 'no items'
echo '--- a seed is drawn, and printed'
ringctl torture new.ring --kills 1 --size 2M | grep -c '^seed  *[0-9]'
echo '--- what is there'
seq 1000000 >file
truncate -s 4M file
cp file copy
r torture file --kills 1 2>&1
cmp file copy
r torture file --kills 1 --force >out 2>&1
tail -n 1 out
r check file
echo '--- one that is used'
mkfifo pipe
"$RINGCTL" produce file <pipe &
started
exec 3>pipe
until_true sh -c '"$RINGCTL" info file --json | grep -q "\"attached\": true"'
r torture file --kills 1 --force 2>&1
exec 3>&-
echo '--- wrong'
r torture new.ring --kills 0 2>&1
r torture new.ring --seed 9223372036854775808 2>&1
r torture new.ring --size 4k 2>&1
r torture . --kills 1 2>&1
[ ! -e new.ring ] || echo 'the file is still there'
--- stdout
exit 0
kills       6 (producer N, consumers N)
items       N
lost        0
duplicated  N (given again after a kill: expected)
reordered   0
damaged     0
seed        7
--- JSON
exit 0
seed 7
kills 3
lost 0
reordered 0
damaged 0
good true
finding null
--- a seed is drawn, and printed
1
--- what is there
ringctl: 'file': data at offset 0: device holds other data
exit 3
exit 0
'file': clean
exit 0
--- one that is used
ringctl: 'file': the ring there is in use: in use by another process
exit 3
--- wrong
ringctl: option '--kills': '0': must not be 0
Try 'ringctl torture --help'.
exit 2
ringctl: option '--seed': '9223372036854775808': too large
Try 'ringctl torture --help'.
exit 2
ringctl: 'new.ring': too small: 8 cursor slots, blocks of 4096 and batches of 4096 bytes need 536576 bytes, there are 4096
exit 3
ringctl: cannot use '.': neither a regular file nor a block device
exit 3
