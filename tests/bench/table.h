#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "tests/bench/result.h"

/*
 * Write OUT/bench/table.md: a line for each result, as docs/PERFORMANCE.md has
 * them. 0, or negative after it was said why.
 */
int table_write(const struct result *results, size_t count, const char *out);

#endif
