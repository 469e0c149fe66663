/*
 * Goal: the arithmetic of FORMAT.md 1, 4.1 and 7.
 * Method: tables worked out by hand; and random values against the formulas
 * of FORMAT.md 7, written with divisions on 128 bits.
 */
#include "ring/geometry.h"
#include "tests/lib/draw.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

__extension__ typedef unsigned __int128 wide;

#define P56 (UINT64_C(1) << 56)

/* ---- where things are --------------------------------------------------- */

struct layout_case {
	const char *name;
	uint32_t block_bytes, cursor_slots;
	uint64_t stride;
	uint64_t operator_area; /* copy 0 of role 1 */
	uint64_t last_beat;     /* heartbeat of the last cursor */
	uint64_t data_offset;
};

static const struct layout_case layout_cases[] = {
	{ "least", 512, 1, 4096, 167936, 237568, 262144 },
	{ "strides are at least 4096", 2048, 1, 4096, 167936, 237568, 262144 },
	{ "usual", 4096, 8, 4096, 167936, 495616, 524288 },
	{ "64 cursors", 512, 64, 4096, 167936, 2560000, 2621440 },
	{ "one block a slot", 8192, 2, 8192, 204800, 417792, 458752 },
	{ "largest blocks", 65536, 1, 65536, 720896, 1835008, 1900544 },
};

static void test_layout(void **state)
{
	const struct layout_case *row = *state;
	const struct geometry g = { .block_bytes = row->block_bytes,
				    .cursor_slots = row->cursor_slots };
	const uint32_t last = ROLE_CURSOR_0 + row->cursor_slots - 1;

	assert_int_equal(geometry_slot_stride(&g), row->stride);
	assert_int_equal(geometry_slot_offset(&g, ROLE_PRODUCER, 0), 131072);
	assert_int_equal(geometry_slot_offset(&g, ROLE_PRODUCER, 7),
			 131072 + 7 * row->stride);
	assert_int_equal(geometry_slot_offset(&g, ROLE_OPERATOR, 0),
			 row->operator_area);
	assert_int_equal(geometry_slot_offset(&g, last, 8), row->last_beat);
	assert_int_equal(geometry_data_offset(&g), row->data_offset);
}

struct place_case {
	const char *name;
	uint64_t position, offset, until_wrap;
};

/* 10 blocks of 512 bytes at 262144. */
static const struct place_case place_cases[] = {
	{ "first position", 5120, 262144, 5120 },
	{ "second byte", 5121, 262145, 5119 },
	{ "last byte of the first lap", 10239, 267263, 1 },
	{ "second lap", 10240, 262144, 5120 },
	{ "mid-block, seventh lap", 7 * 5120 + 1032, 263176, 4088 },
	{ "a late lap", (UINT64_C(1) << 50) * 5120 + 8, 262152, 5112 },
};

static void test_place(void **state)
{
	const struct place_case *row = *state;
	const struct geometry g = { .block_bytes = 512,
				    .data_offset = 262144,
				    .data_bytes = 5120 };

	assert_int_equal(geometry_offset(&g, row->position), row->offset);
	assert_int_equal(geometry_until_wrap(&g, row->position),
			 row->until_wrap);
	assert_int_equal(geometry_first_position(&g), 5120);
}

struct end_case {
	const char *name;
	uint32_t block_bytes;
	bool padded;
	uint64_t end, next;
};

static const struct end_case end_cases[] = {
	{ "packed goes on at once", 512, false, 5128, 5128 },
	{ "packed, at a block's start", 512, false, 5632, 5632 },
	{ "padded skips the rest of the block", 512, true, 5128, 5632 },
	{ "padded, at a block's end", 512, true, 5632, 5632 },
	{ "padded, largest blocks", 65536, true, 655368, 720896 },
};

static void test_commit_end(void **state)
{
	const struct end_case *row = *state;
	const struct geometry g = { .block_bytes = row->block_bytes,
				    .padded = row->padded };

	assert_int_equal(geometry_commit_end(&g, row->end), row->next);
	assert_int_equal(geometry_commit_room(&g),
			 row->padded ? row->block_bytes : 384);
}

