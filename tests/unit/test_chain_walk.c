/*
 * Goal: what a walk over records carries along, FORMAT.md 6.
 * Method: batches by hand with checksums from libxxhash, step by step; then
 * every bit of a batch is flipped.
 */
#include "tests/lib/chain_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void step(struct scene *s, enum chain_verdict expected)
{
	const struct chain_step step = scene_look(s);

	assert_int_equal(step.verdict, expected);
	chain_accept(&s->chain, &step);
}

/* ---- walks -------------------------------------------------------------- */

static void test_items_and_commit(void **state)
{
	const uint64_t commit_at = AT + 2 * ITEM_BYTES;
	const uint64_t end = commit_at + COMMIT_BYTES;
	const struct commit c = { AT + ITEM_BYTES, 76, EXPOSED, AT - 8, AT };
	const struct commit again = { end, 77, AT + ITEM_BYTES, end, end };
	struct scene s;

	(void)state;
	scene_setup(&s);
	scene_put_item(&s, AT, 75);
	scene_put_item(&s, AT + ITEM_BYTES, 76);
	scene_put_commit(&s, commit_at, 77, &c);
	scene_put_commit(&s, end, 77, &again);
	step(&s, CHAIN_ITEM);
	assert_int_equal(s.chain.position, AT + ITEM_BYTES);
	assert_int_equal(s.chain.next_sequence, 76);
	assert_int_equal(s.chain.epoch, EPOCH);
	assert_int_equal(s.chain.batch, AT);
	assert_int_equal(s.chain.exposed, EXPOSED);
	assert_int_equal(s.chain.end, AT);
	assert_int_equal(s.chain.end_sequence, 75);
	assert_int_equal(s.chain.end_time_ns, 0);
	step(&s, CHAIN_ITEM);
	step(&s, CHAIN_EXPOSE);
	assert_int_equal(s.chain.position, end);
	assert_int_equal(s.chain.batch, end);
	assert_int_equal(s.chain.exposed, AT + ITEM_BYTES);
	assert_int_equal(s.chain.exposed_sequence, 76);
	assert_int_equal(s.chain.next_sequence, 77);
	assert_int_equal(s.chain.end, end);
	assert_int_equal(s.chain.end_sequence, 77);
	assert_int_equal(s.chain.end_time_ns, 9999);
	assert_int_equal(s.chain.durable, AT); /* the greatest */
	step(&s, CHAIN_EXPOSE);
	assert_int_equal(s.chain.durable, end);
	assert_int_equal(scene_look(&s).reason, CHAIN_REASON_HEADER);
}

static void test_discard(void **state)
{
	const uint64_t commit_at = AT + ITEM_BYTES;
	const uint64_t end = commit_at + COMMIT_BYTES;
	const struct commit c = { end, 70, end, AT, AT };
	struct scene s;

	/* Numbers go on where those of the visible items ended. */
	(void)state;
	scene_setup(&s);
	scene_put_item(&s, AT, 75);
	scene_put_commit(&s, commit_at, 70, &c);
	scene_put_item(&s, end, 70);
	step(&s, CHAIN_ITEM);
	step(&s, CHAIN_DISCARD);
	assert_int_equal(s.chain.exposed, end);
	assert_int_equal(s.chain.exposed_sequence, 70);
	assert_int_equal(s.chain.next_sequence, 70);
	assert_int_equal(s.chain.end_sequence, 70);
	step(&s, CHAIN_ITEM);
	assert_int_equal(s.chain.next_sequence, 71);
}

static void test_batch_is_limited(void **state)
{
	struct scene s;

	/* 64 items fill a batch of 4096 bytes: nothing may follow. */
	(void)state;
	scene_setup(&s);
	for (unsigned i = 0; i < 65; i++)
		scene_put_item(&s, AT + i * ITEM_BYTES, 75 + i);
	for (unsigned i = 0; i < 64; i++)
		step(&s, CHAIN_ITEM);
	assert_int_equal(scene_look(&s).reason, CHAIN_REASON_LENGTH);
	assert_int_equal(scene_look(&s).verdict, CHAIN_BAD);
}

