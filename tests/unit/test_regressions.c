/*
 * Goal: what once went wrong does not go wrong again.
 * Method: the course of events of each defect, on a simulated disk, or with
 * another process coming in between.
 */
#include "tests/lib/crash_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- an io that is looked at -------------------------------------------- */

struct spy {
	struct ring_io io; /* first */
	struct ring_io *below;
	struct ring_io_batch *seal; /* under way, without a flush */
	bool fails;                 /* what is flushed */
	uint64_t from, to;          /* reads that touch this range ... */
	uint64_t bytes;             /* ... so many of it */
	unsigned released_under_way;
	void (*release)(void *ctx, void *mem, size_t len);
};

static struct spy spy;

static bool is_seal(const struct ring_io_batch *b)
{
	return !b->flush && b->count == 1 && b->ops[0].kind == RING_IO_WRITE;
}

static int spy_start(struct ring_io *io, struct ring_io_batch *b)
{
	(void)io;
	if (spy.fails && b->flush)
		return -EIO;
	for (unsigned i = 0; i < b->count; i++) {
		const struct ring_io_op *op = &b->ops[i];
		const uint64_t end = op->offset_bytes + op->len_bytes;

		if (op->kind == RING_IO_READ && op->offset_bytes < spy.to &&
		    end > spy.from)
			spy.bytes += op->len_bytes;
	}
	if (is_seal(b))
		spy.seal = b;
	return spy.below->ops->start(spy.below, b);
}

static int spy_wait(struct ring_io *io, struct ring_io_batch *b)
{
	(void)io;
	if (b == spy.seal)
		spy.seal = NULL;
	return spy.below->ops->wait(spy.below, b);
}

static int spy_drop(struct ring_io *io, uint64_t at, uint64_t len)
{
	(void)io;
	return spy.below->ops->drop_cache(spy.below, at, len);
}

static int spy_lock(struct ring_io *io, uint32_t lock)
{
	(void)io;
	return spy.below->ops->lock(spy.below, lock);
}

static int spy_is_locked(struct ring_io *io, uint32_t lock)
{
	(void)io;
	return spy.below->ops->is_locked(spy.below, lock);
}

static int spy_unlock(struct ring_io *io, uint32_t lock)
{
	(void)io;
	return spy.below->ops->unlock(spy.below, lock);
}

static int spy_watch(struct ring_io *io)
{
	(void)io;
	return -ENOTSUP;
}

static int spy_size(struct ring_io *io, uint64_t *ret)
{
	(void)io;
	return spy.below->ops->size(spy.below, ret);
}

static void spy_close(struct ring_io *io)
{
	(void)io;
	spy.below->ops->close(spy.below);
}

static const struct ring_io_ops spy_ops = {
	.start = spy_start,
	.wait = spy_wait,
	.drop_cache = spy_drop,
	.lock = spy_lock,
	.is_locked = spy_is_locked,
	.unlock = spy_unlock,
	.watch = spy_watch,
	.size = spy_size,
	.close = spy_close,
};

static void spy_release(void *ctx, void *mem, size_t len)
{
	const uint8_t *p = mem;

	if (spy.seal != NULL) {
		const uint8_t *b = spy.seal->ops[0].buf;

		spy.released_under_way += b >= p && b < p + len;
	}
	spy.release(ctx, mem, len);
}

static void spy_on(struct rig_host *h)
{
	spy = (struct spy){ .below = h->options.io };
	spy.io = *h->options.io;
	spy.io.ops = &spy_ops;
	h->options.io = &spy.io;
	spy.release = h->system.system.release;
	h->system.system.release = spy_release;
}

/* A handle that failed while a seal was under way waits for it before the
 * buffer is given back. */
static void test_release_waits_for_the_seal(void **state)
{
	struct rig rig = { 0 };
	struct rig_host h;
	struct ring_producer *p;

	(void)state;
	rig_init(&rig, &rig_small_direct);
	rig_host(&h, &rig.disk, 1);
	spy_on(&h);
	assert_int_equal(ring_producer_attach("sim", &h.options, &p, NULL), 0);
	assert_int_equal(rig_publish(&rig, p, 1), 0);
	assert_non_null(spy.seal);
	spy.fails = true;
	assert_int_equal(rig_publish(&rig, p, 1), -EIO);
	ring_producer_free(p);
	assert_int_equal(spy.released_under_way, 0);
	rig_release(&rig);
}

