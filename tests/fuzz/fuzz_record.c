/*
 * Goal: a record header that is accepted respects FORMAT.md 6 (1) and (2), and
 * a record is sealed as it was read; the same of the body of a commit.
 * Method: edits of a good item or commit, sealed or not, with any max_item.
 */
#include "ring/record.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/script.h"
#include "tests/lib/image.h"

#include <string.h>

enum { IMAGE_BYTES = 512, SEED = 77 };

static const struct image_field item[] = {
	{ 12, 1, 1 },  /* kind */
	{ 14, 2, 7 },  /* type */
	{ 16, 4, 10 }, /* body */
	{ 20, 4, 4 },  /* metadata */
	{ 24, 8, 5 },  /* epoch */
	{ 32, 8, 75 }, /* sequence number */
	{ 40, 8, 99 }, /* time */
};

static const struct image_field commit[] = {
	{ 12, 1, 2 },     /* kind */
	{ 16, 4, 42 },    /* body */
	{ 20, 4, 2 },     /* cookie */
	{ 24, 8, 5 },     /* epoch */
	{ 32, 8, 75 },    /* sequence number */
	{ 48, 8, 12288 }, /* exposed */
	{ 56, 8, 75 },    /* its sequence number */
	{ 64, 8, 10240 }, /* from */
	{ 72, 8, 10240 }, /* durable */
	{ 80, 8, 12200 }, /* batch */
};

static void require_limits(const struct record *r, const uint8_t *image,
			   uint64_t max_item)
{
	fuzz_require(image[12] >= 1 && image[12] <= 3, "the kind is known");
	fuzz_require(image[13] == 0, "no flag is set");
	fuzz_require((unsigned)r->kind == image[12], "the kind is as it was");
	if (r->kind == RECORD_ITEM) {
		fuzz_require(r->body_bytes <= max_item, "the item is not big");
		fuzz_require(r->meta_bytes <= r->body_bytes,
			     "metadata is inside the item");
		return;
	}
	if (r->kind == RECORD_HOLE) {
		fuzz_require(r->type <= 1, "a hole is of one of two sorts");
		fuzz_require(r->body_bytes == 0 && r->meta_bytes == 0,
			     "a hole has no body");
		return;
	}
	fuzz_require(r->type == 0, "a commit has no type");
	fuzz_require(r->meta_bytes <= 256 &&
			     r->body_bytes == 40 + r->meta_bytes,
		     "a commit is as long as its cookie makes it");
}

/* A record with a right checksum is written again, byte for byte. */
static void require_sealed(const struct record *r, const uint8_t *image)
{
	const size_t used = RECORD_HEADER_BYTES + (size_t)r->body_bytes;
	uint8_t again[IMAGE_BYTES];
	struct record back;

	memcpy(again, image, sizeof(again));
	record_seal(again, r, SEED);
	fuzz_require(memcmp(again + 12, image + 12, used - 12) == 0,
		     "the record is written as it was read");
	for (size_t i = used; i < record_bytes(r->body_bytes); i++)
		fuzz_require(again[i] == 0, "the padding is 0");
	fuzz_require(record_is_sealed(again, r, SEED) &&
			     record_header_is_intact(again, SEED),
		     "what was written is valid");
	fuzz_require(record_decode(again, r->body_bytes, &back) &&
			     back.body_bytes == r->body_bytes,
		     "and decodes again");
	if (!record_is_sealed(image, r, SEED))
		return;
	fuzz_require(image_get(image, 0, 8) ==
			     image_xxh3(image + 8, used - 8, SEED),
		     "the checksum is right");
	fuzz_require(record_stored_checksum(image) == image_get(image, 0, 8),
		     "it is the one that is stored");
}

static void require_commit(const uint8_t *body)
{
	uint8_t again[RECORD_COMMIT_BODY];
	struct commit c;

	commit_decode(body, &c);
	commit_encode(again, &c);
	fuzz_require(memcmp(again, body, sizeof(again)) == 0,
		     "the commit is written as it was read");
}

static void make(uint8_t *image, bool is_commit)
{
	memset(image, 0, IMAGE_BYTES);
	if (is_commit)
		image_put_all(image, commit,
			      sizeof(commit) / sizeof(commit[0]));
	else
		image_put_all(image, item, sizeof(item) / sizeof(item[0]));
	memcpy(image + 88, "ck", 2);
	image_seal_record(image, SEED);
}

static bool is_in_image(const uint8_t *image)
{
	return image_get(image, 16, 4) <= IMAGE_BYTES - RECORD_HEADER_BYTES;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	struct script script = { data, len_bytes };
	const bool is_commit = script_number(&script, 1) % 2 == 1;
	const uint64_t max_item = script_number(&script, 4);
	uint8_t image[IMAGE_BYTES];
	struct record r;
	unsigned flags;

	make(image, is_commit);
	flags = script_run(&script, image, sizeof(image));
	if ((flags & SCRIPT_SEAL) != 0 && is_in_image(image))
		image_seal_record(image, SEED);
	if (!record_decode(image, max_item, &r))
		return 0;
	require_limits(&r, image, max_item);
	if (record_bytes(r.body_bytes) > IMAGE_BYTES)
		return 0;
	require_sealed(&r, image);
	if (r.kind == RECORD_COMMIT)
		require_commit(image + RECORD_HEADER_BYTES);
	return 0;
}
