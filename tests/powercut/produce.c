/*
 * The producer's side: publish, push, expose and discard at random, and note
 * in the ledger each promise before it is asked for and when it was given.
 *
 * A producer that was taken over from does not know it, so an acknowledgement
 * that comes to it afterwards is a promise too: it must be about items that
 * its successor found.
 */
#include "tests/powercut/job.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH_MAX = 4, WAIT_MS = 20 };

struct production {
	struct job *job;
	struct ring_producer *p;
	uint64_t pushed;
	uint64_t exposed;
	uint64_t mark_position; /* after the first pending push; 0: none */
	uint64_t mark_items;
	struct ledger_item items[BATCH_MAX];
	struct ring_entry entries[BATCH_MAX];
};

int producer_begin(struct job *job, struct ring_producer **ret_p,
		   struct ring_producer_state *ret_state)
{
	struct ledger *l = job->ledger;
	int rc = ring_producer_attach(job->path, &job->options, ret_p,
				      ret_state);
	const uint64_t seen = atomic_load(&l->seen);

	if (rc < 0)
		return rc;
	ledger_check_span(l, &l->pushed, ret_state->pushed_items, "pushed");
	ledger_check_span(l, &l->exposed, ret_state->exposed_items, "exposed");
	if (ret_state->exposed_items < seen)
		ledger_lose(l, seen - ret_state->exposed_items,
			    "%" PRIu64 " items were seen, %" PRIu64
			    " are exposed",
			    seen, ret_state->exposed_items);
	ledger_take(&l->producer, job->host.number, ret_state->pushed_items);
	ledger_settle(&l->pushed, ret_state->pushed_items);
	ledger_settle(&l->exposed, ret_state->exposed_items);
	return 0;
}

static bool is_owner(const struct production *run)
{
	return ledger_holds(&run->job->ledger->producer, run->job->host.number);
}

/* ---- promises ----------------------------------------------------------- */

/* What the call about to be made may move the counters to. */
static void try_for(struct production *run, uint64_t pushed, uint64_t exposed)
{
	struct ledger *l = run->job->ledger;

	if (!is_owner(run))
		return;
	if (pushed < run->pushed)
		atomic_store(&l->pushed.acked, pushed); /* or it keeps them */
	else
		atomic_store(&l->pushed.tried, pushed);
	atomic_store(&l->exposed.tried, exposed);
}

static void got(struct production *run, uint64_t pushed, uint64_t exposed)
{
	struct ledger *l = run->job->ledger;

	if (!is_owner(run)) {
		ledger_late(l, &l->producer, pushed, "pushed");
		return;
	}
	if (pushed > run->pushed)
		atomic_fetch_add(&l->total_pushed, pushed - run->pushed);
	run->pushed = pushed;
	run->exposed = exposed;
	ledger_settle(&l->pushed, pushed);
	ledger_settle(&l->exposed, exposed);
	if (pushed == exposed)
		run->mark_position = RING_POSITION_NONE;
}

/* The call did nothing. */
static void got_nothing(struct production *run)
{
	if (!is_owner(run))
		return;
	ledger_settle(&run->job->ledger->pushed, run->pushed);
	ledger_settle(&run->job->ledger->exposed, run->exposed);
}

/* Promised, refused for now, or failed. */
static int settle(struct production *run, int rc, uint64_t pushed,
		  uint64_t exposed)
{
	if (rc == 0)
		got(run, pushed, exposed);
	else if (ring_error_is_retry(rc))
		got_nothing(run);
	return rc;
}

/* ---- operations --------------------------------------------------------- */

static size_t prepare(struct production *run)
{
	struct job *job = run->job;
	const size_t count = 1 + (size_t)draw_below(&job->draw, BATCH_MAX);

	for (size_t i = 0; i < count; i++) {
		/* The successor's items are in the ledger, not these. */
		if (is_owner(run))
			ledger_next_item(job->ledger, run->pushed + i,
					 &run->items[i]);
		else
			ledger_make_item(job->ledger, run->pushed + i, 0,
					 &run->items[i]);
		run->entries[i] = run->items[i].entry;
	}
	return count;
}

static int publish(struct production *run)
{
	const size_t count = prepare(run);
	const uint64_t after = run->pushed + count;

	try_for(run, after, after);
	return settle(
		run,
		ring_producer_publish(run->p, run->entries, count, NULL, NULL),
		after, after);
}

static int push(struct production *run)
{
	const size_t count = prepare(run);
	const uint64_t after = run->pushed + count;
	uint64_t position;
	int rc;

	try_for(run, after, run->exposed);
	rc = ring_producer_push(run->p, run->entries, count, NULL, &position);
	if (rc == 0 && run->mark_position == RING_POSITION_NONE &&
	    run->pushed == run->exposed) {
		run->mark_position = position;
		run->mark_items = after;
	}
	return settle(run, rc, after, run->exposed);
}

static int expose_all(struct production *run)
{
	const uint64_t after = run->pushed;

	try_for(run, after, after);
	return settle(run,
		      ring_producer_advance(run->p, RING_POSITION_NONE, NULL),
		      after, after);
}

static int expose_part(struct production *run)
{
	const uint64_t position = run->mark_position;

	if (position == RING_POSITION_NONE)
		return expose_all(run);
	run->mark_position = RING_POSITION_NONE;
	try_for(run, run->pushed, run->mark_items);
	return settle(run, ring_producer_advance(run->p, position, NULL),
		      run->pushed, run->mark_items);
}

static int discard(struct production *run)
{
	const uint64_t after = run->exposed;

	try_for(run, after, after);
	return settle(run, ring_producer_discard(run->p, NULL), after, after);
}

static int step(struct production *run)
{
	switch (draw_below(&run->job->draw, 16)) {
	case 0:
		return expose_all(run);
	case 1:
		return expose_part(run);
	case 2:
		return discard(run);
	case 3:
	case 4:
	case 5:
	case 6:
		return push(run);
	default:
		return publish(run);
	}
}

/* Exposing all that is pending always fits, and lets the consumer go on. */
static int when_full(struct production *run)
{
	int rc = run->pushed > run->exposed ? expose_all(run) : 0;

	if (rc == 0)
		rc = ring_producer_wait(run->p, WAIT_MS);
	return rc == -RING_ERR_TIMEOUT ? 0 : rc;
}

static int produce(struct production *run)
{
	while (run->exposed < run->job->until) {
		int rc = step(run);

		if (rc == -RING_ERR_FULL)
			rc = when_full(run);
		if (rc < 0)
			return rc;
	}
	return expose_all(run);
}

/* Once fenced, always fenced. */
static void check_fenced(struct production *run)
{
	const int rc = publish(run);

	if (rc != -RING_ERR_FENCED)
		ledger_lose(run->job->ledger, 1,
			    "a fenced producer got %s, not FENCED",
			    rc < 0 ? ring_error_name(rc) : "success");
}

int job_produce(struct job *job)
{
	struct production *run = calloc(1, sizeof(*run));
	struct ring_producer_state state;
	int rc = -ENOMEM;

	if (run == NULL)
		return job_end(job, rc, "produce");
	run->job = job;
	rc = producer_begin(job, &run->p, &state);
	if (rc == 0) {
		run->pushed = state.pushed_items;
		run->exposed = state.exposed_items;
		rc = produce(run);
		if (rc == -RING_ERR_FENCED)
			check_fenced(run);
		ring_producer_free(run->p);
	}
	free(run);
	return job_end(job, rc, "produce");
}
