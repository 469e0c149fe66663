# Consumers join and leave a ring at rest and a live one.
. "$CLI_DIR/lib.sh"
exec 2>&1
ringctl create a.ring --size 8M
seq 2 | ringctl produce a.ring
r consumer add a.ring old --at oldest
r consumer add a.ring new
r consumer add a.ring new
r consumer list a.ring | awk 'NF > 2 { print $1, $4 }'
ringctl consumer list a.ring --json | is_json || echo 'not JSON'
r consume a.ring --consumer old
r consume a.ring --consumer new
r consumer remove a.ring new
r consumer remove a.ring new
r consumer remove a.ring old --json | grep -v path
r consumer remove a.ring default
echo '--- live'
mkfifo pipe
"$RINGCTL" produce a.ring <pipe &
started
producer=$!
exec 3>pipe
echo 3 >&3
r consume a.ring --follow --count 3
r consumer add a.ring live
echo 4 >&3
r consume a.ring --consumer live --follow --count 1
r consumer remove a.ring live
r consume a.ring --consumer live
exec 3>&-
wait $producer
echo "produced $?"
--- stdout
exit 0
exit 0
ringctl: 'a.ring': consumer 'new': a consumer of that name exists
exit 3
NAME ITEMS
default 2
old 2
new 0
1
2
exit 0
ringctl: 'a.ring': no item yet
exit 4
exit 0
ringctl: 'a.ring': consumer 'new': no consumer of that name
exit 3
{
  "consumer": "old",
  "removed": true
}
exit 0
ringctl: 'a.ring': consumer 'default': the last consumer can't be removed
exit 3
--- live
1
2
3
exit 0
exit 0
4
exit 0
exit 0
ringctl: 'a.ring': consumer 'live': no consumer of that name
exit 3
produced 0
