/*
 * Goal: each code has its text, its name and its class.
 * Method: a table by hand of codes from all ranges; and all of the library's
 * own codes against each other, so that no two can be mixed up.
 */
#include "ring/ring_error.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct error_case {
	const char *test;
	int code;
	const char *name;
	const char *text;
	int is_retry;
};

static const struct error_case cases[] = {
	{ "errno", -EIO, "EIO", "Input/output error", 0 },
	{ "errno, positive", EIO, "EIO", "Input/output error", 0 },
	{ "EAGAIN is an error of the system", -EAGAIN, "EAGAIN",
	  "Resource temporarily unavailable", 0 },
	{ "first own code", -RING_ERR_EMPTY, "RING_ERR_EMPTY",
	  "no item yet; retry", 1 },
	{ "own code, positive", RING_ERR_EMPTY, "RING_ERR_EMPTY",
	  "no item yet; retry", 0 },
	{ "last retry", -RING_ERR_TIMEOUT, "RING_ERR_TIMEOUT", "timed out", 1 },
	{ "first that is no retry", -RING_ERR_NOT_A_RING, "RING_ERR_NOT_A_RING",
	  "not a ring", 0 },
	{ "last own code", -RING_ERR_NOT_EMPTY, "RING_ERR_NOT_EMPTY",
	  "items are not yet consumed", 0 },
	{ "success", 0, "0", "Success", 0 },
	{ "between the ranges", -RING_ERR_BASE, "?", "unknown error", 0 },
	{ "after the last", -RING_ERR_END, "?", "unknown error", 0 },
	{ "smallest int", INT_MIN, "?", "unknown error", 0 },
	{ "greatest int", INT_MAX, "?", "unknown error", 0 },
};

static void test_case(void **state)
{
	const struct error_case *row = *state;

	assert_string_equal(ring_error_name(row->code), row->name);
	assert_string_equal(ring_strerror(row->code), row->text);
	assert_int_equal(ring_error_is_retry(row->code), row->is_retry);
}

static void test_own_codes_are_distinct(void **state)
{
	(void)state;
	assert_int_equal(RING_ERR_EMPTY, 4001); /* users may store codes */
	for (int a = RING_ERR_EMPTY; a < RING_ERR_END; a++) {
		assert_int_equal(strncmp(ring_error_name(a), "RING_ERR_", 9),
				 0);
		for (int b = a + 1; b < RING_ERR_END; b++) {
			assert_string_not_equal(ring_error_name(a),
						ring_error_name(b));
			assert_string_not_equal(ring_strerror(a),
						ring_strerror(b));
		}
	}
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(cases) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		tests[i] = (struct CMUnitTest){
			.name = cases[i].test,
			.test_func = test_case,
			.initial_state = (void *)(uintptr_t)&cases[i],
		};
	tests[ARRAY_SIZE(cases)] = (struct CMUnitTest)cmocka_unit_test(
		test_own_codes_are_distinct);
	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
