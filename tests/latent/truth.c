#include "tests/latent/truth.h"

#include "tests/lib/image.h"

#include <string.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Offsets are those of FORMAT.md 3. */
enum { PRODUCER, OPERATOR, CURSOR_0, PAIRS = 4, RECOVERING = 2 };

const char *truth_text(enum truth truth)
{
	static const char *const texts[TRUTHS] = {
		[TRUTH_NOTHING] = "harmless: nothing of meaning",
		[TRUTH_OLD_COPY] = "harmless: a spare copy is old",
		[TRUTH_SPOILT] = "harmless: a copy is spoilt",
		[TRUTH_UNSEEN] = "harmless: not visible yet",
		[TRUTH_WITHHELD] = "harmless: until a producer attaches",
		[TRUTH_DAMAGE] = "damage",
		[TRUTH_LOST] = "damage: no copy is left",
		[TRUTH_UNDECIDABLE] = "undecidable: newest commit",
		[TRUTH_UNDECIDABLE_BLOCK] = "undecidable: newest, one block",
		[TRUTH_LATER_COMMIT] = "known limit: later commit only",
		[TRUTH_OTHER_CURSOR] = "known limit: other cursor only",
		[TRUTH_EPOCH] = "known limit: epoch's only copy",
		[TRUTH_ADVANCE] = "known limit: advance's only copy",
		[TRUTH_REQUEST] = "known limit: request's last copy",
		[TRUTH_UNEXPLAINED] = "unexplained",
	};

	return texts[truth];
}

/* ---- what was hit ------------------------------------------------------- */

static bool overlaps(const struct hit *hit, uint64_t offset, size_t len)
{
	for (unsigned i = 0; i < hit->count; i++)
		if (hit->list[i].offset < offset + len &&
		    offset < hit->list[i].offset + hit->list[i].len)
			return true;
	return false;
}

static bool record_is_good(const struct story *s, const struct hit *hit,
			   const struct stream_record *r)
{
	const uint64_t offset = story_offset(s, r->position);
	const uint64_t end = s->data_offset + s->data_bytes;
	bool touched = overlaps(hit, offset, r->len);

	if (offset + r->len > end)
		touched |= overlaps(hit, s->data_offset,
				    (size_t)(offset + r->len - end));
	return r->is_present && (!touched || story_record_stands(s, r));
}

/* ---- slots -------------------------------------------------------------- */

/* Whether these bytes were once written to this very place. */
static bool was_written(const struct story *s, uint64_t offset, size_t len)
{
	for (size_t i = 0; i < s->write_count; i++)
		if (s->writes[i].offset == offset && s->writes[i].len >= len &&
		    memcmp(s->writes[i].data, s->bytes + offset, len) == 0)
			return true;
	return false;
}

/* Whether they were written there last. */
static bool is_newest_written(const struct story *s, uint64_t offset,
			      size_t len)
{
	for (size_t i = s->write_count; i-- > 0;)
		if (s->writes[i].offset == offset && s->writes[i].len >= len)
			return memcmp(s->writes[i].data, s->bytes + offset,
				      len) == 0;
	return false;
}

static bool is_newer(const uint8_t *a, const uint8_t *b)
{
	const uint64_t epoch_a = image_get(a, 24, 8);
	const uint64_t epoch_b = image_get(b, 24, 8);

	if (epoch_a != epoch_b)
		return epoch_a > epoch_b;
	return image_get(a, 32, 8) > image_get(b, 32, 8);
}

/* The slot that a role is left with; NULL if both copies of a pair are gone. */
static const uint8_t *newest_slot(const struct story *s, const struct hit *hit,
				  uint32_t role, struct remains *left)
{
	const size_t len = story_slot_bytes(role);
	const uint8_t *best = NULL;
	unsigned gone[PAIRS] = { 0 };

	for (unsigned copy = 0; copy < STORY_COPIES; copy++) {
		const uint64_t offset = story_copy_offset(s, role, copy);

		if (overlaps(hit, offset, len)) {
			const bool is_copy = was_written(s, offset, len);

			left->is_spoilt |= !is_copy;
			left->is_old |=
				is_copy && !is_newest_written(s, offset, len);
			gone[copy / 2] += !is_copy;
			if (!is_copy)
				continue;
		}
		if (best == NULL || is_newer(s->bytes + offset, best))
			best = s->bytes + offset;
	}
	for (unsigned i = 0; i < PAIRS; i++)
		if (gone[i] == 2)
			return NULL;
	return best;
}

