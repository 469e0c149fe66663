/*
 * Holes over what is damaged: FORMAT.md 4.4; which, resume.c decides. A hole
 * is one block, or two, and a crash that tears it leaves damage where damage
 * was: the next repair makes it again.
 */
#include "ring/repair.h"

#include "ring/bytes.h"

#include <errno.h>

/* ---- one hole ----------------------------------------------------------- */

/* Its bytes within the blocks that hold them; they may wrap. */
static int put_hole(struct repair *r, uint64_t at, const struct record *hole)
{
	struct volume *v = &r->snapshot.volume;
	const uint32_t block = v->superblock.geometry.block_bytes;
	const uint64_t start = round_down(at, block);
	const size_t len = round_up(at + RECORD_HEADER_BYTES, block) - start;
	struct ring_io_batch batch = { 0 };
	uint8_t *buf = volume_alloc(v, len);
	int rc;

	if (buf == NULL)
		return -ENOMEM;
	volume_add_stream(v, &batch, RING_IO_READ, start, buf, len);
	rc = ring_io_run(v->io, &batch);
	record_seal(buf + (at - start), hole, volume_seed(v, at));
	for (unsigned i = 0; rc == 0 && i < batch.count; i++)
		rc = repair_write(r, batch.ops[i].offset_bytes,
				  batch.ops[i].buf, batch.ops[i].len_bytes);
	volume_release(v, buf, len);
	window_reset(&r->snapshot.window);
	return rc;
}

static struct ring_repair_step step_of(const struct repair *r,
				       const struct resumption *found)
{
	const struct geometry *g = &r->snapshot.volume.superblock.geometry;

	return (struct ring_repair_step){
		.what = RING_REPAIR_STREAM,
		.is_possible = true,
		.position = found->start,
		.offset_bytes = geometry_offset(g, found->start),
		.length_bytes = found->hole.hole_end - found->start,
		.first_lost = found->sequence,
		.lost_items = found->hole.sequence > found->sequence
				      ? found->hole.sequence - found->sequence
				      : 0,
	};
}

static int leave_out(struct repair *r, const struct resumption *found,
		     enum chain_reason reason)
{
	const struct ring_repair_step step = step_of(r, found);
	int rc = repair_tell(r, &step,
			     "%llu bytes at offset %llu are left out: %llu "
			     "items from %llu on are lost (%s)",
			     (unsigned long long)step.length_bytes,
			     (unsigned long long)step.offset_bytes,
			     (unsigned long long)step.lost_items,
			     (unsigned long long)step.first_lost,
			     chain_reason_text(reason));

	return rc != 0 ? rc : put_hole(r, found->start, &found->hole);
}

/* ---- walking ------------------------------------------------------------ */

/* What to do at a record that is not valid: 1 at the end of the ring. */
static int judge(struct repair *r, const struct chain *c,
		 const struct chain_step *bad, struct resumption *ret)
{
	struct snapshot *s = &r->snapshot;
	const struct chain_rules rules = snapshot_rules(s);
	struct boundaries known;
	uint64_t mark;
	int rc = snapshot_evidence(s, c, &mark);

	if (rc < 0)
		return rc;
	if (chain_reached(c) >= mark)
		return 1;
	snapshot_boundaries(s, &known);
	return resume_find(&s->window, &rules, c, bad, &known, mark,
			   RESUME_NEAREST, ret);
}

static void start_walk(const struct snapshot *s, struct chain *c)
{
	uint64_t tail, sequence;

	snapshot_tail(s, &tail, &sequence);
	if (tail == s->producer.checkpoint.position)
		chain_from_checkpoint(c, &s->producer.checkpoint);
	else
		chain_from_cursor(
			c, segments_skip_gap(&s->producer.segments, tail),
			sequence);
}

int repair_find_end(struct repair *r, struct scan_end *end)
{
	struct snapshot *s = &r->snapshot;
	const struct chain_rules rules = snapshot_rules(s);
	struct chain c;

	start_walk(s, &c);
	end->chain = c;
	for (;;) {
		struct resumption found;
		struct chain_step step;
		int rc = scan_look(&s->window, &rules, &c, &step);

		if (rc == 0 && step.verdict == CHAIN_BAD) {
			rc = judge(r, &c, &step, &found);
			if (rc == 1)
				return 0;
			if (rc == 0 && s->volume.on_damage == RING_DAMAGE_STOP)
				rc = -RING_ERR_DAMAGED;
			if (rc != 0)
				return rc;
			step = resume_step(&rules, &found.hole);
			/* Slots a lap apart could send it round and round. */
			if (step.next <= c.position)
				return -RING_ERR_DAMAGED;
			c.position = found.start;
		} else if (rc == 0 && step.record.kind == RECORD_COMMIT &&
			   step.record.meta_bytes > 0) {
			chain_cookie(window_at(&s->window, c.position), &step,
				     &end->cookie);
		}
		if (rc != 0)
			return rc;
		chain_accept(&c, &step);
		if (chain_step_is_end(&step))
			end->chain = c;
	}
}

