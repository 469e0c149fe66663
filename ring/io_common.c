#include "ring/io_common.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static_assert(sizeof(off_t) == 8, "needs 64-bit file offsets");

/*
 * The page cache may keep pages together in folios, and forgets a folio only
 * as a whole: a range that ends inside one leaves it cached. Folios are
 * aligned, and no larger than this where pages have 4 KiB.
 */
enum { FOLIO_MAX_BYTES = 2 * 1024 * 1024 };

/* Locks lie beyond any byte of the device, one byte each. */
static const off_t lock_base = (off_t)1 << 62;

/* Only whoever reads on and on reads more than that at once. */
enum { LOOK_MAX_BYTES = 256 * 1024 };

void ring_io_base_release(struct ring_io_base *base)
{
	if (base->fd >= 0)
		close(base->fd);
	free(base->path);
}

/* ---- the batches under way ---------------------------------------------- */

static bool is_write(const struct ring_io_op *op)
{
	return op->kind == RING_IO_WRITE;
}

static void assert_aligned(const struct ring_io *io,
			   const struct ring_io_op *op)
{
	assert(op->len_bytes > 0);
	assert(op->len_bytes % io->sector_bytes == 0);
	assert(op->offset_bytes % io->sector_bytes == 0);
	/* Buffers that suit any storage suit large sectors too. */
	assert((uintptr_t)op->buf % io->sector_bytes == 0 ||
	       (uintptr_t)op->buf % RING_IO_ALIGN == 0);
}

static int check_op(const struct ring_io *io, const struct ring_io_op *op)
{
	assert_aligned(io, op);
	if (op->offset_bytes > io->size_bytes ||
	    op->len_bytes > io->size_bytes - op->offset_bytes)
		return -RING_ERR_TRUNCATED;
	if (is_write(op) && io->read_only)
		return -EBADF;
	return 0;
}

static bool overlap(const struct ring_io_op *a, const struct ring_io_op *b)
{
	return a->offset_bytes < b->offset_bytes + b->len_bytes &&
	       b->offset_bytes < a->offset_bytes + a->len_bytes;
}

bool ring_io_writes_overlap(const struct ring_io_batch *a,
			    const struct ring_io_batch *b)
{
	for (unsigned i = 0; i < a->count; i++) {
		for (unsigned k = 0; k < b->count; k++) {
			const struct ring_io_op *x = &a->ops[i];
			const struct ring_io_op *y = &b->ops[k];

			if (x != y && is_write(x) && is_write(y) &&
			    overlap(x, y))
				return true;
		}
	}
	return false;
}

/* Where a further batch may be noted. */
static struct ring_io_run *free_run(struct ring_io_base *base,
				    const struct ring_io_batch *batch)
{
	struct ring_io_run *run = NULL;

	for (unsigned i = 0; i < RING_IO_UNDER_WAY_MAX; i++) {
		const struct ring_io_batch *other = base->runs[i].batch;

		if (other == NULL) {
			run = &base->runs[i];
			continue;
		}
		assert(other != batch);
		assert(!ring_io_writes_overlap(other, batch));
	}
	assert(run != NULL);
	return run;
}

static const struct ring_io_op *longest_read(const struct ring_io_batch *batch)
{
	const struct ring_io_op *longest = NULL;

	for (unsigned i = 0; i < batch->count; i++) {
		const struct ring_io_op *op = &batch->ops[i];

		if (!is_write(op) &&
		    (longest == NULL || op->len_bytes > longest->len_bytes))
			longest = op;
	}
	return longest;
}

/* Whether a read goes on where a long one ended, and is long, too. */
static bool reads_on(struct ring_io_base *base, const struct ring_io_op *op)
{
	const bool goes_on = op->offset_bytes == base->read_end;

	if (op->len_bytes <= LOOK_MAX_BYTES)
		return false;
	base->read_end = op->offset_bytes + op->len_bytes;
	return goes_on;
}

/*
 * Whoever waits at the end of the ring looks at what will be written next. Were
 * that read ahead, it would be for nothing, and into single pages; the page
 * cache keeps them, and from then on each write there and each flush of it
 * takes half as long again. So the kernel reads ahead only of whoever reads on.
 * A hint, so it may fail.
 */
