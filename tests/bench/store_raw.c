/*
 * The limit: a file that was written once, so that its blocks are there, and
 * is written again and again. A batch is one write of its bytes in whole
 * blocks, and what makes it durable. Behind its blocks are two more places,
 * for what some ways read and write besides.
 */
#include "tests/bench/store.h"

#include "ring/checksum.h"
#include "tests/bench/bench.h"
#include "tests/bench/call.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	QUEUE_DEPTH = 4,
	PATH_BYTES = 4300,
	FENCE_BYTES = 8192, /* a pair of blocks */
	SEAL_BYTES = 4096,
};

struct raw {
	const struct workload *w;
	int fd;
	uint8_t *items;   /* prepared, if the payload is filled from there */
	uint8_t *payload; /* what is written */
	uint64_t hashes;
	void *fence; /* what is read of it */
	size_t len_bytes;
	off_t offset;
	bool has_uring;
	bool seals; /* a seal is under way */
	struct io_uring uring;
};

static bool uses_uring(const struct workload *w)
{
	return w->way >= RAW_URING_CALL;
}

static off_t fence_offset(const struct raw *raw)
{
	return (off_t)raw->w->file_bytes;
}

static off_t seal_offset(const struct raw *raw)
{
	return fence_offset(raw) + FENCE_BYTES;
}

static void raw_close(void *store)
{
	struct raw *raw = store;

	if (raw->has_uring)
		io_uring_queue_exit(&raw->uring);
	if (raw->fd >= 0)
		close(raw->fd);
	free(raw->items);
	free(raw->payload);
	free(raw->fence);
	free(raw);
}

/* Write all of the file, through the same descriptor. */
static int fill(struct raw *raw)
{
	const size_t end = (size_t)seal_offset(raw) + SEAL_BYTES;

	for (size_t at = 0; at < end; at += raw->len_bytes) {
		const int rc = call_result(pwrite(raw->fd, raw->payload,
						  raw->len_bytes, (off_t)at),
					   raw->len_bytes);

		if (rc < 0)
			return rc;
	}
	return fsync(raw->fd) < 0 ? -errno : 0;
}

static int make_file(struct raw *raw, const char *dir)
{
	const int flags = raw->w->mode == RING_IO_DIRECT ? O_DIRECT : 0;
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/file", dir);
	raw->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | flags, 0600);
	return raw->fd < 0 ? -errno : fill(raw);
}

static int set_up_uring(struct raw *raw)
{
	int rc = io_uring_queue_init(QUEUE_DEPTH, &raw->uring, 0);

	raw->has_uring = rc == 0;
	return rc;
}

static bool get_memory(struct raw *raw)
{
	const struct workload *w = raw->w;

	raw->payload = store_payload(w);
	raw->fence = store_buffer(FENCE_BYTES);
	if (w->fills)
		raw->items = store_payload(w);
	return raw->payload != NULL && raw->fence != NULL &&
	       (raw->items != NULL || !w->fills);
}

static int raw_open(const struct workload *w, const char *dir, void **ret_store)
{
	struct raw *raw = calloc(1, sizeof(*raw));
	int rc = -ENOMEM;

	if (raw == NULL)
		return rc;
	raw->w = w;
	raw->fd = -1;
	raw->len_bytes = store_batch_bytes(w);
	if (get_memory(raw))
		rc = make_file(raw, dir);
	if (rc == 0 && uses_uring(w))
		rc = set_up_uring(raw);
	if (rc < 0) {
		raw_close(raw);
		return store_open_failed(w, "raw", rc, strerror(-rc));
	}
	*ret_store = raw;
	return 0;
}

/* ---- plain calls -------------------------------------------------------- */

static int write_batch(struct raw *raw)
{
	return call_result(
		pwrite(raw->fd, raw->payload, raw->len_bytes, raw->offset),
		raw->len_bytes);
}

static int write_and_flush(struct raw *raw)
{
	const int rc = write_batch(raw);

	return rc < 0 ? rc : call_flush(raw->fd);
}

static int write_dsync(struct raw *raw)
{
	const struct iovec v = { raw->payload, raw->len_bytes };

	return call_result(pwritev2(raw->fd, &v, 1, raw->offset, RWF_DSYNC),
			   raw->len_bytes);
}

static int write_fence(struct raw *raw)
{
	int rc = write_batch(raw);

	if (rc == 0)
		rc = call_result(pread(raw->fd, raw->fence, FENCE_BYTES,
				       fence_offset(raw)),
				 FENCE_BYTES);
	return rc < 0 ? rc : call_flush(raw->fd);
}

static int write_fence_seal(struct raw *raw)
{
	const int rc = write_fence(raw);

	return rc < 0 ? rc
		      : call_result(pwrite(raw->fd, raw->payload, SEAL_BYTES,
					   seal_offset(raw)),
				    SEAL_BYTES);
}

/* ---- io_uring ----------------------------------------------------------- */

