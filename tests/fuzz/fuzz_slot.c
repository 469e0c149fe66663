/*
 * Goal: a slot that is accepted respects every limit of FORMAT.md 3, and is
 * written back as it was read; its header alone is accepted whenever it is.
 * Method: edits of a good producer's or cursor's slot, sealed or not.
 */
#include "ring/slot.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/script.h"
#include "tests/lib/image.h"
#include "tests/lib/slot_image.h"

#include <string.h>

/* Bytes that a decoder and an encoder hand through. */
struct range {
	size_t offset, len;
};

static const struct range header_keeps[] = {
	{ 0, 8 }, { 16, 36 }, { 56, 56 }, { 0, 0 }
};
static const struct range producer_keeps[] = { { 176, 56 }, { 0, 0 } };
static const struct range cursor_keeps[] = { { 240, 76 }, { 0, 0 } };

static bool is_position(uint64_t value)
{
	return value % 8 == 0 && value < INT64_MAX;
}

static void require_same(const uint8_t *a, const uint8_t *b,
			 const struct range *ranges)
{
	for (; ranges->len > 0; ranges++)
		fuzz_require(memcmp(a + ranges->offset, b + ranges->offset,
				    ranges->len) == 0,
			     "a field is written as it was read");
}

static void require_header(const uint8_t *image, uint32_t role)
{
	const size_t len = slot_bytes(role);
	struct slot_header h;

	fuzz_require(slot_header_decode(image, slot_image_seed(), role, &h) ==
			     0,
		     "a valid slot has a valid header");
	fuzz_require(image_get(image, 8, 8) == image_xxh3(image + 16, len - 16,
							  slot_image_seed()),
		     "the checksum is right");
	fuzz_require(image_get(image, 16, 4) == len &&
			     image_get(image, 20, 4) == role,
		     "length and role are right");
	fuzz_require(h.sealed_generation <= h.generation,
		     "what is sealed was written");
	fuzz_require(memchr(h.client, 0, sizeof(h.client)) != NULL,
		     "the client's name ends");
}

/* ---- producer ----------------------------------------------------------- */

static void require_segments(const struct producer_slot *s)
{
	const struct segments *table = &s->segments;
	const struct segment *last;

	fuzz_require(table->count >= 1 && table->count <= 24,
		     "1 to 24 segments");
	last = &table->list[table->count - 1];
	for (const struct segment *g = table->list; g < last; g++) {
		fuzz_require(is_position(g->start) && is_position(g->end),
			     "segments are of positions");
		fuzz_require(g->start <= g->end && g->end <= g[1].start,
			     "segments are in order");
		fuzz_require(g->first_epoch <= g->last_epoch &&
				     g->last_epoch < g[1].first_epoch,
			     "epochs are in order");
	}
	fuzz_require(last->end == 0, "the last one is open");
	fuzz_require(last->start <= table->epoch_start &&
			     table->epoch_start <= s->checkpoint.position,
		     "the epoch starts in it, before the checkpoint");
	fuzz_require(last->last_epoch <= s->header.epoch,
		     "no segment is of the future");
}

static void require_producer(const struct producer_slot *s)
{
	fuzz_require(s->header.state >= 1 && s->header.state <= 3, "the state");
	fuzz_require(is_position(s->checkpoint.position) &&
			     s->checkpoint.exposed <= s->checkpoint.position,
		     "the checkpoint is a position, exposed is below");
	fuzz_require(s->checkpoint.exposed_sequence <=
			     s->checkpoint.next_sequence,
		     "sequence numbers are in order");
	fuzz_require(s->cookie.len_bytes <= 256, "the cookie fits");
	for (unsigned i = 0; i < SLOT_REPLIES; i++)
		fuzz_require(is_position(s->replies[i].position) &&
				     (unsigned)s->replies[i].membership <= 3,
			     "a reply is within its limits");
	require_segments(s);
}

static void run_producer(const uint8_t *image)
{
	uint8_t again[SLOT_PRODUCER_BYTES], twice[SLOT_PRODUCER_BYTES];
	const uint64_t seed = slot_image_seed();
	struct producer_slot s, back;

	if (producer_slot_decode(image, seed, &s) < 0)
		return;
	require_header(image, ROLE_PRODUCER);
	require_producer(&s);
	producer_slot_encode(&s, seed, again);
	require_same(image, again, header_keeps);
	require_same(image, again, producer_keeps);
	fuzz_require(memcmp(again + 240, image + 240, s.cookie.len_bytes) == 0,
		     "the cookie is written as it was read");
	fuzz_require(memcmp(again + 512, image + 512, s.segments.count * 32u) ==
			     0,
		     "so are the segments");
	for (size_t at = 1280; at < 3880; at += 40)
		fuzz_require(memcmp(again + at, image + at, 36) == 0,
			     "so are the replies");
	fuzz_require(producer_slot_decode(again, seed, &back) == 0,
		     "what was written is valid");
	producer_slot_encode(&back, seed, twice);
	fuzz_require(memcmp(again, twice, sizeof(again)) == 0,
		     "decode and encode agree");
}

/* ---- cursor ------------------------------------------------------------- */

static void require_cursor(const struct cursor_slot *s)
{
	fuzz_require(s->header.state >= 1 && s->header.state <= 5, "the state");
	fuzz_require(memchr(s->name, 0, sizeof(s->name)) != NULL,
		     "the name ends");
	fuzz_require(is_position(s->position) &&
			     is_position(s->sealed_position) &&
			     s->sealed_position <= s->position &&
			     s->sealed_sequence <= s->sequence,
		     "what is sealed is not ahead");
	fuzz_require(s->cookie.len_bytes <= 64, "the cookie fits");
}

static void run_cursor(const uint8_t *image)
{
	uint8_t again[SLOT_CURSOR_BYTES], twice[SLOT_CURSOR_BYTES];
	const uint64_t seed = slot_image_seed();
	struct cursor_slot s, back;

	if (cursor_slot_decode(image, seed, SLOT_IMAGE_CURSOR, &s) < 0)
		return;
	require_header(image, SLOT_IMAGE_CURSOR);
	require_cursor(&s);
	fuzz_require(image_get(image, 288, 4) <= 1 &&
			     image_get(image, 292, 4) <= 1,
		     "request and join are 0 or 1");
	cursor_slot_encode(&s, seed, again);
	require_same(image, again, header_keeps);
	require_same(image, again, cursor_keeps);
	fuzz_require(memcmp(again + 320, image + 320, s.cookie.len_bytes) == 0,
		     "the cookie is written as it was read");
	fuzz_require(
		cursor_slot_decode(again, seed, SLOT_IMAGE_CURSOR, &back) == 0,
		"what was written is valid");
	cursor_slot_encode(&back, seed, twice);
	fuzz_require(memcmp(again, twice, sizeof(again)) == 0,
		     "decode and encode agree");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	struct script script = { data, len_bytes };
	const bool is_cursor = script_number(&script, 1) % 2 == 1;
	uint8_t image[SLOT_BYTES_MAX];
	const size_t len = is_cursor ? SLOT_CURSOR_BYTES : SLOT_PRODUCER_BYTES;

	if (is_cursor)
		slot_image_cursor(image);
	else
		slot_image_producer(image);
	if ((script_run(&script, image, len) & SCRIPT_SEAL) != 0)
		slot_image_seal(image, len);
	if (is_cursor)
		run_cursor(image);
	else
		run_producer(image);
	return 0;
}
