/*
 * Writing, as the producer. The steps of a commit (DESIGN.md, "A commit"):
 *
 *   C1  find room; if it is short, look at all cursors, or checkpoint
 *   C2  seal items and commit in the stage
 *   C3  start together: the batch; the slot, if a checkpoint is due; reads of
 *       the fence, the slowest cursor's slot and one other in rotation
 *   C4  when all have completed: flush, unless it is told not to
 *   C5  the batch is durable: move the end; take in what was read
 *   C6  answer requests (slot, flush)
 *   C7  start the sealed mark, if another cache needs it; do not wait
 */
#include "ring/producer.h"

#include "ring/bytes.h"

#include <assert.h>

static const struct geometry *geometry(const struct ring_producer *p)
{
	return &p->volume.superblock.geometry;
}

/* ---- C1: room ----------------------------------------------------------- */

struct demand {
	uint64_t bytes;
	enum geometry_purpose purpose;
};

static bool fits(const struct ring_producer *p, const struct demand *d,
		 uint64_t tail)
{
	return geometry_fits(geometry(p), tail, p->now.position, d->bytes,
			     d->purpose);
}

/* The checkpoints are in the way: write one, and if need be both. */
static int move_checkpoints(struct ring_producer *p, const struct demand *d)
{
	for (unsigned i = 0; i < 2 && !fits(p, d, producer_reusable(p)); i++) {
		int rc = producer_checkpoint(p);

		if (rc < 0)
			return rc;
	}
	return 0;
}

static int make_room(struct ring_producer *p, const struct demand *d)
{
	int rc;

	if (fits(p, d, producer_reusable(p)))
		return 0;
	if (!fits(p, d, producer_slowest_cursor(p).position)) {
		rc = producer_poll(p);
		if (rc == 0)
			rc = producer_ready(p);
		if (rc < 0)
			return rc;
	}
	p->news_seen = p->news;
	if (!fits(p, d, producer_slowest_cursor(p).position))
		return -RING_ERR_FULL;
	rc = move_checkpoints(p, d);
	if (rc < 0)
		return rc;
	return fits(p, d, producer_reusable(p)) ? 0 : -RING_ERR_FULL;
}

/* ---- C2: the stage ------------------------------------------------------ */

void producer_stage_reset(struct ring_producer *p)
{
	struct stage *s = &p->stage;

	s->used = 0;
	s->items = 0;
	s->last_item = 0;
	s->sealed = 0;
	s->sealed_to = s->batch;
}

/* The clock may go back; the times of commits never do. */
static uint64_t commit_time(const struct ring_producer *p)
{
	const struct ring_system *s = p->volume.system;
	const uint64_t now = s->wall_ns(s->ctx);

	return now > p->now.time_ns ? now : p->now.time_ns;
}

/* Returns the bytes of the record. */
static uint64_t seal_item(struct ring_producer *p, size_t at, uint64_t sequence)
{
	uint8_t *buf = p->stage.buf + at;
	struct record r;
	const bool is_item = record_decode(buf, geometry(p)->max_item, &r);

	assert(is_item);
	r.epoch = p->writer.epoch;
	r.sequence = sequence;
	r.time_ns = p->stage.time_ns;
	record_seal(buf, &r, volume_seed(&p->volume, p->stage.start + at));
	return record_bytes(r.body_bytes);
}

void producer_seal_stage(struct ring_producer *p)
{
	struct stage *s = &p->stage;

	if (s->sealed == 0)
		s->time_ns = commit_time(p);
	for (; s->sealed < s->items; s->sealed++)
		s->sealed_to += seal_item(p, s->sealed_to,
					  p->now.next_sequence + s->sealed);
	assert(s->sealed_to == s->batch + s->used);
}

static size_t cookie_bytes(const struct producer_intent *intent)
{
	return intent->cookie != NULL ? intent->cookie->len_bytes : 0;
}

