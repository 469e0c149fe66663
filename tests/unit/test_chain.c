/*
 * Goal: which records continue the stream, FORMAT.md 6.
 * Method: records by hand with checksums from libxxhash; rows change one
 * field of a record that is right.
 */
#include "tests/lib/chain_scene.h"
#include "tests/lib/image.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* ---- one record, one field changed -------------------------------------- */

enum base { ITEM, PUSH, EXPOSE, PART, DISCARD };

static const enum chain_verdict verdicts[] = {
	[ITEM] = CHAIN_ITEM,       [PUSH] = CHAIN_PUSH,
	[EXPOSE] = CHAIN_EXPOSE,   [PART] = CHAIN_EXPOSE,
	[DISCARD] = CHAIN_DISCARD,
};

enum {
	VALID = CHAIN_REASON_NONE,
	BAD_HEADER = CHAIN_REASON_HEADER,
	BAD_LENGTH = CHAIN_REASON_LENGTH,
	BAD_EPOCH = CHAIN_REASON_EPOCH,
	BAD_SEQUENCE = CHAIN_REASON_SEQUENCE,
	BAD_COMMIT = CHAIN_REASON_COMMIT,
};

static const struct commit commits[] = {
	[PUSH] = { EXPOSED, 70, EXPOSED, AT, AT },
	[EXPOSE] = { END, 75, EXPOSED, AT, AT },
	[PART] = { 11264, 72, EXPOSED, AT, AT },
	[DISCARD] = { END, 70, END, AT, AT },
};

static void put_base(struct scene *s, enum base base)
{
	if (base == ITEM)
		scene_put_item(s, AT, 75);
	else
		scene_put_commit(s, AT, base == DISCARD ? 70 : 75,
				 &commits[base]);
}

struct look_case {
	const char *name;
	enum base base;
	int reason;
	struct image_field change, also; /* then the checksums are right */
};

