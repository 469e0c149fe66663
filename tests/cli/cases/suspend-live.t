# A producer that waits for input answers: the operator, a consumer, and both.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M
mkfifo pipe
"$RINGCTL" produce a.ring <pipe &
started
producer=$!
exec 3>pipe
echo one >&3
r consume a.ring --follow --count 1
r suspend a.ring --wait 60
r suspend a.ring --consumer default --wait 60
r resume a.ring --wait 60 --json | grep -v path
ringctl info a.ring | grep '^state'
echo two >&3
r consume a.ring 2>&1
r resume a.ring --consumer default --wait 60
r consume a.ring --follow --count 1
exec 3>&-
wait $producer
echo "produced $?"
r suspend a.ring --consumer nobody 2>&1
--- stdout
one
exit 0
exit 0
exit 0
{
  "requested": "resume",
  "acknowledged": true
}
exit 0
state        suspended
ringctl: 'a.ring': no item yet
exit 4
exit 0
two
exit 0
produced 0
ringctl: 'a.ring': consumer 'nobody': no consumer of that name
exit 3
