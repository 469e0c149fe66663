# Two processes at once: one performs, others push; a second one is refused; a
# signal ends it between two commands, and nothing is done twice.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 2M
"$RINGCTL" journal run a.ring -- sh -c 'cat >>done; echo >>done' &
started
runner=$!
for word in one two three; do
	echo $word | ringctl journal push a.ring
done
until_true has_lines 3 done
r journal run a.ring --once -- cat 2>&1 | sed 's/process [0-9]*/process N/'
ringctl journal status a.ring | grep '^performer' | sed 's/pid .*/pid N/'
stop TERM $runner
cat done
echo '--- killed within a command: it comes again'
"$RINGCTL" journal run a.ring -- sh -c 'echo $$ >pid; cat >>pid
	exec sleep 1000' &
started
runner=$!
echo four | ringctl journal push a.ring
until_true grep four pid
stop KILL $runner
kill "$(head -n 1 pid)" # the command is not killed with it
ringctl journal status a.ring | grep '^pending'
r journal run a.ring --once -- sh -c 'echo "again: $(cat)"'
echo '--- a full ring: push waits, and gives up when it is told to'
ringctl create small.ring --size 600k --max-item 4k
yes 0123456789 | head -n 20000 >many
r journal push small.ring --wait 0 <many 2>errors
sed 's/[0-9][0-9]* operations/N operations/' errors
pushed=$(sed -n 's/.* \([0-9][0-9]*\) operations.*/\1/p' errors)
r journal run small.ring --once --batch -- sh -c 'cat >>taken'
[ "$pushed" -gt 1000 ] && [ "$(wc -c <taken)" = $((pushed * 14)) ] &&
	echo 'all that was pushed'
--- stdout
ringctl: 'a.ring': cannot become the consumer: process N is: in use by another process
exit 3
performer    running, 'ringctl' pid N
ended with 0
one
two
three
--- killed within a command: it comes again
ended with 137
pending      1 operations, 144 B
again: four
exit 0
--- a full ring: push waits, and gives up when it is told to
exit 4
ringctl: 'small.ring': not enough free space; retry after a consume
ringctl: N operations are pushed
exit 0
all that was pushed
