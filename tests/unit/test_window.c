/*
 * Goal: the window shows what is on the disk, reads little and nothing
 * twice, and knows what it checked and flushed.
 * Method: a disk in memory that counts; tables of reads to expect; then
 * random use in rings of several shapes, every byte against the disk's.
 */
#include "ring/window.h"
#include "tests/lib/draw.h"
#include "tests/lib/mem_disk.h"
#include "tests/lib/rows.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { KIB = 1024, MIB = 1024 * KIB, DATA_OFFSET = 128 * KIB };

struct shape {
	const char *name;
	uint32_t block_bytes;
	uint64_t data_bytes, max_batch;
	bool direct;
};

static const struct shape shapes[] = {
	{ "less than a chunk", 512, 8 * KIB, 4 * KIB, false },
	{ "least, 512", 512, 3 * KIB, 1536, false },
	{ "least, 65536", 65536, 3 * 65536, 65536, false },
	{ "a chunk and a bit", 512, 17 * KIB, 2 * KIB, false },
	{ "no power of two", 4096, 37 * 4096, 8192, false },
	{ "more than the window", 4096, 5 * MIB, 64 * KIB, false },
	{ "more than the window, 65536", 65536, 4 * MIB, 256 * KIB, false },
	{ "direct", 4096, 11 * MIB, 64 * KIB, true },
	{ "direct, less than a chunk", 512, 37 * KIB, 4 * KIB, true },
};

static const struct shape big = { "big", 4096, 8 * MIB, 64 * KIB, false };
static const struct shape big_direct = { "big, direct", 4096, 32 * MIB,
					 64 * KIB, true };

struct scene {
	struct mem_disk *disk;
	struct volume volume;
	struct window window;
};

static void setup(struct scene *s, const struct shape *shape)
{
	struct draw fill = { .state = 42 };
	uint8_t *bytes;

	memset(s, 0, sizeof(*s));
	s->disk = mem_disk_new(DATA_OFFSET + shape->data_bytes, 512);
	bytes = mem_disk_bytes(s->disk);
	for (uint64_t i = 0; i < shape->data_bytes; i++)
		bytes[DATA_OFFSET + i] = (uint8_t)draw_u64(&fill);
	s->volume.io = mem_disk_open(s->disk);
	s->volume.io->buffered = !shape->direct;
	s->volume.system = ring_system_default();
	s->volume.superblock.geometry =
		(struct geometry){ .block_bytes = shape->block_bytes,
				   .data_offset = DATA_OFFSET,
				   .data_bytes = shape->data_bytes,
				   .max_batch = shape->max_batch };
	assert_int_equal(window_init(&s->window, &s->volume), 0);
}

static void teardown(struct scene *s)
{
	window_release(&s->window);
	ring_io_close(s->volume.io);
	mem_disk_free(s->disk);
}

static uint64_t read_bytes(struct scene *s)
{
	return mem_disk_counts(s->disk).read_bytes;
}

static uint8_t *disk_at(struct scene *s, uint64_t position)
{
	const uint64_t data = s->volume.superblock.geometry.data_bytes;

	return mem_disk_bytes(s->disk) + DATA_OFFSET + position % data;
}

static void assert_shows(struct scene *s, uint64_t position, size_t len)
{
	const uint8_t *got;

	assert_true(window_resident(&s->window, position) >= len);
	got = window_at(&s->window, position);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(got[i], *disk_at(s, position + i));
}

static void need(struct scene *s, uint64_t position, size_t len)
{
	assert_int_equal(window_need(&s->window, position, len), 0);
	assert_shows(s, position, len);
}

/* ---- how much is read --------------------------------------------------- */

struct growth_case {
	const char *name;
	struct shape shape;
	uint64_t reads[6]; /* of one need after the other, each at the end */
};

