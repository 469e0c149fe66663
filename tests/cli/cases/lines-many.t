# 200000 lines of 0 to 200 bytes pass unchanged through a ring they fill
# several times, with producer and consumer at work at the same time.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 4M
awk 'BEGIN { for (i = 0; i < 200000; i++)
	printf "%d %s\n", i, substr("......................................" \
	"................................................................" \
	"................................................................",
	1, i * 7919 % 160) }' >in
"$RINGCTL" consume a.ring --follow --count 200000 >out &
started
ringctl produce a.ring <in
echo "produced $?"
wait $!
echo "consumed $?"
cmp in out && echo same
r check a.ring
--- stdout
produced 0
consumed 0
same
'a.ring': clean
exit 0