/* DESIGN.md 8: the first commit looks whether another attached meanwhile. */
static void test_first_commit_looks_at_own_pair(void **state)
{
	struct rig rig = { 0 };
	struct rig_host h;
	struct ring_producer *p;

	(void)state;
	rig_init(&rig, &rig_small_direct);
	rig_host(&h, &rig.disk, 1);
	spy_on(&h);
	assert_int_equal(ring_producer_attach("sim", &h.options, &p, NULL), 0);
	spy.from = RIG_SLOTS_OFFSET;
	spy.to = RIG_SLOTS_OFFSET + 8 * RIG_STRIDE;
	spy.bytes = 0;
	assert_int_equal(rig_publish(&rig, p, 1), 0);
	assert_int_equal(spy.bytes, 4 * RIG_STRIDE);
	ring_producer_free(p);
	rig_release(&rig);
}

/* An empty window reads nothing ahead: it does not know where. */
static void test_nothing_read_ahead_at_zero(void **state)
{
	struct rig rig = { 0 };
	struct rig_host hp, h;
	struct ring_producer *p;
	struct ring_consumer *c;
	struct ring_consumer_state s;

	(void)state;
	rig_init(&rig, &rig_small_direct);
	p = rig_producer(&hp, &rig.disk, 1);
	assert_int_equal(rig_publish(&rig, p, 4), 0);
	c = rig_consumer(&h, &rig.disk, 1, "a");
	assert_int_equal(rig_take(&rig, c, 4), 0);
	ring_consumer_free(c);
	rig_mark(p);
	rig_host(&h, &rig.disk, 1);
	spy_on(&h);
	assert_int_equal(ring_consumer_attach("sim", "a", &h.options, &c, NULL),
			 0);
	spy.from = RIG_DATA_OFFSET;
	spy.to = UINT64_MAX;
	assert_int_equal(ring_consumer_state(c, &s), 0);
	assert_int_equal(ring_consumer_state(c, &s), 0);
	assert_int_equal(spy.bytes, 0);
	ring_consumer_free(c);
	ring_producer_free(p);
	rig_release(&rig);
}

/* ---- on sight ----------------------------------------------------------- */

struct peek {
	struct rig *rig;
	struct ring_consumer *c;
	struct ring_item item;
	struct sim_disk lost;
	uint32_t writes;
	bool cuts; /* the device loses power then */
	bool is_done;
};

static void peek_once(void *ctx, struct sim_disk *d)
{
	struct peek *l = ctx;

	if (l->is_done || d->writes <= l->writes ||
	    !d->versions[d->version_count - 1].is_complete)
		return;
	l->is_done = true;
	if (l->cuts)
		rig_cut(d, RIG_NOTHING, &l->lost);
	assert_int_equal(ring_consumer_pop(l->c, RING_POSITION_NONE, &l->item),
			 0);
}

/*
 * What was shown is gone, and an item of the same size stands in its place: it
 * was never given, so the cursor must not pass it.
 */
static void test_shown_and_replaced(void **state)
{
	struct rig rig = { 0 };
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer_state s;
	struct peek l = { .rig = &rig, .cuts = true };
	struct sim_disk flat;
	const struct ring_entry other = { .data = "another one",
					  .data_bytes = 11 };
	const struct ring_entry one = { .data = "gone by now",
					.data_bytes = 11 };
	int rc = -RING_ERR_EMPTY;

	(void)state;
	rig_init(&rig, &rig_small_direct);
	p = rig_producer(&hp, &rig.disk, 1);
	rig_host(&hc, &rig.disk, 1);
	hc.options.deliver = RING_DELIVER_VISIBLE;
	assert_int_equal(
		ring_consumer_attach("sim", "a", &hc.options, &l.c, NULL), 0);
	l.writes = rig.disk.writes;
	rig.disk.point = peek_once;
	rig.disk.point_ctx = &l;
	assert_int_equal(ring_producer_publish(p, &one, 1, NULL, NULL), 0);
	assert_true(l.is_done);
	rig.disk.point = NULL;
	rig_kill_producer(&hp, p);
	sim_disk_flatten(&l.lost, &flat);
	sim_disk_release(&rig.disk);
	rig.disk = flat;
	p = rig_producer(&hp, &rig.disk, 1);
	assert_int_equal(ring_producer_publish(p, &other, 1, NULL, NULL), 0);
	for (unsigned i = 0; i < 3 && rc == -RING_ERR_EMPTY; i++)
		rc = ring_consumer_advance(l.c, l.item.next, NULL);
	assert_int_equal(ring_consumer_state(l.c, &s), 0);
	assert_int_equal(rc, -RING_ERR_FUTURE);
	assert_int_equal(s.items, 0);
	ring_consumer_free(l.c);
	ring_producer_free(p);
	sim_disk_release(&l.lost);
	rig_release(&rig);
}

