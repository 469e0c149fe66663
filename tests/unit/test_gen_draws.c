/*
 * Goal: values are distributed as GENERATOR.md 2 says, by type and by each kind
 * of --field.
 * Method: many values of a fixed seed are sorted into categories; chi-squared
 * of their counts must stay below what one honest sample in a thousand exceeds.
 * Probabilities are worked out here, with libm.
 */
#include "generator/rng.h"
#include "tests/lib/gen_sample.h"
#include "tests/lib/rows.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { VALUES = 20000, CATEGORIES_MAX = 300 };

/* ---- categories ---------------------------------------------------------- */

struct row;

/* Of a value; negative: it does not count. */
typedef int category_fn(const uint8_t *value, size_t len, const struct row *r);
typedef double probability_fn(unsigned category, const struct row *r);

struct row {
	const char *name;
	const char *schema;
	const char *word; /* of --field; NULL: by type */
	unsigned categories;
	category_fn *category;
	probability_fn *probability;
	unsigned at; /* where in the value to look */
	double a, b; /* of the distribution */
	struct gen_options options;
};

static double same(unsigned category, const struct row *r)
{
	(void)category;
	return 1.0 / r->categories;
}

static int byte_at(const uint8_t *value, size_t len, const struct row *r)
{
	(void)len;
	return value[r->at] - (int)r->a;
}

static int low_nibble(const uint8_t *value, size_t len, const struct row *r)
{
	(void)len;
	return value[r->at] & 15;
}

static int high_nibble(const uint8_t *value, size_t len, const struct row *r)
{
	(void)len;
	return value[r->at] >> 4;
}

/* What one item and the next one have in common: nothing. */
static int two_nibbles(const uint8_t *value, size_t len, const struct row *r)
{
	(void)len;
	return (value[r->at] & 15) << 4 | (value[r->at + 1] & 15);
}

/* Of what is not null, behind the byte that says so. */
static int present_nibble(const uint8_t *value, size_t len, const struct row *r)
{
	return value[0] == 0 ? high_nibble(value, len, r) : -1;
}

/* Letters of 256 possible bytes, x 26 / 256. */
static double letter_share(unsigned category, const struct row *r)
{
	unsigned n = 0;

	(void)r;
	for (unsigned byte = 0; byte < 256; byte++)
		n += byte * 26 / 256 == category;
	return n / 256.0;
}

/* Of a string that is long enough. */
static int letter_at(const uint8_t *value, size_t len, const struct row *r)
{
	return r->at < len ? value[r->at] - 'a' : -1;
}

static double null_share(unsigned category, const struct row *r)
{
	return category == 1 ? r->a : 1 - r->a;
}

/* The bin of a float between a and b. */
static int float_bin(const uint8_t *value, size_t len, const struct row *r)
{
	const double x = sample_double(value);

	(void)len;
	assert_true(x >= r->a && x < r->b);
	return (int)((x - r->a) / (r->b - r->a) * r->categories);
}

static int float32_bin(const uint8_t *value, size_t len, const struct row *r)
{
	const uint32_t bits = (uint32_t)sample_le(value, 4);
	float x;

	(void)len;
	memcpy(&x, &bits, sizeof(x));
	assert_true(x >= 0 && x < 1);
	return (int)(x * (float)r->categories);
}

static int int_above_a(const uint8_t *value, size_t len, const struct row *r)
{
	return (int)((int64_t)sample_le(value, len) - (int64_t)r->a);
}

static int day_above_a(const uint8_t *value, size_t len, const struct row *r)
{
	return (int32_t)sample_le(value, len) - (int)r->a;
}

/* Chance that a normal number is below x. */
static double normal_below(double x, const struct row *r)
{
	return 0.5 * erfc(-(x - r->a) / (r->b * sqrt(2)));
}

/* Bins as wide as half the deviation, from three deviations below the mean to
 * three above; the outer ones are open. */
static int normal_bin(const uint8_t *value, size_t len, const struct row *r)
{
	const double bin = floor((sample_double(value) - r->a) / r->b * 2) + 6;

	(void)len;
	return bin < 0 ? 0 : bin > 11 ? 11 : (int)bin;
}

static double normal_share(unsigned category, const struct row *r)
{
	const double from = r->a + r->b * ((double)category - 6) / 2;
	const double below =
		category == 11 ? 1 : normal_below(from + r->b / 2, r);

	return below - (category == 0 ? 0 : normal_below(from, r));
}

/* The integers from a - 6 on; the outer ones with all that is beyond. */
static int round_normal_bin(const uint8_t *value, size_t len,
			    const struct row *r)
{
	const int x = (int)(int32_t)sample_le(value, len) - (int)r->a + 6;

	return x < 0 ? 0 : x > 12 ? 12 : x;
}