static const struct growth_case growth_cases[] = {
	{ "usual",
	  { "", 4096, 8 * MIB, 64 * KIB, false },
	  { 16 * KIB, 64 * KIB, 256 * KIB, MIB, MIB, MIB } },
	{ "largest blocks",
	  { "", 65536, 8 * MIB, 64 * KIB, false },
	  { 64 * KIB, 256 * KIB, MIB, MIB, MIB, MIB } },
	{ "a lap is less than a chunk",
	  { "", 512, 8 * KIB, 4 * KIB, false },
	  { 8 * KIB, 7680, 7680, 7680, 7680, 7680 } },
	{ "a lap is less than two chunks",
	  { "", 512, 24 * KIB, 4 * KIB, false },
	  { 16 * KIB, 24064, 24064, 24064, 24064, 24064 } },
	{ "direct",
	  { "", 4096, 32 * MIB, 64 * KIB, true },
	  { 16 * KIB, 64 * KIB, 256 * KIB, MIB, 2 * MIB, 2 * MIB } },
};

static void test_growth(void **state)
{
	const struct growth_case *row = *state;
	uint64_t position = row->shape.data_bytes;
	struct scene s;

	setup(&s, &row->shape);
	for (unsigned i = 0; i < ARRAY_SIZE(row->reads); i++) {
		const uint64_t before = read_bytes(&s);

		s.window.keep = position - 8;
		need(&s, position, 8);
		assert_int_equal(read_bytes(&s) - before, row->reads[i]);
		position += row->reads[i];
	}
	teardown(&s);
}

static void test_chunks_are_small_again(void **state)
{
	const uint64_t start = big.data_bytes;
	uint64_t before;
	struct scene s;

	/* One that waits looks at a block or two, again and again. */
	(void)state;
	setup(&s, &big);
	need(&s, start, 8);
	need(&s, start + 16 * KIB, 8);
	for (unsigned i = 0; i < 3; i++) {
		window_forget(&s.window, start + 16 * KIB);
		before = read_bytes(&s);
		need(&s, start + 16 * KIB, 8);
		assert_int_equal(read_bytes(&s) - before, 16 * KIB);
	}
	window_reset(&s.window);
	before = read_bytes(&s);
	need(&s, start, 8);
	assert_int_equal(read_bytes(&s) - before, 16 * KIB);
	teardown(&s);
}

static void test_large_needs_are_read_at_once(void **state)
{
	const uint64_t start = big.data_bytes;
	struct scene s;

	(void)state;
	setup(&s, &big);
	need(&s, start + 100, 64 * KIB);
	assert_int_equal(read_bytes(&s), 68 * KIB);
	assert_int_equal(s.window.loads, 1);
	teardown(&s);
}

static void test_resident_bytes_are_not_read(void **state)
{
	const uint64_t start = big.data_bytes;
	struct scene s;

	(void)state;
	setup(&s, &big);
	need(&s, start + 5000, 8);
	assert_int_equal(s.window.start, start + 4096);
	assert_int_equal(read_bytes(&s), 16 * KIB);
	need(&s, start + 4096, 16 * KIB);
	need(&s, start + 4096 + 16 * KIB - 1, 1);
	need(&s, start + 5000, 0);
	assert_int_equal(read_bytes(&s), 16 * KIB);
	assert_int_equal(window_resident(&s.window, start + 4095), 0);
	assert_int_equal(window_resident(&s.window, start + 4096), 16 * KIB);
	assert_int_equal(window_resident(&s.window, start + 20 * KIB - 1), 1);
	assert_int_equal(window_resident(&s.window, start + 20 * KIB), 0);
	teardown(&s);
}

/* Two laps in small steps: each byte is read once in each. */
static void test_drain(void **state)
{
	const struct shape *shape = *state;
	const uint64_t start = shape->data_bytes;
	const uint64_t end = start + 2 * shape->data_bytes;
	const size_t len = shape->max_batch < 1000 ? 256 : 1000;
	struct scene s;

	setup(&s, shape);
	for (uint64_t at = start; at + len <= end; at += len) {
		s.window.keep = at;
		need(&s, at, len);
		assert_true(s.window.len <= shape->data_bytes);
	}
	assert_int_equal(read_bytes(&s), s.window.start + s.window.len - start);
	teardown(&s);
}

