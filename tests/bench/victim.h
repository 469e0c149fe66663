#ifndef BENCH_VICTIM_H
#define BENCH_VICTIM_H

/*
 * A producer in a process of its own that is killed at full speed, when the
 * ring's checkpoint is about as far behind the end as it gets.
 */
enum {
	VICTIM_ITEM_BYTES = 1 << 20,
	VICTIM_BATCH = 15, /* such items fit one publish */
};

/* Start it, let it work, kill it. The ring at `path` needs room for 20 MiB.
 * 0, or negative; -ECHILD: it failed before. */
int victim_die(const char *path);

#endif
