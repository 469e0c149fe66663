#include "tests/bench/contest.h"

#include "tests/bench/bench.h"
#include "tests/bench/scratch.h"
#include "tools/stop.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { DIR_BYTES = 4200 };

/* A contestant at work. */
struct entrant {
	const struct contestant *contestant;
	char dir[DIR_BYTES];
	void *state;
	double values[CONTEST_METRICS_MAX][RESULT_ROUNDS_MAX];
};

struct field {
	struct bench *bench;
	const struct contest *contest;
	struct entrant entrants[CONTESTANTS_MAX];
	size_t count;
	unsigned rounds;
};

static unsigned rounds_of(const struct bench *b, const struct contest *contest)
{
	const unsigned own =
		contest->rounds != 0 ? contest->rounds : CONTEST_ROUNDS;
	const unsigned rounds = b->rounds != 0 ? b->rounds : own;

	return rounds < RESULT_ROUNDS_MAX ? rounds : RESULT_ROUNDS_MAX;
}

static int enter(struct field *f, const struct contestant *c)
{
	struct entrant *e = &f->entrants[f->count];
	int rc =
		scratch_make_in(f->bench->dir, c->name, e->dir, sizeof(e->dir));

	if (rc < 0)
		return rc;
	e->contestant = c;
	rc = c->ops->open(c, e->dir, &e->state);
	if (rc == 0)
		f->count++;
	else
		scratch_remove(e->dir);
	if (rc != CONTEST_SKIPPED)
		return rc;
	bench_error("%s: %s is left out", f->contest->row, c->name);
	return 0;
}

static void leave_all(struct field *f)
{
	while (f->count > 0) {
		struct entrant *e = &f->entrants[--f->count];

		e->contestant->ops->close(e->state);
		scratch_remove(e->dir);
	}
}

static const struct entrant *find_ring(const struct field *f)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->entrants[i].contestant->part == PART_RING)
			return &f->entrants[i];
	}
	return NULL;
}

/* Once the ring is left out there is nothing to measure the others for. */
static int enter_all(struct field *f)
{
	for (size_t i = 0; i < f->contest->contestant_count; i++) {
		const struct contestant *c = &f->contest->contestants[i];
		int rc = enter(f, c);

		if (rc < 0)
			return rc;
		if (c->part == PART_RING && find_ring(f) == NULL)
			return 0;
	}
	return 0;
}

static int run_slice(struct field *f, struct entrant *e, double *ret_values)
{
	if (stop_requested(f->bench->stop_fd)) {
		bench_error("stopped by a signal");
		return -EINTR;
	}
	return e->contestant->ops->slice(e->state, f->contest->slice_us,
					 ret_values);
}

/* Whose turn it is: who begins is another one in each round, and every other
 * round goes backwards, so that nobody always comes behind the same one. */
static size_t turn_of(const struct field *f, unsigned round, size_t turn)
{
	const size_t place = (turn + round) % f->count;

	return round % 2 == 0 ? place : f->count - 1 - place;
}

/* Everyone once. */
static int run_round(struct field *f, unsigned round, bool counts)
{
	for (size_t i = 0; i < f->count; i++) {
		struct entrant *e = &f->entrants[turn_of(f, round, i)];
		double values[CONTEST_METRICS_MAX] = { 0 };
		int rc = run_slice(f, e, values);

		if (rc < 0)
			return rc;
		for (size_t m = 0; counts && m < f->contest->metric_count; m++)
			e->values[m][round] = values[m];
	}
	return 0;
}

static int run_rounds(struct field *f)
{
	int rc = run_round(f, 0, false); /* files, caches, freed pages */

	for (unsigned i = 0; rc == 0 && i < f->rounds; i++) {
		bench_progress(f->contest->row, i, f->rounds);
		rc = run_round(f, i, true);
	}
	bench_progress(NULL, 0, 0);
	return rc;
}

static struct result_entry summarize(const struct field *f,
				     const struct entrant *e, size_t metric)
{
	const double *values = e->values[metric];
	const double *ring = find_ring(f)->values[metric];

	return (struct result_entry){
		.name = e->contestant->name,
		.part = e->contestant->part,
		.value = spread_of(values, f->rounds),
		.ratio = spread_of_ratios(ring, values, f->rounds),
	};
}

static int add_result(const struct field *f, size_t metric)
{
	struct result r = {
		.metric = f->contest->metrics[metric],
		.rounds = f->rounds,
		.count = f->count,
	};

	snprintf(r.row, sizeof(r.row), "%s", f->contest->row);
	for (size_t i = 0; i < f->count; i++)
		r.entries[i] = summarize(f, &f->entrants[i], metric);
	return bench_add(f->bench, &r);
}

static int add_results(const struct field *f)
{
	int rc = 0;

	for (size_t m = 0; rc == 0 && m < f->contest->metric_count; m++)
		rc = add_result(f, m);
	return rc;
}

int contest_run(struct bench *b, const struct contest *contest)
{
	struct field *f;
	int rc;

	assert(contest->contestant_count <= CONTESTANTS_MAX);
	assert(contest->metric_count <= CONTEST_METRICS_MAX);
	if (!bench_wants(b, contest->row))
		return 0;
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return -ENOMEM;
	f->bench = b;
	f->contest = contest;
	f->rounds = rounds_of(b, contest);
	rc = enter_all(f);
	if (rc == 0 && find_ring(f) != NULL)
		rc = run_rounds(f);
	if (rc == 0 && find_ring(f) != NULL)
		rc = add_results(f);
	leave_all(f);
	free(f);
	return rc;
}