static void advise(struct ring_io_base *base, const struct ring_io_batch *batch)
{
	const struct ring_io_op *op = longest_read(batch);
	bool looks;

	if (!base->io.buffered || op == NULL)
		return;
	looks = !reads_on(base, op);
	if (looks == base->looks)
		return;
	base->looks = looks;
	(void)posix_fadvise(base->fd, 0, 0,
			    looks ? POSIX_FADV_RANDOM : POSIX_FADV_NORMAL);
}

int ring_io_begin(struct ring_io_base *base, struct ring_io_batch *batch,
		  struct ring_io_run **ret_run)
{
	struct ring_io_run *run;

	assert(batch->count <= RING_IO_BATCH_MAX);
	assert(batch->count > 0 || batch->flush);
	for (unsigned i = 0; i < batch->count; i++) {
		int rc = check_op(&base->io, &batch->ops[i]);

		if (rc < 0)
			return rc;
	}
	run = free_run(base, batch);
	advise(base, batch);
	*run = (struct ring_io_run){ .batch = batch,
				     .owes_flush = batch->flush };
	*ret_run = run;
	return 0;
}

struct ring_io_run *ring_io_find_run(struct ring_io_base *base,
				     const struct ring_io_batch *batch)
{
	assert(batch != NULL);
	for (unsigned i = 0; i < RING_IO_UNDER_WAY_MAX; i++)
		if (base->runs[i].batch == batch)
			return &base->runs[i];
	return NULL;
}

int ring_io_end(struct ring_io_run *run)
{
	assert(run->in_flight == 0);
	run->batch = NULL;
	return run->result;
}

void ring_io_wait_for_all(struct ring_io_base *base)
{
	for (unsigned i = 0; i < RING_IO_UNDER_WAY_MAX; i++)
		if (base->runs[i].batch != NULL)
			(void)base->io.ops->wait(&base->io,
						 base->runs[i].batch);
}

void ring_io_note(struct ring_io_run *run, int rc)
{
	if (run->result == 0)
		run->result = rc;
}

bool ring_io_is_done(const struct ring_io_run *run, unsigned i)
{
	return run->done_bytes[i] == run->batch->ops[i].len_bytes;
}

bool ring_io_writes_are_done(const struct ring_io_run *run)
{
	for (unsigned i = 0; i < run->batch->count; i++)
		if (is_write(&run->batch->ops[i]) && !ring_io_is_done(run, i))
			return false;
	return true;
}

bool ring_io_in_round(const struct ring_io_run *run, unsigned i)
{
	if (ring_io_is_done(run, i))
		return false;
	return is_write(&run->batch->ops[i]) || ring_io_writes_are_done(run);
}

struct ring_io_op ring_io_rest(const struct ring_io_base *base,
			       const struct ring_io_run *run, unsigned i)
{
	const size_t done = run->done_bytes[i];
	struct ring_io_op rest = run->batch->ops[i];

	rest.buf = (uint8_t *)rest.buf + done;
	rest.offset_bytes += done;
	rest.len_bytes -= done;
	if (rest.len_bytes > base->transfer_max_bytes)
		rest.len_bytes = base->transfer_max_bytes;
	return rest;
}

void ring_io_account(const struct ring_io_base *base, struct ring_io_run *run,
		     unsigned i, ssize_t answer)
{
	const struct ring_io_op *op = &run->batch->ops[i];
	size_t step;

	if (answer == -EINTR)
		return; /* the next round asks again */
	if (answer < 0) {
		ring_io_note(run, (int)answer);
		return;
	}

	step = (size_t)answer;
	assert(step <= op->len_bytes - run->done_bytes[i]);
	if (!base->io.buffered) /* can't go on in the middle of a sector */
		step -= step % base->io.sector_bytes;
	run->done_bytes[i] += step;
	if (step == 0) /* the device has become smaller; a write says why */
		ring_io_note(run, is_write(op) ? -EIO : -RING_ERR_TRUNCATED);
}

void ring_io_transfer(const struct ring_io_base *base, struct ring_io_run *run,
		      unsigned i)
{
	const struct ring_io_op op = ring_io_rest(base, run, i);
	const off_t offset = (off_t)op.offset_bytes;
	const ssize_t n =
		is_write(&op) ? pwrite(base->fd, op.buf, op.len_bytes, offset)
			      : pread(base->fd, op.buf, op.len_bytes, offset);

	ring_io_account(base, run, i, n < 0 ? -errno : n);
}

