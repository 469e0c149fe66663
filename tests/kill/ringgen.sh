#!/bin/sh
# Goal: whatever moment kill -9 hits ringgen at, what a reader takes for
# complete holds whole values only, and they begin the stream of the seed.
# Method: ringgen writes files that it rotates, and then items into a ring that
# a consumer drains, until it is killed after a delay that the seed decides;
# 100 times each. What has its name, what was consumed, is compared with a
# stream that was made without a kill.
# Usage: [BUILD=DIR] [KILLS=N] [TEST_SEED=N] tests/kill/ringgen.sh
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/results.sh"

build=${BUILD:-$here/../../build}
ringgen=$build/ringgen
ringctl=$build/ringctl
kills=${KILLS:-100}
seed=${TEST_SEED:-$(date +%s)}
value_bytes=24
file_values=1000

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/files"

# The delays, in seconds, one a line.
awk -v seed="$seed" -v n="$((2 * kills))" 'BEGIN {
	srand(seed)
	for (i = 0; i < n; i++)
		printf "0.%03d\n", 3 + int(rand() * 100)
}' >"$work/delays"

# Values of letters: an item of them is a line.
schema="char[$value_bytes]"

# killed OPTION...: generate for a while. A failure of its own is not a kill.
killed()
{
	read -r delay <&3
	"$ringgen" -s "$schema" -e row-binary -q --seed "$seed" \
		-r 1000000 "$@" 2>>"$work/errors" &
	pid=$!
	sleep "$delay"
	kill -9 $pid
	wait $pid
	[ $? = 137 ] || {
		cat "$work/errors"
		return 1
	}
} 2>/dev/null # the shell's word of each kill

# begins_stream FILE: whether it is whole values from the start of the stream
begins_stream()
{
	size=$(wc -c <"$1")
	[ $((size % value_bytes)) = 0 ] || {
		echo "$size bytes are no whole values"
		return 1
	}
	echo $((size / value_bytes)) >>"$work/made"
	cmp -n "$size" "$1" "$work/stream"
}

# Complete files are full, numbered without a hole, and one stream.
check_files()
{
	number=0
	: >"$work/joined"
	while [ -e "$work/files/a.$number" ]; do
		size=$(wc -c <"$work/files/a.$number")
		[ "$size" = $((file_values * value_bytes)) ] || {
			echo "file $number has $size bytes"
			return 1
		}
		cat "$work/files/a.$number" >>"$work/joined"
		number=$((number + 1))
	done
	rest=$(find "$work/files" -type f ! -name '*.tmp' | wc -l)
	[ "$rest" = "$number" ] && begins_stream "$work/joined"
}

kill_files()
{
	done=0
	while [ "$done" -lt "$kills" ]; do
		killed -o "$work/files/a" --max-count $file_values &&
			check_files || return
		rm -f "$work"/files/*
		done=$((done + 1))
	done
}

# All that the ring holds.
check_ring()
{
	"$ringctl" check "$work/ring" >/dev/null || return
	"$ringctl" consume "$work/ring" 2>&1 >"$work/lines"
	[ $? = 0 ] || [ ! -s "$work/lines" ] || return
	tr -d '\n' <"$work/lines" >"$work/joined"
	begins_stream "$work/joined"
}

kill_ring()
{
	done=0
	while [ "$done" -lt "$kills" ]; do
		killed --ring "$work/ring" && check_ring || return
		done=$((done + 1))
	done
}

# Else nothing was tested. Forgets them.
some_were_made()
{
	made=$(awk '{ n += $1 } END { print n + 0 }' "$work/made")
	rm -f "$work/made"
	echo "$made values"
	[ "$made" -gt 0 ]
}

for program in "$ringgen" "$ringctl"; do
	[ -x "$program" ] || {
		echo "tests/kill/ringgen.sh: no program '$program'"
		exit 1
	}
done
echo "seed $seed"
"$ringgen" -s "$schema" -e row-binary -q --seed "$seed" -c 300000 \
	>"$work/stream" || exit 1
"$ringctl" create "$work/ring" --size 8M || exit 1
exec 3<"$work/delays"
try 'ringgen: files' kill_files
try 'ringgen: some files were complete' some_were_made
try 'ringgen: a ring' kill_ring
try 'ringgen: some items were published' some_were_made
finish tests/kill/ringgen
