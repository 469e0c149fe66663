/*
 * Finding the next item that may be delivered. The order of reads is that of
 * rule R8 (DESIGN.md, "Reading"):
 *
 *   D1  the producer's slot: the evidence by which damage is told from the end
 *   D2  the data
 *   D3  if no mark proves it durable: a flush, issued after the data was read;
 *       not if items are delivered on sight
 *   D4  the producer's slot again: only if the epoch is unchanged may what was
 *       read be believed
 */
#include "ring/consumer.h"

#include "ring/cursors.h"

#include <assert.h>

static struct chain_rules rules(const struct ring_consumer *c)
{
	return (struct chain_rules){ &c->volume.superblock,
				     &c->producer.segments };
}

static struct reply *my_reply(struct ring_consumer *c)
{
	return &c->producer.replies[reply_index(c->slot.header.role)];
}

/* ---- the producer's slot ------------------------------------------------ */

static bool raise(uint64_t *mark, uint64_t value)
{
	if (value <= *mark)
		return false;
	*mark = value;
	return true;
}

/* Positions that somebody vouches for: FORMAT.md 6. */
static void take_evidence(struct ring_consumer *c)
{
	raise(&c->evidence, c->producer.checkpoint.position);
	if (!c->producer.header.is_volatile)
		raise(&c->marked, c->producer.checkpoint.position);
	for (unsigned i = 1; i < SLOT_REPLIES; i++)
		if (c->producer.replies[i].membership == MEMBER_JOINED)
			raise(&c->seen, c->producer.replies[i].position);
	raise(&c->evidence, c->seen);
}

/*
 * What was read ahead under the former epoch may have been discarded since.
 * The reader itself stands in what was proven; at most a gap lies before it.
 */
static void pass_gap(struct ring_consumer *c)
{
	struct chain *reader = &c->reader;
	const uint64_t at =
		segments_skip_gap(&c->producer.segments, reader->position);

	c->last_item = RING_POSITION_NONE;
	if (reader->batch == reader->position)
		reader->batch = at;
	if (reader->end == reader->position)
		reader->end = at;
	if (c->empty_until == reader->position)
		c->empty_until = at;
	reader->position = at;
}

/* Unless it went on on sight: then it starts anew at the cursor. */
static void forget_epoch(struct ring_consumer *c)
{
	window_reset(&c->window);
	c->forgotten++;
	if (c->producer.header.state != PRODUCER_RECOVERING)
		c->shown = 0;
	if (c->unproven.end != 0)
		consumer_rewind(c);
	else
		pass_gap(c);
}

static int read_slots(struct ring_consumer *c, struct producer_slot *ret)
{
	struct ring_io_batch batch = { 0 };
	struct volume *v = &c->volume;
	struct role_found found;
	int rc = role_drop_stale(v, ROLE_PRODUCER, &c->producer.header);

	if (rc < 0)
		return consumer_fail(c, rc, "cannot drop cached slots");
	role_add_reads(&c->reader_producer, v, &batch, ROLE_PRODUCER,
		       c->producer.header.epoch, 2);
	role_add_fence_reads(&c->reader_own, v, &c->writer, ROLE_FENCE_NEXT,
			     &batch);
	rc = v->io->ops->start(v->io, &batch);
	if (rc == 0) {
		window_read_ahead(&c->window); /* behind them in the queue */
		rc = v->io->ops->wait(v->io, &batch);
	}
	if (rc < 0)
		return consumer_fail(c, rc, "cannot read the slots");
	if (role_is_fenced(&c->reader_own, v, &c->writer))
		return consumer_fail(c, -RING_ERR_FENCED,
				     "cannot go on as this consumer");
	rc = role_find(&c->reader_producer, v, ROLE_PRODUCER,
		       c->producer.header.epoch, 2, &found);
	if (rc == 0)
		rc = role_decode_producer(&c->reader_producer, v, &found, ret);
	if (rc < 0 || found.header.epoch != c->producer.header.epoch)
		/* A new epoch, or some later one: find the newest of all. */
		rc = role_load_producer(&c->reader_producer, v, ret);
	return rc;
}

