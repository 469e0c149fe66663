/*
 * The limit of a drain: the ring's own file, opened a second time in the same
 * mode, for the speed of a disk differs from file to file. Its data area is
 * read round and round, as a ring is, so many bytes as the ring stores for the
 * backlog, 1 MiB at a time; nothing is looked at.
 */
#include "tests/bench/store.h"

#include "ring/ring.h"
#include "tests/bench/bench.h"
#include "tests/bench/call.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4300, CHUNK = STORE_MIB };

struct reread {
	const struct workload *w;
	int fd;
	void *chunk;
	uint64_t start, end; /* the data area */
	uint64_t at;
};

static void reread_close(void *store)
{
	struct reread *r = store;

	if (r->fd >= 0)
		close(r->fd);
	free(r->chunk);
	free(r);
}

static int open_file(struct reread *r, const char *path)
{
	const int flags = r->w->mode == RING_IO_DIRECT ? O_DIRECT : 0;
	const struct ring_options options = { .mode = r->w->mode };
	struct ring_info info;
	int rc = ring_info(path, &options, &info);

	if (rc < 0)
		return rc;
	r->start = info.data_offset_bytes;
	r->end = r->start + info.data_bytes;
	r->at = r->start;
	r->fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	return r->fd < 0 ? -errno : 0;
}

static int reread_open(const struct workload *w, const char *dir,
		       void **ret_store)
{
	struct reread *r = calloc(1, sizeof(*r));
	char path[PATH_BYTES];
	int rc = -ENOMEM;

	if (r == NULL)
		return rc;
	r->w = w;
	r->fd = -1;
	r->chunk = store_buffer(CHUNK);
	snprintf(path, sizeof(path), "%s/../ring/ring", dir);
	if (r->chunk != NULL)
		rc = open_file(r, path);
	if (rc < 0) {
		reread_close(r);
		return store_open_failed(w, "raw", rc, ring_strerror(rc));
	}
	*ret_store = r;
	return 0;
}

static int nothing(void *store)
{
	(void)store;
	return 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What the ring stores for the backlog, and so has to read (FORMAT.md 4). */
static uint64_t stored_bytes(const struct workload *w)
{
	const size_t record = 48 + (w->item_bytes + 7) / 8 * 8;
	const size_t bytes = record * w->batch_items * w->backlog_batches;

	return bytes / RING_IO_ALIGN * RING_IO_ALIGN;
}

static int reread_drain(void *store, struct tally *t)
{
	struct reread *r = store;
	uint64_t left = stored_bytes(r->w);

	(void)t;
	while (left > 0) {
		const size_t len = least(least(CHUNK, left), r->end - r->at);
		const int rc = call_result(
			pread(r->fd, r->chunk, len, (off_t)r->at), len);

		if (rc < 0) {
			bench_error("raw: %s", strerror(-rc));
			return rc;
		}
		left -= len;
		r->at += len;
		if (r->at == r->end)
			r->at = r->start;
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
