/*
 * Becoming the producer. The steps (DESIGN.md, "Attach", rule R7):
 *
 *   A1  get the role; flush; from here on read storage, not caches
 *   A2  slot {epoch + 1, recovering}, flush
 *   A3  read the cursors' slots, then scan from the checkpoint to the end
 *   A3b after a take-over: write what no mark covers once more
 *   A4  flush what was read
 *   A5  slot {attached, start, checkpoint = end, answers}, flush
 *   A6  only then may data be written
 */
#include "ring/producer.h"

#include "ring/bytes.h"
#include "ring/cursors.h"
#include "ring/export.h"

#include <assert.h>
#include <errno.h>

static const struct geometry *geometry(const struct ring_producer *p)
{
	return &p->volume.superblock.geometry;
}

static struct chain_rules rules(const struct ring_producer *p)
{
	return (struct chain_rules){ &p->volume.superblock, &p->slot.segments };
}

/* ---- memory ------------------------------------------------------------- */

static int allocate(struct ring_producer *p)
{
	const struct geometry *g = geometry(p);
	struct volume *v = &p->volume;
	int rc = role_reader_init(&p->reader, v);

	if (rc == 0)
		rc = role_writer_init(&p->writer, v, ROLE_PRODUCER);
	if (rc == 0)
		rc = peers_init(&p->peers, v);
	if (rc == 0)
		rc = window_init(&p->window, v);
	if (rc < 0)
		return rc;
	p->stage.len = g->max_batch + 2 * (size_t)g->block_bytes;
	p->stage.buf = volume_alloc(v, p->stage.len);
	return p->stage.buf == NULL ? -ENOMEM : 0;
}

static void release(struct ring_producer *p)
{
	struct volume *v = &p->volume;

	/* A seal may be under way, also behind a failure: it uses a buffer. */
	(void)producer_settle(p);
	beat_stop(&p->beat);
	waiter_close(&p->waiter);
	volume_release(v, p->stage.buf, p->stage.len);
	window_release(&p->window);
	peers_release(&p->peers);
	role_writer_release(&p->writer, v);
	role_reader_release(&p->reader, v);
}

static struct ring_producer *new_handle(const struct ring_options *options)
{
	const struct ring_system *s = options != NULL && options->system != NULL
					      ? options->system
					      : ring_system_default();

	return s->alloc(s->ctx, sizeof(struct ring_producer), RING_IO_ALIGN);
}

static void free_handle(struct ring_producer *p,
			const struct ring_system *system)
{
	system->release(system->ctx, p, sizeof(*p));
}

/* ---- A2: the epoch ------------------------------------------------------ */

static int write_slot(struct ring_producer *p)
{
	struct ring_io_batch batch = { .flush = true };
	int rc;

	role_add_write_producer(&p->writer, &p->volume, &batch, &p->slot);
	rc = ring_io_run(p->volume.io, &batch);
	if (rc < 0)
		return volume_fail(&p->volume, rc, NULL,
				   "cannot write the producer's slot: %s",
				   ring_strerror(rc));
	producer_slot_is_flushed(p);
	return 0;
}

static int begin_epoch(struct ring_producer *p)
{
	const struct slot_header *h = &p->slot.header;

	if (h->epoch >= INT64_MAX || h->generation >= INT64_MAX)
		return volume_fail(&p->volume, -RING_ERR_EXHAUSTED, NULL,
				   "cannot begin an epoch: %s",
				   ring_strerror(RING_ERR_EXHAUSTED));
	role_writer_begin(&p->writer, &p->volume, &p->reader, h);
	/* The other copy of the pair says nothing of this epoch yet. */
	p->checkpoints[0] = p->checkpoints[1] = p->slot.checkpoint.position;
	p->slot.header.state = PRODUCER_RECOVERING;
	p->slot.header.is_closed = false;
	role_set_owner(&p->volume, &p->slot.header);
	return write_slot(p);
}

/* ---- A3: recovery ------------------------------------------------------- */

/* As far as any cursor has got; what it saw there was visible, and durable. */
static uint64_t seen_by_cursors(const struct ring_producer *p)
{
	uint64_t seen = 0;

	for (unsigned i = 1; i < p->peers.count; i++) {
		const struct reply *reply = &p->slot.replies[i];
		const struct peer *peer = &p->peers.list[i];

		if (reply->membership != MEMBER_JOINED)
			continue;
		if (reply->position > seen)
			seen = reply->position;
		if (peer->seen.incarnation == reply->incarnation &&
		    peer->seen.position > seen)
			seen = peer->seen.position;
	}
	return seen;
}

