/*
 * crashtest: visit the states that crashes leave of a small ring, and recover
 * each of them. See docs/TESTING.md, "Power cuts".
 */
#include "tests/crash/explore.h"
#include "tests/crash/journal.h"
#include "tests/crash/workers.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	SLICES = 8,
	SAMPLED = 4,
	JOURNAL_UNITS = 8, /* of so many runs each */
	JOURNAL_RUNS_USUAL = 3,
	JOURNAL_RUNS_LONG = 40,
};

/* How much to do of the words of each length. */
struct tier {
	unsigned length;
	unsigned one_of; /* the words, spread over the shapes; 1: each in all */
	unsigned samples; /* instead: so many drawn ones for each shape */
	bool all_starts;
	struct effort effort;
};

static const struct tier usual[] = {
	{ 1, 1, 0, true, { 10, 200, 2 } },  { 2, 1, 0, false, { 3, 400, 1 } },
	{ 3, 16, 0, false, { 3, 400, 1 } }, { 4, 1, 96, false, { 3, 400, 1 } },
	{ 5, 1, 96, false, { 3, 400, 1 } }, { 0 },
};

static const struct tier thorough[] = {
	{ 1, 1, 0, true, { 160, 80, 6 } },
	{ 2, 1, 0, false, { 12, 120, 2 } },
	{ 3, 1, 0, false, { 3, 200, 1 } },
	{ 4, 1, 500, false, { 3, 200, 1 } },
	{ 5, 1, 500, false, { 3, 200, 1 } },
	{ 0 },
};

struct options {
	const struct tier *tiers;
	uint64_t seed;
	uint64_t seconds; /* 0: no limit */
	uint64_t states;  /* for each unit; 0: no limit */
	unsigned jobs;
	const char *shape; /* NULL: all */
	const char *replay;
	uint64_t journal; /* the seed of the only one to run; 0: all */
	bool lies;
	double began;
	atomic_bool *told; /* shared by the workers */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- a unit of work: a slice of the words of one shape ------------------ */

struct unit {
	const struct options *options;
	const struct shape *shape;
	unsigned shape_index;
	unsigned slice;
	struct explorer *e;
	struct prepared prepared[STARTS];
};

static bool is_enough(const struct unit *u)
{
	const struct options *o = u->options;

	return (o->states > 0 && u->e->census->states >= o->states) ||
	       (o->seconds > 0 && now() - o->began > (double)o->seconds) ||
	       (o->lies && u->e->census->violations > 0);
}

static void run_word(struct unit *u, const struct tier *t, uint64_t n)
{
	const bool all = t->all_starts;
	char word[WORKLOAD_MAX + 1];

	workload_word(t->length, n, word);
	for (unsigned i = 0; i < (all ? STARTS : 1) && !is_enough(u); i++) {
		const uint64_t k = all ? i : (n * 7 + u->shape_index) % STARTS;

		explore(u->e, &starts[k], &u->prepared[k], word);
	}
}

static void run_tier(struct unit *u, const struct tier *t)
{
	const uint64_t count = workload_count(t->length);
	const uint64_t rows = t->samples > 0 ? t->samples : count;

	u->e->effort = t->effort;
	for (uint64_t i = u->slice; i < rows && !is_enough(u); i += SLICES) {
		const uint64_t n =
			t->samples > 0 ? draw_below(&u->e->draw, count) : i;

		if (n / SLICES % t->one_of == u->shape_index % t->one_of ||
		    t->samples > 0)
			run_word(u, t, n);
	}
}

static void prepare(struct unit *u, struct census *census)
{
	for (unsigned i = 0; i < STARTS; i++)
		workload_prepare(u->shape, &starts[i], census, &u->prepared[i]);
}

static unsigned shape_count(void)
{
	unsigned n = 0;

	while (shapes[n].name != NULL)
		n++;
	return n;
}

/* The ring's own selections don't apply to journals; with less to do than
 * usual there is one. */
static void run_journals(const struct options *o, unsigned number,
			 struct census *census)
{
	unsigned runs =
		o->tiers == thorough ? JOURNAL_RUNS_LONG : JOURNAL_RUNS_USUAL;

