#!/bin/sh
# Measure, and draw what came out: sh tests/bench/run.sh [BUILD]
# BENCH_ROW=NAME, or NAME/VARIANT, measures only that; BENCH_ROUNDS=N for N
# rounds instead of those of each contest.
set -eu
build=${1:-build}

# What fio says of the same floor, as a check on ours: the medians of a 4 KiB
# write and of the fdatasync behind it.
show_floor()
{
	file=$(mktemp "$build/bench.fio.XXXXXX")
	fio --name=floor --filename="$file" --size=4m --overwrite=1 --rw=write \
		--bs=4k --fdatasync=1 --time_based --runtime=1 \
		--output-format=json |
		awk -F'[:,]' '
		/"write" *:/ { part = 1 }
		/"sync" *:/ { part = 2 }
		/"50\.000000"/ && part && !seen[part]++ { ns += $2 }
		END {
			printf "fio:     %.1f us, a 4 KiB write and " \
				"fdatasync, p50\n", ns / 1e3
		}'
	rm -f "$file"
}

rm -rf "$build/bench" "$build/bench.json"
[ "${BENCH_ROW:-publish-1}" != publish-1 ] || show_floor
status=0
"$build/tests/bench/bench" ${BENCH_ROUNDS:+-r "$BENCH_ROUNDS"} "$build" \
	${BENCH_ROW:+"$BENCH_ROW"} || status=$?
for table in "$build"/bench/*.dat; do
	[ -e "$table" ] || continue
	gnuplot -c tests/bench/plot.gp "$table" "${table%.dat}.png" || status=3
done
[ ! -e "$build/bench" ] || echo "bench: see $build/bench.json and $build/bench/"
exit $status
