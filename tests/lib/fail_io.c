#include "tests/lib/fail_io.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static struct fail_io *fail_io_of(struct ring_io *io)
{
	return (struct fail_io *)io; /* the first member */
}

static void count(struct fail_io *f, const struct ring_io_batch *batch)
{
	f->starts++;
	f->flushes += batch->flush;
	for (unsigned i = 0; i < batch->count; i++)
		f->writes += batch->ops[i].kind == RING_IO_WRITE;
}

static bool fails_now(const struct fail_io *f)
{
	return f->fails_at != 0 && (f->starts == f->fails_at ||
				    (f->persists && f->starts > f->fails_at));
}

/* Where a batch to fail is noted; of NULL, a free entry. */
static struct ring_io_batch **find_failing(struct fail_io *f,
					   const struct ring_io_batch *batch)
{
	for (unsigned i = 0; i < RING_IO_UNDER_WAY_MAX; i++)
		if (f->failing[i] == batch)
			return &f->failing[i];
	return NULL;
}

static void note_failing(struct fail_io *f, struct ring_io_batch *batch)
{
	struct ring_io_batch **entry = find_failing(f, NULL);

	assert(entry != NULL);
	*entry = batch;
}

static int fail_start(struct ring_io *io, struct ring_io_batch *batch)
{
	struct fail_io *f = fail_io_of(io);

	if (f->on_start != NULL)
		f->on_start(f->on_start_ctx);
	count(f, batch);
	if (fails_now(f)) {
		if (f->moment == FAIL_START)
			return f->error;
		if (f->moment == FAIL_AFTER)
			(void)ring_io_run(f->below, batch);
		note_failing(f, batch);
		return 0;
	}
	return f->below->ops->start(f->below, batch);
}

static int fail_wait(struct ring_io *io, struct ring_io_batch *batch)
{
	struct fail_io *f = fail_io_of(io);
	struct ring_io_batch **entry = find_failing(f, batch);

	if (entry != NULL) {
		*entry = NULL;
		return f->error;
	}
	return f->below->ops->wait(f->below, batch);
}

static int fail_drop_cache(struct ring_io *io, uint64_t offset_bytes,
			   uint64_t len_bytes)
{
	struct ring_io *below = fail_io_of(io)->below;

	return below->ops->drop_cache(below, offset_bytes, len_bytes);
}

static int fail_lock(struct ring_io *io, uint32_t lock)
{
	struct fail_io *f = fail_io_of(io);

	return f->is_alone ? 0 : f->below->ops->lock(f->below, lock);
}

static int fail_is_locked(struct ring_io *io, uint32_t lock)
{
	struct fail_io *f = fail_io_of(io);

	return f->is_alone ? 0 : f->below->ops->is_locked(f->below, lock);
}

static int fail_unlock(struct ring_io *io, uint32_t lock)
{
	struct fail_io *f = fail_io_of(io);

	return f->is_alone ? 0 : f->below->ops->unlock(f->below, lock);
}

static int fail_watch(struct ring_io *io)
{
	struct fail_io *f = fail_io_of(io);

	return f->is_alone ? -ENOTSUP : f->below->ops->watch(f->below);
}

static int fail_size(struct ring_io *io, uint64_t *ret_bytes)
{
	struct ring_io *below = fail_io_of(io)->below;

	return below->ops->size(below, ret_bytes);
}

static void fail_close(struct ring_io *io)
{
	struct fail_io *f = fail_io_of(io);

	memset(f->failing, 0, sizeof(f->failing));
	ring_io_close(f->below);
	f->below = NULL;
}

static const struct ring_io_ops fail_ops = {
	.start = fail_start,
	.wait = fail_wait,
	.drop_cache = fail_drop_cache,
	.lock = fail_lock,
	.is_locked = fail_is_locked,
	.unlock = fail_unlock,
	.watch = fail_watch,
	.size = fail_size,
	.close = fail_close,
};

void fail_io_init(struct fail_io *f, struct ring_io *below)
{
	*f = (struct fail_io){ .io = *below, .below = below, .error = -EIO };
	f->io.ops = &fail_ops;
}

void fail_io_cut(struct fail_io *f)
{
	f->fails_at = 1;
	f->persists = true;
	f->moment = FAIL_BEFORE;
}