/* ---- the three ways ----------------------------------------------------- */

static int stop_at(struct repair *r, const struct resumption *found,
		   enum chain_reason reason)
{
	struct ring_repair_step step = step_of(r, found);

	step.is_possible = false;
	return repair_tell(
		r, &step,
		"%llu bytes at offset %llu are damaged (%s): told to "
		"skip them, a repair would lose %llu items from %llu "
		"on",
		(unsigned long long)step.length_bytes,
		(unsigned long long)step.offset_bytes,
		chain_reason_text(reason), (unsigned long long)step.lost_items,
		(unsigned long long)step.first_lost);
}

/* The slots contradict each other: no place is known where it goes on. */
static int give_up(struct repair *r, const struct chain *c)
{
	const struct geometry *g = &r->snapshot.volume.superblock.geometry;
	const struct ring_repair_step step = {
		.what = RING_REPAIR_STREAM,
		.position = c->position,
		.offset_bytes = geometry_offset(g, c->position),
	};

	return repair_tell(r, &step,
			   "the stream breaks off, but slots vouch for places "
			   "more than a lap away: not to be repaired");
}

/* The nearest boundary behind `position`, before `end`; or `end`. */
static struct boundary next_boundary(const struct boundaries *known,
				     uint64_t position, struct boundary end)
{
	for (unsigned i = 0; i < known->count; i++)
		if (known->list[i].position >= position + RECORD_HEADER_BYTES &&
		    known->list[i].position < end.position)
			end = known->list[i];
	return end;
}

/*
 * Where the stream is to end: where it was seen to end, or the farthest place
 * that a slot names. What the slot says of numbers there holds: the producer
 * goes on with it.
 */
static struct boundary farthest(const struct boundaries *known,
				const struct chain *end)
{
	struct boundary last = { .position = end->end,
				 .sequence = end->end_sequence };

	for (unsigned i = 0; i < known->count; i++)
		if (known->list[i].position >= last.position)
			last = known->list[i];
	return last;
}

/* Where to cut: up to there everything is left out. */
static int find_last(struct repair *r, const struct boundaries *known,
		     struct boundary *ret_last)
{
	const struct snapshot *s = &r->snapshot;
	const struct geometry *g = &s->volume.superblock.geometry;
	const struct checkpoint *at = &s->producer.checkpoint;
	struct scan_end end = { 0 };
	int rc = repair_find_end(r, &end);

	if (rc < 0)
		return rc;
	*ret_last = farthest(known, &end.chain);
	if (ret_last->position == at->position &&
	    at->exposed_sequence < at->next_sequence)
		/* Only behind the checkpoint the producer sees that what was
		 * pending there is gone. There is room for a commit. */
		ret_last->position += RECORD_HEADER_BYTES;
	ret_last->position =
		round_up(ret_last->position, g->padded ? g->block_bytes : 8);
	return 0;
}

/*
 * Everything behind the last commit, and what was pending there: where the
 * damage begins it is not known whether that was discarded. The holes are made
 * from the last one on, so that until the first is there, the damage is, too.
 */
static int cut(struct repair *r, const struct chain *before,
	       enum chain_reason reason)
{
	struct snapshot *s = &r->snapshot;
	const struct chain_rules rules = snapshot_rules(s);
	struct resumption holes[BOUNDARIES_MAX + 1];
	struct boundary at, last = { 0 };
	struct boundaries known;
	unsigned count = 0;
	struct chain c;
	int rc;

