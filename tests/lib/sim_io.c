/* The simulated disk as storage of a ring: one io is one open descriptor. */
#include "tests/lib/sim_disk.h"

#include "ring/io_common.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct sim_run {
	struct ring_io_batch *batch;        /* under way; NULL: none */
	uint32_t writes[RING_IO_BATCH_MAX]; /* by operation */
	bool has_failed;                    /* a write of it */
};

struct sim_io {
	struct ring_io io; /* first */
	struct sim_disk *disk;
	struct sim_access access;
	struct sim_run runs[RING_IO_UNDER_WAY_MAX];
	bool is_cut;
	bool held[SIM_LOCKS];
};

static struct sim_io *from_io(struct ring_io *io)
{
	return (struct sim_io *)(void *)io;
}

static void call_point(struct sim_disk *d)
{
	if (d->point != NULL)
		d->point(d->point_ctx, d);
}

static void check_op(const struct ring_io *io, const struct ring_io_op *op)
{
	assert(op->offset_bytes % io->sector_bytes == 0);
	assert(op->len_bytes % io->sector_bytes == 0);
	assert(op->offset_bytes + op->len_bytes <= io->size_bytes);
}

/* The run of a batch; of NULL, a free one. NULL: there is none. */
static struct sim_run *find_run(struct sim_io *s,
				const struct ring_io_batch *batch)
{
	for (unsigned i = 0; i < RING_IO_UNDER_WAY_MAX; i++)
		if (s->runs[i].batch == batch)
			return &s->runs[i];
	return NULL;
}

static struct sim_run *begin(struct sim_io *s, struct ring_io_batch *batch)
{
	struct sim_run *run = find_run(s, NULL);

	assert(run != NULL);
	for (unsigned i = 0; i < RING_IO_UNDER_WAY_MAX; i++) {
		const struct ring_io_batch *other = s->runs[i].batch;

		assert(other != batch);
		assert(other == NULL || !ring_io_writes_overlap(other, batch));
	}
	*run = (struct sim_run){ .batch = batch };
	return run;
}

static int sim_start(struct ring_io *io, struct ring_io_batch *batch)
{
	struct sim_io *s = from_io(io);
	struct sim_run *run;
	bool writes = false;

	if (s->is_cut)
		return -EIO;
	run = begin(s, batch);
	for (unsigned i = 0; i < batch->count; i++) {
		const struct ring_io_op *op = &batch->ops[i];
		bool fails;

		check_op(io, op);
		if (op->kind == RING_IO_READ)
			continue;
		call_point(s->disk);
		if (s->is_cut)
			return 0; /* wait() tells */
		fails = sim_disk_fails(s->disk, SIM_WRITE);
		run->has_failed |= fails;
		writes = true;
		run->writes[i] = sim_disk_issue(s->disk, &s->access, op, fails);
	}
	if (writes)
		call_point(s->disk);
	return 0;
}

/* In the order of ring_io.h: writes, then reads, then the flush. */
static int transfer(struct sim_io *s, const struct sim_run *run)
{
	const struct ring_io_batch *batch = run->batch;
	bool wrote = false;

	for (unsigned i = 0; i < batch->count; i++) {
		if (batch->ops[i].kind == RING_IO_READ)
			continue;
		sim_disk_end_write(s->disk, run->writes[i]);
		wrote = true;
	}
	if (wrote)
		call_point(s->disk);
	if (run->has_failed || s->is_cut)
		return -EIO;
	for (unsigned i = 0; i < batch->count; i++) {
		if (batch->ops[i].kind != RING_IO_READ)
			continue;
		if (sim_disk_fails(s->disk, SIM_READ))
			return -EIO;
		sim_disk_read(s->disk, &s->access, &batch->ops[i]);
	}
	return 0;
}

static int flush(struct sim_io *s)
{
	bool fails;

	call_point(s->disk);
	if (s->is_cut)
		return -EIO;
	fails = sim_disk_fails(s->disk, SIM_FLUSH);
	sim_disk_flush(s->disk, &s->access, fails);
	call_point(s->disk);
	return fails || s->is_cut ? -EIO : 0;
}

static int sim_wait(struct ring_io *io, struct ring_io_batch *batch)
{
	struct sim_io *s = from_io(io);
	struct sim_run *run = find_run(s, batch);
	int rc;

	if (s->is_cut)
		return -EIO;
	if (run == NULL)
		return 0;
	rc = transfer(s, run);
	if (rc == 0 && batch->flush)
		rc = flush(s);
	run->batch = NULL;
	return rc;
}

static int sim_drop_cache(struct ring_io *io, uint64_t offset_bytes,
			  uint64_t len_bytes)
{
	struct sim_io *s = from_io(io);

	if (s->is_cut)
		return -EIO;
	sim_disk_drop(s->disk, s->access.host, offset_bytes, len_bytes);
	return 0;
}

static uint8_t *locked(struct sim_io *s, uint32_t lock)
{
	return &s->disk->locked[s->access.host][lock % SIM_LOCKS];
}

static int sim_lock(struct ring_io *io, uint32_t lock)
{
	struct sim_io *s = from_io(io);

	if (s->held[lock % SIM_LOCKS])
		return 0;
	if (*locked(s, lock) > 0)
		return -EAGAIN;
	*locked(s, lock) = 1;
	s->held[lock % SIM_LOCKS] = true;
	return 0;
}

static int sim_unlock(struct ring_io *io, uint32_t lock)
{
	struct sim_io *s = from_io(io);

	if (s->held[lock % SIM_LOCKS])
		*locked(s, lock) = 0;
	s->held[lock % SIM_LOCKS] = false;
	return 0;
}

static int sim_is_locked(struct ring_io *io, uint32_t lock)
{
	return *locked(from_io(io), lock) > 0;
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

	for (unsigned i = 0; i < RING_IO_UNDER_WAY_MAX; i++)
		if (s->runs[i].batch != NULL)
			(void)sim_wait(io, s->runs[i].batch);
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

struct ring_io *sim_disk_open_on(struct sim_disk *d, unsigned host,
				 bool buffered)
{
	struct sim_io *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->disk = d;
	s->access = (struct sim_access){ host, ++d->ios, buffered };
	s->io = (struct ring_io){ .ops = &sim_ops,
				  .engine = "sim",
				  .size_bytes = d->size,
				  .sector_bytes = d->sector_bytes,
				  .buffered = buffered };
	return &s->io;
}

struct ring_io *sim_disk_open(struct sim_disk *d)
{
	return sim_disk_open_on(d, 0, d->buffered);
}

void sim_io_cut(struct ring_io *io)
{
	from_io(io)->is_cut = true;
}
