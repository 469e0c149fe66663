/*
 * journal_push: queue, then lead or wait to be led. There is no thread that
 * writes: the first to come takes the producer, publishes all that is queued,
 * and passes it on. So a lone pusher never waits for another thread, and the
 * pushes that come during a flush share the next one.
 */
#include "journal/state.h"

#include <errno.h>

enum {
	/* FORMAT.md 4.2 and 7: a record's header and padding. */
	RECORD_BYTES = 48 + 7,
};

/* ---- waking ------------------------------------------------------------- */

void push_wake(struct push *r, bool frees)
{
	pthread_mutex_lock(&r->lock);
	r->is_woken = true;
	r->is_free = frees;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
}

/* Sleep until woken, or that time, or less. Whether it is free. */
static bool push_sleep(struct journal *j, struct push *r, uint64_t until_ns)
{
	bool is_free;

	pthread_mutex_lock(&r->lock);
	if (!r->is_woken)
		journal_await(j, &r->wake, &r->lock, until_ns);
	r->is_woken = false;
	is_free = r->is_free;
	pthread_mutex_unlock(&r->lock);
	return is_free;
}

/* ---- the queue ---------------------------------------------------------- */

static void enqueue(struct journal *j, struct push *r)
{
	if (j->last != NULL)
		j->last->next = r;
	else
		j->first = r;
	j->last = r;
	j->queued++;
}

/* Take one out of the queue that does not fly. */
static void withdraw(struct journal *j, struct push *r, int rc)
{
	struct push *before = NULL;

	for (struct push *at = j->first; at != r; at = at->next)
		before = at;
	if (before != NULL)
		before->next = r->next;
	else
		j->first = r->next;
	if (j->last == r)
		j->last = before;
	j->queued--;
	journal_leave_call(j);
	r->rc = rc;
	r->state = PUSH_DONE;
}

static void wake_queued(struct journal *j)
{
	for (struct push *r = j->first; r != NULL; r = r->next)
		push_wake(r, false);
}

/* ---- waiting for room --------------------------------------------------- */

/* Why a push must not wait any longer; 0: it may. */
static int gave_up(const struct journal *j, const struct push *r)
{
	if (j->failed != 0)
		return j->failed;
	return j->starved != 0 && journal_now_ns(j) >= r->give_up_ns
		       ? j->starved
		       : 0;
}

/* Room comes from performing. Once for each push, or a full ring would call a
 * failing perform without end. */
static void urge_for_room(struct journal *j)
{
	struct push *r = j->first;

	if (r->has_urged || !j->now.is_pending)
		return;
	r->has_urged = true;
	j->now.is_urged = true;
	bell_ring(&j->performer_bell);
}

/* The ring takes nothing: tell those that are queued, for some may not wait,
 * and those who make room. */
static void starve(struct journal *j, int why)
{
	j->starved = why;
	wake_queued(j);
	if (why == -RING_ERR_FULL)
		urge_for_room(j);
}

/* Sleep until the ring may take something, or the leader has to give up. */
static void wait_for_room(struct journal *j, const struct push *leader)
{
	struct ring_producer_state state;
	int rc;

	j->pusher_bell.is_awaited = true;
	pthread_mutex_unlock(&j->lock);
	journal_nap(j, &j->pusher_bell, ring_producer_fd(j->p),
		    leader->give_up_ns);
	rc = ring_producer_state(j->p, &state);
	pthread_mutex_lock(&j->lock);
	j->pusher_bell.is_awaited = false;
	if (rc < 0)
		journal_fail(j, rc, &j->p_fault);
}

/* ---- leading ------------------------------------------------------------ */

void journal_resign(struct journal *j)
{
	j->is_led = false;
	j->starved = 0;
	if (j->first != NULL)
		push_wake(j->first, false);
	pthread_cond_broadcast(&j->changed);
}

