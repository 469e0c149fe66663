/*
 * Goal: every engine keeps two batches apart that are under way at once, as
 * ring_io.h promises: whichever is waited for first, each moves its own data
 * and has its own result, and what a caller must not do is noticed.
 * Method: a table of promises; each is a test in each place (place.h). The two
 * batches are as full as can be, each in a half of the device and the buffers.
 */
#include "ring/io_common.h"
#include "tests/lib/place.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum {
	PIECE_BYTES = 16384,
	PART_BYTES = RING_IO_BATCH_MAX * PIECE_BYTES, /* of a buffer */
	HALF_BYTES = PLACE_DEVICE_BYTES / 2,
};

/* What both have to do, on the first and the second half. */
struct pair {
	struct ring_io_batch batches[2];
};

/* Every second piece of the half, so that none can be merged with another. */
static struct ring_io_batch full_batch(enum ring_io_kind kind, unsigned half)
{
	struct ring_io_batch batch = { .count = RING_IO_BATCH_MAX };
	uint8_t *buf = kind == RING_IO_WRITE ? place_out() : place_in();

	for (unsigned i = 0; i < batch.count; i++)
		batch.ops[i] = (struct ring_io_op){
			.kind = kind,
			.offset_bytes =
				half * HALF_BYTES + 2ull * i * PIECE_BYTES,
			.buf = buf + half * PART_BYTES + i * PIECE_BYTES,
			.len_bytes = PIECE_BYTES,
		};
	return batch;
}

static struct pair full_pair(enum ring_io_kind first, enum ring_io_kind second)
{
	return (struct pair){ { full_batch(first, 0), full_batch(second, 1) } };
}

static void start(struct ring_io *io, struct ring_io_batch *batch)
{
	assert_int_equal(io->ops->start(io, batch), 0);
}

/* Start both, wait for `first` of them and then for the other. */
static void run_both(struct ring_io *io, struct pair *pair, unsigned first)
{
	start(io, &pair->batches[0]);
	start(io, &pair->batches[1]);
	assert_int_equal(io->ops->wait(io, &pair->batches[first]), 0);
	assert_int_equal(io->ops->wait(io, &pair->batches[1 - first]), 0);
}

/* The device has what is in the out buffer. */
static void assert_stored(struct ring_io *io)
{
	struct pair reads = full_pair(RING_IO_READ, RING_IO_READ);

	memset(place_in(), 0, 2 * PART_BYTES);
	run_both(io, &reads, 1);
	assert_memory_equal(place_in(), place_out(), 2 * PART_BYTES);
}

/* ---- data --------------------------------------------------------------- */

/* Either is waited for first, and either, both or none flush. */
static void write_in_any_order(struct ring_io *io)
{
	for (uint32_t way = 0; way < 8; way++) {
		struct pair writes = full_pair(RING_IO_WRITE, RING_IO_WRITE);

		place_fill(place_out(), 2 * PART_BYTES, way + 1);
		writes.batches[0].flush = (way & 1) != 0;
		writes.batches[1].flush = (way & 2) != 0;
		run_both(io, &writes, way >> 2);
		assert_stored(io);
	}
}

static void test_any_order(void **state)
{
	struct ring_io *io = place_open(state);

	write_in_any_order(io);
	ring_io_close(io);
}

/* As if each system call moved no more than a part of an operation. */
static void test_short_transfers(void **state)
{
	struct ring_io *io = place_open(state);

	ring_io_to_base(io)->transfer_max_bytes = PIECE_BYTES / 4;
	write_in_any_order(io);
	ring_io_close(io);
}

/* An engine may write it in another way. The rest is there already. */
static void test_lone_write(void **state)
{
	struct ring_io *io = place_open(state);
	struct pair pair = full_pair(RING_IO_WRITE, RING_IO_WRITE);

	place_fill(place_out(), 2 * PART_BYTES, 11);
	run_both(io, &pair, 0);
	ring_io_to_base(io)->transfer_max_bytes = PIECE_BYTES / 4;
	pair.batches[0].count = 1;
	pair.batches[0].flush = true;
	for (unsigned first = 0; first < 2; first++) {
		place_fill(place_out(), PIECE_BYTES, 12 + first);
		run_both(io, &pair, first);
		assert_stored(io);
	}
	ring_io_close(io);
}