/* If the walk ends below this, what it met is damage. FORMAT.md 6. */
static uint64_t durable_mark(const struct scan_end *end, uint64_t seen)
{
	const uint64_t mark = end->chain.durable > end->behind
				      ? end->chain.durable
				      : end->behind;

	return seen > mark ? seen : mark;
}

static int damage_fault(const struct ring_producer *p,
			const struct scan_end *end, uint64_t mark)
{
	const uint64_t at = end->bad_position;
	const struct fault_place place = {
		.position = at,
		.offset_bytes = geometry_offset(geometry(p), at),
		/* A mark in the middle of a batch vouches for all of it. */
		.length_bytes = mark > at ? mark - at : 0,
	};

	return volume_fail(&p->volume, -RING_ERR_DAMAGED, &place,
			   "no valid record at offset %llu, below a durable "
			   "mark: %s%s",
			   (unsigned long long)place.offset_bytes,
			   chain_reason_text(end->reason),
			   role_damage_hint(&p->slot.header));
}

/*
 * A slot that can't be read, of one that once asked: whether it holds the ring
 * suspended can't be told, and writing in spite of it would break a promise.
 */
static int check_requests_are_known(const struct ring_producer *p)
{
	for (unsigned i = 0; i < p->peers.count; i++) {
		const struct peer *peer = &p->peers.list[i];
		const struct reply *reply = &p->slot.replies[i];
		const struct fault_place place = {
			.offset_bytes = geometry_slot_offset(geometry(p),
							     peer->role, 0),
		};

		if (!peer->is_damaged || reply->acked_request == 0 ||
		    (i > 0 && reply->membership != MEMBER_JOINED))
			continue;
		return volume_fail(&p->volume, -RING_ERR_SLOT, &place,
				   "cannot tell whether %s has suspended the "
				   "ring: %s",
				   i == 0 ? "the operator" : "a consumer",
				   ring_strerror(RING_ERR_SLOT));
	}
	return 0;
}

static int recover(struct ring_producer *p, uint64_t *ret_durable)
{
	const struct chain_rules r = rules(p);
	struct scan_end end = { .cookie = p->slot.cookie };
	uint64_t mark, seen;
	int rc = peers_poll(&p->peers);

	if (rc < 0)
		return volume_fail(&p->volume, rc, NULL,
				   "cannot read the cursors' slots: %s",
				   ring_strerror(rc));
	rc = check_requests_are_known(p);
	if (rc < 0)
		return rc;
	p->window.from_storage = true;
	rc = scan_to_end(&p->window, &r, &p->slot.checkpoint, &end);
	if (rc == 0)
		rc = scan_behind(&p->window, &r, &end.chain, p->horizon,
				 &end.behind);
	p->window.from_storage = false;
	if (rc < 0)
		return volume_fail(&p->volume, rc, NULL, "cannot read: %s",
				   ring_strerror(rc));
	seen = seen_by_cursors(p);
	mark = durable_mark(&end, seen);
	if (chain_reached(&end.chain) < mark ||
	    chain_falls_short(&r, &end.chain, seen))
		return damage_fault(p, &end, mark);
	p->now = scan_checkpoint(&end.chain);
	p->slot.cookie = end.cookie;
	*ret_durable = end.chain.durable;
	return 0;
}

/* ---- A3b: after a take-over --------------------------------------------- */

static bool is_suspended(const struct ring_producer *p)
{
	for (unsigned i = 0; i < p->peers.count; i++)
		if (cursor_suspends(&p->peers.list[i].seen,
				    &p->slot.replies[i]))
			return true;
	return false;
}

/*
 * The last batch that was found may still be on its way from the former host:
 * seen, but no flush of ours covers it. Writing the same bytes makes it ours;
 * should the late write land, it changes nothing. A suspension was acknowledged
 * when all had been flushed, so nothing is on its way while one stands.
 */
static int adopt_last_batch(struct ring_producer *p, uint64_t durable)
{
	const uint32_t block = geometry(p)->block_bytes;
	const uint64_t start = round_down(durable, block);
	struct ring_io_batch read = { 0 }, write = { 0 };
	size_t len;
	int rc;

	if (!p->slot.header.owes_gap || p->volume.former_is_off ||
	    durable >= p->now.position || is_suspended(p))
		return 0;
	len = (size_t)(round_up(p->now.position, block) - start);
	if (len > p->stage.len)
		return volume_fail(&p->volume, -RING_ERR_DAMAGED,
				   &(struct fault_place){ .position = durable },
				   "more than one batch without a mark: %s",
				   ring_strerror(RING_ERR_DAMAGED));
	volume_add_stream(&p->volume, &read, RING_IO_READ, start, p->stage.buf,
			  len);
	rc = ring_io_run(p->volume.io, &read);
	volume_add_stream(&p->volume, &write, RING_IO_WRITE, start,
			  p->stage.buf, len);
	if (rc == 0)
		rc = ring_io_run(p->volume.io, &write);
	return rc < 0 ? volume_fail(&p->volume, rc, NULL,
				    "cannot write the last batch: %s",
				    ring_strerror(rc))
		      : 0;
}

