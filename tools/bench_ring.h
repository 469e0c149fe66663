#ifndef TOOLS_BENCH_RING_H
#define TOOLS_BENCH_RING_H

#include "ring/ring.h"

#include <stdbool.h>

/* Producer and consumer of the ring that is measured, in this process. */
struct bench_ring {
	struct ring_producer *p;
	struct ring_consumer *c; /* NULL: it is elsewhere */
	uint64_t published;      /* items, since it was opened */
	uint64_t consumed;
	uint64_t touched; /* some bytes of each item, so that it was read */
};

/* Attach; the consumer, too, if it is wanted here. Errors of the ring. */
int bench_ring_open(struct bench_ring *r, const char *path, bool has_consumer,
		    const struct ring_options *options);

/* Publish durably; when the ring is full, drain it first, which is not
 * measured. Errors of the ring. */
int bench_ring_publish(struct bench_ring *r, const struct ring_entry *entries,
		       size_t count, double *ret_us);

/*
 * Fill the ring with items of len_bytes, and drain it: attaching has thrown it
 * out of the page cache, where a ring at work is. Errors of the ring.
 */
int bench_ring_warm(struct bench_ring *r, const void *item, size_t len_bytes);

/* Read and touch all items, and advance durably. Errors of the ring. */
int bench_ring_drain(struct bench_ring *r, double *ret_us);

/* Detach; also what was never opened, if it is zero. */
void bench_ring_close(struct bench_ring *r);

#endif
