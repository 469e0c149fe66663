/*
 * What a publish costs does not depend on how many consumers there are, how
 * much they have left, or how often the ring was written before.
 */
#include "tests/bench/bench.h"
#include "tests/bench/timed_ring.h"

enum {
	ITEM_BYTES = 100,
	MIB = 1 << 20,
	STATES = 3, /* compared with each other */
};

/* ---- states: the last one is compared with the others -------------------- */

struct comparison {
	const char *row;
	const char *names[STATES];
	struct ring_state states[STATES];
};

#define PLAIN .file_bytes = 64 * MIB, .item_bytes = ITEM_BYTES
#define SMALL .file_bytes = 2 * MIB, .item_bytes = ITEM_BYTES, .consumers = 1

static const struct comparison comparisons[] = {
	{ "scale/consumers",
	  { "1-consumer", "8-consumers", "64-consumers" },
	  { { PLAIN, .consumers = 1 },
	    { PLAIN, .consumers = 8 },
	    { PLAIN, .consumers = 64 } } },
	{ "scale/backlog",
	  { "empty", "45%-full", "90%-full" },
	  { { PLAIN, .consumers = 1 },
	    { PLAIN, .consumers = 1, .backlog = 0.45 },
	    { PLAIN, .consumers = 1, .backlog = 0.90 } } },
	{ "scale/laps",
	  { "1-lap", "100-laps", "10000-laps" },
	  { { SMALL, .laps = 1 },
	    { SMALL, .laps = 100 },
	    { SMALL, .laps = 10000 } } },
};

enum { COMPARISONS = sizeof(comparisons) / sizeof(comparisons[0]) };

static int compare(struct bench *b, const struct comparison *c)
{
	struct timed how[STATES];
	struct contestant list[STATES];
	const struct contest contest = {
		.row = c->row,
		.metrics = timed_metrics,
		.metric_count = 1,
		.contestants = list,
		.contestant_count = STATES,
		.slice_us = 100e3,
	};

	for (unsigned i = 0; i < STATES; i++) {
		how[i] = (struct timed){ .ops = &timed_ring,
					 .how = &c->states[i] };
		list[i] = (struct contestant){
			.name = c->names[i],
			.part = i == STATES - 1 ? PART_RING : PART_BESIDE,
			.ops = &timed_contestant,
			.how = &how[i],
		};
	}
	return contest_run(b, &contest);
}

int row_scale(struct bench *b)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < COMPARISONS; i++)
		rc = compare(b, &comparisons[i]);
	return rc;
}
