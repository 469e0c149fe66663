/*
 * Goal: slots and heartbeats are laid out as FORMAT.md 3 says, and nothing
 * else passes for one.
 * Method: images by hand, field by field, with checksums from libxxhash; one
 * row per way to be wrong; every bit flipped; halves of two images.
 */
#include "ring/slot.h"
#include "tests/lib/image.h"
#include "tests/lib/rows.h"
#include "tests/lib/slot_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* ---- golden images: the header ------------------------------------------ */

/* All but role and state, which differ. */
static const struct slot_header sample_header = {
	.epoch = 0x0102,
	.generation = UINT64_C(0x1112131415161718),
	.sealed_generation = UINT64_C(0x1112131415161717),
	.time_ns = UINT64_C(0x2122232425262728),
	.owner = {
		.host_id = { 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37,
			     0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f },
		.boot_id = { 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
			     0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f },
		.pid = UINT64_C(0x5152535455565758),
		.start_ticks = UINT64_C(0x6162636465666768),
	},
	.client = "a client",
};

static void assert_is_sample_header(const struct slot_header *h)
{
	assert_int_equal(h->epoch, sample_header.epoch);
	assert_int_equal(h->generation, sample_header.generation);
	assert_int_equal(h->sealed_generation, sample_header.sealed_generation);
	assert_int_equal(h->time_ns, sample_header.time_ns);
	assert_memory_equal(&h->owner, &sample_header.owner, sizeof(h->owner));
	assert_string_equal(h->client, sample_header.client);
}

/* ---- golden images: the producer ---------------------------------------- */

static struct producer_slot sample_producer(void)
{
	struct producer_slot s = {
		.header = sample_header,
		.segments = {
			.count = 2,
			.list = { { 0x1000, 0x3000, 1, 0xfe },
				  { 0x4000, 0, 0x100, 0x102 } },
			.epoch_start = 0x5000,
		},
		.checkpoint = { 0x6008, 0x5800, 77, 79, 0x7ea7 },
		.cookie = { 3, { 1, 0, 0xff } },
		.replies = {
			[0] = { .acked_request = 0xacce55 },
			[1] = { 0x1d, 0xacced, 0x2008, 12, MEMBER_JOINED },
			[64] = { .incarnation = 0x3f,
				 .membership = MEMBER_REFUSED },
		},
	};

	s.header.role = ROLE_PRODUCER;
	s.header.state = PRODUCER_ATTACHED;
	s.header.buffered = true;
	s.header.owes_gap = true;
	s.header.is_closed = true;
	return s;
}

static void assert_is_sample_producer(const struct producer_slot *s)
{
	const struct producer_slot want = sample_producer();

	assert_is_sample_header(&s->header);
	assert_int_equal(s->header.role, ROLE_PRODUCER);
	assert_int_equal(s->header.state, PRODUCER_ATTACHED);
	assert_true(s->header.buffered);
	assert_true(s->header.owes_gap);
	assert_true(s->header.is_closed);
	assert_int_equal(s->segments.count, 2);
	assert_memory_equal(s->segments.list, want.segments.list,
			    2 * sizeof(want.segments.list[0]));
	assert_int_equal(s->segments.epoch_start, 0x5000);
	assert_memory_equal(&s->checkpoint, &want.checkpoint,
			    sizeof(want.checkpoint));
	assert_int_equal(s->cookie.len_bytes, 3);
	assert_memory_equal(s->cookie.bytes, want.cookie.bytes, 3);
	for (unsigned i = 0; i < SLOT_REPLIES; i++) {
		const struct reply *a = &s->replies[i];
		const struct reply *b = &want.replies[i];

		assert_int_equal(a->incarnation, b->incarnation);
		assert_int_equal(a->acked_request, b->acked_request);
		assert_int_equal(a->position, b->position);
		assert_int_equal(a->sequence, b->sequence);
		assert_int_equal(a->membership, b->membership);
	}
}

static void test_golden_producer(void **state)
{
	const struct producer_slot sample = sample_producer();
	uint8_t image[4096], got[4096];
	struct producer_slot s;

	(void)state;
	slot_image_producer(image);
	memset(got, 0xaa, sizeof(got));
	producer_slot_encode(&sample, slot_image_seed(), got);
	assert_memory_equal(got, image, sizeof(image));
	assert_int_equal(producer_slot_decode(image, slot_image_seed(), &s), 0);
	assert_is_sample_producer(&s);
}

