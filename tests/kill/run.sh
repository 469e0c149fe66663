#!/bin/sh
# Goal: whatever moment kill -9 hits a process at, the ring is sound, holds a
# prefix of what was put on it, and work goes on where it stopped; and a kernel
# that refuses io_uring, at once or later, costs no item.
# Method: ringctl under strace, which kills it in front of its N-th system
# call of a kind, for N = 1, 2, ... until a run meets no kill; strace again, to
# refuse calls; and 'ringctl torture' on a file and on loop devices.
# Where threads run beside, the N-th call is not at the same place in each run;
# so nothing is concluded from N.
# Usage: [RINGCTL=PATH] [TEST_SEED=N] tests/kill/run.sh
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/results.sh"
PATH=$PATH:/sbin:/usr/sbin

RINGCTL=${RINGCTL:-$here/../../build/ringctl}
lines=6        # of the feed
batch=2        # lines that are published together
calls_max=2000 # of a kind in a run; a run has about 100
kills=500      # of the torture runs together

work=$(mktemp -d) || exit 1
device=
clean_up()
{
	[ -z "$device" ] || losetup -d "$device"
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
ring=$work/ring

# field NAME FILE: the number or word of "NAME": in a JSON file, first found
field()
{
	sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$2" | head -n 1
}

# under_strace INJECTION COMMAND...: with its calls tampered with; the exit
# code is the command's, 137 if it was killed
under_strace()
{
	inject=$1
	shift
	(
		timeout 60 strace -f -qq -o "$work/strace" \
			-e "trace=${inject%%:*}" -e "inject=$inject" "$@"
		exit $?
	) 2>>"$work/errors"
}

can_inject()
{
	command -v strace >/dev/null &&
		under_strace fdatasync:error=EIO true
}

# The rings that runs start with. Something is acknowledged on each before the
# kill: 'fed' has the first batch on it, of 'taken' it is consumed.
make_rings()
{
	"$RINGCTL" create "$work/fed" --size 1M &&
		head -n $batch "$work/lines" | "$RINGCTL" produce "$work/fed" &&
		cp "$work/fed" "$work/taken" &&
		tail -n +$((batch + 1)) "$work/lines" |
		"$RINGCTL" produce "$work/taken" &&
		"$RINGCTL" consume "$work/taken" --count $batch >"$work/out"
}

# is_clean: nothing but notes
is_clean()
{
	"$RINGCTL" check "$ring" >"$work/check" || {
		cat "$work/check"
		return 1
	}
}

# ---- the producer ----------------------------------------------------------

# after_produce LEAST: what a producer left is whole batches, LEAST lines or
# more; they come out, and the rest of the feed can follow.
after_produce()
{
	is_clean || return
	"$RINGCTL" info "$ring" --json >"$work/info" || return
	pushed=$(field pushed_items "$work/info")
	if [ "$pushed" -lt "$1" ] || [ "$pushed" -gt $lines ] ||
		[ $((pushed % batch)) != 0 ]; then
		echo "$pushed items on the ring, at least $1 due"
		return 1
	fi
	# They are there before anybody recovers the ring, too.
	"$RINGCTL" consume "$ring" --peek >"$work/peeked" || return
	head -n "$pushed" "$work/lines" | cmp - "$work/peeked" || return
	tail -n +$((pushed + 1)) "$work/lines" |
		"$RINGCTL" produce "$ring" || return
	"$RINGCTL" consume "$ring" >"$work/out" || return
	cmp "$work/lines" "$work/out" && is_clean
}

# feed ENGINE INJECTION [OPTION]...: the rest of the lines, with calls tampered
# with. Sets status.
feed()
{
	engine=$1
	injection=$2
	shift 2
	cp "$work/fed" "$ring"
	tail -n +$((batch + 1)) "$work/lines" >"$work/rest"
	status=0
	under_strace "$injection" "$RINGCTL" produce "$ring" \
		--engine "$engine" --batch $batch "$@" <"$work/rest" ||
		status=$?
}

# produce_killed ENGINE CALL [OPTION]...
produce_killed()
{
	engine=$1
	call=$2
	shift 2
	n=0
	while [ $n -lt $calls_max ]; do
		n=$((n + 1))
		feed "$engine" "$call:signal=SIGKILL:when=$n" "$@"
		due=$batch
		[ $status != 0 ] || due=$lines
		after_produce $due || {
			echo "produce --engine $engine $*," \
				"killed at $call number $n"
			return 1
		}
		[ $status != 0 ] || {
			echo $((n - 1))
			return
		}
		expect_killed $status || return
	done
	echo "more than $calls_max calls of $call"
	return 1
}

# expect_killed STATUS
expect_killed()
{
	[ "$1" = 137 ] && return
	echo "exit code $1 instead of a kill"
	cat "$work/errors"
	return 1
}

# ---- the consumer ----------------------------------------------------------

# after_consume LEAST: what was written goes on where the first batch ended
# and is no shorter than what counts as consumed, LEAST lines or more; and from
# there on the rest comes.
after_consume()
{
	is_clean || return
	"$RINGCTL" consumer list "$ring" --json >"$work/list" || return
	consumed=$(field items "$work/list")
	written=$((batch + $(wc -l <"$work/next")))
	if [ "$written" -lt "$consumed" ] || [ "$consumed" -lt "$1" ]; then
		echo "$consumed items consumed, $written written," \
			"at least $1 due"
		return 1
	fi
	head -n "$written" "$work/lines" | tail -n +$((batch + 1)) |
		cmp - "$work/next" || return
	"$RINGCTL" consume "$ring" >"$work/out" || return
	tail -n +$((consumed + 1)) "$work/lines" | cmp - "$work/out" &&
		is_clean
}

# consume_killed ENGINE CALL
consume_killed()
{
	n=0
	while [ $n -lt $calls_max ]; do
		n=$((n + 1))
		cp "$work/taken" "$ring"
		status=0
		under_strace "$2:signal=SIGKILL:when=$n" "$RINGCTL" consume \
			"$ring" --engine "$1" --count $batch \
			>"$work/next" || status=$?
		due=$batch
		[ $status != 0 ] || due=$((2 * batch))
		after_consume $due || {
			echo "consume --engine $1, killed at $2 number $n"
			return 1
		}
		[ $status != 0 ] || {
			echo $((n - 1))
			return
		}
		expect_killed $status || return
	done
	echo "more than $calls_max calls of $2"
	return 1
}

# ---- a kernel without io_uring ---------------------------------------------

# was_injected: whether anything was tampered with
was_injected()
{
	grep -q INJECTED "$work/strace" || {
		echo 'no call was tampered with'
		return 1
	}
}

# falls_back ERROR OPTION...: the automatic engine is another one then
falls_back()
{
	error=$1
	shift
	feed auto "io_uring_setup:error=$error" "$@"
	[ $status = 0 ] || {
		cat "$work/errors"
		return 1
	}
	was_injected && after_produce $lines
}

# Asked for by name it is that engine or an error, and nothing is touched.
refuses_by_name()
{
	feed io_uring io_uring_setup:error=ENOSYS
	[ $status = 3 ] || {
		echo "exit code $status"
		return 1
	}
	cmp "$work/fed" "$ring"
}

# refused_midway ERROR: from the N-th call on, for every N
refused_midway()
{
	n=0
	while [ $n -lt $calls_max ]; do
		n=$((n + 1))
		feed io_uring "io_uring_enter:error=$1:when=$n+"
		due=$batch
		[ $status != 0 ] || due=$lines
		after_produce $due || {
			echo "io_uring_enter fails with $1 from number $n on"
			return 1
		}
		was_injected >"$work/why" || return 0
		[ $status = 3 ] || [ $status = 0 ] || {
			echo "exit code $status"
			return 1
		}
	done
	echo "more than $calls_max calls"
	return 1
}

# A signal interrupts calls; nobody may notice.
interrupted()
{
	feed io_uring io_uring_enter:error=EINTR:when=1+3
	was_injected && [ $status = 0 ] && after_produce $lines
}

# ---- random kills ----------------------------------------------------------

# torture NAME KILLS PATH OPTION...: counts into done_kills
torture()
{
	name="torture, $1"
	torture_kills=$2
	shift 2
	# In a time that a slow disk may exceed: then there are fewer kills.
	if "$RINGCTL" torture "$@" --kills "$torture_kills" --time 15 --json \
		${TEST_SEED:+--seed "$TEST_SEED"} \
		>"$work/result" 2>"$work/errors"; then
		pass "$name: $(
			for value in kills items lost duplicated seed; do
				printf '%s %s ' "$value" \
					"$(field "$value" "$work/result")"
			done)"
		done_kills=$((done_kills + $(field kills "$work/result")))
	else
		fail "$name" "$(cat "$work/result" "$work/errors")"
	fi
}

