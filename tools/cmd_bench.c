/*
 * bench: what the ring costs on this device, beside the device's own writes,
 * flushes and reads. It makes a ring of its own and takes it away again.
 */
#include "tools/bench_place.h"
#include "tools/bench_run.h"
#include "tools/cmd.h"
#include "tools/doc.h"
#include "tools/human.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/stop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bench_call {
	struct call *call;

	/* options */
	uint64_t size_bytes;
	struct option_wait time;
	bool force;

	struct bench_place place;
	struct ring_info info;
	struct bench bench;
	struct bench_result result;
};

static const uint64_t time_default_ns = 10000000000;

/* ---- the result --------------------------------------------------------- */

static double median(const struct samples *s)
{
	return samples_percentile(s, 0.5);
}

static double least(const struct samples *s)
{
	return samples_percentile(s, 0);
}

static double most(const struct samples *s)
{
	return samples_percentile(s, 1);
}

static json_t *figure_doc(const struct bench_figure *f)
{
	return json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, "
			 "s:f, s:f}",
			 "row", f->row->name, "metric", f->metric, "unit",
			 f->unit, "ring", median(&f->ring), "ring_min",
			 least(&f->ring), "ring_max", most(&f->ring), "floor",
			 median(&f->raw), "floor_min", least(&f->raw),
			 "floor_max", most(&f->raw), "ratio", median(&f->ratio),
			 "ratio_min", least(&f->ratio), "ratio_max",
			 most(&f->ratio));
}

static int print_json(const struct bench_call *c)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < c->result.count; i++)
		json_array_append_new(rows, figure_doc(&c->result.figures[i]));
	return doc_print(json_pack("{s:o, s:s, s:s, s:I, s:i, s:o}", "path",
				   doc_text(c->call->path), "engine",
				   c->info.engine, "mode",
				   c->info.buffered ? "buffered" : "direct",
				   "ring_bytes", (json_int_t)c->info.ring_bytes,
				   "rounds", BENCH_ROUNDS, "rows", rows));
}

static void print_figure(const struct bench_figure *f)
{
	const int decimals = median(&f->ring) < 1000 ? 1 : 0;
	char spread[HUMAN_BYTES];

	snprintf(spread, sizeof(spread), "%.2f..%.2f", least(&f->ratio),
		 most(&f->ratio));
	printf("%-13s %-6s %12.*f %12.*f  %-8s %6.2f  %s\n", f->row->name,
	       f->metric, decimals, median(&f->ring), decimals, median(&f->raw),
	       f->unit, median(&f->ratio), spread);
}

static int print_text(const struct bench_call *c)
{
	char size[HUMAN_BYTES];

	printf("'%s': a ring of %s, %s, engine %s; median of %d rounds\n",
	       c->call->path, human_size(size, c->info.ring_bytes),
	       c->info.buffered ? "buffered" : "direct", c->info.engine,
	       BENCH_ROUNDS);
	printf("%-13s %-6s %12s %12s  %-8s %6s  %s\n", "ROW", "METRIC", "RING",
	       "FLOOR", "UNIT", "RATIO", "MIN..MAX");
	for (size_t i = 0; i < c->result.count; i++)
		print_figure(&c->result.figures[i]);
	return EXIT_OK;
}

/* ---- the run ------------------------------------------------------------ */

static int open_bench(struct bench_call *c, char *payload)
{
	struct bench *b = &c->bench;
	struct bench_raw_part part = {
		.offset_bytes = c->place.ring_bytes,
		.len_bytes = c->place.raw_bytes,
	};
	int rc = bench_place_create(&c->place, c->force, &c->call->ring);

	if (rc == 0)
		rc = ring_info(c->place.path, &c->call->ring, &c->info);
	if (rc < 0)
		return rc;
	part.direct = !c->info.buffered;
	memset(payload, 'p', BENCH_RAW_CHUNK);
	*b = (struct bench){ .path = c->place.path,
			     .options = &c->call->ring,
			     .payload = payload,
			     .data_bytes = c->info.data_bytes };
	return bench_raw_open(&b->raw, c->place.path, &part);
}

static int measure(struct bench_call *c, int stop_fd)
{
	const uint64_t ns = c->time.given ? c->time.ns : time_default_ns;
	const struct bench_limits limits = {
		.row_us = (double)ns / 1e3 / (BENCH_ROUNDS * BENCH_ROWS),
		.stop_fd = stop_fd,
	};
	char *payload = malloc(BENCH_RAW_CHUNK);
	int rc = payload == NULL ? -ENOMEM : open_bench(c, payload);

	if (rc == 0)
		rc = bench_run(&c->bench, &limits, &c->result);
	bench_raw_close(&c->bench.raw);
	free(payload);
	return rc;
}

static int report_failure(struct bench_call *c, int code)
{
	struct call *call = c->call;

	if (code == -ECANCELED)
		return report_text(call, code, "'%s': interrupted, no result",
				   call->path);
	if (call->fault.code == code)
		return report_code(call, code);
	return report_text(call, code, "'%s': while measuring: %s", call->path,
			   ring_strerror(code));
}

static int report_place(struct bench_call *c, int code)
{
	if (code != -EEXIST)
		return report_code(c->call, code);
	return report_text(c->call, code,
			   "'%s': there is a file already: give a directory, "
			   "a new name or a block device",
			   c->call->path);
}

static int run_at_place(struct bench_call *c, int stop_fd)
{
	int rc = measure(c, stop_fd);

	if (rc < 0)
		rc = report_failure(c, rc);
	else
		rc = c->call->json ? print_json(c) : print_text(c);
	bench_result_release(&c->result);
	return rc;
}

static int run(struct bench_call *c)
{
	const int stop_fd = stop_open();
	int rc;

	if (stop_fd < 0)
		return report_code(c->call, stop_fd);
	rc = bench_place_open(&c->place, c->call->path, c->size_bytes);
	rc = rc < 0 ? report_place(c, rc) : run_at_place(c, stop_fd);
	bench_place_close(&c->place, &c->call->ring);
	return rc;
}

static const char *read_size(const char *text, void *ret)
{
	uint64_t value;
	const char *wrong = option_size(text, &value);

	if (wrong == NULL && value < BENCH_PLACE_LEAST)
		wrong = "must be at least 16M";
	if (wrong == NULL)
		*(uint64_t *)ret = value;
	return wrong;
}

int cmd_bench(struct call *call)
{
	struct bench_call c = { .call = call };
	const struct option_spec specs[] = {
		{ "size", "SIZE", "bytes to use in all (default: 64M)",
		  read_size, &c.size_bytes },
		{ "time", "S", "how long to measure (default: 10)",
		  option_seconds, &c.time },
		{ "force", NULL, "overwrite what is on a device", NULL,
		  &c.force },
		{ 0 },
	};
	int rc = options_parse(call, specs);

	return rc == OPTIONS_RUN ? run(&c) : rc;
}