static struct io_uring_sqe *prepare_write(struct raw *raw)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&raw->uring);

	io_uring_prep_write(sqe, raw->fd, raw->payload,
			    (unsigned)raw->len_bytes, (uint64_t)raw->offset);
	io_uring_sqe_set_data64(sqe, raw->len_bytes);
	return sqe;
}

static void prepare_fsync(struct raw *raw)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&raw->uring);

	io_uring_prep_fsync(sqe, raw->fd, IORING_FSYNC_DATASYNC);
	io_uring_sqe_set_data64(sqe, 0);
}

static void prepare_fence(struct raw *raw)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&raw->uring);

	io_uring_prep_read(sqe, raw->fd, raw->fence, FENCE_BYTES,
			   (uint64_t)fence_offset(raw));
	io_uring_sqe_set_data64(sqe, FENCE_BYTES);
}

static void prepare_seal(struct raw *raw)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&raw->uring);

	io_uring_prep_write(sqe, raw->fd, raw->payload, SEAL_BYTES,
			    (uint64_t)seal_offset(raw));
	io_uring_sqe_set_data64(sqe, SEAL_BYTES);
}

/* Each entry's data is what it is to return. */
static int reap(struct raw *raw, unsigned count)
{
	int rc = 0;

	for (unsigned i = 0; rc >= 0 && i < count; i++) {
		struct io_uring_cqe *cqe;

		rc = io_uring_wait_cqe(&raw->uring, &cqe);
		if (rc < 0)
			break;
		if (cqe->res != (int)cqe->user_data)
			rc = cqe->res < 0 ? cqe->res : -EIO;
		io_uring_cqe_seen(&raw->uring, cqe);
	}
	return rc < 0 ? rc : 0;
}

static int submit_and_reap(struct raw *raw, unsigned count)
{
	const int rc = io_uring_submit_and_wait(&raw->uring, count);

	return rc < 0 ? rc : reap(raw, count);
}

static int uring_call(struct raw *raw)
{
	int rc;

	prepare_write(raw);
	rc = submit_and_reap(raw, 1);
	return rc < 0 ? rc : call_flush(raw->fd);
}

static int uring_link(struct raw *raw)
{
	prepare_write(raw)->flags |= IOSQE_IO_LINK;
	prepare_fsync(raw);
	return submit_and_reap(raw, 2);
}

static int uring_dsync(struct raw *raw)
{
	prepare_write(raw)->rw_flags = RWF_DSYNC;
	return submit_and_reap(raw, 1);
}

/* A single write is no slower as a call. The seal of the last one may still be
 * under way. */
static int uring_fence(struct raw *raw)
{
	const unsigned under_way = raw->seals ? 2 : 1;
	int rc = write_batch(raw);

	if (rc < 0)
		return rc;
	prepare_fence(raw);
	rc = io_uring_submit(&raw->uring);
	if (rc >= 0)
		rc = call_flush(raw->fd);
	raw->seals = false;
	return rc < 0 ? rc : reap(raw, under_way);
}

static int uring_fence_seal(struct raw *raw)
{
	int rc = uring_fence(raw);

	if (rc < 0)
		return rc;
	prepare_seal(raw);
	rc = io_uring_submit(&raw->uring);
	raw->seals = rc >= 0;
	return rc < 0 ? rc : 0;
}

static int (*const ways[])(struct raw *raw) = {
	[RAW_FLUSH] = write_and_flush,
	[RAW_DSYNC] = write_dsync,
	[RAW_FENCE] = write_fence,
	[RAW_FENCE_SEAL] = write_fence_seal,
	[RAW_URING_CALL] = uring_call,
	[RAW_URING_LINK] = uring_link,
	[RAW_URING_DSYNC] = uring_dsync,
	[RAW_URING_FENCE] = uring_fence,
	[RAW_URING_FENCE_SEAL] = uring_fence_seal,
};

/* Item by item, as they come to the ring. */
static void fill_payload(struct raw *raw)
{
	const size_t item = raw->w->item_bytes;

	for (size_t i = 0; i < raw->w->batch_items; i++) {
		memcpy(raw->payload + i * item, raw->items + i * item, item);
		raw->hashes += checksum(raw->payload + i * item, item, i);
	}
}

static int raw_put(void *store)
{
	struct raw *raw = store;
	int rc;

	if (raw->w->fills)
		fill_payload(raw);
	rc = ways[raw->w->way](raw);
	if (rc < 0) {
		bench_error("raw: %s", strerror(-rc));
		return rc;
	}
	raw->offset += (off_t)raw->len_bytes;
	if ((size_t)raw->offset + raw->len_bytes > raw->w->file_bytes)
		raw->offset = 0;
	return 0;
}

static int nothing(void *store)
{
	(void)store;
	return 0;
}

const struct store_ops store_raw = {
	.open = raw_open,
	.put = raw_put,
	.clear = nothing,
	.close = raw_close,
};
