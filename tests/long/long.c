/*
 * Goal: a ring at full speed for a long time stays as it is: the memory of
 * both processes, the space that is used when it is empty, the numbers of the
 * items. The rate is printed, and never judged.
 * Method: one process publishes batches, another drains them, on a small ring
 * that goes round ten thousand times and more. In the end it is drained, and
 * used and free space have to be what they were when it was empty before.
 *
 *     long FILE SECONDS
 *
 * FILE is made, and removed. Exit codes: 0, 1: something drifted, 2: a wrong
 * command line, 3: it could not be done.
 */
#include "ring/ring.h"
#include "tests/bench/drainer.h"
#include "tools/measure.h"
#include "tools/stop.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FILE_BYTES = 1 << 20,
	ITEM_BYTES = 100,
	BATCH = 500,
	WAIT_MS = 10,
	SETTLE_TRIES = 1000,
	INTERVALS = 60,     /* printed lines */
	WARM_INTERVALS = 6, /* before memory counts */
	GROWTH_KIB = 1024,
	LAPS_LEAST = 10000,
};

struct run {
	const char *path;
	double seconds;
	struct ring_fault fault;
	struct ring_options options;
	struct ring_producer *producer;
	struct drainer drainer;
	struct ring_producer_state start; /* of the empty ring */
	uint64_t data_bytes;
	uint64_t block_bytes;
	uint64_t published; /* items */
	int stop_fd;

	/* of each interval */
	double rates[INTERVALS];
	uint64_t rss_kib[INTERVALS];
	uint64_t drainer_rss_kib[INTERVALS];
};

/* ---- the process that drains --------------------------------------------- */

struct draining {
	uint64_t next; /* sequence number */
	bool has_gap;
};

static int take(void *ctx, const struct ring_item *item)
{
	struct draining *d = ctx;

	d->has_gap = d->has_gap || item->sequence != d->next ||
		     item->data_bytes != ITEM_BYTES;
	d->next = item->sequence + 1;
	return 0;
}

static int drain_some(struct ring_consumer *c, struct draining *d,
		      struct drainer_said *said)
{
	uint64_t position;
	int rc = ring_consumer_fold(c, RING_POSITION_NONE, NULL, take, d,
				    &position);

	if (rc == -RING_ERR_EMPTY)
		return ring_consumer_wait(c, -1);
	if (rc == 0)
		rc = ring_consumer_advance(c, position, NULL);
	if (rc == 0 && d->has_gap)
		rc = -RING_ERR_DAMAGED;
	if (rc == 0)
		drainer_say(said, d->next);
	return rc;
}

static int drain(const void *how, struct drainer_said *said)
{
	const struct run *run = how;
	struct draining d = { .next = 0 };
	struct ring_consumer *c;
	int rc = ring_consumer_attach(run->path, NULL, &run->options, &c, NULL);

	while (rc == 0)
		rc = drain_some(c, &d, said);
	return rc;
}

/* ---- the process that publishes ------------------------------------------ */

static int rest(struct run *r)
{
	const int code = atomic_load(&r->drainer.said->code);
	const int rc =
		code < 0 ? code : ring_producer_wait(r->producer, WAIT_MS);

	return rc == -RING_ERR_TIMEOUT ? 0 : rc;
}

static int publish(struct run *r)
{
	static const char item[ITEM_BYTES] = { 1 };
	struct ring_entry entries[BATCH];
	int rc;

	for (unsigned i = 0; i < BATCH; i++)
		entries[i] = (struct ring_entry){ .data = item,
						  .data_bytes = ITEM_BYTES };
	while ((rc = ring_producer_publish(r->producer, entries, BATCH, NULL,
					   NULL)) == -RING_ERR_FULL) {
		rc = rest(r);
		if (rc < 0)
			return rc;
	}
	r->published += BATCH;
	return rc;
}

/* Until the drainer has everything, and the producer has seen that the space
 * is free. What never comes is told by verify(): the bound only ends it. */
static int settle(struct run *r, const struct ring_producer_state *empty,
		  struct ring_producer_state *ret)
{
	int rc = ring_producer_state(r->producer, ret);

	for (unsigned i = 0; rc == 0 && i < SETTLE_TRIES; i++) {
		if (atomic_load(&r->drainer.said->items) == r->published &&
		    (empty == NULL || ret->used_bytes == empty->used_bytes))
			break;
		rc = rest(r);
		if (rc == 0)
			rc = ring_producer_state(r->producer, ret);
	}
	return rc;
}

/* What is resident of a process. */
static uint64_t resident_kib(pid_t pid)
{
	char path[64], line[128];
	uint64_t kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "VmRSS: %" SCNu64, &kib) == 1)
			break;
	if (file != NULL)
		fclose(file);
	return kib;
}

static double laps(const struct run *r, const struct ring_producer_state *s)
{
	return (double)(s->exposed - r->start.exposed) / (double)r->data_bytes;
}

