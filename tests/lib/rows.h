#ifndef TESTS_ROWS_H
#define TESTS_ROWS_H

#include <stddef.h>

/* A table of cases: each row begins with its name (a const char *). */
struct rows {
	const char *group;
	void (*test)(void **state); /* gets the row as its *state */
	const void *table;
	size_t table_bytes;
	size_t row_bytes;
};

/* Run each row of each table as a test of its own. The number that failed. */
int rows_run(const struct rows *tables, size_t count);

#endif
