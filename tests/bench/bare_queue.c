#include "tests/bench/bare_queue.h"

#include "tests/bench/call.h"
#include "tests/bench/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	ITEM_BYTES = 64,
	BATCH_MAX = 1000,
	ITEMS = 1 << 18,    /* that the file holds */
	DATA_OFFSET = 4096, /* the reader's position is in front */
	READ_ITEMS = 1024,  /* with one call */
	REST_NS = 20000,
};

static off_t offset_of(uint64_t item)
{
	return DATA_OFFSET + (off_t)(item % ITEMS) * ITEM_BYTES;
}

/* So many that no call goes beyond the end of the file. */
static uint64_t in_one_piece(uint64_t item, uint64_t items)
{
	const uint64_t left = ITEMS - item % ITEMS;

	return items < left ? items : left;
}

int bare_queue_open(struct bare_queue *q, const char *path)
{
	*q = (struct bare_queue){ .batch = calloc(BATCH_MAX, ITEM_BYTES) };
	if (q->batch == NULL)
		return -ENOMEM;
	q->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (q->fd < 0) {
		q->fd = 0;
		return -errno;
	}
	return -posix_fallocate(q->fd, 0,
				DATA_OFFSET + (off_t)ITEMS * ITEM_BYTES);
}

void bare_queue_close(struct bare_queue *q)
{
	if (q->fd > 0)
		close(q->fd);
	if (q->watch_fd > 0)
		close(q->watch_fd);
	free(q->batch);
	*q = (struct bare_queue){ .fd = 0 };
}

int bare_queue_watch(struct bare_queue *q, const char *path)
{
	const int fd = watch_open(path);

	if (fd < 0)
		return fd;
	q->watch_fd = fd;
	return 0;
}

void bare_queue_rest(void)
{
	const struct timespec rest = { .tv_nsec = REST_NS };

	nanosleep(&rest, NULL);
}

/* ---- who writes --------------------------------------------------------- */

static int look(struct bare_queue *q)
{
	return call_result(pread(q->fd, &q->taken, sizeof(q->taken), 0),
			   sizeof(q->taken));
}

static int make_room(struct bare_queue *q, unsigned items)
{
	int rc = look(q);

	while (rc == 0 && q->sent + items > q->taken + ITEMS) {
		bare_queue_rest();
		rc = look(q);
	}
	return rc;
}

int bare_queue_await(struct bare_queue *q)
{
	int rc = look(q);

	while (rc == 0 && q->taken < q->sent) {
		rc = watch_sleep(q->watch_fd, -1);
		if (rc == 0)
			rc = look(q);
	}
	return rc;
}

/* The number of an item, from 1 on, is what tells it from what was there. */
static int write_some(struct bare_queue *q, uint64_t items)
{
	int rc;

	for (uint64_t i = 0; i < items; i++) {
		const uint64_t number = q->sent + i + 1;

		memcpy(q->batch + i * ITEM_BYTES, &number, sizeof(number));
	}
	rc = call_result(
		pwrite(q->fd, q->batch, items * ITEM_BYTES, offset_of(q->sent)),
		items * ITEM_BYTES);
	q->sent += items;
	return rc;
}

int bare_queue_put(struct bare_queue *q, unsigned items)
{
	const uint64_t first = in_one_piece(q->sent, items);
	int rc = make_room(q, items);

	if (rc == 0)
		rc = write_some(q, first);
	return rc < 0 || first == items ? rc : write_some(q, items - first);
}

/* ---- who reads ---------------------------------------------------------- */

struct reader {
	int fd, watch_fd;
	uint64_t taken;
	char *buf;
};

static uint64_t count_new(const struct reader *r, uint64_t items)
{
	for (uint64_t i = 0; i < items; i++) {
		uint64_t number;

		memcpy(&number, r->buf + i * ITEM_BYTES, sizeof(number));
		if (number != r->taken + i + 1)
			return i;
	}
	return items;
}

/* 1: there was something. */
static int take_some(struct reader *r)
{
	const uint64_t most = in_one_piece(r->taken, READ_ITEMS);
	uint64_t items;
	int rc = call_result(
		pread(r->fd, r->buf, most * ITEM_BYTES, offset_of(r->taken)),
		most * ITEM_BYTES);

	if (rc < 0)
		return rc;
	items = count_new(r, most);
	r->taken += items;
	if (items == 0)
		return 0;
	rc = call_result(pwrite(r->fd, &r->taken, sizeof(r->taken), 0),
			 sizeof(r->taken));
	return rc < 0 ? rc : 1;
}

static int open_reader(struct reader *r, const char *path)
{
	r->buf = malloc(READ_ITEMS * ITEM_BYTES);
	r->fd = open(path, O_RDWR | O_CLOEXEC);
	if (r->buf == NULL)
		return -ENOMEM;
	if (r->fd < 0)
		return -errno;
	r->watch_fd = watch_open(path);
	return r->watch_fd < 0 ? r->watch_fd : 0;
}

/* It is killed in the end, so nothing is ever given back. */
int bare_queue_drain(const void *how, struct drainer_said *said)
{
	struct reader r = { .taken = 0 };
	int rc = open_reader(&r, how);

	while (rc >= 0) {
		rc = take_some(&r);
		if (rc == 1)
			drainer_say(said, r.taken);
		if (rc == 0)
			rc = watch_sleep(r.watch_fd, -1);
	}
	return rc;
}