# torture_loop SECTOR KILLS
torture_loop()
{
	truncate -s 64M "$work/image"
	if ! device=$(losetup -f --show -b "$1" "$work/image" 2>/dev/null); then
		device=
		skip "torture, loop device, $1" 'cannot make a loop device here'
		return
	fi
	torture "loop device of $1-byte sectors" "$2" "$device" --force
	losetup -d "$device"
	device=
	rm -f "$work/image"
}

all_torture()
{
	done_kills=0
	each=$((kills / 5))
	for engine in posix io_uring aio; do
		if engine_works "$engine"; then
			torture "file, $engine" $each "$work/torture" \
				--engine $engine
		else
			skip "torture, file, $engine" 'not possible here'
		fi
	done
	if [ "$(id -u)" = 0 ]; then
		torture_loop 512 $each
		torture_loop 4096 $each
	else
		skip 'torture, loop device' 'needs root for a loop device'
	fi
	echo "torture: $done_kills kills"
}

# ---- all of it -------------------------------------------------------------

# engine_works ENGINE [OPTION]...
engine_works()
{
	"$RINGCTL" info "$work/fed" --engine "$@" >/dev/null 2>&1
}

# calls_of ENGINE: the calls that a kill is put in front of
calls_of()
{
	case $1 in
	posix) echo pwrite64 fdatasync ;;
	io_uring) echo io_uring_enter fdatasync ;;
	aio) echo io_submit fdatasync ;;
	esac
}