static int print_interval(struct run *r, unsigned i)
{
	struct ring_producer_state s;
	const int rc = ring_producer_state(r->producer, &s);

	r->rss_kib[i] = resident_kib(getpid());
	r->drainer_rss_kib[i] = resident_kib(r->drainer.pid);
	printf("%5.0f s %10.0f items/s  rss %" PRIu64 " + %" PRIu64
	       " KiB  laps %.0f  used %" PRIu64 " free %" PRIu64 "\n",
	       r->seconds * (i + 1) / INTERVALS, r->rates[i], r->rss_kib[i],
	       r->drainer_rss_kib[i], laps(r, &s), s.used_bytes, s.free_bytes);
	fflush(stdout);
	return rc;
}

static int run_interval(struct run *r, unsigned i)
{
	const double start_us = measure_now_us();
	const double end_us = start_us + r->seconds / INTERVALS * 1e6;
	const uint64_t before = r->published;
	int rc = 0;

	while (rc == 0 && measure_now_us() < end_us)
		rc = stop_requested(r->stop_fd) ? -ECANCELED : publish(r);
	r->rates[i] = (double)(r->published - before) /
		      (measure_now_us() - start_us) * 1e6;
	return rc < 0 ? rc : print_interval(r, i);
}

/* ---- the verdict --------------------------------------------------------- */

static double mean(const double *list, unsigned count)
{
	double sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += list[i];
	return sum / count;
}

static bool expect(bool is_so, const char *what)
{
	printf("%s: %s\n", is_so ? "ok  " : "FAIL", what);
	return is_so;
}

static bool is_flat(const uint64_t *kib)
{
	return kib[INTERVALS - 1] <= kib[WARM_INTERVALS - 1] + GROWTH_KIB;
}

/* But for the block that the end lies in: it is free in part. */
static bool is_same_space(const struct run *r,
			  const struct ring_producer_state *s)
{
	const uint64_t a = r->start.free_bytes, b = s->free_bytes;

	return (a > b ? a - b : b - a) < r->block_bytes;
}

static bool verify(const struct run *r, const struct ring_producer_state *end)
{
	const double first = mean(r->rates, INTERVALS / 10);
	const double last =
		mean(r->rates + INTERVALS - INTERVALS / 10, INTERVALS / 10);
	bool good;

	printf("rate of the last tenth %.0f items/s, of the first %.0f: "
	       "%.2f\nlaps %.0f, items %" PRIu64 "\n",
	       last, first, last / first, laps(r, end), r->published);
	good = expect(is_flat(r->rss_kib), "memory of the producer");
	good &= expect(is_flat(r->drainer_rss_kib), "memory of the consumer");
	good &= expect(atomic_load(&r->drainer.said->items) == r->published &&
			       end->exposed_items == r->published,
		       "every item came, without a gap");
	good &= expect(end->used_bytes == r->start.used_bytes,
		       "used space is what it was");
	good &= expect(is_same_space(r, end), "free space is what it was");
	good &= expect(laps(r, end) >= LAPS_LEAST, "10000 laps");
	return good;
}

/* ---- the whole ----------------------------------------------------------- */

static int open_ring(struct run *r)
{
	const struct ring_create_options create = { .size_bytes = FILE_BYTES };
	struct ring_info info;
	int rc = ring_create(r->path, &create, &r->options);

	if (rc == 0)
		rc = ring_info(r->path, &r->options, &info);
	if (rc < 0)
		return rc;
	r->data_bytes = info.data_bytes;
	r->block_bytes = info.block_bytes;
	rc = drainer_start(&r->drainer, drain, r);
	return rc < 0 ? rc
		      : ring_producer_attach(r->path, &r->options, &r->producer,
					     NULL);
}

static int work(struct run *r, bool *ret_good)
{
	struct ring_producer_state end;
	int rc = open_ring(r);

	if (rc == 0)
		rc = publish(r);
	if (rc == 0)
		rc = settle(r, NULL, &r->start);
	for (unsigned i = 0; rc == 0 && i < INTERVALS; i++)
		rc = run_interval(r, i);
	if (rc == 0)
		rc = settle(r, &r->start, &end);
	if (rc == 0)
		*ret_good = verify(r, &end);
	drainer_stop(&r->drainer);
	ring_producer_free(r->producer);
	return rc;
}

int main(int argc, char **argv)
{
	struct run r = { .path = argc > 1 ? argv[1] : NULL };
	bool good = false;
	int rc;

	if (argc == 3)
		r.seconds = strtod(argv[2], NULL);
	if (r.seconds <= 0) {
		fprintf(stderr, "usage: long FILE SECONDS\n");
		return 2;
	}
	r.options.fault = &r.fault;
	r.stop_fd = stop_open();
	rc = r.stop_fd < 0 ? r.stop_fd : work(&r, &good);
	if (rc < 0)
		fprintf(stderr, "long: %s%s%s\n", ring_strerror(rc),
			r.fault.text[0] == '\0' ? "" : ": ", r.fault.text);
	unlink(r.path);
	return rc < 0 ? 3 : !good;
}
