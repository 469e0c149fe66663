/*
 * Goal: a wait that is cut into slices ends with its last one, not within it.
 * Method: a table of waits, and how long a slice of each is to be.
 */
#include "tests/lib/rows.h"
#include "tools/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST_MS = 200, NS_PER_MS = 1000000 };

struct row {
	const char *name;
	uint64_t wait_ns;
	uint32_t slice_ms;
};

static const struct row rows[] = {
	{ "none", 0, 0 },
	{ "less than can be waited", 1, 1 },
	{ "one, in part", UINT64_C(50) * NS_PER_MS, 50 },
	{ "one, not whole milliseconds", UINT64_C(50) * NS_PER_MS + 1, 51 },
	{ "one", UINT64_C(200) * NS_PER_MS, 200 },
	{ "hardly more than one", UINT64_C(200) * NS_PER_MS + 1, 101 },
	{ "one and a quarter", UINT64_C(250) * NS_PER_MS, 125 },
	{ "five", UINT64_C(1000) * NS_PER_MS, 200 },
	{ "an hour", UINT64_C(3600000) * NS_PER_MS, 200 },
	{ "as good as for ever", UINT64_MAX, 200 },
};

static void test_slice(void **state)
{
	const struct row *row = *state;

	assert_int_equal(deadline_slice_ms(row->wait_ns, MOST_MS),
			 row->slice_ms);
}

int main(void)
{
	const struct rows tables[] = {
		{ "slices of a wait", test_slice, rows, sizeof(rows),
		  sizeof(rows[0]) },
	};

	return rows_run(tables, 1);
}
