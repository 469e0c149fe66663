/*
 * Goal: superblocks are laid out as FORMAT.md 2 says, and each reason to
 * refuse one is found, in the order of that section.
 * Method: an image by hand with its checksum from libxxhash; one row per way
 * to be wrong; every bit flipped; halves of two images.
 */
#include "ring/superblock.h"
#include "tests/lib/image.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { COPY_B = 65536 };

/* ---- golden images ------------------------------------------------------ */

static const struct superblock sample = {
	.uuid = { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19,
		  0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f },
	.geometry = {
		.block_bytes = 4096,
		.cursor_slots = 8,
		.padded = true,
		.data_offset = 524288,
		.data_bytes = UINT64_C(0x123456789000),
		.max_item = 0x10203,
		.max_batch = 0x12000,
	},
	.heartbeat_ms = 0x01020304,
	.created_ns = UINT64_C(0x1112131415161718),
	.queue = "a queue",
	.label = "lines of text",
};

static const struct image_field sample_fields[] = {
	{ 8, 4, 1 },                              /* version */
	{ 12, 4, 512 },                           /* bytes */
	{ 24, 8, 1 },                             /* incompat: padded */
	{ 32, 8, UINT64_C(0x1716151413121110) },  /* uuid */
	{ 40, 8, UINT64_C(0x1f1e1d1c1b1a1918) },  /* and its rest */
	{ 48, 4, 4096 },                          /* block size */
	{ 52, 4, 8 },                             /* cursor slots */
	{ 56, 8, 524288 },                        /* data_offset */
	{ 64, 8, UINT64_C(0x123456789000) },      /* data_bytes */
	{ 72, 8, UINT64_C(0x123456809000) },      /* ring_bytes */
	{ 80, 8, 0x10203 },                       /* max_item */
	{ 88, 8, 0x12000 },                       /* max_batch */
	{ 96, 4, 0x01020304 },                    /* heartbeat */
	{ 104, 8, UINT64_C(0x1112131415161718) }, /* created */
};

static void seal(uint8_t *image, uint64_t copy_offset)
{
	image_put(image, (struct image_field){
				 504, 8, image_xxh3(image, 504, copy_offset) });
}

static void make_image(uint8_t *image, uint64_t copy_offset)
{
	memset(image, 0, SUPERBLOCK_BYTES);
	memcpy(image, "BLKRING\n", 8);
	image_put_all(image, sample_fields, ARRAY_SIZE(sample_fields));
	memcpy(image + 112, "a queue", 7);
	memcpy(image + 176, "lines of text", 13);
	seal(image, copy_offset);
}

static void assert_is_sample(const struct superblock *s)
{
	const struct geometry *g = &s->geometry;

	assert_memory_equal(s->uuid, sample.uuid, 16);
	assert_int_equal(g->block_bytes, sample.geometry.block_bytes);
	assert_int_equal(g->cursor_slots, sample.geometry.cursor_slots);
	assert_int_equal(g->padded, sample.geometry.padded);
	assert_int_equal(g->data_offset, sample.geometry.data_offset);
	assert_int_equal(g->data_bytes, sample.geometry.data_bytes);
	assert_int_equal(g->max_item, sample.geometry.max_item);
	assert_int_equal(g->max_batch, sample.geometry.max_batch);
	assert_int_equal(s->heartbeat_ms, sample.heartbeat_ms);
	assert_int_equal(s->created_ns, sample.created_ns);
	assert_string_equal(s->queue, sample.queue);
	assert_string_equal(s->label, sample.label);
}

static void test_golden(void **state)
{
	static const uint64_t offsets[2] = { 0, COPY_B };
	uint8_t image[SUPERBLOCK_BYTES], got[SUPERBLOCK_BYTES];
	struct superblock s;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		make_image(image, offsets[i]);
		memset(got, 0xaa, sizeof(got));
		superblock_encode(&sample, offsets[i], got);
		assert_memory_equal(got, image, sizeof(image));
		assert_int_equal(superblock_decode(image, offsets[i], &s), 0);
		assert_is_sample(&s);
	}
	assert_int_equal(superblock_ring_bytes(&sample),
			 UINT64_C(0x123456809000));
}

static void test_copies_are_bound_to_their_places(void **state)
{
	uint8_t image[SUPERBLOCK_BYTES];
	struct superblock s;

	(void)state;
	make_image(image, 0);
	assert_int_equal(superblock_decode(image, COPY_B, &s),
			 -RING_ERR_SUPERBLOCK);
	make_image(image, COPY_B);
	assert_int_equal(superblock_decode(image, 0, &s), -RING_ERR_SUPERBLOCK);
}

/* ---- one row per way to be wrong ---------------------------------------- */

struct decode_case {
	const char *name;
	int expected;
	struct image_field change, also;
	bool is_damaged; /* the checksum is left as it was */
};

