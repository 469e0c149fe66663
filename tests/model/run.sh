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

# ---- the list of checks ----------------------------------------------------

# Each is a line of a file: KIND|NAME|MODEL|DEFINE...

# holds NAME MODEL DEFINE...: no behaviour breaks an assertion
# breaks NAME MODEL DEFINE...: a rule is left out, and an assertion fails
# reaches NAME MODEL DEFINE...: the claim that no long run exists is false
holds() { add holds "$@"; }
breaks() { add breaks "$@"; }
reaches() { add reaches "$@"; }

# add KIND NAME MODEL DEFINE...
add()
{
	line="$1|$2|$3|"
	shift 3
	echo "$line$*" >>"$work/list"
}

# ---- one check -------------------------------------------------------------

# explore KIND MODEL DEFINE...: visit all states; in the current directory
explore()
{
	kind=$1
	level=0 # soon over: compiling takes longer than the search
	[ "$kind" != holds ] || level=1
	model=$2.pml
	shift 2
	cp "$here"/*.pml .
	spin -a "$@" "$model" &&
		"${CC:-cc}" -O$level -w -DSAFETY -DCOLLAPSE -DSFH \
			-DMEMLIM="$memory_mb" -o pan pan.c &&
		./pan -E -m100000
	# A trail that nobody expects is worth a look.
	[ "$kind" != holds ] || [ ! -e "$model.trail" ] ||
		spin -t -p -l "$@" "$model" >trail
}

# One of the lanes that work side by side: takes what no other has taken.
lane()
{
	number=0
	while IFS='|' read -r kind name model defines; do
		number=$((number + 1))
		mkdir "$work/$number" 2>/dev/null || continue
		# shellcheck disable=SC2086
		(cd "$work/$number" && explore "$kind" "$model" $defines) \
			>"$work/$number/out" 2>&1
		rm -f "$work/$number/pan"*
		: >"$work/$number/done"
	done <"$work/list"
}

# ---- the verdict -----------------------------------------------------------

# Nothing was left out: neither for depth nor for memory.
is_complete()
{
	grep -q 'errors: 0$' "$1" &&
		! grep -qE 'not completed|too small|MEMLIM|out of memory' "$1"
}

# What SPIN says of the search: states and seconds
effort()
{
	awk '/states, stored/ { states = $1 }
		/elapsed time/ { seconds = $4 }
		END { printf "%d states, %.1f s", states, seconds }' "$1"
}

# The assertion that failed, as it stands in the model
assertion()
{
	sed -n 's/.*assertion violated/ /p' "$1" | tr -d ' \n' |
		sed 's/(atdepth/ at depth /; s/)$//'
}

# What led to it: the last steps of the counter-example, and the state then
why()
{
	grep 'assertion violated' "$1/out" || tail -n 40 "$1/out"
	[ -e "$1/trail" ] || return
	grep '^ *[0-9]*:' "$1/trail" | sed '/proc.*(state .*end state/d' |
		tail -n 60
	sed -n '/^#processes/,$p' "$1/trail"
}

# judge KIND NAME DIRECTORY
judge()
{
	case $1 in
	holds)
		if is_complete "$3/out"; then
			pass "model $2: $(effort "$3/out"), no violation"
		else
			fail "model $2" "$(why "$3")"
		fi
		;;
	*)
		what=variant
		[ "$1" = breaks ] || what='reach of'
		if grep -q 'assertion violated' "$3/out"; then
			pass "$what $2: counter-example:$(
				assertion "$3/out")"
			[ "$1" != breaks ] || caught=$((caught + 1))
		else
			fail "$what $2: no counter-example" "$(why "$3")"
		fi
		;;
	esac
}

# Run what is on the list, and judge in its order.
run_all()
{
	caught=0
	number=0
	lanes=$(getconf _NPROCESSORS_ONLN)
	[ "$lanes" -le 2 ] || lanes=2 # each takes some memory
	while [ "$lanes" -gt 0 ]; do
		lane &
		lanes=$((lanes - 1))
	done
	wait
	while IFS='|' read -r kind name model defines; do
		number=$((number + 1))
		judge "$kind" "$name" "$work/$number"
	done <"$work/list"
	echo "broken variants: $caught of $(grep -c ^breaks "$work/list")" \
		"gave a counter-example"
}

# ---- the stream ----

wrap='-DRING=3 -DBATCHES=3 -DSIZES=5 -DKILLS=0' # batches of 2, 1 and 2 cells
tight='-DRING=2 -DBATCHES=2 -DPOWER=1 -DKILLS=1'
# shellcheck disable=SC2086
{
	holds "stream, page cache, 2 power losses, ring of 2" stream -DRING=2 \
		-DBATCHES=3 -DSIZES=2 -DPOWER=2 -DKILLS=0
	holds "stream, page cache, 1 power loss" stream $wrap -DPOWER=1
	holds "stream, page cache, 1 power loss, 1 kill" stream $tight
	holds "stream, direct, 1 power loss" stream $wrap -DPOWER=1 -DDIRECT
	holds "stream, direct, 1 power loss, 1 kill" stream $tight -DSIZES=1 \
		-DDIRECT
	reaches "stream, page cache" stream $wrap -DREACH
	reaches "stream, direct" stream $wrap -DDIRECT -DREACH
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
	reaches "suspend, page cache" suspend $mixed -DREACH
	reaches "suspend, direct" suspend $mixed -DDIRECT -DREACH
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
	reaches "take-over" takeover $calm -DREACH
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
	holds "stream, page cache, 2 power losses" stream $wrap
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

run_all
finish model