int consumer_refresh(struct ring_consumer *c)
{
	struct producer_slot now;
	int rc = consumer_settle(c);
	bool same_epoch;

	if (rc == 0)
		rc = read_slots(c, &now);
	if (rc < 0)
		return rc;
	/* What was parsed while it recovered knew nothing of its gap. */
	same_epoch = now.header.epoch == c->producer.header.epoch &&
		     (c->producer.header.state != PRODUCER_RECOVERING ||
		      now.header.state == PRODUCER_RECOVERING);
	c->producer = now;
	c->slot_is_fresh = true;
	/* Direct writes may leave stale pages in the cache. */
	c->window.from_storage = c->volume.io->buffered && !now.header.buffered;
	c->vetted_loads = c->window.loads;
	c->window.ahead_to = now.checkpoint.position;
	take_evidence(c);
	volume_trace(&c->volume, RING_TRACE_PRODUCER, false,
		     now.checkpoint.exposed, "");
	if (!same_epoch)
		forget_epoch(c);
	if (my_reply(c)->incarnation != c->slot.incarnation ||
	    my_reply(c)->membership != MEMBER_JOINED)
		return consumer_fail(c, -RING_ERR_REMOVED,
				     "cannot go on as this consumer");
	return 0;
}

/* ---- proof -------------------------------------------------------------- */

static bool is_proven(const struct ring_consumer *c, uint64_t end)
{
	return end <= c->marked || end <= c->window.flushed_end;
}

/* D4: EMPTY if what was read must be read anew. */
static int vet(struct ring_consumer *c)
{
	const uint64_t forgotten = c->forgotten;
	const uint64_t loads = c->window.loads;
	const int rc = consumer_refresh(c);

	if (rc < 0)
		return rc;
	return c->forgotten != forgotten || c->vetted_loads != loads
		       ? -RING_ERR_EMPTY
		       : 0;
}

/*
 * D3 and D4 for a commit that was read and ends at `end`. EMPTY if it can't be
 * believed yet; also when it was forgotten, and the walk must start anew.
 */
static int prove(struct ring_consumer *c, uint64_t end)
{
	bool flushed = false;
	int rc;

	if (is_proven(c, end) && c->vetted_loads == c->window.loads)
		return 0;
	if (!is_proven(c, end) &&
	    volume_flush_proves(&c->volume, &c->producer.header)) {
		rc = volume_flush(&c->volume);
		if (rc < 0)
			return consumer_fail(c, rc, "cannot flush");
		flushed = true;
	}
	/* What the slot did not say then, a write will say, and be heard of. */
	if (!flushed && !is_proven(c, end) && c->slot_is_fresh)
		return -RING_ERR_EMPTY;
	rc = vet(c);
	if (rc < 0)
		return rc;
	if (flushed && c->producer.header.state != PRODUCER_RECOVERING) {
		window_set_flushed(&c->window);
		raise(&c->marked, end);
	}
	return is_proven(c, end) ? 0 : -RING_ERR_EMPTY;
}

bool consumer_skips_flush(const struct ring_consumer *c)
{
	return c->volume.skips_flush &&
	       volume_flush_proves(&c->volume, &c->producer.header);
}

static bool delivers_on_sight(const struct ring_consumer *c)
{
	return c->volume.shows_visible || consumer_skips_flush(c);
}

/* D4 alone: to be seen is enough, unless a recovery decides about it now. */
static int sight(struct ring_consumer *c, uint64_t end)
{
	const int rc = c->vetted_loads == c->window.loads ? 0 : vet(c);

	if (rc == 0 && !is_proven(c, end) &&
	    c->producer.header.state == PRODUCER_RECOVERING)
		return -RING_ERR_EMPTY;
	return rc;
}

/* It was valid and is durable: no recovery will think otherwise. */
static void believe(struct ring_consumer *c, const struct chain *ahead)
{
	raise(&c->marked, ahead->end);
	raise(&c->evidence, ahead->end);
	if (raise(&c->farthest, ahead->exposed))
		c->farthest_sequence = ahead->exposed_sequence;
	c->unproven.end = 0;
}

int consumer_prove(struct ring_consumer *c)
{
	const struct chain last = c->unproven;
	int rc;

	if (last.end == 0)
		return 0;
	rc = prove(c, last.end);
	if (rc == 0)
		believe(c, &last);
	return rc;
}

/* ---- walking ahead ------------------------------------------------------ */