/* ---- A5: the new start -------------------------------------------------- */

static uint64_t start_of_epoch(const struct ring_producer *p)
{
	const struct geometry *g = geometry(p);

	/* A repair may have ended the ring within a block. */
	if (!p->slot.header.owes_gap || p->volume.former_is_off)
		return g->padded ? round_up(p->now.position, g->block_bytes)
				 : p->now.position;
	/* Whatever the former owner still has on its way ends before (R10). */
	return round_up(p->now.position + g->max_batch, g->block_bytes);
}

/*
 * The gap takes space. If what is pending could then neither be exposed nor
 * discarded, the ring would be stuck: better to say so before it is laid.
 */
static int check_gap(const struct ring_producer *p,
		     const struct segments_turn *turn)
{
	const struct geometry *g = geometry(p);
	const bool pending = p->now.next_sequence != p->now.exposed_sequence;

	if (turn->start >= INT64_MAX - g->max_batch)
		return volume_fail(&p->volume, -RING_ERR_EXHAUSTED, NULL,
				   "cannot begin an epoch: %s",
				   ring_strerror(RING_ERR_EXHAUSTED));
	if (turn->start == turn->end || !pending ||
	    geometry_fits(g, producer_slowest_cursor(p).position, turn->start,
			  geometry_commit_room(g), GEOMETRY_LEAVES_NOTHING))
		return 0;
	return volume_fail(&p->volume, -RING_ERR_TAKEOVERS, NULL,
			   "no room to expose what is pushed behind the gap "
			   "that late writes of the former host need; if it "
			   "is surely off, take over with former_is_off");
}

static int begin_segment(struct ring_producer *p)
{
	const struct segments_turn turn = {
		.epoch = p->writer.epoch,
		.end = p->now.position,
		.start = start_of_epoch(p),
		.tail = producer_reusable(p),
	};
	int rc = check_gap(p, &turn);

	if (rc < 0)
		return rc;
	rc = segments_begin(&p->slot.segments, &turn);
	if (rc < 0)
		return volume_fail(&p->volume, rc, NULL,
				   "cannot begin an epoch: %s",
				   ring_strerror(rc));
	p->now.position = p->durable = turn.start;
	p->slot.header.owes_gap = false;
	return 0;
}

static int begin_writing(struct ring_producer *p)
{
	int rc;

	p->slot.header.state = PRODUCER_ATTACHED;
	p->slot.header.skips_flush = p->volume.skips_flush;
	p->attached = true;
	(void)producer_answer(p);
	rc = producer_checkpoint_durably(p);
	/* Once more, so that either copy alone knows this epoch's records. */
	if (rc == 0)
		rc = producer_checkpoint_durably(p);
	if (rc == 0)
		rc = producer_poll(p); /* learns whether it is suspended */
	/* The first commit looks, too: somebody may have come meanwhile. */
	p->looked_ns = 0;
	return rc;
}

/* The committed part of the block that the next batch completes. */
static int load_stage(struct ring_producer *p)
{
	const uint32_t block = geometry(p)->block_bytes;
	struct stage *s = &p->stage;
	struct ring_io_batch batch = { 0 };

	s->start = round_down(p->now.position, block);
	s->batch = (size_t)(p->now.position - s->start);
	producer_stage_reset(p);
	if (s->batch == 0)
		return 0;
	volume_add_stream(&p->volume, &batch, RING_IO_READ, s->start, s->buf,
			  block);
	return ring_io_run(p->volume.io, &batch);
}

static int recover_and_start(struct ring_producer *p)
{
	uint64_t durable = 0;
	int rc = recover(p, &durable);

	if (rc == 0)
		rc = adopt_last_batch(p, durable);
	if (rc == 0)
		rc = volume_flush(&p->volume); /* A4 */
	if (rc == 0)
		rc = begin_segment(p);
	if (rc == 0)
		rc = load_stage(p);
	if (rc == 0)
		rc = begin_writing(p);
	if (rc == 0)
		rc = producer_settle(p);
	if (rc == 0)
		rc = beat_start(&p->beat, &p->volume, ROLE_PRODUCER,
				p->writer.epoch);
	return rc;
}

