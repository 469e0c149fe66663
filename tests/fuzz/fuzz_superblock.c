/*
 * Goal: a superblock that is accepted respects every limit of FORMAT.md 2 and
 * 7, and is written back as it was read.
 * Method: edits of a good one, sealed or not; the limits computed here.
 */
#include "ring/superblock.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/script.h"
#include "tests/lib/image.h"

#include <string.h>

enum { COPY_B = 65536 };

static const struct image_field good[] = {
	{ 0, 8, UINT64_C(0x0a474e49524b4c42) }, /* magic */
	{ 8, 4, 1 },                            /* version */
	{ 12, 4, 512 },                         /* bytes */
	{ 32, 8, 0x0123 },                      /* uuid */
	{ 48, 4, 512 },                         /* block */
	{ 52, 4, 1 },                           /* cursor slots */
	{ 56, 8, 262144 },                      /* data offset */
	{ 64, 8, 65536 },                       /* data bytes */
	{ 72, 8, 327680 },                      /* ring bytes */
	{ 80, 8, 16384 },                       /* max_item */
	{ 88, 8, 16896 },                       /* max_batch */
	{ 96, 4, 500 },                         /* heartbeat */
	{ 104, 8, 1700000000 },                 /* created */
	{ 112, 2, 0x7771 },                     /* queue */
	{ 176, 3, 0x6c6c6c },                   /* label */
};

enum { GOOD_FIELDS = sizeof(good) / sizeof(good[0]) };

static void seal(uint8_t *image, uint64_t copy_offset)
{
	image_put(image, (struct image_field){
				 504, 8, image_xxh3(image, 504, copy_offset) });
}

static uint64_t up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

static void require_geometry(const struct geometry *g)
{
	const uint64_t block = g->block_bytes;
	const uint64_t stride = block < 4096 ? 4096 : block;
	const uint64_t commit = g->padded ? block : 384;

	fuzz_require(block == 512 || block == 1024 || block == 2048 ||
			     block == 4096 || block == 8192 || block == 16384 ||
			     block == 32768 || block == 65536,
		     "the block size is one of eight");
	fuzz_require(g->cursor_slots >= 1 && g->cursor_slots <= 64,
		     "1 to 64 cursors");
	fuzz_require(g->data_offset % 65536 == 0, "data_offset is aligned");
	fuzz_require(g->data_offset >=
			     131072 + (g->cursor_slots + 2) * 9 * stride,
		     "data_offset is behind the roles");
	fuzz_require(g->data_bytes % block == 0 && g->data_bytes >> 56 == 0,
		     "data_bytes is whole blocks, below 2^56");
	fuzz_require(g->data_offset <= INT64_MAX - g->data_bytes,
		     "the ring ends below 2^63");
	fuzz_require(g->max_item <= UINT64_C(1) << 30 &&
			     g->max_batch <= UINT64_C(1) << 31,
		     "max_item and max_batch");
	fuzz_require(g->max_batch % block == 0, "max_batch is whole blocks");
	fuzz_require(g->max_batch >=
			     up(up(48 + g->max_item, 8) + commit, block),
		     "the largest item fits a batch");
	fuzz_require(g->data_bytes >= g->max_batch + 2 * commit + block,
		     "the largest batch fits");
}

/* Every defined field comes back as it was. */
static void require_round_trip(const struct superblock *s, const uint8_t *image,
			       uint64_t copy_offset)
{
	uint8_t again[SUPERBLOCK_BYTES], twice[SUPERBLOCK_BYTES];
	struct superblock back;

	superblock_encode(s, copy_offset, again);
	for (unsigned i = 0; i < GOOD_FIELDS - 2; i++)
		fuzz_require(
			image_get(image, good[i].offset, good[i].width) ==
				image_get(again, good[i].offset, good[i].width),
			"a field is written as it was read");
	fuzz_require(image_get(again, 24, 8) == image_get(image, 24, 8),
		     "the feature bits are written as they were read");
	fuzz_require(memcmp(again + 32, image + 32, 16) == 0, "so is the uuid");
	fuzz_require(strcmp((const char *)again + 112,
			    (const char *)image + 112) == 0 &&
			     strcmp((const char *)again + 176,
				    (const char *)image + 176) == 0,
		     "so are the texts");
	fuzz_require(superblock_decode(again, copy_offset, &back) == 0,
		     "what was written is valid");
	superblock_encode(&back, copy_offset, twice);
	fuzz_require(memcmp(again, twice, sizeof(again)) == 0,
		     "decode and encode agree");
}

static void require_accepted(const struct superblock *s, const uint8_t *image,
			     uint64_t copy_offset)
{
	fuzz_require(image_get(image, 504, 8) ==
			     image_xxh3(image, 504, copy_offset),
		     "the checksum is right");
	fuzz_require(image_get(image, 0, 8) == good[0].value &&
			     image_get(image, 8, 4) == 1 &&
			     image_get(image, 12, 4) == 512 &&
			     image_get(image, 24, 8) <= 1,
		     "magic, version, length, features");
	fuzz_require(memchr(s->queue, 0, sizeof(s->queue)) != NULL &&
			     memchr(s->label, 0, sizeof(s->label)) != NULL,
		     "texts end");
	fuzz_require(s->heartbeat_ms > 0, "there is a heartbeat");
	fuzz_require(superblock_ring_bytes(s) == image_get(image, 72, 8),
		     "ring_bytes is the sum");
	require_geometry(&s->geometry);
	require_round_trip(s, image, copy_offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	struct script script = { data, len_bytes };
	uint8_t image[SUPERBLOCK_BYTES] = { 0 };
	const uint64_t copy_offset = script_number(&script, 1) % 2 * COPY_B;
	struct superblock s;

	image_put_all(image, good, GOOD_FIELDS);
	seal(image, copy_offset);
	if ((script_run(&script, image, sizeof(image)) & SCRIPT_SEAL) != 0)
		seal(image, copy_offset);
	if (superblock_decode(image, copy_offset, &s) == 0)
		require_accepted(&s, image, copy_offset);
	return 0;
}
