#ifndef TESTS_LATENT_TAP_H
#define TESTS_LATENT_TAP_H

#include "tests/lib/mem_disk.h"

/*
 * Handles of a disk in memory that tell of each write before it happens. The
 * handles of one tap are one process: they die together.
 */
typedef void tap_fn(void *ctx, const struct ring_io_op *write);

struct tap {
	struct mem_disk *disk;
	tap_fn *before_write;
	void *ctx;
	bool buffered; /* what the handles say of themselves */
	bool is_dead;  /* nothing more reaches the disk, everything fails */
};

/* A new handle, to be closed with ring_io_close(). The tap outlives it. */
struct ring_io *tap_open(struct tap *tap);

#endif
