#ifndef BENCH_DRAINER_H
#define BENCH_DRAINER_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A process that takes items as fast as they come, and says in shared memory
 * how many it has let go of, and when.
 */
struct drainer_said {
	_Atomic uint64_t items;
	_Atomic uint64_t at_ns; /* CLOCK_MONOTONIC, of the last of them */
	_Atomic int code;       /* why it ended; 0: it runs */
};

struct drainer {
	pid_t pid;
	struct drainer_said *said;
};

/* What runs in the process: it says what it does until it is killed, or
 * returns an error. */
typedef int drainer_fn(const void *how, struct drainer_said *said);

/*
 * Start it; call it while nothing is open here that it must not inherit.
 * 0, or -errno.
 */
int drainer_start(struct drainer *d, drainer_fn *fn, const void *how);

/* Kill it. Also what was never started, if it is zero. */
void drainer_stop(struct drainer *d);

/* Says, in the process, that so many are done with. */
void drainer_say(struct drainer_said *said, uint64_t items);

/* A drainer_fn: the ring of a struct drainer_ring; the items are advanced over
 * as soon as they were read. */
struct ring_options;
struct drainer_ring {
	const char *path;
	const struct ring_options *options;
};
int drainer_ring(const void *how, struct drainer_said *said);

#endif
