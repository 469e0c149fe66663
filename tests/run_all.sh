#!/bin/sh
# Run every stage of 'make check' and count: tests/run_all.sh [asan]
# With 'asan' only the stages under the sanitizers. The log of each stage
# stays in build/check/. What a stage counts is read from its output: cmocka's
# summary, or 'N passed, N failed, N skipped' of the shell tests; a stage that
# counts nothing is one test.
set -u
cd "$(dirname "$0")/.."

logs=build/check
jobs=$(getconf _NPROCESSORS_ONLN)
make=${MAKE:-make}
stage_seconds=600 # a hang ends here; no stage is near it
passed=0
failed=0
skipped=0
failures=
sanitizers=address,undefined

# count LOG STATUS: prints the passed, failed and skipped of a stage
count()
{
	awk -v status="$2" '
	/^\[  PASSED  \] [0-9]+ test/ { passed += $4; known = 1 }
	/^\[  FAILED  \] [0-9]+ test/ { failed += $4; known = 1 }
	/^\[  SKIPPED \] [0-9]+ test/ { skipped += $4; known = 1 }
	/^[^ ]+: [0-9]+ passed, [0-9]+ failed/ {
		passed += $2; failed += $4; skipped += $6; known = 1
	}
	END {
		if (status != 0 && failed == 0)
			failed = 1
		else if (!known)
			passed = 1
		print passed + 0, failed + 0, skipped + 0
	}' "$1"
}

# show LOG STATUS: what of the log is worth a look at once
show()
{
	if [ "$2" != 0 ]; then
		tail -n 100 "$1"
	elif [ "${V:-0}" != 0 ]; then
		cat "$1"
	else
		grep -E -e '^\[(==========|  PASSED  |  SKIPPED )\] [0-9]+ test' \
			-e '^fuzz: ' "$1"
	fi | sed 's/^/    /'
}

# stage NAME COMMAND...: returns the status of the command
stage()
{
	stage_name=$1
	stage_log=$logs/$(echo "$1" | tr / -).log
	shift
	stage_start=$(date +%s)
	timeout -k 30 "$stage_seconds" "$@" >"$stage_log" 2>&1 </dev/null
	stage_status=$?
	stage_took=$(($(date +%s) - stage_start))
	read -r p f s <<-END
		$(count "$stage_log" $stage_status)
	END
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
	if [ "$f" != 0 ]; then
		failures="$failures $stage_name"
		echo "FAILED  $stage_name: $f of $((p + f)), exit code" \
			"$stage_status, log in $stage_log"
	else
		echo "ok      $stage_name: $p passed$(
			[ "$s" = 0 ] || echo ", $s SKIPPED") (${stage_took} s)"
	fi
	show "$stage_log" $stage_status
	return $stage_status
}

# build NAME MAKE-SETTING...
build()
{
	build_name=$1
	shift
	stage "$build_name" "$make" --no-print-directory -j"$jobs" tests "$@"
}

# run_units PREFIX DIRECTORY: each unit test program of a build
run_units()
{
	for source in tests/unit/test_*.c; do
		[ -e "$source" ] || continue
		program=$(basename "$source" .c)
		stage "$1/$program" "$2/tests/$program"
	done
}

# run_cli NAME DIRECTORY COMPILER: the command line tests on the ringctl of a
# build, and with the compiler that links with its library
run_cli()
{
	stage "$1" env RINGCTL="$PWD/$2/ringctl" CC="$3" sh tests/cli/run.sh
}

static_stages()
{
	stage format "$make" --no-print-directory check-format
	stage includes sh tests/tidy_includes.sh
	stage headers sh tests/headers/run.sh
	stage man-pages "$make" --no-print-directory check-man
	stage tidy "$make" --no-print-directory tidy
}

plain_stages()
{
	static_stages
	build build-clang CC=clang SANITIZE=
	build build-gcc CC=gcc SANITIZE= || return
	run_units unit build
	stage crash build/crashtest
	stage crash/lying-disk sh tests/crash/lying.sh build/crashtest
	run_cli cli build gcc
	stage golden env RINGCTL="$PWD/build/ringctl" sh tests/golden/run.sh
	stage fuzz sh tests/fuzz/replay.sh build
	stage latent build/latent
	stage kill env RINGCTL="$PWD/build/ringctl" sh tests/kill/run.sh
	stage kill/journal env BUILD="$PWD/build" sh tests/kill/journal.sh
	stage kill/ringgen env BUILD="$PWD/build" sh tests/kill/ringgen.sh
	stage model sh tests/model/run.sh
	stage clickhouse sh tests/clickhouse/run.sh
	stage readme sh tests/readme/run.sh
	stage install sh tests/install/run.sh
	stage demo bash tools/demo.sh
}

asan_stages()
{
	build build-asan CC=gcc SANITIZE=$sanitizers || return
	run_units asan build/asan
	stage asan/crash build/asan/crashtest --states 10
	run_cli asan/cli build/asan "gcc -fsanitize=$sanitizers"
	stage asan/fuzz sh tests/fuzz/replay.sh build/asan
}

# Only what has threads: under this sanitizer everything is slow.
tsan_stages()
{
	build_threads=
	for test in test_threads test_journal_threads test_gen_threads; do
		build_threads="$build_threads build/tsan/tests/$test"
	done
	# shellcheck disable=SC2086 # a list
	stage build-tsan "$make" --no-print-directory -j"$jobs" CC=gcc \
		SANITIZE=thread $build_threads || return
	for program in $build_threads; do
		stage "tsan/$(basename "$program")" "$program"
	done
}

# list_skipped: how many were skipped in which stage and why. Unit tests say
# '[  SKIP  ] because: REASON' before they skip.
list_skipped()
{
	awk '
	FNR == 1 {
		stage = FILENAME
		sub(/.*\//, "", stage)
		sub(/\.log$/, "", stage)
		reason = "no reason given"
	}
	/^\[==========\]/ { listed = / run\.$/ }
	sub(/^\[  SKIP  \] because: /, "") { reason = $0; next }
	/^\[  SKIPPED \]/ && !listed {
		print stage ": " reason
		reason = "no reason given"
	}
	sub(/^SKIPPED /, "") { print stage ": " $0 }
	' "$logs"/*.log | sort | uniq -c
}

rm -rf "$logs"
mkdir -p "$logs"
unset CFLAGS CPPFLAGS LDFLAGS
if [ "${1:-}" != asan ]; then
	plain_stages
	tsan_stages
fi
asan_stages

if [ $skipped != 0 ]; then
	echo "SKIPPED:"
	list_skipped
fi
[ -z "$failures" ] || echo "FAILED stages:$failures"
echo "check: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
