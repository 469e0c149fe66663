/*
 * Goal: what is filled in place is what arrives, and an unfinished claim
 * leaves no trace.
 * Method: claims of many shapes, ended in each way, then read back.
 */
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <string.h>

static const struct ring_create_options small = {
	.size_bytes = FIXTURE_RING_BYTES,
	.max_item_bytes = 1000,
	.max_batch_bytes = 8192,
};

static int claim_text(struct ring_producer *p, const char *text)
{
	struct ring_claim claim;
	const int rc = ring_producer_claim(p, strlen(text), 0, 0, &claim);

	if (rc == 0)
		memcpy(claim.data, text, strlen(text));
	return rc;
}

/* ---- ends --------------------------------------------------------------- */

struct end_case {
	const char *name;
	bool commits;
	enum ring_commit how;
	const char *at_once; /* visible */
	const char *later;   /* after one more publish */
};

static const struct end_case end_cases[] = {
	{ "publish", true, RING_COMMIT_PUBLISH, "a b c", "a b c d" },
	{ "push", true, RING_COMMIT_PUSH, "", "a b c d" },
	{ "abort", false, RING_COMMIT_PUSH, "", "d" },
};

static void test_end(void **state)
{
	struct fixture *f = *state;
	const struct end_case *row = f->row;
	struct ring_producer_state s;
	struct ring_producer *p;
	struct ring_consumer *c;
	uint64_t position = 0;

	fixture_create(f, &small);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	assert_int_equal(claim_text(p, "a"), 0);
	assert_int_equal(claim_text(p, "b"), 0);
	assert_int_equal(claim_text(p, "c"), 0);
	/* Others have to wait for the end of it. */
	assert_int_equal(fixture_try_push(p, "x"), -RING_ERR_CLAIMED);
	assert_int_equal(fixture_try_publish(p, "x"), -RING_ERR_CLAIMED);
	assert_int_equal(ring_producer_advance(p, 0, NULL), -RING_ERR_CLAIMED);
	assert_int_equal(ring_producer_discard(p, NULL), -RING_ERR_CLAIMED);
	if (row->commits)
		assert_int_equal(
			ring_producer_commit(p, row->how, NULL, &position), 0);
	else
		assert_int_equal(ring_producer_abort(p), 0);
	assert_int_equal(ring_producer_abort(p), 0);
	assert_int_equal(ring_producer_commit(p, row->how, NULL, NULL),
			 -RING_ERR_NO_CLAIM);
	assert_int_equal(ring_producer_trim(p, 0), -RING_ERR_NO_CLAIM);
	assert_int_equal(ring_producer_state(p, &s), 0);
	assert_int_equal(s.pushed_items, row->commits ? 3 : 0);
	if (row->commits)
		assert_int_equal(s.pushed, position);
	fixture_see(c, 0, row->at_once);
	fixture_publish(p, "d");
	fixture_see(c, 0, row->later);
}

/* ---- shapes ------------------------------------------------------------- */

struct shape_case {
	const char *name;
	size_t data_bytes;
	size_t meta_bytes;
	size_t trimmed;
	int claim;
	int trim;
};

static const struct shape_case shape_cases[] = {
	{ "whole", 100, 0, 100, 0, 0 },
	{ "trimmed", 100, 0, 37, 0, 0 },
	{ "trimmed to nothing", 100, 0, 0, 0, 0 },
	{ "trimmed, with metadata", 100, 9, 1, 0, 0 },
	{ "grown", 100, 9, 101, 0, -EINVAL },
	{ "grown far", 100, 9, SIZE_MAX, 0, -EINVAL },
	{ "empty", 0, 0, 0, 0, 0 },
	{ "largest", 999, 1, 999, 0, 0 },
	{ "too large", 1000, 1, 0, -RING_ERR_TOO_BIG, -RING_ERR_NO_CLAIM },
	{ "overflow", SIZE_MAX, SIZE_MAX, 0, -RING_ERR_TOO_BIG,
	  -RING_ERR_NO_CLAIM },
};

static void test_shape(void **state)
{
	struct fixture *f = *state;
	const struct shape_case *row = f->row;
	struct ring_claim claim = { 0 };
	struct ring_producer *p;
	struct ring_consumer *c;
	struct ring_item item;
	size_t kept = row->trim == 0 ? row->trimmed : row->data_bytes;

	fixture_create(f, &small);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	assert_int_equal(ring_producer_claim(p, row->data_bytes,
					     row->meta_bytes, 7, &claim),
			 row->claim);
	if (row->claim == 0) {
		memset(claim.meta, 'm', row->meta_bytes);
		memset(claim.data, 'd', row->data_bytes);
	}
	assert_int_equal(ring_producer_trim(p, row->trimmed), row->trim);
	if (row->claim != 0)
		return;
	assert_int_equal(claim_text(p, "next"), 0); /* right behind */
	assert_int_equal(
		ring_producer_commit(p, RING_COMMIT_PUBLISH, NULL, NULL), 0);
	item = fixture_pop(c, 0);
	assert_int_equal(item.type, 7);
	assert_int_equal(item.meta_bytes, row->meta_bytes);
	assert_int_equal(item.data_bytes, kept);
	for (size_t i = 0; i < item.meta_bytes; i++)
		assert_int_equal(((const char *)item.meta)[i], 'm');
	for (size_t i = 0; i < item.data_bytes; i++)
		assert_int_equal(((const char *)item.data)[i], 'd');
	fixture_see(c, item.next, "next");
}

