#ifndef TESTS_STALE_IO_H
#define TESTS_STALE_IO_H

#include "ring/ring_io.h"

#include <stdbool.h>

/*
 * Storage behind a page cache that shows what storage never got, as after a
 * failed write-back, until the page is dropped. Nobody holds locks there.
 */
struct stale_page {
	uint64_t offset;
	size_t len;
	const uint8_t *data; /* the caller's */
};

struct stale_io {
	struct ring_io io; /* for the options */
	struct ring_io *below;
	struct stale_page page;
	bool is_dropped;
};

/* Wrap storage, which belongs to the wrapper from now on. */
void stale_io_init(struct stale_io *s, struct ring_io *below,
		   struct stale_page page);

#endif
