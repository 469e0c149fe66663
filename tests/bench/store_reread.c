/*
 * The limit of a drain: as many bytes as the ring stores for the backlog, of
 * the ring's own data area, 1 MiB at a time; nothing is looked at.
 */
#include "tests/bench/store.h"

#include "tests/bench/bench.h"
#include "tests/bench/call.h"
#include "tests/bench/data_area.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = STORE_MIB };

struct reread {
	const struct workload *w;
	struct data_area area;
	void *chunk;
};

static void reread_close(void *store)
{
	struct reread *r = store;

	data_area_close(&r->area);
	free(r->chunk);
	free(r);
}

static int reread_open(const struct workload *w, const char *dir,
		       void **ret_store)
{
	struct reread *r = calloc(1, sizeof(*r));
	int rc = -ENOMEM;

	if (r == NULL)
		return rc;
	r->w = w;
	r->chunk = store_buffer(CHUNK);
	if (r->chunk != NULL)
		rc = data_area_open(&r->area, w, dir);
	if (rc != 0) {
		reread_close(r);
		return rc;
	}
	*ret_store = r;
	return 0;
}

static int nothing(void *store)
{
	(void)store;
	return 0;
}

static int reread_drain(void *store, struct tally *t)
{
	struct reread *r = store;
	uint64_t left = data_area_stored_bytes(r->w);

	(void)t;
	while (left > 0) {
		const struct piece p =
			data_area_next(&r->area, left < CHUNK ? left : CHUNK);
		const int rc = call_result(
			pread(r->area.fd, r->chunk, p.len_bytes, p.offset),
			p.len_bytes);

		if (rc < 0) {
			bench_error("raw: %s", strerror(-rc));
			return rc;
		}
		left -= p.len_bytes;
	}
	return 0;
}

const struct store_ops store_reread = {
	.open = reread_open,
	.put = nothing,
	.clear = nothing,
	.drain = reread_drain,
	.rewind = nothing,
	.close = reread_close,
};