/* ---- golden images: a cursor -------------------------------------------- */

static struct cursor_slot sample_cursor(void)
{
	struct cursor_slot s = {
		.header = sample_header,
		.name = "a cursor",
		.incarnation = 0x1d,
		.position = 0x2010,
		.sequence = 13,
		.sealed_position = 0x2008,
		.sealed_sequence = 12,
		.request_id = 0x4e4e,
		.wants_suspend = true,
		.join_oldest = true,
		.request_generation = 0x5151,
		.state_generation = 0x5252,
		.cookie = { 2, { 0xc0, 0x0c } },
	};

	s.header.role = SLOT_IMAGE_CURSOR;
	s.header.state = CURSOR_ATTACHED;
	s.header.buffered = true;
	return s;
}

static void test_golden_cursor(void **state)
{
	const struct cursor_slot sample = sample_cursor();
	uint8_t image[512], got[512];
	struct cursor_slot s;

	(void)state;
	slot_image_cursor(image);
	memset(got, 0xaa, sizeof(got));
	cursor_slot_encode(&sample, slot_image_seed(), got);
	assert_memory_equal(got, image, sizeof(image));

	assert_int_equal(cursor_slot_decode(image, slot_image_seed(),
					    SLOT_IMAGE_CURSOR, &s),
			 0);
	assert_is_sample_header(&s.header);
	assert_int_equal(s.header.role, SLOT_IMAGE_CURSOR);
	assert_int_equal(s.header.state, CURSOR_ATTACHED);
	assert_true(s.header.buffered);
	assert_string_equal(s.name, "a cursor");
	assert_int_equal(s.cookie.len_bytes, 2);
	/* What is decoded is all that was encoded. */
	memset(got, 0xaa, sizeof(got));
	cursor_slot_encode(&s, slot_image_seed(), got);
	assert_memory_equal(got, image, sizeof(image));
}

static void test_roles(void **state)
{
	uint8_t image[4096];
	struct slot_header h;

	/* A slot passes only in the area of its role. */
	(void)state;
	slot_image_cursor(image);
	for (uint32_t role = 0; role < 66; role++)
		assert_int_equal(
			slot_header_decode(image, slot_image_seed(), role, &h),
			role == SLOT_IMAGE_CURSOR ? 0 : -RING_ERR_SLOT);
	slot_image_producer(image);
	for (uint32_t role = 0; role < 66; role++)
		assert_int_equal(
			slot_header_decode(image, slot_image_seed(), role, &h),
			role == ROLE_PRODUCER ? 0 : -RING_ERR_SLOT);
}

/* ---- golden images: heartbeats ------------------------------------------ */

static const struct heartbeat sample_beat = { 4, 0x0102, 0x0304, 0x0506 };

static void test_golden_beat(void **state)
{
	uint8_t image[48], got[48];
	struct heartbeat h;

	(void)state;
	slot_image_beat(image);
	memset(got, 0xaa, sizeof(got));
	heartbeat_encode(&sample_beat, slot_image_seed(), got);
	assert_memory_equal(got, image, sizeof(image));
	assert_int_equal(heartbeat_decode(image, slot_image_seed(), &h), 0);
	assert_int_equal(h.role, 4);
	assert_int_equal(h.epoch, 0x0102);
	assert_int_equal(h.counter, 0x0304);
	assert_int_equal(h.time_ns, 0x0506);
}

/* ---- one row per way to be wrong ---------------------------------------- */

enum what { PRODUCER, CURSOR, BEAT };

static const size_t lengths[] = { 4096, 512, 48 };

static void make(uint8_t *image, enum what what)
{
	if (what == PRODUCER)
		slot_image_producer(image);
	else if (what == CURSOR)
		slot_image_cursor(image);
	else
		slot_image_beat(image);
}

