/*
 * The engine on io_uring: what may run at the same time goes out in one system
 * call. What has to be waited for at once, a flush or a single write before
 * one, costs less as a call of its own: nobody has to be woken when it is done.
 */
#include "ring/io_common.h"

#include <assert.h>
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

enum {
	QUEUE_DEPTH = 32, /* of submissions; for completions it is doubled */
	TAGS_PER_RUN = RING_IO_BATCH_MAX,
};

static_assert((int)QUEUE_DEPTH >= (int)RING_IO_BATCH_MAX, "a batch fits");
static_assert(2 * QUEUE_DEPTH >= RING_IO_UNDER_WAY_MAX * RING_IO_BATCH_MAX,
	      "all that can be in flight may complete at once");

struct uring_io {
	struct ring_io_base base; /* first: a ring_io * is a uring_io * */
	struct io_uring ring;
};

static struct uring_io *to_uring(struct ring_io *io)
{
	return (struct uring_io *)(void *)io;
}

static struct io_uring_sqe *next_sqe(struct uring_io *u)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&u->ring);

	assert(sqe != NULL); /* all earlier ones are submitted or withdrawn */
	return sqe;
}

/* What an entry is for: operation i of a run. */
static uint64_t tag_of(const struct uring_io *u, const struct ring_io_run *run,
		       unsigned i)
{
	return (uint64_t)(run - u->base.runs) * TAGS_PER_RUN + i;
}

static void prepare_op(struct uring_io *u, const struct ring_io_run *run,
		       unsigned i)
{
	const struct ring_io_op rest = ring_io_rest(&u->base, run, i);
	const unsigned len = (unsigned)rest.len_bytes;
	struct io_uring_sqe *sqe = next_sqe(u);

	if (rest.kind == RING_IO_WRITE)
		io_uring_prep_write(sqe, u->base.fd, rest.buf, len,
				    rest.offset_bytes);
	else
		io_uring_prep_read(sqe, u->base.fd, rest.buf, len,
				   rest.offset_bytes);
	io_uring_sqe_set_data64(sqe, tag_of(u, run, i));
}

/* Returns how many entries the round has. */
static unsigned prepare_round(struct uring_io *u, const struct ring_io_run *run)
{
	unsigned count = 0;

	for (unsigned i = 0; i < run->batch->count; i++) {
		if (!ring_io_in_round(run, i))
			continue;
		prepare_op(u, run, i);
		count++;
	}
	return count;
}

/*
 * Take back what was prepared and the kernel refused to take, or it would go
 * out with the next batch. Without a polling thread the kernel looks at the
 * queue in io_uring_enter() only, so the tail may go back.
 */
static void withdraw(struct io_uring *ring)
{
	const unsigned head = *ring->sq.khead;

	*ring->sq.ktail = head;
	ring->sq.sqe_head = head;
	ring->sq.sqe_tail = head;
}

/* Submit what is left of each operation. 0, or -errno if not all of it. */
static int submit_round(struct uring_io *u, struct ring_io_run *run)
{
	unsigned left = prepare_round(u, run);

	while (left > 0) {
		int rc = io_uring_submit(&u->ring);

		if (rc == -EINTR)
			continue;
		if (rc <= 0) {
			withdraw(&u->ring);
			return rc < 0 ? rc : -EIO;
		}
		left -= (unsigned)rc;
		run->in_flight += (unsigned)rc;
	}
	return 0;
}

static void account(struct uring_io *u, const struct io_uring_cqe *cqe)
{
	struct ring_io_run *run = &u->base.runs[cqe->user_data / TAGS_PER_RUN];

	assert(run->in_flight > 0);
	ring_io_account(&u->base, run,
			(unsigned)(cqe->user_data % TAGS_PER_RUN), cqe->res);
	run->in_flight--;
}

