/*
 * Goal: records are laid out as FORMAT.md 4.2 says, and nothing else passes.
 * Method: an item and a commit by hand, field by field, with checksums from
 * libxxhash; then one row per way to be wrong, and every bit flipped.
 */
#include "ring/record.h"
#include "tests/lib/image.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { MAX_ITEM = 1000, IMAGE_MAX = 512 };

static const uint64_t seed = UINT64_C(0x5eed);

/* ---- golden images ------------------------------------------------------ */

static const struct record item = {
	.kind = RECORD_ITEM,
	.type = 0x0708,
	.body_bytes = 13,
	.meta_bytes = 4,
	.epoch = 0x11121314,
	.sequence = UINT64_C(0x2122232425262728),
	.time_ns = UINT64_C(0x3132333435363738),
};

static const struct image_field item_fields[] = {
	{ 12, 1, 1 },                            /* kind */
	{ 13, 1, 0 },                            /* flags */
	{ 14, 2, 0x0708 },                       /* type */
	{ 16, 4, 13 },                           /* body_bytes */
	{ 20, 4, 4 },                            /* metadata */
	{ 24, 8, 0x11121314 },                   /* epoch */
	{ 32, 8, UINT64_C(0x2122232425262728) }, /* sequence */
	{ 40, 8, UINT64_C(0x3132333435363738) }, /* time */
};

enum { ITEM_BYTES = 64, COMMIT_BYTES = 96 };

static const struct record commit = {
	.kind = RECORD_COMMIT,
	.body_bytes = 43,
	.meta_bytes = 3,
	.epoch = 5,
	.sequence = 6,
	.time_ns = 7,
};

static const struct commit commit_body = {
	.exposed = UINT64_C(0x4142434445464748),
	.exposed_sequence = UINT64_C(0x5152535455565758),
	.from = UINT64_C(0x6162636465666768),
	.durable = UINT64_C(0x7172737475767778),
	.batch = UINT64_C(0x8182838485868788),
};

static const struct image_field commit_fields[] = {
	{ 12, 1, 2 },                            /* kind */
	{ 16, 4, 43 },                           /* body_bytes */
	{ 20, 4, 3 },                            /* cookie */
	{ 24, 8, 5 },                            /* epoch */
	{ 32, 8, 6 },                            /* sequence */
	{ 40, 8, 7 },                            /* time */
	{ 48, 8, UINT64_C(0x4142434445464748) }, /* exposed */
	{ 56, 8, UINT64_C(0x5152535455565758) }, /* its sequence */
	{ 64, 8, UINT64_C(0x6162636465666768) }, /* from */
	{ 72, 8, UINT64_C(0x7172737475767778) }, /* durable */
	{ 80, 8, UINT64_C(0x8182838485868788) }, /* batch */
};

static void make_item(uint8_t *image)
{
	memset(image, 0, IMAGE_MAX);
	image_put_all(image, item_fields, ARRAY_SIZE(item_fields));
	memcpy(image + 48, "metadata-data", 13);
	image_seal_record(image, seed);
}

static void make_commit(uint8_t *image)
{
	memset(image, 0, IMAGE_MAX);
	image_put_all(image, commit_fields, ARRAY_SIZE(commit_fields));
	memcpy(image + 88, "\xff\x00\xfe", 3);
	image_seal_record(image, seed);
}

static void assert_record_equal(const struct record *a, const struct record *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->body_bytes, b->body_bytes);
	assert_int_equal(a->meta_bytes, b->meta_bytes);
	assert_int_equal(a->epoch, b->epoch);
	assert_int_equal(a->sequence, b->sequence);
	assert_int_equal(a->time_ns, b->time_ns);
}

static void test_seal_item(void **state)
{
	uint8_t expected[IMAGE_MAX], got[IMAGE_MAX];

	(void)state;
	make_item(expected);
	memset(expected + ITEM_BYTES, 0xaa, IMAGE_MAX - ITEM_BYTES);
	memset(got, 0xaa, IMAGE_MAX);
	memcpy(got + 48, "metadata-data", 13);
	record_seal(got, &item, seed);
	assert_memory_equal(got, expected, IMAGE_MAX);
}

static void test_seal_commit(void **state)
{
	uint8_t expected[IMAGE_MAX], got[IMAGE_MAX];

	(void)state;
	make_commit(expected);
	memset(expected + COMMIT_BYTES, 0xaa, IMAGE_MAX - COMMIT_BYTES);
	memset(got, 0xaa, IMAGE_MAX);
	commit_encode(got + 48, &commit_body);
	memcpy(got + 88, "\xff\x00\xfe", 3);
	record_seal(got, &commit, seed);
	assert_memory_equal(got, expected, IMAGE_MAX);
}

