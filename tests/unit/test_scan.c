/*
 * Goal: a commit behind the end is found wherever it stands.
 * Method: a disk in memory with one commit, at each place around the end of
 * what the window reads first, with something in front that looks like one.
 */
#include "ring/scan.h"
#include "tests/lib/chain_scene.h"
#include "tests/lib/mem_disk.h"

#include <errno.h>
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

typedef int drop_fn(struct ring_io *io, uint64_t offset_bytes,
		    uint64_t len_bytes);

/* The answer of a search from FROM to `horizon`. `drop`: NULL: the disk's. */
static uint64_t search_on(const struct scene *s, uint64_t horizon,
			  drop_fn *drop, struct mem_disk_counts *ret_counts)
{
	const struct chain_rules rules = { &s->superblock, &s->segments };
	const struct chain from = { .end = FROM };
	struct mem_disk *disk =
		mem_disk_new(s->superblock.geometry.data_bytes, 512);
	struct volume v = { .superblock = s->superblock,
			    .io = mem_disk_open(disk),
			    .system = ring_system_default() };
	struct ring_io_ops ops = *v.io->ops;
	struct window w;
	uint64_t found = 1;

	if (drop != NULL)
		ops.drop_cache = drop;
	v.io->ops = &ops;
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

	return search_on(s, horizon, NULL, &ignored);
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
	(void)search_on(&s, HORIZON, NULL, &counts);
	assert_int_equal(counts.drops, 1);
	assert_int_equal(counts.dropped_bytes, HORIZON - FROM);
	(void)search_on(&s, FROM, NULL, &counts);
	assert_int_equal(counts.drops, 0);
}

static int refuse_drop(struct ring_io *io, uint64_t offset_bytes,
		       uint64_t len_bytes)
{
	(void)io;
	(void)offset_bytes;
	(void)len_bytes;
	return -ENOTSUP;
}

/* Nothing depends on the drop: storage that refuses it still gives an answer. */
static void test_drop_is_refused(void **state)
{
	struct scene s;
	struct mem_disk_counts counts;

	(void)state;
	put_commit(&s, EDGE);
	assert_int_equal(search_on(&s, HORIZON, refuse_drop, &counts), MARK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_place),
		cmocka_unit_test(test_behind_a_likeness),
		cmocka_unit_test(test_drops_what_it_read),
		cmocka_unit_test(test_drop_is_refused),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
