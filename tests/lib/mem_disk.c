#include "tests/lib/mem_disk.h"

#include "ring/io_common.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { LOCKS_MAX = 128 };

struct held_lock {
	uint32_t lock;
	const struct ring_io *holder; /* NULL: a free entry */
};

struct mem_disk {
	pthread_mutex_t mutex; /* of everything below */
	uint8_t *bytes;
	uint64_t size_bytes;
	uint32_t sector_bytes;
	unsigned handles;
	struct held_lock locks[LOCKS_MAX];
	struct mem_disk_counts counts;
	struct mem_disk_fault fault;
	unsigned op_count; /* since the fault was set */
	bool fault_was_hit;
};

struct mem_run {
	struct ring_io_batch *batch; /* under way; NULL: none */
	int result;                  /* its first error so far */
};

struct mem_io {
	struct ring_io io; /* first: a ring_io * is a mem_io * */
	struct mem_disk *disk;
	struct mem_run runs[RING_IO_UNDER_WAY_MAX];
};

static struct mem_io *from_io(struct ring_io *io)
{
	return (struct mem_io *)(void *)io;
}

/* ---- transfers ---------------------------------------------------------- */

static int next_op(struct mem_disk *d)
{
	const struct mem_disk_fault *f = &d->fault;

	d->op_count++;
	if (f->op == 0 || d->op_count < f->op)
		return 0;
	if (d->op_count > f->op && !f->persists)
		return 0;
	d->fault_was_hit = true;
	return -f->errnum;
}

static void write_op(struct mem_disk *d, const struct ring_io_op *op, int rc)
{
	const size_t half = op->len_bytes / d->sector_bytes / 2;
	const size_t len = rc < 0 ? half * d->sector_bytes : op->len_bytes;

	d->counts.writes++;
	d->counts.written_bytes += len;
	memcpy(d->bytes + op->offset_bytes, op->buf, len);
}

static int run_op(struct mem_disk *d, const struct ring_io_op *op)
{
	const int rc = next_op(d);

	if (op->kind == RING_IO_WRITE) {
		write_op(d, op, rc);
		return rc;
	}
	d->counts.reads++;
	if (rc < 0)
		return rc;
	d->counts.read_bytes += op->len_bytes;
	memcpy(op->buf, d->bytes + op->offset_bytes, op->len_bytes);
	return 0;
}

/* The run of a batch; of NULL, a free one. NULL: there is none. */
static struct mem_run *find_run(struct mem_io *m,
				const struct ring_io_batch *batch)
{
	for (unsigned i = 0; i < RING_IO_UNDER_WAY_MAX; i++)
		if (m->runs[i].batch == batch)
			return &m->runs[i];
	return NULL;
}

/* Those operations of a batch that are of one kind. */
static void run_ops(struct mem_disk *d, struct mem_run *run,
		    enum ring_io_kind kind)
{
	for (unsigned i = 0; i < run->batch->count; i++) {
		int rc;

		if (run->batch->ops[i].kind != kind)
			continue;
		rc = run_op(d, &run->batch->ops[i]);
		if (run->result == 0)
			run->result = rc;
	}
}

static void run_flush(struct mem_disk *d, struct mem_run *run)
{
	if (run->result < 0 || !run->batch->flush)
		return;
	d->counts.flushes++;
	run->result = next_op(d);
}

/* What ring_io.h asks of whoever calls start(). */
static void assert_op(const struct mem_disk *d, const struct ring_io_op *op)
{
	assert(op->len_bytes > 0);
	assert(op->len_bytes % d->sector_bytes == 0);
	assert(op->offset_bytes % d->sector_bytes == 0);
	assert((uintptr_t)op->buf % d->sector_bytes == 0);
}

