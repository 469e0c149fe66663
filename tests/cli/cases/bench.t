# Each row once in each round, then it is gone: from a directory, a new name, a
# device; also when stopped. What is there stays as it is.
. "$CLI_DIR/lib.sh"
# The figures are other ones each time.
hide()
{
	sed -e 's/engine [a-z_]*/engine E/' -e 's/[0-9][0-9.]*  */N /g' \
		-e 's/[0-9.]*\.\.[0-9.]*$/N..N/' -e 's/  */ /g'
}
mkdir dir
ringctl bench dir --time 0 --size 16M >out
echo "exit $?"
hide <out
r bench new --time 0 --size 16M >out
[ ! -e new ] || echo 'the file is still there'
echo '--- JSON'
ringctl bench dir --time 0 --size 16M --json >out
echo "exit $?"
is_json <out || echo 'not JSON'
for name in path mode ring_bytes rounds row metric unit; do
	echo "$name $(field $name <out)"
done
[ "$(grep -c '"floor":' out)" = 7 ] || echo 'figures are missing'
grep -q '"ratio": 0\.0,' out && echo 'nothing was measured'
ls dir
echo '--- what is there'
seq 1000 >file
cp file copy
: >empty
r bench file --time 0 2>&1
r bench file --time 0 --force --json
cmp file copy
r bench empty --time 0 2>&1
r create used.ring --size 16M
r bench used.ring --time 0 --force 2>&1
r check used.ring
echo '--- stopped'
"$RINGCTL" bench dir --time 3600 --size 16M 2>err &
started
until_true sh -c '[ -n "$(ls dir)" ]'
stop TERM $!
hide <err
ls dir
echo '--- wrong'
r bench dir --size 15M 2>&1
r bench dir/none/new --time 0 2>&1
r bench 2>&1
ls dir
--- stdout
exit 0
'dir': a ring of N MiB, buffered, engine E; median of N rounds
ROW METRIC RING FLOOR UNIT RATIO MIN..MAX
publish-N pN N N us N N..N
publish-N pN N N us N N..N
publish-N rate N N items/s N N..N
publish-64k rate N N MB/s N N..N
drain rate N N items/s N N..N
latency pN N N us N N..N
latency pN N N us N N..N
--- JSON
exit 0
path dir
mode buffered
ring_bytes 12582912
rounds 5
row publish-1
metric p50
unit us
--- what is there
ringctl: 'file': there is a file already: give a directory, a new name or a block device
exit 3
{
  "error": {
    "code": "EEXIST",
    "text": "'file': there is a file already: give a directory, a new name or a block device",
    "offset": 0,
    "length": 0,
    "position": 0
  }
}
exit 3
ringctl: 'empty': there is a file already: give a directory, a new name or a block device
exit 3
exit 0
ringctl: 'used.ring': there is a file already: give a directory, a new name or a block device
exit 3
'used.ring': clean
exit 0
--- stopped
ended with 3
ringctl: 'dir': interrupted, no result
--- wrong
ringctl: option '--size': '15M': must be at least 16M
Try 'ringctl bench --help'.
exit 2
ringctl: 'dir/none/new': No such file or directory
exit 3
ringctl: operand 'PATH' is missing
Try 'ringctl bench --help'.
exit 2
