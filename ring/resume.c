/*
 * A search behind a bad record finds evidence of where the stream goes on,
 * never content (R14): the place must be told by the bad record's own header,
 * by a slot, or by a record whose checksum is right for this very position.
 * What a payload holds of a ring is sealed for the positions it was copied
 * from, so it does not pass.
 */
#include "ring/resume.h"

#include "ring/bytes.h"
#include "ring/checksum.h"

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
	boundaries_add(b,
		       (struct boundary){ at->position, at->next_sequence,
					  at->exposed, at->exposed_sequence });
	boundaries_add(b,
		       (struct boundary){ at->exposed, at->exposed_sequence,
					  at->exposed, at->exposed_sequence });
	for (unsigned i = 1; i < SLOT_REPLIES; i++) {
		const struct reply *r = &producer->replies[i];

		if (r->membership == MEMBER_JOINED)
			boundaries_add(b, (struct boundary){
						  r->position, r->sequence,
						  r->position, r->sequence });
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
	bool is_exact;                  /* told by the bad record's header */
	bool hides_commit;              /* at least one, or maybe */
	const struct boundary *told_by; /* NULL: no slot */
};

/* Its header is intact, and it is the next one: only its body is lost. */
static bool is_item_without_body(const struct chain *c,
				 const struct chain_step *bad)
{
	return bad->header_is_intact && bad->record.kind == RECORD_ITEM &&
	       bad->record.sequence == c->next_sequence;
}

/* The same of any record. */
static bool step_by_header(const struct chain_rules *rules,
			   const struct chain *c, const struct chain_step *step,
			   struct place *ret)
{
	const bool is_item = step->record.kind == RECORD_ITEM;
	const uint64_t end = c->position + step->bytes;

	if (!step->header_is_intact || step->record.kind == RECORD_HOLE)
		return false;
	if (is_item ? !is_item_without_body(c, step)
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
	    r.sequence < c->exposed_sequence ||
	    !record_header_is_intact(
		    window_at(w, position),
		    checksum_seed(rules->superblock->uuid, position)))
		return 0;
	chain_from_cursor(&chain, position, r.sequence);
	chain.epoch = c->epoch;
	rc = scan_look(w, rules, &chain, &step);
	if (rc < 0)
		return rc;
	*ret_sequence = r.sequence;
	return step.verdict != CHAIN_BAD;
}

/* 1 if a record was found, 0: *ret is at `to`. */
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

		if (rc > 0)
			ret->position = at;
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* Whether the mark lies within the batch: its commit was there, behind what
 * is known. */
static bool is_in_batch(const struct chain *c, uint64_t mark)
{
	return mark < c->position + RECORD_HEADER_BYTES;
}

/* The least that a hole may be. */
static uint64_t nearest_end(const struct geometry *g, uint64_t position)
{
	return round_up(position + RECORD_HEADER_BYTES,
			g->padded ? g->block_bytes : 8);
}

static int find_place(struct window *w, const struct chain_rules *rules,
		      const struct chain *c, const struct chain_step *step,
		      const struct boundary *limit, uint64_t evidence,
		      enum resume_how how, struct place *ret)
{
	const struct geometry *g = &rules->superblock->geometry;
	const bool is_open = limit == NULL && is_in_batch(c, evidence);
	uint64_t to = limit != NULL ? limit->position : evidence;
	int rc = 1;

	if (is_open)
		to = how == RESUME_FARTHEST ? nearest_end(g, c->position)
					    : c->position + g->max_batch;
	if (to > c->position + g->data_bytes)
		return -RING_ERR_DAMAGED;
	if (how == RESUME_FARTHEST)
		*ret = (struct place){ .position = to,
				       .sequence = c->next_sequence,
				       .hides_commit = true };
	else if (!step_by_header(rules, c, step, ret) || ret->position > to)
		rc = search(w, rules, c, to, ret);
	if (rc == 0 && is_open)
		ret->position = nearest_end(g, c->position);
	if (limit != NULL && ret->position == limit->position) {
		ret->sequence = limit->sequence;
		ret->told_by = limit;
	}
	return rc < 0 ? rc : 0;
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
	return segments_allow(rules->segments, position, *epoch)
		       ? 0
		       : -RING_ERR_DAMAGED;
}

/* ---- what becomes of what was pending before it ------------------------- */

/* How far the hidden commits had exposed. */
struct outlook {
	bool is_known;
	bool has_moved;    /* they exposed or discarded something */
	bool is_discard;   /* the next one is */
	uint64_t exposed;  /* or where to go on, behind what is discarded */
	uint64_t sequence; /* there */
};

static struct outlook told_by_commit(const struct chain *c,
				     const struct chain *at,
				     const struct chain_step *step,
				     uint64_t place)
{
	const struct commit *m = &step->commit;

	if (step->verdict == CHAIN_DISCARD)
		return (struct outlook){
			.is_known = true,
			.is_discard = true,
			.has_moved = m->exposed_sequence != c->exposed_sequence,
			.exposed = at->position,
			.sequence = m->exposed_sequence,
		};
	return (struct outlook){
		.is_known = true,
		.has_moved = m->from > c->position ||
			     (m->exposed > c->position && m->exposed < place),
		.exposed = m->exposed,
		.sequence = m->exposed_sequence,
	};
}

/*
 * As the slot says that names the place, or else the next valid commit. 1 if
 * there is none before the next bad record, which is at *ret_stop.
 */
static int look_out(struct window *w, const struct chain_rules *rules,
		    const struct chain *c, const struct place *place,
		    struct outlook *ret, struct chain *ret_stop,
		    struct chain_step *ret_bad)
{
	const struct boundary *told = place->told_by;
	struct chain chain;