static const struct look_case look_cases[] = {
	{ "item", ITEM, VALID, { 0 }, { 0 } },
	{ "no kind", ITEM, BAD_HEADER, { 12, 1, 0 }, { 0 } },
	{ "kind 3", ITEM, BAD_HEADER, { 12, 1, 3 }, { 0 } },
	{ "item with flags", ITEM, BAD_HEADER, { 13, 1, 1 }, { 0 } },
	{ "item too large", ITEM, BAD_HEADER, { 16, 4, 8001 }, { 0 } },
	{ "item, metadata too large", ITEM, BAD_HEADER, { 20, 4, 11 }, { 0 } },
	{ "item of any type", ITEM, VALID, { 14, 2, 65535 }, { 0 } },
	{ "item longer than a batch",
	  ITEM,
	  BAD_LENGTH,
	  { 16, 4, MAX_BATCH - 47 },
	  { 0 } },
	{ "item as long as a batch",
	  ITEM,
	  VALID,
	  { 16, 4, MAX_BATCH - 48 },
	  { 0 } },
	{ "former epoch", ITEM, BAD_EPOCH, { 24, 8, 4 }, { 0 } },
	{ "later epoch", ITEM, BAD_EPOCH, { 24, 8, 6 }, { 0 } },
	{ "item missing before", ITEM, BAD_SEQUENCE, { 32, 8, 76 }, { 0 } },
	{ "item repeated", ITEM, BAD_SEQUENCE, { 32, 8, 74 }, { 0 } },

	{ "push", PUSH, VALID, { 0 }, { 0 } },
	{ "commit with a type", PUSH, BAD_HEADER, { 14, 2, 1 }, { 0 } },
	{ "commit with flags", PUSH, BAD_HEADER, { 13, 1, 0x80 }, { 0 } },
	{ "commit, lengths differ", PUSH, BAD_HEADER, { 20, 4, 1 }, { 0 } },
	{ "commit, cookie too long",
	  PUSH,
	  BAD_HEADER,
	  { 16, 4, 297 },
	  { 20, 4, 257 } },
	{ "commit of another epoch", PUSH, BAD_EPOCH, { 24, 8, 4 }, { 0 } },
	{ "push, wrong sequence number",
	  PUSH,
	  BAD_SEQUENCE,
	  { 32, 8, 74 },
	  { 0 } },
	{ "push, items after it are missing",
	  PUSH,
	  BAD_SEQUENCE,
	  { 32, 8, 76 },
	  { 0 } },
	{ "push, from is something else",
	  PUSH,
	  BAD_COMMIT,
	  { 64, 8, EXPOSED - 8 },
	  { 48, 8, EXPOSED - 8 } },
	{ "push, exposed goes back",
	  PUSH,
	  BAD_COMMIT,
	  { 48, 8, EXPOSED - 8 },
	  { 0 } },
	{ "push, exposed sequence goes back",
	  PUSH,
	  BAD_COMMIT,
	  { 56, 8, 69 },
	  { 0 } },
	{ "push, exposed sequence grows",
	  PUSH,
	  BAD_COMMIT,
	  { 56, 8, 71 },
	  { 0 } },
	{ "durable far back", PUSH, VALID, { 72, 8, 0 }, { 0 } },
	{ "durable after the batch's start",
	  PUSH,
	  BAD_COMMIT,
	  { 72, 8, AT + 8 },
	  { 0 } },
	{ "batch before the batch",
	  PUSH,
	  BAD_COMMIT,
	  { 80, 8, AT - 8 },
	  { 72, 8, 0 } },
	{ "batch after the batch", PUSH, BAD_COMMIT, { 80, 8, AT + 8 }, { 0 } },

	{ "expose all", EXPOSE, VALID, { 0 }, { 0 } },
	{ "expose all, wrong sequence number",
	  EXPOSE,
	  BAD_COMMIT,
	  { 56, 8, 74 },
	  { 0 } },
	{ "expose all, commit's own is wrong",
	  EXPOSE,
	  BAD_SEQUENCE,
	  { 32, 8, 74 },
	  { 0 } },
	{ "expose what is yet to come",
	  EXPOSE,
	  BAD_COMMIT,
	  { 48, 8, END + 8 },
	  { 0 } },
	{ "expose up to the commit", EXPOSE, VALID, { 48, 8, AT }, { 0 } },
	{ "up to the commit is all there is",
	  EXPOSE,
	  BAD_COMMIT,
	  { 48, 8, AT },
	  { 56, 8, 74 } },
	{ "up to within the commit, likewise",
	  EXPOSE,
	  BAD_COMMIT,
	  { 48, 8, AT + 8 },
	  { 56, 8, 74 } },
	{ "expose part", PART, VALID, { 0 }, { 0 } },
	{ "expose part, no item in it",
	  PART,
	  VALID,
	  { 48, 8, EXPOSED + 8 },
	  { 56, 8, 70 } },
	{ "expose part, sequence goes back",
	  PART,
	  BAD_COMMIT,
	  { 56, 8, 69 },
	  { 0 } },
	{ "expose part, items that are not there",
	  PART,
	  BAD_COMMIT,
	  { 56, 8, 76 },
	  { 0 } },
	{ "expose again what was exposed",
	  PART,
	  BAD_COMMIT,
	  { 64, 8, EXPOSED - 8 },
	  { 0 } },
	{ "expose with a hole",
	  PART,
	  BAD_COMMIT,
	  { 64, 8, EXPOSED + 8 },
	  { 0 } },

	{ "discard", DISCARD, VALID, { 0 }, { 0 } },
	{ "discard, goes on after what is gone",
	  DISCARD,
	  BAD_SEQUENCE,
	  { 32, 8, 75 },
	  { 0 } },
	{ "discard, goes on before what was exposed",
	  DISCARD,
	  BAD_SEQUENCE,
	  { 32, 8, 69 },
	  { 56, 8, 69 } },
	{ "discard, exposes some of it",
	  DISCARD,
	  BAD_SEQUENCE,
	  { 56, 8, 71 },
	  { 0 } },
	{ "discard up to before the end",
	  DISCARD,
	  BAD_COMMIT,
	  { 64, 8, END - 8 },
	  { 48, 8, END - 8 } },
	{ "discard, exposed elsewhere",
	  DISCARD,
	  BAD_COMMIT,
	  { 48, 8, END - 8 },
	  { 0 } },
	{ "discard, wrong batch",
	  DISCARD,
	  BAD_COMMIT,
	  { 80, 8, AT - 8 },
	  { 72, 8, 0 } },
};

static void test_look(void **state)
{
	const struct look_case *row = *state;
	struct chain before;
	struct chain_step got;
	struct scene s;

	scene_setup(&s);
	put_base(&s, row->base);
	image_put(s.buf, row->change);
	image_put(s.buf, row->also);
	scene_seal(&s, AT);
	before = s.chain;
	got = scene_look(&s);
	assert_int_equal(got.reason, row->reason);
	assert_int_equal(got.verdict, row->reason == VALID ? verdicts[row->base]
							   : CHAIN_BAD);
	assert_memory_equal(&s.chain, &before, sizeof(before));
}

/* ---- damage ------------------------------------------------------------- */