static void test_epochs_never_go_back(void **state)
{
	struct scene s;

	/* In a closed segment of three epochs. */
	(void)state;
	scene_setup(&s);
	s.segments = (struct segments){
		.count = 2,
		.list = { { 8192, 20000, 3, 5 }, { 20000, 0, 6, 6 } },
		.epoch_start = 20000,
	};
	for (unsigned i = 0; i < 3; i++) {
		const uint64_t at = AT + i * ITEM_BYTES;

		scene_put_item(&s, at, 75 + i);
		scene_put(&s, at, 24, i == 1 ? 5 : 4);
		scene_seal(&s, at);
	}
	step(&s, CHAIN_ITEM);
	step(&s, CHAIN_ITEM);
	assert_int_equal(scene_look(&s).reason, CHAIN_REASON_EPOCH);
}

static void test_padded_commits_end_with_their_block(void **state)
{
	const uint64_t end = AT + 512;
	const struct commit c = { end, 76, EXPOSED, AT, AT };
	struct scene s;

	(void)state;
	scene_setup(&s);
	s.superblock.geometry.padded = true;
	scene_put_item(&s, AT, 75);
	scene_put_commit(&s, AT + ITEM_BYTES, 76, &c);
	step(&s, CHAIN_ITEM);
	assert_int_equal(s.chain.position, AT + ITEM_BYTES);
	step(&s, CHAIN_EXPOSE);
	assert_int_equal(s.chain.position, end);
	assert_int_equal(s.chain.batch, end);
	assert_int_equal(s.chain.exposed, end);
}

static void test_gap(void **state)
{
	const struct commit c = { END, 75, EXPOSED, AT, AT };
	const struct commit after = { 16384 + COMMIT_BYTES, 75, END, 16384,
				      16384 };
	struct scene s;

	(void)state;
	scene_setup(&s);
	s.segments = (struct segments){
		.count = 2,
		.list = { { 8192, END, 3, 5 }, { 16384, 0, 6, 6 } },
		.epoch_start = 16384,
	};
	scene_put_commit(&s, AT, 75, &c);
	step(&s, CHAIN_EXPOSE);
	assert_int_equal(s.chain.position, 16384);
	assert_int_equal(s.chain.batch, 16384);
	assert_int_equal(s.chain.end, 16384);
	assert_int_equal(s.chain.exposed, END);

	scene_put_commit(&s, 16384, 75, &after);
	assert_int_equal(scene_look(&s).reason, CHAIN_REASON_EPOCH);
	scene_put(&s, 16384, 24, 6);
	scene_seal(&s, 16384);
	step(&s, CHAIN_EXPOSE);
	assert_int_equal(s.chain.position, 16384 + COMMIT_BYTES);
}

/* ---- every bit ---------------------------------------------------------- */

/* Whether a bit is padding, which no checksum covers. */
static bool is_padding(size_t byte)
{
	return byte < 2 * ITEM_BYTES && byte % ITEM_BYTES >= 48 + 10;
}

static void test_flips(void **state)
{
	const uint64_t commit_at = AT + 2 * ITEM_BYTES;
	const uint64_t end = commit_at + COMMIT_BYTES;
	const struct commit c = { end, 77, EXPOSED, AT, AT };
	struct scene s;

	(void)state;
	scene_setup(&s);
	scene_put_item(&s, AT, 75);
	scene_put_item(&s, AT + ITEM_BYTES, 76);
	scene_put_commit(&s, commit_at, 77, &c);
	for (size_t i = 0; i < 8 * (end - AT); i++) {
		const struct chain start = s.chain;
		const size_t good = i / 8 / ITEM_BYTES; /* records before */

		s.buf[i / 8] ^= (uint8_t)(1u << (i % 8));
		for (size_t k = 0; k < 2 && (k < good || is_padding(i / 8));
		     k++)
			step(&s, CHAIN_ITEM);
		assert_int_equal(scene_look(&s).verdict,
				 is_padding(i / 8) ? CHAIN_EXPOSE : CHAIN_BAD);
		s.buf[i / 8] ^= (uint8_t)(1u << (i % 8));
		s.chain = start;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items_and_commit),
		cmocka_unit_test(test_discard),
		cmocka_unit_test(test_batch_is_limited),
		cmocka_unit_test(test_epochs_never_go_back),
		cmocka_unit_test(test_padded_commits_end_with_their_block),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_flips),
	};

	return cmocka_run_group_tests_name("chain walks", tests, NULL, NULL);
}
