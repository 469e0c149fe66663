#ifndef TESTS_FAKE_SYSTEM_H
#define TESTS_FAKE_SYSTEM_H

#include "ring/ring_system.h"

#include <stdbool.h>

/*
 * The surroundings of a ring under a test's control: who it runs as, what
 * time it is, which allocation fails. Sleeping moves the clocks and returns at
 * once. One thread at a time.
 */
struct fake_system {
	struct ring_system system; /* for the options; its ctx is this */
	struct ring_identity self;
	bool others_died; /* no process but self runs */
	uint64_t wall_ns;
	uint64_t monotonic_ns;
	uint64_t slept_ns;    /* in all */
	uint64_t random_seed; /* 0: real random numbers */

	/* Called in each sleep, NULL: nothing happens meanwhile. */
	void (*on_sleep)(void *ctx);
	void *on_sleep_ctx;

	unsigned
		alloc_fails; /* this allocation fails, counted from 1; 0: none */
	unsigned allocs;     /* so far */
	unsigned live;       /* not yet released */
	bool release_is_wrong; /* a release did not match its allocation */
};

/* A process of its own: on host number `host`, in its boot number `boot`. */
void fake_system_init(struct fake_system *s, uint8_t host, uint8_t boot);

#endif
