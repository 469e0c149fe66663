/*
 * What the journal adds to a publish, and what it gains when many threads push:
 * they share writes and flushes, and perform is given more at a time.
 *
 * perform does nothing. Where pushes are measured the flush interval is an
 * hour, or the positions that performing makes durable would compete with them
 * for the disk. What waits is performed between the slices, long before it is
 * half of the ring, which would end the interval.
 */
#include "journal/journal.h"

#include "tests/bench/bench.h"
#include "tests/bench/timed_ring.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	OP_BYTES = 100,
	FILE_BYTES = 32 << 20,
	WARM_OP_BYTES = 64 << 10,
	PENDING_MAX = 4096,
	HOUR_MS = 3600 * 1000,
	THREADS_MAX = 16,
	PATH_BYTES = 4300,
};

/* How a contestant is to push. */
struct pushing {
	unsigned threads;
	uint32_t flush_interval_ms;
};

struct log {
	const struct pushing *how;
	struct journal *j;
	struct ring_fault fault;
	uint64_t pushed; /* operations */

	/* Counted by perform, in its thread: read behind a clear() only. */
	uint64_t performed;
	uint64_t calls;
};

static int failed(const struct log *l, int rc)
{
	return bench_failed("journal", rc, &l->fault);
}

/* ---- the journal -------------------------------------------------------- */

static int perform_nothing(void *ctx, const struct journal_op *ops,
			   size_t count)
{
	struct log *l = ctx;

	(void)ops;
	l->performed += count;
	l->calls++;
	return (int)count;
}

static int push_one(struct log *l)
{
	static const char op[OP_BYTES] = { 1 };

	return journal_push(l->j, op, sizeof(op), NULL);
}

/* All is performed, and each operation once: nothing failed or crashed. */
static int clear(struct log *l)
{
	int rc = journal_flush(l->j, NULL);

	if (rc == 0)
		rc = journal_sync(l->j, NULL, -1);
	if (rc < 0 || l->performed == l->pushed)
		return rc;
	bench_error("journal: %llu pushed, %llu performed",
		    (unsigned long long)l->pushed,
		    (unsigned long long)l->performed);
	return -EIO;
}

/* Write all of the ring once, so that its pages are there. */
static int warm(struct log *l)
{
	static const char op[WARM_OP_BYTES] = { 1 };
	int rc = 0;

	for (size_t done = 0; rc == 0 && done < FILE_BYTES;
	     done += sizeof(op)) {
		rc = journal_push(l->j, op, sizeof(op), NULL);
		l->pushed += rc == 0;
	}
	return rc < 0 ? rc : clear(l);
}

static void log_close(void *state)
{
	struct log *l = state;

	journal_free(l->j);
	free(l);
}

static int log_open(const void *how, const char *dir, void **ret_log)
{
	struct log *l = calloc(1, sizeof(*l));
	struct journal_options options = { .create.size_bytes = FILE_BYTES };
	char path[PATH_BYTES];
	int rc;

	if (l == NULL)
		return -ENOMEM;
	l->how = how;
	options.flush_interval_ms = l->how->flush_interval_ms;
	options.ring.fault = &l->fault;
	snprintf(path, sizeof(path), "%s/journal", dir);
	rc = journal_start(path, &options, perform_nothing, l, &l->j);
	if (rc == 0)
		rc = warm(l);
	if (rc < 0) {
		failed(l, rc);
		log_close(l);
		return rc;
	}
	*ret_log = l;
	return 0;
}

/* ---- push by push ------------------------------------------------------- */

static int push_timed(void *it, double *ret_us)
{
	struct log *l = it;
	const double start_us = measure_now_us();
	int rc = push_one(l);

	*ret_us = measure_now_us() - start_us;
	l->pushed += rc == 0;
	if (rc == 0 && l->pushed % PENDING_MAX == 0)
		rc = clear(l);
	return rc < 0 ? failed(l, rc) : 0;
}

static const struct timed_ops timed_journal = {
	.open = log_open,
	.close = log_close,
	.once = push_timed,
};

