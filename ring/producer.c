#include "ring/producer.h"

#include "ring/bytes.h"
#include "ring/export.h"

#include <errno.h>
#include <stdio.h>

static const struct geometry *geometry(const struct ring_producer *p)
{
	return &p->volume.superblock.geometry;
}

static int refuse(const struct ring_producer *p, int code)
{
	return volume_refuse(&p->volume, code, RING_POSITION_NONE);
}

static int alive(const struct ring_producer *p)
{
	return p->attached ? p->failed : refuse(p, -RING_ERR_DETACHED);
}

/* ---- claims ------------------------------------------------------------- */

static int too_big(struct ring_producer *p, uint64_t bytes)
{
	return volume_fail(&p->volume, -RING_ERR_TOO_BIG, NULL,
			   "%llu bytes: items hold at most %llu, batches %llu: "
			   "%s",
			   (unsigned long long)bytes,
			   (unsigned long long)geometry(p)->max_item,
			   (unsigned long long)geometry(p)->max_batch,
			   ring_strerror(RING_ERR_TOO_BIG));
}

/* Reserve an item in the stage, with a header that the commit will seal. */
static int stage_item(struct ring_producer *p, const struct ring_entry *e,
		      uint8_t **ret_body)
{
	const struct geometry *g = geometry(p);
	struct stage *s = &p->stage;
	const size_t at = s->batch + s->used;
	struct record r = { .kind = RECORD_ITEM, .type = e->type };
	uint64_t body, batch;

	if (e->data_bytes > g->max_item ||
	    e->meta_bytes > g->max_item - e->data_bytes)
		return too_big(p, e->data_bytes);
	body = e->data_bytes + e->meta_bytes;
	batch = s->used + record_bytes(body) + record_commit_bytes(0);
	if (batch > g->max_batch)
		return too_big(p, batch);
	r.body_bytes = (uint32_t)body;
	r.meta_bytes = (uint32_t)e->meta_bytes;
	record_frame(s->buf + at, &r);
	s->last_item = at;
	s->items++;
	s->used += record_bytes(body);
	*ret_body = s->buf + at + RECORD_HEADER_BYTES;
	return 0;
}

RING_EXPORT int ring_producer_claim(struct ring_producer *p, size_t data_bytes,
				    size_t meta_bytes, uint16_t type,
				    struct ring_claim *ret_claim)
{
	const struct ring_entry e = { .data_bytes = data_bytes,
				      .meta_bytes = meta_bytes,
				      .type = type };
	uint8_t *body;
	int rc = producer_ready(p);

	if (rc == 0)
		rc = stage_item(p, &e, &body);
	if (rc < 0)
		return rc;
	ret_claim->meta = body;
	ret_claim->data = body + meta_bytes;
	return 0;
}

RING_EXPORT int ring_producer_trim(struct ring_producer *p, size_t data_bytes)
{
	struct stage *s = &p->stage;
	struct record r;
	const int rc = alive(p);

	if (rc < 0)
		return rc;
	if (s->items == 0)
		return refuse(p, -RING_ERR_NO_CLAIM);
	(void)record_decode(s->buf + s->last_item, geometry(p)->max_item, &r);
	if (data_bytes > r.body_bytes - r.meta_bytes)
		return refuse(p, -EINVAL);
	r.body_bytes = (uint32_t)(r.meta_bytes + data_bytes);
	record_frame(s->buf + s->last_item, &r);
	s->used = s->last_item + record_bytes(r.body_bytes) - s->batch;
	return 0;
}

RING_EXPORT int ring_producer_abort(struct ring_producer *p)
{
	const int rc = alive(p);

	if (rc == 0)
		producer_stage_reset(p);
	return rc;
}

/* ---- writing ------------------------------------------------------------ */

static int commit_stage(struct ring_producer *p, enum producer_commit_kind kind,
			const struct ring_cookie *cookie)
{
	const struct producer_intent intent = { .kind = kind,
						.cookie = cookie };

	return producer_commit(p, &intent);
}

/* Whether a call that writes on its own may begin. */
static int ready_to_write(struct ring_producer *p)
{
	const int rc = producer_ready(p);

	if (rc < 0)
		return rc;
	return p->stage.items > 0 ? refuse(p, -RING_ERR_CLAIMED) : 0;
}

