#include "tools/bench_run.h"

#include "tools/progress.h"
#include "tools/stop.h"

#include <errno.h>
#include <stdio.h>

enum { OPERATIONS_MAX = 100000 }; /* of one row in one round */

struct run {
	struct bench *b;
	const struct bench_limits *limits;
	struct bench_result *result;
	struct samples ring, raw; /* durations, in microseconds */
	struct progress progress;
};

/* ---- figures ------------------------------------------------------------ */

static double mean(const struct samples *s)
{
	double sum = 0;

	for (size_t i = 0; i < s->count; i++)
		sum += s->list[i];
	return sum / (double)s->count;
}

static double rate_of(const struct bench *b, const struct bench_row *row,
		      const struct samples *us)
{
	const double items = (double)(row->batches(b, row) * row->items);

	return items * row->units_of_item * 1e6 / mean(us);
}

static void add_round(struct bench_figure *f, double ring, double raw)
{
	samples_add(&f->ring, ring);
	samples_add(&f->raw, raw);
	samples_add(&f->ratio, ring / raw);
}

/* The figures of a row stand where the row was first measured. */
static struct bench_figure *figure_of(struct bench_result *result,
				      const struct bench_row *row)
{
	size_t i = 0;

	while (result->figures[i].row != row)
		i++;
	return &result->figures[i];
}

static void take_figures(struct run *run, const struct bench_row *row)
{
	struct bench_figure *f = figure_of(run->result, row);

	if (row->rate_unit != NULL) {
		add_round(f, rate_of(run->b, row, &run->ring),
			  rate_of(run->b, row, &run->raw));
		return;
	}
	samples_sort(&run->ring);
	samples_sort(&run->raw);
	add_round(&f[0], samples_percentile(&run->ring, 0.5),
		  samples_percentile(&run->raw, 0.5));
	add_round(&f[1], samples_percentile(&run->ring, 0.99),
		  samples_percentile(&run->raw, 0.99));
}

static int add_figure(struct bench_result *result, const struct bench_row *row,
		      const char *metric)
{
	struct bench_figure *f = &result->figures[result->count++];
	int rc;

	*f = (struct bench_figure){
		.row = row,
		.metric = metric,
		.unit = row->rate_unit != NULL ? row->rate_unit : "us",
	};
	rc = samples_init(&f->ring, BENCH_ROUNDS);
	if (rc == 0)
		rc = samples_init(&f->raw, BENCH_ROUNDS);
	if (rc == 0)
		rc = samples_init(&f->ratio, BENCH_ROUNDS);
	return rc;
}

static int init_result(struct bench_result *result)
{
	int rc = 0;

	*result = (struct bench_result){ .count = 0 };
	for (size_t i = 0; rc == 0 && i < BENCH_ROWS; i++) {
		const struct bench_row *row = &bench_rows[i];

		if (row->rate_unit != NULL) {
			rc = add_figure(result, row, "rate");
			continue;
		}
		rc = add_figure(result, row, "p50");
		if (rc == 0)
			rc = add_figure(result, row, "p99");
	}
	return rc;
}

void bench_result_release(struct bench_result *result)
{
	for (size_t i = 0; i < result->count; i++) {
		samples_release(&result->figures[i].ring);
		samples_release(&result->figures[i].raw);
		samples_release(&result->figures[i].ratio);
	}
	result->count = 0;
}

/* ---- rounds ------------------------------------------------------------- */

typedef int operation_fn(struct bench *b, const struct bench_row *row,
			 double *ret_us);

/* Again and again until its time is over; once at least. */
static int repeat(struct run *run, const struct bench_row *row,
		  operation_fn *operation, struct samples *ret)
{
	const double end_us = measure_now_us() + run->limits->row_us / 2;
	int rc = 0;

	ret->count = 0;
	do {
		double us;

		if (stop_requested(run->limits->stop_fd))
			return -ECANCELED;
		rc = operation(run->b, row, &us);
		if (rc == 0)
			samples_add(ret, us);
	} while (rc == 0 && measure_now_us() < end_us &&
		 ret->count < OPERATIONS_MAX);
	return rc;
}

/*
 * Not operation by operation: what the ring has started and not waited for
 * would be paid by the raw storage.
 */
static int take_turns(struct run *run, const struct bench_row *row,
		      bool raw_first)
{
	int rc = 0;

	if (raw_first)
		rc = repeat(run, row, row->raw, &run->raw);
	if (rc == 0)
		rc = repeat(run, row, row->ring, &run->ring);
	if (rc == 0 && !raw_first)
		rc = repeat(run, row, row->raw, &run->raw);
	return rc;
}

static int run_row(struct run *run, const struct bench_row *row, int round)
{
	int rc = bench_row_open(run->b, row), close_rc;

	if (rc < 0)
		return rc;
	rc = take_turns(run, row, round % 2 == 0);
	close_rc = bench_row_close(run->b, row);
	if (rc == 0)
		rc = close_rc;
	if (rc == 0)
		take_figures(run, row);
	return rc;
}

static void show(struct run *run, int round, const struct bench_row *row)
{
	if (progress_due(&run->progress))
		fprintf(stderr, "\rround %d of %d: %s\033[K", round,
			BENCH_ROUNDS, row->name);
}

static int run_rounds(struct run *run)
{
	int rc = 0;

	for (int round = 1; rc == 0 && round <= BENCH_ROUNDS; round++) {
		for (size_t i = 0; rc == 0 && i < BENCH_ROWS; i++) {
			show(run, round, &bench_rows[i]);
			rc = run_row(run, &bench_rows[i], round);
		}
	}
	return rc;
}

static void sort_result(struct bench_result *result)
{
	for (size_t i = 0; i < result->count; i++) {
		samples_sort(&result->figures[i].ring);
		samples_sort(&result->figures[i].raw);
		samples_sort(&result->figures[i].ratio);
	}
}

int bench_run(struct bench *b, const struct bench_limits *limits,
	      struct bench_result *ret_result)
{
	struct run run = { .b = b, .limits = limits, .result = ret_result };
	int rc = init_result(ret_result);

	if (rc == 0)
		rc = samples_init(&run.ring, OPERATIONS_MAX);
	if (rc == 0)
		rc = samples_init(&run.raw, OPERATIONS_MAX);
	progress_init(&run.progress, "");
	if (rc == 0)
		rc = run_rounds(&run);
	progress_clear(&run.progress);
	sort_result(ret_result);
	samples_release(&run.raw);
	samples_release(&run.ring);
	return rc;
}