static void test_damage(void **state)
{
	struct scene s;

	(void)state;
	scene_setup(&s);
	scene_put_item(&s, AT, 75);
	s.buf[48] ^= 1; /* the body */
	assert_int_equal(scene_look(&s).reason, CHAIN_REASON_CHECKSUM);
	assert_true(scene_look(&s).header_is_intact);
	assert_int_equal(scene_look(&s).bytes, ITEM_BYTES);
	s.buf[48] ^= 1;
	s.buf[40] ^= 1; /* the time, in the header */
	assert_int_equal(scene_look(&s).reason, CHAIN_REASON_CHECKSUM);
	assert_false(scene_look(&s).header_is_intact);
	s.buf[40] ^= 1;
	assert_int_equal(scene_look(&s).verdict, CHAIN_ITEM);
}

static void test_elsewhere(void **state)
{
	struct scene s;

	/* A record of another place or another ring. */
	(void)state;
	scene_setup(&s);
	scene_put_item(&s, AT, 75);
	image_seal_record(s.buf, scene_seed(&s, AT + (1 << 20)));
	assert_int_equal(scene_look(&s).reason, CHAIN_REASON_CHECKSUM);
	scene_seal(&s, AT);
	s.superblock.uuid[15] ^= 1;
	assert_int_equal(scene_look(&s).reason, CHAIN_REASON_CHECKSUM);
	assert_false(scene_look(&s).header_is_intact);
}

static void test_checked_bytes_are_believed(void **state)
{
	struct scene s;
	struct chain_rules rules = { &s.superblock, &s.segments };
	struct chain_bytes bytes = { s.buf, BUF_BYTES, ITEM_BYTES };

	(void)state;
	scene_setup(&s);
	scene_put_item(&s, AT, 75);
	s.buf[50] ^= 1;
	assert_int_equal(scene_step(&rules, &s.chain, &bytes).verdict,
			 CHAIN_ITEM);
	bytes.checked--;
	assert_int_equal(scene_step(&rules, &s.chain, &bytes).reason,
			 CHAIN_REASON_CHECKSUM);
	/* Only the checksum is believed, not what else must be right. */
	bytes.checked = ITEM_BYTES;
	s.chain.next_sequence++;
	assert_int_equal(scene_step(&rules, &s.chain, &bytes).reason,
			 CHAIN_REASON_SEQUENCE);
}

static void test_more(void **state)
{
	struct scene s;
	const struct chain_rules rules = { &s.superblock, &s.segments };

	(void)state;
	scene_setup(&s);
	scene_put_item(&s, AT, 75);
	for (size_t len = 0; len <= ITEM_BYTES; len++) {
		const struct chain_bytes bytes = { s.buf, len, 0 };
		const struct chain_step got =
			scene_step(&rules, &s.chain, &bytes);

		assert_int_equal(got.verdict,
				 len < ITEM_BYTES ? CHAIN_MORE : CHAIN_ITEM);
		assert_int_equal(got.bytes, len < 48 ? 48 : ITEM_BYTES);
	}
}

/* ---- from a cursor ------------------------------------------------------ */

struct cursor_case {
	const char *name;
	enum chain_verdict verdict;
	int reason;
	uint64_t sequence;
	struct commit commit;
};

/* The cursor stands at AT, before item 75; the batch may start earlier. */
static const struct cursor_case cursor_cases[] = {
	{ "push", CHAIN_PUSH, VALID, 75, { EXPOSED, 60, EXPOSED, AT, AT } },
	{ "batch starts before",
	  CHAIN_PUSH,
	  VALID,
	  75,
	  { EXPOSED, 60, EXPOSED, 0, AT - 800 } },
	{ "batch starts after",
	  CHAIN_BAD,
	  BAD_COMMIT,
	  75,
	  { EXPOSED, 60, EXPOSED, 0, AT + 8 } },
	{ "batch starts too far back",
	  CHAIN_BAD,
	  BAD_COMMIT,
	  75,
	  { EXPOSED, 60, EXPOSED, 0, END - MAX_BATCH - 8 } },
	{ "batch starts as far back as can be",
	  CHAIN_PUSH,
	  VALID,
	  75,
	  { EXPOSED, 60, EXPOSED, 0, END - MAX_BATCH } },
	{ "durable after the batch's start",
	  CHAIN_BAD,
	  BAD_COMMIT,
	  75,
	  { EXPOSED, 60, EXPOSED, AT, AT - 8 } },
	{ "expose", CHAIN_EXPOSE, VALID, 75, { END, 75, AT, 0, AT } },
	{ "expose from before",
	  CHAIN_EXPOSE,
	  VALID,
	  75,
	  { END, 75, EXPOSED, 0, AT } },
	{ "expose up to before",
	  CHAIN_EXPOSE,
	  VALID,
	  75,
	  { EXPOSED, 70, EXPOSED - 800, 0, AT } },
	{ "expose what is not there",
	  CHAIN_BAD,
	  BAD_COMMIT,
	  75,
	  { END + 8, 75, EXPOSED, 0, AT } },
	{ "expose, sequence number beyond",
	  CHAIN_BAD,
	  BAD_COMMIT,
	  75,
	  { EXPOSED, 76, EXPOSED - 800, 0, AT } },
	{ "exposed before from",
	  CHAIN_BAD,
	  BAD_COMMIT,
	  75,
	  { EXPOSED - 8, 60, EXPOSED, 0, AT } },
	{ "wrong sequence number",
	  CHAIN_BAD,
	  BAD_SEQUENCE,
	  76,
	  { EXPOSED, 60, EXPOSED, 0, AT } },
	{ "discard", CHAIN_DISCARD, VALID, 75, { END, 75, END, 0, AT } },
	{ "discard of more",
	  CHAIN_DISCARD,
	  VALID,
	  70,
	  { END, 70, END, 0, AT } },
	{ "discard, a sequence number beyond",
	  CHAIN_BAD,
	  BAD_SEQUENCE,
	  76,
	  { END, 76, END, 0, AT } },
	{ "discard, two sequence numbers",
	  CHAIN_BAD,
	  BAD_SEQUENCE,
	  70,
	  { END, 71, END, 0, AT } },
};