static const struct decode_case decode_cases[] = {
	{ "unchanged", 0, { 0 }, { 0 }, true },
	{ "magic, first byte",
	  -RING_ERR_NOT_A_RING,
	  { 0, 1, 'b' },
	  { 0 },
	  false },
	{ "magic, last byte",
	  -RING_ERR_NOT_A_RING,
	  { 7, 1, ' ' },
	  { 0 },
	  false },
	{ "version 0", -RING_ERR_VERSION, { 8, 4, 0 }, { 0 }, false },
	{ "version 2", -RING_ERR_VERSION, { 8, 4, 2 }, { 0 }, false },
	{ "version, high byte", -RING_ERR_VERSION, { 11, 1, 1 }, { 0 }, false },
	{ "bytes 511", -RING_ERR_SUPERBLOCK, { 12, 4, 511 }, { 0 }, false },
	{ "bytes 1024", -RING_ERR_SUPERBLOCK, { 12, 4, 1024 }, { 0 }, false },
	{ "compat bits are ignored", 0, { 16, 8, UINT64_MAX }, { 0 }, false },
	{ "incompat bit 1", -RING_ERR_FEATURE, { 24, 8, 2 }, { 0 }, false },
	{ "incompat bit 1, padded",
	  -RING_ERR_FEATURE,
	  { 24, 8, 3 },
	  { 0 },
	  false },
	{ "incompat bit 63", -RING_ERR_FEATURE, { 31, 1, 0x80 }, { 0 }, false },
	{ "block size 0", -RING_ERR_SUPERBLOCK, { 48, 4, 0 }, { 0 }, false },
	{ "block size 256",
	  -RING_ERR_SUPERBLOCK,
	  { 48, 4, 256 },
	  { 0 },
	  false },
	{ "block size 4608",
	  -RING_ERR_SUPERBLOCK,
	  { 48, 4, 4608 },
	  { 0 },
	  false },
	{ "block size 131072",
	  -RING_ERR_SUPERBLOCK,
	  { 48, 4, 131072 },
	  { 0 },
	  false },
	{ "no cursor slot", -RING_ERR_SUPERBLOCK, { 52, 4, 0 }, { 0 }, false },
	{ "65 cursor slots",
	  -RING_ERR_SUPERBLOCK,
	  { 52, 4, 65 },
	  { 0 },
	  false },
	{ "data overlaps the roles",
	  -RING_ERR_SUPERBLOCK,
	  { 56, 8, 458752 },
	  { 72, 8, UINT64_C(0x1234567f9000) },
	  false },
	{ "data not at 64 KiB",
	  -RING_ERR_SUPERBLOCK,
	  { 56, 8, 528384 },
	  { 72, 8, UINT64_C(0x12345680a000) },
	  false },
	{ "data far away",
	  0,
	  { 56, 8, UINT64_C(1) << 56 },
	  { 72, 8, (UINT64_C(1) << 56) + UINT64_C(0x123456789000) },
	  false },
	{ "ring_bytes needs 64 bits",
	  -RING_ERR_SUPERBLOCK,
	  { 56, 8, (UINT64_C(1) << 63) - 65536 },
	  { 72, 8, (UINT64_C(1) << 63) + UINT64_C(0x123456779000) },
	  false },
	{ "ring_bytes overflows",
	  -RING_ERR_SUPERBLOCK,
	  { 56, 8, UINT64_MAX - 65535 },
	  { 72, 8, UINT64_C(0x123456779000) },
	  false },
	{ "data not of whole blocks",
	  -RING_ERR_SUPERBLOCK,
	  { 64, 8, UINT64_C(0x123456789200) },
	  { 72, 8, UINT64_C(0x123456809200) },
	  false },
	{ "too little data for the batch",
	  -RING_ERR_SUPERBLOCK,
	  { 64, 8, 0x14000 },
	  { 72, 8, 0x94000 },
	  false },
	{ "least data for the batch",
	  0,
	  { 64, 8, 0x15000 },
	  { 72, 8, 0x95000 },
	  false },
	{ "too much data",
	  -RING_ERR_SUPERBLOCK,
	  { 64, 8, UINT64_C(1) << 56 },
	  { 72, 8, (UINT64_C(1) << 56) + 524288 },
	  false },
	{ "ring_bytes too small",
	  -RING_ERR_SUPERBLOCK,
	  { 72, 8, UINT64_C(0x123456808fff) },
	  { 0 },
	  false },
	{ "ring_bytes too great",
	  -RING_ERR_SUPERBLOCK,
	  { 72, 8, UINT64_C(0x123456809001) },
	  { 0 },
	  false },
	{ "largest item for the batch", 0, { 80, 8, 0x10fd0 }, { 0 }, false },
	{ "item too large for the batch",
	  -RING_ERR_SUPERBLOCK,
	  { 80, 8, 0x10fd1 },
	  { 0 },
	  false },
	{ "largest item", 0, { 80, 8, 1 << 30 }, { 88, 8, 0x40002000 }, false },
	{ "item too large",
	  -RING_ERR_SUPERBLOCK,
	  { 80, 8, (1 << 30) + 1 },
	  { 88, 8, 0x40003000 },
	  false },
	{ "greatest number for an item",
	  -RING_ERR_SUPERBLOCK,
	  { 80, 8, UINT64_MAX },
	  { 0 },
	  false },
	{ "batch too small",
	  -RING_ERR_SUPERBLOCK,
	  { 88, 8, 0x11000 },
	  { 0 },
	  false },
	{ "batch not of whole blocks",
	  -RING_ERR_SUPERBLOCK,
	  { 88, 8, 0x12200 },
	  { 0 },
	  false },
	{ "no heartbeat", -RING_ERR_SUPERBLOCK, { 96, 4, 0 }, { 0 }, false },
	{ "fastest heartbeat", 0, { 96, 4, 1 }, { 0 }, false },
	{ "reserved bytes are ignored",
	  0,
	  { 100, 4, 0xffffffff },
	  { 432, 8, UINT64_MAX },
	  false },
	{ "last reserved byte is ignored", 0, { 503, 1, 0xff }, { 0 }, false },
	{ "any time, any uuid",
	  0,
	  { 104, 8, UINT64_MAX },
	  { 32, 8, 0 },
	  false },
	{ "damaged field", -RING_ERR_SUPERBLOCK, { 64, 1, 1 }, { 0 }, true },
	{ "damaged reserved byte",
	  -RING_ERR_SUPERBLOCK,
	  { 450, 1, 1 },
	  { 0 },
	  true },

	/* Of two reasons, the first in the order of FORMAT.md. */
	{ "magic before version",
	  -RING_ERR_NOT_A_RING,
	  { 0, 1, 0 },
	  { 8, 4, 2 },
	  false },
	{ "version before checksum",
	  -RING_ERR_VERSION,
	  { 8, 4, 2 },
	  { 0 },
	  true },
	{ "checksum before features",
	  -RING_ERR_SUPERBLOCK,
	  { 24, 8, 2 },
	  { 0 },
	  true },
	{ "features before fields",
	  -RING_ERR_FEATURE,
	  { 24, 8, 2 },
	  { 48, 4, 0 },
	  false },
};

