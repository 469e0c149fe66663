/*
 * Goal: chain_look() stays inside the bytes it is given, whatever they are and
 * wherever the walk stands; what it accepts is valid by FORMAT.md 6, and
 * depends only on the bytes of the record.
 * Method: a walk over records that the input edits, sealed or not; the bytes
 * end where their allocation ends, so that the sanitizer sees one too many.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/script.h"
#include "tests/lib/chain_scene.h"
#include "tests/lib/image.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS_MAX = 24, EDIT_BYTES = 152 };

/* ---- the scene ---------------------------------------------------------- */

/* What a checkpoint or a cursor may say: FORMAT.md 3. */
static void take_start(struct script *script, struct scene *s)
{
	const unsigned how = (unsigned)script_number(script, 1);
	const uint64_t exposed = AT - script_number(script, 2) % (AT + 1);
	const uint64_t sequence = 75 - script_number(script, 1) % 76;
	const struct checkpoint at = { AT, exposed, sequence, 75, 0 };

	s->superblock.geometry.padded = (how & 1) != 0;
	s->superblock.geometry.max_batch = (how & 2) != 0 ? 512 : MAX_BATCH;
	if ((how & 4) != 0)
		chain_from_cursor(&s->chain, AT, 75);
	else if ((how & 8) != 0)
		chain_from_checkpoint(&s->chain, &at);
	if ((how & 16) != 0) {
		/* A take-over: a gap behind what the first epochs wrote. */
		s->segments.count = 2;
		s->segments.list[0].end = END + 8 * script_number(script, 1);
		s->segments.list[0].last_epoch = EPOCH;
		s->segments.list[1] = (struct segment){
			.start = s->segments.list[0].end + 1024,
			.first_epoch = EPOCH + 1,
			.last_epoch = EPOCH + 1,
		};
		s->segments.epoch_start = s->segments.list[1].start;
	}
}

/* A record that continues what was written so far, before its edits. */
static void put_record(struct scene *s, bool is_commit, uint64_t position,
		       uint64_t sequence)
{
	const uint64_t end = geometry_commit_end(&s->superblock.geometry,
						 position + COMMIT_BYTES);
	const struct commit c = { .exposed = end,
				  .exposed_sequence = sequence,
				  .from = s->chain.exposed,
				  .durable = s->chain.batch,
				  .batch = s->chain.batch };

	if (is_commit)
		scene_put_commit(s, position, sequence, &c);
	else
		scene_put_item(s, position, sequence);
}

static bool has_room(uint64_t position)
{
	return position + EDIT_BYTES <= AT + BUF_BYTES;
}

static void edit_record(struct script *script, struct scene *s,
			uint64_t position)
{
	uint8_t *record = s->buf + (position - AT);
	const unsigned how = (unsigned)script_number(script, 1);

	for (unsigned i = how & 7; i > 0; i--)
		script_edit(script, record, EDIT_BYTES);
	if ((how & 8) != 0 &&
	    image_get(record, 16, 4) <=
		    AT + BUF_BYTES - position - RECORD_HEADER_BYTES)
		scene_seal(s, position);
}

/* ---- rules -------------------------------------------------------------- */

static struct chain_step look(const struct scene *s, const uint8_t *buf,
			      uint64_t len)
{
	const struct chain_rules rules = { &s->superblock, &s->segments };
	const struct chain_bytes bytes = { buf, len, 0 };

	return scene_step(&rules, &s->chain, &bytes);
}

/* The same look, at bytes that end just there. */
static struct chain_step look_at_copy(const struct scene *s, uint64_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	struct chain_step step;

	fuzz_require(copy != NULL, "there is memory");
	memcpy(copy, s->buf + (s->chain.position - AT), len);
	step = look(s, copy, len);
	free(copy);
	return step;
}

static void require_commit(const struct scene *s, const struct chain_step *step)
{
	const struct geometry *g = &s->superblock.geometry;
	const struct commit *m = &step->commit;
	const struct chain *c = &s->chain;
	const uint64_t end = geometry_commit_end(g, c->position + step->bytes);

	fuzz_require(step->record.type == 0, "a commit has no type");
	fuzz_require(m->durable <= m->batch && m->batch <= c->position,
		     "it vouches for what came before it");
	fuzz_require(end - m->batch <= g->max_batch, "the batch is not longer");
	fuzz_require(m->from <= m->exposed && m->exposed <= end,
		     "it exposes what there is");
	fuzz_require(step->verdict != CHAIN_PUSH || m->from == m->exposed,
		     "a push exposes nothing");
	fuzz_require(step->verdict != CHAIN_EXPOSE || m->from < m->exposed,
		     "an expose exposes something");
	fuzz_require(step->verdict != CHAIN_DISCARD || m->from == end,
		     "a discard begins anew behind itself");
	fuzz_require(step->next == segments_skip_gap(&s->segments, end),
		     "the next record is behind it, or behind the gap");
	if (c->knows_batch)
		fuzz_require(m->batch == c->batch, "it ends this batch");
	if (c->knows_exposed && step->verdict != CHAIN_DISCARD)
		fuzz_require(m->from == c->exposed, "it goes on from there");
}

