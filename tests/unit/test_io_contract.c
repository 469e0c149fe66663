/*
 * Goal: every engine moves data as ring_io.h promises, on every kind of device
 * and in both modes, and says so when it can't.
 * Method: a table of promises; each is a test in each place (place.h).
 */
#include "ring/io_common.h"
#include "tests/lib/place.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { PAGE_BYTES = 4096 };

/* ---- transfers ---------------------------------------------------------- */

static void test_says_what_it_is(void **state)
{
	const struct place *place = *state;
	struct ring_io *io = place_open(state);
	const uint32_t sector = io->sector_bytes;
	uint64_t size = 0;

	assert_string_equal(io->engine, place_engine_name(place));
	assert_int_equal(io->buffered, place->mode == RING_IO_BUFFERED);
	assert_int_equal(io->size_bytes, PLACE_DEVICE_BYTES);
	assert_int_equal(io->ops->size(io, &size), 0);
	assert_int_equal(size, PLACE_DEVICE_BYTES);
	assert_false(io->read_only);
	assert_in_range(sector, 512, 65536);
	assert_int_equal(sector & (sector - 1), 0);
	if (place->device->kind == DEVICE_LOOP_4096)
		assert_int_equal(sector, 4096);
	if (place->device->kind == DEVICE_LOOP_512 ||
	    (io->buffered && !device_kind_is_block(place->device->kind)))
		assert_int_equal(sector, 512);
	place_round_trip(io, sector, sector, 1); /* it is no lie */
	ring_io_close(io);
}

/*
 * A batch as full as can be: operation i has i + 1 sectors, starts at sector
 * 20 * i, and they are issued out of order.
 */
static struct ring_io_batch full_batch(const struct ring_io *io,
				       enum ring_io_kind kind, uint8_t *buf)
{
	struct ring_io_batch batch = { .count = RING_IO_BATCH_MAX };

	for (unsigned i = 0; i < RING_IO_BATCH_MAX; i++) {
		const unsigned at = i * 5 % RING_IO_BATCH_MAX;

		batch.ops[at] = (struct ring_io_op){
			.kind = kind,
			.offset_bytes = 20ull * i * io->sector_bytes,
			.buf = buf +
			       i * (PLACE_BUFFER_BYTES / RING_IO_BATCH_MAX / 2),
			.len_bytes = (size_t)(i + 1) * io->sector_bytes,
		};
	}
	return batch;
}

/* What the device must hold after a full batch of writes over `before`. */
static void assert_full_batch_is_stored(struct ring_io *io, uint8_t before)
{
	const size_t len = 20ull * RING_IO_BATCH_MAX * io->sector_bytes;
	struct ring_io_batch batch = full_batch(io, RING_IO_WRITE, place_out());
	uint8_t *expected = malloc(len);

	assert_non_null(expected);
	memset(expected, before, len);
	for (unsigned i = 0; i < batch.count; i++)
		memcpy(expected + batch.ops[i].offset_bytes, batch.ops[i].buf,
		       batch.ops[i].len_bytes);
	assert_int_equal(place_read(io, 0, len), 0);
	assert_memory_equal(place_in(), expected, len);
	free(expected);
}

static void test_full_batch(void **state)
{
	struct ring_io *io = place_open(state);
	const size_t len = 20ull * RING_IO_BATCH_MAX * io->sector_bytes;
	struct ring_io_batch writes =
		full_batch(io, RING_IO_WRITE, place_out());
	struct ring_io_batch reads = full_batch(io, RING_IO_READ, place_in());

	memset(place_out(), 0x55, len);
	assert_int_equal(place_write(io, 0, len), 0);

	place_fill(place_out(), PLACE_BUFFER_BYTES, 2);
	writes.flush = true;
	assert_int_equal(ring_io_run(io, &writes), 0);
	assert_full_batch_is_stored(io, 0x55);

	memset(place_in(), 0, PLACE_BUFFER_BYTES);
	assert_int_equal(ring_io_run(io, &reads), 0);
	for (unsigned i = 0; i < reads.count; i++)
		assert_memory_equal(reads.ops[i].buf, writes.ops[i].buf,
				    reads.ops[i].len_bytes);
	ring_io_close(io);
}

