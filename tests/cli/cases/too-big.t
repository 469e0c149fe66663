# An item above max_item: which one, how big, how many are published; those
# before it are on the ring.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M --max-item 1000
long=$(printf '%01001d' 0)
printf 'one\ntwo\n%s\nfour\n' "$long" | r produce a.ring 2>&1
r consume a.ring
echo '--- exactly max_item'
printf '%01000d\n' 0 | r produce a.ring
ringctl consume a.ring | wc -c
echo '--- a length from the input, never believed'
printf '\001\000\000\000z\377\377\377\377abc' |
	r produce a.ring --framing length 2>&1
r consume a.ring
echo '--- a line without end'
head -c 100000 /dev/zero | r produce a.ring 2>&1 |
	sed 's/at least [0-9]*/at least SOME/'
echo '--- as JSON'
printf 'a\n%s\n' "$long" | r produce a.ring --json |
	sed 's/"position": [1-9].*/"position": POS/'
--- stdout
ringctl: record 3 of 1001 bytes is too big: the ring takes at most 1000
ringctl: 2 items are published
exit 3
one
two
exit 0
--- exactly max_item
exit 0
1001
--- a length from the input, never believed
ringctl: record 2 of 4294967295 bytes is too big: the ring takes at most 1000
ringctl: 1 items are published
exit 3
z
exit 0
--- a line without end
ringctl: record 1 of at least SOME bytes is too big: the ring takes at most 1000
ringctl: 0 items are published
exit 3
--- as JSON
{
  "error": {
    "code": "RING_ERR_TOO_BIG",
    "text": "record 2 of 1001 bytes is too big: the ring takes at most 1000",
    "offset": 0,
    "length": 0,
    "position": 0
  },
  "published": 1,
  "bytes": 1,
  "position": POS
}
exit 3
