/*
 * The producer of the torture test: batches of every shape, by copy and in
 * place, pushed and exposed at once or later, all of it or a part, or dropped.
 */
#include "tools/torture_draw.h"
#include "tools/torture_owned.h"
#include "tools/torture_role.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	BATCH_ITEMS = 16,
	BOUNDARIES = 64, /* of pushes, that are remembered */
	WAIT_MS = 10,
	CALLS_MIN = 64,
	SLACK_BYTES = 64, /* claimed at most and trimmed again */
};

/* Where a push ended. */
struct boundary {
	uint64_t position;
	uint64_t items;
};

struct producing {
	const struct torture_job *job;
	struct torture_ledger *ledger;
	struct ring_producer *p;
	struct torture_draw draw;
	struct torture_point at; /* acknowledged */

	struct ring_entry entries[BATCH_ITEMS];
	size_t count;
	uint8_t *buf;

	struct boundary boundaries[BOUNDARIES];
	size_t boundary_count;

	struct deadline owned; /* how long to try to attach */
};

/* ---- a call, and what the ledger is told of it -------------------------- */

static void begin(struct producing *w, const struct torture_point *after)
{
	/* First, for a consumer may be faster than we return. */
	if (after->exposed > atomic_load(&w->ledger->may_see))
		atomic_store(&w->ledger->may_see, after->exposed);
	torture_account_begin(&w->ledger->producer, after);
}

static int settle(struct producing *w, const struct torture_point *after,
		  int rc)
{
	if (rc == 0)
		w->at = *after;
	if (rc == 0 || ring_error_is_retry(rc)) {
		torture_account_settle(&w->ledger->producer, &w->at);
		atomic_store(&w->ledger->may_see, w->at.exposed);
	}
	return rc;
}

static struct ring_cookie cookie_of(const struct torture_point *after)
{
	return (struct ring_cookie){ &after->call, sizeof(after->call) };
}

static int expose(struct producing *w, uint64_t position, uint64_t items)
{
	const struct torture_point after = {
		.items = w->at.items,
		.exposed = items,
		.call = torture_ledger_call(w->ledger),
	};
	const struct ring_cookie cookie = cookie_of(&after);

	begin(w, &after);
	return settle(w, &after,
		      ring_producer_advance(w->p, position, &cookie));
}

static int expose_all(struct producing *w)
{
	if (w->at.exposed == w->at.items)
		return 0;
	w->boundary_count = 0;
	return expose(w, RING_POSITION_NONE, w->at.items);
}

/* Up to one of the pushes of this process. */
static int expose_part(struct producing *w)
{
	struct boundary *to;
	size_t i;
	int rc;

	if (w->boundary_count == 0)
		return expose_all(w);
	i = torture_draw_below(&w->draw, w->boundary_count);
	to = &w->boundaries[i];
	rc = expose(w, to->position, to->items);
	if (rc < 0)
		return rc;
	w->boundary_count -= i + 1;
	memmove(w->boundaries, to + 1, w->boundary_count * sizeof(*to));
	return 0;
}

static int discard(struct producing *w)
{
	const struct torture_point after = {
		.items = w->at.exposed,
		.exposed = w->at.exposed,
		.call = torture_ledger_call(w->ledger),
	};
	const struct ring_cookie cookie = cookie_of(&after);

	if (w->at.exposed == w->at.items)
		return 0;
	w->boundary_count = 0;
	begin(w, &after);
	return settle(w, &after, ring_producer_discard(w->p, &cookie));
}

/* ---- batches ------------------------------------------------------------ */

static void make_batch(struct producing *w, uint64_t call)
{
	const size_t most = 1 + torture_draw_below(&w->draw, BATCH_ITEMS);
	struct torture_item item = {
		.seed = w->job->seed,
		.sequence = w->at.items,
		.call = call,
		.max_bytes = w->job->item_max_bytes,
	};
	size_t fill = 0;

	w->count = 0;
	while (w->count < most &&
	       fill + item.max_bytes <= w->job->batch_max_bytes) {
		struct ring_entry *entry = &w->entries[w->count++];

		torture_item_make(&item, w->buf + fill, entry);
		fill += entry->meta_bytes + entry->data_bytes;
		atomic_store(
			&w->ledger->call_of[item.sequence % TORTURE_WINDOW],
			call);
		item.sequence++;
	}
}

static int claim(struct producing *w, const struct ring_entry *entry)
{
	const size_t slack = torture_draw_below(&w->draw, SLACK_BYTES);
	struct ring_claim room;
	int rc = ring_producer_claim(w->p, entry->data_bytes + slack,
				     entry->meta_bytes, entry->type, &room);

	if (rc < 0)
		return rc;
	memcpy(room.meta, entry->meta, entry->meta_bytes);
	memcpy(room.data, entry->data, entry->data_bytes);
	return ring_producer_trim(w->p, entry->data_bytes);
}