/* A commit may be missing, it is not known where: all that is, is behind. */
static uint64_t evidence_behind(const struct ring_consumer *c,
				uint64_t position)
{
	return c->evidence > position ? c->evidence : position + 8;
}

static int damage_fault(struct ring_consumer *c, uint64_t position,
			const struct chain_step *step)
{
	const struct geometry *g = &c->volume.superblock.geometry;
	struct fault_place place = {
		.position = position,
		.offset_bytes = geometry_offset(g, position),
		.length_bytes = evidence_behind(c, position) - position,
	};

	if (step->header_is_intact)
		place.length_bytes = step->bytes;
	return volume_fail(&c->volume, -RING_ERR_DAMAGED, &place,
			   "damage at offset %llu, %llu bytes: %s%s",
			   (unsigned long long)place.offset_bytes,
			   (unsigned long long)place.length_bytes,
			   chain_reason_text(step->reason),
			   role_damage_hint(&c->producer.header));
}

/* What the option on_damage makes of it: a hole to step over, or DAMAGED. */
static int pass_damage(struct ring_consumer *c, const struct chain *at,
		       const struct chain_step *step, struct resumption *ret)
{
	const struct chain_rules r = rules(c);
	const enum resume_how how = c->volume.on_damage == RING_DAMAGE_TRUNCATE
					    ? RESUME_FARTHEST
					    : RESUME_NEAREST;
	struct chain chain = *at;
	struct boundaries known;
	int rc;

	if (c->volume.on_damage == RING_DAMAGE_STOP)
		return damage_fault(c, at->position, step);
	boundaries_from_producer(&known, &c->producer);
	/* Another cursor may have seen more than is known to be visible. */
	chain.exposed = c->reader.position;
	chain.exposed_sequence = c->reader.next_sequence;
	rc = resume_find(&c->window, &r, &chain, step, &known,
			 evidence_behind(c, at->position), how, ret);
	if (rc == -RING_ERR_DAMAGED)
		return damage_fault(c, at->position, step);
	return rc < 0 ? consumer_fail(c, rc, "cannot read") : 0;
}

static void tell_loss(struct ring_consumer *c, const struct chain *at,
		      const struct chain_step *hole, bool is_repaired)
{
	const uint64_t next = hole->record.sequence;
	const struct ring_loss loss = {
		.position = at->position,
		.next = hole->next,
		.sequence = at->next_sequence,
		.items =
			next > at->next_sequence ? next - at->next_sequence : 0,
		.is_repaired = is_repaired,
	};

	volume_lost(&c->volume, &loss);
}

/*
 * Where a handle first comes to the end, all evidence is sought that recovery
 * would find: commits behind it, and the other cursors' own slots. That is too
 * much to do each time; afterwards the producer's slot is enough.
 */
static int look_behind(struct ring_consumer *c, const struct chain *ahead)
{
	const uint32_t cursors = c->volume.superblock.geometry.cursor_slots;
	const struct chain_rules r = rules(c);
	uint64_t mark;
	int rc = scan_behind(
		&c->window, &r, ahead,
		scan_horizon(&c->volume.superblock.geometry, &c->producer),
		&mark);

	if (rc == 0)
		raise(&c->evidence, mark);
	for (uint32_t i = 0; rc == 0 && i < cursors; i++) {
		struct role_found found;
		struct cursor_slot slot;

		rc = role_read(&c->reader_producer, &c->volume,
			       ROLE_CURSOR_0 + i, &found);
		if (rc == 0)
			rc = role_decode_cursor(&c->reader_producer, &c->volume,
						&found, &slot);
		if (rc == 0 && cursor_is_member(&slot, &c->producer) &&
		    slot.header.state >= CURSOR_MEMBER)
			raise(&c->seen, slot.position);
		if (rc == -RING_ERR_SLOT)
			rc = 0; /* it tells nothing */
	}
	c->looked_behind = true;
	return rc < 0 ? consumer_fail(c, rc, "cannot read") : 0;
}

/* What is there may have been written since it was read. */
static int read_again(struct ring_consumer *c, const struct chain *ahead,
		      struct chain_step *step)
{
	const struct chain_rules r = rules(c);
	int rc;

	window_forget(&c->window, ahead->position);
	rc = scan_look(&c->window, &r, ahead, step);
	return rc < 0 ? consumer_fail(c, rc, "cannot read") : 0;
}

