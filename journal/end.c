/*
 * How a journal ends: by journal_shutdown(), by an error of the storage, or by
 * on_poison. All are one thing to who waits: the journal has failed, with a
 * first error that every later call repeats.
 */
#include "journal/state.h"

#include <errno.h>
#include <stdio.h>

static void wake_everybody(struct journal *j)
{
	for (struct push *r = j->first; r != NULL; r = r->next)
		push_wake(r, false);
	pthread_cond_broadcast(&j->changed);
	pthread_cond_signal(&j->keeper_wake);
	bell_ring(&j->pusher_bell);
	bell_ring(&j->performer_bell);
}

/* In words, where no storage gave any. */
static const char *why(int rc)
{
	if (rc == -ESHUTDOWN)
		return "was shut down";
	if (rc == -ECANCELED)
		return "was told to stop at an operation that keeps failing";
	return ring_strerror(rc);
}

void journal_fail(struct journal *j, int rc, const struct ring_fault *fault)
{
	if (j->failed != 0)
		return;
	j->failed = rc;
	j->now.is_over = true;
	j->stats.fault.code = rc;
	if (fault != NULL && fault->code == rc)
		j->stats.fault = *fault;
	else
		snprintf(j->stats.fault.text, sizeof(j->stats.fault.text),
			 "the journal in '%.100s' %s", j->path, why(rc));
	wake_everybody(j);
}

void journal_enter_call(struct journal *j)
{
	j->callers++;
}

void journal_leave_call(struct journal *j)
{
	j->callers--;
	if (j->failed != 0)
		pthread_cond_broadcast(&j->changed);
}

/* Who waits in a call leaves now; the handles are nobody's after that. */
static void wait_for_callers(struct journal *j)
{
	while (j->callers > 0 || j->is_led)
		pthread_cond_wait(&j->changed, &j->lock);
}

static int end_once(struct journal *j)
{
	int rc;

	journal_fail(j, -ESHUTDOWN, NULL);
	j->is_ending = true;
	wait_for_callers(j);
	pthread_mutex_unlock(&j->lock);
	journal_join_threads(j);
	rc = journal_give_back(j);
	pthread_mutex_lock(&j->lock);
	j->has_ended = true;
	pthread_cond_broadcast(&j->changed);
	return rc;
}

RING_EXPORT int journal_shutdown(struct journal *j)
{
	int rc = 0;

	pthread_mutex_lock(&j->lock);
	if (journal_is_callback(j))
		rc = -EDEADLK;
	else if (!j->is_ending)
		rc = end_once(j);
	else
		while (!j->has_ended)
			pthread_cond_wait(&j->changed, &j->lock);
	pthread_mutex_unlock(&j->lock);
	return rc;
}
