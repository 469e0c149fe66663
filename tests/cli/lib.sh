# Sourced by the cases of tests/cli.

pids=
trap '[ -z "$pids" ] || kill -9 $pids 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM

# In the background use "$RINGCTL": a function there is a shell around it,
# which would get the signals.
ringctl()
{
	"$RINGCTL" "$@"
}

# r ARGUMENT...: run ringctl, and say how it ended
r()
{
	r_code=0
	ringctl "$@" || r_code=$?
	echo "exit $r_code"
}

# The same of ringgen, which lies beside it; without the seed that it draws.
RINGGEN=${RINGCTL%/*}/ringgen
g()
{
	g_code=0
	"$RINGGEN" "$@" || g_code=$?
	echo "exit $g_code"
}

# Keep the pid of the command that was just put into the background.
started()
{
	pids="$pids $!"
}

# stop SIGNAL PID: send it, and say how the process ended
stop()
{
	kill "-$1" "$2"
	stop_code=0
	wait "$2" 2>/dev/null || stop_code=$?
	echo "ended with $stop_code"
}

# until_true COMMAND...: until it succeeds. It always does but for a bug: the
# bound is there so that this ends.
until_true()
{
	until_left=600
	while ! "$@" >/dev/null 2>&1; do
		until_left=$((until_left - 1))
		if [ $until_left = 0 ]; then
			echo "never true: $*"
			exit 1
		fi
		sleep 0.05
	done
}

# has_lines COUNT FILE: whether it has as many, or more
has_lines()
{
	[ "$(wc -l <"$2")" -ge "$1" ]
}

# field NAME: the number or word of "NAME": in the JSON on stdin, first found
field()
{
	sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1
}

# skip REASON
skip()
{
	echo "$*" >&2
	exit 77
}

# is_json: whether stdin is one JSON document (or one per line: is_json lines)
is_json()
{
	if command -v jq >/dev/null; then
		jq -s -e "length == ${1:-1}" >/dev/null
	elif command -v python3 >/dev/null; then
		python3 -c '
import json, sys
text, count = sys.stdin.read(), 0
decode = json.JSONDecoder().raw_decode
while text.strip():
    _, end = decode(text.lstrip())
    text, count = text.lstrip()[end:], count + 1
sys.exit(count != int(sys.argv[1]))' "${1:-1}"
	else
		skip 'neither jq nor python3 is here to check JSON with'
	fi
}
