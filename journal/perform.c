/*
 * The performing side: take a bounded batch off the ring, let the program
 * perform it, and only then advance. Whatever kills it in between leaves the
 * position where it was: operations are performed again, never lost.
 */
#include "journal/state.h"

#include <errno.h>
#include <string.h>

enum { AGAIN_MIN_MS = 1, AGAIN_MAX_MS = 100, ADVANCE_AGAIN_NS = 1000000 };

/* ---- what there is to perform ------------------------------------------- */

static bool is_filling(const struct journal *j)
{
	return j->end > j->done && j->end - j->done > j->filling_bytes;
}

void journal_note_pending(struct journal *j)
{
	struct situation *s = &j->now;
	const bool was_filling = s->is_filling, was_pending = s->is_pending;

	if (j->options.sides == JOURNAL_PUSHES)
		return;
	s->is_filling = is_filling(j);
	s->is_pending = true;
	if (!was_pending)
		s->due_ns = journal_after_ms(j, j->options.flush_interval_ms);
	if (!was_pending || was_filling != s->is_filling)
		bell_ring(&j->performer_bell);
}

/* The storage of the consumer failed, or says that it is no good. */
static void fail(struct journal *j, int rc)
{
	pthread_mutex_lock(&j->lock);
	journal_fail(j, rc, &j->c_fault);
	pthread_mutex_unlock(&j->lock);
}

/* ---- the position ------------------------------------------------------- */

static bool is_over(struct journal *j)
{
	bool over;

	pthread_mutex_lock(&j->lock);
	over = j->now.is_over;
	pthread_mutex_unlock(&j->lock);
	return over;
}

/* A producer that attaches just now leaves it open whether the position will
 * stay: what is done is not to be done again for that. */
static int advance(struct journal *j, uint64_t to,
		   const struct ring_cookie *note)
{
	int rc = ring_consumer_advance(j->c, to, note);

	while (rc == -RING_ERR_EMPTY && !is_over(j)) {
		j->system->sleep_ns(j->system->ctx, ADVANCE_AGAIN_NS);
		rc = ring_consumer_advance(j->c, to, note);
	}
	return rc;
}

/* ---- what is lost ------------------------------------------------------- */

void journal_note_loss(void *ctx, const struct ring_loss *loss)
{
	struct journal *j = ctx;
	const struct ring_options *o = &j->options.ring;

	if (j->lost_until < loss->next)
		j->lost_until = loss->next;
	if (o->lost != NULL)
		o->lost(o->lost_ctx, loss);
}

/* As far as the ring counts: what was lost is over as well. */
static void over_until(struct journal *j, const struct ring_consumer_state *at)
{
	pthread_mutex_lock(&j->lock);
	j->next_number = at->items;
	j->done = at->position;
	if (j->end_number < at->items) {
		j->end_number = at->items;
		j->end = at->position;
	}
	pthread_cond_broadcast(&j->changed);
	pthread_mutex_unlock(&j->lock);
}

/* Nothing can be read. The last operations may be lost, because damage may be
 * left out, or a repair has done that: nobody performs them, so nothing else
 * moves the position past them, and who waits for them would wait for ever. */
static int pass_losses(struct journal *j)
{
	struct ring_consumer_state state;
	int rc;

	if (j->options.ring.on_damage == RING_DAMAGE_STOP &&
	    j->lost_until <= j->done)
		return 0;
	rc = ring_consumer_state(j->c, &state);
	if (rc == 0 && state.position < j->lost_until) {
		rc = advance(j, j->lost_until, NULL);
		if (rc == 0)
			rc = ring_consumer_state(j->c, &state);
	}
	if (rc == 0 && state.items > j->next_number)
		over_until(j, &state);
	return rc;
}

void journal_look(struct journal *j)
{
	struct ring_consumer_state state;
	struct ring_item item;
	int rc = ring_consumer_pop(j->c, RING_POSITION_NONE, &item);

	if (rc == 0)
		rc = ring_consumer_state(j->c, &state);
	else if (rc == -RING_ERR_EMPTY && (rc = pass_losses(j)) == 0)
		return;
	if (rc < 0) {
		fail(j, rc);
		return;
	}
	pthread_mutex_lock(&j->lock);
	if (j->end < state.exposed) {
		j->end = state.exposed;
		j->end_number = state.items + state.backlog_items;
	}
	journal_note_pending(j);
	pthread_mutex_unlock(&j->lock);
}

/* ---- a batch ------------------------------------------------------------ */

static size_t align(size_t bytes)
{
	return (bytes + JOURNAL_ALIGN - 1) & ~(size_t)(JOURNAL_ALIGN - 1);
}

static int take_op(void *ctx, const struct ring_item *item)
{
	struct journal *j = ctx;
	uint8_t *to = j->bytes + j->bytes_used;

	if (item->data_bytes > j->bytes_size - j->bytes_used)
		return -ENOBUFS; /* no ring of this size gives that */
	if (item->data_bytes > 0)
		memcpy(to, item->data, item->data_bytes);
	j->bytes_used = align(j->bytes_used + item->data_bytes);
	j->ops[j->count] = (struct journal_op){ .bytes = to,
						.len_bytes = item->data_bytes,
						.number = item->sequence };
	j->nexts[j->count++] = item->next;
	return 0;
}

static int gather(struct journal *j)
{
	const struct ring_fold_limits limits = {
		.items = j->options.batch_ops,
		.bytes = j->options.batch_bytes,
	};

	pthread_mutex_lock(&j->lock);
	j->round_end = j->end_number;
	pthread_mutex_unlock(&j->lock);
	j->count = 0;
	j->bytes_used = 0;
	return ring_consumer_fold(j->c, RING_POSITION_NONE, &limits, take_op, j,
				  NULL);
}

