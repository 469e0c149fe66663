# --batch publishes N items in one commit, the rest at the end of the input;
# --linger ends the wait for a batch to fill.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M
seq 10 | ringctl produce a.ring --batch 4
ringctl dump a.ring | sed -n 's/^[0-9]* \([a-z]*\).*/\1/p' | uniq -c |
	sed 's/^ *//'
ringctl consume a.ring >/dev/null
mkfifo pipe
"$RINGCTL" produce a.ring --batch 1000 --linger 10 <pipe &
started
producer=$!
exec 3>pipe
printf '%s\n' a b >&3
r consume a.ring --count 2 --follow
exec 3>&-
wait $producer
echo "exit $?"
--- stdout
4 item
1 commit
4 item
1 commit
2 item
1 commit
a
b
exit 0
exit 0
