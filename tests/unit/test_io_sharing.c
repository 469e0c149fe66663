/*
 * Goal: what ring_io.h promises about others that use the same device holds
 * with every engine: locks exclude them, a watch wakes them, what they wrote
 * to the medium is read, nothing is under way after a close, and the page
 * cache is left alone where it was only looked at.
 * Method: a table of promises; each is a test in each place (place.h), with
 * two storage handles on one device.
 */
#include "tests/lib/place.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

enum { PAGE_BYTES = 4096, WATCH_ROUNDS = 50, LOOKS = 8, LOOK_BYTES = 16384 };

static void test_close_waits(void **state)
{
	struct ring_io *io = place_open(state);
	struct ring_io_batch batch =
		place_batch(RING_IO_WRITE, 0, PLACE_BUFFER_BYTES);

	place_fill(place_out(), PLACE_BUFFER_BYTES, 7);
	batch.flush = true;
	assert_int_equal(io->ops->start(io, &batch), 0);
	ring_io_close(io);

	io = place_open(state);
	assert_int_equal(place_read(io, 0, PLACE_BUFFER_BYTES), 0);
	assert_memory_equal(place_in(), place_out(), PLACE_BUFFER_BYTES);
	ring_io_close(io);
}

static void test_lock(void **state)
{
	struct ring_io *a = place_open(state);
	struct ring_io *b = place_open(state);

	assert_int_equal(a->ops->lock(a, 5), 0);
	assert_int_equal(a->ops->lock(a, 5), 0);
	assert_int_equal(b->ops->lock(b, 5), -EAGAIN);
	assert_int_equal(b->ops->lock(b, 4), 0);
	assert_int_equal(b->ops->lock(b, 6), 0);
	assert_int_equal(b->ops->lock(b, 5 + (1u << 8)), 0);
	assert_int_equal(b->ops->lock(b, 5 + (1u << 16)), 0);
	assert_int_equal(b->ops->lock(b, 5 + (1u << 31)), 0);
	assert_int_equal(b->ops->lock(b, UINT32_MAX), 0);
	assert_int_equal(a->ops->lock(a, UINT32_MAX), -EAGAIN);

	/* Closing another descriptor of the same file takes nothing away. */
	ring_io_close(place_open(state));
	assert_int_equal(b->ops->lock(b, 5), -EAGAIN);

	assert_int_equal(a->ops->unlock(a, 5), 0);
	assert_int_equal(b->ops->lock(b, 5), 0);
	assert_int_equal(a->ops->lock(a, 5), -EAGAIN);
	ring_io_close(b);
	assert_int_equal(a->ops->lock(a, 5), 0);
	ring_io_close(a);
}

/* Whether the watch polls readable now; reads its bytes away. */
static bool was_woken(int watch)
{
	struct pollfd entry = { .fd = watch, .events = POLLIN };
	char events[4096];
	const bool woken = poll(&entry, 1, 0) == 1;

	while (read(watch, events, sizeof(events)) > 0)
		;
	return woken;
}

static void test_watch(void **state)
{
	struct ring_io *writer = place_open(state);
	struct ring_io *reader = place_open_read_only(state);
	const int watch = reader->ops->watch(reader);

	assert_true(watch >= 0);
	for (uint32_t i = 0; i < WATCH_ROUNDS; i++) {
		assert_false(was_woken(watch)); /* nor by its own reading */
		place_fill(place_out(), PAGE_BYTES, i);
		assert_int_equal(place_write(writer, 0, PAGE_BYTES), 0);
		assert_true(was_woken(watch));
		assert_int_equal(place_read(reader, 0, PAGE_BYTES), 0);
		assert_memory_equal(place_in(), place_out(), PAGE_BYTES);
	}
	ring_io_close(reader);
	ring_io_close(writer);
	close(watch);
}

static unsigned cached_pages(const struct device *device, size_t pages)
{
	const int fd = open(device->path, O_RDONLY | O_CLOEXEC);
	unsigned char *resident = calloc(pages, 1);
	unsigned count = 0;
	void *map;

	assert_true(fd >= 0);
	assert_non_null(resident);
	map = mmap(NULL, pages * PAGE_BYTES, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(map != MAP_FAILED);
	assert_int_equal(mincore(map, pages * PAGE_BYTES, resident), 0);
	for (size_t i = 0; i < pages; i++)
		count += resident[i] & 1;
	munmap(map, pages * PAGE_BYTES);
	free(resident);
	close(fd);
	return count;
}

static void test_drop_cache(void **state)
{
	const struct place *place = *state;
	struct ring_io *io = place_open(state);
	const size_t pages = PLACE_BUFFER_BYTES / PAGE_BYTES;

	place_round_trip(io, 0, PLACE_BUFFER_BYTES, 15);
	/* There is something to drop; one or the other the kernel may have
	 * taken back by itself. */
	if (io->buffered)
		assert_in_range(cached_pages(place->device, pages), pages / 2,
				pages);
	/* A range that neither starts nor ends with a page. */
	assert_int_equal(
		io->ops->drop_cache(io, 512, PLACE_BUFFER_BYTES - 1024), 0);
	if (place->device->kind != DEVICE_TMPFS) /* its cache is its medium */
		assert_int_equal(cached_pages(place->device, pages), 0);
	assert_int_equal(place_read(io, 0, PLACE_BUFFER_BYTES), 0);
	assert_memory_equal(place_in(), place_out(), PLACE_BUFFER_BYTES);
	ring_io_close(io);
}

/* Nothing is read ahead of who looks, even here and there one place on. */
static void test_look(void **state)
{
	const struct place *place = *state;
	struct ring_io *io = place_open(state);
	const size_t pages = PLACE_BUFFER_BYTES / PAGE_BYTES;
	size_t most = 0;

	place_round_trip(io, 0, PLACE_BUFFER_BYTES, 16);
	assert_int_equal(io->ops->drop_cache(io, 0, PLACE_BUFFER_BYTES), 0);
	if (place->device->kind == DEVICE_TMPFS) /* its cache is its medium */
		most = pages;
	for (size_t i = 0; i < LOOKS; i++) {
		assert_int_equal(place_read(io, i * LOOK_BYTES, LOOK_BYTES), 0);
		if (io->buffered)
			most += LOOK_BYTES / PAGE_BYTES;
		assert_in_range(cached_pages(place->device, pages), 0, most);
	}
	ring_io_close(io);
}

/* ---- every promise, everywhere ------------------------------------------ */

static const struct place_test tests[] = {
	{ "close waits", test_close_waits, false },
	{ "lock", test_lock, false },
	{ "watch", test_watch, false },
	{ "drop cache", test_drop_cache, false },
	{ "look", test_look, false },
};

int main(void)
{
	return place_run("io sharing", tests, sizeof(tests) / sizeof(tests[0]));
}
