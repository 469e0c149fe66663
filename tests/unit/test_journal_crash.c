/*
 * Goal: I10: a journal keeps what it promises through any crash.
 * Method: tests/lib/journal_crash.h, some runs of it; 'crashtest' does more.
 * TEST_SEED repeats one run, TEST_RUNS sets how many there are.
 */
#include "tests/lib/journal_crash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { RUNS = 3, LYING_RUNS = 40 };

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 0) : otherwise;
}

static void test_runs(void **state)
{
	const uint64_t first = number("TEST_SEED", 1);
	const uint64_t runs =
		number("TEST_RUNS", getenv("TEST_SEED") != NULL ? 1 : RUNS);
	struct journal_crash c = { .cuts = 4 };

	(void)state;
	for (uint64_t i = 0; i < runs && c.violations == 0; i++)
		journal_crash_run(&c, first + i);
	printf("seeds %llu to %llu: %llu states, %llu nested, %llu performed, "
	       "%llu skipped\n",
	       (unsigned long long)first, (unsigned long long)c.seed,
	       (unsigned long long)c.states, (unsigned long long)c.nested,
	       (unsigned long long)c.performed, (unsigned long long)c.skipped);
	if (c.violations > 0)
		fail_msg("%s", c.text);
}

/* The way of judging has teeth: disks that lie about flushes are noticed. */
static void test_lying_disk(void **state)
{
	struct journal_crash c = { .cuts = 4, .lies = true };

	(void)state;
	for (uint64_t i = 1; i <= LYING_RUNS && c.violations == 0; i++)
		journal_crash_run(&c, i);
	assert_true(c.violations > 0);
}

/* All that there is, in one run each: a skip, a failure after the deed, and a
 * waiter that is told. */
static void test_words(void **state)
{
	static const char *const words[] = { "pqpxtty", "pqetthtty", "qhtfttp",
					     "ppyttyrt", "pxtrtpty" };
	struct journal_crash c = { .cuts = 3 };

	(void)state;
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		c.word = words[i];
		journal_crash_run(&c, 1);
		if (c.violations > 0)
			fail_msg("%s", c.text);
	}
	assert_true(c.skipped > 0);
	assert_true(c.repeated > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_lying_disk),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("journal crash", tests, NULL, NULL);
}
