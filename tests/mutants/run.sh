#!/bin/sh
# Goal: the tests have teeth. Each patch beside this script breaks one flush,
# checksum, epoch, bound or order of the library; a test must fail for it.
# Method: copies of the source and of what was built from it; in each the patch
# is applied, the tests that the patch names are built and run. A test only
# counts that passes without the patch.
#
#     sh tests/mutants/run.sh [NAME...]     all mutants, or these
#     sh tests/mutants/run.sh --table       the table for docs/TESTING.md
#
# A patch begins with what it breaks, then 'Rule: R4' (docs/DESIGN.md, '-': none
# of them), then 'Killed-by: test_x test_y', tried in this order. BUILD names
# the build directory ('make tests' fills it), WORKERS how many run at once.
set -u
cd "$(dirname "$0")/../.." || exit
here=tests/mutants
build=${BUILD:-build}
workers=${WORKERS:-$(getconf _NPROCESSORS_ONLN)}
test_seconds=60
export TEST_RUNS=1 # the random crash test stops early

# ---- what the patches say ---------------------------------------------------

names()
{
	for patch in "$here"/*.patch; do
		basename "$patch" .patch
	done
}

# field NAME FIELD
field()
{
	sed -n "s/^$2: //p;/^---/q" "$here/$1.patch"
}

breaks()
{
	head -n 1 "$here/$1.patch"
}

table()
{
	echo '| mutant | what it breaks | rule | killed by |'
	echo '|---|---|---|---|'
	for name in $(names); do
		echo "| $name | $(breaks "$name") |" \
			"$(field "$name" Rule) | $(field "$name" Killed-by) |"
	done
}

# ---- whether the list itself is right ---------------------------------------

documented_table()
{
	awk '/^## / { here = $0 == "## Mutants" } here && /^\|/' docs/TESTING.md
}

# Every rule is there, and every mutant in the document.
check_list()
{
	for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
		grep -qx "Rule: R$number" "$here"/*.patch || {
			echo "mutants: none is for rule R$number" >&2
			return 1
		}
	done
	[ "$(table)" = "$(documented_table)" ] || {
		echo "mutants: the table in docs/TESTING.md is not what" \
			"'sh tests/mutants/run.sh --table' prints" >&2
		return 1
	}
}

# ---- copies -----------------------------------------------------------------

# The library's sources and objects.
copy_parts()
{
	for part in ring journal generator; do
		rm -rf "${1:?}/$part" "$1/$build/$part"
		[ ! -d "$part" ] || cp -a "$part" "$1" || return
		[ ! -d "$build/$part" ] ||
			cp -a "$build/$part" "$1/$build" || return
	done
}

# Times are kept, so that make builds again only what a patch touches.
copy_tree()
{
	mkdir -p "$1/$build" || return
	cp -a Makefile docs tests tools "$1" || return
	cp -a "$build/deps.ok" "$build/tests" "$1/$build" || return
	rm -f "$1/$build"/tests/test_*
	copy_parts "$1"
}

# The library as it was, in a copy that had a patch.
restore()
{
	rm -rf "$1/$build/libblkring.a" "$1/$build"/tests/test_*
	copy_parts "$1"
}

# build_test COPY TEST
build_test()
{
	${MAKE:-make} -s -C "$1" V=1 "$build/tests/$2" >"$1.log" 2>&1
}

# run_test COPY TEST: 124 is the watchdog
run_test()
{
	(
		cd "$1" || exit
		timeout "$test_seconds" "$build/tests/$2"
		exit $? # not exec: the shell's word of a signal is in the log
	) >"$1.log" 2>&1 </dev/null
}

# ---- one mutant -------------------------------------------------------------

# why LOG STATUS: the first thing that failed
why()
{
	if [ "$2" = 124 ]; then
		echo "hangs (watchdog)"
		return
	fi
	{
		sed -n 's/^\[  FAILED  \] //p' "$1" |
			grep -v '^[0-9]* test'
		sed -n 's/.*: Assertion `\(.*\)'"'"' failed.*/assertion \1/p' "$1"
		grep 'watchdog:' "$1"
		echo "exit code $2"
	} | head -n 1
}

# judge COPY NAME: the verdict and its reason
judge()
{
	patch -s -p1 --fuzz=0 --no-backup-if-mismatch -d "$1" \
		<"$here/$2.patch" >"$1.log" 2>&1 || {
		echo "FAILED   $2: the patch does not apply"
		return
	}
	for test in $(field "$2" Killed-by); do
		build_test "$1" "$test" || {
			echo "FAILED   $2: does not build:" \
				"$(grep -m 1 -i error "$1.log")"
			return
		}
		run_test "$1" "$test"
		status=$?
		[ "$status" = 0 ] || {
			echo "killed   $2 by $test: $(why "$1.log" "$status")"
			return
		}
	done
	echo "SURVIVED $2: $(breaks "$2")"
}

# worker COPY NAME...: those that no other worker has taken
worker()
{
	copy=$1
	shift
	copy_tree "$copy" || exit
	for name in "$@"; do
		mkdir "$work/taken-$name" 2>/dev/null || continue
		judge "$copy" "$name" | tee -a "$copy.verdicts"
		restore "$copy" || exit
	done
}

# ---- the whole --------------------------------------------------------------

# Every test that is to kill passes as long as nothing is broken.
check_clean()
{
	copy_tree "$work/clean" || return
	for test in $(for name in "$@"; do
		field "$name" Killed-by
	done | tr ' ' '\n' | sort -u); do
		if ! build_test "$work/clean" "$test" ||
			! run_test "$work/clean" "$test"; then
			cat "$work/clean.log"
			echo "mutants: $test fails although nothing is broken"
			return 1
		fi >&2
	done
}

if [ "${1:-}" = --table ]; then
	table
	exit
fi
if [ $# = 0 ]; then
	check_list || exit
	# shellcheck disable=SC2046 # names have no spaces
	set -- $(names)
fi
for name in "$@"; do
	[ -f "$here/$name.patch" ] || {
		echo "mutants: there is no $here/$name.patch" >&2
		exit 2
	}
done
command -v patch >/dev/null || {
	echo "mutants: there is no 'patch' here" >&2
	exit 1
}

work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

check_clean "$@" || exit
i=0
while [ "$i" -lt "$workers" ]; do
	i=$((i + 1))
	worker "$work/$i" "$@" &
done
wait
killed=$(cat "$work"/*.verdicts | grep -c '^killed')
echo "mutants: $killed of $# killed"
[ "$killed" = $# ]
