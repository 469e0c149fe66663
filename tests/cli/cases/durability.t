# --durability process and --deliver visible: what is put on a ring comes out,
# also after a kill; info says how the ring is written; direct I/O is refused.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 2M
seq 1000 >in
r produce a.ring --durability process <in
ringctl info a.ring --json | field durability
r consume a.ring --durability process >out
tail -n 1 out
sed '$d' out | cmp - in
seq 1000 | ringctl produce a.ring
r consume a.ring --deliver visible >out
tail -n 1 out
sed '$d' out | cmp - in
# Killed in the middle: what was put on the ring before is there.
mkfifo pipe
"$RINGCTL" produce a.ring --durability process --batch 1 <pipe &
started
exec 3>pipe
seq 10 >&3
exposed()
{
	[ "$(ringctl info a.ring --json | field exposed_items)" -ge 2010 ]
}
until_true exposed
stop KILL $!
exec 3>&-
ringctl info a.ring --json | field durability
ringctl info a.ring | grep -c 'without durability'
ringctl check a.ring >check || cat check
r consume a.ring | tr '\n' ' '
echo
r produce a.ring --durability process --mode direct </dev/null
r consume a.ring --durability process --mode direct
r consume a.ring --durability power
r consume a.ring --deliver soon
--- stdout
exit 0
full
exit 0
exit 0
ended with 137
process
1
1 2 3 4 5 6 7 8 9 10 exit 0 
exit 3
exit 3
exit 2
exit 2
--- stderr
ringctl: 'a.ring': durability off needs the page cache: use buffered I/O
ringctl: 'a.ring': durability off needs the page cache: use buffered I/O
ringctl: option '--durability': 'power': must be full or process
Try 'ringctl consume --help'.
ringctl: option '--deliver': 'soon': must be durable or visible
Try 'ringctl consume --help'.
