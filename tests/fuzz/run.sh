#!/bin/sh
# Goal: inputs nobody thought of. Each target in fuzz_*.c runs under libFuzzer,
# ASan and UBSan, from the corpus on, two at a time.
# Usage: tests/fuzz/run.sh [SECONDS] [TARGET...]
# SECONDS are for each target. What is new goes to build/fuzz/new/TARGET,
# crashes to build/fuzz/found. The last line counts.
set -u
cd "$(dirname "$0")/../.."

seconds=${1:-60}
[ $# = 0 ] || shift
make=${MAKE:-make}
out=build/fuzz
at_once=2
input_bytes=4096 # a script this long has hundreds of edits
# Memory that is given back is soon given out again: else each run has it zeroed.
ASAN_OPTIONS=quarantine_size_mb=4
export ASAN_OPTIONS
input_seconds=30 # one input that takes longer is a hang; none is near it

skip()
{
	echo "SKIPPED fuzz: $1"
	echo "fuzz: 0 targets, 0 executions, 0 findings"
	exit 0
}

# Whether there is a compiler with libFuzzer.
has_fuzzer()
{
	mkdir -p $out
	cat >$out/probe.c <<-'END'
		#include <stddef.h>
		#include <stdint.h>
		int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
		int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
		{
			return len > 0 ? data[0] & 0 : 0;
		}
	END
	clang -fsanitize=fuzzer,address,undefined -o $out/probe $out/probe.c \
		>$out/probe.log 2>&1
}

build()
{
	$make --no-print-directory -j$at_once B=$out CC=clang FUZZER=1 \
		SANITIZE=address,undefined \
		CFLAGS='-O2 -g -fsanitize=fuzzer-no-link' fuzz-targets
}

# fuzz TARGET: in the background; the log tells how it went
fuzz()
{
	dictionary=tests/fuzz/$1.dict
	corpus=tests/fuzz/corpus/$1
	mkdir -p "$out/new/$1" "$out/found"
	rm -f "$out/$1.exit"
	[ -d "$corpus" ] || corpus=
	[ -e "$dictionary" ] || dictionary=
	# shellcheck disable=SC2086
	"$out/tests/fuzz/$1" -max_total_time="$seconds" \
		-max_len=$input_bytes -timeout=$input_seconds \
		-print_final_stats=1 ${dictionary:+-dict=$dictionary} \
		-artifact_prefix="$out/found/$1-" \
		"$out/new/$1" $corpus >"$out/$1.log" 2>&1
	echo $? >"$out/$1.exit"
}

# report TARGET: one line; adds to the sums
report()
{
	log=$out/$1.log
	count=$(awk '/^stat::number_of_executed_units:/ { print $2 }' "$log")
	edges=$(awk '/ cov: / { for (i = 1; i < NF; i++)
		if ($i == "cov:") n = $(i + 1) } END { print n + 0 }' "$log")
	executions=$((executions + ${count:-0}))
	targets=$((targets + 1))
	if [ "$(cat "$out/$1.exit")" = 0 ]; then
		echo "ok      $1: ${count:-0} executions, $edges edges"
		return
	fi
	findings=$((findings + 1))
	echo "FAILED  $1: ${count:-0} executions, $edges edges"
	tail -n 40 "$log" | sed 's/^/        /'
	input=$(sed -n 's/^artifact_prefix.*Test unit written to //p' "$log")
	echo "        reproduce: $out/tests/fuzz/$1 ${input:-$out/found/*}"
}

# None outlives this script.
trap 'kill $(jobs -p) 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM

command -v clang >/dev/null || skip 'no clang (tools/deps.sh fuzz installs it)'
has_fuzzer || skip 'clang has no libFuzzer (tools/deps.sh fuzz installs it)'
build || exit 1

[ $# != 0 ] || set -- $(basename -s .c tests/fuzz/fuzz_*.c)
targets=0
executions=0
findings=0
running=
for target; do
	fuzz "$target" &
	running="$running $target"
	# shellcheck disable=SC2086
	if [ "$(echo $running | wc -w)" = $at_once ]; then
		wait
		for name in $running; do report "$name"; done
		running=
	fi
done
wait
for name in $running; do report "$name"; done
echo "fuzz: $targets targets, $executions executions, $findings findings"
[ $findings = 0 ]
