/*
 * The consumer of the torture test: reads ahead by pop and by fold, and
 * advances over all that it has read or over a part.
 */
#include "tools/torture_draw.h"
#include "tools/torture_owned.h"
#include "tools/torture_role.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	MARKS = 64,   /* items that are read and not advanced over, at most */
	WAIT_MS = 10, /* for an item */
	/* How often to wait for an item that has to be there: 30 s. */
	END_LOOKS = 3000,
};

/* Behind an item that was read. */
struct mark {
	uint64_t position;
	uint64_t items;
};

struct consuming {
	const struct torture_job *job;
	struct torture_ledger *ledger;
	unsigned who;
	struct ring_consumer *c;
	struct torture_draw draw;
	struct torture_point at; /* acknowledged */
	struct mark marks[MARKS];
	size_t mark_count;
	struct mark reader; /* the next item to read */
	uint8_t *buf;
	unsigned end_looks;
	struct deadline owned; /* how long to try to attach */
};

/* ---- reading ------------------------------------------------------------ */

static void take(struct consuming *w, const struct ring_item *item)
{
	torture_judge_item(w->job, w->who, w->reader.items, item, w->buf);
	w->reader = (struct mark){ item->next, item->sequence + 1 };
	w->marks[w->mark_count++] = w->reader;
}

static int on_item(void *ctx, const struct ring_item *item)
{
	struct consuming *w = ctx;

	take(w, item);
	return torture_draw_once_in(&w->draw, MARKS);
}

static int read_by_fold(struct consuming *w, size_t most)
{
	const struct ring_fold_limits limits = { .items = most };
	uint64_t position;

	return ring_consumer_fold(w->c, w->reader.position, &limits, on_item, w,
				  &position);
}

static int read_by_pop(struct consuming *w, size_t most)
{
	struct ring_item item;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < most; i++) {
		rc = ring_consumer_pop(w->c, w->reader.position, &item);
		if (rc == 0)
			take(w, &item);
	}
	return rc;
}

/* At least one item, or EMPTY. There is room for a mark. */
static int read_some(struct consuming *w)
{
	const size_t most =
		1 + torture_draw_below(&w->draw, MARKS - w->mark_count);
	const size_t before = w->mark_count;
	int rc;

	if (torture_draw_once_in(&w->draw, 2))
		rc = read_by_fold(w, most);
	else
		rc = read_by_pop(w, most);
	return rc == -RING_ERR_EMPTY && w->mark_count > before ? 0 : rc;
}

/* ---- advancing ---------------------------------------------------------- */

/* Over the first i + 1 of the items that were read. */
static int advance(struct consuming *w, size_t i)
{
	const struct mark *to = &w->marks[i];
	const struct torture_point after = {
		.items = to->items,
		.call = torture_ledger_call(w->ledger),
	};
	const struct ring_cookie cookie = { &after.call, sizeof(after.call) };
	struct torture_account *account = &w->ledger->consumers[w->who];
	int rc;

	torture_account_begin(account, &after);
	rc = ring_consumer_advance(w->c, to->position, &cookie);
	if (ring_error_is_retry(rc)) {
		torture_account_settle(account, &w->at);
		return 0;
	}
	if (rc < 0)
		return rc;
	torture_account_settle(account, &after);
	w->at = after;
	atomic_store(&w->ledger->held[w->who], after.items);
	w->mark_count -= i + 1;
	memmove(w->marks, to + 1, w->mark_count * sizeof(*to));
	return 0;
}

static int advance_all(struct consuming *w)
{
	return w->mark_count == 0 ? 0 : advance(w, w->mark_count - 1);
}

static int advance_some(struct consuming *w)
{
	const uint64_t of_8 = torture_draw_below(&w->draw, 8);

	if (w->mark_count == MARKS || of_8 < 5)
		return advance_all(w);
	if (of_8 < 7)
		return advance(w, torture_draw_below(&w->draw, w->mark_count));
	return 0;
}

/* ---- the loop ----------------------------------------------------------- */

static int wait_a_bit(struct consuming *w)
{
	const int rc = ring_consumer_wait(w->c, WAIT_MS);

	return rc == -RING_ERR_TIMEOUT ? 0 : rc;
}

/* Whether all that was ever exposed is consumed, or never will be: then
 * torture_judge_end() says so. */
static bool is_end(struct consuming *w)
{
	if (!atomic_load(&w->ledger->produced))
		return false;
	return w->at.items >= atomic_load(&w->ledger->may_see) ||
	       ++w->end_looks > END_LOOKS;
}

static int consume_all(struct consuming *w)
{
	int rc = 0;

	while (rc == 0) {
		rc = read_some(w);
		if (rc == 0) {
			rc = advance_some(w);
			continue;
		}
		if (rc != -RING_ERR_EMPTY)
			return rc;
		rc = advance_all(w);
		if (rc == 0 && is_end(w))
			return 0;
		if (rc == 0)
			rc = wait_a_bit(w);
	}
	return rc;
}

static int run(struct consuming *w, _Atomic bool *attached,
	       const struct ring_options *options)
{
	struct ring_consumer_state state;
	int rc;

	w->buf = malloc(w->job->item_max_bytes + TORTURE_META_BYTES);
	if (w->buf == NULL)
		return -ENOMEM;
	do
		rc = ring_consumer_attach(w->job->path,
					  torture_consumers[w->who], options,
					  &w->c, &state);
	while (torture_still_owned(&w->owned, rc));
	if (rc < 0)
		return rc;
	w->at = torture_judge_consumer(w->ledger, w->who, &state);
	w->reader = (struct mark){ state.position, state.items };
	atomic_store(attached, true);
	rc = consume_all(w);
	return rc == 0 ? ring_consumer_detach(w->c) : rc;
}

int torture_consume(const struct torture_job *job, unsigned who, uint64_t seed,
		    _Atomic bool *attached)
{
	struct consuming w = {
		.job = job,
		.ledger = job->ledger,
		.who = who,
		.draw = { seed },
	};
	struct ring_fault fault = { .code = 0 };
	struct ring_options options = *job->ring;
	int rc;

	options.fault = &fault;
	rc = run(&w, attached, &options);
	if (rc < 0)
		torture_ledger_fail(job->ledger, rc, "consumer '%s': %s",
				    torture_consumers[who],
				    fault.code == rc ? fault.text
						     : ring_strerror(rc));
	ring_consumer_free(w.c);
	free(w.buf);
	return rc;
}