/* ---- limits ------------------------------------------------------------- */

static void test_batch_limit(void **state)
{
	struct fixture *f = *state;
	struct ring_producer *p;
	struct ring_claim claim;
	unsigned count = 0;
	uint8_t long_cookie[257] = { 0 };
	struct ring_cookie cookie = { long_cookie, sizeof(long_cookie) };
	int rc;

	fixture_create(f, &small);
	p = fixture_producer(f, NULL);
	while ((rc = ring_producer_claim(p, 1000, 0, 0, &claim)) == 0) {
		memset(claim.data, 'x', 1000);
		count++;
	}
	assert_int_equal(rc, -RING_ERR_TOO_BIG);
	assert_int_equal(count, 7); /* 7 x 1048 + 88 <= 8192 */
	assert_int_equal(
		ring_producer_commit(p, RING_COMMIT_PUBLISH, &cookie, NULL),
		-RING_ERR_TOO_BIG);
	/* Still claimed. */
	cookie.len_bytes = 256;
	assert_int_equal(
		ring_producer_commit(p, RING_COMMIT_PUBLISH, &cookie, NULL), 0);
	fixture_take_all(fixture_consumer(f, NULL, NULL));
	assert_int_equal(fixture_info(f).cursors[0].items, 7);
	assert_int_equal(fixture_info(f).cookie_bytes, 256);
}

/* A cookie that makes the batch too large must not spoil the handle. */
static void test_cookie_at_the_limit(void **state)
{
	struct fixture *f = *state;
	const uint8_t bytes[256] = { 0 };
	const struct ring_cookie cookie = { bytes, sizeof(bytes) };
	struct ring_producer *p;
	unsigned count = 0;

	fixture_create(f, &small);
	p = fixture_producer(f, NULL);
	while (claim_text(p, "12345678") == 0)
		count++;
	assert_int_equal(count, (8192 - 88) / 56);
	assert_int_equal(
		ring_producer_commit(p, RING_COMMIT_PUSH, &cookie, NULL),
		-RING_ERR_TOO_BIG);
	assert_int_equal(f->fault.code, -RING_ERR_TOO_BIG);
	assert_int_equal(ring_producer_commit(p, RING_COMMIT_PUSH, NULL, NULL),
			 0);
}

/* FULL and SUSPENDED leave the claims as they are: they may be trimmed yet. */
static void test_claims_outlive_retries(void **state)
{
	struct fixture *f = *state;
	struct ring_producer_state s;
	struct ring_producer *p;
	struct ring_consumer *c;

	fixture_create(f, &small);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	while (fixture_try_publish(p, "fill fill fill fill") == 0)
		;
	assert_int_equal(claim_text(p, "fills more than there is: ......."), 0);
	assert_int_equal(
		ring_producer_commit(p, RING_COMMIT_PUBLISH, NULL, NULL),
		-RING_ERR_FULL);
	assert_int_equal(ring_producer_trim(p, strlen("fills more than")), 0);
	fixture_take_all(c);
	assert_int_equal(ring_consumer_suspend(c), 0);
	assert_int_equal(ring_producer_state(p, &s), 0);
	assert_true(s.suspended);
	assert_int_equal(
		ring_producer_commit(p, RING_COMMIT_PUBLISH, NULL, NULL),
		-RING_ERR_SUSPENDED);
	assert_int_equal(ring_consumer_resume(c), 0);
	assert_int_equal(
		ring_producer_commit(p, RING_COMMIT_PUBLISH, NULL, NULL), 0);
	fixture_see(c, 0, "fills more than");
	assert_int_equal(claim_text(p, "dropped"), 0);
	fixture_drop_producer(f, p);
	p = fixture_producer(f, NULL);
	fixture_publish(p, "x");
	fixture_see(c, 0, "fills more than x");
}

/* Lent pointers stay good until the next call, across the ring's end. */
static void test_lent_pointers(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[1000];
	const struct ring_entry e = { .data = bytes,
				      .data_bytes = sizeof(bytes) };
	struct ring_producer *p;
	struct ring_consumer *c;

	fixture_create(f, &small);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	for (unsigned i = 0; i < 5000; i++) {
		struct ring_item item;

		memset(bytes, (int)i, sizeof(bytes));
		assert_int_equal(ring_producer_publish(p, &e, 1, NULL, NULL),
				 0);
		item = fixture_pop(c, 0);
		memset(bytes, (int)i + 1, sizeof(bytes));
		assert_int_equal(((const uint8_t *)item.data)[0], (uint8_t)i);
		assert_memory_equal(item.data, (const uint8_t *)item.data + 1,
				    sizeof(bytes) - 1);
		assert_int_equal(ring_consumer_advance(c, item.next, NULL), 0);
	}
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(end_cases); i++)
		fixture_add(&list, end_cases[i].name, test_end, &end_cases[i]);
	for (size_t i = 0; i < ARRAY_SIZE(shape_cases); i++)
		fixture_add(&list, shape_cases[i].name, test_shape,
			    &shape_cases[i]);
	fixture_add(&list, "batch limit", test_batch_limit, NULL);
	fixture_add(&list, "cookie at the limit", test_cookie_at_the_limit,
		    NULL);
	fixture_add(&list, "claims outlive retries",
		    test_claims_outlive_retries, NULL);
	fixture_add(&list, "lent pointers", test_lent_pointers, NULL);
	return fixture_run("zero copy", &list);
}