/* ---- which geometries are valid ----------------------------------------- */

static const struct geometry small = {
	.block_bytes = 512,
	.cursor_slots = 1,
	.data_offset = 262144,
	.data_bytes = 3072,
	.max_item = 1000,
	.max_batch = 1536,
};

struct valid_case {
	const char *name;
	bool expected;
	size_t offset; /* of the field of struct geometry to change */
	size_t width;
	uint64_t value;
	bool is_padded;
};

#define FIELD(f) offsetof(struct geometry, f), sizeof(small.f)

/*
 * An item of 1000 bytes takes 1048, a commit 384 (padded: 512): a batch of
 * 1432 (1560), so 1536 (2048). The data: 1536 + 768 + 512 = 2816, so 3072.
 */
static const struct valid_case valid_cases[] = {
	{ "least", true, FIELD(block_bytes), 512, false },
	{ "no block size", false, FIELD(block_bytes), 0, false },
	{ "block size 256", false, FIELD(block_bytes), 256, false },
	{ "block size 768", false, FIELD(block_bytes), 768, false },
	{ "block size 131072", false, FIELD(block_bytes), 131072, false },
	{ "no cursor slot", false, FIELD(cursor_slots), 0, false },
	{ "too many cursor slots", false, FIELD(cursor_slots), 65, false },
	{ "roles reach into the data", false, FIELD(cursor_slots), 64, false },
	{ "data overlaps the roles", false, FIELD(data_offset), 196608, false },
	{ "data not at 64 KiB", false, FIELD(data_offset), 262144 + 512,
	  false },
	{ "data farther away", true, FIELD(data_offset), 327680, false },
	{ "half a block of data", false, FIELD(data_bytes), 3072 + 256, false },
	{ "one block of data short", false, FIELD(data_bytes), 2560, false },
	{ "one block of data more", true, FIELD(data_bytes), 3584, false },
	{ "most data", true, FIELD(data_bytes), P56 - 512, false },
	{ "too much data", false, FIELD(data_bytes), P56, false },
	{ "largest item for the batch", true, FIELD(max_item), 1104, false },
	{ "item too large for the batch", false, FIELD(max_item), 1105, false },
	{ "empty items only", true, FIELD(max_item), 0, false },
	{ "greatest number for an item", false, FIELD(max_item), UINT64_MAX,
	  false },
	{ "batch not of whole blocks", false, FIELD(max_batch), 1544, false },
	{ "batch too small for the item", false, FIELD(max_batch), 1024,
	  false },
	{ "batch too large for the data", false, FIELD(max_batch), 2048,
	  false },
	{ "greatest number for a batch", false, FIELD(max_batch),
	  UINT64_MAX - 511, false },
	{ "padded needs more for a batch", false, FIELD(data_bytes), 1 << 20,
	  true },
};

static void test_valid(void **state)
{
	const struct valid_case *row = *state;
	struct geometry g = small;
	uint8_t *field = (uint8_t *)&g + row->offset;
	const uint32_t value32 = (uint32_t)row->value;

	if (row->width == 4)
		memcpy(field, &value32, 4);
	else
		memcpy(field, &row->value, 8);
	g.padded = row->is_padded;
	assert_int_equal(geometry_is_valid(&g), row->expected);
}

/* Limits that nothing else hides: there is room for all of it. */
static void test_limits_alone(void **state)
{
	struct geometry g = small;

	(void)state;
	g.data_offset = 1 << 30;
	g.data_bytes = UINT64_C(1) << 40;
	g.max_batch = 1 << 20;
	for (uint32_t block = 128; block <= 1 << 20; block *= 2) {
		g.block_bytes = block;
		assert_int_equal(geometry_is_valid(&g),
				 block >= 512 && block <= 65536);
	}
	g.block_bytes = 512;
	for (g.cursor_slots = 0; g.cursor_slots < 70; g.cursor_slots++)
		assert_int_equal(geometry_is_valid(&g),
				 g.cursor_slots >= 1 && g.cursor_slots <= 64);
}

struct least_case {
	const char *name;
	uint32_t block_bytes;
	bool padded;
	uint64_t max_item, max_batch, least_data;
};

