#include "tests/latent/tap.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct tap_io {
	struct ring_io io; /* first */
	struct ring_io *below;
	struct tap *tap;
};

static struct tap_io *from_io(struct ring_io *io)
{
	return (struct tap_io *)(void *)io;
}

static int tap_start(struct ring_io *io, struct ring_io_batch *batch)
{
	struct tap_io *t = from_io(io);

	if (t->tap->is_dead)
		return -EIO;
	for (unsigned i = 0; i < batch->count; i++)
		if (batch->ops[i].kind == RING_IO_WRITE)
			t->tap->before_write(t->tap->ctx, &batch->ops[i]);
	return t->below->ops->start(t->below, batch);
}

static int tap_wait(struct ring_io *io, struct ring_io_batch *batch)
{
	struct ring_io *below = from_io(io)->below;

	return below->ops->wait(below, batch);
}

static int tap_drop_cache(struct ring_io *io, uint64_t offset_bytes,
			  uint64_t len_bytes)
{
	struct ring_io *below = from_io(io)->below;

	return below->ops->drop_cache(below, offset_bytes, len_bytes);
}

static int tap_lock(struct ring_io *io, uint32_t lock)
{
	struct ring_io *below = from_io(io)->below;

	return below->ops->lock(below, lock);
}

static int tap_is_locked(struct ring_io *io, uint32_t lock)
{
	struct ring_io *below = from_io(io)->below;

	return below->ops->is_locked(below, lock);
}

static int tap_unlock(struct ring_io *io, uint32_t lock)
{
	struct ring_io *below = from_io(io)->below;

	return below->ops->unlock(below, lock);
}

static int tap_watch(struct ring_io *io)
{
	(void)io;
	return -ENOTSUP;
}

static int tap_size(struct ring_io *io, uint64_t *ret_bytes)
{
	struct ring_io *below = from_io(io)->below;

	return below->ops->size(below, ret_bytes);
}

static void tap_close(struct ring_io *io)
{
	struct tap_io *t = from_io(io);

	ring_io_close(t->below);
	free(t);
}

static const struct ring_io_ops tap_ops = {
	.start = tap_start,
	.wait = tap_wait,
	.drop_cache = tap_drop_cache,
	.lock = tap_lock,
	.is_locked = tap_is_locked,
	.unlock = tap_unlock,
	.watch = tap_watch,
	.size = tap_size,
	.close = tap_close,
};

struct ring_io *tap_open(struct tap *tap)
{
	struct tap_io *t = calloc(1, sizeof(*t));

	assert(t != NULL);
	t->tap = tap;
	t->below = mem_disk_open(tap->disk);
	t->io = *t->below;
	t->io.ops = &tap_ops;
	t->io.buffered = tap->buffered;
	return &t->io;
}
