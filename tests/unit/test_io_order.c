/*
 * Goal: within a batch, reads and the flush wait for the writes (ring_io.h):
 * a fence that is read beside the write that it guards comes too early, and a
 * flush covers only what was completed before it.
 * Method: look at what the kernel is given by the engine on io_uring, by
 * submission or by call; and at the rounds that all engines share.
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

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* ---- what goes out ------------------------------------------------------ */

/* A letter for each entry, a bar behind each submission; calls in capitals. */
static char seen[64];

static char letter(unsigned opcode)
{
	switch (opcode) {
	case IORING_OP_WRITE:
		return 'w';
	case IORING_OP_READ:
		return 'r';
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

static const struct io_uring *uring; /* that was used last */

/* Takes the place of the library's, and calls it. */
int io_uring_submit(struct io_uring *ring)
{
	int (*submit)(struct io_uring *);
	const unsigned mask = *ring->sq.kring_mask;

	uring = ring;
	for (unsigned i = ring->sq.sqe_head; i != ring->sq.sqe_tail; i++)
		note(letter(ring->sq.sqes[i & mask].opcode));
	note('|');
	*(void **)&submit = dlsym(RTLD_NEXT, "io_uring_submit");
	return submit(ring);
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t offset)
{
	ssize_t (*call)(int, const void *, size_t, off_t);

	note('W');
	*(void **)&call = dlsym(RTLD_NEXT, "pwrite");
	return call(fd, buf, len, offset);
}

/* As far as the engine knows. */
static unsigned in_flight(void)
{
	return uring == NULL ? 0 : *uring->sq.khead - *uring->cq.khead;
}

/* B: beside something else. */
int fdatasync(int fd)
{
	int (*call)(int);

	note(in_flight() > 0 ? 'B' : 'F');
	*(void **)&call = dlsym(RTLD_NEXT, "fdatasync");
	return call(fd);
}

struct scene {
	struct device device;
	struct ring_io *io;
	uint8_t *buf; /* BLOCKS blocks */
};

/* Skips where there is no such I/O with io_uring. */
static void set_up(struct scene *s, enum ring_io_mode mode)
{
	const struct ring_io_options options = { .engine = RING_IO_URING,
						 .mode = mode };
	char reason[DEVICE_REASON_BYTES];

	*s = (struct scene){ 0 };
	if (!device_make(DEVICE_FILE, 1 << 20, &s->device, reason) ||
	    ring_io_open(s->device.path, &options, &s->io) != 0) {
		print_message("no such I/O with io_uring here\n");
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
	uring = NULL;
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

struct order_case {
	const char *name;
	enum ring_io_mode mode;
	bool is_short;     /* a system call moves no more than half a block */
	const char *kinds; /* of the batch, which is flushed */
	const char *expected;
};

static const struct order_case order_cases[] = {
	{ "direct, two writes", RING_IO_DIRECT, false, "wrw", "ww|r|B" },
	{ "direct, in parts", RING_IO_DIRECT, true, "wrw", "ww|ww|r|Br|" },
	{ "direct, one write", RING_IO_DIRECT, false, "wrr", "Wrr|B" },
	{ "direct, one in parts", RING_IO_DIRECT, true, "wr", "WWr|Br|" },
	{ "direct, only writes", RING_IO_DIRECT, false, "ww", "ww|F" },
	{ "direct, only reads", RING_IO_DIRECT, false, "r", "r|F" },
	{ "buffered, two writes", RING_IO_BUFFERED, false, "wrw", "ww|r|F" },
	{ "buffered, one write", RING_IO_BUFFERED, false, "wr", "Wr|F" },
};

static void test_within_a_batch(void **state)
{
	const struct order_case *row = *state;
	struct scene s;
	struct ring_io_batch batch = { .flush = true,
				       .count = (unsigned)strlen(row->kinds) };

	set_up(&s, row->mode);
	if (row->is_short && s.io->sector_bytes > RING_IO_ALIGN / 2) {
		tear_down(&s);
		print_message("half a block is less than a sector here\n");
		skip();
	}
	if (row->is_short)
		ring_io_to_base(s.io)->transfer_max_bytes = RING_IO_ALIGN / 2;
	for (unsigned i = 0; i < batch.count; i++)
		batch.ops[i] = op_on(
			&s, row->kinds[i] == 'r' ? RING_IO_READ : RING_IO_WRITE,
			i);
	assert_int_equal(ring_io_run(s.io, &batch), 0);
	assert_string_equal(seen, row->expected);
	tear_down(&s);
}

/* Neither waits for the other. */
static void test_two_batches(void **state)
{
	struct scene s;
	struct ring_io_batch seal = { .count = 1 };
	struct ring_io_batch commit = { .flush = true, .count = 2 };

	(void)state;
	set_up(&s, RING_IO_DIRECT);
	seal.ops[0] = op_on(&s, RING_IO_WRITE, 0);
	commit.ops[0] = op_on(&s, RING_IO_WRITE, 1);
	commit.ops[1] = op_on(&s, RING_IO_READ, 2);
	assert_int_equal(s.io->ops->start(s.io, &seal), 0);
	assert_int_equal(s.io->ops->start(s.io, &commit), 0);
	assert_int_equal(s.io->ops->wait(s.io, &commit), 0);
	assert_string_equal(seen, "w|Wr|B");
	assert_int_equal(s.io->ops->wait(s.io, &seal), 0);
	assert_string_equal(seen, "w|Wr|B");
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
	struct CMUnitTest tests[2 + ARRAY_SIZE(order_cases)] = {
		cmocka_unit_test(test_two_batches),
		cmocka_unit_test(test_rounds),
	};

	for (size_t i = 0; i < ARRAY_SIZE(order_cases); i++)
		tests[2 + i] = (struct CMUnitTest){
			.name = order_cases[i].name,
			.test_func = test_within_a_batch,
			.initial_state = (void *)(uintptr_t)&order_cases[i],
		};
	return cmocka_run_group_tests_name("order of I/O", tests, NULL, NULL);
}
