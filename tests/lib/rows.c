#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static int run_one(const struct rows *r)
{
	const size_t count = r->table_bytes / r->row_bytes;
	struct CMUnitTest *tests = calloc(count, sizeof(*tests));
	int failed;

	if (tests == NULL)
		return 1;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *row =
			(const uint8_t *)r->table + i * r->row_bytes;

		tests[i] = (struct CMUnitTest){
			.name = *(const char *const *)(const void *)row,
			.test_func = r->test,
			.initial_state = (void *)(uintptr_t)row,
		};
	}
	failed = _cmocka_run_group_tests(r->group, tests, count, NULL, NULL);
	free(tests);
	return failed;
}

int rows_run(const struct rows *tables, size_t count)
{
	int failed = 0;

	for (size_t i = 0; i < count; i++)
		failed += run_one(&tables[i]);
	return failed;
}