static void test_wrap(void **state)
{
	const struct shape *shape = *state;
	const uint64_t end = 2 * shape->data_bytes;
	struct mem_disk_counts counts;
	struct scene s;

	setup(&s, shape);
	need(&s, end - shape->block_bytes + 8, shape->block_bytes);
	counts = mem_disk_counts(s.disk);
	assert_int_equal(counts.reads, 2);
	assert_int_equal(s.window.loads, 1);
	teardown(&s);
}

/* ---- what is kept ------------------------------------------------------- */

static void test_slide_keeps(void **state)
{
	const uint64_t start = big.data_bytes;
	const uint64_t keep = start + 20 * KIB + 24;
	struct scene s;

	/* A reader stays behind while another looks ahead. */
	(void)state;
	setup(&s, &big);
	need(&s, start, 8);
	need(&s, start + 16 * KIB, 8);
	s.window.keep = keep;
	for (uint64_t at = keep; at < keep + MIB + 64 * KIB; at += 4096)
		need(&s, at, 8);
	assert_int_equal(read_bytes(&s), s.window.start + s.window.len - start);
	/* What was before it went first. */
	assert_int_equal(s.window.start, start + 20 * KIB);
	assert_shows(&s, keep, MIB + 60 * KIB);
	/* There is an end to it. */
	need(&s, s.window.start + s.window.len, 64 * KIB);
	assert_int_equal(window_resident(&s.window, keep), 0);
	teardown(&s);
}

static void test_jump(void **state)
{
	const uint64_t start = big.data_bytes;
	struct scene s;

	(void)state;
	setup(&s, &big);
	need(&s, start + 4096, 8);
	need(&s, start + 3 * MIB, 8); /* ahead */
	assert_int_equal(window_resident(&s.window, start + 4096), 0);
	need(&s, start + 8, 8); /* back */
	assert_int_equal(s.window.start, start);
	/* Into the block right behind the last one. */
	need(&s, start + s.window.len + 40, 8);
	/* Small again after each jump. */
	assert_int_equal(read_bytes(&s), 3 * 16 * KIB + 64 * KIB);
	teardown(&s);
}

static void test_forget(void **state)
{
	const uint64_t start = big.data_bytes;
	struct scene s;

	(void)state;
	setup(&s, &big);
	need(&s, start, 12 * KIB);
	window_set_checked(&s.window, start, start + 12 * KIB);
	window_set_flushed(&s.window);
	assert_int_equal(s.window.flushed_end, start + 16 * KIB);

	*disk_at(&s, start + 4096) ^= 1;
	*disk_at(&s, start + 5000) ^= 1;
	window_forget(&s.window, start + 5000);
	assert_int_equal(window_resident(&s.window, start), 4096);
	assert_int_equal(window_checked(&s.window, start), 4096);
	assert_int_equal(window_checked(&s.window, start + 4096), 0);
	assert_int_equal(s.window.flushed_end, start + 4096);
	need(&s, start + 4096, 8192);

	/* Beyond its end there is nothing to forget. */
	window_forget(&s.window, start + 4 * MIB);
	assert_true(window_resident(&s.window, start) >= 12 * KIB);
	/* The first block, or one before: everything goes. */
	window_forget(&s.window, start + 8);
	assert_int_equal(s.window.len, 0);
	assert_int_equal(window_checked(&s.window, start), 0);
	assert_int_equal(s.window.flushed_end, 0);
	teardown(&s);
}

static void test_forget_before_what_is_checked(void **state)
{
	const uint64_t start = big.data_bytes;
	struct scene s;

	(void)state;
	setup(&s, &big);
	need(&s, start, 16 * KIB);
	window_set_checked(&s.window, start + 8192, start + 12288);
	window_forget(&s.window, start + 4096);
	for (uint64_t at = start; at < start + 16 * KIB; at += 8)
		assert_int_equal(window_checked(&s.window, at), 0);
	window_set_checked(&s.window, start, start + 8);
	assert_int_equal(window_checked(&s.window, start), 8);
	teardown(&s);
}

/* ---- what is checked and flushed ---------------------------------------- */