/* Until the run has nothing in flight; the other's completions come by. */
static void reap_round(struct uring_io *u, const struct ring_io_run *run)
{
	while (run->in_flight > 0) {
		struct io_uring_cqe *cqe;
		int rc = io_uring_wait_cqe(&u->ring, &cqe);

		if (rc == -EINTR)
			continue;
		if (rc < 0) {
			ring_io_pause();
			continue;
		}
		account(u, cqe);
		io_uring_cqe_seen(&u->ring, cqe);
	}
}

/* The one write of a batch that is flushed; RING_IO_BATCH_MAX: not just one. */
static unsigned lone_write(const struct ring_io_batch *batch)
{
	unsigned found = RING_IO_BATCH_MAX;

	for (unsigned i = 0; i < batch->count; i++) {
		if (batch->ops[i].kind != RING_IO_WRITE)
			continue;
		if (found != RING_IO_BATCH_MAX)
			return RING_IO_BATCH_MAX;
		found = i;
	}
	return batch->flush ? found : RING_IO_BATCH_MAX;
}

static int uring_start(struct ring_io *io, struct ring_io_batch *batch)
{
	struct uring_io *u = to_uring(io);
	struct ring_io_run *run;
	unsigned lone;
	int rc = ring_io_begin(&u->base, batch, &run);

	if (rc < 0)
		return rc;
	lone = lone_write(batch);
	if (lone != RING_IO_BATCH_MAX) {
		while (run->result == 0 && !ring_io_is_done(run, lone))
			ring_io_transfer(&u->base, run, lone);
		return 0; /* wait() goes on from there */
	}
	rc = submit_round(u, run);
	if (rc < 0 && run->in_flight == 0) {
		ring_io_end(run);
		return rc;
	}
	ring_io_note(run, rc);
	return 0;
}

static int uring_wait(struct ring_io *io, struct ring_io_batch *batch)
{
	struct uring_io *u = to_uring(io);
	struct ring_io_run *run = ring_io_find_run(&u->base, batch);

	if (run == NULL)
		return 0;
	reap_round(u, run);
	while (ring_io_needs_round(run)) {
		ring_io_note(run, submit_round(u, run));
		/* Beside reads. A buffered flush must cover what they saw. */
		if (!u->base.io.buffered && ring_io_writes_are_done(run))
			ring_io_flush(&u->base, run);
		reap_round(u, run);
	}
	ring_io_flush(&u->base, run);
	return ring_io_end(run);
}

static void uring_close(struct ring_io *io)
{
	struct uring_io *u = to_uring(io);

	ring_io_wait_for_all(&u->base);
	io_uring_queue_exit(&u->ring);
	ring_io_base_release(&u->base);
	free(u);
}

static const struct ring_io_ops uring_ops = {
	.start = uring_start,
	.wait = uring_wait,
	.drop_cache = ring_io_drop_cache,
	.lock = ring_io_lock,
	.is_locked = ring_io_is_locked,
	.unlock = ring_io_unlock,
	.watch = ring_io_watch,
	.size = ring_io_size,
	.close = uring_close,
};

/* 0, or -errno: then there is nothing to release. */
static int set_up(struct io_uring *ring)
{
	struct io_uring_params params = { 0 };
	int rc = io_uring_queue_init_params(QUEUE_DEPTH, ring, &params);

	if (rc < 0)
		return rc;

	/* Came with the kernel (5.6) that first had plain read and write. */
	if ((params.features & IORING_FEAT_RW_CUR_POS) == 0) {
		io_uring_queue_exit(ring);
		return -ENOSYS;
	}
	return 0;
}

int ring_io_uring_new(const struct ring_io_base *base, struct ring_io **ret_io)
{
	struct uring_io *u = calloc(1, sizeof(*u));
	int rc;

	if (u == NULL)
		return -ENOMEM;
	rc = set_up(&u->ring);
	if (rc < 0) {
		free(u);
		return rc;
	}
	u->base = *base;
	u->base.io.ops = &uring_ops;
	*ret_io = &u->base.io;
	return 0;
}