static int stage_entries(struct ring_producer *p,
			 const struct ring_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct ring_entry *e = &entries[i];
		uint8_t *body;
		int rc = stage_item(p, e, &body);

		if (rc < 0)
			return rc;
		if (e->meta_bytes > 0)
			memcpy(body, e->meta, e->meta_bytes);
		if (e->data_bytes > 0)
			memcpy(body + e->meta_bytes, e->data, e->data_bytes);
		producer_seal_stage(p);
	}
	return 0;
}

struct items {
	const struct ring_entry *entries;
	size_t count;
};

static int write_entries(struct ring_producer *p,
			 enum producer_commit_kind kind,
			 const struct items *items,
			 const struct ring_cookie *cookie)
{
	int rc = ready_to_write(p);

	if (rc < 0)
		return rc;
	rc = stage_entries(p, items->entries, items->count);
	if (rc == 0)
		rc = commit_stage(p, kind, cookie);
	if (rc < 0)
		producer_stage_reset(p);
	return rc;
}

/* Where the ring ends now, for a caller who wants to know. */
static int give_position(const struct ring_producer *p, int rc,
			 uint64_t *ret_position)
{
	if (rc == 0 && ret_position != NULL)
		*ret_position = p->now.position;
	return rc;
}

RING_EXPORT int ring_producer_push(struct ring_producer *p,
				   const struct ring_entry *entries,
				   size_t count,
				   const struct ring_cookie *cookie,
				   uint64_t *ret_position)
{
	const struct items items = { entries, count };

	return give_position(p, write_entries(p, PRODUCER_PUSH, &items, cookie),
			     ret_position);
}

RING_EXPORT int ring_producer_publish(struct ring_producer *p,
				      const struct ring_entry *entries,
				      size_t count,
				      const struct ring_cookie *cookie,
				      uint64_t *ret_position)
{
	const struct items items = { entries, count };

	return give_position(p,
			     write_entries(p, PRODUCER_EXPOSE, &items, cookie),
			     ret_position);
}

RING_EXPORT int ring_producer_commit(struct ring_producer *p,
				     enum ring_commit how,
				     const struct ring_cookie *cookie,
				     uint64_t *ret_position)
{
	int rc = producer_ready(p);

	if (rc < 0)
		return rc;
	if (p->stage.items == 0)
		return refuse(p, -RING_ERR_NO_CLAIM);
	rc = commit_stage(
		p, how == RING_COMMIT_PUSH ? PRODUCER_PUSH : PRODUCER_EXPOSE,
		cookie);
	return give_position(p, rc, ret_position);
}

/* ---- exposing and dropping ---------------------------------------------- */

static bool recall_boundary(const struct ring_producer *p, uint64_t position,
			    uint64_t *ret_sequence)
{
	for (unsigned i = p->boundary_count; i-- > 0;)
		if (p->boundaries[i].position == position) {
			*ret_sequence = p->boundaries[i].sequence;
			return true;
		}
	return false;
}

/* Pushed before this handle was, or long ago: the ring itself knows. */
static int find_boundary(struct ring_producer *p, uint64_t position,
			 uint64_t *ret_sequence)
{
	const struct chain_rules rules = { &p->volume.superblock,
					   &p->slot.segments };
	struct chain chain;

	chain_from_cursor(&chain,
			  segments_skip_gap(rules.segments, p->now.exposed),
			  p->now.exposed_sequence);
	window_reset(&p->window);
	while (chain.end < position) {
		struct chain_step step;
		int rc = scan_look(&p->window, &rules, &chain, &step);

		if (rc < 0)
			return producer_fail(p, rc, "cannot read");
		if (step.verdict == CHAIN_BAD)
			return producer_fail(p, -RING_ERR_DAMAGED,
					     "cannot read what was pushed");
		chain_accept(&chain, &step);
	}
	if (chain.end != position)
		return volume_refuse(&p->volume, -RING_ERR_BOUNDARY, position);
	*ret_sequence = chain.end_sequence;
	return 0;
}

RING_EXPORT int ring_producer_advance(struct ring_producer *p,
				      uint64_t position,
				      const struct ring_cookie *cookie)
{
	struct producer_intent intent = { .kind = PRODUCER_EXPOSE,
					  .cookie = cookie };
	int rc = ready_to_write(p);

	if (rc < 0)
		return rc;
	if (position == RING_POSITION_NONE)
		position = p->now.position;
	if (position > p->now.position)
		return volume_refuse(&p->volume, -RING_ERR_FUTURE, position);
	position = segments_skip_gap(&p->slot.segments, position);
	if (position <= p->now.exposed ||
	    (p->now.exposed_sequence == p->now.next_sequence &&
	     position == p->now.position))
		return 0;
	if (position == p->now.position)
		return commit_stage(p, PRODUCER_EXPOSE, cookie);
	intent.exposed = position;
	if (!recall_boundary(p, position, &intent.exposed_sequence)) {
		rc = producer_settle(p);
		if (rc == 0)
			rc = find_boundary(p, position,
					   &intent.exposed_sequence);
		if (rc < 0)
			return rc;
	}
	return producer_commit(p, &intent);
}

