#include "tests/lib/place.h"

#include <assert.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ENGINES = 3, MODES = 2, PLACES = ENGINES * MODES * (int)DEVICE_KINDS };

static const enum ring_io_engine engines[ENGINES] = { RING_IO_URING,
						      RING_IO_AIO,
						      RING_IO_POSIX };
static const enum ring_io_mode modes[MODES] = { RING_IO_BUFFERED,
						RING_IO_DIRECT };

/* cmocka's group functions have no argument of ours to carry these. */
static struct device devices[DEVICE_KINDS];
static char reasons[DEVICE_KINDS][DEVICE_REASON_BYTES];
static struct place places[PLACES];
static uint8_t *out_buffer;
static uint8_t *in_buffer;

uint8_t *place_out(void)
{
	return out_buffer;
}

uint8_t *place_in(void)
{
	return in_buffer;
}

const char *place_engine_name(const struct place *place)
{
	static const char *const names[] = { "auto", "io_uring", "aio",
					     "posix" };

	return names[place->engine];
}

/* ---- opening ------------------------------------------------------------ */

static void skip_test(const char *reason)
{
	print_message("[  SKIP  ] because: %s\n", reason);
	skip();
}

static struct ring_io *open_as(const struct place *place, bool read_only)
{
	struct ring_fault fault = { 0 };
	const struct ring_io_options options = {
		.engine = place->engine,
		.mode = place->mode,
		.read_only = read_only,
		.fault = &fault,
	};
	struct ring_io *io = NULL;
	int rc;

	if (place->reason[0] != '\0')
		skip_test(place->reason);
	rc = ring_io_open(place->device->path, &options, &io);

	/* Whether files can do direct I/O is up to their file system. */
	if (rc == -EINVAL && options.mode == RING_IO_DIRECT &&
	    !device_kind_is_block(place->device->kind))
		skip_test(fault.text);
	if (rc == -ENOSYS || rc == -EPERM)
		skip_test(fault.text); /* an engine that this kernel refuses */
	if (rc != 0)
		fail_msg("%s", fault.text);
	return io;
}

struct ring_io *place_open(void **state)
{
	return open_as(*state, false);
}

struct ring_io *place_open_read_only(void **state)
{
	return open_as(*state, true);
}

/* ---- transfers ---------------------------------------------------------- */

/* xorshift32: reproducible everywhere, which rand() is not. */
void place_fill(uint8_t *buf, size_t len_bytes, uint32_t seed)
{
	uint32_t x = seed * 2654435761u | 1u;

	for (size_t i = 0; i < len_bytes; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		buf[i] = (uint8_t)x;
	}
}

struct ring_io_batch place_batch(enum ring_io_kind kind, uint64_t offset_bytes,
				 size_t len_bytes)
{
	return (struct ring_io_batch){
		.ops = { { .kind = kind,
			   .offset_bytes = offset_bytes,
			   .buf = kind == RING_IO_WRITE ? out_buffer
							: in_buffer,
			   .len_bytes = len_bytes } },
		.count = 1,
	};
}

int place_write(struct ring_io *io, uint64_t offset_bytes, size_t len_bytes)
{
	struct ring_io_batch batch =
		place_batch(RING_IO_WRITE, offset_bytes, len_bytes);

	batch.flush = true;
	return ring_io_run(io, &batch);
}

int place_read(struct ring_io *io, uint64_t offset_bytes, size_t len_bytes)
{
	struct ring_io_batch batch =
		place_batch(RING_IO_READ, offset_bytes, len_bytes);

	memset(in_buffer, 0xee, len_bytes);
	return ring_io_run(io, &batch);
}

void place_round_trip(struct ring_io *io, uint64_t offset_bytes,
		      size_t len_bytes, uint32_t seed)
{
	place_fill(out_buffer, len_bytes, seed);
	assert_int_equal(place_write(io, offset_bytes, len_bytes), 0);
	assert_int_equal(place_read(io, offset_bytes, len_bytes), 0);
	assert_memory_equal(in_buffer, out_buffer, len_bytes);
}

/* ---- running ------------------------------------------------------------ */

static int make_devices(void **state)
{
	(void)state;
	out_buffer = aligned_alloc(RING_IO_ALIGN, PLACE_BUFFER_BYTES);
	in_buffer = aligned_alloc(RING_IO_ALIGN, PLACE_BUFFER_BYTES);
	for (unsigned kind = 0; kind < DEVICE_KINDS; kind++)
		device_make(kind, PLACE_DEVICE_BYTES, &devices[kind],
			    reasons[kind]);
	return out_buffer == NULL || in_buffer == NULL;
}

static int remove_devices(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < DEVICE_KINDS; kind++)
		device_remove(&devices[kind]);
	free(out_buffer);
	free(in_buffer);
	return 0;
}

static void list_places(void)
{
	for (unsigned i = 0; i < PLACES; i++) {
		const unsigned kind = i / ENGINES / MODES;

		devices[kind].kind = kind;
		places[i] = (struct place){
			.engine = engines[i % ENGINES],
			.mode = modes[i / ENGINES % MODES],
			.device = &devices[kind],
			.reason = reasons[kind],
		};
	}
}

/* "aio, zram, direct: lock", to be freed. */
static char *make_name(const struct place *place, const char *test)
{
	char *name;

	if (asprintf(&name, "%s, %s, %s: %s", place_engine_name(place),
		     device_kind_name(place->device->kind),
		     place->mode == RING_IO_DIRECT ? "direct" : "buffered",
		     test) < 0)
		abort();
	return name;
}

/* Returns how many there are in ret_tests, which has room for all. */
static size_t list_tests(const struct place_test *tests, size_t count,
			 struct CMUnitTest *ret_tests)
{
	size_t listed = 0;

	for (size_t i = 0; i < count * PLACES; i++) {
		struct place *place = &places[i / count];
		const struct place_test *test = &tests[i % count];

		if (test->is_for_files &&
		    device_kind_is_block(place->device->kind))
			continue;
		ret_tests[listed++] = (struct CMUnitTest){
			.name = make_name(place, test->name),
			.test_func = test->test,
			.initial_state = place,
		};
	}
	return listed;
}

int place_run(const char *group, const struct place_test *tests, size_t count)
{
	struct CMUnitTest *list = calloc(count * PLACES, sizeof(*list));
	size_t listed;
	int failed;

	if (list == NULL)
		abort();
	list_places();
	listed = list_tests(tests, count, list);

	/* Not by the macro: it takes the number from an array's size. */
	failed = _cmocka_run_group_tests(group, list, listed, make_devices,
					 remove_devices);
	for (size_t i = 0; i < listed; i++)
		free((char *)(uintptr_t)list[i].name);
	free(list);
	return failed;
}