	*ret = (struct outlook){ 0 };
	if (told != NULL) {
		*ret = (struct outlook){
			.is_known = true,
			.has_moved = told->exposed > c->position,
			.exposed = told->exposed,
			.sequence = told->exposed_sequence,
		};
		return 0;
	}
	chain_from_cursor(&chain, place->position, place->sequence);
	chain.epoch = c->epoch;
	for (;;) {
		struct chain_step step;
		int rc = scan_look(w, rules, &chain, &step);

		if (rc < 0 || step.verdict == CHAIN_HOLE)
			return rc;
		if (step.verdict == CHAIN_BAD) {
			if (!is_item_without_body(&chain, &step)) {
				*ret_stop = chain;
				*ret_bad = step;
				return 1;
			}
			chain.position += step.bytes;
			chain.next_sequence++;
			continue;
		}
		if (step.verdict != CHAIN_ITEM) {
			*ret = told_by_commit(c, &chain, &step,
					      place->position);
			return 0;
		}
		chain_accept(&chain, &step);
	}
}

/*
 * What the damage hides is only told by a commit behind it. Where further
 * damage comes first, both are one: an open hole before the other could let a
 * later commit expose a place in the middle of it.
 */
static int reach_outlook(struct window *w, const struct chain_rules *rules,
			 const struct chain *c, const struct boundary *limit,
			 uint64_t evidence, struct place *place,
			 struct outlook *ret)
{
	for (;;) {
		struct place next = { 0 };
		struct chain_step bad;
		struct chain stop;
		int rc = look_out(w, rules, c, place, ret, &stop, &bad);

		if (rc <= 0 || !place->hides_commit ||
		    stop.position >= evidence)
			return rc < 0 ? rc : 0;
		stop.exposed_sequence = c->exposed_sequence;
		rc = find_place(w, rules, &stop, &bad, limit, evidence,
				RESUME_NEAREST, &next);
		if (rc < 0)
			return rc;
		if (next.position <= stop.position ||
		    next.position >
			    c->position +
				    rules->superblock->geometry.data_bytes)
			return 0;
		next.hides_commit = true;
		next.is_exact = false;
		*place = next;
	}
}

/*
 * Go on where the visible part ends: what follows there is pending, and its
 * numbers may be given again; or it is discarded.
 */
static void go_to_exposed(const struct chain *c, const struct outlook *o,
			  const struct boundary *limit, struct place *place)
{
	const bool fits = o->exposed >= c->position + RECORD_HEADER_BYTES &&
			  o->exposed % 8 == 0 &&
			  (limit == NULL || o->exposed <= limit->position);

	if (!fits || (o->exposed > place->position && !o->is_discard))
		return;
	place->position = o->exposed;
	place->sequence = o->sequence;
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
	if (!c->knows_exposed && (c->exposed != c->end || c->durable > c->end))
		return false; /* behind an open hole: from which number on? */
	given_again = place->sequence - c->exposed_sequence;
	return hidden / RECORD_HEADER_BYTES < given_again;
}

struct chain resume_chain(const struct chain *before,
			  const struct boundaries *known)
{
	struct chain c = *before;

	for (unsigned i = 0; i < known->count; i++) {
		const struct boundary *b = &known->list[i];

		if (b->exposed <= c.exposed || b->exposed > c.position)
			continue;
		c.exposed = b->exposed;
		c.exposed_sequence = b->exposed_sequence;
		c.knows_exposed = false;
	}
	return c;
}

int resume_find(struct window *w, const struct chain_rules *rules,
		const struct chain *before, const struct chain_step *step,
		const struct boundaries *known, uint64_t evidence,
		enum resume_how how, struct resumption *ret)
{
	const struct chain at = resume_chain(before, known), *c = &at;
	const struct boundary *limit = pick(known, c->position, how);
	const bool pending = c->next_sequence > c->exposed_sequence;
	enum record_hole sort = HOLE_OPEN;
	struct outlook outlook;
	struct place place;
	int rc = find_place(w, rules, c, step, limit, evidence, how, &place);

	if (rc == 0 && place.position < c->position + RECORD_HEADER_BYTES)
		rc = -RING_ERR_DAMAGED;
	if (rc == 0)
		rc = reach_outlook(w, rules, c, limit, evidence, &place,
				   &outlook);
	if (rc < 0)
		return rc;
	/* If nothing follows, the ring ends there: nothing can stay open. */
	if (!outlook.is_known &&
	    (is_in_batch(c, evidence) || place.position >= evidence))
		outlook.has_moved = place.hides_commit = true;
	*ret = (struct resumption){ .start = c->position,
				    .sequence = c->next_sequence };
	if (place.hides_commit && outlook.has_moved) {
		go_to_exposed(c, &outlook, limit, &place);
		sort = HOLE_SETTLED;
	}
	/* A cursor that stands there has seen all before it. */
	if (place.told_by != NULL && place.told_by->exposed == place.position)
		sort = HOLE_SETTLED;
	if (place.hides_commit && pending &&
	    (outlook.has_moved || !outlook.is_known) &&
	    (how == RESUME_FARTHEST || !was_surely_kept(c, &place))) {
		ret->start = segments_skip_gap(rules->segments, c->exposed);
		ret->sequence = c->exposed_sequence;
		/* The producer starts at its checkpoint: never across it. */
		limit = pick(known, ret->start, RESUME_NEAREST);
		if (limit != NULL && limit->position <= c->position) {
			place.position = limit->position;
			place.sequence = limit->sequence;
			sort = HOLE_SETTLED;
		}
	}
	ret->hole = (struct record){
		.kind = RECORD_HOLE,
		.type = (uint16_t)sort,
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
