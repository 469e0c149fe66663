/*
 * Goal: a consumer sees each visible item, unchanged, as often as it likes,
 * and its position moves only when it says so.
 * Method: the calls on a ring whose content is known.
 */
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <string.h>

static struct ring_consumer *ring_with(struct fixture *f, const char *words)
{
	fixture_create(f, NULL);
	fixture_publish(fixture_producer(f, NULL), words);
	return fixture_consumer(f, NULL, NULL);
}

/* ---- pop ---------------------------------------------------------------- */

static void test_pop_twice(void **state)
{
	struct fixture *f = *state;
	struct ring_consumer *c = ring_with(f, "a b");
	const struct ring_item first = fixture_pop(c, RING_POSITION_NONE);
	const struct ring_item again = fixture_pop(c, RING_POSITION_NONE);

	assert_int_equal(first.position, again.position);
	assert_int_equal(first.next, again.next);
	assert_int_equal(again.sequence, 0);
	assert_int_equal(again.data_bytes, 1);
	assert_memory_equal(again.data, "a", 1);
	/* And by its own position. */
	assert_int_equal(fixture_pop(c, first.position).sequence, 0);
}

static void test_pop_along(void **state)
{
	struct fixture *f = *state;
	struct ring_consumer *c = ring_with(f, "a bb ccc");
	uint64_t at[5] = { RING_POSITION_NONE };
	struct ring_item item;

	for (unsigned i = 0; i < 3; i++) {
		item = fixture_pop(c, at[i]);
		assert_int_equal(item.sequence, i);
		assert_int_equal(item.data_bytes, i + 1);
		assert_true(ring_position_compare(item.next, item.position) >
			    0);
		at[i + 1] = item.next;
	}
	assert_int_equal(ring_consumer_pop(c, at[3], &item), -RING_ERR_EMPTY);
	/* Back and forth. */
	assert_int_equal(fixture_pop(c, at[1]).sequence, 1);
	assert_int_equal(fixture_pop(c, RING_POSITION_NONE).sequence, 0);
	assert_int_equal(fixture_pop(c, at[2]).sequence, 2);
	assert_int_equal(fixture_pop(c, at[1]).sequence, 1);
	fixture_publish(f->producers[0], "d");
	assert_int_equal(fixture_pop(c, at[3]).sequence, 3);
}

/* ---- bad positions ------------------------------------------------------ */

enum base { OF_FIRST, OF_SECOND, OF_END };

struct position_case {
	const char *name;
	enum base base;
	int64_t offset;
	int expected;
};

/* The ring: one item consumed, "bbbbbbbbbbbb", "c"; "d" pushed only. */
static const struct position_case position_cases[] = {
	{ "released", OF_FIRST, 0, -RING_ERR_RELEASED },
	{ "one", OF_FIRST, 1 - (1 << 30), -RING_ERR_RELEASED },
	{ "inside an item", OF_SECOND, 8, -RING_ERR_BOUNDARY },
	{ "not aligned", OF_SECOND, 3, -RING_ERR_BOUNDARY },
	{ "first held", OF_SECOND, 0, 0 },
	{ "end of what is exposed", OF_END, 0, -RING_ERR_EMPTY },
	{ "pushed, not exposed", OF_END, 56, -RING_ERR_FUTURE },
	{ "beyond the ring", OF_END, 1 << 20, -RING_ERR_FUTURE },
	{ "far beyond", OF_END, (int64_t)1 << 61, -RING_ERR_FUTURE },
};

static uint64_t position_of(const struct position_case *row,
			    const uint64_t *bases)
{
	const int64_t sum = (int64_t)bases[row->base] + row->offset;

	return sum > 0 ? (uint64_t)sum : 1;
}

static void test_position(void **state)
{
	struct fixture *f = *state;
	const struct position_case *row = f->row;
	struct ring_consumer *c = ring_with(f, "a bbbbbbbbbbbb c");
	struct ring_consumer_state before, after;
	struct ring_item item;
	uint64_t bases[3];
	uint64_t from;
	int rc;

	item = fixture_pop(c, RING_POSITION_NONE);
	bases[OF_FIRST] = item.position;
	bases[OF_SECOND] = item.next;
	assert_int_equal(ring_consumer_advance(c, item.next, NULL), 0);
	bases[OF_END] = fixture_see(c, RING_POSITION_NONE, "bbbbbbbbbbbb c");
	fixture_push(f->producers[0], "d");
	from = position_of(row, bases);
	assert_int_equal(ring_consumer_state(c, &before), 0);

	assert_int_equal(ring_consumer_pop(c, from, &item), row->expected);
	fixture_see(c, RING_POSITION_NONE, "bbbbbbbbbbbb c");
	rc = ring_consumer_advance(c, from, NULL);
	assert_int_equal(rc,
			 row->expected == -RING_ERR_EMPTY ? 0 : row->expected);
	assert_int_equal(ring_consumer_state(c, &after), 0);
	assert_int_equal(after.position, rc == 0 ? from : before.position);
	assert_int_equal(ring_consumer_advance(c, RING_POSITION_NONE, NULL),
			 -RING_ERR_BOUNDARY);
}

