/*
 * Goal: values are due at the rate that was asked for, in each window and
 * from the first on; late time is caught up within its bound; a stutter gives
 * the runs that its fraction makes; rates are told as they were.
 * Method: rate.c, stutter.c and meter.c under a clock of the test's. Who asks
 * wakes exactly when told, or later by a seeded draw.
 */
#include "generator/rate.h"
#include "generator/stutter.h"
#include "tests/lib/draw.h"
#include "tests/lib/rows.h"
#include "tools/meter.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { WINDOW = 1000, VALUES = 20000 };

static const uint64_t start_ns = 5000000000;
static const uint64_t second_ns = 1000000000;

/* ---- windows ------------------------------------------------------------ */

struct window_case {
	const char *name;
	double per_second;
	uint64_t late_ns; /* at most, drawn anew for each time it wakes */
};

static const struct window_case window_cases[] = {
	{ "0.01 a second", 0.01, 1000000 },
	{ "0.3 a second", 0.3, 1000000 },
	{ "3 a second", 3, 1000000 },
	{ "99.9 a second", 99.9, 1000000 },
	{ "1000 a second", 1000, 1000000 },
	{ "3333.3 a second", 3333.3, 500000 },
	{ "100 thousand a second", 1e5, 40000 },
	{ "a million a second", 1e6, 4000 },
	{ "10 million a second", 1e7, 400 },
	{ "as told, pi thousand", 3141.592653589793, 0 },
	{ "as told, 10 million", 1e7, 0 },
};

/* Emit what is due until there are VALUES; when each one was. */
static void run(const struct window_case *row, uint64_t *ret_ns)
{
	struct draw draw = { .state = 1 };
	struct rate rate;
	uint64_t now = start_ns, n = 0;

	assert_int_equal(rate_init(&rate, row->per_second), 0);
	rate_start(&rate, now);
	while (n < VALUES) {
		uint64_t due = rate_due(&rate, now);

		if (due > VALUES - n)
			due = VALUES - n;
		rate_emit(&rate, due);
		for (uint64_t i = 0; i < due; i++)
			ret_ns[n++] = now;
		if (n < VALUES)
			now = rate_next_ns(&rate, VALUES - n) +
			      draw_below(&draw, row->late_ns + 1);
	}
}

static void test_windows(void **state)
{
	const struct window_case *row = *state;
	const double step_ns = 1e9 / row->per_second;
	uint64_t *ns = calloc(VALUES, sizeof(*ns));

	assert_non_null(ns);
	run(row, ns);
	for (unsigned i = 0; i + WINDOW < VALUES; i++) {
		const double took = (double)(ns[i + WINDOW] - ns[i]);

		assert_true(fabs(took / (WINDOW * step_ns) - 1) < 0.01);
	}
	for (unsigned i = 0; i < VALUES; i++) {
		const double due = (double)start_ns + i * step_ns;

		/* Never early; and late by less than 10 ms. */
		assert_true((double)ns[i] > due - 1);
		assert_true((double)ns[i] < due + 1e7 || i > WINDOW);
		assert_true((double)ns[i] < due + 1e7 || row->per_second > 100);
	}
	free(ns);
}

/* ---- the clock of one call ---------------------------------------------- */

struct due_case {
	const char *name;
	double per_second;
	uint64_t emitted;
	double seconds; /* since the start */
	uint64_t due;
};

static const struct due_case due_cases[] = {
	{ "the first at once", 10, 0, 0, 1 },
	{ "the second not yet", 10, 1, 0.0999, 0 },
	{ "the second when it is due", 10, 1, 0.1, 1 },
	{ "what is late comes together", 10, 1, 0.75, 7 },
	{ "a second late is caught up", 1000, 1000, 2, 1001 },
	{ "more than that is forgotten", 1000, 1000, 100, 1001 },
	{ "slow ones are not made up for", 0.1, 1, 100, 1 },
	{ "no limit", 0, 123, 5, UINT64_MAX },
	{ "faster than any clock", 1e300, 123, 5, UINT64_MAX },
	{ "slower than any clock", 1e-300, 1, 5, 0 },
};

static void test_due(void **state)
{
	const struct due_case *row = *state;
	const uint64_t now =
		start_ns + (uint64_t)(row->seconds * (double)second_ns);
	struct rate rate;

	assert_int_equal(rate_init(&rate, row->per_second), 0);
	rate_start(&rate, start_ns);
	rate_emit(&rate, row->emitted);
	assert_true(rate_due(&rate, now) == row->due);
}