RING_EXPORT int ring_producer_discard(struct ring_producer *p,
				      const struct ring_cookie *cookie)
{
	int rc = ready_to_write(p);

	if (rc < 0)
		return rc;
	if (p->now.exposed_sequence == p->now.next_sequence)
		return 0; /* nothing is pending */
	return commit_stage(p, PRODUCER_DISCARD, cookie);
}

/* ---- looking ------------------------------------------------------------ */

void producer_fill_state(const struct ring_producer *p,
			 struct ring_producer_state *ret)
{
	const uint64_t tail = producer_slowest_cursor(p).position;

	*ret = (struct ring_producer_state){
		.pushed = p->now.position,
		.exposed = p->now.exposed,
		.pushed_items = p->now.next_sequence,
		.exposed_items = p->now.exposed_sequence,
		.used_bytes = p->now.position - tail,
		.free_bytes = geometry_free(geometry(p), tail, p->now.position),
		.suspended = p->suspended,
		.cookie_bytes = p->slot.cookie.len_bytes,
	};
	memcpy(ret->cookie, p->slot.cookie.bytes, ret->cookie_bytes);
}

/* A look outside the hot path: also keep marks and heartbeat current. */
static int look(struct ring_producer *p)
{
	int rc = producer_poll(p);

	if (rc == 0)
		rc = producer_seal(p, true);
	if (rc == 0)
		rc = producer_settle(p);
	if (rc == 0)
		rc = beat_tick(&p->beat);
	return rc < 0 ? producer_fail(p, rc, "cannot write") : 0;
}

RING_EXPORT int ring_producer_state(struct ring_producer *p,
				    struct ring_producer_state *ret_state)
{
	int rc = alive(p);

	if (rc < 0)
		return rc;
	waiter_drain(&p->waiter);
	rc = look(p);
	if (rc == 0)
		producer_fill_state(p, ret_state);
	return rc;
}

RING_EXPORT int ring_producer_wait(struct ring_producer *p, int timeout_ms)
{
	struct deadline deadline;
	int rc = alive(p);

	if (rc < 0)
		return rc;
	deadline = deadline_in(&p->volume, timeout_ms);
	waiter_arm(&p->waiter);
	waiter_reset(&p->waiter);
	for (;;) {
		uint64_t left, due;

		waiter_drain(&p->waiter);
		rc = look(p);
		if (rc < 0)
			return rc;
		if (p->news != p->news_seen) {
			p->news_seen = p->news;
			return 0;
		}
		left = deadline_left_ns(&p->volume, &deadline);
		if (left == 0)
			return -RING_ERR_TIMEOUT;
		due = beat_due_ns(&p->beat);
		waiter_sleep(&p->waiter, left < due ? left : due);
	}
}

RING_EXPORT int ring_producer_fd(struct ring_producer *p)
{
	int rc = alive(p);

	if (rc < 0)
		return rc;
	rc = waiter_fd(&p->waiter);
	return rc < 0 ? volume_fail(&p->volume, rc, NULL,
				    "cannot make a descriptor: %s",
				    ring_strerror(rc))
		      : rc;
}

RING_EXPORT int ring_producer_debug_info(struct ring_producer *p, char *buf,
					 size_t len_bytes)
{
	return snprintf(
		buf, len_bytes,
		"producer of '%s' (%s): %s, epoch %llu, end %llu, exposed "
		"%llu, items %llu/%llu, checkpoints %llu %llu, staged %zu "
		"bytes in %u items%s, first error %d",
		p->volume.path, p->volume.superblock.queue,
		p->attached ? "attached" : "detached",
		(unsigned long long)p->writer.epoch,
		(unsigned long long)p->now.position,
		(unsigned long long)p->now.exposed,
		(unsigned long long)p->now.exposed_sequence,
		(unsigned long long)p->now.next_sequence,
		(unsigned long long)p->checkpoints[0],
		(unsigned long long)p->checkpoints[1], p->stage.used,
		p->stage.items, p->suspended ? ", suspended" : "", p->failed);
}