	if (o->lies || o->shape != NULL)
		return;
	if (o->states > 0 || o->seconds > 0)
		runs = number == 0;
	journal_explore(census, o->seed + (uint64_t)number * runs, runs);
}

static void run_unit(void *ctx, unsigned number, struct census *census,
		     struct state_set *seen)
{
	const struct options *o = ctx;
	struct unit u = { .options = o,
			  .shape_index = number / SLICES,
			  .slice = number % SLICES,
			  .e = explorer_new() };

	if (u.shape_index >= shape_count()) {
		run_journals(o, number - shape_count() * SLICES, census);
		explorer_free(u.e);
		return;
	}
	u.shape = &shapes[u.shape_index];
	u.e->shape = u.shape;
	u.e->census = census;
	u.e->seen = seen;
	u.e->lies = o->lies;
	u.e->told = o->told;
	u.e->draw = (struct draw){ o->seed * 1000 + number };
	if (o->shape == NULL || strcmp(o->shape, u.shape->name) == 0) {
		prepare(&u, census);
		for (const struct tier *t = o->tiers; t->length > 0; t++)
			run_tier(&u, t);
		for (unsigned i = 0; i < STARTS; i++)
			sim_disk_release(&u.prepared[i].disk);
	}
	explorer_free(u.e);
}

/* ---- one state again ---------------------------------------------------- */

struct replay {
	const struct shape *shape;
	const struct start *start;
	char word[WORKLOAD_MAX + 1];
	struct path path;
};

/* SHAPE:START.WORD:POINT:STATE */
static bool parse_replay(const char *text, struct replay *ret)
{
	char shape[64], start[32];
	int at = 0;

	if (sscanf(text, "%63[^:]:%31[^.].%5[^:]:%n", shape, start, ret->word,
		   &at) != 3 ||
	    at == 0)
		return false;
	ret->shape = NULL;
	ret->start = NULL;
	for (const struct shape *s = shapes; s->name != NULL; s++)
		if (strcmp(s->name, shape) == 0)
			ret->shape = s;
	for (unsigned i = 0; i < STARTS; i++)
		if (strcmp(starts[i].name, start) == 0)
			ret->start = &starts[i];
	return ret->shape != NULL && ret->start != NULL &&
	       path_parse(text + at, &ret->path);
}

static int replay(const struct options *o)
{
	struct replay r;
	struct census census = { 0 };
	struct state_set seen = { 0 };
	struct prepared prepared;
	struct explorer *e = explorer_new();

	if (!parse_replay(o->replay, &r)) {
		fprintf(stderr, "crashtest: not a state: '%s'\n", o->replay);
		return 2;
	}
	e->shape = r.shape;
	e->census = &census;
	e->seen = &seen;
	e->replay = &r.path;
	e->lies = o->lies;
	e->effort = (struct effort){ 1, 1, 1 };
	workload_prepare(r.shape, r.start, &census, &prepared);
	printf("ring '%s', start '%s', calls '%s%s'\n", r.shape->name,
	       r.start->name, r.start->then, r.word);
	explore(e, r.start, &prepared, r.word);
	if (!e->replayed)
		printf("that state was not met\n");
	sim_disk_release(&prepared.disk);
	state_set_release(&seen);
	explorer_free(e);
	return census.violations > 0 ? 1 : 0;
}

/* One journal again. */
static int replay_journal(uint64_t seed)
{
	struct census census = { 0 };

	journal_explore(&census, seed, 1);
	return census.violations > 0 ? 1 : 0;
}

/* ---- the whole ---------------------------------------------------------- */

static bool is_whole(const struct options *o)
{
	return o->shape == NULL && o->seconds == 0 && o->states == 0 &&
	       !o->lies;
}

static void print_coverage(const struct options *o)
{
	for (const struct tier *t = o->tiers; t->length > 0; t++)
		if (t->samples > 0)
			printf("calls of length %u: %u drawn for each shape\n",
			       t->length, t->samples);
		else
			printf("calls of length %u: all %" PRIu64
			       ", each in %u of %u shapes, from %u of %d "
			       "starts\n",
			       t->length, workload_count(t->length),
			       shape_count() / t->one_of, shape_count(),
			       t->all_starts ? STARTS : 1, STARTS);
}

static int run_all(const struct options *o)
{
	struct census census = { 0 };
	struct state_set seen = { 0 };
	unsigned missing;
	uint64_t words = 0;
	double took;

	printf("crashtest: seed %" PRIu64 ", %u jobs\n", o->seed, o->jobs);
	fflush(stdout);
	if (!workers_run(o->jobs, shape_count() * SLICES + JOURNAL_UNITS,
			 run_unit, (void *)(uintptr_t)o, &census, &seen))
		return 2;
	took = now() - o->began;
	if (is_whole(o))
		print_coverage(o);
	missing = census_print(&census, seen.count);
	for (unsigned i = 0; i < CENSUS_LENGTHS; i++)
		words += census.workloads[i];
	printf("%.0f states a second in %.0f seconds\n",
	       (double)census.states / took, took);
	if (missing > 0 && is_whole(o))
		printf("%u counters were never reached\n", missing);
	printf("crashtest: %" PRIu64 " workloads, %" PRIu64 " states, %" PRIu64
	       " distinct, %" PRIu64 " violations\n",
	       words, census.visited, (uint64_t)seen.count, census.violations);
	state_set_release(&seen);
	return census.violations > 0 || (missing > 0 && is_whole(o));
}

static void usage(void)
{
	fprintf(stderr,
		"usage: crashtest [--long] [--seed S] [--shape NAME] "
		"[--jobs N]\n"
		"                 [--seconds S] [--states N] [--lying-disk]\n"
		"       crashtest --replay SHAPE:WORKLOAD:POINT:STATE "
		"[--lying-disk]\n"
		"       crashtest --journal SEED\n");
	exit(2);
}

static const struct option longs[] = {
	{ "long", no_argument, NULL, 'l' },
	{ "seed", required_argument, NULL, 's' },
	{ "shape", required_argument, NULL, 'h' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "seconds", required_argument, NULL, 't' },
	{ "states", required_argument, NULL, 'n' },
	{ "lying-disk", no_argument, NULL, 'L' },
	{ "replay", required_argument, NULL, 'r' },
	{ "journal", required_argument, NULL, 'J' },
	{ 0 },
};

static void parse(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'l':
			o->tiers = thorough;
			break;
		case 's':
			o->seed = strtoull(optarg, NULL, 0);
			break;
		case 'h':
			o->shape = optarg;
			break;
		case 'j':
			o->jobs = (unsigned)strtoul(optarg, NULL, 0);
			break;
		case 't':
			o->seconds = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			o->states = strtoull(optarg, NULL, 0);
			break;
		case 'L':
			o->lies = true;
			break;
		case 'J':
			o->journal = strtoull(optarg, NULL, 0);
			break;
		case 'r':
			o->replay = optarg;
			break;
		default:
			usage();
		}
	}
	if (optind != argc || o->jobs == 0)
		usage();
}

int main(int argc, char **argv)
{
	const char *seed = getenv("TEST_SEED");
	struct options o = {
		.tiers = usual,
		.seed = seed != NULL ? strtoull(seed, NULL, 0) : 1,
		.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
		.began = now(),
		.told = workers_share(KNOWN_LIMITS * sizeof(atomic_bool)),
	};

	parse(argc, argv, &o);
	if (o.journal != 0)
		return replay_journal(o.journal);
	return o.replay != NULL ? replay(&o) : run_all(&o);
}
