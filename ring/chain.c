#include "ring/chain.h"

#include "ring/bytes.h"
#include "ring/checksum.h"

#include <assert.h>

void chain_from_checkpoint(struct chain *c, const struct checkpoint *at)
{
	*c = (struct chain){
		.position = at->position,
		.next_sequence = at->next_sequence,
		.batch = at->position,
		.knows_batch = true,
		.knows_exposed = true,
		.exposed = at->exposed,
		.exposed_sequence = at->exposed_sequence,
		.durable = at->position,
		.end = at->position,
		.end_sequence = at->next_sequence,
		.end_time_ns = at->time_ns,
	};
}

void chain_from_cursor(struct chain *c, uint64_t position, uint64_t sequence)
{
	*c = (struct chain){
		.position = position,
		.next_sequence = sequence,
		.batch = position,
		.exposed = position,
		.exposed_sequence = sequence,
		.durable = position,
		.end = position,
		.end_sequence = sequence,
	};
}

static uint64_t commit_end(const struct chain_rules *rules,
			   const struct chain *c, uint64_t bytes)
{
	return geometry_commit_end(&rules->superblock->geometry,
				   c->position + bytes);
}

/* FORMAT.md 6, (6): which of the three kinds of commit, if any. */
static enum chain_verdict classify(const struct chain *c, uint64_t max_batch,
				   const struct chain_step *s, uint64_t end)
{
	const struct commit *m = &s->commit;

	if (m->durable > m->batch || m->exposed > end || m->from > m->exposed)
		return CHAIN_BAD;
	if (c->knows_batch ? m->batch != c->batch : m->batch > c->batch)
		return CHAIN_BAD;
	if (end - m->batch > max_batch)
		return CHAIN_BAD;
	if (m->from == end)
		return CHAIN_DISCARD;
	if (c->knows_exposed && m->from != c->exposed)
		return CHAIN_BAD;
	if (m->from == m->exposed)
		return c->knows_exposed && m->exposed_sequence !=
						   c->exposed_sequence
			       ? CHAIN_BAD
			       : CHAIN_PUSH;
	if (m->exposed_sequence > c->next_sequence ||
	    (c->knows_exposed && m->exposed_sequence < c->exposed_sequence))
		return CHAIN_BAD;
	if (m->exposed >= c->position &&
	    m->exposed_sequence != c->next_sequence)
		return CHAIN_BAD;
	return CHAIN_EXPOSE;
}

/* FORMAT.md 4.4 */
static bool hole_is_right(const struct chain_rules *rules,
			  const struct chain *c, const struct record *r)
{
	const uint64_t from = c->position + RECORD_HEADER_BYTES;

	return r->hole_end % 8 == 0 && r->hole_end >= from &&
	       r->hole_end < INT64_MAX &&
	       r->hole_end - c->position <=
		       rules->superblock->geometry.data_bytes &&
	       (!c->knows_exposed || r->sequence >= c->exposed_sequence);
}

static bool sequence_is_right(const struct chain *c, const struct chain_step *s)
{
	const uint64_t sequence = s->record.sequence;

	if (s->verdict == CHAIN_HOLE)
		return true;
	if (s->verdict != CHAIN_DISCARD)
		return sequence == c->next_sequence;
	if (s->commit.exposed_sequence != sequence)
		return false;
	return c->knows_exposed ? sequence == c->exposed_sequence
				: sequence <= c->next_sequence;
}

static void refuse(struct chain_step *s, enum chain_reason reason)
{
	s->verdict = CHAIN_BAD;
	s->reason = reason;
}

/* What a commit says, and whether that continues the chain. */
static void judge_commit(const struct chain_rules *rules, const struct chain *c,
			 const uint8_t *buf, struct chain_step *s)
{
	const uint64_t end = commit_end(rules, c, s->bytes);

	commit_decode(buf + RECORD_HEADER_BYTES, &s->commit);
	s->verdict = classify(c, rules->superblock->geometry.max_batch, s, end);
	if (s->verdict == CHAIN_BAD)
		refuse(s, CHAIN_REASON_COMMIT);
	s->next = segments_skip_gap(rules->segments, end);
}

static void judge_hole(const struct chain_rules *rules, const struct chain *c,
		       struct chain_step *s)
{
	s->verdict = CHAIN_HOLE;
	if (!hole_is_right(rules, c, &s->record))
		refuse(s, CHAIN_REASON_HOLE);
	s->next = segments_skip_gap(rules->segments, s->record.hole_end);
}

/* The checksum is right: does the record also belong here? */
static void judge(const struct chain_rules *rules, const struct chain *c,
		  const uint8_t *buf, struct chain_step *s)
{
	if (s->record.epoch < c->epoch ||
	    !segments_allow(rules->segments, c->position, s->record.epoch)) {
		refuse(s, CHAIN_REASON_EPOCH);
		return;
	}
	s->verdict = CHAIN_ITEM;
	s->next = c->position + s->bytes;
	if (s->record.kind == RECORD_HOLE)
		judge_hole(rules, c, s);
	if (s->record.kind == RECORD_COMMIT)
		judge_commit(rules, c, buf, s);
	if (s->verdict != CHAIN_BAD && !sequence_is_right(c, s))
		refuse(s, CHAIN_REASON_SEQUENCE);
}

