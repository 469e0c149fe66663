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
static uint64_t search(const struct scene *s, uint64_t horizon)
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
	window_release(&w);
	ring_io_close(v.io);
	mem_disk_free(disk);
	return found;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_place),
		cmocka_unit_test(test_behind_a_likeness),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
