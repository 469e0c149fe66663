# Who has to wait for the target says why, once it is told to stop. The ring's
# name is in other words, too.
. "$CLI_DIR/lib.sh"
exec 2>&1
letters="-s char[1000] -e row-binary --seed 1"
ringctl create r --size 8M
# told PID: until it says what it waits for
told()
{
	until_true grep -q stopping err
	stop TERM "$1"
	grep -v Rates: err
}
echo '--- a full ring'
"$RINGGEN" $letters --ring r 2>err &
started
generator=$!
is_full()
{
	[ "$(ringctl info r --json | field free_bytes)" -lt 2000000 ]
}
until_true is_full
kill -TERM $generator
told $generator
echo '--- a pipe'
mkfifo pipe
"$RINGGEN" $letters >pipe 2>err &
started
generator=$!
exec 3<pipe
is_stuck()
{
	[ "$(sed -n 's/^wchar: //p' /proc/$generator/io)" -ge 8192 ]
}
until_true is_stuck
kill -TERM $generator
told $generator
exec 3<&-
--- stdout
--- a full ring
ended with 3
ringgen: stopping, as soon as the target takes what was made; a second signal gives that up ('r': not enough free space; retry after a consume)
ringgen: stopped twice, and the target takes no more: the last values are lost
--- a pipe
ended with 3
ringgen: stopping, as soon as the target takes what was made; a second signal gives that up (standard output: its reader takes no more)
ringgen: stopped twice, and the target takes no more: the last values are lost