/* As a consumer that reads ahead beside its seal. */
static void test_reads_beside_writes(void **state)
{
	struct ring_io *io = place_open(state);
	struct pair pair = full_pair(RING_IO_WRITE, RING_IO_WRITE);

	place_fill(place_out(), 2 * PART_BYTES, 21);
	run_both(io, &pair, 0);
	for (unsigned first = 0; first < 2; first++) {
		pair = full_pair(RING_IO_WRITE, RING_IO_READ);
		pair.batches[0].flush = true;
		place_fill(place_out(), PART_BYTES, 22 + first);
		memset(place_in(), 0, 2 * PART_BYTES);
		run_both(io, &pair, first);
		assert_memory_equal(place_in() + PART_BYTES,
				    place_out() + PART_BYTES, PART_BYTES);
		assert_stored(io);
	}
	ring_io_close(io);
}

/* One goes on and on, as a seal that nobody waits for. */
static void test_many_beside_one(void **state)
{
	struct ring_io *io = place_open(state);
	struct pair pair = full_pair(RING_IO_WRITE, RING_IO_WRITE);

	place_fill(place_out(), 2 * PART_BYTES, 31);
	start(io, &pair.batches[0]);
	for (uint32_t i = 0; i < 20; i++) {
		place_fill(place_out() + PART_BYTES, PART_BYTES, 32 + i);
		pair.batches[1].flush = i % 2 != 0;
		assert_int_equal(ring_io_run(io, &pair.batches[1]), 0);
	}
	assert_int_equal(io->ops->wait(io, &pair.batches[0]), 0);
	assert_stored(io);
	ring_io_close(io);
}

/* With short transfers: what is left of them is for close() to ask for. */
static void test_close_waits_for_both(void **state)
{
	struct ring_io *io = place_open(state);
	struct pair pair = full_pair(RING_IO_WRITE, RING_IO_WRITE);

	ring_io_to_base(io)->transfer_max_bytes = PIECE_BYTES / 4;
	place_fill(place_out(), 2 * PART_BYTES, 41);
	start(io, &pair.batches[0]);
	start(io, &pair.batches[1]);
	ring_io_close(io);

	io = place_open(state);
	assert_stored(io);
	ring_io_close(io);
}

/* ---- errors ------------------------------------------------------------- */

static void test_refused_beside_another(void **state)
{
	struct ring_io *io = place_open(state);
	struct pair pair = full_pair(RING_IO_WRITE, RING_IO_WRITE);
	struct ring_io_batch beyond = full_batch(RING_IO_WRITE, 1);

	beyond.ops[3].offset_bytes = PLACE_DEVICE_BYTES;
	place_fill(place_out(), 2 * PART_BYTES, 51);
	start(io, &pair.batches[0]);
	assert_int_equal(io->ops->start(io, &beyond), -RING_ERR_TRUNCATED);
	assert_int_equal(io->ops->wait(io, &beyond), 0); /* nor under way */
	start(io, &pair.batches[1]);
	assert_int_equal(io->ops->wait(io, &pair.batches[0]), 0);
	assert_int_equal(io->ops->wait(io, &pair.batches[1]), 0);
	assert_stored(io);
	ring_io_close(io);
}

/* Results, as a batch that fails and one that does not are waited for. */
struct results {
	int of_none, of_good, of_bad, of_bad_again;
};

static struct results run_one_that_fails(struct ring_io *io, unsigned way)
{
	struct pair pair = full_pair(RING_IO_WRITE, RING_IO_READ);
	struct ring_io_batch none = { .flush = true };
	struct ring_io_batch *good = &pair.batches[0];
	struct ring_io_batch *bad = &pair.batches[1]; /* beyond the end */
	struct results r;

