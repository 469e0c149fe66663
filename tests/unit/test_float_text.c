/*
 * Goal: the text of a float reads back as that very float, has as few digits as
 * can be and is laid out as specified; its hexadecimal text is printf's.
 * Method: the table of powers is computed again with long integers. Random
 * floats, and all that are next to a power of two, are read back with strtod(),
 * and compared with what printf() makes of as many digits, and of one less.
 * Layout by a table.
 */
#include "generator/float_text.h"
#include "generator/puts.h"
#include "tests/lib/draw.h"
#include "tests/lib/rows.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { RANDOM = 1000000, TEXT_MAX = 64 };

/* ---- the table of powers -------------------------------------------------- */

enum { LIMBS = 48 }; /* of 32 bits: room for 10^324 x 2^128 */

struct big {
	uint32_t limb[LIMBS];
};

static void times_ten(struct big *x)
{
	uint64_t carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		carry += (uint64_t)x->limb[i] * 10;
		x->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	assert_true(carry == 0);
}

static struct big ten_times(struct big x, int times)
{
	for (int i = 0; i < times; i++)
		times_ten(&x);
	return x;
}

static bool bit_of(const struct big *x, int i)
{
	return i >= 0 && (x->limb[i / 32] >> i % 32 & 1) != 0;
}

static int highest_bit(const struct big *x)
{
	int i = 32 * LIMBS - 1;

	while (!bit_of(x, i))
		i--;
	return i;
}

static bool has_bits_below(const struct big *x, int end)
{
	for (int i = 0; i < end; i++)
		if (bit_of(x, i))
			return true;
	return false;
}

static struct big entry(int k)
{
	const uint64_t *at = gen_float_powers + 2 * (k - GEN_POWER_MIN);

	return (struct big){ { (uint32_t)at[1], (uint32_t)(at[1] >> 32),
			       (uint32_t)at[0], (uint32_t)(at[0] >> 32) } };
}

static struct big one_less(struct big x)
{
	int i = 0;

	while (x.limb[i] == 0)
		x.limb[i++] = UINT32_MAX;
	x.limb[i]--;
	return x;
}

/* g is the least with g x 2^s >= 10^k, and has 128 bits. */
static void check_power(int k)
{
	const struct big g = entry(k),
			 power = ten_times((struct big){ { 1 } }, k);
	const int top = highest_bit(&power);
	struct big before = g;

	assert_int_equal(highest_bit(&g), 127);
	if (has_bits_below(&power, top - 127))
		before = one_less(g);
	for (int i = 0; i < 128; i++)
		assert_int_equal(bit_of(&before, 127 - i),
				 bit_of(&power, top - i));
}

/* (g - 1) x 10^k < 2^s <= g x 10^k for some s: so the product with g has one
 * bit more than that with g - 1. */
static void check_negative_power(int k)
{
	const struct big g = entry(-k);
	const struct big below = ten_times(one_less(g), k);
	const struct big above = ten_times(g, k);

	assert_int_equal(highest_bit(&g), 127);
	assert_int_equal(highest_bit(&below) + 1, highest_bit(&above));
}

static void test_powers(void **state)
{
	(void)state;
	for (int k = 0; k <= GEN_POWER_MAX; k++)
		check_power(k);
	for (int k = 1; k <= -GEN_POWER_MIN; k++)
		check_negative_power(k);
}

/* ---- against the C library ------------------------------------------------ */

static double double_of(uint64_t bits)
{
	double ret;

	memcpy(&ret, &bits, sizeof(ret));
	return ret;
}

static float float_of(uint32_t bits)
{
	float ret;

	memcpy(&ret, &bits, sizeof(ret));
	return ret;
}

static const char *text_of(gen_put_fn *put, uint64_t bits, bool is_float)
{
	static uint8_t text[TEXT_MAX + GEN_SLACK];
	const struct gen_value value = { .v = bits };
	const size_t len = (size_t)(put(text, &value, is_float, 0) - text);

	assert_true(len < 27);
	text[len] = 0;
	return (const char *)text;
}

