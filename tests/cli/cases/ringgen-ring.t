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
"$RINGCTL" consume a.ring --follow --framing length >framed &
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
# Each frame is 4 bytes of length, and that.
python3 - 2>/dev/null <<'END' || echo 'no python3 to look into frames with'
import struct
framed = open('framed', 'rb').read()
at, out = 0, []
while at < len(framed):
    n, = struct.unpack_from('<I', framed, at)
    out.append(framed[at + 4:at + 4 + n])
    at += 4 + n
print('the same' if b''.join(out) == open('expected', 'rb').read() else 'WRONG')
END
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
echo '--- full, and stopped: what came is whole'
"$RINGGEN" $letters --ring a.ring &
started
generator=$!
is_full()
{
	[ "$(ringctl info a.ring --json | field free_bytes)" -lt 200000 ]
}
until_true is_full
stop TERM $generator
ringctl consume a.ring --framing length >/dev/null
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
--- full, and stopped: what came is whole
ringgen: stopped, but the target took no more for 1 s: the last values are lost
ended with 3
--- errors
ringgen: a value of 200000 bytes is too big for 'a.ring': an item holds at most 102400
exit 3
ringgen: cannot open 'none.ring': No such file or directory
exit 3
ringgen: 'file': cannot read the superblock: not a ring
exit 3
