#!/bin/sh
# Goal: whatever moment kill -9 hits ringgen at, what a reader takes for
# complete holds whole values only, and they begin the stream of the seed.
# Method: ringgen writes files that it rotates, then appends to a file by name
# and as its standard output, and then publishes items in a ring that a consumer
# drains, until it is killed after a delay that the seed decides; 100 times
# each. What has its name, what the file holds, what was consumed, is compared
# with a stream that was made without a kill.
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
old_value=abcdefghijklmnopqrstuvwx # value_bytes of them

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/files"

# The delays, in seconds, one a line.
awk -v seed="$seed" -v n="$((4 * kills))" 'BEGIN {
	srand(seed)
	for (i = 0; i < n; i++)
		printf "0.%03d\n", 3 + int(rand() * 50)
}' >"$work/delays"

# Values of letters: an item of them is a line.
schema="char[$value_bytes]"

# stream COUNT: its first values, as they are made without a kill
stream()
{
	"$ringgen" -s "$schema" -e row-binary -q --seed "$seed" -c "$1"
}

# strike PID: once it is there: setsid may not have made the group yet
strike()
{
	tries=0
	until kill -s KILL -- "$1"; do
		tries=$((tries + 1))
		[ $tries -lt 1000 ] || return
		sleep 0.01
	done
}

# killed WHOM OPTION...: generate for a while, in a group of its own, and kill
# it, or the group. A failure of its own is not a kill. A ringgen that nothing
# kills ends by itself.
killed()
{
	whom=$1
	shift
	read -r delay <&3
	setsid "$ringgen" -s "$schema" -e row-binary -q --seed "$seed" \
		-c 100000000 "$@" 2>>"$work/errors" &
	pid=$!
	sleep "$delay"
	if [ "$whom" = process ]; then
		strike $pid
	else
		strike -$pid
	fi
	wait $pid
	[ $? = 137 ] || {
		cat "$work/errors" >&4
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
	stream $((size / value_bytes)) | cmp - "$1"
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
	killed process -r 1000000 -o "$work/files/a" \
		--max-count $file_values >/dev/null &&
		check_files || return
	rm -f "$work"/files/*
}

# What was there is there, then come values of the stream, and then the one that
# is appended here: it waits for what the kill left behind.
check_end()
{
	"$ringgen" -s "$schema" -e row-binary -q --seed 1 -c 1 \
		-o "$work/end" || return
	size=$(($(wc -c <"$work/end") - 2 * value_bytes))
	[ "$(head -c $value_bytes "$work/end")" = "$old_value" ] || {
		echo 'what was there has changed'
		return 1
	}
	tail -c +$((value_bytes + 1)) "$work/end" | head -c $size \
		>"$work/joined"
	begins_stream "$work/joined"
}

# At full speed, so that most kills come within a write.
kill_appended()
{
	printf %s "$old_value" >"$work/end"
	killed process -o "$work/end" >/dev/null && check_end
}

# Its lock and its guard are not to be held up by who has the same descriptor.
kill_redirected()
{
	printf %s "$old_value" >"$work/end"
	exec 5>>"$work/end"
	killed group >&5 && check_end || return
	exec 5>&-
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
	killed process -r 1000000 --ring "$work/ring" >/dev/null && check_ring
}

# each_time COMMAND: as often as there are to be kills
each_time()
{
	done=0
	while [ "$done" -lt "$kills" ]; do
		"$1" || return
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

# Where no other process can be had: appended all the same, and that is told.
# Where there are too many of them: an error, and nothing is appended.
no_guard()
{
	printf %s "$old_value" >"$work/end"
	strace -f -qq -o "$work/trace" -e inject=pidfd_open:error=ENOSYS \
		"$ringgen" -s "$schema" -e row-binary -q -c 1 \
		-o "$work/end" 2>"$work/errors" || return
	grep 'a kill may leave a part of a value' "$work/errors" || return
	[ "$(wc -c <"$work/end")" = $((2 * value_bytes)) ] || return
	strace -f -qq -o "$work/trace" -e inject=clone:error=EAGAIN \
		"$ringgen" -s "$schema" -e row-binary -q -c 1 \
		-o "$work/end" 2>"$work/errors"
	[ $? = 3 ] && grep "cannot start a process to guard '$work/end'" \
		"$work/errors" &&
		[ "$(wc -c <"$work/end")" = $((2 * value_bytes)) ]
}

try_no_guard()
{
	if strace -qq -o /dev/null true 2>/dev/null; then
		try 'ringgen: no guard' no_guard
	else
		skip 'ringgen: no guard' 'strace does not work here'
	fi
}

for program in "$ringgen" "$ringctl"; do
	[ -x "$program" ] || {
		echo "tests/kill/ringgen.sh: no program '$program'"
		exit 1
	}
done
echo "seed $seed"
"$ringctl" create "$work/ring" --size 8M || exit 1
exec 3<"$work/delays" 4>&2
try 'ringgen: files' each_time kill_files
try 'ringgen: some files were complete' some_were_made
try 'ringgen: appending' each_time kill_appended
try 'ringgen: some values were appended' some_were_made
try 'ringgen: standard output is a file' each_time kill_redirected
try 'ringgen: some values went there' some_were_made
try_no_guard
try 'ringgen: a ring' each_time kill_ring
try 'ringgen: some items were published' some_were_made
finish tests/kill/ringgen
