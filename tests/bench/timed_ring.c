#include "tests/bench/timed_ring.h"

#include "tests/bench/bench.h"
#include "tools/bench_ring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATH_BYTES = 4300, NAME_BYTES = 24 };

struct ring {
	const struct ring_state *state;
	struct bench_ring ring;
	struct ring_info info;
	struct ring_fault fault;
	uint8_t *item; /* as large as the largest that is accepted */
};

static int failed(const struct ring *r, int rc)
{
	return bench_failed("ring", rc, &r->fault);
}

static int create(const struct ring *r, const char *path,
		  const struct ring_options *options)
{
	char texts[RING_CURSORS_MAX][NAME_BYTES];
	const char *names[RING_CURSORS_MAX] = { "default" };
	const struct ring_create_options create = {
		.size_bytes = r->state->file_bytes,
		.consumers = names,
		.consumer_count = r->state->consumers,
	};

	for (unsigned i = 1; i < r->state->consumers; i++) {
		snprintf(texts[i], NAME_BYTES, "consumer-%u", i);
		names[i] = texts[i];
	}
	return ring_create(path, &create, options);
}

/* Items of a quarter of the ring, until all of it was written that often. */
static int publish_laps(struct ring *r)
{
	const struct ring_entry e = { .data = r->item,
				      .data_bytes = r->info.max_item_bytes };
	uint64_t left = r->state->laps * r->info.data_bytes;
	double ignored;
	int rc = 0;

	while (rc == 0 && left > e.data_bytes) {
		rc = bench_ring_publish(&r->ring, &e, 1, &ignored);
		left -= e.data_bytes;
	}
	return rc < 0 ? rc : bench_ring_drain(&r->ring, &ignored);
}

/* Without flushes, which would take most of the time; what is measured later
 * has them. */
static int write_laps(struct ring *r, const char *path)
{
	const struct ring_options options = {
		.durability = RING_DURABILITY_PROCESS,
		.fault = &r->fault,
	};
	int rc;

	if (r->state->laps == 0)
		return 0;
	rc = bench_ring_open(&r->ring, path, true, &options);
	if (rc == 0)
		rc = publish_laps(r);
	bench_ring_close(&r->ring);
	return rc;
}

static int write_backlog(struct ring *r)
{
	const struct ring_entry e = { .data = r->item,
				      .data_bytes = r->info.data_bytes / 64 };
	const double bytes = r->state->backlog * (double)r->info.data_bytes;
	double ignored;
	int rc = 0;

	for (double done = 0; rc == 0 && done + (double)e.data_bytes < bytes;
	     done += (double)e.data_bytes)
		rc = bench_ring_publish(&r->ring, &e, 1, &ignored);
	return rc;
}

static int make(struct ring *r, const char *path,
		const struct ring_options *options)
{
	int rc = create(r, path, options);

	if (rc == 0)
		rc = ring_info(path, options, &r->info);
	if (rc < 0)
		return rc;
	r->item = calloc(1, r->info.max_item_bytes);
	return r->item == NULL ? -ENOMEM : 0;
}

static int prepare(struct ring *r, const char *path,
		   const struct ring_options *options)
{
	int rc = make(r, path, options);

	if (rc == 0)
		rc = write_laps(r, path);
	if (rc == 0)
		rc = bench_ring_open(&r->ring, path, true, options);
	if (rc == 0 && r->state->consumers == 1)
		rc = bench_ring_warm(&r->ring, r->item,
				     r->info.max_item_bytes / 4);
	return rc < 0 ? rc : write_backlog(r);
}

static void timed_ring_close(void *it)
{
	struct ring *r = it;

	bench_ring_close(&r->ring);
	free(r->item);
	free(r);
}

static int timed_ring_open(const void *how, const char *dir, void **ret_it)
{
	struct ring *r = calloc(1, sizeof(*r));
	char path[PATH_BYTES];
	int rc;

	if (r == NULL)
		return -ENOMEM;
	r->state = how;
	snprintf(path, sizeof(path), "%s/ring", dir);
	rc = prepare(r, path, &(struct ring_options){ .fault = &r->fault });
	if (rc < 0) {
		failed(r, rc);
		timed_ring_close(r);
		return rc;
	}
	*ret_it = r;
	return 0;
}

static int timed_ring_once(void *it, double *ret_us)
{
	struct ring *r = it;
	const struct ring_entry e = { .data = r->item,
				      .data_bytes = r->state->item_bytes };
	const int rc = bench_ring_publish(&r->ring, &e, 1, ret_us);

	return rc < 0 ? failed(r, rc) : 0;
}

const struct timed_ops timed_ring = {
	.open = timed_ring_open,
	.close = timed_ring_close,
	.once = timed_ring_once,
};
