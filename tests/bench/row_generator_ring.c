/*
 * The generator fills a ring as fast as it goes, and a process drains it: beside
 * a producer of items as large that it need not make, with such a process of
 * its own. Durable, through the page cache.
 */
#include "tests/bench/bench.h"

#include "generator/generator.h"
#include "ring/ring.h"
#include "tests/bench/drainer.h"
#include "tests/bench/hand_row.h"
#include "tools/measure.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RING_BYTES = 64 << 20,
	ITEM_BYTES = 1 << 20, /* what the sink has by itself, too */
	PATH_BYTES = 4300,
	WAIT_MS = 1000,
};

/* Both have a ring and who drains it. */
struct filler {
	char path[PATH_BYTES];
	struct ring_options options;
	struct drainer_ring drains;
	struct drainer drainer;

	struct ring_producer *producer; /* of the plain one */
	uint8_t *item;

	struct gen_schema *schema; /* of the generator */
	struct generator *g;
	struct gen_sink *sink;
	struct gen_pump *pump;
};

static void filler_close(void *state)
{
	struct filler *f = state;

	gen_pump_free(f->pump);
	gen_sink_free(f->sink);
	gen_free(f->g);
	gen_schema_free(f->schema);
	ring_producer_free(f->producer);
	drainer_stop(&f->drainer);
	free(f->item);
	free(f);
}

/* The consumer joins before there is anything for it. */
static int open_ring(struct filler *f, const char *dir)
{
	const struct ring_create_options create = { .size_bytes = RING_BYTES };
	int rc;

	snprintf(f->path, sizeof(f->path), "%s/ring", dir);
	f->drains = (struct drainer_ring){ f->path, &f->options };
	rc = ring_create(f->path, &create, &f->options);
	if (rc == 0)
		rc = drainer_start(&f->drainer, drainer_ring, &f->drains);
	if (rc < 0)
		bench_error("gen/ring: '%s': %s", f->path, ring_strerror(rc));
	return rc;
}

static int open_as(const char *dir, int (*open)(struct filler *f),
		   void **ret_state)
{
	struct filler *f = calloc(1, sizeof(*f));
	int rc;

	if (f == NULL)
		return -ENOMEM;
	rc = open_ring(f, dir);
	if (rc == 0)
		rc = open(f);
	if (rc < 0)
		filler_close(f);
	else
		*ret_state = f;
	return rc;
}

static int check_drainer(const struct filler *f)
{
	const int code = atomic_load(&f->drainer.said->code);

	if (code < 0)
		bench_error("gen/ring: the consumer: %s", ring_strerror(code));
	return code;
}

/* ---- a plain producer ---------------------------------------------------- */

static int open_producer(struct filler *f)
{
	int rc;

	f->item = calloc(1, ITEM_BYTES);
	if (f->item == NULL)
		return -ENOMEM;
	rc = ring_producer_attach(f->path, &f->options, &f->producer, NULL);
	if (rc < 0)
		bench_error("gen/ring: '%s': %s", f->path, ring_strerror(rc));
	return rc;
}

static int plain_open(const struct contestant *c, const char *dir,
		      void **ret_state)
{
	(void)c;
	return open_as(dir, open_producer, ret_state);
}

static int publish(const struct filler *f, double *bytes)
{
	const struct ring_entry entry = {
		.data = f->item,
		.data_bytes = ITEM_BYTES,
	};
	int rc = ring_producer_publish(f->producer, &entry, 1, NULL, NULL);

	if (rc == 0)
		*bytes += ITEM_BYTES;
	if (rc == -RING_ERR_FULL)
		rc = ring_producer_wait(f->producer, WAIT_MS);
	if (rc < 0)
		bench_error("gen/ring: %s", ring_strerror(rc));
	return rc;
}

static int plain_slice(void *state, double budget_us, double *ret_values)
{
	const struct filler *f = state;
	const double start = measure_now_us();
	double now = start, bytes = 0;
	int rc = 0;

	while (rc == 0 && now - start < budget_us) {
		rc = publish(f, &bytes);
		now = measure_now_us();
	}
	ret_values[0] = bytes / (now - start);
	return rc < 0 ? rc : check_drainer(f);
}

static const struct contestant_ops plain = {
	.open = plain_open,
	.slice = plain_slice,
	.close = filler_close,
};

/* ---- the generator ------------------------------------------------------- */

static int make_generator(struct filler *f, struct gen_error *error)
{
	const struct gen_options options = { .encoding = "row-binary" };
	int rc = gen_schema_parse(HAND_ROW_SCHEMA, strlen(HAND_ROW_SCHEMA),
				  error, &f->schema);

	for (size_t i = 0; rc == 0 && hand_row_words[i] != NULL; i++)
		rc = gen_schema_field(f->schema, hand_row_words[i], error);
	return rc < 0 ? rc : gen_create(f->schema, &options, error, &f->g);
}

static int open_pump(struct filler *f)
{
	const struct gen_pump_options options = { 0 };
	struct gen_error error = { 0 };
	int rc = make_generator(f, &error);

	if (rc == 0)
		rc = gen_sink_ring(f->path, &f->options, ITEM_BYTES, &error,
				   &f->sink);
	if (rc == 0)
		rc = gen_pump_create(f->g, f->sink, &options, &error, &f->pump);
	if (rc < 0)
		bench_error("gen/ring: %s", error.text);
	return rc;
}

static int generator_open(const struct contestant *c, const char *dir,
			  void **ret_state)
{
	(void)c;
	return open_as(dir, open_pump, ret_state);
}

static int step(const struct filler *f, double now_us)
{
	struct gen_error error = { 0 };
	struct gen_step next;
	int rc =
		gen_pump_step(f->pump, (uint64_t)(now_us * 1e3), &next, &error);

	if (rc < 0) {
		bench_error("gen/ring: %s", error.text);
	} else if (next.fd >= 0) {
		struct pollfd wait = { .fd = next.fd, .events = next.events };

		poll(&wait, 1, WAIT_MS);
	}
	return rc;
}

static double bytes_of(const struct filler *f)
{
	struct gen_pump_stats stats;

	gen_pump_stats(f->pump, &stats);
	return (double)stats.bytes;
}

static int generator_slice(void *state, double budget_us, double *ret_values)
{
	const struct filler *f = state;
	const double before = bytes_of(f), start = measure_now_us();
	double now = start;
	int rc = 0;

	while (rc == 0 && now - start < budget_us) {
		rc = step(f, now);
		now = measure_now_us();
	}
	ret_values[0] = (bytes_of(f) - before) / (now - start);
	return rc < 0 ? rc : check_drainer(f);
}

static const struct contestant_ops generated = {
	.open = generator_open,
	.slice = generator_slice,
	.close = filler_close,
};

/* ---- the row ------------------------------------------------------------- */

int row_generator_ring(struct bench *b)
{
	static const struct metric rate = { "rate", "MB/s", true };
	static const struct contestant list[] = {
		{ "generator", PART_RING, &generated, NULL },
		{ "producer", PART_BESIDE, &plain, NULL },
	};
	const struct contest contest = {
		.row = "gen-ring/buffered",
		.metrics = &rate,
		.metric_count = 1,
		.contestants = list,
		.contestant_count = 2,
		.slice_us = 150e3,
		.rounds = 15,
	};

	return contest_run(b, &contest);
}