/*
 * The same with direct I/O, where each read costs a round trip: the slots are
 * read beside the data. Good for everything but a verdict of damage.
 */
static int read_beside_slots(struct ring_consumer *c, const struct chain *ahead,
			     struct chain_step *step)
{
	const uint64_t forgotten = c->forgotten;
	struct chain_rules r;
	int rc;

	window_aim(&c->window, ahead->position);
	c->window.ahead_to = ahead->position + c->window.chunk;
	rc = consumer_refresh(c);
	if (rc < 0)
		return rc;
	if (c->forgotten != forgotten)
		return -RING_ERR_EMPTY;
	r = rules(c);
	rc = scan_look(&c->window, &r, ahead, step);
	return rc < 0 ? consumer_fail(c, rc, "cannot read") : 0;
}

/* Whether somebody vouches for what is bad here. */
static bool is_vouched_for(struct ring_consumer *c, const struct chain *ahead)
{
	const struct chain_rules r = rules(c);

	raise(&c->evidence, c->marked);
	raise(&c->evidence, c->seen);
	return chain_reached(ahead) < c->evidence ||
	       chain_falls_short(&r, ahead, c->seen);
}

/* Evidence, then data: damage is what is bad even now. */
static int judge_bad(struct ring_consumer *c, const struct chain *ahead,
		     struct chain_step *step)
{
	const uint64_t forgotten = c->forgotten;
	int rc = consumer_refresh(c);

	if (rc < 0)
		return rc;
	if (c->forgotten != forgotten)
		return -RING_ERR_EMPTY;
	rc = read_again(c, ahead, step);
	if (rc < 0 || step->verdict != CHAIN_BAD)
		return rc;
	return is_vouched_for(c, ahead) ? -RING_ERR_DAMAGED : -RING_ERR_EMPTY;
}

/*
 * The record at ahead->position is not valid in memory. 0 if it is by now;
 * EMPTY: it is the end; DAMAGED.
 */
static int look_again(struct ring_consumer *c, const struct chain *ahead,
		      struct chain_step *step)
{
	const bool buffered = c->volume.io->buffered;
	int rc = buffered ? read_again(c, ahead, step)
			  : read_beside_slots(c, ahead, step);

	if (rc < 0 || step->verdict != CHAIN_BAD)
		return rc;
	if (!c->looked_behind)
		rc = look_behind(c, ahead);
	if (rc < 0)
		return rc;
	if (!buffered && !is_vouched_for(c, ahead))
		return -RING_ERR_EMPTY;
	return judge_bad(c, ahead, step);
}

static bool stands_at_cursor(const struct ring_consumer *c)
{
	return c->reader.position <= c->empty_until;
}

/*
 * The walk ahead met damage: *step becomes a hole. If even what was pending
 * before it is to be left out, the reader stands behind all that. 1: more is
 * visible before that, for another cursor got there.
 */
static int pass_ahead(struct ring_consumer *c, struct chain *ahead,
		      struct chain_step *step)
{
	const struct chain_rules r = rules(c);
	struct resumption found;
	int rc = pass_damage(c, ahead, step, &found);

	if (rc < 0)
		return rc;
	*step = resume_step(&r, &found.hole);
	if (found.start == ahead->position)
		return 0;
	if (found.start > c->reader.position) {
		ahead->exposed = found.start;
		ahead->exposed_sequence = found.sequence;
		return 1;
	}
	*ahead = c->reader;
	tell_loss(c, ahead, step, false);
	if (stands_at_cursor(c))
		c->empty_until = step->next;
	chain_accept(&c->reader, step);
	c->last_item = RING_POSITION_NONE;
	return 0;
}

/*
 * D4 as soon as a chunk was read, if that lies below what is known to be
 * durable: so the next chunk is under way while this one is parsed.
 */
static int vet_early(struct ring_consumer *c)
{
	const struct window *w = &c->window;

	return !c->volume.io->buffered && c->vetted_loads != w->loads &&
			       w->start + w->len <= c->marked
		       ? vet(c)
		       : 0;
}

/*
 * Walk from the reader to the next commit or hole that makes more visible, or
 * discards, leaving *ahead behind it. EMPTY if there is none yet.
 */
static int find_exposure(struct ring_consumer *c, struct chain *ahead,
			 enum chain_verdict *ret_verdict)
{
	const struct chain_rules r = rules(c);
	bool looked_again = false;

