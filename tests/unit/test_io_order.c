/*
 * Goal: within a batch, reads and the flush wait for the writes (ring_io.h):
 * a fence that is read beside the write that it guards comes too early, and a
 * flush covers only what was completed before it.
 * Method: look at what io_uring is given, submission by submission; and at the
 * rounds that all engines share.
 */
#include "ring/io_common.h"
#include "tests/lib/device.h"

#include <dlfcn.h>
#include <liburing.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- what goes out ------------------------------------------------------ */

/* A letter for each entry, a bar behind each submission. */
static char seen[64];

static char letter(unsigned opcode)
{
	switch (opcode) {
	case IORING_OP_WRITE:
		return 'w';
	case IORING_OP_READ:
		return 'r';
	case IORING_OP_FSYNC:
		return 'f';
	default:
		return '?';
	}
}

static void note(char c)
{
	const size_t len = strlen(seen);

	if (len + 1 < sizeof(seen))
		seen[len] = c;
}

/* Takes the place of the library's, and calls it. */
int io_uring_submit(struct io_uring *ring)
{
	int (*submit)(struct io_uring *);
	const unsigned mask = *ring->sq.kring_mask;

	for (unsigned i = ring->sq.sqe_head; i != ring->sq.sqe_tail; i++)
		note(letter(ring->sq.sqes[i & mask].opcode));
	note('|');
	*(void **)&submit = dlsym(RTLD_NEXT, "io_uring_submit");
	return submit(ring);
}

static void test_io_uring(void **state)
{
	const struct ring_io_options options = { .engine = RING_IO_URING,
						 .mode = RING_IO_DIRECT };
	char reason[DEVICE_REASON_BYTES];
	struct device device;
	struct ring_io_batch batch;
	struct ring_io *io = NULL;
	uint8_t *buf = aligned_alloc(RING_IO_ALIGN, 3 * RING_IO_ALIGN);

	(void)state;
	assert_non_null(buf);
	memset(buf, 1, 3 * RING_IO_ALIGN);
	if (!device_make(DEVICE_FILE, 1 << 20, &device, reason) ||
	    ring_io_open(device.path, &options, &io) != 0) {
		free(buf);
		print_message("no direct I/O with io_uring here\n");
		skip();
	}
	batch = (struct ring_io_batch){ .flush = true, .count = 3 };
	for (unsigned i = 0; i < 3; i++)
		batch.ops[i] = (struct ring_io_op){
			.kind = i == 1 ? RING_IO_READ : RING_IO_WRITE,
			.offset_bytes = (uint64_t)i * RING_IO_ALIGN,
			.buf = buf + (size_t)i * RING_IO_ALIGN,
			.len_bytes = RING_IO_ALIGN,
		};
	assert_int_equal(ring_io_run(io, &batch), 0);
	assert_string_equal(seen, "ww|rf|");
	ring_io_close(io);
	device_remove(&device);
	free(buf);
}

/* ---- the rounds --------------------------------------------------------- */

static void test_rounds(void **state)
{
	struct ring_io_batch batch = {
		.count = 3,
		.ops = { { .kind = RING_IO_READ, .len_bytes = 8192 },
			 { .kind = RING_IO_WRITE, .len_bytes = 4096 },
			 { .kind = RING_IO_WRITE, .len_bytes = 4096 } },
	};
	struct ring_io_run run = { .batch = &batch };

	(void)state;
	assert_false(ring_io_in_round(&run, 0));
	assert_true(ring_io_in_round(&run, 1));
	assert_true(ring_io_in_round(&run, 2));
	run.done_bytes[1] = 4096;
	run.done_bytes[2] = 512; /* a short write */
	assert_false(ring_io_in_round(&run, 0));
	assert_false(ring_io_in_round(&run, 1));
	assert_true(ring_io_in_round(&run, 2));
	run.done_bytes[2] = 4096;
	assert_true(ring_io_in_round(&run, 0));
	run.done_bytes[0] = 8192;
	assert_false(ring_io_in_round(&run, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_io_uring),
		cmocka_unit_test(test_rounds),
	};

	return cmocka_run_group_tests_name("order of I/O", tests, NULL, NULL);
}
