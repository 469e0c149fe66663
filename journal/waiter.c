/* Waiting for operations to be performed, and asking for it to be soon. */
#include "journal/state.h"

#include <errno.h>

/* Everything that is there now. Where another process pushes, the ring knows.
 * Without the lock. */
static int all_there_is(struct journal *j, struct journal_waiter *ret)
{
	struct ring_options options;
	struct ring_fault unwanted; /* the user's may be gone by now */
	struct ring_info info;
	int rc = 0;

	if (j->options.sides == JOURNAL_PERFORMS) {
		rc = journal_ring_options(&j->options, &unwanted, &options);
		if (rc == 0)
			rc = ring_info(j->path, &options, &info);
		ring_io_close(options.io);
		if (rc == 0)
			*ret = (struct journal_waiter){ info.exposed_items,
							info.exposed };
		return rc;
	}
	pthread_mutex_lock(&j->lock);
	*ret = (struct journal_waiter){ j->end_number, j->end };
	pthread_mutex_unlock(&j->lock);
	return 0;
}

/* Of a look at the ring that failed; a journal that has failed says why. */
static int why_not(struct journal *j, int rc)
{
	pthread_mutex_lock(&j->lock);
	if (j->failed != 0)
		rc = j->failed;
	pthread_mutex_unlock(&j->lock);
	return rc;
}

/* Who performs counts operations; who only pushes sees positions. */
static bool is_performed(const struct journal *j,
			 const struct journal_waiter *w)
{
	return j->options.sides == JOURNAL_PUSHES ? j->done >= w->position
						  : j->next_number >= w->number;
}

/* Why to wait no longer; 0: wait. */
static int wait_ends(struct journal *j, uint64_t until_ns)
{
	if (j->failed != 0)
		return j->failed;
	if (journal_is_callback(j))
		return -EDEADLK;
	return journal_now_ns(j) >= until_ns ? -RING_ERR_TIMEOUT : 0;
}

/* The keeper looks more often while somebody wants to know. */
static void watch(struct journal *j, int by)
{
	if (j->options.sides != JOURNAL_PUSHES)
		return;
	j->watchers = (unsigned)((int)j->watchers + by);
	pthread_cond_signal(&j->keeper_wake);
}

static int sync_until(struct journal *j, const struct journal_waiter *w,
		      uint64_t until_ns)
{
	int rc = 0;

	pthread_mutex_lock(&j->lock);
	journal_enter_call(j);
	watch(j, 1);
	while (rc == 0 && !is_performed(j, w)) {
		rc = wait_ends(j, until_ns);
		if (rc == 0)
			journal_await(j, &j->changed, &j->lock, until_ns);
	}
	watch(j, -1);
	journal_leave_call(j);
	pthread_mutex_unlock(&j->lock);
	return rc;
}

RING_EXPORT int journal_sync(struct journal *j,
			     const struct journal_waiter *waiter,
			     int timeout_ms)
{
	const uint64_t until_ns =
		timeout_ms < 0 ? PLAN_NEVER
			       : journal_after_ms(j, (uint64_t)timeout_ms);
	struct journal_waiter all;
	int rc;

	if (waiter != NULL)
		return sync_until(j, waiter, until_ns);
	rc = all_there_is(j, &all);
	return rc < 0 ? why_not(j, rc) : sync_until(j, &all, until_ns);
}

RING_EXPORT int journal_flush(struct journal *j,
			      const struct journal_waiter *waiter)
{
	int rc;

	if (j->options.sides == JOURNAL_PUSHES)
		return -ENOTSUP;
	pthread_mutex_lock(&j->lock);
	rc = j->failed;
	if (rc == 0 && (waiter == NULL || !is_performed(j, waiter))) {
		j->now.is_urged = true;
		bell_ring(&j->performer_bell);
	}
	pthread_mutex_unlock(&j->lock);
	return rc;
}