/*
 * One page cache, one boot: a write-back fails, and attach drops what the cache
 * shows (R13). So what was seen is gone all the same.
 */
static void test_failed_write_back(void **state)
{
	struct rig rig = { 0 };
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer_state s;
	const struct ring_entry other = { .data = "another one",
					  .data_bytes = 11 };
	const struct ring_entry one = { .data = "gone by now",
					.data_bytes = 11 };
	struct peek l = { .rig = &rig };
	int rc = -RING_ERR_EMPTY;

	(void)state;
	rig_init(&rig, &rig_small);
	p = rig_producer(&hp, &rig.disk, 1);
	rig_host(&hc, &rig.disk, 1);
	hc.options.deliver = RING_DELIVER_VISIBLE;
	assert_int_equal(
		ring_consumer_attach("sim", "a", &hc.options, &l.c, NULL), 0);
	l.writes = rig.disk.writes;
	rig.disk.point = peek_once;
	rig.disk.point_ctx = &l;
	rig.disk.fails[SIM_FLUSH] = rig.disk.done[SIM_FLUSH] + 1;
	assert_int_equal(ring_producer_publish(p, &one, 1, NULL, NULL), -EIO);
	assert_true(l.is_done);
	rig.disk.point = NULL;
	ring_producer_free(p);
	p = rig_producer(&hp, &rig.disk, 1);
	assert_int_equal(ring_producer_publish(p, &other, 1, NULL, NULL), 0);
	for (unsigned i = 0; i < 3 && rc == -RING_ERR_EMPTY; i++)
		rc = ring_consumer_advance(l.c, l.item.next, NULL);
	assert_int_equal(ring_consumer_state(l.c, &s), 0);
	assert_int_equal(rc, -RING_ERR_FUTURE);
	assert_int_equal(s.items, 0);
	assert_int_equal(ring_consumer_pop(l.c, RING_POSITION_NONE, &l.item),
			 0);
	assert_memory_equal(l.item.data, other.data, other.data_bytes);
	ring_consumer_free(l.c);
	ring_producer_free(p);
	rig_release(&rig);
}

/* ---- create ------------------------------------------------------------- */

static const char *racing;
static int raced = 1;

static void make_and_fill(void)
{
	const struct ring_create_options create = { .size_bytes = 4 << 20 };
	const struct ring_entry e = { .data = "precious", .data_bytes = 8 };
	struct ring_producer *p;

	raced = ring_create(racing, &create, NULL);
	if (raced < 0)
		return;
	raced = ring_producer_attach(racing, NULL, &p, NULL);
	assert_int_equal(raced, 0);
	assert_int_equal(ring_producer_publish(p, &e, 1, NULL, NULL), 0);
	ring_producer_free(p);
}

/* In place of the C library's: another process comes in between. */
int fallocate(int fd, int mode, off_t offset, off_t len)
{
	const char *path = racing;

	if (path != NULL && raced == 1) {
		raced = 2;
		make_and_fill();
	}
	return (int)syscall(SYS_fallocate, fd, mode, offset, len);
}

/* Two create the same file; one succeeds, and keeps what it was given. */
static void test_two_creates(void **state)
{
	const struct ring_create_options create = { .size_bytes = 4 << 20 };
	char path[] = "/tmp/blkring-test-XXXXXX";
	struct ring_consumer *c;
	struct ring_item item;
	int rc, popped;

	(void)state;
	assert_int_equal(close(mkstemp(path)), 0);
	racing = path;
	rc = ring_create(path, &create, NULL);
	racing = NULL;
	assert_int_equal(ring_consumer_attach(path, NULL, NULL, &c, NULL), 0);
	popped = ring_consumer_pop(c, RING_POSITION_NONE, &item);
	ring_consumer_free(c);
	unlink(path);
	/* The first holds the lock: the second is told so. */
	assert_int_equal(rc, 0);
	assert_int_equal(raced, -RING_ERR_OWNED);
	assert_int_equal(popped, -RING_ERR_EMPTY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_release_waits_for_the_seal),
		cmocka_unit_test(test_first_commit_looks_at_own_pair),
		cmocka_unit_test(test_nothing_read_ahead_at_zero),
		cmocka_unit_test(test_shown_and_replaced),
		cmocka_unit_test(test_failed_write_back),
		cmocka_unit_test(test_two_creates),
	};

	return cmocka_run_group_tests_name("regressions", tests, NULL, NULL);
}
