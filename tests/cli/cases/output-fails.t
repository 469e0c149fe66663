# When stdout can't be written, the position stays.
. "$CLI_DIR/lib.sh"
exec 2>&1
ringctl create a.ring --size 8M
printf '%s\n' 1 2 3 | ringctl produce a.ring
[ -w /dev/full ] || skip '/dev/full is not here'
r consume a.ring >out-1 2>&1
cat out-1
printf '%s\n' 4 5 6 | ringctl produce a.ring
code=0
ringctl consume a.ring >/dev/full || code=$?
echo "exit $code"
code=0
ringctl consume a.ring >&- || code=$?
echo "exit $code"
echo '--- a closed pipe'
mkfifo pipe
head -c 0 pipe &
started
{ wait $!; ringctl consume a.ring; echo "exit $?" >code; } >pipe
cat code
echo '--- other commands'
code=0
ringctl info a.ring >/dev/full || code=$?
echo "exit $code"
code=0
ringctl dump a.ring >/dev/full || code=$?
echo "exit $code"
echo '--- all is still there'
r consume a.ring
--- stdout
1
2
3
exit 0
ringctl: cannot write to standard output: No space left on device
exit 3
ringctl: cannot write to standard output: Bad file descriptor
exit 3
--- a closed pipe
ringctl: cannot write to standard output: Broken pipe
exit 3
--- other commands
ringctl: cannot write to standard output: No space left on device
exit 3
ringctl: cannot write to standard output: No space left on device
exit 3
--- all is still there
4
5
6
exit 0
