/*
 * The journal's own threads. The performer does what the plan says and sleeps
 * in between. The keeper looks after the producer while nobody pushes: the ring
 * expects its owner to answer requests and to give signs of life.
 */
#include "journal/state.h"

enum { KEEPER_MS = 100, KEEPER_WATCHING_MS = 2 };

/* ---- performing --------------------------------------------------------- */

struct plan journal_turn(struct journal *j)
{
	struct situation *s = &j->now;
	struct plan plan;

	/* Each turn: only a look makes the ring's descriptor quiet. */
	if (j->options.sides == JOURNAL_PERFORMS)
		journal_look(j);
	pthread_mutex_lock(&j->lock);
	plan = plan_next(s, journal_now_ns(j));
	/* Good for one try, but of all there is: not just of a batch. */
	if (s->is_urged || s->is_filling)
		s->due_ns = 0;
	if (plan.action == ACTION_PERFORM || !s->is_pending)
		s->is_urged = false;
	j->performer_bell.is_awaited = plan.action == ACTION_WAIT;
	pthread_mutex_unlock(&j->lock);
	if (plan.action == ACTION_PERFORM)
		journal_perform_some(j);
	return plan;
}

/* Where this process pushes itself, the bell tells of all there is. */
static int ring_fd(struct journal *j, const struct plan *plan)
{
	return plan->heeds_ring && j->options.sides == JOURNAL_PERFORMS
		       ? ring_consumer_fd(j->c)
		       : -1;
}

static void *performer_main(void *arg)
{
	struct journal *j = arg;
	struct plan plan;

	do {
		plan = journal_turn(j);
		if (plan.action == ACTION_WAIT)
			journal_nap(j, &j->performer_bell, ring_fd(j, &plan),
				    plan.until_ns);
	} while (plan.action != ACTION_END);
	return NULL;
}

/* ---- keeping ------------------------------------------------------------ */

void journal_keep(struct journal *j)
{
	struct ring_producer_state state;
	int rc;

	pthread_mutex_lock(&j->lock);
	if (j->is_led || j->failed != 0) {
		pthread_mutex_unlock(&j->lock);
		return;
	}
	j->is_led = true;
	pthread_mutex_unlock(&j->lock);
	rc = ring_producer_state(j->p, &state);
	pthread_mutex_lock(&j->lock);
	if (rc < 0)
		journal_fail(j, rc, &j->p_fault);
	else if (j->options.sides == JOURNAL_PUSHES)
		j->done = state.pushed - state.used_bytes;
	journal_resign(j);
	pthread_mutex_unlock(&j->lock);
}

/* Sleep; whether nobody published meanwhile, which looks as well. */
static bool keeper_sleeps(struct journal *j)
{
	const uint64_t before = j->stats.publishes;
	const uint64_t ms = j->watchers > 0 ? KEEPER_WATCHING_MS : KEEPER_MS;

	journal_await(j, &j->keeper_wake, &j->lock, journal_after_ms(j, ms));
	return j->watchers > 0 || j->stats.publishes == before;
}

static void *keeper_main(void *arg)
{
	struct journal *j = arg;

	pthread_mutex_lock(&j->lock);
	while (j->failed == 0) {
		const bool is_idle = keeper_sleeps(j);

		pthread_mutex_unlock(&j->lock);
		if (is_idle)
			journal_keep(j);
		pthread_mutex_lock(&j->lock);
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

/* ------------------------------------------------------------------------- */

int journal_start_threads(struct journal *j)
{
	int rc = 0;

	if (j->c != NULL) {
		rc = pthread_create(&j->performer, NULL, performer_main, j);
		j->has_performer = rc == 0;
	}
	if (j->p != NULL && rc == 0) {
		rc = pthread_create(&j->keeper, NULL, keeper_main, j);
		j->has_keeper = rc == 0;
	}
	return -rc;
}

void journal_join_threads(struct journal *j)
{
	if (j->has_performer)
		pthread_join(j->performer, NULL);
	if (j->has_keeper)
		pthread_join(j->keeper, NULL);
	j->has_performer = j->has_keeper = false;
}
