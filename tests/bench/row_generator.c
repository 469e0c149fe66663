/*
 * How fast values are made, beside C written by hand for the same schema, and
 * how the generator's own ways compare. Nothing is kept of them.
 */
#include "tests/bench/bench.h"
#include "tests/bench/gen_speed.h"
#include "tests/bench/hand_row.h"

#define INTEGERS        "{a:u64; b:u32; c:i64; d:u16; e:i32}"
#define NARROW_INTEGERS "{a:u8; b:i8; c:u16; d:i16}"

static const struct gen_speed
	one_thread = {
		.schema = HAND_ROW_SCHEMA,
		.words = hand_row_words,
		.options = { .encoding = "row-binary" },
	},
	one_by_clock = {
		.schema = HAND_ROW_SCHEMA,
		.words = hand_row_words,
		.options = { .encoding = "row-binary" },
		.is_by_clock = true,
	},
	two_threads = {
		.schema = HAND_ROW_SCHEMA,
		.words = hand_row_words,
		.options = { .encoding = "row-binary", .threads = 2 },
		.is_by_clock = true,
	},
	jit = {
		.schema = HAND_ROW_SCHEMA,
		.words = hand_row_words,
		.options = { .encoding = "row-binary",
			     .engine = GEN_ENGINE_JIT },
	},
	null = {
		.schema = HAND_ROW_SCHEMA,
		.words = hand_row_words,
		.options = { .encoding = "null" },
	},
	s_expression = {
		.schema = INTEGERS,
		.options = { .encoding = "s-expression" },
		.counts_bytes = true,
	},
	csv = {
		.schema = INTEGERS,
		.options = { .encoding = "csv" },
		.counts_bytes = true,
	},
	narrow = {
		.schema = NARROW_INTEGERS,
		.options = { .encoding = "csv" },
		.counts_bytes = true,
	},
	json = {
		.schema = INTEGERS,
		.options = { .encoding = "json" },
		.counts_bytes = true,
	};

static const struct metric values = { "rate", "values/CPU s", true };
static const struct metric values_by_clock = { "rate", "values/s", true };
static const struct metric bytes = { "rate", "B/CPU s", true };

/* Up to two: what is measured, and what it is compared with. */
static const struct comparison {
	const char *row;
	const struct metric *metric;
	struct contestant contestants[2];
} comparisons[] = {
	{ "gen/row-binary",
	  &values,
	  { { "interpreter", PART_RING, &gen_speed, &one_thread },
	    { "hand", PART_LIMIT, &hand_speed, NULL } } },
	{ "gen/jit",
	  &values,
	  { { "jit", PART_RING, &gen_speed, &jit },
	    { "hand", PART_LIMIT, &hand_speed, NULL } } },
	{ "gen/threads",
	  &values_by_clock,
	  { { "2-threads", PART_RING, &gen_speed, &two_threads },
	    { "1-thread", PART_BESIDE, &gen_speed, &one_by_clock } } },
	{ "gen/null",
	  &values,
	  { { "null", PART_RING, &gen_speed, &null },
	    { "row-binary", PART_BESIDE, &gen_speed, &one_thread } } },
	{ "gen/s-expression",
	  &bytes,
	  { { "s-expression", PART_RING, &gen_speed, &s_expression } } },
	{ "gen/csv", &bytes, { { "csv", PART_RING, &gen_speed, &csv } } },
	{ "gen/narrow", &bytes, { { "csv", PART_RING, &gen_speed, &narrow } } },
	{ "gen/json", &bytes, { { "json", PART_RING, &gen_speed, &json } } },
};

int row_generator(struct bench *b)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < BENCH_COUNT(comparisons); i++) {
		const struct comparison *c = &comparisons[i];
		const struct contest contest = {
			.row = c->row,
			.metrics = c->metric,
			.metric_count = 1,
			.contestants = c->contestants,
			.contestant_count = c->contestants[1].name ? 2 : 1,
			.slice_us = 50e3,
			.rounds = 15,
		};

		rc = contest_run(b, &contest);
	}
	return rc;
}
