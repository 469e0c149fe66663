#ifndef TESTS_PLACE_H
#define TESTS_PLACE_H

#include "ring/ring_io.h"
#include "tests/lib/device.h"

/*
 * Runs tests of storage in every place: each engine, on each kind of device,
 * in each mode. What this machine has no device for is skipped, with the
 * reason.
 */
struct place {
	enum ring_io_engine engine;
	enum ring_io_mode mode;
	const struct device *device;
	const char *reason; /* why there is no device; "": there is */
};

enum {
	PLACE_DEVICE_BYTES = 16 << 20,
	PLACE_BUFFER_BYTES = 4 << 20,
};

/* A test gets a struct place as its *state. */
struct place_test {
	const char *name;
	void (*test)(void **state);
	bool is_for_files; /* block devices can't be made to do it */
};

/* Two buffers of PLACE_BUFFER_BYTES, aligned, for the test that runs. */
uint8_t *place_out(void);
uint8_t *place_in(void);

/* "io_uring", "aio", "posix". */
const char *place_engine_name(const struct place *place);

/* Run each of the tests in every place. The number that failed. */
int place_run(const char *group, const struct place_test *tests, size_t count);

/* Open the device as the place says. Skips or fails the test if it can't. */
struct ring_io *place_open(void **state);
struct ring_io *place_open_read_only(void **state);

/* Random bytes; the same for the same seed. */
void place_fill(uint8_t *buf, size_t len_bytes, uint32_t seed);

/* A batch of one operation, from the out buffer or to the in buffer. */
struct ring_io_batch place_batch(enum ring_io_kind kind, uint64_t offset_bytes,
				 size_t len_bytes);

/* Write the out buffer and flush. */
int place_write(struct ring_io *io, uint64_t offset_bytes, size_t len_bytes);

/* Read into the in buffer, which is overwritten before. */
int place_read(struct ring_io *io, uint64_t offset_bytes, size_t len_bytes);

/* Write len_bytes random bytes, read them back, and assert they are equal. */
void place_round_trip(struct ring_io *io, uint64_t offset_bytes,
		      size_t len_bytes, uint32_t seed);

#endif