/* After a pause it goes on at the rate, from when it went on. */
static void test_goes_on_after_a_pause(void **state)
{
	struct rate rate;
	uint64_t now = start_ns + 3600 * second_ns;

	(void)state;
	assert_int_equal(rate_init(&rate, 100), 0);
	rate_start(&rate, start_ns);
	rate_emit(&rate, rate_due(&rate, now));
	assert_int_equal(rate_due(&rate, now), 0);
	assert_int_equal(rate_next_ns(&rate, 1), now + second_ns / 100);
	assert_int_equal(rate_due(&rate, now + second_ns / 2), 50);
}

struct bad_case {
	const char *name;
	double number;
};

static const struct bad_case bad_cases[] = {
	{ "negative", -1 },
	{ "infinite", INFINITY },
	{ "no number", NAN },
};

static void test_bad(void **state)
{
	const struct bad_case *row = *state;
	struct stutter stutter;
	struct rate rate;

	assert_int_equal(rate_init(&rate, row->number), -EINVAL);
	assert_int_equal(stutter_init(&stutter, row->number), -EINVAL);
}

/* ---- stutter ------------------------------------------------------------ */

struct run_case {
	const char *name;
	double more;
	uint64_t runs[8];
};

static const struct run_case run_cases[] = {
	{ "none", 0, { 1, 1, 1, 1, 1, 1, 1, 1 } },
	{ "two and a half", 2.5, { 3, 3, 4, 3, 4, 3, 4, 3 } },
	{ "two", 2, { 3, 3, 3, 3, 3, 3, 3, 3 } },
	{ "a quarter", 0.25, { 1, 1, 1, 1, 2, 1, 1, 1 } },
	{ "a hundred", 100, { 101, 101, 101, 101, 101, 101, 101, 101 } },
};

static void test_runs(void **state)
{
	const struct run_case *row = *state;
	struct stutter stutter;
	double sum = 0;

	assert_int_equal(stutter_init(&stutter, row->more), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(row->runs); i++)
		assert_int_equal(stutter_run(&stutter), row->runs[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(row->runs); i++)
		sum += (double)row->runs[i];
	for (unsigned i = ARRAY_SIZE(row->runs); i < VALUES; i++)
		sum += (double)stutter_run(&stutter);
	assert_true(fabs(sum - VALUES * (1 + row->more)) <= 1);
}

/* ---- meter -------------------------------------------------------------- */

struct meter_case {
	const char *name;
	unsigned samples;
	double windows[METER_WINDOWS];
	double global;
};

/* In the n-th period of 10 s come 10 n values. */
static const struct meter_case meter_cases[] = {
	{ "nothing yet", 0, { -1, -1, -1 }, -1 },
	{ "10 s", 1, { 1, -1, -1 }, 1 },
	{ "50 s", 5, { 5, -1, -1 }, 3 },
	{ "a minute", 6, { 6, 3.5, -1 }, 3.5 },
	{ "290 s", 29, { 29, 26.5, -1 }, 15 },
	{ "5 minutes", 30, { 30, 27.5, 15.5 }, 15.5 },
	{ "10 minutes", 60, { 60, 57.5, 45.5 }, 30.5 },
};

static void test_meter(void **state)
{
	const struct meter_case *row = *state;
	struct meter_rates rates;
	struct meter meter;
	uint64_t values = 0;

	meter_init(&meter, start_ns);
	for (unsigned i = 1; i <= row->samples; i++) {
		const uint64_t due = meter_due_ns(&meter);

		assert_int_equal(due, start_ns + i * METER_EVERY_NS);
		values += 10 * i;
		meter_sample(&meter, due, values);
	}
	rates = meter_rates(&meter);
	for (unsigned i = 0; i < METER_WINDOWS; i++)
		assert_true(fabs(rates.windows[i] - row->windows[i]) < 1e-9);
	assert_true(fabs(rates.global - row->global) < 1e-9);
}

int main(void)
{
	const struct rows tables[] = {
		{ "window", test_windows, window_cases, sizeof(window_cases),
		  sizeof(window_cases[0]) },
		{ "due", test_due, due_cases, sizeof(due_cases),
		  sizeof(due_cases[0]) },
		{ "bad", test_bad, bad_cases, sizeof(bad_cases),
		  sizeof(bad_cases[0]) },
		{ "runs", test_runs, run_cases, sizeof(run_cases),
		  sizeof(run_cases[0]) },
		{ "meter", test_meter, meter_cases, sizeof(meter_cases),
		  sizeof(meter_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_on_after_a_pause),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