/* ---- advance ------------------------------------------------------------ */

static void test_advance(void **state)
{
	struct fixture *f = *state;
	struct ring_consumer *c = ring_with(f, "a b c");
	struct ring_consumer_state s;
	struct ring_item item = fixture_pop(c, RING_POSITION_NONE);

	assert_int_equal(ring_consumer_state(c, &s), 0);
	assert_int_equal(s.items, 0);
	assert_int_equal(s.backlog_items, 3);
	assert_int_equal(ring_consumer_advance(c, item.next, NULL), 0);
	assert_int_equal(ring_consumer_advance(c, item.next, NULL), 0);
	assert_int_equal(ring_consumer_advance(c, item.position, NULL),
			 -RING_ERR_RELEASED);
	fixture_see(c, RING_POSITION_NONE, "b c");
	fixture_drop_consumer(f, c);
	c = fixture_consumer(f, NULL, NULL);
	assert_int_equal(ring_consumer_state(c, &s), 0);
	assert_int_equal(s.position, item.next);
	assert_int_equal(s.items, 1);
	fixture_see(c, RING_POSITION_NONE, "b c");
	assert_int_equal(ring_consumer_state(c, &s), 0);
	assert_int_equal(s.backlog_items, 2);
	assert_int_equal(s.backlog_bytes, s.exposed - s.position);
	fixture_take(c, "b c");
	assert_int_equal(ring_consumer_state(c, &s), 0);
	assert_int_equal(s.backlog_items, 0);
	assert_int_equal(s.backlog_bytes, 0);
}

/* ---- fold --------------------------------------------------------------- */

struct fold_case {
	const char *name;
	struct ring_fold_limits limits;
	unsigned stops_at; /* the callback's answer at this item ... */
	int answer;        /* ... counted from 1 */
	int expected;
	unsigned given;
	unsigned counted; /* *ret_position is behind that many */
};

/* The ring: "a bb ccc dddd". */
static const struct fold_case fold_cases[] = {
	{ "no limits", { 0, 0 }, 0, 0, 0, 4, 4 },
	{ "two items", { 2, 0 }, 0, 0, 0, 2, 2 },
	{ "many items", { 99, 0 }, 0, 0, 0, 4, 4 },
	{ "six bytes", { 0, 6 }, 0, 0, 0, 3, 3 },
	{ "five bytes", { 0, 5 }, 0, 0, 0, 2, 2 },
	{ "three bytes", { 0, 3 }, 0, 0, 0, 2, 2 },
	{ "two bytes", { 0, 2 }, 0, 0, 0, 1, 1 },
	{ "both limits", { 1, 6 }, 0, 0, 0, 1, 1 },
	{ "callback has enough", { 0, 0 }, 2, 1, 0, 2, 2 },
	{ "callback fails", { 0, 0 }, 3, -EPERM, -EPERM, 3, 0 },
	{ "callback fails at once", { 0, 0 }, 1, -77, -77, 1, 0 },
	{ "callback fails like a ring",
	  { 0, 0 },
	  2,
	  -RING_ERR_EMPTY,
	  -RING_ERR_EMPTY,
	  2,
	  0 },
};

struct fold_run {
	const struct fold_case *row;
	unsigned given;
	uint64_t next[5];
};

static int note_fold(void *ctx, const struct ring_item *item)
{
	struct fold_run *run = ctx;

	run->next[++run->given] = item->next;
	return run->given == run->row->stops_at ? run->row->answer : 0;
}

static void test_fold(void **state)
{
	struct fixture *f = *state;
	const struct fold_case *row = f->row;
	struct ring_consumer *c = ring_with(f, "a bb ccc dddd");
	struct fold_run run = { .row = row, .next = { 4711 } };
	uint64_t position = 4711;

	assert_int_equal(ring_consumer_fold(c, RING_POSITION_NONE, &row->limits,
					    note_fold, &run, &position),
			 row->expected);
	assert_int_equal(run.given, row->given);
	assert_int_equal(position, run.next[row->counted]);
	fixture_see(c, RING_POSITION_NONE, "a bb ccc dddd");
}

static void test_fold_first_is_large(void **state)
{
	struct fixture *f = *state;
	struct ring_consumer *c = ring_with(f, "looooong b");
	const struct fold_case no_stop = { 0 };
	const struct ring_fold_limits limits = { 0, 3 };
	struct fold_run run = { .row = &no_stop };
	uint64_t position = 0;

	assert_int_equal(ring_consumer_fold(c, RING_POSITION_NONE, &limits,
					    note_fold, &run, &position),
			 0);
	assert_int_equal(run.given, 1);
	fixture_see(c, position, "b");
	assert_int_equal(ring_consumer_advance(c, position, NULL), 0);
	fixture_take(c, "b");
	position = 4711;
	assert_int_equal(ring_consumer_fold(c, RING_POSITION_NONE, NULL,
					    note_fold, &run, &position),
			 -RING_ERR_EMPTY);
	assert_int_equal(position, 4711);
}

