/*
 * Goal: integers are little-endian at any alignment, rounding is exact.
 * Method: images by hand, each put and got at every offset within a word;
 * tables for the rest.
 */
#include "ring/bytes.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void test_put_and_get(void **state)
{
	static const uint8_t image[8] = { 0x88, 0x77, 0x66, 0x55,
					  0x44, 0x33, 0x22, 0x91 };
	uint8_t buf[24];

	(void)state;
	for (size_t at = 1; at < 9; at++) {
		memset(buf, 0xee, sizeof(buf));
		put_le64(buf + at, UINT64_C(0x9122334455667788));
		assert_memory_equal(buf + at, image, 8);
		assert_int_equal(get_le64(buf + at),
				 UINT64_C(0x9122334455667788));
		assert_int_equal(buf[at - 1], 0xee);
		assert_int_equal(buf[at + 8], 0xee);

		memset(buf, 0xee, sizeof(buf));
		put_le32(buf + at, 0x55667788);
		assert_memory_equal(buf + at, image, 4);
		assert_int_equal(get_le32(buf + at), 0x55667788);
		assert_int_equal(buf[at + 4], 0xee);

		memset(buf, 0xee, sizeof(buf));
		put_le16(buf + at, 0x7788);
		assert_memory_equal(buf + at, image, 2);
		assert_int_equal(get_le16(buf + at), 0x7788);
		assert_int_equal(buf[at + 2], 0xee);
	}
}

static void test_bytes_are_zero(void **state)
{
	uint8_t buf[70] = { 0 };

	(void)state;
	buf[66] = 1; /* just behind */
	assert_true(bytes_are_zero(buf, 0));
	for (size_t len = 1; len <= 66; len++) {
		assert_true(bytes_are_zero(buf, len));
		for (size_t i = 0; i < len; i++) {
			buf[i] = 0x80;
			assert_false(bytes_are_zero(buf, len));
			buf[i] = 0;
		}
	}
}

struct round_case {
	const char *name;
	uint64_t value, unit, down, up;
};

static const struct round_case round_cases[] = {
	{ "nothing", 0, 8, 0, 0 },
	{ "one", 1, 8, 0, 8 },
	{ "one below", 511, 512, 0, 512 },
	{ "exact", 512, 512, 512, 512 },
	{ "one above", 513, 512, 512, 1024 },
	{ "unit one", 12345, 1, 12345, 12345 },
	{ "great", (UINT64_C(1) << 62) + 1, 65536, UINT64_C(1) << 62,
	  (UINT64_C(1) << 62) + 65536 },
};

static void test_round(void **state)
{
	const struct round_case *row = *state;

	assert_int_equal(round_down(row->value, row->unit), row->down);
	assert_int_equal(round_up(row->value, row->unit), row->up);
}

static void test_power_of_two(void **state)
{
	(void)state;
	assert_false(is_power_of_two(0));
	for (unsigned i = 0; i < 64; i++) {
		const uint64_t v = UINT64_C(1) << i;

		assert_true(is_power_of_two(v));
		for (unsigned k = 0; k < i; k++)
			assert_false(is_power_of_two(v | UINT64_C(1) << k));
	}
}

int main(void)
{
	const struct rows tables[] = {
		{ "round", test_round, round_cases, sizeof(round_cases),
		  sizeof(round_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_and_get),
		cmocka_unit_test(test_bytes_are_zero),
		cmocka_unit_test(test_power_of_two),
	};

	return rows_run(tables, 1) +
	       cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
