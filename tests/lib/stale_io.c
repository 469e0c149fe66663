#include "tests/lib/stale_io.h"

#include <errno.h>

static struct stale_io *stale_of(struct ring_io *io)
{
	return (struct stale_io *)(void *)io;
}

/* Show the page in what was read. */
static void show_page(const struct stale_io *s, const struct ring_io_op *op)
{
	for (uint64_t i = 0; i < s->page.len; i++) {
		const uint64_t at = s->page.offset + i;

		if (at >= op->offset_bytes &&
		    at < op->offset_bytes + op->len_bytes)
			((uint8_t *)op->buf)[at - op->offset_bytes] =
				s->page.data[i];
	}
}

static int stale_start(struct ring_io *io, struct ring_io_batch *batch)
{
	const struct stale_io *s = stale_of(io);
	const int rc = ring_io_run(s->below, batch);

	for (unsigned i = 0; i < batch->count; i++)
		if (batch->ops[i].kind == RING_IO_READ && !s->is_dropped)
			show_page(s, &batch->ops[i]);
	return rc;
}

/* All was done at the start. */
static int stale_wait(struct ring_io *io, struct ring_io_batch *batch)
{
	(void)io;
	(void)batch;
	return 0;
}

static int stale_drop_cache(struct ring_io *io, uint64_t offset_bytes,
			    uint64_t len_bytes)
{
	struct stale_io *s = stale_of(io);

	s->is_dropped |=
		offset_bytes <= s->page.offset &&
		s->page.offset + s->page.len <= offset_bytes + len_bytes;
	return 0;
}

static int stale_lock(struct ring_io *io, uint32_t lock)
{
	(void)io;
	(void)lock;
	return 0;
}

static int stale_watch(struct ring_io *io)
{
	(void)io;
	return -ENOTSUP;
}

static void stale_close(struct ring_io *io)
{
	ring_io_close(stale_of(io)->below);
}

static const struct ring_io_ops stale_ops = {
	.start = stale_start,
	.wait = stale_wait,
	.drop_cache = stale_drop_cache,
	.lock = stale_lock,
	.is_locked = stale_lock,
	.unlock = stale_lock,
	.watch = stale_watch,
	.close = stale_close,
};

void stale_io_init(struct stale_io *s, struct ring_io *below,
		   struct stale_page page)
{
	*s = (struct stale_io){ .io = *below, .below = below, .page = page };
	s->io.ops = &stale_ops;
}
