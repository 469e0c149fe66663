/*
 * Goal: when the journal performs, waits, and for how long.
 * Method: a table of situations at the time 100; what the plan has to be.
 */
#include "journal/plan.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { NOW = 100 };

struct row {
	const char *name;
	struct situation now;
	struct plan expected;
};

static const struct row rows[] = {
	{ "nothing to do", { 0 }, { ACTION_WAIT, PLAN_NEVER, true } },
	{ "an urge without anything to perform",
	  { .is_urged = true },
	  { ACTION_WAIT, PLAN_NEVER, true } },
	{ "due",
	  { .is_pending = true, .due_ns = NOW },
	  { .action = ACTION_PERFORM } },
	{ "due long since",
	  { .is_pending = true, .due_ns = 1 },
	  { .action = ACTION_PERFORM } },
	{ "not yet due",
	  { .is_pending = true, .due_ns = NOW + 1 },
	  { ACTION_WAIT, NOW + 1, true } },
	{ "becoming full ends the interval",
	  { .is_pending = true, .is_filling = true, .due_ns = 900 },
	  { .action = ACTION_PERFORM } },
	{ "an urge ends the interval",
	  { .is_pending = true, .is_urged = true, .due_ns = 900 },
	  { .action = ACTION_PERFORM } },
	{ "after a failure nothing is due",
	  { .is_pending = true, .due_ns = 1, .not_before_ns = 500 },
	  { ACTION_WAIT, 500, false } },
	{ "after a failure becoming full changes nothing",
	  { .is_pending = true, .is_filling = true, .not_before_ns = 500 },
	  { ACTION_WAIT, 500, false } },
	{ "an urge ends the wait after a failure",
	  { .is_pending = true, .is_urged = true, .not_before_ns = 500 },
	  { .action = ACTION_PERFORM } },
	{ "the retry is due",
	  { .is_pending = true, .due_ns = 1, .not_before_ns = NOW },
	  { .action = ACTION_PERFORM } },
	{ "the retry comes before the interval's end",
	  { .is_pending = true, .due_ns = 900, .not_before_ns = NOW },
	  { ACTION_WAIT, 900, true } },
	{ "the end comes first",
	  { .is_over = true, .is_pending = true, .is_urged = true },
	  { .action = ACTION_END } },
};

static void test_plan(void **state)
{
	const struct row *row = *state;
	const struct plan plan = plan_next(&row->now, NOW);

	assert_int_equal(plan.action, row->expected.action);
	assert_int_equal(plan.until_ns, row->expected.until_ns);
	assert_int_equal(plan.heeds_ring, row->expected.heeds_ring);
}

int main(void)
{
	const struct rows tables[] = {
		{ "journal plan", test_plan, rows, sizeof(rows),
		  sizeof(rows[0]) },
	};

	return rows_run(tables, 1);
}