/* The state after the commit: what it will say, and where the ring ends. */
static struct checkpoint state_after(const struct ring_producer *p,
				     const struct producer_intent *intent,
				     uint64_t end)
{
	struct checkpoint next = p->now;

	next.position = end;
	next.time_ns = p->stage.time_ns;
	switch (intent->kind) {
	case PRODUCER_PUSH:
		next.next_sequence += p->stage.items;
		break;
	case PRODUCER_EXPOSE:
		next.next_sequence += p->stage.items;
		next.exposed = intent->exposed;
		next.exposed_sequence = intent->exposed_sequence;
		if (intent->exposed == RING_POSITION_NONE) {
			next.exposed = end;
			next.exposed_sequence = next.next_sequence;
		}
		break;
	case PRODUCER_DISCARD:
		next.exposed = end;
		next.next_sequence = next.exposed_sequence;
		break;
	}
	return next;
}

static void append_commit(struct ring_producer *p,
			  const struct producer_intent *intent,
			  const struct checkpoint *next)
{
	const size_t at = p->stage.batch + p->stage.used;
	const size_t cookie = cookie_bytes(intent);
	uint8_t *buf = p->stage.buf + at;
	const struct commit c = {
		.exposed = next->exposed,
		.exposed_sequence = next->exposed_sequence,
		.from = intent->kind == PRODUCER_DISCARD ? next->exposed
							 : p->now.exposed,
		.durable = p->durable,
		.batch = p->now.position,
	};
	const struct record r = {
		.kind = RECORD_COMMIT,
		.body_bytes = (uint32_t)(RECORD_COMMIT_BODY + cookie),
		.meta_bytes = (uint32_t)cookie,
		.epoch = p->writer.epoch,
		.sequence = next->next_sequence,
		.time_ns = next->time_ns,
	};

	commit_encode(buf + RECORD_HEADER_BYTES, &c);
	if (cookie > 0)
		memcpy(buf + RECORD_HEADER_BYTES + RECORD_COMMIT_BODY,
		       intent->cookie->bytes, cookie);
	record_seal(buf, &r, volume_seed(&p->volume, p->stage.start + at));
}

/* ---- C3 to C5 ----------------------------------------------------------- */

static bool checkpoint_is_due(const struct ring_producer *p)
{
	return p->now.position - producer_least_checkpoint(p) >=
	       p->checkpoint_interval;
}

/* The stage begins anew with the block that holds the ring's end. */
static void advance_stage(struct ring_producer *p)
{
	struct stage *s = &p->stage;
	const uint32_t block = geometry(p)->block_bytes;
	const uint64_t start = round_down(p->now.position, block);
	const size_t keep = (size_t)(p->now.position - start);

	memmove(s->buf, s->buf + (start - s->start), keep);
	s->start = start;
	s->batch = keep;
	producer_stage_reset(p);
}

static void remember_boundary(struct ring_producer *p)
{
	struct push_end *b = p->boundaries;

	if (p->boundary_count == PRODUCER_BOUNDARIES) {
		memmove(b, b + 1, (PRODUCER_BOUNDARIES - 1) * sizeof(*b));
		p->boundary_count--;
	}
	b[p->boundary_count++] =
		(struct push_end){ p->now.position, p->now.next_sequence };
}

static void committed(struct ring_producer *p,
		      const struct producer_intent *intent,
		      const struct checkpoint *next)
{
	const bool exposes = next->exposed != p->now.exposed;

	p->now = *next;
	if (!p->volume.skips_flush)
		p->durable = next->position;
	if (cookie_bytes(intent) > 0) {
		p->slot.cookie.len_bytes = (uint32_t)intent->cookie->len_bytes;
		memcpy(p->slot.cookie.bytes, intent->cookie->bytes,
		       intent->cookie->len_bytes);
	}
	if (intent->kind == PRODUCER_DISCARD || next->exposed == next->position)
		p->boundary_count = 0; /* nothing is pending */
	if (intent->kind == PRODUCER_PUSH)
		remember_boundary(p);
	if (exposes)
		volume_trace(&p->volume, RING_TRACE_PRODUCER, true,
			     next->exposed, "");
	advance_stage(p);
}

/* Reads of what others say: always whether there is a new producer. */
static int add_looks(struct ring_producer *p, struct ring_io_batch *batch,
		     bool looks)
{
	int rc;

	producer_add_fence_read(p, looks ? ROLE_FENCE_BOTH : ROLE_FENCE_NEXT,
				batch);
	if (!looks)
		return 0;
	rc = peers_add_reads(&p->peers, batch,
			     producer_slowest_cursor(p).index);
	return rc < 0 ? producer_fail(p, rc, "cannot drop cached slots") : 0;
}

