/*
 * The engine that works everywhere: plain system calls, made in start(). For
 * one buffered write and a flush it is also the fastest, as nothing has to be
 * handed to a kernel thread.
 */
#include "ring/io_common.h"

#include <errno.h>
#include <stdlib.h>

static int posix_start(struct ring_io *io, struct ring_io_batch *batch)
{
	struct ring_io_base *base = ring_io_to_base(io);
	struct ring_io_run *run;
	int rc = ring_io_begin(base, batch, &run);

	if (rc < 0)
		return rc;
	while (ring_io_needs_round(run)) {
		for (unsigned i = 0; i < batch->count; i++)
			if (run->result == 0 && ring_io_in_round(run, i))
				ring_io_transfer(base, run, i);
	}

	/* Not RWF_DSYNC: a flush covers all dirty pages, whoever wrote them. */
	ring_io_flush(base, run);
	return 0;
}

static int posix_wait(struct ring_io *io, struct ring_io_batch *batch)
{
	struct ring_io_run *run = ring_io_find_run(ring_io_to_base(io), batch);

	return run == NULL ? 0 : ring_io_end(run);
}

static void posix_close(struct ring_io *io)
{
	struct ring_io_base *base = ring_io_to_base(io);

	ring_io_base_release(base);
	free(base);
}

static const struct ring_io_ops posix_ops = {
	.start = posix_start,
	.wait = posix_wait,
	.drop_cache = ring_io_drop_cache,
	.lock = ring_io_lock,
	.is_locked = ring_io_is_locked,
	.unlock = ring_io_unlock,
	.watch = ring_io_watch,
	.size = ring_io_size,
	.close = posix_close,
};

int ring_io_posix_new(const struct ring_io_base *base, struct ring_io **ret_io)
{
	struct ring_io_base *posix = calloc(1, sizeof(*posix));

	if (posix == NULL)
		return -ENOMEM;
	*posix = *base;
	posix->io.ops = &posix_ops;
	*ret_io = &posix->io;
	return 0;
}
