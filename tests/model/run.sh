#!/bin/sh
# Goal: no interleaving of processes, flushes and crashes breaks the rules R1
# to R12 (docs/DESIGN.md), and each broken variant of them does break something.
# Method: SPIN visits every state of the small models beside this script. A
# variant that must fail and does not is a failure of the model.
#
#   tests/model/run.sh [--long]
#
# --long adds larger models: some 10 minutes and up to 3 GB of memory.
# Everything happens in a temporary directory.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib/results.sh
. "$here/../lib/results.sh"

memory_mb=2000
long=no
case ${1:-} in
'') ;;
--long)
	long=yes
	memory_mb=6000
	;;
*)
	echo "usage: tests/model/run.sh [--long]" >&2
	exit 2
	;;
esac

for tool in spin "${CC:-cc}"; do
	command -v "$tool" >/dev/null 2>&1 || {
		skip model "there is no '$tool' here"
		finish model
		exit
	}
done

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# explore LEVEL MODEL DEFINE...: visits all states, compiled with -O LEVEL;
# what SPIN says is in $work/out
explore()
{
	rm -rf "$work/run"
	mkdir "$work/run"
	cp "$here"/*.pml "$work/run"
	(
		cd "$work/run" || exit 1
		level=$1
		model=$2.pml
		shift 2
		spin -a "$@" "$model" &&
			"${CC:-cc}" -O"$level" -w -DSAFETY -DCOLLAPSE \
				-DMEMLIM="$memory_mb" -o pan pan.c &&
			./pan -E -m100000
	) >"$work/out" 2>&1
}

states()
{
	awk '/states, stored/ { print $1; exit }' "$work/out"
}

# Nothing was left out: neither for depth nor for memory.
is_complete()
{
	grep -q 'errors: 0$' "$work/out" &&
		! grep -qE 'not completed|too small|MEMLIM|out of memory' \
			"$work/out"
}

# holds NAME MODEL DEFINE...
holds()
{
	name=$1
	shift
	explore 1 "$@"
	if is_complete; then
		pass "model $name: $(states) states, no violation"
	else
		fail "model $name" "$(tail -n 40 "$work/out")"
	fi
}

# breaks NAME MODEL DEFINE...
breaks()
{
	name=$1
	shift
	explore 0 "$@" # soon over: compiling takes longer than the search
	if grep -q 'assertion violated' "$work/out"; then
		pass "variant $name: counter-example found"
	else
		fail "variant $name: no counter-example" \
			"$(tail -n 40 "$work/out")"
	fi
}

# ---- the stream ----

wrap='-DRING=3 -DBATCHES=3 -DSIZES=5 -DKILLS=0' # batches of 2, 1 and 2 cells
tight='-DRING=2 -DBATCHES=2 -DPOWER=1 -DKILLS=1'
# shellcheck disable=SC2086
{
	holds "stream, page cache, 2 power losses" stream $wrap
	holds "stream, page cache, 1 power loss, 1 kill" stream $tight
	holds "stream, direct, 1 power loss" stream $wrap -DPOWER=1 -DDIRECT
	holds "stream, direct, 1 power loss, 1 kill" stream $tight -DSIZES=1 \
		-DDIRECT
	breaks "REACH of stream, page cache" stream $wrap -DREACH
	breaks "REACH of stream, direct" stream $wrap -DDIRECT -DREACH
	breaks "NO_FLUSH before a publish returns" stream $wrap -DNO_FLUSH
	breaks "NO_PROOF, page cache" stream $wrap -DNO_PROOF
	breaks "NO_PROOF, direct" stream $wrap -DDIRECT -DNO_PROOF
	breaks "NO_RECOVERY_FLUSH" stream $tight -DSIZES=1 -DNO_RECOVERY_FLUSH
	breaks "NO_EPOCH" stream $wrap -DNO_EPOCH
	breaks "NO_REUSE_PROOF" stream $wrap -DNO_REUSE_PROOF
	breaks "NO_SLOT_PAIR" stream $wrap -DNO_SLOT_PAIR
}

# ---- suspend and resume ----

losses='-DPOWER=2 -DKILLS=0'
mixed='-DPOWER=1 -DKILLS=1'
# shellcheck disable=SC2086
{
	holds "suspend, page cache, 2 power losses" suspend $losses
	holds "suspend, page cache, 1 power loss, 1 kill" suspend $mixed
	holds "suspend, direct, 2 power losses" suspend $losses -DDIRECT
	holds "suspend, direct, 1 power loss, 1 kill" suspend $mixed -DDIRECT
	holds "suspend, page cache, EARLY_ACK but random ids" suspend $losses \
		-DEARLY_ACK
	breaks "REACH of suspend, page cache" suspend $mixed -DREACH
	breaks "REACH of suspend, direct" suspend $mixed -DDIRECT -DREACH
	breaks "EARLY_ACK with COUNTERS" suspend $losses -DEARLY_ACK -DCOUNTERS
	breaks "EARLY_ACK, direct" suspend $losses -DDIRECT -DEARLY_ACK
	breaks "NO_DRAIN" suspend $mixed -DNO_DRAIN
	breaks "PROVEN_ONLY, direct" suspend $mixed -DDIRECT -DPROVEN_ONLY
	breaks "FLUSH_AS_PROOF, direct" suspend $mixed -DDIRECT \
		-DFLUSH_AS_PROOF
	breaks "NO_SEAL, direct" suspend $mixed -DDIRECT -DNO_SEAL
}

# ---- take-over ----

calm='-DPOWER=0 -DKILLS=0'
cut='-DPOWER=1 -DKILLS=0 -DZOMBIE_BATCHES=1'
# shellcheck disable=SC2086
{
	holds "take-over, 2 late batches" takeover $calm
	holds "take-over, 1 late batch, 1 power loss" takeover $cut
	breaks "REACH of take-over" takeover $calm -DREACH
	breaks "NO_GAP" takeover $calm -DNO_GAP
	breaks "NO_EPOCH_CHECK" takeover $calm -DNO_EPOCH_CHECK
	breaks "EPOCH_CHECK_ONLY" takeover $calm -DEPOCH_CHECK_ONLY
	breaks "NO_FENCE" takeover $calm -DNO_FENCE
	breaks "EARLY_FENCE" takeover $calm -DEARLY_FENCE
	breaks "NO_REWRITE" takeover $cut -DNO_REWRITE
	breaks "NO_SCAN_FLUSH" takeover $cut -DNO_SCAN_FLUSH
}

# ---- the same, larger ----

# shellcheck disable=SC2086
if [ "$long" = yes ]; then
	holds "stream, page cache, 1 power loss, 1 kill, 3 batches" stream \
		-DRING=3 -DBATCHES=3 -DSIZES=5 -DPOWER=1 -DKILLS=1
	holds "stream, page cache, 4 batches, 1 power loss, 1 kill" stream \
		-DRING=3 -DBATCHES=4 -DSIZES=11 -DPOWER=1 -DKILLS=1
	holds "stream, direct, 2 power losses" stream $wrap -DDIRECT
	holds "stream, direct, 1 power loss, 1 kill, all sizes" stream $tight \
		-DDIRECT
	holds "suspend, page cache, 2 power losses, 2 kills" suspend
	holds "suspend, direct, 2 power losses, 1 kill" suspend -DPOWER=2 \
		-DKILLS=1 -DDIRECT
	holds "take-over, 2 late batches, 1 kill" takeover -DPOWER=0 -DKILLS=1
	holds "take-over, 2 late batches, 1 power loss" takeover -DPOWER=1 \
		-DKILLS=0
	holds "take-over, 1 late batch, 1 power loss, 1 kill" takeover \
		-DPOWER=1 -DKILLS=1 -DZOMBIE_BATCHES=1
fi

finish model
