#ifndef TESTS_GEN_CSV_LIST_H
#define TESTS_GEN_CSV_LIST_H

#include "tests/lib/gen_scan.h"

/* Read a vector, an array or a map in ClickHouse's notation, without the quotes
 * around it. False: it is none. */
bool csv_list_read(const uint8_t *text, size_t len_bytes, struct events *events,
		   const struct gen_type *type);

#endif
