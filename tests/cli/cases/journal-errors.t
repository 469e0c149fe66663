# What a journal refuses, and that it leaves it alone; errors as JSON.
. "$CLI_DIR/lib.sh"
echo 'not a ring' >plain
cp plain before
r journal run plain --once -- cat 2>&1
echo x | r journal push plain --json | tr -d '\n' | sed 's/  */ /g'
echo
r journal status plain 2>&1
cmp plain before && echo untouched
echo '--- a ring whose superblocks are lost is not made anew'
ringctl create a.ring --size 2M
echo x | ringctl journal push a.ring
dd if=/dev/zero of=a.ring bs=65536 count=2 conv=notrunc 2>/dev/null
cp a.ring before
echo x | r journal push a.ring --size 2M 2>&1
cmp a.ring before && echo untouched
echo '--- too big: what came before it is pushed'
ringctl create b.ring --size 2M --max-item 1k
{ echo small; head -c 2000 /dev/zero | tr '\0' x; } |
	r journal push b.ring 2>&1
r journal run b.ring --once --json -- cat
--- stdout
ringctl: 'plain': data at offset 0: device holds other data
exit 3
{ "error": { "code": "RING_ERR_OCCUPIED", "text": "'plain': data at offset 0: device holds other data", "offset": 0, "length": 0, "position": 0 }}exit 3
ringctl: 'plain': cannot read the superblock: not a ring
exit 3
untouched
--- a ring whose superblocks are lost is not made anew
ringctl: 'a.ring' is no ring, and not empty: data at offset 0: device holds other data
exit 3
untouched
--- too big: what came before it is pushed
ringctl: operation 2 of the input is too big: the journal takes at most 1024 bytes
ringctl: 1 operations are pushed
exit 3
small{
  "path": "b.ring",
  "performed": 1,
  "failures": 0,
  "lost": 0,
  "next_number": 1
}
exit 0