/* ---- cookies ------------------------------------------------------------ */

static void test_cookie(void **state)
{
	struct fixture *f = *state;
	struct ring_consumer *c = ring_with(f, "a b c");
	uint8_t bytes[RING_CURSOR_COOKIE_MAX + 1] = { 1, 0, 2 };
	struct ring_cookie cookie = { bytes, sizeof(bytes) };
	struct ring_options options = fixture_options(f);
	struct ring_item item = fixture_pop(c, RING_POSITION_NONE);
	struct ring_consumer_state s;

	assert_int_equal(ring_consumer_advance(c, item.next, &cookie),
			 -RING_ERR_TOO_BIG);
	assert_int_equal(ring_consumer_state(c, &s), 0);
	assert_int_equal(s.items, 0); /* neither moved */
	assert_int_equal(s.cookie_bytes, 0);
	cookie.len_bytes = RING_CURSOR_COOKIE_MAX;
	assert_int_equal(ring_consumer_advance(c, item.next, &cookie), 0);
	item = fixture_pop(c, RING_POSITION_NONE);
	assert_int_equal(ring_consumer_advance(c, item.next, NULL), 0);
	fixture_drop_consumer(f, c);
	assert_int_equal(ring_consumer_attach(f->path, NULL, &options, &c, &s),
			 0);
	fixture_keep_consumer(f, c);
	assert_int_equal(s.items, 2);
	assert_int_equal(s.cookie_bytes, RING_CURSOR_COOKIE_MAX);
	assert_memory_equal(s.cookie, bytes, s.cookie_bytes);
	cookie.len_bytes = 0; /* none, and at the same position */
	assert_int_equal(ring_consumer_advance(c, s.position, &cookie), 0);
	assert_int_equal(ring_consumer_state(c, &s), 0);
	assert_int_equal(s.cookie_bytes, 0);
}

/* ---- handles ------------------------------------------------------------ */

static void test_detached(void **state)
{
	struct fixture *f = *state;
	struct ring_consumer *c = ring_with(f, "a");
	struct ring_consumer_state s;
	struct ring_item item;
	char text[512];

	assert_int_equal(ring_consumer_detach(c), 0);
	assert_int_equal(ring_consumer_pop(c, 0, &item), -RING_ERR_DETACHED);
	assert_int_equal(ring_consumer_fold(c, 0, NULL, note_fold, NULL, NULL),
			 -RING_ERR_DETACHED);
	assert_int_equal(ring_consumer_advance(c, 8, NULL), -RING_ERR_DETACHED);
	assert_int_equal(ring_consumer_suspend(c), -RING_ERR_DETACHED);
	assert_int_equal(ring_consumer_resume(c), -RING_ERR_DETACHED);
	assert_int_equal(ring_consumer_state(c, &s), -RING_ERR_DETACHED);
	assert_int_equal(ring_consumer_wait(c, 0), -RING_ERR_DETACHED);
	assert_int_equal(ring_consumer_fd(c), -RING_ERR_DETACHED);
	assert_int_equal(ring_consumer_detach(c), -RING_ERR_DETACHED);
	assert_true(ring_consumer_debug_info(c, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "detached"));
	ring_consumer_free(NULL);
}

static void test_attach_errors(void **state)
{
	struct fixture *f = *state;
	struct ring_options options = fixture_options(f);
	struct ring_consumer *c = NULL;

	fixture_create(f, NULL);
	assert_int_equal(
		ring_consumer_attach(f->path, "nobody", &options, &c, NULL),
		-RING_ERR_NO_CONSUMER);
	assert_non_null(strstr(f->fault.text, "nobody"));
	assert_int_equal(ring_consumer_attach(f->path, "", &options, &c, NULL),
			 -RING_ERR_NAME);
	assert_int_equal(ring_consumer_attach("/nonexistent/r", NULL, &options,
					      &c, NULL),
			 -ENOENT);
	options.client = "with\tcontrol";
	assert_int_equal(
		ring_consumer_attach(f->path, NULL, &options, &c, NULL),
		-RING_ERR_NAME);
	assert_null(c);
}

int main(void)
{
	struct fixture_list list = { 0 };

	fixture_add(&list, "pop twice", test_pop_twice, NULL);
	fixture_add(&list, "pop along", test_pop_along, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(position_cases); i++)
		fixture_add(&list, position_cases[i].name, test_position,
			    &position_cases[i]);
	fixture_add(&list, "advance", test_advance, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(fold_cases); i++)
		fixture_add(&list, fold_cases[i].name, test_fold,
			    &fold_cases[i]);
	fixture_add(&list, "fold gives a large first item",
		    test_fold_first_is_large, NULL);
	fixture_add(&list, "cookie", test_cookie, NULL);
	fixture_add(&list, "use after detach", test_detached, NULL);
	fixture_add(&list, "attach to what is not there", test_attach_errors,
		    NULL);
	return fixture_run("consumer", &list);
}