/* max_batch is the least for max_item, least_data that for max_batch. */
static const struct least_case least_cases[] = {
	{ "packed 512", 512, false, 1000, 1536, 3072 },
	{ "padded 512", 512, true, 1000, 2048, 3584 },
	{ "packed 4096", 4096, false, 1000, 4096, 12288 },
	{ "padded 4096", 4096, true, 1000, 8192, 20480 },
	{ "packed 65536", 65536, false, 1000, 65536, 196608 },
	{ "padded 65536", 65536, true, 1000, 131072, 327680 },
	{ "packed, exactly a block", 4096, false, 3664, 4096, 12288 },
	{ "packed, a byte too many", 4096, false, 3665, 8192, 16384 },
	{ "packed, largest item", 512, false, 1 << 30, 1073742336, 1073743872 },
};

static void test_least(void **state)
{
	const struct least_case *row = *state;
	struct geometry g = { .block_bytes = row->block_bytes,
			      .cursor_slots = 1,
			      .padded = row->padded,
			      .data_offset = 1900544,
			      .data_bytes = row->least_data,
			      .max_item = row->max_item,
			      .max_batch = row->max_batch };

	assert_int_equal(geometry_least_data(&g), row->least_data);
	assert_true(geometry_is_valid(&g));
	g.data_bytes -= row->block_bytes;
	assert_false(geometry_is_valid(&g));
	g.data_bytes = UINT64_C(1) << 40;
	assert_true(geometry_is_valid(&g));
	g.max_batch -= row->block_bytes;
	assert_false(geometry_is_valid(&g));
}

static void test_largest_item_and_batch(void **state)
{
	struct geometry g = small;

	(void)state;
	g.data_bytes = UINT64_C(1) << 40;
	g.max_batch = UINT64_C(1) << 31;
	g.max_item = 1 << 30;
	assert_true(geometry_is_valid(&g));
	g.max_item++;
	assert_false(geometry_is_valid(&g));
	g.max_item = 1000;
	g.max_batch += 512; /* the largest batch, too, is 2^31 */
	assert_false(geometry_is_valid(&g));
}

/* As ring.h says of max_item_bytes and max_batch_bytes. */
struct default_case {
	const char *name;
	uint32_t block_bytes;
	bool padded;
	uint64_t data_bytes;
	uint64_t max_item, max_batch; /* as given; 0: the default */
	uint64_t expected_item, expected_batch;
};

static const struct default_case default_cases[] = {
	{ "a quarter", 4096, false, 1 << 20, 0, 0, 262144, 266240 },
	{ "a quarter, padded", 4096, true, 1 << 20, 0, 0, 262144, 270336 },
	{ "at most 16 MiB", 4096, false, 1 << 30, 0, 0, 16777216, 16781312 },
	{ "small items in small data", 4096, false, 1 << 20, 1000, 0, 1000,
	  262144 },
	{ "small items in much data", 4096, false, 1 << 30, 1000, 0, 1000,
	  2097152 },
	{ "a quarter that is no block", 512, false, 3 * 512, 0, 0, 384, 1024 },
	{ "both given", 512, false, 1 << 20, 7, 512, 7, 512 },
	{ "batch given", 4096, false, 1 << 20, 0, 4096, 262144, 4096 },
};

static void test_defaults(void **state)
{
	const struct default_case *row = *state;
	struct geometry g = { .block_bytes = row->block_bytes,
			      .padded = row->padded,
			      .data_bytes = row->data_bytes,
			      .max_item = row->max_item,
			      .max_batch = row->max_batch };

	geometry_set_defaults(&g);
	assert_int_equal(g.max_item, row->expected_item);
	assert_int_equal(g.max_batch, row->expected_batch);
}

/* ---- space -------------------------------------------------------------- */

struct fits_case {
	const char *name;
	uint32_t block_bytes;
	bool padded;
	uint64_t tail, end; /* in rings of 16 blocks */
	/* The most bytes of a batch that fits, for each purpose. */
	uint64_t whole, part, push;
	uint64_t free;
};