/* Decode; assert that a failure changes nothing. */
static int decode(const uint8_t *image, enum what what)
{
	union {
		struct producer_slot producer;
		struct cursor_slot cursor;
		struct heartbeat beat;
	} got, untouched;
	int rc;

	memset(&untouched, 0x77, sizeof(untouched));
	memset(&got, 0x77, sizeof(got));
	if (what == PRODUCER)
		rc = producer_slot_decode(image, slot_image_seed(),
					  &got.producer);
	else if (what == CURSOR)
		rc = cursor_slot_decode(image, slot_image_seed(),
					SLOT_IMAGE_CURSOR, &got.cursor);
	else
		rc = heartbeat_decode(image, slot_image_seed(), &got.beat);
	if (rc < 0)
		assert_memory_equal(&got, &untouched, sizeof(got));
	return rc;
}

struct decode_case {
	const char *name;
	enum what what;
	bool expected;
	struct image_field change, also;
};

static const struct decode_case decode_cases[] = {
	{ "magic, first byte", PRODUCER, false, { 0, 1, 'b' }, { 0 } },
	{ "magic, last byte", PRODUCER, false, { 7, 1, 0 }, { 0 } },
	{ "magic of a cursor", PRODUCER, false, { 6, 1, 'C' }, { 0 } },
	{ "too few bytes", PRODUCER, false, { 16, 4, 512 }, { 0 } },
	{ "too many bytes", PRODUCER, false, { 16, 4, 8192 }, { 0 } },
	{ "role 1", PRODUCER, false, { 20, 4, 1 }, { 0 } },
	{ "everything sealed",
	  PRODUCER,
	  true,
	  { 40, 8, UINT64_C(0x1112131415161718) },
	  { 0 } },
	{ "sealed what is not written",
	  PRODUCER,
	  false,
	  { 40, 8, UINT64_C(0x1112131415161719) },
	  { 0 } },
	{ "state 0", PRODUCER, false, { 48, 4, 0 }, { 0 } },
	{ "state 1", PRODUCER, true, { 48, 4, 1 }, { 0 } },
	{ "state 4", PRODUCER, false, { 48, 4, 4 }, { 0 } },
	{ "state, high byte", PRODUCER, false, { 51, 1, 1 }, { 0 } },
	{ "client without NUL",
	  PRODUCER,
	  false,
	  { 120, 8, UINT64_MAX },
	  { 0 } },
	{ "checkpoint at the epoch's start",
	  PRODUCER,
	  true,
	  { 176, 8, 0x6008 },
	  { 0 } },
	{ "checkpoint before the epoch's start",
	  PRODUCER,
	  false,
	  { 176, 8, 0x6010 },
	  { 0 } },
	{ "checkpoint between records",
	  PRODUCER,
	  false,
	  { 184, 8, 0x600c },
	  { 0 } },
	{ "checkpoint too far",
	  PRODUCER,
	  false,
	  { 184, 8, UINT64_C(1) << 63 },
	  { 0 } },
	{ "all exposed", PRODUCER, true, { 192, 8, 0x6008 }, { 0 } },
	{ "exposed beyond the checkpoint",
	  PRODUCER,
	  false,
	  { 192, 8, 0x6010 },
	  { 0 } },
	{ "nothing pending", PRODUCER, true, { 200, 8, 79 }, { 0 } },
	{ "exposed sequence beyond the next",
	  PRODUCER,
	  false,
	  { 200, 8, 80 },
	  { 0 } },
	{ "reserved bytes",
	  PRODUCER,
	  true,
	  { 232, 8, UINT64_MAX },
	  { 496, 8, UINT64_MAX } },
	{ "more reserved bytes",
	  PRODUCER,
	  true,
	  { 496, 8, UINT64_MAX },
	  { 504, 8, UINT64_MAX } },
	{ "reserved bytes at the end",
	  PRODUCER,
	  true,
	  { 3880, 8, UINT64_MAX },
	  { 4088, 8, UINT64_MAX } },
	{ "reserved bytes in replies",
	  PRODUCER,
	  true,
	  { 1316, 4, UINT64_MAX },
	  { 3876, 4, UINT64_MAX } },
	{ "longest cookie", PRODUCER, true, { 224, 4, 256 }, { 0 } },
	{ "cookie too long", PRODUCER, false, { 224, 4, 257 }, { 0 } },
	{ "cookie of 4 GiB", PRODUCER, false, { 224, 4, UINT64_MAX }, { 0 } },
	{ "no segment", PRODUCER, false, { 228, 4, 0 }, { 0 } },
	{ "too many segments", PRODUCER, false, { 228, 4, 25 }, { 0 } },
	{ "4 G segments", PRODUCER, false, { 228, 4, UINT64_MAX }, { 0 } },
	{ "first segment is open", PRODUCER, false, { 520, 8, 0 }, { 0 } },
	{ "last segment is closed",
	  PRODUCER,
	  false,
	  { 552, 8, 0x7000 },
	  { 0 } },
	{ "segment ends before it starts",
	  PRODUCER,
	  false,
	  { 520, 8, 0xff8 },
	  { 0 } },
	{ "segments without a gap", PRODUCER, true, { 520, 8, 0x4000 }, { 0 } },
	{ "segments overlap", PRODUCER, false, { 520, 8, 0x4008 }, { 0 } },
	{ "segment starts after the epoch",
	  PRODUCER,
	  false,
	  { 544, 8, 0x5008 },
	  { 0 } },
	{ "epochs of a segment go back",
	  PRODUCER,
	  false,
	  { 560, 8, 0x103 },
	  { 0 } },
	{ "segments share an epoch",
	  PRODUCER,
	  false,
	  { 536, 8, 0x100 },
	  { 0 } },
	{ "segment starts between records",
	  PRODUCER,
	  false,
	  { 512, 8, 0x1004 },
	  { 0 } },
	{ "segment ends between records",
	  PRODUCER,
	  false,
	  { 520, 8, 0x2ffc },
	  { 0 } },
	{ "held between records", PRODUCER, false, { 1336, 8, 0x200c }, { 0 } },
	{ "held too far",
	  PRODUCER,
	  false,
	  { 1336, 8, UINT64_C(1) << 63 },
	  { 0 } },
	{ "held far", PRODUCER, true, { 1336, 8, INT64_MAX - 7 }, { 0 } },
	{ "membership 2", PRODUCER, true, { 1352, 4, 2 }, { 0 } },
	{ "membership 4", PRODUCER, false, { 1352, 4, 4 }, { 0 } },
	{ "membership 4, operator", PRODUCER, false, { 1312, 4, 4 }, { 0 } },
	{ "membership 4, last cursor", PRODUCER, false, { 3872, 4, 4 }, { 0 } },

	{ "magic of a producer", CURSOR, false, { 6, 1, 'P' }, { 0 } },
	{ "too many bytes for a cursor",
	  CURSOR,
	  false,
	  { 16, 4, 4096 },
	  { 0 } },
	{ "another cursor's role", CURSOR, false, { 20, 4, 5 }, { 0 } },
	{ "cursor, state 0", CURSOR, false, { 48, 4, 0 }, { 0 } },
	{ "cursor, state 1", CURSOR, true, { 48, 4, 1 }, { 0 } },
	{ "cursor, state 5", CURSOR, true, { 48, 4, 5 }, { 0 } },
	{ "cursor, state 6", CURSOR, false, { 48, 4, 6 }, { 0 } },
	{ "name without NUL", CURSOR, false, { 184, 8, UINT64_MAX }, { 0 } },
	{ "position between records",
	  CURSOR,
	  false,
	  { 248, 8, 0x2014 },
	  { 0 } },
	{ "position too far",
	  CURSOR,
	  false,
	  { 248, 8, UINT64_C(1) << 63 },
	  { 0 } },
	{ "all of it sealed",
	  CURSOR,
	  true,
	  { 264, 8, 0x2010 },
	  { 272, 8, 13 } },
	{ "sealed between records", CURSOR, false, { 264, 8, 0x2004 }, { 0 } },
	{ "sealed beyond the position",
	  CURSOR,
	  false,
	  { 264, 8, 0x2018 },
	  { 0 } },
	{ "sealed beyond the sequence number",
	  CURSOR,
	  false,
	  { 272, 8, 14 },
	  { 0 } },
	{ "never used", CURSOR, true, { 248, 8, 0 }, { 264, 8, 0 } },
	{ "request 0", CURSOR, true, { 288, 4, 0 }, { 0 } },
	{ "request 2", CURSOR, false, { 288, 4, 2 }, { 0 } },
	{ "joining 2", CURSOR, false, { 292, 4, 2 }, { 0 } },
	{ "cursor, longest cookie", CURSOR, true, { 312, 4, 64 }, { 0 } },
	{ "cursor, cookie too long", CURSOR, false, { 312, 4, 65 }, { 0 } },
	{ "cursor, reserved bytes",
	  CURSOR,
	  true,
	  { 316, 4, UINT64_MAX },
	  { 504, 8, UINT64_MAX } },

	{ "heartbeat, magic", BEAT, false, { 0, 1, 'X' }, { 0 } },
	{ "heartbeat, last byte of the magic",
	  BEAT,
	  false,
	  { 7, 1, 1 },
	  { 0 } },
	{ "heartbeat, reserved bytes",
	  BEAT,
	  true,
	  { 20, 4, UINT64_MAX },
	  { 0 } },
};