/*
 * A seal may still be under way beside the batch: then our flush need not
 * cover it. Unless the slot is to be written again, nobody waits for it.
 */
static int write_batch(struct ring_producer *p, size_t batch_bytes, bool looks)
{
	const size_t len = round_up(p->stage.batch + batch_bytes,
				    geometry(p)->block_bytes);
	const bool checkpoints = checkpoint_is_due(p);
	struct ring_io_batch batch = { .flush = !p->volume.skips_flush };
	int rc = checkpoints ? producer_settle(p) : 0;

	if (rc < 0)
		return rc;
	volume_add_stream(&p->volume, &batch, RING_IO_WRITE, p->stage.start,
			  p->stage.buf, len);
	if (checkpoints)
		producer_add_slot_write(p, &batch);
	rc = add_looks(p, &batch, looks);
	if (rc == 0)
		rc = ring_io_run(p->volume.io, &batch);
	if (rc < 0)
		return producer_fail(p, rc, "cannot write");
	if (!batch.flush)
		producer_slot_is_visible(p);
	else if (!p->sealing)
		producer_slot_is_flushed(p); /* it was written before */
	return producer_check_fence(p);
}

static enum geometry_purpose purpose_of(const struct producer_intent *intent)
{
	if (intent->kind == PRODUCER_PUSH)
		return GEOMETRY_PUSHES;
	if (intent->kind == PRODUCER_EXPOSE &&
	    intent->exposed != RING_POSITION_NONE)
		return GEOMETRY_EXPOSES_PART;
	return GEOMETRY_LEAVES_NOTHING;
}

/* C5, C6: what was read beside the commit. */
static int take_look(struct ring_producer *p)
{
	const uint64_t held = producer_slowest_cursor(p).position;

	peers_take(&p->peers);
	return producer_answer_requests(p, held);
}

static int after_commit(struct ring_producer *p, bool looked)
{
	int rc = looked ? take_look(p) : 0;

	if (rc == 0)
		rc = beat_tick(&p->beat);
	if (rc == 0)
		rc = producer_seal(p, false);
	return rc < 0 ? producer_fail(p, rc, "cannot write") : 0;
}

static int check_cookie(const struct ring_producer *p,
			const struct producer_intent *intent)
{
	if (cookie_bytes(intent) <= RING_COMMIT_COOKIE_MAX)
		return 0;
	return volume_fail(&p->volume, -RING_ERR_TOO_BIG, NULL,
			   "a cookie of %zu bytes: %s", cookie_bytes(intent),
			   ring_strerror(RING_ERR_TOO_BIG));
}

int producer_commit(struct ring_producer *p,
		    const struct producer_intent *intent)
{
	const struct geometry *g = geometry(p);
	const uint64_t bytes =
		p->stage.used + record_commit_bytes(cookie_bytes(intent));
	const uint64_t end = geometry_commit_end(g, p->now.position + bytes);
	const struct demand demand = { end - p->now.position,
				       purpose_of(intent) };
	struct checkpoint next;
	bool looks;
	int rc = check_cookie(p, intent);

	if (rc < 0)
		return rc;
	if (demand.bytes > g->max_batch)
		return volume_refuse(&p->volume, -RING_ERR_TOO_BIG, 0);
	if (end >= INT64_MAX)
		return volume_refuse(&p->volume, -RING_ERR_EXHAUSTED, 0);
	rc = make_room(p, &demand);
	if (rc < 0)
		return rc;
	producer_seal_stage(p);
	next = state_after(p, intent, end);
	append_commit(p, intent, &next);
	memset(p->stage.buf + p->stage.batch + bytes, 0,
	       round_up(p->stage.batch + bytes, g->block_bytes) -
		       (p->stage.batch + bytes));
	looks = producer_look_is_due(p);
	rc = write_batch(p, (size_t)bytes, looks);
	if (rc < 0)
		return rc;
	committed(p, intent, &next);
	return after_commit(p, looks);
}
