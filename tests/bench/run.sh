#!/bin/sh
# Measure, and draw what came out: sh tests/bench/run.sh [BUILD]
# BENCH_ROW=NAME, or NAME/VARIANT, measures only that.
set -eu
build=${1:-build}
rm -rf "$build/bench"
status=0
"$build/tests/bench/bench" "$build" ${BENCH_ROW:+"$BENCH_ROW"} || status=$?
for table in "$build"/bench/*.dat; do
	[ -e "$table" ] || continue
	gnuplot -c tests/bench/plot.gp "$table" "${table%.dat}.png" || status=3
done
[ ! -e "$build/bench" ] || echo "bench: see $build/bench.json and $build/bench/"
exit $status