static void test_decode(void **state)
{
	const struct decode_case *row = *state;
	uint8_t image[4096];

	make(image, row->what);
	/* Fills the tails of texts, so that the last byte is not a NUL. */
	if (row->change.offset == 120 || row->change.offset == 184)
		memset(image + row->change.offset, 'x', 56);
	image_put(image, row->change);
	image_put(image, row->also);
	slot_image_seal(image, lengths[row->what]);
	assert_int_equal(decode(image, row->what),
			 row->expected ? 0 : -RING_ERR_SLOT);
}

/* ---- damage ------------------------------------------------------------- */

struct damage_case {
	const char *name;
	enum what what;
};

static const struct damage_case damage_cases[] = {
	{ "producer", PRODUCER },
	{ "cursor", CURSOR },
	{ "heartbeat", BEAT },
};

static void test_flips(void **state)
{
	const struct damage_case *row = *state;
	uint8_t image[4096];

	make(image, row->what);
	for (size_t i = 0; i < 8 * lengths[row->what]; i++) {
		image[i / 8] ^= (uint8_t)(1u << (i % 8));
		assert_int_equal(decode(image, row->what), -RING_ERR_SLOT);
		image[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	assert_int_equal(decode(image, row->what), 0);
}

static void test_torn(void **state)
{
	const struct damage_case *row = *state;
	const size_t len = lengths[row->what];
	uint8_t old[4096], new[4096], torn[4096];

	/* They differ from byte 24 (the epoch) on. */
	make(old, row->what);
	make(new, row->what);
	image_put(new, (struct image_field){ 24, 8, 0x0103 });
	slot_image_seal(new, len);
	assert_int_equal(decode(new, row->what), 0);
	for (size_t cut = 9; cut < len; cut++) {
		memcpy(torn, new, cut);
		memcpy(torn + cut, old + cut, len - cut);
		assert_int_equal(decode(torn, row->what),
				 cut > 24 ? 0 : -RING_ERR_SLOT);
	}
}

static void test_misplaced(void **state)
{
	const struct damage_case *row = *state;
	const uint8_t other_uuid[16] = { 9 };
	const uint64_t other_seeds[] = {
		image_seed(slot_image_uuid, SLOT_IMAGE_OFFSET + 4096),
		image_seed(other_uuid, SLOT_IMAGE_OFFSET), 0
	};
	uint8_t image[4096];

	for (unsigned i = 0; i < ARRAY_SIZE(other_seeds); i++) {
		const uint64_t covered = lengths[row->what] - 16;

		make(image, row->what);
		image_put(image,
			  (struct image_field){ 8, 8,
						image_xxh3(image + 16, covered,
							   other_seeds[i]) });
		assert_int_equal(decode(image, row->what), -RING_ERR_SLOT);
	}
}

int main(void)
{
	const struct rows tables[] = {
		{ "decode", test_decode, decode_cases, sizeof(decode_cases),
		  sizeof(decode_cases[0]) },
		{ "every bit flipped", test_flips, damage_cases,
		  sizeof(damage_cases), sizeof(damage_cases[0]) },
		{ "torn", test_torn, damage_cases, sizeof(damage_cases),
		  sizeof(damage_cases[0]) },
		{ "misplaced", test_misplaced, damage_cases,
		  sizeof(damage_cases), sizeof(damage_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_producer),
		cmocka_unit_test(test_golden_cursor),
		cmocka_unit_test(test_golden_beat),
		cmocka_unit_test(test_roles),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests_name("slot", tests, NULL, NULL);
}
