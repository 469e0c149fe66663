#!/bin/sh
# Goal: what the ring acknowledged survives a cut of the power, on a real
# block device under the real kernel; two hosts see the same.
# Method: a disk with a volatile write cache (volatile_cache.c) behind FUSE and
# a loop device; a producer and a consumer that note what they were promised
# (powercut.c); the cut at a random moment; recovery; comparison.
#
#     sh tests/powercut/run.sh [--no-flush] [--seed N] [--only cuts|hosts] [CUTS]
#
# First 30 cuts of a disk that lies about flushes, which must be noticed; then
# the two hosts; then the cuts (200). With --no-flush only the first, CUTS of
# them. BUILD names the build directory, MODES pairs of I/O modes (cuts.sh).
#
# What the sides were doing at the cut is up to the scheduler: a seed repeats
# the choices, not the moment. So what broke a promise is kept, as it was when
# power came back, in BUILD/powercut-evidence.
set -u
cd "$(dirname "$0")/../.." || exit
PATH=$PATH:/usr/sbin:/sbin

bin=${BUILD:-build}
seed=1
cuts_wanted=
only=all
lying=false
powercut=$bin/tests/powercut/powercut
evidence=$bin/powercut-evidence

usage()
{
	echo "usage: sh tests/powercut/run.sh [--no-flush] [--seed N]" \
		"[--only cuts|hosts] [CUTS]" >&2
	exit 2
}

while [ $# -gt 0 ]; do
	case $1 in
	--no-flush) only=lies ;;
	--seed | --only)
		[ $# -gt 1 ] || usage
		[ "$1" = --seed ] && seed=$2
		[ "$1" = --only ] && only=$2
		shift
		;;
	*[!0-9]* | '') usage ;;
	*) cuts_wanted=$1 ;;
	esac
	shift
done

. tests/powercut/rig.sh
. tests/powercut/cuts.sh
. tests/powercut/two_hosts.sh

reason=$(missing)
[ -z "$reason" ] || {
	echo "powercut: skipped: $reason"
	exit 0
}
for file in "$powercut" "$bin/tests/powercut/volatile_cache.so" \
	"$bin/ringctl"; do
	[ -e "$file" ] || {
		echo "powercut: no '$file': run 'make powercut'" >&2
		exit 2
	}
done

work=$(mktemp -d "$PWD/$bin/powercut.XXXXXX")
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
random=$seed

# total WORD: of the cuts just made
total()
{
	sum "$1" "$work/report"
}

figures()
{
	echo "powercut: seed $seed, $(total pushed) items acknowledged," \
		"$(total consumed) consumed, $(total verified) compared;" \
		"atoms at the cuts: $(sum kept "$work/disk.log") kept," \
		"$(sum dropped "$work/disk.log") dropped," \
		"$(sum between "$work/disk.log") in between"
}

# A rig that cut nothing, or a load that did nothing, proves nothing.
all_happened()
{
	for word in pushed consumed verified; do
		[ "$(total $word)" -gt 0 ] || {
			echo "powercut: nothing was $word"
			return 1
		}
	done
	for word in kept dropped; do
		[ "$(sum $word "$work/disk.log")" -gt 0 ] || {
			echo "powercut: no atom was $word"
			return 1
		}
	done
}

# lies CUTS: a disk that answers flushes and does nothing must be caught
lies()
{
	lying=true
	cut_many "$1" lies=true >"$work/lies" 2>&1 || {
		cat "$work/lies"
		return 1
	}
	lying=false
	echo "powercut: $1 cuts of a disk that lies about flushes," \
		"$failures noticed, $(total lost) lost," \
		"$(total reordered) reordered"
	[ $failures -gt 0 ] && [ "$(total lost)" -gt 0 ] || {
		echo "powercut: a disk that lies must be noticed"
		return 1
	}
}

# honest CUTS
honest()
{
	cut_many "$1" || return
	figures
	all_happened
	happened=$?
	echo "powercut: $1 cuts, $(total lost) lost, $(total reordered) reordered"
	[ "$two_hosts_failed" = 0 ] ||
		echo "powercut: $two_hosts_failed cases of two hosts failed"
	[ $happened = 0 ] && [ $failures = 0 ] && [ "$two_hosts_failed" = 0 ]
}

case $only in
lies)
	lies "${cuts_wanted:-30}"
	exit
	;;
hosts)
	two_hosts
	exit $((two_hosts_failed > 0))
	;;
cuts) two_hosts_failed=0 ;;
all)
	lies 30 || exit 1
	two_hosts
	;;
*) usage ;;
esac
honest "${cuts_wanted:-200}"
