#ifndef TESTS_SWEEP_SWEEP_H
#define TESTS_SWEEP_SWEEP_H

#include "tests/sweep/scene.h"

enum sweep_flag {
	SWEEP_IS_IDLE = 1, /* asks nothing of the system: nothing to fail */
	SWEEP_IS_VOID = 2, /* has no result to tell an error with */
	SWEEP_HAS_NO_FAULT = 4, /* takes no options that hold one */
	SWEEP_MAY_EMPTY = 8,    /* a failure may leave no ring (create) */
	SWEEP_WATCHES = 16,     /* inotify is there */
	SWEEP_IS_DIRECT = 32,   /* direct I/O on blocks of 4096 */
	SWEEP_ENDS_HANDLE = 64, /* there is nothing to ask afterwards */
	SWEEP_COUNTS = 128,     /* tells of an error with a positive result */
	SWEEP_SAYS_FAREWELL = 256, /* is a producer for a moment, and its last
				    * checkpoint may fail: nothing is lost */
	SWEEP_FLUSHES_TWICE = 512, /* or more, when nothing fails */
};

/* One public call at work. */
struct sweep_row {
	const char *name; /* the function, or "function: situation" */
	void (*make)(struct scene *s);  /* the ring; once for all runs */
	void (*enter)(struct scene *s); /* handles; NULL: none */
	int (*call)(struct scene *s);
	int expected; /* the result when nothing fails */
	int again;    /* also fine when it is made again after a failure */
	unsigned flags;
};

/* A test of a fixture whose row is a struct sweep_row. */
void sweep_test(void **state);

#endif