/* The ring shows nothing, although something may be there: with direct I/O a
 * mark may be on its way. Or it is what another process was thought to have. */
static int found_nothing(struct journal *j)
{
	struct situation *s = &j->now;
	uint64_t again_ms = AGAIN_MAX_MS;
	const int rc = pass_losses(j);

	if (j->empty_looks < 7)
		again_ms = (uint64_t)AGAIN_MIN_MS << j->empty_looks++;
	pthread_mutex_lock(&j->lock);
	s->is_pending = j->options.sides == JOURNAL_BOTH &&
			j->end_number > j->next_number;
	s->not_before_ns = s->is_pending ? journal_after_ms(j, again_ms) : 0;
	pthread_mutex_unlock(&j->lock);
	return rc;
}

/* ---- the program's turn ------------------------------------------------- */

static void enter_callback(struct journal *j)
{
	pthread_mutex_lock(&j->lock);
	j->calls_from = pthread_self();
	j->is_performing = true;
	pthread_mutex_unlock(&j->lock);
}

static void leave_callback(struct journal *j)
{
	pthread_mutex_lock(&j->lock);
	j->is_performing = false;
	pthread_mutex_unlock(&j->lock);
}

/* How many it performed; *ret_error is what it said if that is not all. */
static size_t call_perform(struct journal *j, int *ret_error)
{
	int rc;

	enter_callback(j);
	rc = j->perform(j->ctx, j->ops, j->count);
	leave_callback(j);
	*ret_error = rc < 0 ? rc : 0;
	if (rc < 0)
		return 0;
	return (size_t)rc < j->count ? (size_t)rc : j->count;
}

static enum journal_verdict ask_poison(struct journal *j, size_t i, int error)
{
	const struct journal_poison poison = { .op = j->ops[i],
					       .failures = j->failures,
					       .error = error };
	enum journal_verdict verdict;

	enter_callback(j);
	verdict = j->options.on_poison(j->ctx, &poison);
	leave_callback(j);
	return verdict;
}

/* ---- what became of it -------------------------------------------------- */

/* All before and with operation i is behind us, durably. With the lock. */
static void passed(struct journal *j, size_t i)
{
	struct situation *s = &j->now;

	j->next_number = j->ops[i].number + 1;
	j->done = j->nexts[i];
	s->not_before_ns = 0;
	s->is_filling = is_filling(j);
	s->is_pending = j->end_number > j->next_number;
	j->stats.is_failing = false;
	j->empty_looks = 0;
	pthread_cond_broadcast(&j->changed);
}

/* What came since the batch began waits an interval of its own. */
static void end_round(struct journal *j)
{
	if (j->next_number >= j->round_end)
		j->now.due_ns =
			journal_after_ms(j, j->options.flush_interval_ms);
}

static int performed(struct journal *j, size_t count)
{
	int rc = count > 0 ? advance(j, j->nexts[count - 1], NULL) : 0;

	if (rc < 0 || count == 0)
		return rc;
	pthread_mutex_lock(&j->lock);
	passed(j, count - 1);
	end_round(j);
	j->stats.performed += count;
	j->stats.batches++;
	if (j->stats.largest < count)
		j->stats.largest = count;
	pthread_mutex_unlock(&j->lock);
	return 0;
}

static int skip(struct journal *j, size_t i)
{
	const struct skips skips = { .count = j->skips.count + 1,
				     .last_number = j->ops[i].number };
	uint8_t bytes[SKIPS_BYTES];
	const struct ring_cookie note = { bytes, sizeof(bytes) };
	int rc;

	skips_encode(&skips, bytes);
	rc = advance(j, j->nexts[i], &note);
	if (rc < 0)
		return rc;
	pthread_mutex_lock(&j->lock);
	j->skips = skips;
	passed(j, i);
	j->now.due_ns = journal_now_ns(j); /* the retry was not for these */
	end_round(j);
	pthread_mutex_unlock(&j->lock);
	return 0;
}

/* ---- failures ----------------------------------------------------------- */

static void count_failure(struct journal *j, uint64_t number)
{
	if (j->failures == 0 || j->failing != number) {
		j->failing = number;
		j->failures = 0;
	}
	j->failures++;
	pthread_mutex_lock(&j->lock);
	j->stats.failures++;
	j->stats.is_failing = true;
	/* From now on, not from the first failure: each try has its interval. */
	j->now.not_before_ns =
		journal_after_ms(j, j->options.retry_interval_ms);
	j->now.due_ns = j->now.not_before_ns; /* whatever made it try early */
	pthread_mutex_unlock(&j->lock);
}

/* Operation i is the first that was not performed. */
static int failed(struct journal *j, size_t i, int error)
{
	const struct journal_options *o = &j->options;
	enum journal_verdict verdict = JOURNAL_RETRY;

	count_failure(j, j->ops[i].number);
	if (o->on_poison == NULL || o->poison_after == 0 ||
	    j->failures < o->poison_after)
		return 0;
	verdict = ask_poison(j, i, error);
	j->failures = 0;
	if (verdict == JOURNAL_SKIP)
		return skip(j, i);
	return verdict == JOURNAL_STOP ? -ECANCELED : 0;
}

void journal_perform_some(struct journal *j)
{
	size_t count;
	int error, rc = gather(j);

	if (rc == -RING_ERR_EMPTY) {
		rc = found_nothing(j);
	} else if (rc == 0) {
		count = call_perform(j, &error);
		rc = performed(j, count);
		if (rc == 0 && count < j->count)
			rc = failed(j, count, error);
	}
	if (rc < 0)
		fail(j, rc);
}