/* Publish until one's own push is over: no longer than the queue is now. 0. */
static uint64_t lead(struct journal *j, struct push *own)
{
	j->is_led = true;
	while (own->state != PUSH_DONE) {
		int rc = j->failed;

		if (rc == 0)
			rc = journal_publish_group(j, SIZE_MAX);
		if (rc == 0)
			continue;
		if (j->failed == 0)
			starve(j, rc);
		rc = gave_up(j, own);
		if (rc < 0)
			withdraw(j, own, rc);
		else
			wait_for_room(j, own);
	}
	journal_resign(j);
	return 0;
}

/* How long it may sleep while another one leads; 0: it is over. */
static uint64_t follow(struct journal *j, struct push *r)
{
	const int rc = gave_up(j, r);

	/* It is done with that, or queued again; and woken either way. */
	if (r->state == PUSH_FLYING)
		return PLAN_NEVER;
	if (rc == 0)
		return j->starved != 0 ? r->give_up_ns : PLAN_NEVER;
	withdraw(j, r, rc);
	return 0;
}

/* What to do now: 0 if it is over, else how long to sleep. */
static uint64_t step(struct journal *j, struct push *r)
{
	if (r->state == PUSH_DONE)
		return PLAN_NEVER; /* its last wake-up comes */
	return j->is_led ? follow(j, r) : lead(j, r);
}

/* Comes with the lock, and returns without it. */
static void carry_out(struct journal *j, struct push *r)
{
	uint64_t until_ns = step(j, r);

	pthread_mutex_unlock(&j->lock);
	while (until_ns != 0 && !push_sleep(j, r, until_ns)) {
		pthread_mutex_lock(&j->lock);
		until_ns = step(j, r);
		pthread_mutex_unlock(&j->lock);
	}
}

/* ---- the calls ---------------------------------------------------------- */

/* Count it, and see that each operation is one that the ring can take. */
static int measure(const struct journal *j, struct push *r)
{
	if (r->count == 0)
		return -EINVAL;
	for (size_t i = 0; i < r->count; i++) {
		const uint64_t len = r->ops[i].len_bytes;

		if (len > j->max_item_bytes)
			return -RING_ERR_TOO_BIG;
		r->op_bytes += len;
		r->stored_bytes += len + RECORD_BYTES;
	}
	return 0;
}

static uint64_t give_up_at(const struct journal *j)
{
	/* Only perform could make the room that its own push waits for. */
	if (j->options.push_never_waits || journal_is_callback(j))
		return 0;
	return j->options.push_timeout_ms == 0
		       ? PLAN_NEVER
		       : journal_after_ms(j, j->options.push_timeout_ms);
}

/* Comes with the lock, and returns without it. */
static int queue_and_wait(struct journal *j, struct push *r)
{
	if (j->failed != 0) {
		r->rc = j->failed;
		pthread_mutex_unlock(&j->lock);
		return r->rc;
	}
	r->give_up_ns = give_up_at(j);
	journal_enter_call(j);
	enqueue(j, r);
	carry_out(j, r);
	return r->rc;
}

static int push(struct journal *j, struct push *r)
{
	int rc;

	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->wake, &j->monotonic);
	pthread_mutex_lock(&j->lock);
	rc = queue_and_wait(j, r);
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
	return rc;
}

RING_EXPORT int journal_push_many(struct journal *j,
				  const struct journal_op *ops, size_t count,
				  struct journal_waiter *ret_waiter)
{
	struct push r = { .ops = ops, .count = count };
	int rc;

	if (j->options.sides == JOURNAL_PERFORMS)
		return -ENOTSUP;
	rc = measure(j, &r);
	if (rc == 0)
		rc = push(j, &r);
	if (rc == 0 && ret_waiter != NULL)
		*ret_waiter = r.waiter;
	return rc;
}

RING_EXPORT int journal_push(struct journal *j, const void *bytes,
			     size_t len_bytes,
			     struct journal_waiter *ret_waiter)
{
	const struct journal_op op = { .bytes = bytes, .len_bytes = len_bytes };

	return journal_push_many(j, &op, 1, ret_waiter);
}
