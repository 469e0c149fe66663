/*
 * Goal: ring_check() finds each damage, says where it is and how bad, finds
 * nothing in a sound ring, live or at rest, and changes nothing.
 * Method: one kind of damage at a time; the findings it must give.
 */
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { FINDINGS_MAX = 16 };

struct findings {
	unsigned count;
	struct ring_finding list[FINDINGS_MAX];
	char texts[FINDINGS_MAX][256];
};

static void note(void *ctx, const struct ring_finding *finding)
{
	struct findings *all = ctx;

	if (all->count == FINDINGS_MAX)
		fail_msg("too many findings: %s", finding->text);
	strncpy(all->texts[all->count], finding->text,
		sizeof(all->texts[0]) - 1);
	all->list[all->count++] = *finding;
}

static int check(struct fixture *f, struct findings *ret)
{
	const struct ring_options options = fixture_options(f);

	memset(ret, 0, sizeof(*ret));
	return ring_check(f->path, &options, note, ret);
}

/* ---- one damage --------------------------------------------------------- */

enum place {
	AT_OFFSET, /* on the device */
	AT_ITEM,   /* in the stream: from the start of item "b" */
	AT_END,    /* from the end of the ring */
};

struct damage_case {
	const char *name;
	enum place place;
	uint64_t offset; /* of the byte to flip */
	uint64_t second; /* and of this one; 0: none */
	int rc;
	enum ring_severity severity;
	int code;
	uint64_t found_at; /* offset of the finding, likewise; */
};

/* Slots of 4096 bytes, 9 a role, from 131072 on. */
#define SLOT(role, copy) (131072 + ((role)*9 + (copy)) * 4096)

static const struct damage_case damage_cases[] = {
	{ "superblock A", AT_OFFSET, 100, 0, 1, RING_WARN, -RING_ERR_SUPERBLOCK,
	  0 },
	{ "superblock B", AT_OFFSET, 65536 + 100, 0, 1, RING_WARN,
	  -RING_ERR_SUPERBLOCK, 65536 },
	{ "both superblocks", AT_OFFSET, 100, 65536 + 100, 1, RING_DAMAGE,
	  -RING_ERR_SUPERBLOCK, 0 },
	{ "producer, one copy", AT_OFFSET, SLOT(0, 4) + 999, 0, 0, RING_NOTE,
	  -RING_ERR_SLOT, SLOT(0, 4) },
	{ "producer, a pair", AT_OFFSET, SLOT(0, 4) + 999, SLOT(0, 5) + 999, 1,
	  RING_DAMAGE, -RING_ERR_SLOT, SLOT(0, 0) },
	{ "cursor, one copy", AT_OFFSET, SLOT(2, 3) + 99, 0, 0, RING_NOTE,
	  -RING_ERR_SLOT, SLOT(2, 3) },
	{ "cursor, a pair", AT_OFFSET, SLOT(2, 2) + 99, SLOT(2, 3) + 99, 1,
	  RING_DAMAGE, -RING_ERR_SLOT, SLOT(2, 0) },
	{ "operator, a pair", AT_OFFSET, SLOT(1, 0) + 99, SLOT(1, 1) + 99, 1,
	  RING_DAMAGE, -RING_ERR_SLOT, SLOT(1, 0) },
	{ "item, header", AT_ITEM, 16, 0, 1, RING_DAMAGE, -RING_ERR_DAMAGED,
	  0 },
	{ "item, data", AT_ITEM, 48, 0, 1, RING_DAMAGE, -RING_ERR_DAMAGED, 0 },
	{ "commit", AT_ITEM, 56 + 50, 0, 1, RING_DAMAGE, -RING_ERR_DAMAGED,
	  56 },
	{ "two items", AT_ITEM, 48, 144 + 48, 2, RING_DAMAGE, -RING_ERR_DAMAGED,
	  0 },
	{ "behind the end", AT_END, 8, 0, 0, RING_NOTE, 0, 0 },
};

struct scene {
	uint64_t item; /* position of "b" */
	struct ring_info info;
};

static struct scene make(struct fixture *f)
{
	struct ring_producer *p;
	struct scene s;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	s.item = fixture_publish(p, "a");
	fixture_publish(p, "b");
	fixture_publish(p, "c");
	fixture_publish(p, "d");
	fixture_drop_producer(f, p);
	s.info = fixture_info(f);
	return s;
}

static uint64_t device_offset(const struct scene *s, enum place place,
			      uint64_t offset)
{
	const uint64_t base = place == AT_ITEM ? s->item : s->info.end;

	return place == AT_OFFSET
		       ? offset
		       : s->info.data_offset_bytes +
				 (base + offset) % s->info.data_bytes;
}