struct checked_case {
	const char *name;
	uint64_t from, to; /* [4096, 8192) passed before */
	uint64_t expected_from, expected_to;
};

static const struct checked_case checked_cases[] = {
	{ "follows", 8192, 9000, 4096, 9000 },
	{ "goes before", 1000, 4096, 1000, 8192 },
	{ "overlaps the end", 8000, 9000, 4096, 9000 },
	{ "overlaps the start", 1000, 5000, 1000, 8192 },
	{ "within", 5000, 6000, 4096, 8192 },
	{ "around", 1000, 9000, 1000, 9000 },
	{ "after a hole", 8200, 9000, 8200, 9000 },
	{ "before a hole", 1000, 4088, 1000, 4088 },
};

static void test_checked(void **state)
{
	const struct checked_case *row = *state;
	struct window w = { 0 };

	window_set_checked(&w, 4096, 8192);
	window_set_checked(&w, row->from, row->to);
	for (uint64_t at = 0; at < 10000; at += 8) {
		const bool is_in =
			at >= row->expected_from && at < row->expected_to;

		assert_int_equal(window_checked(&w, at),
				 is_in ? row->expected_to - at : 0);
	}
}

static void test_flushed(void **state)
{
	const uint64_t start = big.data_bytes;
	struct scene s;

	(void)state;
	setup(&s, &big);
	window_set_flushed(&s.window);
	assert_int_equal(s.window.flushed_end, 0);
	need(&s, start, 8);
	assert_int_equal(s.window.flushed_end, 0);
	window_set_flushed(&s.window);
	assert_int_equal(s.window.flushed_end, start + 16 * KIB);
	/* What is read later was not flushed. */
	need(&s, start + 16 * KIB, 8);
	assert_int_equal(s.window.flushed_end, start + 16 * KIB);
	window_reset(&s.window);
	assert_int_equal(s.window.flushed_end, 0);
	teardown(&s);
}

static void test_from_storage(void **state)
{
	const uint64_t end = 2 * big.data_bytes;
	struct mem_disk_counts counts;
	struct scene s;

	/* Across the end: both ranges, each before it is read. */
	(void)state;
	setup(&s, &big);
	need(&s, end - 32 * KIB, 8);
	assert_int_equal(mem_disk_counts(s.disk).drops, 0);
	mem_disk_reset_counts(s.disk);
	s.window.from_storage = true;
	need(&s, end - 8 * KIB, 16 * KIB);
	counts = mem_disk_counts(s.disk);
	assert_int_equal(counts.drops, 2);
	assert_int_equal(counts.dropped_bytes, counts.read_bytes);
	teardown(&s);
}

/* ---- reading ahead ------------------------------------------------------ */

/* The window holds the first 16 KiB; what follows is under way, or not. */
static void begin_ahead(struct scene *s, const struct shape *shape,
			uint64_t ahead_to)
{
	setup(s, shape);
	need(s, shape->data_bytes, 8);
	s->window.keep = shape->data_bytes;
	s->window.ahead_to = shape->data_bytes + ahead_to;
	window_read_ahead(&s->window);
}

static void test_ahead(void **state)
{
	const uint64_t start = big_direct.data_bytes;
	struct scene s;

	(void)state;
	begin_ahead(&s, &big_direct, MIB);
	assert_int_equal(s.window.ahead_len, 64 * KIB);
	window_read_ahead(&s.window); /* one at a time */
	need(&s, start + 16 * KIB, 64 * KIB);
	assert_int_equal(read_bytes(&s), 16 * KIB + 64 * KIB);
	assert_int_equal(s.window.loads, 2);
	teardown(&s);
}

static void assert_ahead(const struct shape *shape, uint64_t to, size_t len)
{
	struct scene s;

	begin_ahead(&s, shape, to);
	assert_int_equal(s.window.ahead_len, len);
	teardown(&s);
}

static void test_ahead_is_bounded(void **state)
{
	(void)state;
	assert_ahead(&big_direct, 20 * KIB + 8, 8 * KIB);
	assert_ahead(&big_direct, 16 * KIB, 0);
	assert_ahead(&big_direct, 0, 0);
	assert_ahead(&big, MIB, 0); /* through the page cache */
}

