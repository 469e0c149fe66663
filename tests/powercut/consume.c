/* The consumer's side: read ahead, compare, and consume some of it. */
#include "tests/powercut/job.h"

#include <inttypes.h>

enum { AHEAD_MAX = 16, WAIT_MS = 20 };

int consumer_begin(struct job *job, struct ring_consumer **ret_c,
		   struct ring_consumer_state *ret_state)
{
	struct ledger *l = job->ledger;
	int rc = ring_consumer_attach(job->path, NULL, &job->options, ret_c,
				      ret_state);

	if (rc < 0)
		return rc;
	ledger_check_span(l, &l->consumed, ret_state->items, "consumed");
	if (ring_position_compare(ret_state->position,
				  atomic_load(&l->position)) < 0)
		ledger_lose(l, 1,
			    "position %" PRIu64 " was acknowledged to the "
			    "consumer, it is at %" PRIu64,
			    atomic_load(&l->position), ret_state->position);
	ledger_take(&l->consumer, job->host.number, ret_state->items);
	ledger_settle(&l->consumed, ret_state->items);
	atomic_store(&l->position, ret_state->position);
	return 0;
}

struct consumption {
	struct job *job;
	struct ring_consumer *c;
	uint64_t consumed;
	uint64_t next[AHEAD_MAX]; /* the positions after the items read */
	uint64_t count;
};

static void note_seen(struct ledger *l, uint64_t number)
{
	if (atomic_load(&l->seen) <= number)
		atomic_store(&l->seen, number + 1);
}

/* Read what was not consumed, from the first of it, again and again. */
static int read_ahead(struct consumption *run)
{
	struct job *job = run->job;
	const uint64_t limit = 1 + draw_below(&job->draw, AHEAD_MAX);
	uint64_t from = RING_POSITION_NONE;

	for (run->count = 0; run->count < limit; run->count++) {
		const uint64_t number = run->consumed + run->count;
		struct ring_item item;
		int rc = ring_consumer_pop(run->c, from, &item);

		if (rc == -RING_ERR_EMPTY)
			return 0;
		if (rc < 0)
			return rc;
		if (!ledger_check_item(job->ledger, number, &item))
			return -RING_ERR_DAMAGED;
		note_seen(job->ledger, number);
		from = item.next;
		run->next[run->count] = from;
	}
	return 0;
}

static void got(struct consumption *run, uint64_t after, uint64_t position)
{
	struct ledger *l = run->job->ledger;
	const uint64_t before = run->consumed;

	run->consumed = after;
	if (!ledger_holds(&l->consumer, run->job->host.number)) {
		ledger_late(l, &l->consumer, after, "consumed");
		return;
	}
	atomic_store(&l->consumed.acked, after);
	atomic_store(&l->position, position);
	atomic_fetch_add(&l->total_consumed, after - before);
}

static int consume_some(struct consumption *run)
{
	struct ledger *l = run->job->ledger;
	const uint64_t some = 1 + draw_below(&run->job->draw, run->count);
	const uint64_t after = run->consumed + some;
	const uint64_t position = run->next[some - 1];
	int rc;

	if (ledger_holds(&l->consumer, run->job->host.number))
		atomic_store(&l->consumed.tried, after);
	rc = ring_consumer_advance(run->c, position, NULL);
	if (rc == 0)
		got(run, after, position);
	return rc;
}

static int consume(struct consumption *run)
{
	while (run->consumed < run->job->until) {
		int rc = read_ahead(run);

		if (rc == 0 && run->count > 0)
			rc = consume_some(run);
		else if (rc == 0)
			rc = ring_consumer_wait(run->c, WAIT_MS);
		if (rc < 0 && rc != -RING_ERR_TIMEOUT)
			return rc;
	}
	return 0;
}

int job_consume(struct job *job)
{
	struct consumption run = { .job = job };
	struct ring_consumer_state state;
	int rc = consumer_begin(job, &run.c, &state);

	if (rc == 0) {
		run.consumed = state.items;
		rc = consume(&run);
		ring_consumer_free(run.c);
	}
	return job_end(job, rc, "consume");
}
