/*
 * A search behind a bad record finds evidence of where the stream goes on,
 * never content (R14): the place must be told by the bad record's own header,
 * by a slot, or by a record whose checksum is right for this very position.
 * What a payload holds of a ring is sealed for the positions it was copied
 * from, so it does not pass.
 */
#include "ring/resume.h"

#include "ring/bytes.h"

void boundaries_add(struct boundaries *b, struct boundary boundary)
{
	if (boundary.position != 0)
		b->list[b->count++] = boundary;
}

void boundaries_from_producer(struct boundaries *b,
			      const struct producer_slot *producer)
{
	const struct checkpoint *at = &producer->checkpoint;

	b->count = 0;
	boundaries_add(b, (struct boundary){ at->position, at->next_sequence,
					     at->exposed });
	for (unsigned i = 1; i < SLOT_REPLIES; i++) {
		const struct reply *r = &producer->replies[i];

		if (r->membership == MEMBER_JOINED)
			boundaries_add(b, (struct boundary){ r->position,
							     r->sequence,
							     r->position });
	}
}

/* The nearest boundary behind `position`, or the farthest; NULL: none. */
static const struct boundary *pick(const struct boundaries *b,
				   uint64_t position, enum resume_how how)
{
	const struct boundary *best = NULL;

	for (unsigned i = 0; i < b->count; i++) {
		const struct boundary *at = &b->list[i];

		if (at->position < position + RECORD_HEADER_BYTES)
			continue;
		if (best == NULL ||
		    (how == RESUME_NEAREST ? at->position < best->position
					   : at->position > best->position))
			best = at;
	}
	return best;
}

/* ---- where valid records go on ------------------------------------------ */

struct place {
	uint64_t position;
	uint64_t sequence;
	bool is_exact;     /* told by the bad record's header */
	bool hides_commit; /* at least one, or maybe */
	uint64_t visible;  /* what a slot says was visible there; 0: nothing */
};

/* The bad record's header is intact and fits: only its body is lost. */
static bool step_by_header(const struct chain_rules *rules,
			   const struct chain *c, const struct chain_step *step,
			   struct place *ret)
{
	const bool is_item = step->record.kind == RECORD_ITEM;
	const uint64_t end = c->position + step->bytes;

	if (!step->header_is_intact || step->record.kind == RECORD_HOLE)
		return false;
	if (is_item ? step->record.sequence != c->next_sequence
		    : step->record.sequence < c->exposed_sequence)
		return false;
	*ret = (struct place){
		.position =
			is_item ? end
				: geometry_commit_end(
					  &rules->superblock->geometry, end),
		.sequence = step->record.sequence + is_item,
		.is_exact = true,
		.hides_commit = !is_item,
	};
	return true;
}

/* Whether a valid record starts at `position`: 1, 0, or the error of a read. */
static int is_record(struct window *w, const struct chain_rules *rules,
		     const struct chain *c, uint64_t position,
		     uint64_t *ret_sequence)
{
	struct chain_step step;
	struct chain chain;
	struct record r;
	int rc = window_need(w, position, RECORD_HEADER_BYTES);

	if (rc < 0)
		return rc;
	if (!record_decode(window_at(w, position),
			   rules->superblock->geometry.max_item, &r) ||
	    r.sequence < c->exposed_sequence)
		return 0;
	chain_from_cursor(&chain, position, r.sequence);
	chain.epoch = c->epoch;
	rc = scan_look(w, rules, &chain, &step);
	if (rc < 0)
		return rc;
	*ret_sequence = r.sequence;
	return step.verdict != CHAIN_BAD;
}

static int search(struct window *w, const struct chain_rules *rules,
		  const struct chain *c, uint64_t to, struct place *ret)
{
	*ret = (struct place){ .position = to,
			       .sequence = c->next_sequence,
			       .hides_commit = true };
	/* Also at the mark: where no slot gives a number, the record may. */
	for (uint64_t at = c->position + RECORD_HEADER_BYTES; at <= to;
	     at = segments_skip_gap(rules->segments, at + 8)) {
		int rc = is_record(w, rules, c, at, &ret->sequence);

		if (rc < 0)
			return rc;
		if (rc > 0) {
			ret->position = at;
			return 0;
		}
	}
	return 0;
}

static int find_place(struct window *w, const struct chain_rules *rules,
		      const struct chain *c, const struct chain_step *step,
		      const struct boundary *limit, uint64_t evidence,
		      enum resume_how how, struct place *ret)
{
	const uint64_t lap =
		c->position + rules->superblock->geometry.data_bytes;
	const uint64_t to = limit != NULL ? limit->position : evidence;
	int rc = 0;

