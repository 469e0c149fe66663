/*
 * Goal: values are the same on every machine, and what is not drawn is exact;
 * there are as many as were asked for; copies of `this` end.
 * Method: fixed bytes are compared with what tests/unit/gen_golden.py makes of
 * GENERATOR.md 2, without a line of the library; arithmetic with libm's.
 */
#include "generator/encode.h"
#include "generator/fixed_math.h"
#include "generator/fuse.h"
#include "generator/maker.h"
#include "generator/schema.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/gen_sample.h"
#include "tests/lib/rows.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { VALUES = 20000, ROOM_BYTES = 1 << 20 };

static const struct exact {
	const char *name, *schema, *word;
	uint64_t first, step; /* of each value's first `bytes` bytes */
	size_t bytes;
} exacts[] = {
	{ "seq", "u64", ".=seq:5,3", 5, 3, 8 },
	{ "seq goes round", "u8", ".=seq:250", 250, 1, 1 },
	{ "seq down", "i32", ".=seq:10,-4", 10, (uint64_t)-4, 4 },
	{ "seq of 128 bits", "u128", ".=seq:1,2", 1, 2, 8 },
	{ "const", "u16", ".=const:513", 513, 0, 2 },
	{ "const null", "u16?", ".=const:null", 1, 0, 1 },
	{ "const string", "string", ".=const:ab", 0x626102, 0, 3 },
	{ "never null", "u8?", ".=null:0", 0, 0, 1 },
	{ "always null", "u8?", ".=null:1", 1, 0, 1 },
};

static void test_exact(void **state)
{
	const struct exact *e = *state;
	const uint64_t mask =
		e->bytes < 8 ? ((uint64_t)1 << 8 * e->bytes) - 1 : UINT64_MAX;
	struct sample s = sample_take(e->schema, e->word,
				      (struct gen_options){ 0 }, 3000);

	for (uint64_t i = 0; i < s.count; i++) {
		size_t len;
		const uint8_t *value = sample_value(&s, i, &len);

		assert_true(len >= e->bytes);
		assert_int_equal(sample_le(value, e->bytes),
				 (e->first + i * e->step) & mask);
	}
	sample_release(&s);
}

static void test_seq_of_floats(void **state)
{
	struct sample s = sample_take("float", ".=seq:0.5,0.25",
				      (struct gen_options){ 0 }, 3000);

	(void)state;
	for (uint64_t i = 0; i < s.count; i++)
		assert_true(sample_double(s.bytes + 8 * i) ==
			    0.5 + 0.25 * (double)i);
	sample_release(&s);
}

/* ---- cardinality --------------------------------------------------------- */

static const struct cardinality {
	const char *name, *schema, *word;
	unsigned distinct;
} cardinalities[] = {
	{ "u64", "u64", ".=cardinality:1000", 1000 },
	{ "u8", "u8", ".=cardinality:200", 200 },
	{ "i24", "i24", ".=cardinality:300", 300 },
	{ "u128", "u128", ".=cardinality:100", 100 },
	{ "string", "string", ".=cardinality:123", 123 },
	{ "char", "char", ".=cardinality:26", 26 },
	{ "bool", "bool", ".=cardinality:2", 2 },
	{ "one", "u32", ".=cardinality:1", 1 },
	{ "float", "float", ".=cardinality:77", 77 },
};

struct distinct {
	const uint8_t *value;
	size_t len;
	uint64_t count;
};

static void count_value(struct distinct *list, unsigned *count,
			const uint8_t *value, size_t len)
{
	unsigned i = 0;

	while (i < *count &&
	       (list[i].len != len || memcmp(list[i].value, value, len) != 0))
		i++;
	if (i == *count) {
		assert_true(i < 1000);
		list[(*count)++] = (struct distinct){ value, len, 0 };
	}
	list[i].count++;
}