static void test_reads_beside_a_write(void **state)
{
	struct ring_io *io = place_open(state);
	const uint64_t far = PLACE_DEVICE_BYTES / 2;
	struct ring_io_batch batch;

	place_round_trip(io, far, PAGE_BYTES, 3);
	batch = place_batch(RING_IO_WRITE, 0, PAGE_BYTES);
	batch.ops[batch.count++] =
		(struct ring_io_op){ RING_IO_READ, far, place_in(),
				     PAGE_BYTES };
	batch.flush = true;
	memset(place_in(), 0, PAGE_BYTES);
	assert_int_equal(ring_io_run(io, &batch), 0);
	assert_memory_equal(place_in(), place_out(), PAGE_BYTES);
	assert_int_equal(place_read(io, 0, PAGE_BYTES), 0);
	assert_memory_equal(place_in(), place_out(), PAGE_BYTES);
	ring_io_close(io);
}

static void test_large_transfer(void **state)
{
	struct ring_io *io = place_open(state);

	place_round_trip(io, io->sector_bytes, PLACE_BUFFER_BYTES, 4);
	place_round_trip(io, PLACE_DEVICE_BYTES - PLACE_BUFFER_BYTES,
			 PLACE_BUFFER_BYTES, 5);
	ring_io_close(io);
}

/* As if each system call moved no more than a sector. */
static void test_short_transfers_are_completed(void **state)
{
	struct ring_io *io = place_open(state);
	struct ring_io_batch writes =
		full_batch(io, RING_IO_WRITE, place_out());
	const size_t len = 20ull * RING_IO_BATCH_MAX * io->sector_bytes;

	memset(place_out(), 0x66, len);
	assert_int_equal(place_write(io, 0, len), 0);
	ring_io_to_base(io)->transfer_max_bytes = io->sector_bytes;
	place_fill(place_out(), PLACE_BUFFER_BYTES, 6);
	writes.flush = true;
	assert_int_equal(ring_io_run(io, &writes), 0);
	assert_full_batch_is_stored(io, 0x66);
	ring_io_close(io);
}

static void test_flush_alone(void **state)
{
	struct ring_io *io = place_open(state);
	struct ring_io_batch batch = { .flush = true };

	assert_int_equal(ring_io_run(io, &batch), 0);
	assert_int_equal(ring_io_run(io, &batch), 0);
	ring_io_close(io);
}

static void test_one_batch_after_the_other(void **state)
{
	struct ring_io *io = place_open(state);
	struct ring_io_batch none = { .flush = true };

	assert_int_equal(io->ops->wait(io, &none), 0); /* not under way */
	for (uint32_t i = 0; i < 100; i++)
		place_round_trip(io, i * PAGE_BYTES, PAGE_BYTES, i);
	assert_int_equal(io->ops->wait(io, &none), 0);
	ring_io_close(io);
}

/* ---- limits and errors -------------------------------------------------- */

struct beyond_case {
	int64_t sectors_from_end; /* where it starts, 0 is the end */
	unsigned sectors;
};

static const struct beyond_case beyond_cases[] = {
	{ -1, 2 },
	{ 0, 1 },
	{ 5, 1 },
	{ INT64_MAX >> 13, 1 },
	{ -(PLACE_DEVICE_BYTES / 4096), PLACE_DEVICE_BYTES / 4096 + 1 },
};

static void test_nothing_beyond_the_end(void **state)
{
	struct ring_io *io = place_open(state);
	const uint32_t sector = io->sector_bytes;
	uint64_t size = 0;

	place_round_trip(io, PLACE_DEVICE_BYTES - sector, sector, 8);
	for (size_t i = 0; i < ARRAY_SIZE(beyond_cases); i++) {
		const struct beyond_case *c = &beyond_cases[i];
		const uint64_t offset = PLACE_DEVICE_BYTES +
					(uint64_t)c->sectors_from_end * sector;
		struct ring_io_batch batch =
			place_batch(RING_IO_READ, offset, c->sectors * sector);

		assert_int_equal(ring_io_run(io, &batch), -RING_ERR_TRUNCATED);
		batch.ops[0].kind = RING_IO_WRITE;
		assert_int_equal(ring_io_run(io, &batch), -RING_ERR_TRUNCATED);
	}
	assert_int_equal(io->ops->size(io, &size), 0);
	assert_int_equal(size, PLACE_DEVICE_BYTES);
	assert_int_equal(place_read(io, PLACE_DEVICE_BYTES - sector, sector),
			 0);
	assert_memory_equal(place_in(), place_out(), sector);
	ring_io_close(io);
}

