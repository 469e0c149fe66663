/*
 * The floor of a drain with direct I/O: what the rules (DESIGN.md) demand of
 * it, by bare calls. The bytes that the ring stores are read in its chunks, one
 * ahead; behind each chunk the producer's slots (R8); every record is hashed
 * and every item read, but nothing is parsed. Each `step_items` a cursor is
 * stored durably: a block, its flush beside the read of the fence (R11), and
 * behind it the seal (R4 a), which is not waited for.
 */
#include "tests/bench/store.h"

#include "ring/checksum.h"
#include "tests/bench/bench.h"
#include "tests/bench/data_area.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PATH_BYTES = 4300,
	CHUNK = 2 * STORE_MIB,
	BLOCK = 4096,
	PAIRS_BYTES = 16384, /* of slots: this epoch's and the next */
	QUEUE_DEPTH = 8,
};

/* What may be under way in the queue, each once. */
enum errand { AHEAD, FENCE, SEAL, ERRANDS };

struct steps {
	const struct workload *w;
	struct data_area area;
	int cursor; /* a file of two blocks */
	uint8_t *chunks[2];
	unsigned current;  /* the chunk that is looked at; the other is read */
	size_t next_bytes; /* in the other; 0: there are no more */
	uint8_t *pairs, *fence, *block;
	size_t items; /* since the last step */
	uint64_t hashes;
	bool has_uring;
	struct io_uring uring;
	size_t owed[ERRANDS]; /* bytes of what is under way; 0: it is not */
};

static void steps_close(void *store)
{
	struct steps *s = store;

	if (s->has_uring)
		io_uring_queue_exit(&s->uring);
	if (s->cursor > 0)
		close(s->cursor);
	data_area_close(&s->area);
	free(s->chunks[0]);
	free(s->chunks[1]);
	free(s->pairs);
	free(s->fence);
	free(s->block);
	free(s);
}

static bool get_memory(struct steps *s)
{
	s->chunks[0] = store_buffer(CHUNK);
	s->chunks[1] = store_buffer(CHUNK);
	s->pairs = store_buffer(PAIRS_BYTES);
	s->fence = store_buffer(PAIRS_BYTES);
	s->block = store_buffer(BLOCK);
	return s->chunks[0] != NULL && s->chunks[1] != NULL &&
	       s->pairs != NULL && s->fence != NULL && s->block != NULL;
}

static int store_block(struct steps *s, off_t offset)
{
	return pwrite(s->cursor, s->block, BLOCK, offset) == BLOCK ? 0 : -errno;
}

static int make_cursor(struct steps *s, const char *dir)
{
	char path[PATH_BYTES];
	int rc;

	memset(s->block, 1, BLOCK);
	snprintf(path, sizeof(path), "%s/cursor", dir);
	s->cursor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_DIRECT, 0600);
	if (s->cursor < 0)
		return -errno;
	rc = store_block(s, 0);
	if (rc == 0)
		rc = store_block(s, BLOCK);
	if (rc == 0 && fsync(s->cursor) < 0)
		rc = -errno;
	return rc;
}

static int set_up(struct steps *s, const char *dir)
{
	int rc = make_cursor(s, dir);

	if (rc == 0)
		rc = io_uring_queue_init(QUEUE_DEPTH, &s->uring, 0);
	s->has_uring = rc == 0;
	return rc < 0 ? store_open_failed(s->w, "raw", rc, strerror(-rc)) : 0;
}

static int steps_open(const struct workload *w, const char *dir,
		      void **ret_store)
{
	struct steps *s = calloc(1, sizeof(*s));
	int rc = -ENOMEM;

	if (s == NULL)
		return rc;
	s->w = w;
	if (get_memory(s))
		rc = data_area_open(&s->area, w, dir);
	if (rc == 0)
		rc = set_up(s, dir);
	if (rc != 0) {
		steps_close(s);
		return rc;
	}
	*ret_store = s;
	return 0;
}

/* ---- the queue ---------------------------------------------------------- */