static void test_decode_item(void **state)
{
	uint8_t image[IMAGE_MAX];
	struct record r;

	(void)state;
	make_item(image);
	assert_true(record_decode(image, MAX_ITEM, &r));
	assert_record_equal(&r, &item);
	assert_true(record_is_sealed(image, &r, seed));
	assert_true(record_header_is_intact(image, seed));
	assert_int_equal(record_stored_checksum(image),
			 image_xxh3(image + 8, 40 + 13, seed));
}

static void test_decode_commit(void **state)
{
	uint8_t image[IMAGE_MAX];
	struct record r;
	struct commit c;

	(void)state;
	make_commit(image);
	assert_true(record_decode(image, MAX_ITEM, &r));
	assert_record_equal(&r, &commit);
	assert_true(record_is_sealed(image, &r, seed));
	commit_decode(image + 48, &c);
	assert_int_equal(c.exposed, commit_body.exposed);
	assert_int_equal(c.exposed_sequence, commit_body.exposed_sequence);
	assert_int_equal(c.from, commit_body.from);
	assert_int_equal(c.durable, commit_body.durable);
	assert_int_equal(c.batch, commit_body.batch);
}

/* A frame is a header without checksums: nothing else is touched. */
static void test_frame(void **state)
{
	uint8_t expected[IMAGE_MAX], got[IMAGE_MAX];

	(void)state;
	memset(expected, 0x33, IMAGE_MAX);
	image_put_all(expected, item_fields, ARRAY_SIZE(item_fields));
	memset(got, 0x33, IMAGE_MAX);
	record_frame(got, &item);
	assert_memory_equal(got, expected, IMAGE_MAX);
}

/* ---- decode: one row per limit ------------------------------------------ */

struct decode_case {
	const char *name;
	bool expected;
	bool is_commit;
	struct image_field change, also;
};

static const struct decode_case decode_cases[] = {
	{ "item", true, false, { 12, 1, 1 }, { 0 } },
	{ "no kind", false, false, { 12, 1, 0 }, { 0 } },
	{ "kind 3", false, false, { 12, 1, 3 }, { 0 } },
	{ "kind 129", false, false, { 12, 1, 129 }, { 0 } },
	{ "item with a flag", false, false, { 13, 1, 1 }, { 0 } },
	{ "item with the last flag", false, false, { 13, 1, 0x80 }, { 0 } },
	{ "item, any type", true, false, { 14, 2, 0xffff }, { 0 } },
	{ "empty item", true, false, { 16, 4, 0 }, { 20, 4, 0 } },
	{ "largest item", true, false, { 16, 4, MAX_ITEM }, { 0 } },
	{ "item too large", false, false, { 16, 4, MAX_ITEM + 1 }, { 0 } },
	{ "item of 4 GiB", false, false, { 16, 4, 0xffffffff }, { 0 } },
	{ "metadata only", true, false, { 20, 4, 13 }, { 0 } },
	{ "more metadata than body", false, false, { 20, 4, 14 }, { 0 } },
	{ "4 GiB of metadata", false, false, { 20, 4, 0xffffffff }, { 0 } },
	{ "no metadata", true, false, { 20, 4, 0 }, { 0 } },
	{ "any epoch and sequence number",
	  true,
	  false,
	  { 24, 8, UINT64_MAX },
	  { 32, 8, UINT64_MAX } },

	{ "commit", true, true, { 12, 1, 2 }, { 0 } },
	{ "commit with a flag", false, true, { 13, 1, 1 }, { 0 } },
	{ "commit with a type", false, true, { 14, 2, 1 }, { 0 } },
	{ "commit with a high type", false, true, { 14, 2, 0x100 }, { 0 } },
	{ "commit, no cookie", true, true, { 16, 4, 40 }, { 20, 4, 0 } },
	{ "commit, longest cookie",
	  true,
	  true,
	  { 16, 4, 296 },
	  { 20, 4, 256 } },
	{ "commit, cookie too long",
	  false,
	  true,
	  { 16, 4, 297 },
	  { 20, 4, 257 } },
	{ "commit, body is too short", false, true, { 16, 4, 42 }, { 0 } },
	{ "commit, body is too long", false, true, { 16, 4, 44 }, { 0 } },
	{ "commit, no body", false, true, { 16, 4, 0 }, { 20, 4, 0 } },
	{ "commit, lengths wrap",
	  false,
	  true,
	  { 16, 4, 39 },
	  { 20, 4, 0xffffffff } },
};

