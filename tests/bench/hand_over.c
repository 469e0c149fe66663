#include "tests/bench/hand_over.h"

#include "ring/ring.h"
#include "tests/bench/bench.h"
#include "tests/bench/call.h"
#include "tests/bench/drainer.h"
#include "tests/bench/store.h"
#include "tests/bench/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PATH_BYTES = 4300,
	BLOCK = 4096,
	FILE_BYTES = 16 * STORE_MIB,
	ITEMS = FILE_BYTES / BLOCK - 1, /* the first block is the mark */
	MARK_OFFSET = 0,
	LOOK_MS = 1,
};

struct hand_over {
	char path[PATH_BYTES];
	enum ring_io_mode mode;
	int fd;
	int pipe_fds[2]; /* a byte for each item that was taken */
	uint64_t sent;
	uint8_t *block;
	struct drainer reader;
};

/* Items are numbered from 1 on, and that is all they say. */
static off_t offset_of(uint64_t item)
{
	return BLOCK + (off_t)(item % ITEMS) * BLOCK;
}

static int open_file(const struct hand_over *h, int flags)
{
	const int direct = h->mode == RING_IO_DIRECT ? O_DIRECT : 0;
	const int fd = open(h->path, O_RDWR | O_CLOEXEC | direct | flags, 0600);

	return fd < 0 ? -errno : fd;
}

/* ---- who reads ---------------------------------------------------------- */

struct reader {
	const struct hand_over *with;
	int fd, watch_fd;
	uint64_t taken;
	uint8_t *block;
};

static int open_reader(struct reader *r)
{
	r->block = store_buffer(BLOCK);
	if (r->block == NULL)
		return -ENOMEM;
	r->fd = open_file(r->with, 0);
	if (r->fd < 0)
		return r->fd;
	r->watch_fd = watch_open(r->with->path);
	return r->watch_fd < 0 ? r->watch_fd : 0;
}

/* 1: the next item's number is there. */
static int look(const struct reader *r, off_t offset)
{
	uint64_t number;
	const int rc =
		call_result(pread(r->fd, r->block, BLOCK, offset), BLOCK);

	memcpy(&number, r->block, sizeof(number));
	return rc < 0 ? rc : number == r->taken + 1;
}

/* Asleep first: it is not there yet. */
static int await(const struct reader *r, off_t offset, int timeout_ms)
{
	int rc;

	do {
		rc = watch_sleep(r->watch_fd, timeout_ms);
		if (rc == 0)
			rc = look(r, offset);
	} while (rc == 0);
	return rc < 0 ? rc : 0;
}

/* The mark may have come with the item, in one event: so look anyhow. */
static int prove(const struct reader *r)
{
	if (r->with->mode != RING_IO_DIRECT)
		return call_flush(r->fd);
	return await(r, MARK_OFFSET, LOOK_MS);
}

static int take_one(struct reader *r)
{
	const int rc = await(r, offset_of(r->taken + 1), -1);

	return rc < 0 ? rc : prove(r);
}

static int say(const struct reader *r)
{
	return call_result(write(r->with->pipe_fds[1], "", 1), 1);
}

/* A drainer_fn. It is killed in the end, so nothing is ever given back. */
static int run_reader(const void *how, struct drainer_said *said)
{
	struct reader r = { .with = how };
	int rc = open_reader(&r);

	if (rc == 0)
		rc = say(&r); /* it is ready */
	while (rc == 0) {
		rc = take_one(&r);
		if (rc < 0)
			break;
		drainer_say(said, ++r.taken);
		rc = say(&r);
	}
	return rc;
}

/* ---- who writes --------------------------------------------------------- */

static int failed(int rc)
{
	return bench_failed("bare", rc, NULL);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void hand_over_close(void *it)
{
	struct hand_over *h = it;

	drainer_stop(&h->reader);
	close_fd(&h->pipe_fds[0]);
	close_fd(&h->pipe_fds[1]);
	close_fd(&h->fd);
	free(h->block);
	free(h);
}

/* Written once, so that no extent is new. */
static int make_file(struct hand_over *h)
{
	int rc = 0;

	memset(h->block, 0, BLOCK);
	h->fd = open_file(h, O_CREAT);
	if (h->fd < 0)
		return h->fd;
	for (off_t at = 0; rc == 0 && at < FILE_BYTES; at += BLOCK)
		rc = call_result(pwrite(h->fd, h->block, BLOCK, at), BLOCK);
	return rc < 0 ? rc : call_flush(h->fd);
}

/* Nobody else may hold the writing end, or its death went unnoticed. */
static int listen_to_reader(const struct hand_over *h)
{
	char byte;
	const ssize_t n = read(h->pipe_fds[0], &byte, 1);
	const int code = atomic_load(&h->reader.said->code);

	if (n != 0)
		return call_result(n, 1);
	return code < 0 ? code : -ECHILD;
}

static int start(struct hand_over *h)
{
	int rc = make_file(h);

	if (rc < 0)
		return rc;
	if (pipe(h->pipe_fds) < 0)
		return -errno;
	rc = drainer_start(&h->reader, run_reader, h);
	close_fd(&h->pipe_fds[1]);
	return rc < 0 ? rc : listen_to_reader(h);
}

static int hand_over_open(const void *how, const char *dir, void **ret_it)
{
	struct hand_over *h = calloc(1, sizeof(*h));
	int rc = -ENOMEM;

	if (h == NULL)
		return rc;
	h->mode = *(const enum ring_io_mode *)how;
	h->fd = h->pipe_fds[0] = h->pipe_fds[1] = -1;
	h->block = store_buffer(BLOCK);
	snprintf(h->path, sizeof(h->path), "%s/bare", dir);
	if (h->block != NULL)
		rc = start(h);
	if (rc < 0) {
		hand_over_close(h);
		return failed(rc);
	}
	*ret_it = h;
	return 0;
}

static int write_block(const struct hand_over *h, off_t offset)
{
	return call_result(pwrite(h->fd, h->block, BLOCK, offset), BLOCK);
}

static int send_one(struct hand_over *h)
{
	int rc;

	h->sent++;
	memcpy(h->block, &h->sent, sizeof(h->sent));
	rc = write_block(h, offset_of(h->sent));
	if (rc == 0)
		rc = call_flush(h->fd);
	if (rc == 0 && h->mode == RING_IO_DIRECT)
		rc = write_block(h, MARK_OFFSET);
	return rc;
}

static int hand_over_once(void *it, double *ret_us)
{
	struct hand_over *h = it;
	const double start_us = measure_now_us();
	int rc = send_one(h);

	if (rc == 0)
		rc = listen_to_reader(h);
	*ret_us = (double)atomic_load(&h->reader.said->at_ns) / 1e3 - start_us;
	return rc < 0 ? failed(rc) : 0;
}

const struct timed_ops hand_over_bare = {
	.open = hand_over_open,
	.close = hand_over_close,
	.once = hand_over_once,
};