static bool superblock_is_good(const struct story *s, const struct hit *hit,
			       uint64_t offset)
{
	return !overlaps(hit, offset, STORY_SUPERBLOCK_BYTES) ||
	       is_newest_written(s, offset, STORY_SUPERBLOCK_BYTES);
}

void truth_remains(const struct story *s, const struct hit *hit,
		   struct remains *ret)
{
	const bool a = superblock_is_good(s, hit, 0);
	const bool b = superblock_is_good(s, hit, STORY_SUPERBLOCK_B);

	*ret = (struct remains){ .has_superblock = a || b,
				 .is_spoilt = !a || !b };
	for (uint32_t role = 0; role < s->roles; role++)
		ret->slots[role] = newest_slot(s, hit, role, ret);
}

/* ---- positions ---------------------------------------------------------- */

struct place {
	uint64_t position;
	uint64_t sequence;
};

static const uint8_t *reply_to(const struct remains *left, unsigned cursor)
{
	return left->slots[PRODUCER] + 1280 + 40 * (1 + cursor);
}

/* Where a counted cursor stands: FORMAT.md 3.2. `own`: its slot counts. */
static struct place place_of(const struct remains *left, unsigned cursor,
			     bool own)
{
	const uint8_t *reply = reply_to(left, cursor);
	const uint8_t *slot = left->slots[CURSOR_0 + cursor];
	struct place p = { image_get(reply, 16, 8), image_get(reply, 24, 8) };

	if (own && slot != NULL && image_get(slot, 248, 8) > p.position)
		p = (struct place){ image_get(slot, 248, 8),
				    image_get(slot, 256, 8) };
	return p;
}

static uint64_t checkpoint(const struct remains *left)
{
	return image_get(left->slots[PRODUCER], 184, 8);
}

/* Below it a record that is not valid is damage: FORMAT.md 6. */
static uint64_t durable_mark(const struct story *s, const struct remains *left)
{
	uint64_t mark = checkpoint(left);

	for (unsigned i = 0; i < s->shape->cursors; i++) {
		const struct place p = place_of(left, i, true);

		if (p.position > mark)
			mark = p.position;
	}
	return mark;
}

/* The part of it that consumer i looks at. */
static uint64_t mark_for_consumer(const struct story *s,
				  const struct remains *left, unsigned cursor)
{
	uint64_t mark = checkpoint(left);

	for (unsigned i = 0; i < s->shape->cursors; i++) {
		const struct place p = place_of(left, i, i == cursor);

		if (p.position > mark)
			mark = p.position;
	}
	return mark;
}

/* FORMAT.md 4.3. */
static bool epoch_is_allowed(const struct remains *left, uint64_t position,
			     uint64_t epoch)
{
	const uint8_t *slot = left->slots[PRODUCER];
	uint64_t i = image_get(slot, 228, 4) - 1;
	const bool is_last = position >= image_get(slot, 512 + 32 * i, 8);
	const uint8_t *segment;

	while (i > 0 && position < image_get(slot, 512 + 32 * i, 8))
		i--;
	segment = slot + 512 + 32 * i;
	if (position < image_get(segment, 0, 8) ||
	    epoch < image_get(segment, 16, 8) ||
	    epoch > image_get(segment, 24, 8))
		return false;
	if (!is_last)
		return position < image_get(segment, 8, 8);
	return (epoch == image_get(segment, 24, 8)) ==
	       (position >= image_get(slot, 176, 8));
}

/* ---- walking ------------------------------------------------------------ */

