#include "tests/latent/plan.h"

#include "tests/lib/image.h"

const char *area_text(enum area area)
{
	static const char *const texts[AREAS] = {
		[AREA_SUPERBLOCKS] = "superblocks",
		[AREA_PRODUCER] = "producer's slots",
		[AREA_CURSORS] = "cursors' slots",
		[AREA_BEATS] = "heartbeats",
		[AREA_RECORDS] = "live records",
		[AREA_DATA] = "rest of the data area",
		[AREA_UNUSED] = "unused",
	};

	return texts[area];
}

/* ---- areas -------------------------------------------------------------- */

static bool is_in(const struct story *s, uint64_t offset,
		  const struct stream_record *r)
{
	const uint64_t place = offset - s->data_offset;
	const uint64_t start = r->position % s->data_bytes;

	return (place + s->data_bytes - start) % s->data_bytes < r->len;
}

/* From where on records matter to somebody, on the undamaged disk. */
static uint64_t live_from(const struct story *s)
{
	const struct hit none = { .count = 0 };
	struct remains whole;
	uint64_t least;

	truth_remains(s, &none, &whole);
	least = image_get(whole.slots[0], 184, 8);
	for (unsigned i = 0; i < s->shape->cursors; i++) {
		const uint64_t at = image_get(whole.slots[2 + i], 248, 8);

		least = at < least ? at : least;
	}
	return least;
}

static enum area data_area(const struct story *s, uint64_t offset)
{
	const uint64_t from = live_from(s);

	for (size_t i = s->record_count; i-- > 0;) {
		if (s->records[i].position < from)
			break;
		if (is_in(s, offset, &s->records[i]))
			return AREA_RECORDS;
	}
	return AREA_DATA;
}

static enum area role_area(const struct story *s, uint64_t offset)
{
	const uint64_t n = (offset - STORY_ROLES_OFFSET) / s->stride;
	const uint64_t at = (offset - STORY_ROLES_OFFSET) % s->stride;
	const uint32_t role = (uint32_t)(n / 9);

	if (role >= s->roles)
		return AREA_UNUSED;
	if (n % 9 == STORY_COPIES)
		return at < STORY_BEAT_BYTES ? AREA_BEATS : AREA_UNUSED;
	if (at >= story_slot_bytes(role))
		return AREA_UNUSED;
	return role == 0 ? AREA_PRODUCER : AREA_CURSORS;
}

enum area plan_area(const struct story *s, uint64_t offset)
{
	if (offset < STORY_ROLES_OFFSET)
		return offset % STORY_SUPERBLOCK_B < STORY_SUPERBLOCK_BYTES
			       ? AREA_SUPERBLOCKS
			       : AREA_UNUSED;
	if (offset < s->data_offset)
		return role_area(s, offset);
	return data_area(s, offset);
}

/* ---- bits --------------------------------------------------------------- */

/* The copy that a role goes by. */
static bool is_current(const struct story *s, uint64_t offset)
{
	const struct hit none = { .count = 0 };
	struct remains whole;

	truth_remains(s, &none, &whole);
	for (uint32_t role = 0; role < s->roles; role++) {
		const uint64_t at = (uint64_t)(whole.slots[role] - s->bytes);

		if (offset >= at && offset < at + story_slot_bytes(role))
			return true;
	}
	return false;
}

static void flip_byte(uint64_t offset, bool thorough, plan_fn *fn, void *ctx)
{
	for (unsigned bit = 0; bit < 8; bit++)
		fn(ctx, &(struct fault){ .offset = offset, .bit = bit },
		   thorough || bit == offset % 8);
}

static void flip_some(const struct story *s, uint64_t offset, size_t len,
		      unsigned count, struct draw *draw, plan_fn *fn, void *ctx)
{
	(void)s;
	for (unsigned i = 0; i < count; i++)
		fn(ctx,
		   &(struct fault){ .offset = offset + draw_below(draw, len),
				    .bit = (unsigned)draw_below(draw, 8) },
		   true);
}

enum { UNUSED_SAMPLE = 2000 };

/* A block of each kind of unused space, whole; of the others a sample. */
static void flip_unused(const struct story *s, struct draw *draw, plan_fn *fn,
			void *ctx)
{
	const uint64_t starts[] = {
		STORY_SUPERBLOCK_BYTES, /* behind the superblock */
		story_copy_offset(s, 2, 0) + story_slot_bytes(2),
		story_copy_offset(s, s->roles, 0), /* behind the last role */
	};

	for (unsigned k = 0; k < 3; k++)
		for (uint64_t i = 0; i < 512; i++)
			flip_byte(starts[k] + i, false, fn, ctx);
	for (unsigned i = 0; i < UNUSED_SAMPLE; i++) {
		const uint64_t at = draw_below(draw, s->data_offset);

		if (plan_area(s, at) == AREA_UNUSED)
			flip_some(s, at, 1, 1, draw, fn, ctx);
	}
}

