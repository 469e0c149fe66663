#include "tests/bench/store.h"

#include "tests/bench/bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096 };

size_t store_batch_bytes(const struct workload *w)
{
	const size_t bytes = w->item_bytes * w->batch_items;

	return (bytes + BLOCK - 1) / BLOCK * BLOCK;
}

void *store_payload(const struct workload *w)
{
	const size_t bytes = store_batch_bytes(w);
	uint8_t *buf = aligned_alloc(BLOCK, bytes);

	if (buf == NULL) {
		bench_error("%s", strerror(ENOMEM));
		return NULL;
	}
	for (size_t i = 0; i < bytes; i++)
		buf[i] = (uint8_t)(i * 37 + i / 251);
	return buf;
}