static void test_from_cursor(void **state)
{
	const struct cursor_case *row = *state;
	struct chain_step got;
	struct scene s;

	scene_setup(&s);
	chain_from_cursor(&s.chain, AT, 75);
	scene_put_commit(&s, AT, row->sequence, &row->commit);
	got = scene_look(&s);
	assert_int_equal(got.verdict, row->verdict);
	assert_int_equal(got.reason, row->reason);
	if (got.verdict == CHAIN_BAD)
		return;
	chain_accept(&s.chain, &got);
	assert_true(s.chain.knows_batch);
	assert_true(s.chain.knows_exposed);
	assert_int_equal(s.chain.batch, END);
	assert_int_equal(s.chain.exposed, row->commit.exposed);
	assert_int_equal(s.chain.exposed_sequence,
			 row->commit.exposed_sequence);
	assert_int_equal(s.chain.next_sequence, row->sequence);
}

static void test_cursor_knows_after_one_commit(void **state)
{
	const struct commit first = { EXPOSED, 70, EXPOSED, 0, AT - 800 };
	const struct commit second = { EXPOSED, 71, EXPOSED, 0, END };
	struct chain_step first_step;
	struct scene s;

	(void)state;
	scene_setup(&s);
	chain_from_cursor(&s.chain, AT, 75);
	scene_put_commit(&s, AT, 75, &first);
	scene_put_commit(&s, END, 75, &second);
	first_step = scene_look(&s);
	assert_int_equal(first_step.verdict, CHAIN_PUSH);
	chain_accept(&s.chain, &first_step);
	assert_int_equal(scene_look(&s).reason, CHAIN_REASON_COMMIT);
}

/* ---- the rest ----------------------------------------------------------- */

static void test_cookie(void **state)
{
	struct chain_step got;
	struct cookie cookie;
	struct scene s;

	(void)state;
	scene_setup(&s);
	put_base(&s, PUSH);
	scene_put(&s, AT, 16, 296);
	scene_put(&s, AT, 20, 256);
	for (unsigned i = 0; i < 256; i++)
		s.buf[88 + i] = (uint8_t)i;
	scene_seal(&s, AT);
	got = scene_look(&s);
	assert_int_equal(got.verdict, CHAIN_PUSH);
	assert_int_equal(got.bytes, 344);
	chain_cookie(s.buf, &got, &cookie);
	assert_int_equal(cookie.len_bytes, 256);
	assert_memory_equal(cookie.bytes, s.buf + 88, 256);
}

static void test_reasons_have_texts(void **state)
{
	(void)state;
	for (int a = CHAIN_REASON_NONE; a <= CHAIN_REASON_COMMIT; a++)
		for (int b = a + 1; b <= CHAIN_REASON_COMMIT; b++)
			assert_string_not_equal(
				chain_reason_text((enum chain_reason)a),
				chain_reason_text((enum chain_reason)b));
}

int main(void)
{
	const struct rows tables[] = {
		{ "one record", test_look, look_cases, sizeof(look_cases),
		  sizeof(look_cases[0]) },
		{ "from a cursor", test_from_cursor, cursor_cases,
		  sizeof(cursor_cases), sizeof(cursor_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_checked_bytes_are_believed),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_cursor_knows_after_one_commit),
		cmocka_unit_test(test_cookie),
		cmocka_unit_test(test_reasons_have_texts),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests_name("chain", tests, NULL, NULL);
}