static const struct fits_case fits_cases[] = {
	{ "empty", 512, false, 8192, 8192, 8192, 7808, 7424, 8192 },
	{ "end mid-block", 512, false, 8192, 8200, 8184, 7800, 7416, 8184 },
	{ "tail mid-block", 512, false, 8696, 8704, 7680, 7296, 6912, 7680 },
	{ "tail at the next block", 512, false, 8704, 8704, 8192, 7808, 7424,
	  8192 },
	{ "both in one block", 512, false, 8200, 8240, 8144, 7760, 7376, 8144 },
	{ "end wrapped", 512, false, 12288, 17408, 3072, 2688, 2304, 3072 },
	{ "end wrapped, tail mid-block", 512, false, 12792, 17408, 3072, 2688,
	  2304, 3072 },
	{ "a late lap", 512, false, 8192 * UINT64_C(1000000007) + 4104,
	  8192 * UINT64_C(1000000007) + 12288, 0, 0, 0, 0 },
	{ "a late lap, some room", 512, false,
	  8192 * UINT64_C(1000000007) + 4608,
	  8192 * UINT64_C(1000000007) + 12288, 512, 128, 0, 512 },
	{ "exactly a push's reserve", 512, false, 8192, 8192 + 7424, 768, 384,
	  0, 768 },
	{ "padded", 512, true, 8192, 8192, 8192, 7680, 7168, 8192 },
	{ "padded, wrapped", 512, true, 12792, 17408, 3072, 2560, 2048, 3072 },
	{ "largest blocks", 65536, false, 1048576, 1048576, 1048576, 1048192,
	  1047808, 1048576 },
	{ "largest blocks, mid-block", 65536, false, 1114104, 1114120, 983032,
	  982648, 982264, 983032 },
	{ "largest blocks, padded", 65536, true, 1048576, 1048576, 1048576,
	  983040, 917504, 1048576 },
	{ "largest blocks, padded, tail mid-block", 65536, true, 1114104,
	  1179648, 917504, 851968, 786432, 917504 },
};

static void assert_most(const struct geometry *g, const struct fits_case *row,
			uint64_t most, enum geometry_purpose purpose)
{
	if (most > 0)
		assert_true(
			geometry_fits(g, row->tail, row->end, most, purpose));
	assert_false(geometry_fits(g, row->tail, row->end, most + 1, purpose));
}

static void test_fits(void **state)
{
	const struct fits_case *row = *state;
	const struct geometry g = { .block_bytes = row->block_bytes,
				    .padded = row->padded,
				    .data_bytes =
					    16 * (uint64_t)row->block_bytes };

	assert_most(&g, row, row->whole, GEOMETRY_LEAVES_NOTHING);
	assert_most(&g, row, row->part, GEOMETRY_EXPOSES_PART);
	assert_most(&g, row, row->push, GEOMETRY_PUSHES);
	assert_int_equal(geometry_free(&g, row->tail, row->end), row->free);
}

static void test_overfull(void **state)
{
	const struct geometry g = { .block_bytes = 512, .data_bytes = 8192 };

	/* A take-over skipped a gap in a ring that was full. */
	(void)state;
	assert_int_equal(geometry_free(&g, 8192, 16384), 0);
	assert_int_equal(geometry_free(&g, 8192, 16392), 0);
	assert_int_equal(geometry_free(&g, 8192, 24576), 0);
	assert_int_equal(geometry_free(&g, 8703, 16392), 0);
	assert_false(
		geometry_fits(&g, 8192, 16392, 0, GEOMETRY_LEAVES_NOTHING));
	assert_true(geometry_fits(&g, 8192, 16384, 0, GEOMETRY_LEAVES_NOTHING));
}

/* ---- properties --------------------------------------------------------- */

enum { ROUNDS = 200000 };

static wide model_up(wide v, wide unit)
{
	return (v + unit - 1) / unit * unit;
}

static wide model_commit(const struct geometry *g)
{
	return g->padded ? g->block_bytes : 384;
}

static bool model_fits(const struct geometry *g, wide tail, wide end, wide need)
{
	const wide limit =
		tail / g->block_bytes * g->block_bytes + g->data_bytes;

	return model_up(end + need, g->block_bytes) <= limit;
}