static void assert_batch(const struct mem_io *m,
			 const struct ring_io_batch *batch)
{
	assert(batch->count <= RING_IO_BATCH_MAX);
	assert(batch->count > 0 || batch->flush);
	for (unsigned i = 0; i < batch->count; i++)
		assert_op(m->disk, &batch->ops[i]);
	assert(!ring_io_writes_overlap(batch, batch));
	for (unsigned i = 0; i < RING_IO_UNDER_WAY_MAX; i++) {
		const struct ring_io_batch *other = m->runs[i].batch;

		assert(other != batch);
		assert(other == NULL || !ring_io_writes_overlap(other, batch));
	}
}

static int mem_start(struct ring_io *io, struct ring_io_batch *batch)
{
	struct mem_io *m = from_io(io);
	struct mem_run *run = find_run(m, NULL);

	assert(run != NULL);
	assert_batch(m, batch);
	for (unsigned i = 0; i < batch->count; i++) {
		const struct ring_io_op *op = &batch->ops[i];

		if (op->kind == RING_IO_WRITE && io->read_only)
			return -EBADF;
		if (op->len_bytes > io->size_bytes ||
		    op->offset_bytes > io->size_bytes - op->len_bytes)
			return -RING_ERR_TRUNCATED;
	}
	*run = (struct mem_run){ .batch = batch };
	pthread_mutex_lock(&m->disk->mutex);
	run_ops(m->disk, run, RING_IO_WRITE);
	pthread_mutex_unlock(&m->disk->mutex);
	return 0;
}

static int mem_wait(struct ring_io *io, struct ring_io_batch *batch)
{
	struct mem_io *m = from_io(io);
	struct mem_run *run = find_run(m, batch);

	if (run == NULL)
		return 0;
	pthread_mutex_lock(&m->disk->mutex);
	run_ops(m->disk, run, RING_IO_READ);
	run_flush(m->disk, run);
	pthread_mutex_unlock(&m->disk->mutex);
	run->batch = NULL;
	return run->result;
}

static int mem_drop_cache(struct ring_io *io, uint64_t offset_bytes,
			  uint64_t len_bytes)
{
	struct mem_disk *d = from_io(io)->disk;

	(void)offset_bytes;
	pthread_mutex_lock(&d->mutex);
	d->counts.drops++;
	d->counts.dropped_bytes += len_bytes;
	pthread_mutex_unlock(&d->mutex);
	return 0;
}

/* ---- locks -------------------------------------------------------------- */

/* The entry of a lock; if nobody holds it, a free entry. */
static struct held_lock *find_lock(struct mem_disk *d, uint32_t lock)
{
	struct held_lock *empty = NULL;

	for (unsigned i = 0; i < LOCKS_MAX; i++) {
		struct held_lock *l = &d->locks[i];

		if (l->holder == NULL)
			empty = l;
		else if (l->lock == lock)
			return l;
	}
	assert(empty != NULL);
	return empty;
}

static int mem_lock(struct ring_io *io, uint32_t lock)
{
	struct mem_disk *d = from_io(io)->disk;
	struct held_lock *l;
	int rc = 0;

	pthread_mutex_lock(&d->mutex);
	l = find_lock(d, lock);
	if (l->holder == NULL)
		*l = (struct held_lock){ .lock = lock, .holder = io };
	else if (l->holder != io)
		rc = -EAGAIN;
	pthread_mutex_unlock(&d->mutex);
	return rc;
}

static int mem_is_locked(struct ring_io *io, uint32_t lock)
{
	struct mem_disk *d = from_io(io)->disk;
	const struct ring_io *holder;

	pthread_mutex_lock(&d->mutex);
	holder = find_lock(d, lock)->holder;
	pthread_mutex_unlock(&d->mutex);
	return holder != NULL && holder != io;
}

static int mem_unlock(struct ring_io *io, uint32_t lock)
{
	struct mem_disk *d = from_io(io)->disk;
	struct held_lock *l;

	pthread_mutex_lock(&d->mutex);
	l = find_lock(d, lock);
	if (l->holder == io)
		l->holder = NULL;
	pthread_mutex_unlock(&d->mutex);
	return 0;
}

/* ---- handles ------------------------------------------------------------ */