	if (to > lap)
		return -RING_ERR_DAMAGED;
	if (how == RESUME_FARTHEST)
		*ret = (struct place){ .position = to,
				       .sequence = c->next_sequence,
				       .hides_commit = true };
	else if (!step_by_header(rules, c, step, ret) || ret->position > to)
		rc = search(w, rules, c, to, ret);
	if (limit != NULL && ret->position == limit->position) {
		ret->sequence = limit->sequence;
		ret->visible = limit->exposed;
	}
	return rc;
}

int resume_epoch(struct window *w, const struct chain_rules *rules,
		 uint64_t position, uint64_t *epoch)
{
	struct record r;
	int rc = window_need(w, position, RECORD_HEADER_BYTES);

	if (rc < 0)
		return rc;
	if (record_decode(window_at(w, position),
			  rules->superblock->geometry.max_item, &r) &&
	    r.epoch < *epoch)
		*epoch = r.epoch;
	*epoch = segments_epoch_at(rules->segments, position, *epoch);
	return 0;
}

/* ---- what becomes of what was pending before it ------------------------- */

/*
 * How far the commits hidden by the damage had exposed, as the next valid one
 * tells; 0: there is none yet.
 */
static int find_exposed(struct window *w, const struct chain_rules *rules,
			const struct chain *c, const struct place *place,
			uint64_t *ret_exposed)
{
	struct chain chain;

	*ret_exposed = place->visible;
	chain_from_cursor(&chain, place->position, place->sequence);
	chain.epoch = c->epoch;
	for (;;) {
		struct chain_step step;
		int rc = scan_look(w, rules, &chain, &step);

		if (rc < 0 || step.verdict <= CHAIN_HOLE)
			return rc;
		if (step.verdict != CHAIN_ITEM) {
			*ret_exposed = step.commit.from;
			return 0;
		}
		chain_accept(&chain, &step);
	}
}

/*
 * A discard hidden by the damage would have given the numbers of what was
 * pending again. If the number reached behind it can't be had that way, for
 * want of room for so many items, there was none.
 */
static bool was_surely_kept(const struct chain *c, const struct place *place)
{
	const uint64_t hidden = place->position - c->position;
	uint64_t given_again;

	if (place->sequence < c->next_sequence)
		return false;
	if (place->is_exact)
		return place->sequence == c->next_sequence;
	given_again = place->sequence - c->exposed_sequence;
	return hidden / RECORD_HEADER_BYTES < given_again;
}

int resume_find(struct window *w, const struct chain_rules *rules,
		const struct chain *c, const struct chain_step *step,
		const struct boundaries *known, uint64_t evidence,
		enum resume_how how, struct resumption *ret)
{
	const struct boundary *limit = pick(known, c->position, how);
	const bool pending = c->next_sequence > c->exposed_sequence;
	enum record_hole sort = HOLE_OPEN;
	struct place place;
	uint64_t exposed;
	int rc = find_place(w, rules, c, step, limit, evidence, how, &place);

	if (rc == 0 && place.position < c->position + RECORD_HEADER_BYTES)
		rc = -RING_ERR_DAMAGED;
	if (rc == 0)
		rc = find_exposed(w, rules, c, &place, &exposed);
	if (rc < 0)
		return rc;
	*ret = (struct resumption){ .start = c->position,
				    .sequence = c->next_sequence };
	if (place.hides_commit && pending &&
	    (how == RESUME_FARTHEST || !was_surely_kept(c, &place))) {
		ret->start = c->exposed;
		ret->sequence = c->exposed_sequence;
		sort = HOLE_SETTLED;
	} else if (place.hides_commit && (!pending || exposed >= c->position)) {
		sort = HOLE_SETTLED;
	}
	ret->hole = (struct record){
		.kind = RECORD_HOLE,
		.type = sort,
		.epoch = c->epoch,
		.sequence = place.sequence,
		.hole_end = place.position,
	};
	return resume_epoch(w, rules, ret->start, &ret->hole.epoch);
}

struct chain_step resume_step(const struct chain_rules *rules,
			      const struct record *hole)
{
	return (struct chain_step){
		.verdict = CHAIN_HOLE,
		.record = *hole,
		.bytes = RECORD_HEADER_BYTES,
		.next = segments_skip_gap(rules->segments, hole->hole_end),
	};
}