struct situation {
	struct geometry g;
	uint64_t tail, end, batch;
};

static struct situation draw_situation(struct draw *d)
{
	struct situation s = {
		.g.block_bytes = 512u << draw_below(d, 8),
		.g.padded = draw_below(d, 2) == 1,
	};
	const uint64_t blocks = 3 + draw_below(d, 40);

	s.g.data_bytes = blocks * s.g.block_bytes;
	s.tail = s.g.data_bytes * (1 + draw_below(d, 1u << 20)) +
		 8 * draw_below(d, s.g.data_bytes / 8);
	s.end = s.tail + 8 * draw_below(d, s.g.data_bytes / 4);
	s.batch = 8 * draw_below(d, s.g.data_bytes / 8 + 100);
	return s;
}

static void test_fits_is_the_formula(void **state)
{
	struct draw d = draw_begin(__func__);

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		const struct situation s = draw_situation(&d);
		const uint64_t left = geometry_free(&s.g, s.tail, s.end);

		/* Each purpose keeps room for that many commits. */
		for (unsigned commits = 0; commits < 3; commits++) {
			const wide need =
				s.batch + commits * model_commit(&s.g);

			assert_int_equal(
				geometry_fits(&s.g, s.tail, s.end, s.batch,
					      (enum geometry_purpose)commits),
				model_fits(&s.g, s.tail, s.end, need));
		}
		assert_true(left <= s.g.data_bytes);
		assert_int_equal(left >= s.batch,
				 model_fits(&s.g, s.tail, s.end, s.batch) ||
					 s.batch == 0);
	}
}

/* FORMAT.md 7: "what is pending can always be exposed or discarded". */
static void test_pushed_can_be_exposed(void **state)
{
	struct draw d = draw_begin(__func__);
	unsigned pushed = 0;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct situation s = draw_situation(&d);
		const uint64_t commit = geometry_commit_room(&s.g);

		/* Padded batches begin and end at blocks. */
		s.end = geometry_commit_end(&s.g, s.end);
		s.batch = geometry_commit_end(&s.g, s.batch);
		if (!geometry_fits(&s.g, s.tail, s.end, s.batch,
				   GEOMETRY_PUSHES))
			continue;
		pushed++;
		s.end += s.batch;
		assert_true(geometry_fits(&s.g, s.tail, s.end, commit,
					  GEOMETRY_LEAVES_NOTHING));
		assert_true(geometry_fits(&s.g, s.tail, s.end, commit,
					  GEOMETRY_EXPOSES_PART));
		assert_true(geometry_fits(&s.g, s.tail, s.end + commit, commit,
					  GEOMETRY_LEAVES_NOTHING));
	}
	assert_true(pushed > ROUNDS / 100);
}

int main(void)
{
	const struct rows tables[] = {
		{ "layout", test_layout, layout_cases, sizeof(layout_cases),
		  sizeof(layout_cases[0]) },
		{ "places", test_place, place_cases, sizeof(place_cases),
		  sizeof(place_cases[0]) },
		{ "ends of commits", test_commit_end, end_cases,
		  sizeof(end_cases), sizeof(end_cases[0]) },
		{ "valid geometries", test_valid, valid_cases,
		  sizeof(valid_cases), sizeof(valid_cases[0]) },
		{ "least sizes", test_least, least_cases, sizeof(least_cases),
		  sizeof(least_cases[0]) },
		{ "defaults", test_defaults, default_cases,
		  sizeof(default_cases), sizeof(default_cases[0]) },
		{ "fits", test_fits, fits_cases, sizeof(fits_cases),
		  sizeof(fits_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits_alone),
		cmocka_unit_test(test_largest_item_and_batch),
		cmocka_unit_test(test_overfull),
		cmocka_unit_test(test_fits_is_the_formula),
		cmocka_unit_test(test_pushed_can_be_exposed),
	};

	return rows_run(tables, sizeof(tables) / sizeof(tables[0])) +
	       cmocka_run_group_tests_name("geometry", tests, NULL, NULL);
}
