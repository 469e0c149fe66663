#include "tests/lib/sim_disk.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct sim_io {
	struct ring_io io; /* first */
	struct sim_disk *disk;
	struct ring_io_batch *under_way; /* NULL: none */
	uint64_t locks[2];               /* a bit for each lock held */
};

uint64_t sim_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void *must(void *mem)
{
	if (mem == NULL)
		abort();
	return mem;
}

void sim_disk_init(struct sim_disk *d, size_t size)
{
	*d = (struct sim_disk){
		.size = size,
		.visible = must(calloc(1, size)),
		.durable = must(calloc(1, size)),
		.sector_bytes = SIM_ATOM_BYTES,
		.buffered = true,
	};
}

void sim_disk_release(struct sim_disk *d)
{
	for (size_t i = 0; i < d->write_count; i++)
		free(d->writes[i].data);
	free(d->writes);
	free(d->visible);
	free(d->durable);
}

static void call_point(struct sim_disk *d)
{
	if (d->point != NULL)
		d->point(d->point_ctx, d);
}

static struct sim_io *from_io(struct ring_io *io)
{
	return (struct sim_io *)(void *)io;
}

/* ---- writing and flushing ----------------------------------------------- */

static void issue(struct sim_disk *d, const struct ring_io_op *op)
{
	struct sim_write *w;

	if (d->write_count == d->write_cap) {
		d->write_cap = d->write_cap * 2 + 16;
		d->writes = must(
			realloc(d->writes, d->write_cap * sizeof(*d->writes)));
	}
	w = &d->writes[d->write_count++];
	*w = (struct sim_write){ .offset = op->offset_bytes,
				 .len = op->len_bytes,
				 .data = must(malloc(op->len_bytes)) };
	memcpy(w->data, op->buf, op->len_bytes);
	memcpy(d->visible + op->offset_bytes, op->buf, op->len_bytes);
	d->written += op->len_bytes;
}

/*
 * What was complete becomes durable, in order. A write still under way keeps
 * its place: its atoms may hold the old or the new version. Through a page
 * cache what is visible counts as complete: engines see to that.
 */
static void flush(struct sim_disk *d)
{
	size_t left = 0;

	d->flushes++;
	if (d->lies)
		return;
	for (size_t i = 0; i < d->write_count; i++) {
		struct sim_write *w = &d->writes[i];

		if (!w->is_complete && !d->buffered) {
			d->writes[left++] = *w;
			continue;
		}
		memcpy(d->durable + w->offset, w->data, w->len);
		free(w->data);
	}
	d->write_count = left;
}

/* The writes of a batch are the newest incomplete ones of its buffers. */
static void complete(struct sim_disk *d, const struct ring_io_op *op)
{
	for (size_t i = d->write_count; i-- > 0;) {
		struct sim_write *w = &d->writes[i];

		if (!w->is_complete && w->offset == op->offset_bytes &&
		    w->len == op->len_bytes) {
			w->is_complete = true;
			return;
		}
	}
	/* A flush through the page cache has covered it already. */
	assert(d->buffered);
}

/* ---- the vtable --------------------------------------------------------- */

static int sim_start(struct ring_io *io, struct ring_io_batch *batch)
{
	struct sim_io *s = from_io(io);

	assert(s->under_way == NULL);
	for (unsigned i = 0; i < batch->count; i++) {
		const struct ring_io_op *op = &batch->ops[i];

		assert(op->offset_bytes % io->sector_bytes == 0);
		assert(op->len_bytes % io->sector_bytes == 0);
		assert(op->offset_bytes + op->len_bytes <= s->disk->size);
		if (op->kind == RING_IO_READ)
			continue;
		call_point(s->disk);
		issue(s->disk, op);
	}
	s->under_way = batch;
	call_point(s->disk);
	return 0;
}

static int sim_wait(struct ring_io *io)
{
	struct sim_io *s = from_io(io);
	struct ring_io_batch *batch = s->under_way;

	if (batch == NULL)
		return 0;
	s->under_way = NULL;
	for (unsigned i = 0; i < batch->count; i++) {
		const struct ring_io_op *op = &batch->ops[i];

		if (op->kind == RING_IO_READ)
			memcpy(op->buf, s->disk->visible + op->offset_bytes,
			       op->len_bytes);
		else
			complete(s->disk, op);
	}
	if (batch->flush) {
		call_point(s->disk);
		flush(s->disk);
		call_point(s->disk);
	}
	return 0;
}