static void test_decode(void **state)
{
	const struct decode_case *row = *state;
	uint8_t image[IMAGE_MAX];
	struct record r;

	if (row->is_commit)
		make_commit(image);
	else
		make_item(image);
	image_put(image, row->change);
	image_put(image, row->also);
	assert_int_equal(record_decode(image, MAX_ITEM, &r), row->expected);
	if (row->expected)
		assert_int_equal(r.body_bytes, image_get(image, 16, 4));
}

static void test_commits_do_not_count_as_items(void **state)
{
	uint8_t image[IMAGE_MAX];
	struct record r;

	/* A ring for items of 10 bytes has commits of 43, too. */
	(void)state;
	make_commit(image);
	assert_true(record_decode(image, 10, &r));
	make_item(image);
	assert_false(record_decode(image, 10, &r));
	assert_false(record_decode(image, 12, &r));
	assert_true(record_decode(image, 13, &r));
}

/* ---- checksums ---------------------------------------------------------- */

/* The checksum covers 8 to 47 and the body; the check 12 to 47. */
static void test_flips(void **state)
{
	uint8_t image[IMAGE_MAX];

	(void)state;
	make_item(image);
	for (unsigned i = 0; i < 8 * ITEM_BYTES; i++) {
		const unsigned at = i / 8;

		image[at] ^= (uint8_t)(1u << (i % 8));
		assert_int_equal(record_is_sealed(image, &item, seed),
				 at >= 48 + 13);
		assert_int_equal(record_header_is_intact(image, seed),
				 at < 8 || at >= 48);
		image[at] ^= (uint8_t)(1u << (i % 8));
	}
	assert_true(record_is_sealed(image, &item, seed));
}

static void test_seed_binds(void **state)
{
	uint8_t image[IMAGE_MAX];

	(void)state;
	make_item(image);
	for (unsigned i = 0; i < 64; i++) {
		const uint64_t other = seed ^ UINT64_C(1) << i;

		assert_false(record_is_sealed(image, &item, other));
		assert_false(record_header_is_intact(image, other));
	}
}

static void test_torn(void **state)
{
	uint8_t old[IMAGE_MAX], new[IMAGE_MAX], torn[IMAGE_MAX];
	struct record changed = item;

	/* Two valid records for one place, mixed at each byte. */
	(void)state;
	make_item(old);
	memcpy(new, old, IMAGE_MAX);
	memcpy(new + 48, "other-content", 13);
	changed.time_ns++;
	record_seal(new, &changed, seed);
	for (size_t cut = 1; cut < 48 + 13; cut++) {
		memcpy(torn, new, cut);
		memcpy(torn + cut, old + cut, IMAGE_MAX - cut);
		assert_false(record_is_sealed(torn, &item, seed));
	}
}

/* ---- sizes -------------------------------------------------------------- */

struct size_case {
	const char *name;
	uint64_t payload, item, commit; /* commit: 0 if there is none */
};

static const struct size_case size_cases[] = {
	{ "nothing", 0, 48, 88 },
	{ "one byte", 1, 56, 96 },
	{ "eight bytes", 8, 56, 96 },
	{ "nine bytes", 9, 64, 104 },
	{ "longest cookie", 256, 304, 344 },
	{ "largest item", UINT64_C(1) << 30, (UINT64_C(1) << 30) + 48, 0 },
};

static void test_sizes(void **state)
{
	const struct size_case *row = *state;

	assert_int_equal(record_bytes(row->payload), row->item);
	assert_int_equal(record_item_bytes(row->payload), row->item);
	if (row->commit != 0)
		assert_int_equal(record_commit_bytes(row->payload),
				 row->commit);
}

int main(void)
{
	const struct rows tables[] = {
		{ "decode", test_decode, decode_cases, sizeof(decode_cases),
		  sizeof(decode_cases[0]) },
		{ "sizes", test_sizes, size_cases, sizeof(size_cases),
		  sizeof(size_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seal_item),
		cmocka_unit_test(test_seal_commit),
		cmocka_unit_test(test_decode_item),
		cmocka_unit_test(test_decode_commit),
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_commits_do_not_count_as_items),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_seed_binds),
		cmocka_unit_test(test_torn),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
