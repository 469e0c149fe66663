#ifndef BENCH_CHANNEL_H
#define BENCH_CHANNEL_H

#include "ring/ring.h"
#include "tests/bench/bare_queue.h"
#include "tests/bench/drainer.h"

/*
 * From this process to another one that drains, nothing is flushed: a ring that
 * survives the death of processes only, or the floor beside it. Zero it first,
 * and leave it where it is: the other process was told.
 */
struct channel {
	char path[4300];
	struct drainer drainer;

	/* one of: */
	struct ring_producer *ring;
	struct bare_queue bare;

	/* of the ring */
	struct ring_options options;
	struct ring_fault fault;
	struct drainer_ring drains;
};

/* In a file below `dir`. 0, or negative; close it then, too. */
int channel_open_ring(struct channel *ch, const char *dir);
int channel_open_bare(struct channel *ch, const char *dir);

/* The file stays. */
void channel_close(struct channel *ch);

#endif
