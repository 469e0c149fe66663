#!/bin/sh
# Goal: ringctl keeps the contract of ringctl(1), seen from outside.
# Method: each case in cases/NAME.t is a shell script, run in an empty
# directory, and behind it what it has to print and return, compared whole.
# Usage: [RINGCTL=PATH] tests/cli/run.sh [--update] [NAME...]
# With --update what came out becomes what is expected: read the difference.
#
#     # Goal and method of the case
#     script
#     --- exit 0        (only if it is not 0)
#     --- stdout        (only if there is any)
#     ...
#     --- stderr        (likewise)
#     ...
#
# A case that can't run says why on stderr, last, and exits 77.
set -u
cli=$(cd "$(dirname "$0")" && pwd)
. "$cli/../lib/results.sh"

RINGCTL=${RINGCTL:-$cli/../../build/ringctl}
case $RINGCTL in
/*) ;;
*) RINGCTL=$PWD/$RINGCTL ;;
esac
export RINGCTL
CLI_DIR=$cli
export CLI_DIR
LC_ALL=C
export LC_ALL
case_seconds=120 # a hang ends here; no case is near it

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# part FILE NAME: the lines of one part of a case
part()
{
	awk -v want="$2" '
	BEGIN { part = "script" }
	/^--- (stdout|stderr|exit)/ { part = $2; next }
	part == want' "$1"
}

expected_exit()
{
	awk '/^--- exit/ { code = $3 } END { print code + 0 }' "$1"
}

# update FILE: write the case again, from what came out
update()
{
	{
		part "$1" script
		[ "$status" = 0 ] || echo "--- exit $status"
		for stream in stdout stderr; do
			[ -s "$work/$stream" ] || continue
			echo "--- $stream"
			cat "$work/$stream"
		done
	} >"$work/new"
	cat "$work/new" >"$1"
}

# compare FILE: prints every difference, fails if there is one
compare()
{
	differs=0
	for stream in stdout stderr; do
		part "$1" "$stream" >"$work/expected"
		diff -u --label "expected $stream" --label "$stream" \
			"$work/expected" "$work/$stream" || differs=1
	done
	expected=$(expected_exit "$1")
	if [ "$status" != "$expected" ]; then
		echo "exit code $status, expected $expected"
		differs=1
	fi
	return $differs
}

# run_case FILE
run_case()
{
	name=$(basename "$1" .t)
	rm -rf "$work/dir"
	mkdir "$work/dir"
	part "$1" script >"$work/script"
	(cd "$work/dir" && exec timeout "$case_seconds" \
		sh -u "$work/script") \
		>"$work/stdout" 2>"$work/stderr" </dev/null
	status=$?
	if [ "$status" = 77 ]; then
		skip "$name" "$(tail -n 1 "$work/stderr")"
	elif [ "$update" = 1 ]; then
		update "$1"
		pass "$name"
	elif output=$(compare "$1"); then
		pass "$name"
	else
		fail "$name" "$output"
	fi
}

if [ ! -x "$RINGCTL" ]; then
	echo "tests/cli/run.sh: no program '$RINGCTL'"
	exit 1
fi
update=0
if [ "${1:-}" = --update ]; then
	update=1
	shift
fi
if [ $# = 0 ]; then
	for file in "$cli"/cases/*.t; do
		run_case "$file"
	done
fi
for name; do
	file=$cli/cases/$(basename "$name" .t).t
	if [ ! -e "$file" ]; then
		fail "$name" 'no such case'
		continue
	fi
	run_case "$file"
done
finish tests/cli