static int mem_watch(struct ring_io *io)
{
	(void)io;
	return -ENOTSUP;
}

static int mem_size(struct ring_io *io, uint64_t *ret_bytes)
{
	*ret_bytes = from_io(io)->disk->size_bytes;
	return 0;
}

static void mem_close(struct ring_io *io)
{
	struct mem_io *m = from_io(io);
	struct mem_disk *d = m->disk;

	for (unsigned i = 0; i < RING_IO_UNDER_WAY_MAX; i++)
		if (m->runs[i].batch != NULL)
			(void)mem_wait(io, m->runs[i].batch);
	pthread_mutex_lock(&d->mutex);
	for (unsigned i = 0; i < LOCKS_MAX; i++)
		if (d->locks[i].holder == io)
			d->locks[i].holder = NULL;
	d->handles--;
	pthread_mutex_unlock(&d->mutex);
	free(m);
}

static const struct ring_io_ops mem_ops = {
	.start = mem_start,
	.wait = mem_wait,
	.drop_cache = mem_drop_cache,
	.lock = mem_lock,
	.is_locked = mem_is_locked,
	.unlock = mem_unlock,
	.watch = mem_watch,
	.size = mem_size,
	.close = mem_close,
};

static struct ring_io *open_as(struct mem_disk *d, bool read_only)
{
	struct mem_io *m = calloc(1, sizeof(*m));

	assert(m != NULL);
	m->disk = d;
	m->io = (struct ring_io){
		.ops = &mem_ops,
		.engine = "memory",
		.size_bytes = d->size_bytes,
		.sector_bytes = d->sector_bytes,
		.read_only = read_only,
	};
	pthread_mutex_lock(&d->mutex);
	d->handles++;
	pthread_mutex_unlock(&d->mutex);
	return &m->io;
}

struct ring_io *mem_disk_open(struct mem_disk *d)
{
	return open_as(d, false);
}

struct ring_io *mem_disk_open_read_only(struct mem_disk *d)
{
	return open_as(d, true);
}

/* ---- the disk ----------------------------------------------------------- */

struct mem_disk *mem_disk_new(uint64_t size_bytes, uint32_t sector_bytes)
{
	struct mem_disk *d = calloc(1, sizeof(*d));

	assert(d != NULL);
	assert(size_bytes % sector_bytes == 0);
	d->bytes = calloc(1, size_bytes);
	assert(d->bytes != NULL);
	d->size_bytes = size_bytes;
	d->sector_bytes = sector_bytes;
	pthread_mutex_init(&d->mutex, NULL);
	return d;
}

void mem_disk_free(struct mem_disk *d)
{
	if (d == NULL)
		return;
	assert(d->handles == 0);
	pthread_mutex_destroy(&d->mutex);
	free(d->bytes);
	free(d);
}

uint8_t *mem_disk_bytes(struct mem_disk *d)
{
	return d->bytes;
}

struct mem_disk_counts mem_disk_counts(struct mem_disk *d)
{
	struct mem_disk_counts counts;

	pthread_mutex_lock(&d->mutex);
	counts = d->counts;
	pthread_mutex_unlock(&d->mutex);
	return counts;
}

void mem_disk_reset_counts(struct mem_disk *d)
{
	pthread_mutex_lock(&d->mutex);
	d->counts = (struct mem_disk_counts){ 0 };
	pthread_mutex_unlock(&d->mutex);
}

void mem_disk_fail(struct mem_disk *d, struct mem_disk_fault fault)
{
	pthread_mutex_lock(&d->mutex);
	d->fault = fault;
	d->op_count = 0;
	d->fault_was_hit = false;
	pthread_mutex_unlock(&d->mutex);
}

bool mem_disk_fault_was_hit(struct mem_disk *d)
{
	bool hit;

	pthread_mutex_lock(&d->mutex);
	hit = d->fault_was_hit;
	pthread_mutex_unlock(&d->mutex);
	return hit;
}