static int compare_with_publish(struct bench *b)
{
	static const struct ring_state state = { .file_bytes = FILE_BYTES,
						 .item_bytes = OP_BYTES,
						 .consumers = 1 };
	static const struct pushing gathers = { 1, HOUR_MS },
				    at_once = { 1, 0 };
	const struct timed ring = { .ops = &timed_ring, .how = &state };
	const struct timed later = { .ops = &timed_journal, .how = &gathers };
	const struct timed soon = { .ops = &timed_journal, .how = &at_once };
	const struct contestant list[] = {
		{ "ring-publish", PART_LIMIT, &timed_contestant, &ring },
		{ "journal", PART_RING, &timed_contestant, &later },
		{ "at-once", PART_BESIDE, &timed_contestant, &soon },
	};
	const struct contest contest = {
		.row = "journal/1-thread",
		.metrics = timed_metrics,
		.metric_count = TIMED_METRICS,
		.contestants = list,
		.contestant_count = BENCH_COUNT(list),
		.slice_us = 40e3,
		.rounds = 40,
	};

	return contest_run(b, &contest);
}

/* ---- many threads ------------------------------------------------------- */

struct worker {
	struct log *log;
	double end_us;
	pthread_t thread;
	uint64_t pushed;
	int rc;
};

static void *push_until_end(void *arg)
{
	struct worker *w = arg;

	do {
		w->rc = push_one(w->log);
		w->pushed += w->rc == 0;
	} while (w->rc == 0 && measure_now_us() < w->end_us);
	return NULL;
}

static int join(struct worker *workers, unsigned count)
{
	int rc = 0;

	for (unsigned i = 0; i < count; i++) {
		pthread_join(workers[i].thread, NULL);
		workers[i].log->pushed += workers[i].pushed;
		if (workers[i].rc < 0)
			rc = workers[i].rc;
	}
	return rc;
}

static int push_together(struct log *l, double end_us)
{
	struct worker workers[THREADS_MAX];
	unsigned count = 0;
	int rc = 0, of_join;

	while (rc == 0 && count < l->how->threads) {
		struct worker *w = &workers[count];

		*w = (struct worker){ .log = l, .end_us = end_us };
		rc = -pthread_create(&w->thread, NULL, push_until_end, w);
		if (rc == 0)
			count++;
	}
	of_join = join(workers, count);
	return rc < 0 ? rc : of_join;
}

/* Pushes a second, and how many a call of perform was given. */
static int crowd_slice(void *state, double budget_us, double *ret_values)
{
	struct log *l = state;
	const uint64_t before = l->performed, calls_before = l->calls;
	const double start_us = measure_now_us();
	int rc = push_together(l, start_us + budget_us);
	const double took_us = measure_now_us() - start_us;

	if (rc == 0)
		rc = clear(l);
	if (rc < 0)
		return failed(l, rc);
	ret_values[0] = (double)(l->performed - before) / took_us * 1e6;
	ret_values[1] = (double)(l->performed - before) /
			(double)(l->calls - calls_before);
	return 0;
}

static int crowd_open(const struct contestant *c, const char *dir,
		      void **ret_state)
{
	return log_open(c->how, dir, ret_state);
}

static const struct contestant_ops crowd = {
	.open = crowd_open,
	.slice = crowd_slice,
	.close = log_close,
};

/* The first `metrics` of the two that crowd_slice() measures. */
static int compare_crowds(struct bench *b, const char *row, size_t metrics,
			  uint32_t flush_interval_ms)
{
	static const struct metric both[] = {
		{ "rate", "pushes/s", true },
		{ "batch", "operations", true },
	};
	const struct pushing one = { 1, flush_interval_ms };
	const struct pushing many = { THREADS_MAX, flush_interval_ms };
	const struct contestant list[] = {
		{ "1-thread", PART_PEER, &crowd, &one },
		{ "16-threads", PART_RING, &crowd, &many },
	};
	const struct contest contest = {
		.row = row,
		.metrics = both,
		.metric_count = metrics,
		.contestants = list,
		.contestant_count = BENCH_COUNT(list),
		.slice_us = 100e3,
		.rounds = 15,
	};

	return contest_run(b, &contest);
}

/* ------------------------------------------------------------------------- */

int row_journal(struct bench *b)
{
	int rc = compare_with_publish(b);

	if (rc == 0)
		rc = compare_crowds(b, "journal/16-threads", 1, HOUR_MS);
	return rc < 0 ? rc : compare_crowds(b, "journal/batches", 2, 0);
}
