# Each engine and mode that works here writes what each other reads.
. "$CLI_DIR/lib.sh"
run=0
for engine in posix aio io_uring; do
	for mode in buffered direct; do
		how="--engine $engine --mode $mode"
		ringctl create $engine.$mode --size 8M $how 2>err || {
			# Only what the kernel refuses is no failure.
			grep -q -i -E 'not permitted|not supported|not implemented|invalid' err ||
				cat err
			continue
		}
		seq 100 | ringctl produce $engine.$mode $how
		ringctl consume $engine.$mode --engine posix >out
		seq 100 | cmp - out
		run=$((run + 1))
	done
done
[ $run -ge 2 ] && echo 'two or more work'
--- stdout
two or more work
