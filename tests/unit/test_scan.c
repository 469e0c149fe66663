/*
 * Goal: a commit behind the end is found wherever it stands.
 * Method: a disk in memory with one commit, at each place around the end of
 * what the window reads first, with something in front that looks like one.
 */
#include "ring/scan.h"
#include "tests/lib/chain_scene.h"
#include "tests/lib/mem_disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum {
	EDGE = AT + 5120,    /* of the first read, which is 16 KiB ... */
	FROM = EDGE - 16384, /* ... from here on */
	MARK = AT + 8,       /* what the commit vouches for */
	KIND_AT = 12,        /* in a header */
	HORIZON = AT + 8192,
};

/* The answer of a search from FROM to `horizon`. */
static uint64_t search_counting(const struct scene *s, uint64_t horizon,
				struct mem_disk_counts *ret_counts)
{
	const struct chain_rules rules = { &s->superblock, &s->segments };
	const struct chain from = { .end = FROM };
	struct mem_disk *disk =
		mem_disk_new(s->superblock.geometry.data_bytes, 512);
	struct volume v = { .superblock = s->superblock,
			    .io = mem_disk_open(disk),
			    .system = ring_system_default() };
	struct window w;
	uint64_t found = 1;

	memcpy(mem_disk_bytes(disk) + AT, s->buf, BUF_BYTES);
	assert_int_equal(window_init(&w, &v), 0);
	assert_int_equal(scan_behind(&w, &rules, &from, horizon, &found), 0);
	*ret_counts = mem_disk_counts(disk);
	window_release(&w);
	ring_io_close(v.io);
	mem_disk_free(disk);
	return found;
}

static uint64_t search(const struct scene *s, uint64_t horizon)
{
	struct mem_disk_counts ignored;

	return search_counting(s, horizon, &ignored);
}

static void put_commit(struct scene *s, uint64_t at)
{
	const struct commit commit = { .durable = MARK, .batch = MARK };

	scene_setup(s);
	scene_put_commit(s, at, 75, &commit);
}

static void test_each_place(void **state)
{
	struct scene s;

	(void)state;
	for (uint64_t at = EDGE - 256; at <= EDGE + 256; at += 8) {
		put_commit(&s, at);
		assert_int_equal(search(&s, HORIZON), MARK);
		assert_int_equal(search(&s, at + 8), MARK);
		assert_int_equal(search(&s, at), 0);
	}
}

/* What only looks like a header hides none that begins within it. */
static void test_behind_a_likeness(void **state)
{
	struct scene s;

	(void)state;
	for (uint64_t at = EDGE - 256; at <= EDGE + 256; at += 8)
		for (unsigned before = 16; before < RECORD_HEADER_BYTES;
		     before += 8) {
			put_commit(&s, at);
			scene_put(&s, at - before, KIND_AT, RECORD_COMMIT);
			assert_int_equal(search(&s, HORIZON), MARK);
		}
}

/* Whose cache it was read into will write there next. */
static void test_drops_what_it_read(void **state)
{
	struct scene s;
	struct mem_disk_counts counts;

	(void)state;
	put_commit(&s, EDGE);
	(void)search_counting(&s, HORIZON, &counts);
	assert_int_equal(counts.drops, 1);
	assert_int_equal(counts.dropped_bytes, HORIZON - FROM);
	(void)search_counting(&s, FROM, &counts);
	assert_int_equal(counts.drops, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_place),
		cmocka_unit_test(test_behind_a_likeness),
		cmocka_unit_test(test_drops_what_it_read),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