	*ahead = c->reader;
	for (;;) {
		struct chain_step step;
		int rc = scan_look(&c->window, &r, ahead, &step);

		if (rc < 0)
			return consumer_fail(c, rc, "cannot read");
		rc = vet_early(c);
		if (rc < 0)
			return rc;
		if (step.verdict == CHAIN_BAD) {
			if (looked_again)
				return -RING_ERR_EMPTY;
			looked_again = true;
			rc = look_again(c, ahead, &step);
			if (rc == -RING_ERR_DAMAGED) {
				looked_again = false;
				rc = pass_ahead(c, ahead, &step);
			}
			if (rc > 0) {
				*ret_verdict = CHAIN_EXPOSE;
				return 0;
			}
			if (rc < 0)
				return rc;
		}
		chain_accept(ahead, &step);
		raise(&c->marked, ahead->durable);
		if ((step.verdict != CHAIN_ITEM &&
		     ahead->exposed > c->reader.position) ||
		    step.verdict == CHAIN_DISCARD) {
			*ret_verdict = step.verdict;
			return 0;
		}
	}
}

/* Make more visible. 0: progress was made; EMPTY: there is nothing yet. */
static int extend_visible(struct ring_consumer *c)
{
	const uint64_t forgotten = c->forgotten;
	enum chain_verdict verdict = CHAIN_BAD;
	struct chain ahead;
	int rc = find_exposure(c, &ahead, &verdict);

	if (rc == 0)
		rc = delivers_on_sight(c) ? sight(c, ahead.end)
					  : prove(c, ahead.end);
	if (c->failed == 0 && c->forgotten != forgotten)
		return 0; /* start anew under the new epoch */
	if (rc < 0)
		return rc;
	if (verdict == CHAIN_DISCARD) {
		if (stands_at_cursor(c))
			c->empty_until = ahead.position;
		c->reader = ahead;
		/* `visible` now lies behind what is not: no stepping back. */
		c->last_item = RING_POSITION_NONE;
	}
	c->visible = ahead.exposed;
	if (is_proven(c, ahead.end)) {
		believe(c, &ahead);
	} else {
		c->unproven = ahead;
		raise(&c->shown, ahead.exposed);
	}
	return 0;
}

/* ---- stepping ----------------------------------------------------------- */

/* The reader met damage in what is visible: *step becomes a hole. */
static int pass_here(struct ring_consumer *c, struct chain_step *step)
{
	const struct chain_rules r = rules(c);
	struct resumption found;
	int rc = pass_damage(c, &c->reader, step, &found);

	if (rc < 0)
		return rc;
	assert(found.start == c->reader.position);
	*step = resume_step(&r, &found.hole);
	tell_loss(c, &c->reader, step, false);
	return 0;
}

/* Step over the record at the reader, which is visible. */
static int step_reader(struct ring_consumer *c, struct chain_step *ret_step)
{
	const struct chain_rules r = rules(c);
	int rc = scan_look(&c->window, &r, &c->reader, ret_step);

	if (rc < 0)
		return consumer_fail(c, rc, "cannot read");
	if (ret_step->verdict == CHAIN_BAD) {
		rc = look_again(c, &c->reader, ret_step);
		if (rc == -RING_ERR_DAMAGED)
			rc = pass_here(c, ret_step);
		if (rc < 0)
			return rc;
	} else if (ret_step->verdict == CHAIN_HOLE) {
		tell_loss(c, &c->reader, ret_step, true);
	}
	chain_accept(&c->reader, ret_step);
	return 0;
}

/*
 * Commits behind an item belong to it: so the position after the last item of
 * all is where the producer goes on, and nothing of it holds space.
 */
static void skip_commits(struct ring_consumer *c)
{
	const struct chain_rules r = rules(c);

	while (c->reader.position < c->visible) {
		struct chain_step step;

		/* Reading more might drop the item, which is lent. What is
		 * bad here is met, and judged, by the next call. */
		if (!scan_resident(&c->window, &r, &c->reader, &step) ||
		    step.verdict <= CHAIN_ITEM)
			return;
		chain_accept(&c->reader, &step);
	}
}