static bool reads_back(const char *text, uint64_t bits, bool is_float)
{
	if (is_float)
		return strtof(text, NULL) == float_of((uint32_t)bits);
	return strtod(text, NULL) == double_of(bits);
}

/* The digits that count, and how many those are. */
static int digits_of(const char *text, char *ret)
{
	int count = 0, kept = 0;

	for (; *text != 0 && *text != 'e'; text++) {
		if (*text < '0' || *text > '9' || (count == 0 && *text == '0'))
			continue;
		ret[count++] = *text;
		if (*text != '0')
			kept = count;
	}
	ret[kept] = 0;
	return kept;
}

static void check_float(uint64_t bits, bool is_float)
{
	const double x =
		is_float ? (double)float_of((uint32_t)bits) : double_of(bits);
	const char *text = text_of(gen_put_float, bits, is_float);
	char digits[TEXT_MAX], printed[TEXT_MAX], theirs[TEXT_MAX];
	const int count = digits_of(text, digits);

	if (!reads_back(text, bits, is_float))
		fail_msg("%s is not %a", text, x);
	if (x == 0)
		return;
	snprintf(printed, sizeof(printed), "%.*e", count - 1, x);
	digits_of(printed, theirs);
	if (reads_back(printed, bits, is_float) && strcmp(digits, theirs) != 0)
		fail_msg("%s, but %s is nearer to %a", text, printed, x);
	if (count == 1)
		return;
	snprintf(printed, sizeof(printed), "%.*e", count - 2, x);
	if (reads_back(printed, bits, is_float))
		fail_msg("%s, but %s is shorter for %a", text, printed, x);
}

static void check_hex(uint64_t bits, bool is_float)
{
	const double x =
		is_float ? (double)float_of((uint32_t)bits) : double_of(bits);
	char printed[TEXT_MAX];

	snprintf(printed, sizeof(printed), "%a", x);
	assert_string_equal(text_of(gen_put_hex_float, bits, is_float),
			    printed);
}

static void check_both(uint64_t bits, bool is_float)
{
	check_float(bits, is_float);
	check_hex(bits, is_float);
}

static void test_random_doubles(void **state)
{
	struct draw d = draw_begin("test_float_text");

	(void)state;
	for (int i = 0; i < RANDOM; i++) {
		uint64_t bits = draw_u64(&d);

		if (!isfinite(double_of(bits)))
			continue;
		check_both(bits, false);
	}
}

/* What is drawn by default, and decimal numbers of few digits. */
static void test_usual_doubles(void **state)
{
	struct draw d = draw_begin("test_float_text");

	(void)state;
	for (int i = 0; i < RANDOM / 4; i++) {
		const double unit = (double)(draw_u64(&d) >> 11) * 0x1p-53;
		const double cents = (double)draw_below(&d, 10000000) / 100;
		uint64_t bits;

		memcpy(&bits, &unit, sizeof(bits));
		check_both(bits, false);
		memcpy(&bits, &cents, sizeof(bits));
		check_both(bits, false);
	}
}

static void test_random_floats(void **state)
{
	struct draw d = draw_begin("test_float_text");

	(void)state;
	for (int i = 0; i < RANDOM; i++) {
		const uint32_t bits = (uint32_t)draw_u64(&d);

		if (isfinite(float_of(bits)))
			check_both(bits, true);
	}
}

/* Where the distance to the next float changes, and the smallest. */
static void test_powers_of_two(void **state)
{
	(void)state;
	for (uint64_t exponent = 0; exponent < 2047; exponent++)
		for (uint64_t i = 0; i < 5; i++)
			if (exponent > 0 || i >= 2)
				check_both((exponent << 52) + i - 2, false);
	for (uint32_t exponent = 0; exponent < 255; exponent++)
		for (uint32_t i = 0; i < 5; i++)
			if (exponent > 0 || i >= 2)
				check_both((exponent << 23) + i - 2, true);
}