# kill_at_each SIDE ENGINE CALL [OPTION]...
kill_at_each()
{
	side=$1
	shift
	name="$side, $*: a kill at each"
	if output=$("${side}_killed" "$@" 2>&1); then
		pass "$name: $output kills"
	else
		fail "$name" "$output"
	fi
}

all_nth_calls()
{
	for engine in posix io_uring aio; do
		if ! engine_works $engine; then
			skip "N-th call, $engine" 'engine not possible here'
			continue
		fi
		for call in $(calls_of $engine); do
			for side in produce consume; do
				kill_at_each "$side" "$engine" "$call"
			done
		done
	done
	kill_at_each produce posix pwrite64 --durability process
}

all_refusals()
{
	if ! engine_works io_uring; then
		skip 'io_uring refused' 'it is not possible here at all'
		return
	fi
	# Direct I/O is where the automatic engine is io_uring.
	for error in ENOSYS EPERM ENOMEM; do
		name="io_uring refused with $error: another engine"
		if engine_works auto --mode direct; then
			try "$name" falls_back $error --mode direct
		else
			skip "$name" 'no direct I/O here'
		fi
	done
	try 'io_uring refused and asked for by name' refuses_by_name
	try 'io_uring refused with ENOSYS mid-way' refused_midway ENOSYS
	try 'io_uring interrupted' interrupted
}

if [ ! -x "$RINGCTL" ]; then
	echo "tests/kill/run.sh: no program '$RINGCTL'"
	exit 1
fi
awk -v n=$lines 'BEGIN { for (i = 1; i <= n; i++) print "line", i }' \
	>"$work/lines"
if ! make_rings; then
	fail 'make rings'
	finish tests/kill
	exit
fi
if can_inject; then
	all_nth_calls
	all_refusals
else
	skip 'a kill at each N-th call' 'strace is missing or may not trace'
	skip 'io_uring refused' 'strace is missing or may not trace'
fi
all_torture
finish tests/kill
