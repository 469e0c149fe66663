/*
 * Walking ahead of the reader, to the commit that makes more visible; and what
 * to do where the stream does not go on: it ends, or it is damaged.
 */
#include "ring/consumer.h"

#include "ring/cursors.h"

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

int consumer_pass_damage(struct ring_consumer *c, const struct chain *at,
			 const struct chain_step *step, struct resumption *ret)
{
	const struct chain_rules r = consumer_rules(c);
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

void consumer_tell_loss(struct ring_consumer *c, const struct chain *at,
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
	const struct chain_rules r = consumer_rules(c);
	uint64_t mark;
	int rc = scan_behind(
		&c->window, &r, ahead,
		scan_horizon(&c->volume.superblock.geometry, &c->producer),
		&mark);

	if (rc == 0)
		raise_mark(&c->evidence, mark);
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
			raise_mark(&c->seen, slot.position);
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
	const struct chain_rules r = consumer_rules(c);
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
	r = consumer_rules(c);
	rc = scan_look(&c->window, &r, ahead, step);
	return rc < 0 ? consumer_fail(c, rc, "cannot read") : 0;
}

/* Whether somebody vouches for what is bad here. */
static bool is_vouched_for(struct ring_consumer *c, const struct chain *ahead)
{
	const struct chain_rules r = consumer_rules(c);

	raise_mark(&c->evidence, c->marked);
	raise_mark(&c->evidence, c->seen);
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

int consumer_look_again(struct ring_consumer *c, const struct chain *ahead,
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
	const struct chain_rules r = consumer_rules(c);
	struct resumption found;
	int rc = consumer_pass_damage(c, ahead, step, &found);

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
	consumer_tell_loss(c, ahead, step, false);
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
		       ? consumer_vet(c)
		       : 0;
}

/*
 * Walk from the reader to the next commit or hole that makes more visible, or
 * discards, leaving *ahead behind it. EMPTY if there is none yet.
 */
static int find_exposure(struct ring_consumer *c, struct chain *ahead,
			 enum chain_verdict *ret_verdict)
{
	const struct chain_rules r = consumer_rules(c);
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
			rc = consumer_look_again(c, ahead, &step);
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
		raise_mark(&c->marked, ahead->durable);
		if ((step.verdict != CHAIN_ITEM &&
		     ahead->exposed > c->reader.position) ||
		    step.verdict == CHAIN_DISCARD) {
			*ret_verdict = step.verdict;
			return 0;
		}
	}
}

int consumer_extend_visible(struct ring_consumer *c)
{
	const uint64_t forgotten = c->forgotten;
	enum chain_verdict verdict = CHAIN_BAD;
	struct chain ahead;
	int rc = find_exposure(c, &ahead, &verdict);

	if (rc == 0)
		rc = consumer_admit(c, &ahead);
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
	consumer_note_visible(c, &ahead);
	return 0;
}
