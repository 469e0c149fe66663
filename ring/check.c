/*
 * The verifier: reads everything that a checksum or a rule covers, changes
 * nothing. A live ring changes under it, so what looks bad is looked at again
 * before it is reported.
 */
#include "ring/bytes.h"
#include "ring/export.h"
#include "ring/snapshot.h"

#include <stdarg.h>
#include <stdio.h>

struct check {
	struct snapshot snapshot;
	ring_check_fn *fn;
	void *ctx;
	int findings; /* of severity WARN and above */
};

__attribute__((format(printf, 3, 4))) static void
report(struct check *k, struct ring_finding finding, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	finding.text = text;
	k->findings += finding.severity >= RING_WARN;
	k->fn(k->ctx, &finding);
}

/* ---- superblocks -------------------------------------------------------- */

static void check_superblocks(struct check *k)
{
	static const uint64_t offsets[2] = { 0, GEOMETRY_SUPERBLOCK_B };
	const struct volume *v = &k->snapshot.volume;

	for (unsigned i = 0; i < 2; i++)
		if (!v->copy_is_valid[i])
			report(k,
			       (struct ring_finding){
				       .severity = RING_WARN,
				       .code = -RING_ERR_SUPERBLOCK,
				       .offset_bytes = offsets[i],
				       .length_bytes = SUPERBLOCK_BYTES },
			       "superblock copy %c is damaged; the other "
			       "serves",
			       "AB"[i]);
	if (superblock_ring_bytes(&v->superblock) < v->io->size_bytes)
		report(k, (struct ring_finding){ .severity = RING_NOTE },
		       "the device is larger than the ring by %llu bytes",
		       (unsigned long long)(v->io->size_bytes -
					    superblock_ring_bytes(
						    &v->superblock)));
}

/* ---- slots -------------------------------------------------------------- */

static const char *role_text(uint32_t role, char *buf, size_t len)
{
	if (role == ROLE_PRODUCER)
		return "the producer's slot";
	if (role == ROLE_OPERATOR)
		return "the operator's slot";
	snprintf(buf, len, "cursor slot %u", role - ROLE_CURSOR_0);
	return buf;
}

static bool copy_is_valid(struct check *k, uint32_t role, unsigned copy)
{
	struct snapshot *s = &k->snapshot;
	const struct role_found found = { .copy = copy, .header.role = role };
	union {
		struct producer_slot producer;
		struct cursor_slot cursor;
	} ignored;

	if (role == ROLE_PRODUCER)
		return role_decode_producer(&s->reader, &s->volume, &found,
					    &ignored.producer) == 0;
	return role_decode_cursor(&s->reader, &s->volume, &found,
				  &ignored.cursor) == 0;
}

/* A crash tears at most one copy of a pair, and it may stay so for long. */
static void report_copy(struct check *k, uint32_t role, unsigned copy)
{
	const struct geometry *g = &k->snapshot.volume.superblock.geometry;
	char buf[32];

	report(k,
	       (struct ring_finding){
		       .severity = RING_NOTE,
		       .code = -RING_ERR_SLOT,
		       .offset_bytes = geometry_slot_offset(g, role, copy),
		       .length_bytes = slot_bytes(role) },
	       "%s: copy %u is not valid, as an interrupted write leaves it; "
	       "the other of its pair is",
	       role_text(role, buf, sizeof(buf)), copy);
}

static void report_role(struct check *k, uint32_t role,
			const struct role_found *found)
{
	const struct geometry *g = &k->snapshot.volume.superblock.geometry;
	char buf[32];

	if (found->copy == ROLE_COPIES || found->pair_is_damaged) {
		report(k,
		       (struct ring_finding){
			       .severity = RING_DAMAGE,
			       .code = -RING_ERR_SLOT,
			       .offset_bytes = geometry_slot_offset(g, role, 0),
			       .length_bytes =
				       ROLE_COPIES * geometry_slot_stride(g) },
		       "%s: both copies of a pair are damaged, its state is "
		       "not known",
		       role_text(role, buf, sizeof(buf)));
		return;
	}
	for (unsigned copy = 0; copy < ROLE_COPIES; copy++)
		if (!copy_is_valid(k, role, copy))
			report_copy(k, role, copy);
}

static int check_slots(struct check *k)
{
	struct snapshot *s = &k->snapshot;

	for (uint32_t role = 0; role <= s->count; role++) {
		struct role_found found;
		int rc = role_read(&s->reader, &s->volume, role, &found);

		if (rc == -RING_ERR_SLOT || found.invalid > 0)
			/* It may have been written just then. */
			rc = role_read(&s->reader, &s->volume, role, &found);
		if (rc < 0 && rc != -RING_ERR_SLOT)
			return rc;
		if (rc < 0 || found.invalid > 0)
			report_role(k, role, &found);
	}
	return 0;
}

