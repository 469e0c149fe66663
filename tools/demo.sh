#!/bin/bash
# Show a ring at work: a real stream goes through it from one process to
# another; the producer is killed on the way, and nothing is lost or doubled.
# First on a file, then on a loop block device (as root).
#   DEMO_INPUT=FILE  what to send (else a log of this machine)
#   DEMO_LINES=N     repeat it until it has at least N lines
#   RINGCTL=PROGRAM  build/ringctl
set -euo pipefail
cd "$(dirname "$0")/.."

ringctl=${RINGCTL:-$PWD/build/ringctl}
lines_wanted=${DEMO_LINES:-400000}
work=$(mktemp -d)
ring_size=64M
producer=
consumer=
loop=

# Before the device and the directory go, whoever uses them goes.
clean_up()
{
	[ -z "$producer" ] || kill -9 "$producer" 2>/dev/null || true
	[ -z "$consumer" ] || kill -9 "$consumer" 2>/dev/null || true
	wait 2>/dev/null
	[ -z "$loop" ] || losetup -d "$loop" || true
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

say()
{
	printf '  %s\n' "$*"
}

die()
{
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

now_ms()
{
	echo $(($(date +%s%N) / 1000000))
}

# field NAME RING: a number or boolean out of 'ringctl info --json'
field()
{
	"$ringctl" info "$2" --json | tr -d ' \n' |
		sed -n "s/.*\"$1\":\([a-z0-9]*\).*/\1/p"
}

# The producer's lock outlives it until the last of its I/O has ended: only
# then is it known what reached the ring.
producer_locked()
{
	"$ringctl" info "$1" --json | tr -d ' \n' |
		grep -q '"producer":{[^}]*"locked":true'
}

find_input()
{
	local log

	if [ -n "${DEMO_INPUT:-}" ]; then
		echo "$DEMO_INPUT"
		return
	fi
	for log in /var/log/dpkg.log /var/log/dpkg.log.1 /var/log/syslog \
		/var/log/alternatives.log /var/log/bootstrap.log; do
		if [ -r "$log" ] && [ "$(wc -l <"$log")" -ge 100 ]; then
			echo "$log"
			return
		fi
	done
	# No log on this machine: a list of its files is a stream too.
	find /usr -xdev -type f -printf '%TY-%Tm-%Td %s %p\n' 2>/dev/null \
		>"$work/files"
	echo "$work/files"
}

# make_stream SOURCE: repeat it, with line numbers, so that no two are equal
make_stream()
{
	local lines

	lines=$(wc -l <"$1")
	[ "$lines" -gt 0 ] || die "'$1' has no lines"
	for ((i = 0; i * lines < lines_wanted; i++)); do
		cat "$1"
	done | awk '{ print NR, $0 }' >"$work/in"
}

# feed_most RING: start a producer that gets seven tenths of the stream and
# then waits for more, so that it can't be done before it is killed.
feed_most()
{
	mkfifo "$work/pipe"
	exec 9<>"$work/pipe"
	head -n $((total * 7 / 10)) "$work/in" >"$work/pipe" 9>&- &
	"$ringctl" produce "$1" --client demo <"$work/pipe" 9>&- &
	producer=$!
}

# feed RING FIRST-LINE: start a producer that sends the stream from there on
feed()
{
	"$ringctl" produce "$1" --client demo \
		< <(tail -n "+$2" "$work/in") &
	producer=$!
}

# Kill the producer once a random part of the stream, 20 to 60 %, is through.
kill_half_way()
{
	local ring=$1 wanted=$((total * (20 + RANDOM % 41) / 100)) code=0

	while [ "$(field pushed_items "$ring")" -lt $wanted ]; do
		kill -0 "$producer" 2>/dev/null || break
	done
	kill -9 "$producer" 2>/dev/null || true
	wait "$producer" 2>/dev/null || code=$?
	producer=
	exec 9>&-
	rm "$work/pipe"
	[ $code = 137 ] || die "the producer failed, exit code $code"
	while producer_locked "$ring"; do
		sleep 0.01
	done
}

drained()
{
	[ "$(field backlog_items "$1")" = 0 ]
}

# run_through RING: the whole story on one ring
run_through()
{
	local ring=$1 start there elapsed

	"$ringctl" consume "$ring" --follow >"$work/out" &
	consumer=$!
	say "consumer: process $consumer writes what comes to a file"

	start=$(now_ms)
	feed_most "$ring"
	say "producer: process $producer sends $total lines"
	kill_half_way "$ring"
	there=$(field pushed_items "$ring")
	say "producer: killed with -9; the ring holds $there lines for sure"
	feed "$ring" $((there + 1))
	say "producer: process $producer recovers and goes on at line" \
		"$((there + 1))"
	wait "$producer" || die "the producer failed"
	producer=
	until drained "$ring"; do
		kill -0 "$consumer" 2>/dev/null || die "the consumer failed"
		sleep 0.01
	done
	elapsed=$(($(now_ms) - start))
	kill "$consumer"
	wait "$consumer" || die "the consumer failed"
	consumer=

	cmp "$work/in" "$work/out" || die "what came out is not what went in"
	say "compared: $total lines, $bytes bytes, equal byte for byte"
	"$ringctl" check "$ring" >/dev/null || die "'ringctl check' complains"
	say "ringctl check: the ring is clean"
	rates+=("$(rate "$2" $elapsed)")
}

# rate NAME MILLISECONDS
rate()
{
	awk -v name="$1" -v ms="$2" -v lines="$total" -v bytes="$bytes" '
	BEGIN {
		printf "%-12s %9.0f lines/s %8.1f MB/s, in %.1f s, %s",
			name, lines * 1e3 / ms, bytes / 1e3 / ms, ms / 1e3,
			"crash and recovery included"
	}'
}

on_file()
{
	echo
	echo "On a file ($(stat -f -c %T "$work")):"
	"$ringctl" create "$work/ring" --size $ring_size --label 'demo' \
		>/dev/null
	say "ring: 'ringctl create $work/ring --size $ring_size'"
	run_through "$work/ring" file
	rm "$work/ring" "$work/out"
}

on_loop()
{
	echo
	echo "On a loop block device:"
	if [ "$(id -u)" != 0 ]; then
		say "skipped: needs root"
		return
	fi
	truncate -s $ring_size "$work/disk"
	if ! loop=$(losetup --find --show --sector-size 4096 "$work/disk" \
		2>"$work/err"); then
		loop=
		say "skipped: $(cat "$work/err")"
		return
	fi
	"$ringctl" create "$loop" --label 'demo' >/dev/null
	say "ring: 'ringctl create $loop', direct I/O, 4096-byte sectors"
	run_through "$loop" 'loop device'
}

[ -x "$ringctl" ] || die "no '$ringctl': run 'make' first"
rates=()
input=$(find_input)
[ -r "$input" ] || die "cannot read '$input'"
make_stream "$input"
total=$(wc -l <"$work/in")
bytes=$(wc -c <"$work/in")
echo "A stream of $total lines, $bytes bytes, made from '$input'"
on_file
on_loop
echo
echo "Rates, from the first line sent to the last one consumed:"
printf '  %s\n' "${rates[@]}"
echo "demo: everything that went in came out, once and in order"
