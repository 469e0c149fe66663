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

enum { BLOCKS = 3 };

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

struct scene {
	struct device device;
	struct ring_io *io;
	uint8_t *buf; /* BLOCKS blocks */
};

/* Skips where there is no direct I/O with io_uring. */
static void set_up(struct scene *s)
{
	const struct ring_io_options options = { .engine = RING_IO_URING,
						 .mode = RING_IO_DIRECT };
	char reason[DEVICE_REASON_BYTES];

	*s = (struct scene){ 0 };
	if (!device_make(DEVICE_FILE, 1 << 20, &s->device, reason) ||
	    ring_io_open(s->device.path, &options, &s->io) != 0) {
		print_message("no direct I/O with io_uring here\n");
		skip();
	}
	s->buf = aligned_alloc(RING_IO_ALIGN, BLOCKS * RING_IO_ALIGN);
	assert_non_null(s->buf);
	memset(s->buf, 1, BLOCKS * RING_IO_ALIGN);
	memset(seen, 0, sizeof(seen));
}

static void tear_down(struct scene *s)
{
	ring_io_close(s->io);
	device_remove(&s->device);
	free(s->buf);
}

static struct ring_io_op op_on(const struct scene *s, enum ring_io_kind kind,
			       unsigned block)
{
	return (struct ring_io_op){
		.kind = kind,
		.offset_bytes = (uint64_t)block * RING_IO_ALIGN,
		.buf = s->buf + (size_t)block * RING_IO_ALIGN,
		.len_bytes = RING_IO_ALIGN,
	};
}

static void test_within_a_batch(void **state)
{
	struct scene s;
	struct ring_io_batch batch = { .flush = true, .count = 3 };

	(void)state;
	set_up(&s);
	batch.ops[0] = op_on(&s, RING_IO_WRITE, 0);
	batch.ops[1] = op_on(&s, RING_IO_READ, 1);
	batch.ops[2] = op_on(&s, RING_IO_WRITE, 2);
	assert_int_equal(ring_io_run(s.io, &batch), 0);
	assert_string_equal(seen, "ww|rf|");
	tear_down(&s);
}

/* Neither waits for the other. */
static void test_two_batches(void **state)
{
	struct scene s;
	struct ring_io_batch seal = { .count = 1 };
	struct ring_io_batch commit = { .flush = true, .count = 2 };

	(void)state;
	set_up(&s);
	seal.ops[0] = op_on(&s, RING_IO_WRITE, 0);
	commit.ops[0] = op_on(&s, RING_IO_WRITE, 1);
	commit.ops[1] = op_on(&s, RING_IO_READ, 2);
	assert_int_equal(s.io->ops->start(s.io, &seal), 0);
	assert_int_equal(s.io->ops->start(s.io, &commit), 0);
	assert_int_equal(s.io->ops->wait(s.io, &commit), 0);
	assert_string_equal(seen, "w|w|rf|");
	assert_int_equal(s.io->ops->wait(s.io, &seal), 0);
	assert_string_equal(seen, "w|w|rf|");
	tear_down(&s);
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
		cmocka_unit_test(test_within_a_batch),
		cmocka_unit_test(test_two_batches),
		cmocka_unit_test(test_rounds),
	};

	return cmocka_run_group_tests_name("order of I/O", tests, NULL, NULL);
}