static void require_accepted(const struct scene *s,
			     const struct chain_step *step, uint64_t len)
{
	const struct chain *c = &s->chain;
	const uint8_t *buf = s->buf + (c->position - AT);
	const struct record *r = &step->record;

	fuzz_require(step->bytes <= len, "the record is inside the bytes");
	fuzz_require(step->bytes == (48 + (uint64_t)r->body_bytes + 7) / 8 * 8,
		     "it is as long as it says");
	fuzz_require(c->position + step->bytes - c->batch <=
			     s->superblock.geometry.max_batch,
		     "the batch is not longer than it may be");
	fuzz_require(image_get(buf, 0, 8) ==
			     image_xxh3(buf + 8, 40 + (size_t)r->body_bytes,
					scene_seed(s, c->position)),
		     "its checksum is right");
	fuzz_require(
		r->epoch >= c->epoch &&
			segments_allow(&s->segments, c->position, r->epoch),
		"its epoch is in its range");
	fuzz_require(step->verdict == CHAIN_DISCARD ||
			     step->verdict == CHAIN_HOLE ||
			     r->sequence == c->next_sequence,
		     "its sequence number is the next one");
	fuzz_require(step->next % 8 == 0 &&
			     step->next >= c->position + step->bytes,
		     "the next record is behind it");
	if (step->verdict == CHAIN_ITEM)
		fuzz_require(step->next == c->position + step->bytes &&
				     r->body_bytes <=
					     s->superblock.geometry.max_item &&
				     r->meta_bytes <= r->body_bytes,
			     "an item is within its limits");
	else if (step->verdict == CHAIN_HOLE)
		fuzz_require(
			step->next <=
				segments_skip_gap(&s->segments,
						  c->position +
							  s->superblock.geometry
								  .data_bytes),
			"a hole is no longer than a lap");
	else
		require_commit(s, step);
}

/* With fewer bytes it is either the same, or wants more than there are. */
static void require_prefix(const struct scene *s, const struct chain_step *step,
			   uint64_t len)
{
	const struct chain_step less = look_at_copy(s, len);

	if (less.verdict == CHAIN_MORE) {
		fuzz_require(less.bytes > len, "more is more than there is");
		fuzz_require(less.bytes <= s->superblock.geometry.max_batch,
			     "and no more than a batch");
		return;
	}
	fuzz_require(less.verdict == step->verdict &&
			     less.reason == step->reason &&
			     less.next == step->next,
		     "bytes behind the record change nothing");
}

/* Step over it. False: the walk ends here. */
static bool step_over(struct script *script, struct scene *s)
{
	const uint64_t len = AT + BUF_BYTES - s->chain.position;
	const struct chain_step step = look_at_copy(s, len);
	const uint64_t durable = s->chain.durable;

	require_prefix(s, &step, script_number(script, 2) % (len + 1));
	if (step.verdict <= CHAIN_BAD)
		return false;
	require_accepted(s, &step, len);
	chain_accept(&s->chain, &step);
	fuzz_require(s->chain.durable >= durable, "a mark never goes back");
	fuzz_require(s->chain.batch <= s->chain.position &&
			     s->chain.end <= s->chain.position,
		     "the walk stands behind what it knows");
	return s->chain.position < AT + BUF_BYTES;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	struct script script = { data, len_bytes };
	struct scene *s = malloc(sizeof(*s));

	fuzz_require(s != NULL, "there is memory");
	scene_setup(s);
	take_start(&script, s);
	for (unsigned i = 0; i < RECORDS_MAX; i++) {
		const uint64_t at = s->chain.position;
		const unsigned kind = (unsigned)script_number(&script, 1);

		if (!has_room(at))
			break;
		if ((kind & 1) != 0)
			put_record(s, (kind & 2) != 0, at,
				   s->chain.next_sequence);
		edit_record(&script, s, at);
		if (!step_over(&script, s))
			break;
	}
	free(s);
	return 0;
}