static void test_decode(void **state)
{
	const struct decode_case *row = *state;
	uint8_t image[SUPERBLOCK_BYTES];
	struct superblock s, untouched;

	memset(&untouched, 0x77, sizeof(untouched));
	s = untouched;
	make_image(image, 0);
	image_put(image, row->change);
	image_put(image, row->also);
	if (!row->is_damaged)
		seal(image, 0);
	assert_int_equal(superblock_decode(image, 0, &s), row->expected);
	if (row->expected < 0)
		assert_memory_equal(&s, &untouched, sizeof(s));
	else
		assert_string_equal(s.label, sample.label);
}

struct text_case {
	const char *name;
	int expected;
	size_t offset, len;
};

static const struct text_case text_cases[] = {
	{ "longest queue", 0, 112, 63 },
	{ "queue without NUL", -RING_ERR_SUPERBLOCK, 112, 64 },
	{ "longest label", 0, 176, 255 },
	{ "label without NUL", -RING_ERR_SUPERBLOCK, 176, 256 },
};

static void test_text(void **state)
{
	const struct text_case *row = *state;
	uint8_t image[SUPERBLOCK_BYTES];
	struct superblock s;

	make_image(image, 0);
	memset(image + row->offset, 't', row->len);
	seal(image, 0);
	assert_int_equal(superblock_decode(image, 0, &s), row->expected);
}

/* ---- damage ------------------------------------------------------------- */

static void test_flips(void **state)
{
	uint8_t image[SUPERBLOCK_BYTES];
	struct superblock s;

	(void)state;
	make_image(image, 0);
	for (unsigned i = 0; i < 8 * SUPERBLOCK_BYTES; i++) {
		const unsigned at = i / 8;
		const int expected = at < 8    ? -RING_ERR_NOT_A_RING
				     : at < 12 ? -RING_ERR_VERSION
					       : -RING_ERR_SUPERBLOCK;

		image[at] ^= (uint8_t)(1u << (i % 8));
		assert_int_equal(superblock_decode(image, 0, &s), expected);
		image[at] ^= (uint8_t)(1u << (i % 8));
	}
	assert_int_equal(superblock_decode(image, 0, &s), 0);
}

static void test_torn(void **state)
{
	uint8_t old[SUPERBLOCK_BYTES], new[SUPERBLOCK_BYTES];
	uint8_t torn[SUPERBLOCK_BYTES];
	struct superblock s;

	/* Two rings on one device: they differ from byte 32 (uuid) on. */
	(void)state;
	make_image(old, 0);
	make_image(new, 0);
	image_put(new, (struct image_field){ 32, 8, 42 });
	seal(new, 0);
	for (size_t cut = 33; cut < SUPERBLOCK_BYTES; cut++) {
		memcpy(torn, new, cut);
		memcpy(torn + cut, old + cut, SUPERBLOCK_BYTES - cut);
		assert_int_equal(superblock_decode(torn, 0, &s),
				 -RING_ERR_SUPERBLOCK);
	}
}

int main(void)
{
	const struct rows tables[] = {
		{ "decode", test_decode, decode_cases, sizeof(decode_cases),
		  sizeof(decode_cases[0]) },
		{ "texts", test_text, text_cases, sizeof(text_cases),
		  sizeof(text_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_copies_are_bound_to_their_places),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_torn),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests_name("superblock", tests, NULL, NULL);
}