static int sim_drop_cache(struct ring_io *io, uint64_t offset_bytes,
			  uint64_t len_bytes)
{
	(void)io;
	(void)offset_bytes;
	(void)len_bytes;
	return 0;
}

static uint64_t *lock_word(struct sim_io *s, uint32_t lock)
{
	return &s->locks[lock % SIM_LOCKS / 64];
}

static int sim_lock(struct ring_io *io, uint32_t lock)
{
	struct sim_io *s = from_io(io);
	const uint64_t bit = UINT64_C(1) << lock % SIM_LOCKS % 64;

	if (*lock_word(s, lock) & bit)
		return 0;
	if (s->disk->locked[lock % SIM_LOCKS] > 0)
		return -EAGAIN;
	s->disk->locked[lock % SIM_LOCKS] = 1;
	*lock_word(s, lock) |= bit;
	return 0;
}

static int sim_unlock(struct ring_io *io, uint32_t lock)
{
	struct sim_io *s = from_io(io);
	const uint64_t bit = UINT64_C(1) << lock % SIM_LOCKS % 64;

	if (*lock_word(s, lock) & bit)
		s->disk->locked[lock % SIM_LOCKS] = 0;
	*lock_word(s, lock) &= ~bit;
	return 0;
}

static int sim_is_locked(struct ring_io *io, uint32_t lock)
{
	return from_io(io)->disk->locked[lock % SIM_LOCKS] > 0;
}

static int sim_watch(struct ring_io *io)
{
	(void)io;
	return -ENOTSUP;
}

static int sim_size(struct ring_io *io, uint64_t *ret_bytes)
{
	*ret_bytes = from_io(io)->disk->size;
	return 0;
}

static void sim_close(struct ring_io *io)
{
	struct sim_io *s = from_io(io);

	(void)sim_wait(io);
	for (uint32_t lock = 0; lock < SIM_LOCKS; lock++)
		sim_unlock(io, lock);
	free(s);
}

static const struct ring_io_ops sim_ops = {
	.start = sim_start,
	.wait = sim_wait,
	.drop_cache = sim_drop_cache,
	.lock = sim_lock,
	.is_locked = sim_is_locked,
	.unlock = sim_unlock,
	.watch = sim_watch,
	.size = sim_size,
	.close = sim_close,
};

struct ring_io *sim_disk_open(struct sim_disk *d)
{
	struct sim_io *s = must(calloc(1, sizeof(*s)));

	s->disk = d;
	s->io = (struct ring_io){ .ops = &sim_ops,
				  .engine = "sim",
				  .size_bytes = d->size,
				  .sector_bytes = d->sector_bytes,
				  .buffered = d->buffered };
	return &s->io;
}

/* ---- crashes ------------------------------------------------------------ */

static void copy_disk(const struct sim_disk *d, struct sim_disk *ret)
{
	sim_disk_init(ret, d->size);
	ret->buffered = d->buffered;
	ret->sector_bytes = d->sector_bytes;
	ret->lies = d->lies;
	memcpy(ret->durable, d->durable, d->size);
}

void sim_disk_after_kill(const struct sim_disk *d, struct sim_disk *ret)
{
	copy_disk(d, ret);
	memcpy(ret->visible, d->durable, d->size);
	for (size_t i = 0; i < d->write_count; i++) {
		const struct sim_write *w = &d->writes[i];
		const struct ring_io_op op = { .kind = RING_IO_WRITE,
					       .offset_bytes = w->offset,
					       .buf = w->data,
					       .len_bytes = w->len };

		issue(ret, &op);
		/* The kernel ends what a dead process began. */
		ret->writes[ret->write_count - 1].is_complete = true;
	}
}

/*
 * An atom keeps a version: each write in turn replaces it or not, and once in
 * a while none does from some write on, so that old versions have a chance.
 */
void sim_disk_after_cut(const struct sim_disk *d, uint64_t seed,
			struct sim_disk *ret)
{
	uint64_t rng = seed;
	const unsigned odds = (unsigned)(sim_random(&rng) % 7) + 1;

	copy_disk(d, ret);
	for (size_t i = 0; i < d->write_count && seed != 0; i++) {
		const struct sim_write *w = &d->writes[i];

		for (size_t at = 0; at < w->len; at += SIM_ATOM_BYTES)
			if (seed == 1 || sim_random(&rng) % 8 < odds)
				memcpy(ret->durable + w->offset + at,
				       w->data + at, SIM_ATOM_BYTES);
	}
	memcpy(ret->visible, ret->durable, d->size);
}
