# Standard output that takes no more: an error, but a reader that has left is
# how most pipes end, and needs no words. Signals end it in good order.
. "$CLI_DIR/lib.sh"
exec 2>&1
letters="-s char -e row-binary --seed 1 -q"
[ -w /dev/full ] || skip '/dev/full is not here'
code=0
"$RINGGEN" $letters >/dev/full || code=$?
echo "exit $code"
code=0
"$RINGGEN" $letters >&- || code=$?
echo "exit $code"
mkfifo pipe
head -c 0 pipe &
started
{ wait $!; "$RINGGEN" $letters; echo "exit $?" >code; } >pipe
cat code
rm code
echo '--- a link to nothing, a limit'
ln -s nothing link
code=0
"$RINGGEN" $letters -o link || code=$?
echo "exit $code"
rm link
( ulimit -f 8
  code=0
  "$RINGGEN" $letters -o large || code=$?
  echo "exit $code" )
rm large*
echo '--- stopped'
"$RINGGEN" $letters -o file &
started
until_true test -s file.tmp
stop TERM $!
ls
echo '--- stopped twice while nobody reads'
"$RINGGEN" $letters >pipe &
started
generator=$!
exec 3<pipe
is_stuck()
{
	[ "$(sed -n 's/^wchar: //p' /proc/$generator/io)" -ge 8192 ]
}
until_true is_stuck
kill -TERM $generator
is_taken()
{
	! grep '^ShdPnd:.*4000$' /proc/$generator/status
}
until_true is_taken
stop TERM $generator
exec 3<&-
--- stdout
ringgen: cannot write to standard output: No space left on device
exit 3
ringgen: cannot write to standard output: Bad file descriptor
exit 3
exit 3
--- a link to nothing, a limit
ringgen: cannot open 'link': No such file or directory
exit 3
ringgen: cannot write to 'large': File too large
exit 3
--- stopped
ended with 0
file
pipe
--- stopped twice while nobody reads
ringgen: stopped twice, and the target takes no more: the last values are lost
ended with 3