/* Exactly so many values, each as likely. */
static void test_cardinality(void **state)
{
	const struct cardinality *c = *state;
	struct sample s = sample_take(c->schema, c->word,
				      (struct gen_options){ 0 }, VALUES);
	struct distinct list[1000];
	uint64_t counts[1000];
	double even[1000];
	unsigned count = 0;

	for (uint64_t i = 0; i < s.count; i++) {
		size_t len;
		const uint8_t *value = sample_value(&s, i, &len);

		count_value(list, &count, value, len);
	}
	assert_int_equal(count, c->distinct);
	for (unsigned i = 0; i < count; i++) {
		counts[i] = list[i].count;
		even[i] = 1.0 / count;
	}
	if (count > 1)
		sample_assert_fits(c->name, counts, even, count);
	sample_release(&s);
}

static const struct too_many {
	const char *name, *schema, *word, *text;
} too_manys[] = {
	{ "decimals", "`x` Decimal(3, 1)", "x=cardinality:1001",
	  "the type has no 1001 values" },
	{ "days", "`x` Date32", "x=cardinality:146098",
	  "the type has no 146098 values" },
};

/* More than the type has. */
static void test_too_many_values(void **state)
{
	const struct too_many *t = *state;
	const struct gen_options options = { .encoding = "row-binary" };
	struct gen_schema *schema;
	struct gen_error error;
	struct generator *g;

	schema = gen_parsed(t->schema);
	assert_int_equal(gen_schema_field(schema, t->word, NULL), 0);
	assert_int_equal(gen_create(schema, &options, &error, &g), -EINVAL);
	assert_string_equal(error.text, t->text);
	gen_schema_free(schema);
}

/* ---- `this` -------------------------------------------------------------- */

static void measure_depth(const uint8_t *value, size_t len, unsigned *ret)
{
	*ret = 0;
	while (*ret < len && value[*ret] == 0)
		++*ret;
}

/* Each copy is null in half of the cases, so the depths halve. */
static void test_depth(void **state)
{
	struct sample s = sample_take("{a: this?}", NULL,
				      (struct gen_options){ 0 }, VALUES);
	uint64_t counts[9] = { 0 };
	double halves[9];

	(void)state;
	for (uint64_t i = 0; i < s.count; i++) {
		size_t len;
		const uint8_t *value = sample_value(&s, i, &len);
		unsigned depth;

		measure_depth(value, len, &depth);
		counts[depth < 8 ? depth : 8]++;
	}
	for (int i = 0; i < 9; i++)
		halves[i] = ldexp(1, i < 8 ? -1 - i : -8);
	sample_assert_fits("depth", counts, halves, 9);
	sample_release(&s);
}

/* It ends even if nothing is null: after 63 copies. */
static void test_depth_is_bounded(void **state)
{
	const struct gen_options options = { .has_null_rate = true };
	struct sample s = sample_take("{a: this?}", NULL, options, 10);

	(void)state;
	for (uint64_t i = 0; i < s.count; i++) {
		size_t len;
		const uint8_t *value = sample_value(&s, i, &len);
		unsigned depth;

		measure_depth(value, len, &depth);
		assert_int_equal(depth, 63);
		assert_int_equal(len, 64);
	}
	sample_release(&s);
}

/* The copies of one value are at most 1000, so it ends with trees as well. */
static void test_copies_are_bounded(void **state)
{
	const struct gen_options options = { .has_null_rate = true };
	struct sample s =
		sample_take("{x: bool; a: this?; b: this?}", NULL, options, 10);

	(void)state;
	for (uint64_t i = 0; i < s.count; i++) {
		size_t len;

		sample_value(&s, i, &len);
		/* Each of 1001 records has a bool and two bytes of nulls. */
		assert_int_equal(len, 3 * 1001);
	}
	sample_release(&s);
}

/* ---- the same in all encodings ------------------------------------------- */

static const struct drawn {
	const char *name, *schema;
} drawns[] = {
	{ "six fields", "{id:u64; ts:u64; user:string; amount:float; tag:u16?; "
			"flags:u8[5]}" },
	{ "nullables", "(u8?; i16?; char?; bool?; u64?; string?)" },
	{ "vectors", "(u8[9]; i16[5]; u32[3]; char[11]; u64[2]; u8?[3])" },
	{ "vectors of vectors", "u8[3][2]" },
	{ "arrays", "(u8[]; string[]; u8?[])" },
	{ "a sum", "[a u8 | b string | c u16[3]]" },
	{ "itself", "{a:u8?; b:this?}" },
};