	good->flush = true;
	start(io, (way & 1) != 0 ? good : bad);
	start(io, (way & 1) != 0 ? bad : good);
	r.of_none = io->ops->wait(io, &none);
	if ((way & 2) != 0)
		r.of_good = io->ops->wait(io, good);
	r.of_bad = io->ops->wait(io, bad);
	if ((way & 2) == 0)
		r.of_good = io->ops->wait(io, good);
	r.of_bad_again = io->ops->wait(io, bad);
	return r;
}

static void test_an_error_is_of_one_batch(void **state)
{
	const struct place *place = *state;
	const char *path = place->device->path;
	struct ring_io *io = place_open(state);

	for (unsigned way = 0; way < 4; way++) {
		struct results r;

		place_fill(place_out(), PART_BYTES, 61 + way);
		assert_int_equal(truncate(path, HALF_BYTES), 0);
		r = run_one_that_fails(io, way);
		assert_int_equal(truncate(path, PLACE_DEVICE_BYTES), 0);
		assert_int_equal(r.of_none, 0);
		assert_int_equal(r.of_good, 0);
		assert_int_equal(r.of_bad, -RING_ERR_TRUNCATED);
		assert_int_equal(r.of_bad_again, 0);
		memset(place_out() + PART_BYTES, 0, PART_BYTES);
		assert_stored(io);
	}
	ring_io_close(io);
}

/* ---- bugs of the caller ------------------------------------------------- */

/* In a child: nothing is asserted there, its death says it all. */

static void start_three(struct ring_io *io)
{
	struct pair pair = full_pair(RING_IO_WRITE, RING_IO_WRITE);
	struct ring_io_batch third = { .flush = true };

	(void)io->ops->start(io, &pair.batches[0]);
	(void)io->ops->start(io, &pair.batches[1]);
	(void)io->ops->start(io, &third);
}

static void start_twice(struct ring_io *io)
{
	struct ring_io_batch batch = full_batch(RING_IO_READ, 0);

	(void)io->ops->start(io, &batch);
	(void)io->ops->start(io, &batch);
}

static void start_overlapping(struct ring_io *io)
{
	struct pair pair = full_pair(RING_IO_WRITE, RING_IO_WRITE);

	pair.batches[1].ops[5].offset_bytes =
		pair.batches[0].ops[7].offset_bytes + PIECE_BYTES - 4096;
	(void)io->ops->start(io, &pair.batches[0]);
	(void)io->ops->start(io, &pair.batches[1]);
}

typedef void bug_fn(struct ring_io *io);

/* A child that has the bug, quietly. Does not return. */
static void run_bug(void **state, bug_fn *bug)
{
	const struct rlimit no_core = { 0 };
	const int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)dup2(quiet, STDERR_FILENO);
	bug(place_open(state));
	_exit(0);
}

static void assert_is_noticed(void **state, bug_fn *bug)
{
	const pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0)
		run_bug(state, bug);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void test_bugs_are_noticed(void **state)
{
	ring_io_close(place_open(state)); /* skips where there is no place */
	assert_is_noticed(state, start_three);
	assert_is_noticed(state, start_twice);
	assert_is_noticed(state, start_overlapping);
}

/* ---- every promise, everywhere ------------------------------------------ */

static const struct place_test tests[] = {
	{ "any order", test_any_order, false },
	{ "short transfers", test_short_transfers, false },
	{ "lone write", test_lone_write, false },
	{ "reads beside writes", test_reads_beside_writes, false },
	{ "many beside one", test_many_beside_one, false },
	{ "close waits for both", test_close_waits_for_both, false },
	{ "refused beside another", test_refused_beside_another, false },
	{ "an error is of one", test_an_error_is_of_one_batch, true },
	{ "bugs are noticed", test_bugs_are_noticed, false },
};

int main(void)
{
	return place_run("two batches of I/O", tests,
			 sizeof(tests) / sizeof(tests[0]));
}