/* One more may be on its way; `sqe` is prepared. */
static int submit(struct steps *s, struct io_uring_sqe *sqe, enum errand errand,
		  size_t len_bytes)
{
	int rc;

	io_uring_sqe_set_data64(sqe, errand);
	s->owed[errand] = len_bytes;
	rc = io_uring_submit(&s->uring);
	return rc < 0 ? rc : 0;
}

static int await(struct steps *s, enum errand errand)
{
	while (s->owed[errand] > 0) {
		struct io_uring_cqe *cqe;
		const int rc = io_uring_wait_cqe(&s->uring, &cqe);
		size_t *owed;
		bool is_whole;

		if (rc < 0)
			return rc;
		owed = &s->owed[cqe->user_data];
		is_whole = cqe->res == (int)*owed;
		*owed = 0;
		io_uring_cqe_seen(&s->uring, cqe);
		if (!is_whole)
			return -EIO;
	}
	return 0;
}

/* ---- a drain ------------------------------------------------------------ */

static int read_ahead(struct steps *s, uint64_t *left)
{
	const struct piece p =
		data_area_next(&s->area, *left < CHUNK ? *left : CHUNK);
	struct io_uring_sqe *sqe;

	s->next_bytes = p.len_bytes;
	if (p.len_bytes == 0)
		return 0;
	*left -= p.len_bytes;
	sqe = io_uring_get_sqe(&s->uring);
	io_uring_prep_read(sqe, s->area.fd, s->chunks[1 - s->current],
			   (unsigned)p.len_bytes, (uint64_t)p.offset);
	return submit(s, sqe, AHEAD, p.len_bytes);
}

static int read_pairs(struct steps *s)
{
	return pread(s->area.fd, s->pairs, PAIRS_BYTES, 0) == PAIRS_BYTES
		       ? 0
		       : -EIO;
}

static int read_fence(struct steps *s)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&s->uring);

	io_uring_prep_read(sqe, s->area.fd, s->fence, PAIRS_BYTES, PAIRS_BYTES);
	return submit(s, sqe, FENCE, PAIRS_BYTES);
}

static int seal(struct steps *s)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&s->uring);

	io_uring_prep_write(sqe, s->cursor, s->block, BLOCK, BLOCK);
	return submit(s, sqe, SEAL, BLOCK);
}

static int step(struct steps *s)
{
	int rc = await(s, SEAL);

	if (rc == 0)
		rc = store_block(s, 0);
	if (rc == 0)
		rc = read_fence(s);
	if (rc == 0 && fdatasync(s->cursor) < 0)
		rc = -errno;
	if (rc == 0)
		rc = await(s, FENCE);
	return rc == 0 ? seal(s) : rc;
}

/* Where records begin does not matter to what they cost. */
static int look(struct steps *s, size_t len_bytes, struct tally *t)
{
	const size_t record = data_area_record_bytes(s->w);
	const uint8_t *chunk = s->chunks[s->current];
	int rc = 0;

	for (size_t at = 0; rc == 0 && at + record <= len_bytes; at += record) {
		s->hashes += checksum(chunk + at, record, at);
		tally_add(t, chunk + at + record - s->w->item_bytes,
			  s->w->item_bytes);
		if (++s->items % s->w->step_items == 0)
			rc = step(s);
	}
	return rc;
}

static int drain_all(struct steps *s, struct tally *t)
{
	uint64_t left = data_area_stored_bytes(s->w);
	int rc = read_ahead(s, &left);

	while (rc == 0 && s->next_bytes > 0) {
		const size_t len_bytes = s->next_bytes;

		rc = await(s, AHEAD);
		s->current = 1 - s->current;
		if (rc == 0)
			rc = read_pairs(s);
		if (rc == 0)
			rc = read_ahead(s, &left);
		if (rc == 0)
			rc = look(s, len_bytes, t);
	}
	return rc;
}

static int steps_drain(void *store, struct tally *t)
{
	const int rc = drain_all(store, t);

	if (rc < 0)
		bench_error("raw: %s", strerror(-rc));
	return rc;
}

static int nothing(void *store)
{
	(void)store;
	return 0;
}

const struct store_ops store_steps = {
	.open = steps_open,
	.put = nothing,
	.clear = nothing,
	.drain = steps_drain,
	.rewind = nothing,
	.close = steps_close,
};