/* The state of the random numbers behind 700 values. False: this can't be
 * encoded so. */
static bool state_behind(const struct gen_schema *schema, const char *encoding,
			 struct gen_rng *ret)
{
	const struct gen_options options = { 0 };
	struct gen_program program;
	struct gen_error error;
	struct maker maker;
	uint8_t *bytes = malloc(ROOM_BYTES + GEN_SLACK);
	struct gen_run run = {
		.begin = bytes,
		.p = bytes,
		.end = bytes + ROOM_BYTES,
	};

	assert_non_null(bytes);
	if (gen_lower(&schema->type, gen_encoding_find(encoding), &options,
		      false, &error, &program) < 0) {
		free(bytes);
		return false;
	}
	assert_int_equal(gen_fuse(&program), 0);
	assert_int_equal(maker_init(&maker, &program, NULL, 3), 0);
	maker_make(&maker, &run, 700);
	assert_int_equal(run.row, 700);
	maker_release(&maker);
	gen_program_clear(&program);
	free(bytes);
	*ret = run.rng;
	return true;
}

/* Also where ops are fused, and where nothing is made of a draw. */
static void test_same_draws(void **state)
{
	const struct drawn *d = *state;
	struct gen_schema *schema;
	struct gen_rng first, rng;
	const char *name;

	schema = gen_parsed(d->schema);
	assert_true(state_behind(schema, "row-binary", &first));
	for (unsigned i = 0; (name = gen_encoding_name(i)) != NULL; i++)
		if (state_behind(schema, name, &rng))
			assert_memory_equal(&rng, &first, sizeof(rng));
	gen_schema_free(schema);
}

/* ---- the same everywhere ------------------------------------------------- */

/* FNV-1a of the first 3000 values of seed 42, from gen_golden.py. */
static const struct golden {
	const char *name, *schema, *word;
	uint64_t hash;
} goldens[] = {
#include "tests/unit/gen_golden.h"
};

static void test_golden(void **state)
{
	const struct golden *g = *state;
	struct sample s = sample_take(g->schema, g->word,
				      (struct gen_options){ .seed = 42 }, 3000);
	uint64_t hash = 0xcbf29ce484222325;

	for (uint64_t i = 0; i < s.ends[s.count - 1]; i++)
		hash = (hash ^ s.bytes[i]) * 0x100000001b3;
	assert_int_equal(hash, g->hash);
	sample_release(&s);
}

static double relative(double x, double y)
{
	return y == 0 ? fabs(x) : fabs(x / y - 1);
}

/* Not what libm says, to the last digit, but as good. */
static void test_fixed_math(void **state)
{
	(void)state;
	for (int i = -2000; i <= 2000; i++) {
		const double x = pow(10, i * 0.15), near = 1 + i * 1e-7;

		assert_true(relative(fixed_log(x), log(x)) < 1e-14);
		assert_true(relative(fixed_log(near), log(near)) < 1e-14);
		assert_true(relative(fixed_exp(i * 0.35), exp(i * 0.35)) <
			    1e-14);
		assert_true(relative(fixed_exp(i * 1e-7), exp(i * 1e-7)) <
			    1e-14);
	}
	assert_true(fixed_log(1) == 0);
	assert_true(fixed_exp(0) == 1);
	assert_true(fixed_exp(-800) == 0);
	assert_true(isinf(fixed_exp(800)));
}

#define TABLE(group, test, table)                                   \
	{                                                           \
		group, test, table, sizeof(table), sizeof(table[0]) \
	}

int main(void)
{
	const struct rows tables[] = {
		TABLE("values: exact", test_exact, exacts),
		TABLE("values: cardinality", test_cardinality, cardinalities),
		TABLE("values: too many", test_too_many_values, too_manys),
		TABLE("values: same draws", test_same_draws, drawns),
		TABLE("values: fixed bytes", test_golden, goldens),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seq_of_floats),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_copies_are_bounded),
		cmocka_unit_test(test_fixed_math),
	};

	return rows_run(tables, 5) +
	       cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
