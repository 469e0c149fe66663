# A consumer killed with -9 while its reader is slow: what it did not advance
# over comes again, nothing is skipped.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M
# A batch is larger than a pipe holds: so the kill hits in the middle of one.
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "%0100d\n", i }' >in
ringctl produce a.ring <in
mkfifo pipe
for round in 1 2 3; do
	"$RINGCTL" consume a.ring >pipe &
	started
	victim=$!
	exec 3<pipe
	head -c $((round * 150000)) <&3 >part.$round
	stop KILL $victim
	cat <&3 >>part.$round
	exec 3<&-
done
ringctl consume a.ring >rest
# A line that the kill cut is not whole, and not one of the input.
sort -u part.1 part.2 part.3 rest >out
comm -23 in out | wc -l
# Each starts where the last advance was: the rest is one whole stretch.
tail -n "$(wc -l <rest)" in | cmp - rest && echo 'the rest is whole'
[ "$(wc -l <rest)" -lt 20000 ] && echo 'it did advance'
--- stdout
ended with 137
ended with 137
ended with 137
0
the rest is whole
it did advance