void plan_every_bit(const struct story *s, bool thorough, struct draw *draw,
		    plan_fn *fn, void *ctx)
{
	for (uint64_t at = 0; at < s->size; at++) {
		const enum area area = plan_area(s, at);
		const bool is_spare =
			area == AREA_DATA ||
			((area == AREA_PRODUCER || area == AREA_CURSORS) &&
			 !is_current(s, at));

		if (area != AREA_UNUSED)
			flip_byte(at, thorough || !is_spare, fn, ctx);
	}
	flip_unused(s, draw, fn, ctx);
}

enum { SOME_SUPERBLOCK = 8, SOME_SLOT = 4, SOME_RECORD = 6, SOME_DATA = 40 };

void plan_some_bits(const struct story *s, struct draw *draw, plan_fn *fn,
		    void *ctx)
{
	const uint64_t from = live_from(s);

	flip_some(s, 0, STORY_SUPERBLOCK_BYTES, SOME_SUPERBLOCK, draw, fn, ctx);
	flip_some(s, STORY_SUPERBLOCK_B, STORY_SUPERBLOCK_BYTES,
		  SOME_SUPERBLOCK, draw, fn, ctx);
	for (uint32_t role = 0; role < s->roles; role++)
		for (unsigned copy = 0; copy < STORY_COPIES; copy++)
			flip_some(s, story_copy_offset(s, role, copy),
				  story_slot_bytes(role), SOME_SLOT, draw, fn,
				  ctx);
	for (size_t i = 0; i < s->record_count; i++)
		for (unsigned k = 0; k < SOME_RECORD; k++) {
			const struct stream_record *r = &s->records[i];
			const uint64_t at = draw_below(draw, r->len);

			if (r->position >= from)
				flip_some(s, story_offset(s, r->position + at),
					  1, 1, draw, fn, ctx);
		}
	flip_some(s, s->data_offset, s->data_bytes, SOME_DATA, draw, fn, ctx);
	flip_some(s, 0, s->data_offset, SOME_DATA, draw, fn, ctx);
}

/* ---- writes ------------------------------------------------------------- */

void plan_lost(const struct story *s, plan_fn *fn, void *ctx)
{
	for (size_t i = 0; i < s->write_count; i++)
		fn(ctx, &(struct fault){ .kind = FAULT_LOST, .write = i },
		   true);
}

static bool covers(const struct past_write *w, uint64_t offset, size_t len)
{
	return w->offset < offset + len && offset < w->offset + w->len;
}

enum { VERSIONS_MAX = 8 };

/* The newest versions of each block, but the last; those of earlier laps, too. */
void plan_stale(const struct story *s, plan_fn *fn, void *ctx)
{
	const uint32_t block = s->shape->block_bytes;

	for (uint64_t at = 0; at < s->size; at += block) {
		unsigned versions = 0;

		for (size_t i = s->write_count;
		     i-- > 0 && versions < VERSIONS_MAX;) {
			if (!covers(&s->writes[i], at, block))
				continue;
			versions++;
			fn(ctx,
			   &(struct fault){ .kind = FAULT_STALE,
					    .offset = at,
					    .write = i },
			   true);
		}
	}
}

struct misdirection {
	const struct story *story;
	struct draw *draw;
	unsigned sparse;
	plan_fn *fn;
	void *ctx;
	size_t write;
};

static void send_to(const struct misdirection *m, uint64_t offset)
{
	const struct past_write *w = &m->story->writes[m->write];

	if (offset == w->offset || w->len > m->story->size ||
	    offset > m->story->size - w->len ||
	    draw_below(m->draw, m->sparse) != 0)
		return;
	m->fn(m->ctx,
	      &(struct fault){ .kind = FAULT_MISDIRECTED,
			       .write = m->write,
			       .offset = offset },
	      true);
}

void plan_misdirected(const struct story *s, struct draw *draw, unsigned sparse,
		      plan_fn *fn, void *ctx)
{
	struct misdirection m = { s, draw, sparse, fn, ctx, 0 };

	for (; m.write < s->write_count; m.write++) {
		const uint64_t offset = s->writes[m.write].offset;

		send_to(&m, 0);
		send_to(&m, STORY_SUPERBLOCK_B);
		send_to(&m, offset + s->shape->block_bytes);
		send_to(&m, offset - s->shape->block_bytes);
		send_to(&m, offset + 512);
		for (unsigned i = 0; i < s->roles * 9; i++)
			send_to(&m, STORY_ROLES_OFFSET + i * s->stride);
		for (uint64_t at = s->data_offset; at < s->size;
		     at += s->shape->block_bytes)
			send_to(&m, at);
	}
}
