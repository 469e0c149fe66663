/*
 * After a restart: recover as both roles, compare what the ring says with the
 * ledger, and read everything that is there.
 */
#include "tests/powercut/job.h"

#include <inttypes.h>

enum { LOOKS = 3 };

struct verification {
	struct job *job;
	struct ring_producer *p;
	struct ring_consumer *c;
	uint64_t number;   /* of the next item */
	uint64_t position; /* of it; NONE: where the consumer is */
};

static int read_to_the_end(struct verification *run)
{
	for (;;) {
		struct ring_item item;
		int rc = ring_consumer_pop(run->c, run->position, &item);

		if (rc == -RING_ERR_EMPTY)
			return 0;
		if (rc < 0)
			return rc;
		if (!ledger_check_item(run->job->ledger, run->number, &item))
			return -RING_ERR_DAMAGED;
		run->position = item.next;
		run->number++;
	}
}

/* There must be items up to `end`, and no more. */
static int read_up_to(struct verification *run, uint64_t end)
{
	struct ring_producer_state state;
	int rc = 0;

	/* A look of the producer settles the mark that it writes behind. */
	for (unsigned i = 0; rc == 0 && i < LOOKS && run->number < end; i++) {
		rc = ring_producer_state(run->p, &state);
		if (rc == 0)
			rc = read_to_the_end(run);
	}
	if (rc < 0 || run->number == end)
		return rc;
	ledger_lose(run->job->ledger,
		    run->number < end ? end - run->number : run->number - end,
		    "exposed to %" PRIu64 ", read to %" PRIu64, end,
		    run->number);
	return -RING_ERR_DAMAGED;
}

/* Sometimes expose the rest, sometimes consume all: states to go on from. */
static int move_on(struct verification *run,
		   const struct ring_producer_state *state)
{
	struct job *job = run->job;
	struct ledger *l = job->ledger;
	int rc;

	if (draw_below(&job->draw, 2) == 0) {
		rc = ring_producer_advance(run->p, RING_POSITION_NONE, NULL);
		if (rc == 0)
			rc = read_up_to(run, state->pushed_items);
		if (rc < 0)
			return rc;
		ledger_settle(&l->exposed, state->pushed_items);
	}
	if (run->position == RING_POSITION_NONE ||
	    draw_below(&job->draw, 4) != 0)
		return 0;
	rc = ring_consumer_advance(run->c, run->position, NULL);
	if (rc < 0)
		return rc;
	ledger_settle(&l->consumed, run->number);
	atomic_store(&l->position, run->position);
	return 0;
}

static int verify(struct verification *run)
{
	struct ring_producer_state pushed;
	struct ring_consumer_state consumed;
	int rc = producer_begin(run->job, &run->p, &pushed);

	if (rc == 0)
		rc = consumer_begin(run->job, &run->c, &consumed);
	if (rc < 0)
		return rc;
	run->number = consumed.items;
	run->position = RING_POSITION_NONE;
	rc = read_up_to(run, pushed.exposed_items);
	return rc < 0 ? rc : move_on(run, &pushed);
}

int job_verify(struct job *job)
{
	struct verification run = { .job = job };
	int rc = verify(&run);

	ring_consumer_free(run.c);
	ring_producer_free(run.p);
	return job_end(job, rc, "verify");
}
