#include "tests/bench/data_area.h"

#include "ring/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { PATH_BYTES = 4300, HEADER_BYTES = 48 };

static int open_file(struct data_area *a, const struct workload *w,
		     const char *path)
{
	const int flags = w->mode == RING_IO_DIRECT ? O_DIRECT : 0;
	const struct ring_options options = { .mode = w->mode };
	struct ring_info info;
	int rc = ring_info(path, &options, &info);

	if (rc < 0)
		return rc;
	a->start = info.data_offset_bytes;
	a->end = a->start + info.data_bytes;
	a->at = a->start;
	a->fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	return a->fd < 0 ? -errno : 0;
}

int data_area_open(struct data_area *a, const struct workload *w,
		   const char *dir)
{
	char path[PATH_BYTES];
	int rc;

	snprintf(path, sizeof(path), "%s/../ring/ring", dir);
	rc = open_file(a, w, path);
	return rc < 0 ? store_open_failed(w, "raw", rc, ring_strerror(rc)) : 0;
}

void data_area_close(struct data_area *a)
{
	if (a->fd > 0)
		close(a->fd);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct piece data_area_next(struct data_area *a, uint64_t most_bytes)
{
	const struct piece piece = {
		.offset = (off_t)a->at,
		.len_bytes = (size_t)least(most_bytes, a->end - a->at),
	};

	a->at += piece.len_bytes;
	if (a->at == a->end)
		a->at = a->start;
	return piece;
}

size_t data_area_record_bytes(const struct workload *w)
{
	return HEADER_BYTES + (w->item_bytes + 7) / 8 * 8;
}

uint64_t data_area_stored_bytes(const struct workload *w)
{
	const size_t bytes =
		data_area_record_bytes(w) * w->batch_items * w->backlog_batches;

	return bytes / RING_IO_ALIGN * RING_IO_ALIGN;
}