static double round_normal_share(unsigned category, const struct row *r)
{
	const double x = r->a + category - 6;
	const double below = category == 12 ? 1 : normal_below(x + 0.5, r);

	return below - (category == 0 ? 0 : normal_below(x - 0.5, r));
}

/* 1, 2 ... each for itself, and the rest. a numbers, exponent b. */
static int zipf_bin(const uint8_t *value, size_t len, const struct row *r)
{
	const uint64_t x = sample_le(value, len);

	assert_in_range(x, 1, (uint64_t)r->a);
	return x < r->categories ? (int)x - 1 : (int)r->categories - 1;
}

static int zipf_double_bin(const uint8_t *value, size_t len,
			   const struct row *r)
{
	const double x = sample_double(value);

	(void)len;
	assert_true(x >= 1 && x <= r->a && x == floor(x));
	return x < r->categories ? (int)x - 1 : (int)r->categories - 1;
}

static double zipf_share(unsigned category, const struct row *r)
{
	double all = 0, mine = 0;

	for (unsigned k = 1; k <= (unsigned)r->a; k++) {
		const double p = pow(k, -r->b);

		all += p;
		if (k == category + 1 ||
		    (k > category && category == r->categories - 1))
			mine += p;
	}
	return mine / all;
}

/* Hundredths of nine digits: the sign, and the first digit. */
static int decimal_bin(const uint8_t *value, size_t len, const struct row *r)
{
	const int32_t x = (int32_t)sample_le(value, len);

	(void)r;
	assert_in_range(labs(x), 0, 999999999);
	return (x < 0 ? 10 : 0) + abs(x) / 100000000;
}

/* Of the years from 1900 to 2299. */
static int date_bin(const uint8_t *value, size_t len, const struct row *r)
{
	const int32_t days = (int32_t)sample_le(value, len) + 25567;

	assert_in_range(days, 0, 146096);
	return (int)((uint64_t)days * r->categories / 146097);
}

#define LENGTHS(min, max)      \
	{                      \
		true, min, max \
	}

