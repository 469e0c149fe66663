#!/bin/sh
# Goal: what fuzzing came upon stays mended, also where there is no libFuzzer.
# Method: each target of a build, with replay.c for a main(), on its corpus.
# Usage: tests/fuzz/replay.sh BUILD-DIRECTORY
set -u
cd "$(dirname "$0")/../.."
. tests/lib/results.sh

programs=$1/tests/fuzz
target_seconds=240 # a hang ends here; no corpus is near it
inputs=0

# replay TARGET
replay()
{
	output=$(timeout $target_seconds "$programs/$1" \
		"tests/fuzz/corpus/$1" 2>&1)
	status=$?
	count=$(echo "$output" | sed -n 's/ inputs replayed$//p')
	if [ $status = 0 ]; then
		pass "$1: $count inputs"
		inputs=$((inputs + count))
	else
		fail "$1" "$(echo "$output" | tail -n 20)"
	fi
}

for source in tests/fuzz/fuzz_*.c; do
	replay "$(basename "$source" .c)"
done
echo "fuzz: $((passed + failed)) targets, $inputs inputs replayed"
finish tests/fuzz