	snapshot_boundaries(s, &known);
	c = resume_chain(before, &known);
	at = (struct boundary){ .position = c.end, .sequence = c.end_sequence };
	if (c.exposed > c.end || c.end_sequence > c.exposed_sequence)
		at = (struct boundary){ .position = c.exposed,
					.sequence = c.exposed_sequence };
	rc = find_last(r, &known, &last);
	for (;;) {
		struct resumption *hole = &holes[count];
		struct boundary next;

		at.position = segments_skip_gap(rules.segments, at.position);
		if (rc != 0 || at.position >= last.position)
			break;
		next = next_boundary(&known, at.position, last);
		/* What was pending there may have been discarded behind it. */
		if (next.sequence > last.sequence)
			next.sequence = last.sequence;
		count++;

		*hole = (struct resumption){
			.start = at.position,
			.sequence = at.sequence,
			.hole = { .kind = RECORD_HOLE,
				  .type = HOLE_SETTLED,
				  .epoch = c.epoch,
				  .sequence = next.sequence,
				  .hole_end = next.position },
		};
		rc = resume_epoch(&s->window, &rules, at.position,
				  &hole->hole.epoch);
		at = next;
	}
	while (rc == 0 && count-- > 0)
		rc = leave_out(r, &holes[count], reason);
	return rc;
}

/*
 * The producer's own view: it walks from the checkpoint on, and knows what was
 * exposed there. If that does not get as far as a cursor is, the commit is lost
 * that exposed the rest; a hole at the end settles it.
 */
static int settle(struct repair *r, const struct chain *own)
{
	struct snapshot *s = &r->snapshot;
	const struct geometry *g = &s->volume.superblock.geometry;
	const struct chain_rules rules = snapshot_rules(s);
	struct resumption hole = {
		.start = own->end,
		.sequence = own->end_sequence,
		.hole = { .kind = RECORD_HOLE,
			  .type = HOLE_SETTLED,
			  .epoch = own->epoch,
			  .sequence = own->end_sequence,
			  .hole_end =
				  round_up(own->end + RECORD_HEADER_BYTES,
					   g->padded ? g->block_bytes : 8) },
	};
	int rc;

	if (!chain_falls_short(&rules, own, snapshot_seen(s)))
		return 0;
	rc = resume_epoch(&s->window, &rules, hole.start, &hole.hole.epoch);
	if (rc < 0)
		return rc;
	return s->volume.on_damage == RING_DAMAGE_STOP
		       ? stop_at(r, &hole, CHAIN_REASON_COMMIT)
		       : leave_out(r, &hole, CHAIN_REASON_COMMIT);
}

/* What the producer's walk from its checkpoint will find. */
struct own_view {
	struct chain chain; /* position 0: not there yet */
	struct chain end;   /* where the ring ends so far */
};

/* The walk stands at *c. */
static void follow(const struct snapshot *s, const struct chain *c,
		   struct own_view *own)
{
	const struct checkpoint *at = &s->producer.checkpoint;

	own->chain.position = c->position < at->position ? 0 : c->position;
	if (c->position != at->position)
		return;
	chain_from_checkpoint(&own->chain, at);
	own->end = own->chain;
}

static void follow_step(const struct chain_step *step, struct own_view *own)
{
	if (own->chain.position == 0)
		return;
	chain_accept(&own->chain, step);
	if (chain_step_is_end(step))
		own->end = own->chain;
}

int repair_stream(struct repair *r)
{
	struct snapshot *s = &r->snapshot;
	const struct chain_rules rules = snapshot_rules(s);
	struct own_view own = { 0 };
	struct chain c;

	start_walk(s, &c);
	for (;;) {
		struct resumption found;
		struct chain_step step;
		int rc = scan_look(&s->window, &rules, &c, &step);

		if (rc == 0 && step.verdict == CHAIN_BAD) {
			const enum chain_reason reason = step.reason;

			follow(s, &c, &own);
			rc = judge(r, &c, &step, &found);
			if (rc == 1)
				return settle(r, &own.end);
			if (rc == -RING_ERR_DAMAGED)
				return give_up(r, &c);
			if (rc == 0 &&
			    s->volume.on_damage == RING_DAMAGE_TRUNCATE) {
				rc = cut(r, &c, reason);
				return rc == -RING_ERR_DAMAGED ? give_up(r, &c)
							       : rc;
			}
			if (rc == 0)
				rc = s->volume.on_damage == RING_DAMAGE_STOP
					     ? stop_at(r, &found, reason)
					     : leave_out(r, &found, reason);
			if (rc != 0)
				return rc;
			step = resume_step(&rules, &found.hole);
			c.position = found.start;
		}
		if (rc != 0)
			return rc;
		follow(s, &c, &own);
		chain_accept(&c, &step);
		follow_step(&step, &own);
	}
}
