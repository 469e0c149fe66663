/*
 * What a durable publish of one 100-byte item costs beside the floor: a raw
 * 4 KiB pwrite and fdatasync of a file on the same disk. Both are done in turn
 * in one run, because machines are noisy: only the ratio counts. A benchmark,
 * not a test.
 *
 *     publish RING RAW-FILE ENGINE COUNT
 */
#include "ring/ring.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 4096, ITEM_BYTES = 100, RAW_BLOCKS = 1000 };

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double percentile(const double *sorted, size_t count, double p)
{
	return sorted[(size_t)((double)(count - 1) * p)];
}

static int measure_raw(int fd, size_t i, double *ret_us)
{
	static const char block[BLOCK] = { 1 };
	const double start = now_us();

	if (pwrite(fd, block, BLOCK, (off_t)(i % RAW_BLOCKS * BLOCK)) != BLOCK)
		return -1;
	if (fdatasync(fd) < 0)
		return -1;
	*ret_us = now_us() - start;
	return 0;
}

static int measure_ring(struct ring_producer *p, double *ret_us)
{
	static const char item[ITEM_BYTES] = { 2 };
	const struct ring_entry e = { .data = item, .data_bytes = ITEM_BYTES };
	const double start = now_us();
	const int rc = ring_producer_publish(p, &e, 1, NULL, NULL);

	*ret_us = now_us() - start;
	return rc;
}

static void report(double *ring, double *raw, size_t count)
{
	qsort(ring, count, sizeof(*ring), compare);
	qsort(raw, count, sizeof(*raw), compare);
	printf("publish p50 %.1f us, p99 %.1f us; raw p50 %.1f us, p99 %.1f "
	       "us; ratio p50 %.2f, p99 %.2f\n",
	       percentile(ring, count, 0.5), percentile(ring, count, 0.99),
	       percentile(raw, count, 0.5), percentile(raw, count, 0.99),
	       percentile(ring, count, 0.5) / percentile(raw, count, 0.5),
	       percentile(ring, count, 0.99) / percentile(raw, count, 0.99));
}

static int run(struct ring_producer *p, int fd, size_t count)
{
	double *ring = calloc(count, sizeof(*ring));
	double *raw = calloc(count, sizeof(*raw));
	int rc = ring == NULL || raw == NULL ? -1 : 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = measure_ring(p, &ring[i]);
		if (rc == 0)
			rc = measure_raw(fd, i, &raw[i]);
	}
	if (rc == 0)
		report(ring, raw, count);
	free(ring);
	free(raw);
	return rc;
}

int main(int argc, char **argv)
{
	struct ring_fault fault = { 0 };
	struct ring_options options = { .fault = &fault };
	struct ring_producer *p;
	int fd, rc;

	if (argc != 5 ||
	    ring_io_engine_from_name(argv[3], &options.engine) < 0) {
		fprintf(stderr, "usage: publish RING RAW-FILE ENGINE COUNT\n");
		return 2;
	}
	fd = open(argv[2], O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		perror(argv[2]);
		return 3;
	}
	rc = ring_producer_attach(argv[1], &options, &p, NULL);
	if (rc == 0)
		rc = run(p, fd, strtoul(argv[4], NULL, 10));
	if (rc < 0)
		fprintf(stderr, "publish: %s\n", fault.text);
	else
		ring_producer_free(p);
	close(fd);
	return rc < 0 ? 3 : 0;
}