/* It was asked for before: who forgets wants to see what is there now. */
static void test_ahead_is_forgotten(void **state)
{
	const uint64_t start = big_direct.data_bytes;
	struct scene s;

	(void)state;
	begin_ahead(&s, &big_direct, MIB);
	window_forget(&s.window, start + 12 * KIB);
	*disk_at(&s, start + 20 * KIB) ^= 1;
	need(&s, start + 16 * KIB, 8 * KIB);
	teardown(&s);
	begin_ahead(&s, &big_direct, MIB);
	window_reset(&s.window);
	*disk_at(&s, start + 20 * KIB) ^= 1;
	need(&s, start + 16 * KIB, 8 * KIB);
	teardown(&s);
}

/* The first read shows where reading ahead is to begin. */
static void test_no_ahead_of_nothing(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, &big_direct);
	s.window.ahead_to = big_direct.data_bytes + MIB;
	window_read_ahead(&s.window);
	assert_int_equal(s.window.ahead_len, 0);
	teardown(&s);
}

static void test_ahead_fails(void **state)
{
	const uint64_t start = big_direct.data_bytes;
	struct scene s;

	(void)state;
	setup(&s, &big_direct);
	need(&s, start, 8);
	s.window.ahead_to = start + MIB;
	mem_disk_fail(s.disk, (struct mem_disk_fault){ 1, EIO, false });
	window_read_ahead(&s.window);
	need(&s, start + 16 * KIB, 8);
	assert_true(mem_disk_fault_was_hit(s.disk));
	teardown(&s);
}

/* ---- failures ----------------------------------------------------------- */

static void test_read_error(void **state)
{
	const uint64_t start = big.data_bytes;
	struct scene s;

	(void)state;
	setup(&s, &big);
	need(&s, start, 8);
	mem_disk_fail(s.disk, (struct mem_disk_fault){ 1, EIO, false });
	assert_int_equal(window_need(&s.window, start + 16 * KIB, 8), -EIO);
	assert_true(mem_disk_fault_was_hit(s.disk));
	assert_int_equal(window_resident(&s.window, start), 16 * KIB);
	assert_shows(&s, start, 16 * KIB);
	need(&s, start + 16 * KIB, 8);
	teardown(&s);
}

static void test_device_is_too_small(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, &big);
	s.volume.superblock.geometry.data_offset += 4096;
	assert_int_equal(window_need(&s.window, 2 * big.data_bytes - 4096, 8),
			 -RING_ERR_TRUNCATED);
	assert_int_equal(s.window.len, 0);
	teardown(&s);
}

/* ---- random use --------------------------------------------------------- */

enum { STEPS = 3000 };

static uint64_t limit_of(const struct shape *shape)
{
	const uint64_t chunk = shape->direct ? 2 * MIB : MIB;
	const uint64_t cap = shape->max_batch + 2 * shape->block_bytes + chunk;

	return shape->data_bytes < cap ? shape->data_bytes : cap;
}

/* Whether from `keep` to the end of a need there is room. */
static bool is_room(const struct shape *shape, uint64_t keep, uint64_t end)
{
	const uint64_t block = shape->block_bytes;

	return (end + block - 1) / block * block - keep / block * block <=
	       limit_of(shape);
}

static uint64_t draw_position(struct scene *s, const struct shape *shape,
			      struct draw *d, uint64_t last)
{
	switch (draw_below(d, 8)) {
	case 0: /* anywhere in three laps */
		return shape->data_bytes +
		       8 * draw_below(d, 3 * shape->data_bytes / 8);
	case 1: /* where the window ends */
		return s->window.len > 0 ? s->window.start + s->window.len
					 : last;
	case 2: /* back a little */
		return last - 8 * draw_below(d, shape->block_bytes / 8);
	default: /* on */
		return last + 8 * draw_below(d, shape->max_batch / 8);
	}
}