struct walk {
	bool stops; /* before the end that was acknowledged */
	bool for_epoch;
	size_t index; /* of the record where it does */
	uint64_t position;
	uint64_t proven;          /* commits beyond it show nothing yet */
	uint64_t pushed, exposed; /* of the last commit before it */
};

static size_t first_record(const struct story *s, uint64_t position)
{
	size_t i = 0;

	while (i < s->record_count && s->records[i].position < position)
		i++;
	return i;
}

static struct walk walk_from(const struct story *s, const struct hit *hit,
			     const struct remains *left, struct walk w)
{
	for (w.index = first_record(s, w.position); w.index < s->record_count;
	     w.index++) {
		const struct stream_record *r = &s->records[w.index];

		w.for_epoch = !epoch_is_allowed(left, r->position, r->epoch);
		w.stops = w.for_epoch || !record_is_good(s, hit, r);
		if (w.stops) {
			if (!w.for_epoch)
				w.position = r->position;
			return w;
		}
		w.position = r->end;
		if (r->is_commit && r->end <= w.proven) {
			w.pushed = r->sequence;
			w.exposed = r->exposed_sequence;
		}
	}
	return w;
}

/* Whether a commit behind the bad record says that it was durable. */
static bool later_commit_vouches(const struct story *s, const struct hit *hit,
				 const struct remains *left,
				 const struct walk *w)
{
	for (size_t i = w->index; i < s->record_count; i++) {
		const struct stream_record *r = &s->records[i];

		if (r->is_commit && r->durable > w->position &&
		    record_is_good(s, hit, r) &&
		    epoch_is_allowed(left, r->position, r->epoch))
			return true;
	}
	return false;
}

/*
 * Nothing that is left vouches. Then it must be the newest batch that was hit,
 * or every commit that vouched was hit together with it; and no mark that the
 * producer had to write, unless that was hit, too.
 */
static enum truth undecidable(const struct story *s, const struct hit *hit,
			      const struct remains *left, const struct walk *w)
{
	const struct stream_record *bad = &s->records[w->index];
	const struct stream_record *last = &s->records[s->record_count - 1];

	if (record_is_good(s, hit, bad))
		return TRUTH_UNEXPLAINED;
	if (s->is_marked && !left->is_old && !left->is_spoilt)
		return TRUTH_UNEXPLAINED;
	if (bad->batch == last->batch)
		return TRUTH_UNDECIDABLE;
	for (size_t i = w->index; i < s->record_count; i++)
		if (s->records[i].is_commit &&
		    s->records[i].durable > w->position &&
		    record_is_good(s, hit, &s->records[i]))
			return TRUTH_UNEXPLAINED;
	return TRUTH_UNDECIDABLE_BLOCK;
}

static enum truth judge_walk(const struct story *s, const struct hit *hit,
			     const struct remains *left, const struct walk *w,
			     uint64_t mark_seen)
{
	if (w->position < mark_seen)
		return TRUTH_DAMAGE;
	if (w->position < durable_mark(s, left))
		return TRUTH_OTHER_CURSOR;
	if (w->for_epoch)
		return TRUTH_EPOCH;
	if (later_commit_vouches(s, hit, left, w))
		return TRUTH_LATER_COMMIT;
	return undecidable(s, hit, left, w);
}

/* Nothing of the stream is missing: what else changed? */
static enum truth judge_copies(const struct remains *left)
{
	if (left->is_spoilt)
		return TRUTH_SPOILT;
	return left->is_old ? TRUTH_OLD_COPY : TRUTH_NOTHING;
}

/* ---- for each judge ----------------------------------------------------- */

static struct walk start_of_checker(const struct story *s,
				    const struct remains *left)
{
	struct walk w = { .position = checkpoint(left) };

	for (unsigned i = 0; i < s->shape->cursors; i++) {
		const struct place p = place_of(left, i, true);

		if (p.position < w.position)
			w.position = p.position;
	}
	return w;
}

