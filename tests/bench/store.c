#include "tests/bench/store.h"

#include "tests/bench/bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCK = 4096, HUGE_PAGE = 2 * STORE_MIB };

size_t store_batch_bytes(const struct workload *w)
{
	const size_t bytes = w->item_bytes * w->batch_items;

	return (bytes + BLOCK - 1) / BLOCK * BLOCK;
}

void *store_buffer(size_t bytes)
{
	const size_t whole = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	void *buf;
	const int code = posix_memalign(&buf, HUGE_PAGE, whole);

	if (code != 0) {
		bench_error("%s", strerror(code));
		return NULL;
	}
	(void)madvise(buf, whole, MADV_HUGEPAGE); /* or it goes without */
	return buf;
}

void *store_payload(const struct workload *w)
{
	const size_t bytes = store_batch_bytes(w);
	uint8_t *buf = store_buffer(bytes);

	if (buf == NULL)
		return NULL;
	for (size_t i = 0; i < bytes; i++)
		buf[i] = (uint8_t)(i * 37 + i / 251);
	return buf;
}

static bool is_missing_here(const struct workload *w, int rc)
{
	if (w->mode == RING_IO_DIRECT && rc == -EINVAL)
		return true;
	return rc == -ENOSYS || rc == -EPERM;
}

int store_open_failed(const struct workload *w, const char *name, int rc,
		      const char *text)
{
	bench_error("%s: %s", name, text);
	return is_missing_here(w, rc) ? CONTEST_SKIPPED : rc;
}

int store_fill(const struct store_ops *ops, void *store,
	       const struct workload *w)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < w->backlog_batches; i++)
		rc = ops->put(store);
	return rc;
}

int store_check(const struct workload *w, const struct tally *t)
{
	struct tally batch = { 0 };
	uint8_t *payload = store_payload(w);

	if (payload == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < w->batch_items; i++)
		tally_add(&batch, payload + i * w->item_bytes, w->item_bytes);
	free(payload);
	if (t->items == batch.items * w->backlog_batches &&
	    t->sum == batch.sum * w->backlog_batches)
		return 0;
	bench_error("%zu items came, and not the %zu that were put, or others",
		    t->items, batch.items * w->backlog_batches);
	return -EBADMSG;
}