static void test_damage(void **state)
{
	struct fixture *f = *state;
	const struct damage_case *row = f->row;
	const struct scene scene = make(f);
	struct findings *found = fixture_alloc(f, sizeof(*found));
	const struct ring_finding *first = &found->list[0];

	assert_int_equal(check(f, found), 0);
	assert_int_equal(found->count, 0);
	fixture_flip(f, device_offset(&scene, row->place, row->offset));
	if (row->second != 0)
		fixture_flip(f, device_offset(&scene, row->place, row->second));
	for (unsigned i = 0; i < 2; i++) { /* it changes nothing */
		assert_int_equal(check(f, found), row->rc);
		if (row->code == 0) {
			assert_int_equal(found->count, 0);
			continue;
		}
		assert_true(found->count >= 1);
		assert_int_equal(first->severity, row->severity);
		assert_int_equal(first->code, row->code);
		assert_int_equal(
			first->offset_bytes,
			device_offset(&scene, row->place, row->found_at));
		assert_int_equal(
			first->position,
			row->place == AT_ITEM ? scene.item + row->found_at : 0);
		assert_true(strlen(found->texts[0]) > 10);
	}
}

/* ---- how much ----------------------------------------------------------- */

/* The range that is named is that of what is lost, and no more. */
static void test_range(void **state)
{
	struct fixture *f = *state;
	const struct scene scene = make(f);
	struct findings *found = fixture_alloc(f, sizeof(*found));

	fixture_flip(f, device_offset(&scene, AT_ITEM, 48));
	assert_int_equal(check(f, found), 1);
	assert_int_equal(found->count, 1);
	assert_in_range(found->list[0].length_bytes, 1, 56 + 88);
	assert_non_null(strstr(found->texts[0], "1 items from 1 on"));
}

static void test_everything_gone(void **state)
{
	struct fixture *f = *state;
	const struct scene scene = make(f);
	struct findings *found = fixture_alloc(f, sizeof(*found));
	static const uint8_t zeros[4 * 144];

	fixture_write(f,
		      scene.info.data_offset_bytes +
			      scene.info.tail % scene.info.data_bytes,
		      zeros, sizeof(zeros));
	assert_int_equal(check(f, found), 1);
	assert_int_equal(found->list[0].position, scene.info.tail);
	assert_int_equal(found->list[0].length_bytes, sizeof(zeros));
}

/* ---- sizes and no rings ------------------------------------------------- */

static void test_sizes(void **state)
{
	struct fixture *f = *state;
	struct findings *found = fixture_alloc(f, sizeof(*found));

	(void)make(f);
	assert_int_equal(truncate(f->path, FIXTURE_RING_BYTES + 4096), 0);
	assert_int_equal(check(f, found), 0);
	assert_int_equal(found->count, 1);
	assert_int_equal(found->list[0].severity, RING_NOTE);
	assert_int_equal(truncate(f->path, FIXTURE_RING_BYTES - 4096), 0);
	assert_int_equal(check(f, found), 1);
	assert_int_equal(found->list[0].severity, RING_DAMAGE);
	assert_int_equal(found->list[0].code, -RING_ERR_TRUNCATED);
	assert_int_equal(truncate(f->path, 0), 0);
	assert_int_equal(check(f, found), -RING_ERR_NOT_A_RING);
	assert_int_equal(found->count, 0);
}

/* ---- a live ring -------------------------------------------------------- */

/* Each state that a ring passes through is sound. */
static void test_live(void **state)
{
	struct fixture *f = *state;
	const struct ring_create_options create = {
		.size_bytes = 640 << 10,
		.max_item_bytes = 1000,
		.max_batch_bytes = 8192,
		.block_bytes = 512,
		.cursor_slots = 2,
	};
	struct findings *found = fixture_alloc(f, sizeof(*found));
	struct ring_producer *p;
	struct ring_consumer *c;

	fixture_create(f, &create);
	p = fixture_producer(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	for (unsigned i = 0; i < 400; i++) {
		while (fixture_try_publish(p, "some words of a text") == 0)
			if (i % 4 == 0 && fixture_info(f).used_bytes > 9000)
				break;
		if (fixture_try_push(p, "pushed") != 0)
			fixture_take_all(c);
		if (i % 7 == 0)
			assert_int_equal(ring_producer_discard(p, NULL), 0);
		assert_int_equal(check(f, found), 0);
		fixture_take_all(c);
		assert_int_equal(check(f, found), 0);
	}
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(damage_cases); i++)
		fixture_add(&list, damage_cases[i].name, test_damage,
			    &damage_cases[i]);
	fixture_add(&list, "range", test_range, NULL);
	fixture_add(&list, "everything gone", test_everything_gone, NULL);
	fixture_add(&list, "sizes", test_sizes, NULL);
	fixture_add(&list, "a live ring", test_live, NULL);
	return fixture_run("check", &list);
}