static struct expectation for_checker(const struct story *s,
				      const struct hit *hit,
				      const struct remains *left)
{
	const struct walk w =
		walk_from(s, hit, left, start_of_checker(s, left));
	struct expectation e = { .truth = judge_copies(left),
				 .bad = w.position };

	if (w.stops)
		e.truth = judge_walk(s, hit, left, &w, durable_mark(s, left));
	for (uint32_t role = 0; role < s->roles; role++)
		if (left->slots[role] == NULL)
			e.truth = TRUTH_LOST;
	return e;
}

static bool suspends(const struct remains *left, uint32_t role)
{
	return left->slots[role] != NULL &&
	       image_get(left->slots[role], 288, 4) == 1;
}

static struct expectation for_producer(const struct story *s,
				       const struct hit *hit,
				       const struct remains *left)
{
	const uint8_t *slot = left->slots[PRODUCER];
	const struct walk w =
		walk_from(s, hit, left,
			  (struct walk){ .position = checkpoint(left),
					 .proven = UINT64_MAX,
					 .pushed = image_get(slot, 208, 8),
					 .exposed = image_get(slot, 200, 8) });
	struct expectation e = { .truth = judge_copies(left),
				 .bad = w.position,
				 .pushed = w.pushed,
				 .exposed = w.exposed };

	for (uint32_t role = OPERATOR; role < s->roles; role++)
		e.suspended |= suspends(left, role);
	if (w.stops)
		e.truth = judge_walk(s, hit, left, &w, durable_mark(s, left));
	else if (e.suspended != s->suspended)
		e.truth = TRUTH_REQUEST;
	return e;
}

/* No reply may have repeated it, unless that was hit, too. */
static enum truth lost_advance(const struct story *s, const struct hit *hit,
			       unsigned cursor)
{
	const uint64_t slots = story_copy_offset(s, PRODUCER, 0);
	const uint64_t end = story_copy_offset(s, PRODUCER, STORY_COPIES);

	return s->is_repeated[cursor] &&
			       !overlaps(hit, slots, (size_t)(end - slots))
		       ? TRUTH_UNEXPLAINED
		       : TRUTH_ADVANCE;
}

/* While a producer recovers only its checkpoint is proof: rule R8. */
static uint64_t proven_for(const struct remains *left, uint64_t position)
{
	const uint64_t mark = checkpoint(left);

	if (image_get(left->slots[PRODUCER], 48, 4) != RECOVERING)
		return UINT64_MAX;
	return mark > position ? mark : position;
}

static struct expectation for_consumer(const struct story *s,
				       const struct hit *hit,
				       const struct remains *left,
				       unsigned cursor)
{
	const struct place from = place_of(left, cursor, true);
	const struct walk w = walk_from(
		s, hit, left,
		(struct walk){ .position = from.position,
			       .proven = proven_for(left, from.position),
			       .exposed = from.sequence });
	struct expectation e = { .truth = judge_copies(left),
				 .bad = w.position,
				 .first = from.sequence,
				 .exposed = w.exposed };

	if (e.exposed < e.first)
		e.exposed = e.first;
	if (left->slots[CURSOR_0 + cursor] == NULL)
		e.truth = TRUTH_LOST;
	else if (w.stops)
		e.truth = judge_walk(s, hit, left, &w,
				     mark_for_consumer(s, left, cursor));
	else if (e.first != s->consumed[cursor])
		e.truth = lost_advance(s, hit, cursor);
	else if (e.exposed < s->exposed)
		e.truth = TRUTH_WITHHELD;
	if (w.stops && e.truth != TRUTH_DAMAGE && e.exposed == s->exposed &&
	    e.first == s->consumed[cursor])
		e.truth = TRUTH_UNSEEN;
	return e;
}

struct expectation truth_for(const struct story *s, const struct hit *hit,
			     const struct remains *left, enum judge judge,
			     unsigned cursor)
{
	if (!left->has_superblock || left->slots[PRODUCER] == NULL)
		return (struct expectation){ .truth = TRUTH_LOST };
	if (judge == JUDGE_CHECKER)
		return for_checker(s, hit, left);
	if (judge == JUDGE_PRODUCER)
		return for_producer(s, hit, left);
	return for_consumer(s, hit, left, cursor);
}