/* ---- the whole ---------------------------------------------------------- */

/*
 * A recovery that failed leaves the ring as it was, but for the epoch: no
 * record carries it, so it changes nothing.
 */
static void give_up(struct ring_producer *p)
{
	p->attached = false;
	p->slot.header.state = PRODUCER_DETACHED;
	role_clear_owner(&p->slot.header);
	(void)write_slot(p);
}

/*
 * A host that wrote without durability keeps writing for as long as it lives:
 * what its page cache holds comes when the kernel likes, and no gap is enough.
 */
static int check_former_host(const struct ring_producer *p,
			     const struct owner_claim *claim)
{
	const struct volume *v = &p->volume;

	/* Owing a gap: an attach that said so before died half-way. */
	if ((!claim->from_other_host && !p->slot.header.owes_gap) ||
	    !p->slot.header.skips_flush || v->former_is_off)
		return 0;
	return volume_fail(v, -RING_ERR_OTHER_HOST, NULL,
			   "the former host worked without durability, and "
			   "may write at any time: if it is surely off, take "
			   "over with former_is_off");
}

static int take_role(struct ring_producer *p)
{
	struct producer_slot before;
	struct owner_claim claim;
	int rc = owner_claim(&p->volume, &p->reader, ROLE_PRODUCER, &claim);

	if (rc < 0)
		return rc;
	rc = role_load_producer(&p->reader, &p->volume, &p->slot);
	/* If this attach fails half-way, the next one still owes the gap. */
	p->slot.header.owes_gap |= claim.from_other_host;
	p->horizon = scan_horizon(geometry(p), &p->slot);
	if (rc == 0)
		rc = owner_recheck(&p->volume, &p->slot.header, &claim);
	if (rc == 0)
		rc = check_former_host(p, &claim);
	if (rc == 0)
		rc = begin_epoch(p);
	if (rc == 0)
		rc = owner_confirm(&p->volume, &p->reader, &p->writer, &claim);
	if (rc == 0) {
		before = p->slot;
		rc = recover_and_start(p);
		if (rc < 0) {
			/* Answers that were given are never taken back. */
			if (!p->attached)
				p->slot = before;
			give_up(p);
		}
	}
	if (rc < 0)
		p->volume.io->ops->unlock(p->volume.io, ROLE_PRODUCER);
	return rc;
}

RING_EXPORT int ring_producer_attach(const char *path,
				     const struct ring_options *options,
				     struct ring_producer **ret_producer,
				     struct ring_producer_state *ret_state)
{
	struct ring_producer *p = new_handle(options);
	const struct ring_system *system;
	int rc;

	if (p == NULL)
		return volume_no_handle(path, options);
	rc = volume_open(&p->volume, path, options, false);
	system = p->volume.system;
	if (rc < 0)
		goto out_handle;
	waiter_init(&p->waiter, &p->volume);
	p->checkpoint_interval = geometry_checkpoint_interval(geometry(p));
	rc = allocate(p);
	if (rc < 0)
		volume_fail(&p->volume, rc, NULL, "out of memory");
	else
		rc = take_role(p);
	if (rc == 0) {
		if (ret_state != NULL)
			producer_fill_state(p, ret_state);
		*ret_producer = p;
		return 0;
	}
	volume_explain(&p->volume, rc, "cannot become the producer");
	release(p);
	volume_abandon(&p->volume);
out_handle:
	free_handle(p, system);
	return rc;
}

static int write_farewell(struct ring_producer *p)
{
	int rc = producer_settle(p);

	if (rc < 0)
		return rc;
	p->slot.header.state = PRODUCER_DETACHED;
	p->slot.header.is_closed = true;
	p->slot.header.skips_flush = false;
	role_clear_owner(&p->slot.header);
	rc = producer_checkpoint_durably(p);
	if (rc == 0)
		rc = producer_seal(p, true);
	if (rc == 0)
		rc = producer_settle(p);
	return rc;
}

RING_EXPORT int ring_producer_detach(struct ring_producer *p)
{
	int rc;

	if (!p->attached)
		return volume_refuse(&p->volume, -RING_ERR_DETACHED, 0);
	p->attached = false;
	/* A fenced or broken owner has nothing to say about the ring. */
	rc = p->failed < 0 ? 0 : write_farewell(p);
	release(p);
	volume_close(&p->volume);
	return rc;
}

RING_EXPORT void ring_producer_free(struct ring_producer *p)
{
	if (p == NULL)
		return;
	if (p->attached)
		(void)ring_producer_detach(p);
	free_handle(p, p->volume.system);
}