static int put_in_place(struct producing *w, enum ring_commit how,
			const struct ring_cookie *cookie,
			uint64_t *ret_position)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < w->count; i++)
		rc = claim(w, &w->entries[i]);
	if (rc == 0)
		rc = ring_producer_commit(w->p, how, cookie, ret_position);
	if (ring_error_is_retry(rc))
		ring_producer_abort(w->p);
	return rc;
}

static int put_copies(struct producing *w, enum ring_commit how,
		      const struct ring_cookie *cookie, uint64_t *ret_position)
{
	if (how == RING_COMMIT_PUBLISH)
		return ring_producer_publish(w->p, w->entries, w->count, cookie,
					     ret_position);
	return ring_producer_push(w->p, w->entries, w->count, cookie,
				  ret_position);
}

/* Remember it, or if there is no room forget it: it is exposed with others. */
static void remember(struct producing *w, uint64_t position)
{
	if (w->boundary_count < BOUNDARIES)
		w->boundaries[w->boundary_count++] =
			(struct boundary){ position, w->at.items };
}

static int put(struct producing *w, enum ring_commit how)
{
	struct torture_point after = w->at;
	struct ring_cookie cookie;
	uint64_t position = RING_POSITION_NONE;
	int rc;

	after.call = torture_ledger_call(w->ledger);
	make_batch(w, after.call);
	after.items += w->count;
	if (how == RING_COMMIT_PUBLISH)
		after.exposed = after.items;
	cookie = cookie_of(&after);
	begin(w, &after);
	if (torture_draw_once_in(&w->draw, 4))
		rc = put_in_place(w, how, &cookie, &position);
	else
		rc = put_copies(w, how, &cookie, &position);
	settle(w, &after, rc);
	if (rc == 0 && how == RING_COMMIT_PUBLISH)
		w->boundary_count = 0;
	else if (rc == 0)
		remember(w, position);
	return rc;
}

/* ---- the loop ----------------------------------------------------------- */

static int wait_a_bit(struct producing *w)
{
	const int rc = ring_producer_wait(w->p, WAIT_MS);

	return rc == -RING_ERR_TIMEOUT ? 0 : rc;
}

/* The ledger has to know each item that may still be delivered. */
static bool is_window_full(const struct producing *w)
{
	for (unsigned i = 0; i < TORTURE_CONSUMERS; i++)
		if (w->at.items + BATCH_ITEMS >
		    atomic_load(&w->ledger->held[i]) + TORTURE_WINDOW)
			return true;
	return false;
}

static int draw_call(struct producing *w)
{
	const uint64_t of_20 = torture_draw_below(&w->draw, 20);

	if (is_window_full(w))
		return -RING_ERR_FULL;
	if (of_20 < 8)
		return put(w, RING_COMMIT_PUBLISH);
	if (of_20 < 15)
		return put(w, RING_COMMIT_PUSH);
	if (of_20 < 17)
		return expose_part(w);
	if (of_20 < 19)
		return expose_all(w);
	return discard(w);
}

static int produce_all(struct producing *w)
{
	unsigned calls = 0;
	int rc = 0;

	/* Some at least: after the last kill the ring has to work, too. */
	while (rc == 0 &&
	       (calls < CALLS_MIN || !atomic_load(&w->ledger->finish))) {
		calls++;
		rc = draw_call(w);
		if (rc != -RING_ERR_FULL)
			continue;
		/* What is hidden in a full ring can't be consumed. */
		rc = expose_all(w);
		if (rc == 0)
			rc = wait_a_bit(w);
	}
	if (rc == 0)
		rc = expose_all(w);
	return rc;
}

static int run(struct producing *w, _Atomic bool *attached,
	       const struct ring_options *options)
{
	struct ring_producer_state state;
	int rc;

	w->buf = malloc(w->job->batch_max_bytes +
			(size_t)BATCH_ITEMS * TORTURE_META_BYTES);
	if (w->buf == NULL)
		return -ENOMEM;
	do
		rc = ring_producer_attach(w->job->path, options, &w->p, &state);
	while (torture_still_owned(&w->owned, rc));
	if (rc < 0)
		return rc;
	w->at = torture_judge_producer(w->ledger, &state);
	atomic_store(attached, true);
	rc = produce_all(w);
	return rc == 0 ? ring_producer_detach(w->p) : rc;
}

int torture_produce(const struct torture_job *job, uint64_t seed,
		    _Atomic bool *attached)
{
	struct producing w = {
		.job = job,
		.ledger = job->ledger,
		.draw = { seed },
	};
	struct ring_fault fault = { .code = 0 };
	struct ring_options options = *job->ring;
	int rc;

	options.fault = &fault;
	rc = run(&w, attached, &options);
	if (rc < 0)
		torture_ledger_fail(job->ledger, rc, "the producer: %s",
				    fault.code == rc ? fault.text
						     : ring_strerror(rc));
	ring_producer_free(w.p);
	free(w.buf);
	return rc;
}