bool ring_io_needs_round(const struct ring_io_run *run)
{
	if (run->result != 0)
		return false;
	for (unsigned i = 0; i < run->batch->count; i++)
		if (!ring_io_is_done(run, i))
			return true;
	return false;
}

/*
 * What a reader saw of a buffered write that is still being copied may lie in
 * a page that is not marked dirty yet: a flush would pass it over. Writers
 * hold the inode's lock, and looking for data takes it (shared), so this waits
 * until they are done. DESIGN.md, rule R4.
 */
static void wait_for_writers(const struct ring_io_base *base)
{
	if (base->io.buffered)
		(void)lseek(base->fd, 0, SEEK_DATA);
}

void ring_io_flush(const struct ring_io_base *base, struct ring_io_run *run)
{
	int rc;

	if (!run->owes_flush || run->result != 0)
		return;
	run->owes_flush = false;
	wait_for_writers(base);
	do {
		rc = fdatasync(base->fd);
	} while (rc < 0 && errno == EINTR);
	if (rc < 0)
		ring_io_note(run, -errno);
}

void ring_io_pause(void)
{
	const struct timespec delay = { .tv_nsec = 1000000 };

	nanosleep(&delay, NULL);
}

/* ---- members of ring_io_ops that all engines share ---------------------- */

int ring_io_drop_cache(struct ring_io *io, uint64_t offset_bytes,
		       uint64_t len_bytes)
{
	const struct ring_io_base *base = ring_io_to_base(io);
	const uint64_t mask = FOLIO_MAX_BYTES - 1;
	const uint64_t start = offset_bytes & ~mask;
	const uint64_t end = (offset_bytes + len_bytes + mask) & ~mask;

	if (!io->buffered || len_bytes == 0)
		return 0;
	return -posix_fadvise(base->fd, (off_t)start, (off_t)(end - start),
			      POSIX_FADV_DONTNEED);
}

/*
 * A lock of the open file description: it is not lost when another descriptor
 * of the file is closed, excludes other descriptions of the same process, and
 * lives as long as I/O that was started on this one.
 */
static int set_lock(struct ring_io *io, uint32_t lock, short type)
{
	struct flock request = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = lock_base + (off_t)lock,
		.l_len = 1,
	};

	if (fcntl(ring_io_to_base(io)->fd, F_OFD_SETLK, &request) == 0)
		return 0;
	return errno == EACCES ? -EAGAIN : -errno;
}

int ring_io_lock(struct ring_io *io, uint32_t lock)
{
	return set_lock(io, lock, F_WRLCK);
}

int ring_io_is_locked(struct ring_io *io, uint32_t lock)
{
	struct flock request = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = lock_base + (off_t)lock,
		.l_len = 1,
	};

	if (fcntl(ring_io_to_base(io)->fd, F_OFD_GETLK, &request) < 0)
		return -errno;
	return request.l_type != F_UNLCK;
}

int ring_io_unlock(struct ring_io *io, uint32_t lock)
{
	return set_lock(io, lock, F_UNLCK);
}

int ring_io_watch(struct ring_io *io)
{
	const struct ring_io_base *base = ring_io_to_base(io);
	const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char self[32];

	if (fd < 0)
		return -ENOTSUP;

	/* The descriptor's own file first: the name may have moved on. */
	snprintf(self, sizeof(self), "/proc/self/fd/%d", base->fd);
	if (inotify_add_watch(fd, self, IN_MODIFY | IN_ATTRIB) < 0 &&
	    inotify_add_watch(fd, base->path, IN_MODIFY | IN_ATTRIB) < 0) {
		close(fd);
		return -ENOTSUP;
	}
	return fd;
}

int ring_io_size(struct ring_io *io, uint64_t *ret_bytes)
{
	const int fd = ring_io_to_base(io)->fd;
	struct stat st;
	uint64_t bytes;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISBLK(st.st_mode)) {
		if (ioctl(fd, BLKGETSIZE64, &bytes) < 0)
			return -errno;
	} else {
		bytes = (uint64_t)st.st_size;
	}
	*ret_bytes = bytes;
	return 0;
}