/* ---- layout --------------------------------------------------------------- */

struct layout_case {
	const char *text; /* as gen_put_float() writes it */
	double x;
};

static const struct layout_case doubles[] = {
	{ "0", 0 },
	{ "-0", -0.0 },
	{ "1", 1 },
	{ "-1.5", -1.5 },
	{ "0.1", 0.1 },
	{ "100", 100 },
	{ "123456.75", 123456.75 },
	{ "0.0001", 1e-4 },
	{ "0.00012", 1.2e-4 },
	{ "1e-05", 1e-5 },
	{ "1.25e-07", 1.25e-7 },
	{ "12345678901234568", 12345678901234568.0 },
	{ "10000000000000000", 1e16 },
	{ "1e+17", 1e17 },
	{ "1.2e+100", 1.2e100 },
	{ "9007199254740992", 9007199254740992.0 },
	{ "9007199254740994", 9007199254740994.0 },
	{ "5e-324", 5e-324 },
	{ "2.2250738585072014e-308", 2.2250738585072014e-308 },
	{ "1.7976931348623157e+308", 1.7976931348623157e308 },
	{ "0.30000000000000004", 0.1 + 0.2 },
	{ "inf", INFINITY },
	{ "-inf", -INFINITY },
	{ "nan", NAN },
};

static void test_layout(void **state)
{
	const struct layout_case *row = *state;
	const bool is_finite = isfinite(row->x);
	uint64_t bits;

	memcpy(&bits, &row->x, sizeof(bits));
	assert_string_equal(text_of(gen_put_float, bits, false), row->text);
	assert_string_equal(text_of(gen_put_json_float, bits, false),
			    is_finite ? row->text : "null");
}

static const struct layout_case floats[] = {
	{ "0", 0 },
	{ "0.1", 0.1 },
	{ "-1.5", -1.5 },
	{ "16777216", 16777216 },
	{ "1e-45", 1e-45 },
	{ "inf", INFINITY },
	{ "3.4028235e+38", 3.4028235e38 },
	{ "10000000000", 1e10 },
};

static void test_float_layout(void **state)
{
	const struct layout_case *row = *state;
	const float x = (float)row->x;
	uint32_t bits;

	memcpy(&bits, &x, sizeof(bits));
	assert_string_equal(text_of(gen_put_float, bits, true), row->text);
}

static const struct layout_case hex_floats[] = {
	{ "0x0p+0", 0 },          { "-0x0p+0", -0.0 },
	{ "0x1.8p+0", 1.5 },      { "0x1.999999999999ap-4", 0.1 },
	{ "infinity", INFINITY }, { "-infinity", -INFINITY },
	{ "nan", NAN },           { "-nan", -NAN },
};

static void test_hex_layout(void **state)
{
	const struct layout_case *row = *state;
	uint64_t bits;

	memcpy(&bits, &row->x, sizeof(bits));
	assert_string_equal(text_of(gen_put_hex_float, bits, false), row->text);
}

#define TABLE(cases) (cases), sizeof(cases), sizeof((cases)[0])

int main(void)
{
	const struct rows tables[] = {
		{ "doubles", test_layout, TABLE(doubles) },
		{ "floats", test_float_layout, TABLE(floats) },
		{ "hexadecimal", test_hex_layout, TABLE(hex_floats) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_powers),
		cmocka_unit_test(test_random_doubles),
		cmocka_unit_test(test_usual_doubles),
		cmocka_unit_test(test_random_floats),
		cmocka_unit_test(test_powers_of_two),
	};

	return rows_run(tables, sizeof(tables) / sizeof(tables[0])) +
	       cmocka_run_group_tests_name("float text", tests, NULL, NULL);
}