static void test_refused_batch_starts_nothing(void **state)
{
	struct ring_io *io = place_open(state);
	struct ring_io_batch batch = place_batch(RING_IO_WRITE, 0, PAGE_BYTES);

	place_round_trip(io, 0, PAGE_BYTES, 9);
	batch.ops[batch.count++] =
		(struct ring_io_op){ RING_IO_WRITE, PLACE_DEVICE_BYTES,
				     place_out(), PAGE_BYTES };
	place_fill(place_out(), PAGE_BYTES, 10);
	assert_int_equal(ring_io_run(io, &batch), -RING_ERR_TRUNCATED);
	place_fill(place_out(), PAGE_BYTES, 9);
	assert_int_equal(place_read(io, 0, PAGE_BYTES), 0);
	assert_memory_equal(place_in(), place_out(), PAGE_BYTES);
	ring_io_close(io);
}

static void test_device_that_shrank(void **state)
{
	const struct place *place = *state;
	const char *path = place->device->path;
	const uint64_t half = PLACE_DEVICE_BYTES / 2;
	struct ring_io *io = place_open(state);
	uint64_t size = 0;
	int rc[3];

	assert_int_equal(truncate(path, (off_t)half), 0);
	rc[0] = place_read(io, half - PAGE_BYTES, 2 * PAGE_BYTES); /* a part */
	rc[1] = place_read(io, half, PAGE_BYTES);
	rc[2] = io->ops->size(io, &size);
	assert_int_equal(truncate(path, PLACE_DEVICE_BYTES), 0);

	assert_int_equal(rc[0], -RING_ERR_TRUNCATED);
	assert_int_equal(rc[1], -RING_ERR_TRUNCATED);
	assert_int_equal(rc[2], 0);
	assert_int_equal(size, half);
	place_round_trip(io, half, PAGE_BYTES, 11); /* it can go on */
	ring_io_close(io);
}

/* A limit on the size of files makes a write short, then fail. */
static void test_failed_write_is_reported_once(void **state)
{
	const rlim_t half = PLACE_DEVICE_BYTES / 2;
	struct rlimit before;
	struct rlimit limit;
	struct ring_io *io = place_open(state);
	struct ring_io_batch batch =
		place_batch(RING_IO_WRITE, half - PAGE_BYTES, 2 * PAGE_BYTES);
	int rc;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = half;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	rc = ring_io_run(io, &batch);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

	assert_int_equal(rc, -EFBIG);
	assert_int_equal(io->ops->wait(io, &batch), 0);
	place_round_trip(io, half, PAGE_BYTES, 12);
	ring_io_close(io);
}

static void test_read_only(void **state)
{
	struct ring_io *io = place_open(state);
	struct ring_io_batch flush = { .flush = true };
	struct ring_io_batch batch = place_batch(RING_IO_READ, 0, PAGE_BYTES);

	place_round_trip(io, 0, PAGE_BYTES, 13);
	ring_io_close(io);

	io = place_open_read_only(state);
	assert_true(io->read_only);
	place_fill(place_out(), PAGE_BYTES, 14);
	assert_int_equal(place_write(io, 0, PAGE_BYTES), -EBADF);
	batch.ops[batch.count++] =
		(struct ring_io_op){ RING_IO_WRITE, PAGE_BYTES, place_out(),
				     PAGE_BYTES };
	assert_int_equal(io->ops->start(io, &batch), -EBADF);
	assert_int_equal(ring_io_run(io, &flush), 0);
	assert_int_equal(place_read(io, 0, PAGE_BYTES), 0);
	place_fill(place_out(), PAGE_BYTES, 13);
	assert_memory_equal(place_in(), place_out(), PAGE_BYTES);
	ring_io_close(io);
}

/* ---- every promise, everywhere ------------------------------------------ */

static const struct place_test tests[] = {
	{ "says what it is", test_says_what_it_is, false },
	{ "full batch", test_full_batch, false },
	{ "reads beside a write", test_reads_beside_a_write, false },
	{ "large transfer", test_large_transfer, false },
	{ "short transfers", test_short_transfers_are_completed, false },
	{ "flush alone", test_flush_alone, false },
	{ "one after the other", test_one_batch_after_the_other, false },
	{ "nothing beyond the end", test_nothing_beyond_the_end, false },
	{ "refused batch", test_refused_batch_starts_nothing, false },
	{ "device that shrank", test_device_that_shrank, true },
	{ "failed write", test_failed_write_is_reported_once, true },
	{ "read only", test_read_only, false },
};

int main(void)
{
	return place_run("io contract", tests,
			 sizeof(tests) / sizeof(tests[0]));
}
