# Suspended, a producer writes nothing and loses nothing; resumed it goes on.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M
exec 2>&1
echo '--- nobody is there to acknowledge'
r suspend a.ring
r suspend a.ring --wait 0.05
echo '--- a producer that comes acknowledges first'
seq 3 | r produce a.ring --wait 0
r suspend a.ring --wait 0
ringctl info a.ring | grep -E '^(state|operator)'
r consume a.ring
echo '--- one that waits loses no line'
seq 3 | ringctl produce a.ring &
started
producer=$!
r resume a.ring --wait 60
wait $producer
echo "produced $?"
r consume a.ring
ringctl info a.ring | grep -E '^(state|operator)'
--- stdout
--- nobody is there to acknowledge
exit 0
ringctl: 'a.ring': suspend is requested and not yet acknowledged
exit 4
--- a producer that comes acknowledges first
ringctl: 'a.ring': a consumer has suspended the producer; retry
ringctl: 0 items are published
exit 4
exit 0
state        suspended
operator     suspend, acknowledged
ringctl: 'a.ring': no item yet
exit 4
--- one that waits loses no line
exit 0
produced 0
1
2
3
exit 0
state        running
operator     running
