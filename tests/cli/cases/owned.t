# A role has one owner: the second one is refused at once, exit 3.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M
mkfifo pipe
"$RINGCTL" produce a.ring --client first <pipe &
started
producer=$!
exec 3>pipe
"$RINGCTL" consume a.ring --follow >out &
started
echo one >&3
until_true has_lines 1 out
{
	r produce a.ring </dev/null
	r consume a.ring
	r consumer remove a.ring default
	r create a.ring --size 8M --force
	r erase a.ring --force
} 2>&1 | sed 's/process [0-9]*/process PID/'
ringctl info a.ring | sed -n 's/^producer .*\(.first.\) pid [0-9]* \(on this host\).*/\1 \2/p'
r produce a.ring --json </dev/null | grep code
--- stdout
ringctl: 'a.ring': cannot become the producer: process PID is: in use by another process
exit 3
ringctl: 'a.ring': cannot become the consumer: process PID is: in use by another process
exit 3
ringctl: 'a.ring': cannot become the consumer: process PID is: in use by another process
exit 3
ringctl: 'a.ring': the ring there is in use: in use by another process
exit 3
ringctl: 'a.ring': the ring there is in use: in use by another process
exit 3
'first' on this host
    "code": "RING_ERR_OWNED",