/* ---- what the slots say of each other ----------------------------------- */

static void check_cursor(struct check *k, unsigned i)
{
	const struct snapshot *s = &k->snapshot;
	const struct cursor_slot *slot = &s->slots[i];
	const struct reply *reply = &s->producer.replies[i];
	const uint64_t offset = geometry_slot_offset(
		&s->volume.superblock.geometry, ROLE_OPERATOR + i, 0);

	if (!s->slot_is_valid[i] || reply->membership != MEMBER_JOINED ||
	    slot->incarnation != reply->incarnation ||
	    slot->header.state < CURSOR_MEMBER)
		return;
	if (slot->position < reply->position)
		report(k,
		       (struct ring_finding){ .severity = RING_WARN,
					      .code = -RING_ERR_SLOT,
					      .position = slot->position,
					      .offset_bytes = offset },
		       "cursor '%s' is at %llu, but was seen at %llu: a write "
		       "of its slot is lost; attach goes on from there",
		       slot->name, (unsigned long long)slot->position,
		       (unsigned long long)reply->position);
}

/* A cursor that stands here counts as the stream does. */
static void check_numbers(struct check *k, const struct chain *chain)
{
	const struct snapshot *s = &k->snapshot;
	const struct geometry *g = &s->volume.superblock.geometry;

	for (unsigned i = 1; i < s->count; i++) {
		uint64_t position, sequence;

		if (!snapshot_position(s, i, &position, &sequence) ||
		    position != chain->position ||
		    sequence == chain->next_sequence)
			continue;
		report(k,
		       (struct ring_finding){
			       .severity = RING_DAMAGE,
			       .code = -RING_ERR_SLOT,
			       .position = position,
			       .offset_bytes = geometry_slot_offset(
				       g, ROLE_OPERATOR + i, 0) },
		       "cursor '%s' counts item %llu where the stream has %llu",
		       s->slots[i].name, (unsigned long long)sequence,
		       (unsigned long long)chain->next_sequence);
	}
}

/* ---- the stream --------------------------------------------------------- */

/* How many items a hole leaves out, from the number expected before it. */
static unsigned long long lost_items(uint64_t expected,
				     const struct record *hole)
{
	return hole->sequence > expected ? hole->sequence - expected : 0;
}

static int report_contradiction(struct check *k, const struct chain *chain,
				uint64_t mark)
{
	const struct geometry *g = &k->snapshot.volume.superblock.geometry;

	report(k,
	       (struct ring_finding){
		       .severity = RING_DAMAGE,
		       .code = -RING_ERR_DAMAGED,
		       .position = chain->position,
		       .offset_bytes = geometry_offset(g, chain->position) },
	       "the stream breaks off here, but slots vouch for it up to %llu, "
	       "which is more than a lap away",
	       (unsigned long long)mark);
	return 0;
}

/* Report it, and go on behind it, as a repair that skips it would. */
static int report_damage(struct check *k, struct chain *chain,
			 const struct chain_step *bad, uint64_t mark)
{
	struct snapshot *s = &k->snapshot;
	const struct chain_rules rules = snapshot_rules(s);
	struct boundaries known;
	struct resumption found;
	struct chain_step hole;
	uint64_t bytes;
	int rc;

	snapshot_boundaries(s, &known);
	rc = resume_find(&s->window, &rules, chain, bad, &known, mark,
			 RESUME_NEAREST, &found);
	if (rc == -RING_ERR_DAMAGED)
		return report_contradiction(k, chain, mark);
	if (rc < 0)
		return rc;
	hole = resume_step(&rules, &found.hole);
	bytes = hole.next > chain->position ? hole.next - chain->position : 8;
	report(k,
	       (struct ring_finding){
		       .severity = RING_DAMAGE,
		       .code = -RING_ERR_DAMAGED,
		       .position = chain->position,
		       .offset_bytes = geometry_offset(
			       &s->volume.superblock.geometry, chain->position),
		       .length_bytes = bytes },
	       "%s; %llu bytes are damaged, %llu items from %llu on are lost",
	       chain_reason_text(bad->reason), (unsigned long long)bytes,
	       lost_items(found.sequence, &found.hole),
	       (unsigned long long)found.sequence);
	chain->position = found.start;
	chain_accept(chain, &hole);
	return 1;
}

static void report_hole(struct check *k, const struct chain *chain,
			const struct chain_step *step)
{
	report(k,
	       (struct ring_finding){
		       .severity = RING_NOTE,
		       .position = chain->position,
		       .offset_bytes = geometry_offset(
			       &k->snapshot.volume.superblock.geometry,
			       chain->position),
		       .length_bytes = step->next - chain->position },
	       "a repair left out %llu items from %llu on",
	       lost_items(chain->next_sequence, &step->record),
	       (unsigned long long)chain->next_sequence);
}