static void fill_item(const struct ring_consumer *c,
		      const struct chain_step *step, struct ring_item *item)
{
	const uint8_t *body =
		window_at(&c->window, c->last_item) + RECORD_HEADER_BYTES;

	*item = (struct ring_item){
		.position = c->last_item,
		.next = c->reader.position,
		.sequence = step->record.sequence,
		.time_ns = step->record.time_ns,
		.meta = body,
		.meta_bytes = step->record.meta_bytes,
		.data = body + step->record.meta_bytes,
		.data_bytes = step->record.body_bytes - step->record.meta_bytes,
		.type = step->record.type,
	};
}

/* Step to and over the next item. */
static int next_item(struct ring_consumer *c, struct chain_step *ret_step)
{
	const uint64_t from = c->reader.position;

	for (;;) {
		const uint64_t forgotten = c->forgotten;
		struct chain before;
		int rc;

		if (c->reader.position < from) {
			/* What was on sight may be gone. */
			rc = consumer_seek(c, from);
			if (rc < 0)
				return rc;
		}
		c->window.keep = c->reader.position;
		if (c->reader.position >= c->visible) {
			rc = extend_visible(c);
			if (rc < 0)
				return rc;
			continue;
		}
		before = c->reader;
		rc = step_reader(c, ret_step);
		if (rc == -RING_ERR_EMPTY && c->forgotten != forgotten)
			continue; /* what was read ahead is forgotten */
		if (rc < 0)
			return rc;
		if (ret_step->verdict == CHAIN_ITEM) {
			c->before_item = before;
			c->last_item = before.position;
			return 0;
		}
		if (before.position <= c->empty_until)
			c->empty_until = c->reader.position;
	}
}

int consumer_next(struct ring_consumer *c, struct ring_item *ret_item)
{
	struct chain_step step;
	int rc = next_item(c, &step);

	if (rc < 0)
		return rc;
	skip_commits(c);
	fill_item(c, &step, ret_item);
	return 0;
}

void consumer_unread(struct ring_consumer *c)
{
	assert(c->last_item != RING_POSITION_NONE);
	c->reader = c->before_item;
}

/* ---- where to read ------------------------------------------------------ */

void consumer_rewind(struct ring_consumer *c)
{
	const uint64_t start =
		segments_skip_gap(&c->producer.segments, c->slot.position);

	chain_from_cursor(&c->reader, start, c->slot.sequence);
	c->empty_until = start;
	c->visible = start;
	c->unproven.end = 0;
	raise(&c->farthest, start);
	if (c->farthest == start)
		c->farthest_sequence = c->slot.sequence;
	c->last_item = RING_POSITION_NONE;
}

static bool is_here(struct ring_consumer *c, uint64_t position)
{
	if (c->last_item != RING_POSITION_NONE && position == c->last_item) {
		c->reader = c->before_item;
		return true;
	}
	return position == c->reader.position;
}

/* From the cursor on, record by record. */
static int walk_to(struct ring_consumer *c, uint64_t position)
{
	consumer_rewind(c);
	while (c->reader.position < position) {
		const uint64_t forgotten = c->forgotten;
		struct chain_step step;
		int rc;

		c->window.keep = c->reader.position;
		rc = c->reader.position < c->visible ? step_reader(c, &step)
						     : extend_visible(c);
		if (rc == -RING_ERR_EMPTY && c->forgotten != forgotten)
			continue; /* what was read ahead is forgotten */
		if (rc == -RING_ERR_EMPTY &&
		    (position <= c->farthest || position <= c->shown))
			return rc; /* it was seen; just now it can't be proved */
		if (rc == -RING_ERR_EMPTY)
			return volume_refuse(&c->volume, -RING_ERR_FUTURE,
					     position);
		if (rc < 0)
			return rc;
	}
	return c->reader.position == position
		       ? 0
		       : volume_refuse(&c->volume, -RING_ERR_BOUNDARY,
				       position);
}

int consumer_seek(struct ring_consumer *c, uint64_t position)
{
	int rc;

	if (position == RING_POSITION_NONE)
		position = c->slot.position;
	if (position < c->empty_from)
		return volume_refuse(&c->volume, -RING_ERR_RELEASED, position);
	if (position < c->slot.position)
		position = c->slot.position;
	position = segments_skip_gap(&c->producer.segments, position);
	if (is_here(c, position))
		return 0;
	rc = walk_to(c, position);
	if (rc < 0)
		consumer_rewind(c);
	return rc;
}
