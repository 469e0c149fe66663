/*
 * Goal: checksums are the XXH3-64 that other implementations of the format
 * compute.
 * Method: the test vectors that xxHash publishes with its source, and the
 * definition of the seed in FORMAT.md, over and over with libxxhash itself.
 */
#include "ring/checksum.h"
#include "tests/lib/image.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define PRIME32 UINT64_C(2654435761)
#define PRIME64 UINT64_C(11400714785074694797)

/* XXH3_64bits_withSeed() in xxHash's own sanity check. */
struct vector_case {
	const char *name;
	size_t len_bytes;
	uint64_t seed;
	uint64_t expected;
};

static const struct vector_case vector_cases[] = {
	{ "nothing", 0, 0, UINT64_C(0x2d06800538d394c2) },
	{ "nothing, seed", 0, PRIME64, UINT64_C(0xa8a6b918b2f0364a) },
	{ "1 byte", 1, 0, UINT64_C(0xc44bdff4074eecdb) },
	{ "1 byte, seed", 1, PRIME64, UINT64_C(0x032be332dd766ef8) },
	{ "6 bytes", 6, 0, UINT64_C(0x27b56a84cd2d7325) },
	{ "6 bytes, seed", 6, PRIME64, UINT64_C(0x84589c116ab59ab9) },
	{ "12 bytes", 12, 0, UINT64_C(0xa713daf0dfbb77e7) },
	{ "12 bytes, seed", 12, PRIME64, UINT64_C(0xe7303e1b2336de0e) },
	{ "24 bytes", 24, 0, UINT64_C(0xa3fe70bf9d3510eb) },
	{ "24 bytes, seed", 24, PRIME64, UINT64_C(0x850e80fc35bdd690) },
	{ "48 bytes", 48, 0, UINT64_C(0x397da259ecba1f11) },
	{ "48 bytes, seed", 48, PRIME64, UINT64_C(0xadc2cbaa44acc616) },
	{ "80 bytes", 80, 0, UINT64_C(0xbcdefbbb2c47c90a) },
	{ "80 bytes, seed", 80, PRIME64, UINT64_C(0xc6dd0cb699532e73) },
	{ "195 bytes", 195, 0, UINT64_C(0xcd94217ee362ec3a) },
	{ "195 bytes, seed", 195, PRIME64, UINT64_C(0xba68003d370cb3d9) },
	{ "512 bytes", 512, 0, UINT64_C(0x617e49599013cb6b) },
	{ "512 bytes, seed", 512, PRIME64, UINT64_C(0x3ce457de14c27708) },
	{ "2048 bytes", 2048, 0, UINT64_C(0xdd59e2c3a5f038e0) },
	{ "2048 bytes, seed", 2048, PRIME64, UINT64_C(0x66f81670669ababc) },
};

/* The bytes that the vectors are about. */
static void fill(uint8_t *buf, size_t len)
{
	uint64_t generator = PRIME32;

	for (size_t i = 0; i < len; i++) {
		buf[i] = (uint8_t)(generator >> 56);
		generator *= PRIME64;
	}
}

static void test_vector(void **state)
{
	const struct vector_case *row = *state;
	uint8_t buf[2048 + 1];

	/* At an odd address, too: records are only 8-byte aligned. */
	fill(buf, 2048);
	assert_int_equal(checksum(buf, row->len_bytes, row->seed),
			 row->expected);
	fill(buf + 1, 2048);
	assert_int_equal(checksum(buf + 1, row->len_bytes, row->seed),
			 row->expected);
}

static void test_every_bit_counts(void **state)
{
	uint8_t buf[300];
	uint64_t right;

	(void)state;
	fill(buf, sizeof(buf));
	right = checksum(buf, sizeof(buf), 5);
	assert_int_not_equal(checksum(buf, sizeof(buf), 6), right);
	for (size_t i = 0; i < 8 * sizeof(buf); i++) {
		buf[i / 8] ^= (uint8_t)(1u << (i % 8));
		assert_int_not_equal(checksum(buf, sizeof(buf), 5), right);
		buf[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
}

static void test_seed(void **state)
{
	/* XXH3 of the bytes 0 to 15 and of 0x0123456789abcdef. */
	uint8_t uuid[16];
	uint8_t image[24] = { [16] = 0xef, 0xcd, 0xab, 0x89,
			      0x67,        0x45, 0x23, 0x01 };
	const uint64_t place = UINT64_C(0x0123456789abcdef);
	uint64_t right;

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		uuid[i] = image[i] = (uint8_t)i;
	right = checksum_seed(uuid, place);
	assert_int_equal(right, image_xxh3(image, 24, 0));
	for (unsigned i = 0; i < 64; i++)
		assert_int_not_equal(
			checksum_seed(uuid, place ^ UINT64_C(1) << i), right);
	for (unsigned i = 0; i < 128; i++) {
		uuid[i / 8] ^= (uint8_t)(1u << (i % 8));
		assert_int_not_equal(checksum_seed(uuid, place), right);
		uuid[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
}

int main(void)
{
	const struct rows tables[] = {
		{ "vectors", test_vector, vector_cases, sizeof(vector_cases),
		  sizeof(vector_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_bit_counts),
		cmocka_unit_test(test_seed),
	};

	return rows_run(tables, 1) +
	       cmocka_run_group_tests_name("checksum", tests, NULL, NULL);
}
