#include "tools/bench_raw.h"

#include "tools/measure.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_and_flush(struct bench_raw *raw, size_t len_bytes)
{
	const off_t at = (off_t)(raw->offset_bytes + raw->at_bytes);
	const ssize_t n = pwrite(raw->fd, raw->buf, len_bytes, at);

	if (n < 0)
		return -errno;
	if ((size_t)n < len_bytes)
		return -EIO;
	raw->at_bytes += len_bytes;
	return fdatasync(raw->fd) < 0 ? -errno : 0;
}

/* The first pass, so that no later write has to allocate. */
static int fill(struct bench_raw *raw)
{
	int rc = 0;

	while (rc == 0 && raw->at_bytes < raw->len_bytes)
		rc = write_and_flush(raw, BENCH_RAW_CHUNK);
	return rc;
}

static int open_part(struct bench_raw *raw, const char *path,
		     const struct bench_raw_part *part)
{
	const int flags = O_RDWR | O_CLOEXEC | (part->direct ? O_DIRECT : 0);

	raw->fd = open(path, flags);
	if (raw->fd < 0)
		return -errno;
	raw->buf = aligned_alloc(BENCH_RAW_BLOCK, BENCH_RAW_CHUNK);
	if (raw->buf == NULL)
		return -ENOMEM;
	memset(raw->buf, 'r', BENCH_RAW_CHUNK);
	return fill(raw);
}

int bench_raw_open(struct bench_raw *raw, const char *path,
		   const struct bench_raw_part *part)
{
	int rc;

	assert(part->len_bytes >= BENCH_RAW_CHUNK);
	assert(part->len_bytes % BENCH_RAW_CHUNK == 0);
	*raw = (struct bench_raw){ .offset_bytes = part->offset_bytes,
				   .len_bytes = part->len_bytes };
	rc = open_part(raw, path, part);
	if (rc < 0)
		bench_raw_close(raw);
	return rc;
}

void bench_raw_close(struct bench_raw *raw)
{
	free(raw->buf);
	if (raw->fd > 0)
		close(raw->fd);
	*raw = (struct bench_raw){ .fd = 0 };
}

int bench_raw_write(struct bench_raw *raw, size_t len_bytes, double *ret_us)
{
	const double start_us = measure_now_us();
	int rc;

	assert(len_bytes <= BENCH_RAW_CHUNK);
	if (raw->at_bytes + len_bytes > raw->len_bytes)
		raw->at_bytes = 0;
	rc = write_and_flush(raw, len_bytes);
	*ret_us = measure_now_us() - start_us;
	return rc;
}

static int read_all(struct bench_raw *raw, uint64_t len_bytes)
{
	uint64_t at = 0;

	for (uint64_t left = len_bytes; left > 0;) {
		const size_t len =
			left < BENCH_RAW_CHUNK ? (size_t)left : BENCH_RAW_CHUNK;
		ssize_t n;

		if (at + len > raw->len_bytes)
			at = 0;
		n = pread(raw->fd, raw->buf, len,
			  (off_t)(raw->offset_bytes + at));
		if (n < 0)
			return -errno;
		if ((size_t)n < len)
			return -EIO;
		at += len;
		left -= len;
	}
	return 0;
}

int bench_raw_drain(struct bench_raw *raw, uint64_t len_bytes, double *ret_us)
{
	const double start_us = measure_now_us();
	double write_us;
	int rc = read_all(raw, len_bytes);

	if (rc == 0)
		rc = bench_raw_write(raw, BENCH_RAW_BLOCK, &write_us);
	*ret_us = measure_now_us() - start_us;
	return rc;
}