/* The bad record again, with fresh eyes: 1 if the walk goes on. */
static int judge_bad(struct check *k, struct chain *chain,
		     struct chain_step *step)
{
	struct snapshot *s = &k->snapshot;
	const struct chain_rules rules = snapshot_rules(s);
	uint64_t tail, sequence, mark;
	int rc = snapshot_read(s);

	if (rc < 0)
		return rc;
	snapshot_tail(s, &tail, &sequence);
	window_forget(&s->window, chain->position);
	if (chain->position < tail) {
		/* A live ring: the consumers went past, start behind them. */
		chain_from_cursor(chain, tail, sequence);
		return 1;
	}
	rc = scan_look(&s->window, &rules, chain, step);
	if (rc < 0)
		return rc;
	if (step->verdict != CHAIN_BAD)
		return 1;
	rc = snapshot_evidence(s, chain, &mark);
	if (rc < 0 || chain_reached(chain) >= mark)
		return rc;
	return report_damage(k, chain, step, mark);
}

static int check_stream(struct check *k)
{
	struct snapshot *s = &k->snapshot;
	struct chain chain;
	uint64_t tail, sequence;

	snapshot_tail(s, &tail, &sequence);
	chain_from_cursor(&chain,
			  segments_skip_gap(&s->producer.segments, tail),
			  sequence);
	for (;;) {
		const struct chain_rules rules = snapshot_rules(s);
		struct chain_step step;
		int rc = scan_look(&s->window, &rules, &chain, &step);

		if (rc < 0)
			return rc;
		check_numbers(k, &chain);
		if (step.verdict == CHAIN_HOLE)
			report_hole(k, &chain, &step);
		if (step.verdict != CHAIN_BAD) {
			chain_accept(&chain, &step);
			continue;
		}
		rc = judge_bad(k, &chain, &step);
		if (rc <= 0)
			return rc;
	}
}

/* A producer starts at the checkpoint, and knows more from there on. */
static int check_end(struct check *k)
{
	struct snapshot *s = &k->snapshot;
	const struct geometry *g = &s->volume.superblock.geometry;
	struct scan_end end;
	int rc = snapshot_find_end(s, &end);

	if (rc != -RING_ERR_DAMAGED)
		return rc;
	report(k,
	       (struct ring_finding){
		       .severity = RING_DAMAGE,
		       .code = rc,
		       .position = end.bad_position,
		       .offset_bytes = geometry_offset(g, end.bad_position) },
	       "from the checkpoint on the stream ends before what slots vouch "
	       "for: %s",
	       chain_reason_text(end.reason));
	return 0;
}

/* ---- the whole ---------------------------------------------------------- */

/* What keeps the ring from opening is a finding, if it is a ring at all. */
static int unopenable(struct check *k, int rc, const struct ring_fault *fault)
{
	switch (rc) {
	case -RING_ERR_SUPERBLOCK:
	case -RING_ERR_TRUNCATED:
	case -RING_ERR_BLOCK_SIZE:
		report(k,
		       (struct ring_finding){
			       .severity = RING_DAMAGE,
			       .code = rc,
			       .offset_bytes = fault->offset_bytes,
			       .length_bytes = fault->length_bytes },
		       "%s", fault->text);
		return k->findings;
	default:
		return rc;
	}
}

static int check_all(struct check *k)
{
	struct snapshot *s = &k->snapshot;
	int before, rc;

	check_superblocks(k);
	rc = check_slots(k);
	if (rc == 0)
		rc = snapshot_read(s);
	if (rc == -RING_ERR_SLOT)
		return k->findings; /* reported; the stream has no map */
	for (unsigned i = 1; rc == 0 && i < s->count; i++)
		check_cursor(k, i);
	before = k->findings;
	if (rc == 0)
		rc = check_stream(k);
	if (rc == 0 && k->findings == before)
		rc = check_end(k);
	if (rc < 0)
		volume_fail(&s->volume, rc, NULL, "cannot read: %s",
			    ring_strerror(rc));
	return rc < 0 ? rc : k->findings;
}

RING_EXPORT int ring_check(const char *path, const struct ring_options *options,
			   ring_check_fn *fn, void *ctx)
{
	struct check k = { .fn = fn, .ctx = ctx };
	struct ring_options own = { 0 };
	struct ring_fault fault = { 0 };
	int rc;

	if (options != NULL)
		own = *options;
	if (own.fault == NULL)
		own.fault = &fault;
	rc = snapshot_open(&k.snapshot, path, &own, true);
	if (rc < 0)
		return unopenable(&k, rc, own.fault);
	rc = check_all(&k);
	snapshot_close(&k.snapshot);
	return rc;
}