static void random_need(struct scene *s, const struct shape *shape,
			struct draw *d, uint64_t *position)
{
	const size_t len =
		draw_below(d, draw_below(d, 4) == 0 ? shape->max_batch : 64) +
		1;
	const struct window before = s->window;
	const uint64_t end = before.start + before.len;
	bool keeps;

	*position = draw_position(s, shape, d, *position);
	keeps = window_resident(&before, before.keep) > 0 &&
		before.keep <= *position &&
		*position < end + shape->block_bytes &&
		is_room(shape, before.keep, *position + len);
	need(s, *position, len);
	if (keeps)
		assert_true(window_resident(&s->window, before.keep) > 0);
	assert_true(s->window.len <= limit_of(shape));
	/* What was read ahead, and what more was needed. */
	assert_true(s->window.loads <= before.loads + 1 + shape->direct);
	if (window_resident(&before, *position) >= len)
		assert_int_equal(s->window.loads, before.loads);
}

/* The disk changes from some position on, and the window is told. */
static void random_change(struct scene *s, struct draw *d)
{
	const uint64_t from = s->window.start + draw_below(d, s->window.len);
	const uint64_t end = s->window.start + s->window.len;

	for (uint64_t at = from; at < end; at += 1 + draw_below(d, 64))
		*disk_at(s, at) ^= 0x5a;
	window_forget(&s->window, from);
	assert_int_equal(window_resident(&s->window, from), 0);
	assert_int_equal(window_checked(&s->window, from), 0);
}

/* Up to somewhere; what is to be kept stays. */
static void random_read_ahead(struct scene *s, const struct shape *shape,
			      struct draw *d, uint64_t position)
{
	struct window *w = &s->window;
	const bool has_kept = window_resident(w, w->keep) > 0;

	w->ahead_to = position + draw_below(d, shape->data_bytes);
	window_read_ahead(w);
	if (has_kept)
		assert_true(window_resident(w, w->keep) > 0);
}

static void test_random_use(void **state)
{
	const struct shape *shape = *state;
	struct draw d = draw_begin(shape->name);
	uint64_t position = shape->data_bytes;
	struct scene s;

	setup(&s, shape);
	for (unsigned i = 0; i < STEPS; i++) {
		if (draw_below(&d, 4) == 0)
			s.window.keep = position;
		if (draw_below(&d, 64) == 0)
			window_reset(&s.window);
		if (draw_below(&d, 16) == 0 && s.window.len > 0)
			random_change(&s, &d);
		random_need(&s, shape, &d, &position);
		if (draw_below(&d, 2) == 0)
			random_read_ahead(&s, shape, &d, position);
		if (draw_below(&d, 64) == 0)
			assert_shows(&s, s.window.start, s.window.len);
	}
	teardown(&s);
}

int main(void)
{
	const struct rows tables[] = {
		{ "growth", test_growth, growth_cases, sizeof(growth_cases),
		  sizeof(growth_cases[0]) },
		{ "drain", test_drain, shapes, sizeof(shapes),
		  sizeof(shapes[0]) },
		{ "wrap", test_wrap, shapes, sizeof(shapes),
		  sizeof(shapes[0]) },
		{ "checked ranges", test_checked, checked_cases,
		  sizeof(checked_cases), sizeof(checked_cases[0]) },
		{ "random use", test_random_use, shapes, sizeof(shapes),
		  sizeof(shapes[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chunks_are_small_again),
		cmocka_unit_test(test_large_needs_are_read_at_once),
		cmocka_unit_test(test_resident_bytes_are_not_read),
		cmocka_unit_test(test_slide_keeps),
		cmocka_unit_test(test_jump),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_forget_before_what_is_checked),
		cmocka_unit_test(test_flushed),
		cmocka_unit_test(test_from_storage),
		cmocka_unit_test(test_ahead),
		cmocka_unit_test(test_ahead_is_bounded),
		cmocka_unit_test(test_ahead_is_forgotten),
		cmocka_unit_test(test_no_ahead_of_nothing),
		cmocka_unit_test(test_ahead_fails),
		cmocka_unit_test(test_read_error),
		cmocka_unit_test(test_device_is_too_small),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
