#ifndef TESTS_FAIL_IO_H
#define TESTS_FAIL_IO_H

#include "ring/ring_io.h"

#include <stdbool.h>

/*
 * A wrapper of storage that counts, fails, hides or cuts off. It is the
 * caller's, and must outlive the handle that it is given to; closing it
 * closes the storage below.
 */
enum fail_moment {
	FAIL_START,  /* the batch is not even started */
	FAIL_BEFORE, /* nothing of the batch reaches the storage */
	FAIL_AFTER,  /* all of it does, and still an error is reported */
};

struct fail_io {
	struct ring_io io;     /* for the options */
	struct ring_io *below; /* NULL: closed */

	/* What fails: the batch of that number, counted from 1; 0: none. */
	unsigned fails_at;
	bool persists; /* and every later one */
	enum fail_moment moment;
	int error; /* negative */

	/* Called before each batch starts; NULL: nobody is. */
	void (*on_start)(void *ctx);
	void *on_start_ctx;

	bool is_alone;   /* nobody can be seen to hold a lock, nor to write */
	unsigned starts; /* batches so far */
	unsigned writes; /* operations so far */
	unsigned flushes;

	/* Under way, to end with the error; NULL: a free entry. */
	struct ring_io_batch *failing[RING_IO_UNDER_WAY_MAX];
};

/* Wrap storage, which belongs to the wrapper from now on. */
void fail_io_init(struct fail_io *f, struct ring_io *below);

/* From now on everything fails, as if the process were gone. */
void fail_io_cut(struct fail_io *f);

#endif
