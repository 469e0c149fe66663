/*
 * Group commit: whoever leads publishes what all others have queued, with one
 * write and one flush. A push that the ring refuses for itself is found alone,
 * so that its neighbours don't suffer.
 */
#include "journal/state.h"

#include <sched.h>
#include <string.h>

enum { YIELDS_MAX = 16 };

/* The pushes of a group are the first of the queue, and fly together. */
struct group {
	size_t pushes;
	uint64_t bytes;
};

/*
 * Those that the last publish has set free are likely to push again, but have
 * not had the processor yet: without a moment for them every other group would
 * go with half of the threads. No clock: a lone pusher never waits, and the
 * others no longer than it takes to let each run once.
 */
static void let_others_queue(struct journal *j)
{
	const size_t crowd = j->crowd;

	if (j->queued >= j->crowd)
		return;
	pthread_mutex_unlock(&j->lock);
	for (unsigned i = 0; i < YIELDS_MAX && j->queued < crowd; i++)
		sched_yield();
	pthread_mutex_lock(&j->lock);
}

static struct group gather(struct journal *j, size_t limit)
{
	struct group g = { 0 };

	for (struct push *r = j->first; r != NULL && g.pushes < limit;
	     r = r->next) {
		if (g.pushes > 0 && g.bytes + r->stored_bytes > j->group_bytes)
			break;
		r->state = PUSH_FLYING;
		g.pushes++;
		g.bytes += r->stored_bytes;
	}
	return g;
}

static int claim_op(struct ring_producer *p, const struct journal_op *op)
{
	struct ring_claim claim;
	int rc = ring_producer_claim(p, op->len_bytes, 0, 0, &claim);

	if (rc == 0 && op->len_bytes > 0)
		memcpy(claim.data, op->bytes, op->len_bytes);
	return rc;
}

static int claim_push(struct ring_producer *p, const struct push *r)
{
	int rc = 0;

	for (size_t i = 0; i < r->count && rc == 0; i++)
		rc = claim_op(p, &r->ops[i]);
	return rc;
}

/* Without the lock: what flies stays where it is, but for the last one's link
 * to what is queued behind it. */
static int publish(struct journal *j, const struct push *r, size_t pushes,
		   uint64_t *ret_position)
{
	int rc = claim_push(j->p, r);

	for (; rc == 0 && pushes > 1; pushes--) {
		r = r->next;
		rc = claim_push(j->p, r);
	}
	if (rc == 0)
		rc = ring_producer_commit(j->p, RING_COMMIT_PUBLISH, NULL,
					  ret_position);
	if (rc < 0)
		(void)ring_producer_abort(j->p);
	return rc;
}

/* The first push of the queue is over. It is not set free yet. */
static struct push *finish_first(struct journal *j, int rc)
{
	struct push *r = j->first;

	j->first = r->next;
	if (j->first == NULL)
		j->last = NULL;
	j->queued--;
	j->callers--;
	r->next = NULL;
	r->rc = rc;
	r->state = PUSH_DONE;
	return r;
}

/* Those who are freed may be gone with the next step. */
static void set_free(struct journal *j, struct push *r)
{
	pthread_mutex_unlock(&j->lock);
	while (r != NULL) {
		struct push *next = r->next;

		push_wake(r, true);
		r = next;
	}
	pthread_mutex_lock(&j->lock);
}

static void finish_group(struct journal *j, size_t pushes, uint64_t position)
{
	struct push *done = NULL, **end = &done;

	j->crowd = j->queued;
	for (; pushes > 0; pushes--) {
		struct push *r = finish_first(j, 0);

		j->end_number += r->count;
		r->waiter = (struct journal_waiter){ j->end_number, position };
		j->stats.pushed += r->count;
		j->stats.pushed_bytes += r->op_bytes;
		*end = r;
		end = &r->next;
	}
	j->stats.publishes++;
	j->end = position;
	j->starved = 0;
	journal_note_pending(j);
	set_free(j, done);
}

static void requeue(struct journal *j, size_t pushes)
{
	for (struct push *r = j->first; pushes > 0; pushes--, r = r->next)
		r->state = PUSH_QUEUED;
}

static bool is_wait(int rc)
{
	return rc == -RING_ERR_FULL || rc == -RING_ERR_SUSPENDED;
}

int journal_publish_group(struct journal *j, size_t limit)
{
	const struct push *first;
	uint64_t position = RING_POSITION_NONE;
	struct group g;
	int rc;

	let_others_queue(j);
	g = gather(j, limit);
	first = j->first;
	pthread_mutex_unlock(&j->lock);
	rc = publish(j, first, g.pushes, &position);
	pthread_mutex_lock(&j->lock);
	if (rc == 0) {
		finish_group(j, g.pushes, position);
		return 0;
	}
	requeue(j, g.pushes);
	if (g.pushes > 1 && (is_wait(rc) || rc == -RING_ERR_TOO_BIG))
		return journal_publish_group(j, 1);
	if (is_wait(rc))
		return rc;
	if (rc != -RING_ERR_TOO_BIG)
		journal_fail(j, rc, &j->p_fault);
	set_free(j, finish_first(j, rc));
	return 0;
}