static const struct row distributions[] = {
	{ "bool", "bool", NULL, 2, byte_at, same, .at = 0 },
	{ "char", "char", NULL, 26, byte_at, letter_share, .a = 'a' },
	{ "char?", "char?", NULL, 26, letter_at, letter_share, .at = 1 },
	{ "char[3]", "char[3]", NULL, 26, byte_at, letter_share, .at = 2,
	  .a = 'a' },
	{ "float", "float", NULL, 64, float_bin, same, .b = 1 },
	{ "float32", "`x` Float32", NULL, 64, float32_bin, same, .at = 0 },
	{ "u128, high", "u128", NULL, 16, high_nibble, same, .at = 15 },
	{ "u128, low", "u128", NULL, 16, low_nibble, same, .at = 0 },
	{ "u128, middle", "u128", NULL, 16, high_nibble, same, .at = 7 },
	{ "i256", "`x` Int256", NULL, 16, high_nibble, same, .at = 31 },
	{ "string's length", "string", NULL, 16, byte_at, same, .at = 0 },
	{ "string's first letter", "string", NULL, 26, letter_at, letter_share,
	  .at = 1 },
	{ "string's ninth letter", "string", NULL, 26, letter_at, letter_share,
	  .at = 9 },
	{ "--string-length", "string", NULL, 4, byte_at, same, .a = 3,
	  .options.string_length = LENGTHS(3, 6) },
	{ "long string's length", "string", NULL, 21, byte_at, same, .a = 20,
	  .options.string_length = LENGTHS(20, 40) },
	{ "long string's letter", "string", NULL, 26, letter_at, letter_share,
	  .at = 20, .options.string_length = LENGTHS(20, 40) },
	{ "null", "u8?", NULL, 2, byte_at, null_share, .a = 0 },
	{ "null string", "string?", NULL, 2, byte_at, null_share, .a = 0 },
	{ "what is not null", "u8?", NULL, 16, present_nibble, same, .at = 1 },
	{ "what is not null, 32 bits", "u32?", NULL, 16, present_nibble, same,
	  .at = 4 },
	{ "array's length", "u8[]", NULL, 8, byte_at, same, .at = 0 },
	{ "set's length", "u8{}", NULL, 8, byte_at, same, .at = 0 },
	{ "map's length", "u8[u16]", NULL, 8, byte_at, same, .at = 0 },
	{ "--array-length", "u8[]", NULL, 4, byte_at, same, .a = 2,
	  .options.array_length = LENGTHS(2, 5) },
	{ "sum", "[a|b|c u8]", NULL, 3, byte_at, same, .at = 0 },
	{ "vector's first and second", "u8[5]", NULL, 256, two_nibbles, same,
	  .at = 0 },
	{ "vector's last", "u8[9]", NULL, 16, high_nibble, same, .at = 8 },
	{ "vector's first and last of a draw", "u8[9]", NULL, 256, two_nibbles,
	  same, .at = 7 },
	{ "vector of i16", "i16[3]", NULL, 16, high_nibble, same, .at = 5 },
	{ "decimal", "`x` Decimal(9, 2)", NULL, 20, decimal_bin, same,
	  .at = 0 },
	{ "date32", "`x` Date32", NULL, 50, date_bin, same, .at = 0 },
	{ "label", "`x` Enum8('a' = 1, 'b' = 2, 'c' = 3)", NULL, 3, byte_at,
	  same, .a = 1 },
	{ "uniform", "u8", ".=uniform:10,19", 10, byte_at, same, .a = 10 },
	{ "uniform signed", "i64", ".=uniform:-5,4", 10, int_above_a, same,
	  .a = -5 },
	{ "uniform float", "float", ".=uniform:-2,6", 32, float_bin, same,
	  .a = -2, .b = 6 },
	{ "normal", "float", ".=normal:100,15", 12, normal_bin, normal_share,
	  .a = 100, .b = 15 },
	{ "normal integer", "i32", ".=normal:-10,2.5", 13, round_normal_bin,
	  round_normal_share, .a = -10, .b = 2.5 },
	{ "zipf 1.2", "u32", ".=zipf:1000,1.2", 40, zipf_bin, zipf_share,
	  .a = 1000, .b = 1.2 },
	{ "zipf 1", "u32", ".=zipf:1000,1", 40, zipf_bin, zipf_share, .a = 1000,
	  .b = 1 },
	{ "zipf 0.5", "u32", ".=zipf:100,0.5", 100, zipf_bin, zipf_share,
	  .a = 100, .b = 0.5 },
	{ "zipf 3", "u32", ".=zipf:20,3", 6, zipf_bin, zipf_share, .a = 20,
	  .b = 3 },
	{ "zipf of floats", "float", ".=zipf:12,1", 11, zipf_double_bin,
	  zipf_share, .a = 12, .b = 1 },
	{ "zipf of two", "u8", ".=zipf:2,0.8", 2, zipf_bin, zipf_share, .a = 2,
	  .b = 0.8 },
	{ "enum", "u8", ".=enum:7,8,9", 3, byte_at, same, .a = 7 },
	{ "cardinality of chars", "char", ".=cardinality:5", 5, byte_at, same,
	  .a = 'a' },
	{ "cardinality of floats", "float", ".=cardinality:4", 4, float_bin,
	  same, .b = 1 },
	{ "cardinality of labels", "`x` Enum8('a' = 1, 'b' = 2, 'c' = 5)",
	  "x=cardinality:2", 2, byte_at, same, .a = 1 },
	{ "cardinality of decimals", "`x` Decimal(3, 1)", "x=cardinality:7", 7,
	  int_above_a, same, .a = 0 },
	{ "cardinality of days", "`x` Date32", "x=cardinality:8", 8,
	  day_above_a, same, .a = -25567 },
	{ "null rate of a field", "u8?", ".=null:0.2", 2, byte_at, null_share,
	  .a = 0.2 },
	{ "length of a field", "string", ".=length:2,4", 3, byte_at, same,
	  .a = 2 },
	{ "length of an array", "u8[]", ".=length:1,5", 5, byte_at, same,
	  .a = 1 },
};

/* Nulls of the table have the rate of the options, where there is one. */
static double probability(const struct row *r, unsigned category)
{
	struct row half = *r;

	if (r->probability == null_share && r->word == NULL)
		half.a = 0.5;
	return r->probability(category, &half);
}

static void test_distribution(void **state)
{
	const struct row *r = *state;
	struct sample s = sample_take(r->schema, r->word, r->options, VALUES);
	double probabilities[CATEGORIES_MAX];
	uint64_t counts[CATEGORIES_MAX] = { 0 };

	for (uint64_t i = 0; i < s.count; i++) {
		size_t len;
		const uint8_t *value = sample_value(&s, i, &len);
		const int at = r->probability == null_share
				       ? value[0]
				       : r->category(value, len, r);

		if (at < 0)
			continue;
		assert_in_range(at, 0, r->categories - 1);
		counts[at]++;
	}
	for (unsigned i = 0; i < r->categories; i++)
		probabilities[i] = probability(r, i);
	sample_assert_fits(r->name, counts, probabilities, r->categories);
	sample_release(&s);
}

