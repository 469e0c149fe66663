# A full ring: exit 4 after --wait, with how many items are published; these
# and no others are on the ring, and input repeated from there on loses none.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 4M --max-item 64K
awk 'BEGIN { for (i = 0; i < 1000; i++) printf "%010000d\n", i }' >in
code=0
ringctl produce a.ring --wait 0 --json <in >result || code=$?
echo "exit $code"
field code <result
count=$(field published <result)
[ "$count" -gt 0 ] && [ "$count" -lt 1000 ] && echo 'a part is published'
ringctl consume a.ring >out
[ "$(wc -l <out)" = "$count" ] && echo 'as many came out'
tail -n "+$((count + 1))" in | ringctl produce a.ring --wait 0 --json >result
more=$(field published <result)
ringctl consume a.ring >>out
head -n $((count + more)) in | cmp - out && echo 'none lost, none twice'
--- stdout
exit 4
RING_ERR_FULL
a part is published
as many came out
none lost, none twice