/* Sets the reason if the checksum is wrong. */
static bool passes_checksum(const struct superblock *sb, const struct chain *c,
			    const struct chain_bytes *at, struct chain_step *s)
{
	uint64_t seed;

	if (s->bytes <= at->checked)
		return true;
	seed = checksum_seed(sb->uuid, c->position);
	if (record_is_sealed(at->buf, &s->record, seed))
		return true;
	s->header_is_intact = record_header_is_intact(at->buf, seed);
	refuse(s, CHAIN_REASON_CHECKSUM);
	return false;
}

void chain_look(const struct chain_rules *rules, const struct chain *c,
		const struct chain_bytes *at, struct chain_step *s)
{
	const struct superblock *sb = rules->superblock;

	s->verdict = CHAIN_MORE;
	s->reason = CHAIN_REASON_NONE;
	s->header_is_intact = false;
	s->bytes = RECORD_HEADER_BYTES;
	if (at->len < RECORD_HEADER_BYTES)
		return;
	if (!record_decode(at->buf, sb->geometry.max_item, &s->record)) {
		s->bytes = 0;
		refuse(s, CHAIN_REASON_HEADER);
		return;
	}
	s->bytes = record_bytes(s->record.body_bytes);
	if (c->position + s->bytes - c->batch > sb->geometry.max_batch)
		refuse(s, CHAIN_REASON_LENGTH);
	else if (at->len >= s->bytes && passes_checksum(sb, c, at, s))
		judge(rules, c, at->buf, s);
}

static void accept_commit(struct chain *c, const struct chain_step *step)
{
	c->batch = step->next;
	c->knows_batch = true;
	c->knows_exposed = true;
	c->exposed = step->commit.exposed;
	c->exposed_sequence = step->commit.exposed_sequence;
	if (step->commit.durable > c->durable)
		c->durable = step->commit.durable;
	c->next_sequence = step->record.sequence;
	c->end = step->next;
	c->end_sequence = c->next_sequence;
	c->end_time_ns = step->record.time_ns;
}

/*
 * Behind a hole less is known, as behind a cursor's position. It was made
 * where a mark vouched for what it replaces: all of it is durable.
 */
static void accept_hole(struct chain *c, const struct chain_step *step)
{
	c->next_sequence = step->record.sequence;
	c->batch = step->next;
	c->durable = step->next;
	c->knows_batch = c->knows_exposed = false;
	if (step->record.type != HOLE_SETTLED)
		return;
	c->exposed = c->end = step->next;
	c->exposed_sequence = c->end_sequence = c->next_sequence;
}

uint64_t chain_reached(const struct chain *c)
{
	return c->end > c->durable ? c->end : c->durable;
}

bool chain_falls_short(const struct chain_rules *rules, const struct chain *c,
		       uint64_t seen)
{
	return c->knows_exposed &&
	       segments_skip_gap(rules->segments, c->exposed) < seen;
}

bool chain_step_is_end(const struct chain_step *step)
{
	return step->verdict > CHAIN_ITEM ||
	       (step->verdict == CHAIN_HOLE && step->record.type != HOLE_OPEN);
}

void chain_accept(struct chain *c, const struct chain_step *step)
{
	assert(step->verdict >= CHAIN_HOLE);
	assert(step->next > c->position);

	if (step->verdict == CHAIN_ITEM)
		c->next_sequence++;
	else if (step->verdict == CHAIN_HOLE)
		accept_hole(c, step);
	else
		accept_commit(c, step);
	c->epoch = step->record.epoch;
	c->position = step->next;
}

void chain_cookie(const uint8_t *buf, const struct chain_step *step,
		  struct cookie *ret)
{
	assert(step->record.kind == RECORD_COMMIT);
	assert(step->record.meta_bytes <= sizeof(ret->bytes));
	ret->len_bytes = step->record.meta_bytes;
	memcpy(ret->bytes, buf + RECORD_HEADER_BYTES + RECORD_COMMIT_BODY,
	       ret->len_bytes);
}

const char *chain_reason_text(enum chain_reason reason)
{
	switch (reason) {
	case CHAIN_REASON_NONE:
		break;
	case CHAIN_REASON_HEADER:
		return "there is no record header";
	case CHAIN_REASON_LENGTH:
		return "the record is longer than a batch may be";
	case CHAIN_REASON_CHECKSUM:
		return "the checksum does not match";
	case CHAIN_REASON_EPOCH:
		return "the record is of an epoch that is not valid here";
	case CHAIN_REASON_SEQUENCE:
		return "the sequence number is not the next one";
	case CHAIN_REASON_COMMIT:
		return "the commit contradicts what comes before it";
	case CHAIN_REASON_HOLE:
		return "the hole contradicts what comes before it";
	}
	return "the record is valid";
}