/* ---- integers of every width --------------------------------------------- */

static void count_nibbles(const struct sample *s, unsigned at, bool is_high,
			  uint64_t counts[16])
{
	for (uint64_t i = 0; i < s->count; i++) {
		size_t len;
		const uint8_t byte = sample_value(s, i, &len)[at];

		counts[is_high ? byte >> 4 : byte & 15]++;
	}
}

/* Those of odd widths lie in the next larger integer, extended. */
static void check_extension(const struct sample *s, unsigned bytes,
			    bool is_signed)
{
	for (uint64_t i = 0; i < s->count; i++) {
		size_t len;
		const uint8_t *value = sample_value(s, i, &len);
		const uint8_t more =
			is_signed && value[bytes - 1] >> 7 ? 0xff : 0;

		for (unsigned k = bytes; k < len; k++)
			assert_int_equal(value[k], more);
	}
}

static void check_width(unsigned bits, bool is_signed)
{
	const double half[2] = { 0.5, 0.5 };
	double even[16];
	uint64_t low[16] = { 0 }, high[16] = { 0 }, signs[2];
	char schema[8];
	struct sample s;

	for (int i = 0; i < 16; i++)
		even[i] = 1.0 / 16;
	snprintf(schema, sizeof(schema), "%c%u", is_signed ? 'i' : 'u', bits);
	s = sample_take(schema, NULL, (struct gen_options){ .seed = bits },
			VALUES);
	count_nibbles(&s, 0, false, low);
	count_nibbles(&s, bits / 8 - 1, true, high);
	sample_assert_fits(schema, low, even, 16);
	sample_assert_fits(schema, high, even, 16);
	signs[0] = signs[1] = 0;
	for (int i = 0; i < 16; i++)
		signs[i / 8] += high[i];
	sample_assert_fits(schema, signs, half, 2);
	check_extension(&s, bits / 8, is_signed);
	sample_release(&s);
}

static void test_integers(void **state)
{
	(void)state;
	for (unsigned bits = 8; bits <= 64; bits += 8) {
		check_width(bits, false);
		check_width(bits, true);
	}
	check_width(128, false);
	check_width(128, true);
}

/* ---- what is no distribution --------------------------------------------- */

/* A value is independent of the one before it, also across blocks. */
static void test_values_in_turn(void **state)
{
	struct sample s =
		sample_take("u8", NULL, (struct gen_options){ 0 }, 100000);
	uint64_t counts[256] = { 0 };
	double even[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		even[i] = 1.0 / 256;
	for (uint64_t i = 1; i < s.count; i++)
		counts[(s.bytes[i - 1] & 15) << 4 | (s.bytes[i] & 15)]++;
	sample_assert_fits("successive values", counts, even, 256);
	for (int i = 0; i < 256; i++)
		counts[i] = 0;
	sample_release(&s);
	s = sample_take("u8", NULL, (struct gen_options){ 0 },
			(uint64_t)20000 * GEN_BLOCK_VALUES);
	for (uint64_t i = 0; i < s.count; i += GEN_BLOCK_VALUES)
		counts[s.bytes[i]]++;
	sample_assert_fits("first values of blocks", counts, even, 256);
	sample_release(&s);
}

/* Lower-case digits, each as likely, at each place. */
static void test_hex(void **state)
{
	struct sample s = sample_take("string", ".=hex:21",
				      (struct gen_options){ 0 }, VALUES);
	double even[16];

	(void)state;
	for (int i = 0; i < 16; i++)
		even[i] = 1.0 / 16;
	for (unsigned at = 1; at <= 21; at += 4) {
		static const char digits[] = "0123456789abcdef";
		uint64_t counts[16] = { 0 };

		for (uint64_t i = 0; i < s.count; i++) {
			size_t len;
			const uint8_t *value = sample_value(&s, i, &len);
			const char *digit = strchr(digits, value[at]);

			assert_int_equal(len, 22);
			assert_non_null(digit);
			counts[digit - digits]++;
		}
		sample_assert_fits("hex", counts, even, 16);
	}
	sample_release(&s);
}

#define TABLE(group, test, table)                                   \
	{                                                           \
		group, test, table, sizeof(table), sizeof(table[0]) \
	}

int main(void)
{
	const struct rows tables[] = {
		TABLE("draws: distributions", test_distribution, distributions),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_values_in_turn),
		cmocka_unit_test(test_hex),
	};

	return rows_run(tables, 1) +
	       cmocka_run_group_tests_name("draws", tests, NULL, NULL);
}
