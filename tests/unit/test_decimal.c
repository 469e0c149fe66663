/*
 * Goal: the decimal digits of an integer are those that printf() has.
 * Method: all small ones, the neighbours of each power of ten and of two, and
 * random ones of every length.
 */
#include "generator/op_put.h"
#include "tests/lib/draw.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { SMALL = 200000, RANDOM = 1000000, TEXT_BYTES = 64 };

static void check(uint64_t x)
{
	char expected[TEXT_BYTES];
	uint8_t text[TEXT_BYTES]; /* what is put may write behind its end */
	const uint8_t *end = m_put_dec(text, x);
	const int len = snprintf(expected, sizeof(expected), "%" PRIu64, x);

	if (end - text != len || memcmp(text, expected, (size_t)len) != 0)
		fail_msg("%s: '%.*s'", expected, (int)(end - text),
			 (const char *)text);
}

static void test_small(void **state)
{
	(void)state;
	for (uint64_t x = 0; x < SMALL; x++)
		check(x);
}

static void check_beside(uint64_t x)
{
	for (uint64_t i = 0; i < 5; i++)
		check(x + i - 2);
}

static void test_powers(void **state)
{
	uint64_t x = 1;

	(void)state;
	for (int i = 0; i < 20; i++, x *= 10)
		check_beside(x);
	for (int i = 0; i < 64; i++)
		check_beside((uint64_t)1 << i);
}

static void test_random(void **state)
{
	struct draw draw = { 1 };

	(void)state;
	for (unsigned i = 0; i < RANDOM; i++)
		check(draw_u64(&draw) >> i % 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_powers),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
