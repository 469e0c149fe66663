/*
 * Goal: whatever stands on the device, each call ends with the error that
 * says what is wrong, and leaves the ring as it is.
 * Method: a good image, and tables of bytes to overwrite in it, with and
 * without checksums that are right again.
 */
#include "tests/lib/fail_io.h"
#include "tests/lib/image.h"
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { SUPERBLOCK_B = 65536, SUPERBLOCK_BYTES = 512 };

static void no_finding(void *ctx, const struct ring_finding *finding)
{
	(void)ctx;
	(void)finding;
}

/* Every way to open a ring gives the same answer. */
static void assert_opens(struct fixture *f, int expected)
{
	const struct ring_options options = fixture_options(f);
	struct ring_producer *p = NULL;
	struct ring_consumer *c = NULL;
	struct ring_info info;
	int rc = ring_info(f->path, &options, &info);

	assert_int_equal(rc, expected);
	assert_int_equal(f->fault.code, expected);
	rc = ring_producer_attach(f->path, &options, &p, NULL);
	assert_int_equal(rc, expected);
	rc = ring_consumer_attach(f->path, NULL, &options, &c, NULL);
	assert_int_equal(rc, expected);
	if (expected == 0)
		fixture_see(c, 0, "a b");
	ring_producer_free(p);
	ring_consumer_free(c);
	if (expected == 0)
		return;
	assert_int_equal(
		ring_member_add(f->path, "x", RING_JOIN_END, 0, &options),
		expected);
	assert_int_equal(ring_operator_suspend(f->path, 0, &options), expected);
	assert_int_equal(ring_erase(f->path, false, &options), expected);
	assert_non_null(strstr(f->fault.text, f->path));
}

static void make(struct fixture *f)
{
	fixture_create(f, NULL);
	fixture_publish(fixture_producer(f, NULL), "a b");
	fixture_drop_producer(f, f->producers[0]);
}

/* ---- superblocks -------------------------------------------------------- */

enum copies { COPY_A = 1, COPY_B = 2, COPIES = 3 };

struct superblock_case {
	const char *name;
	enum copies copies;
	struct image_field field;
	bool seal; /* with the right checksum again */
	int expected;
};

static const struct superblock_case superblock_cases[] = {
	{ "magic", COPIES, { 0, 1, 'X' }, true, -RING_ERR_NOT_A_RING },
	{ "magic of A", COPY_A, { 0, 1, 'X' }, true, 0 },
	{ "magic of B", COPY_B, { 0, 1, 'X' }, true, 0 },
	{ "other version", COPIES, { 8, 4, 2 }, true, -RING_ERR_VERSION },
	{ "other version, other checksum",
	  COPIES,
	  { 8, 4, 2 },
	  false,
	  -RING_ERR_VERSION },
	{ "unknown incompat feature",
	  COPIES,
	  { 24, 8, 2 },
	  true,
	  -RING_ERR_FEATURE },
	{ "last incompat feature",
	  COPIES,
	  { 31, 1, 0x80 },
	  true,
	  -RING_ERR_FEATURE },
	{ "unknown compat feature", COPIES, { 16, 8, UINT64_MAX }, true, 0 },
	{ "checksum of A", COPY_A, { 504, 1, 0x55 }, false, 0 },
	{ "checksum of B", COPY_B, { 504, 1, 0x55 }, false, 0 },
	{ "checksum of both",
	  COPIES,
	  { 504, 2, 0x55aa },
	  false,
	  -RING_ERR_SUPERBLOCK },
	{ "length", COPIES, { 12, 4, 511 }, true, -RING_ERR_SUPERBLOCK },
	{ "block size 0", COPIES, { 48, 4, 0 }, true, -RING_ERR_SUPERBLOCK },
	{ "block size 3", COPIES, { 48, 4, 3 }, true, -RING_ERR_SUPERBLOCK },
	{ "block size 2^31",
	  COPIES,
	  { 48, 4, 1u << 31 },
	  true,
	  -RING_ERR_SUPERBLOCK },
	{ "no cursors", COPIES, { 52, 4, 0 }, true, -RING_ERR_SUPERBLOCK },
	{ "65 cursors", COPIES, { 52, 4, 65 }, true, -RING_ERR_SUPERBLOCK },
	{ "data offset", COPIES, { 56, 8, 65536 }, true, -RING_ERR_SUPERBLOCK },
	{ "data bytes",
	  COPIES,
	  { 64, 8, UINT64_MAX },
	  true,
	  -RING_ERR_SUPERBLOCK },
	{ "ring bytes", COPIES, { 72, 8, 1 }, true, -RING_ERR_SUPERBLOCK },
	{ "huge items",
	  COPIES,
	  { 80, 8, UINT64_MAX },
	  true,
	  -RING_ERR_SUPERBLOCK },
	{ "huge batches",
	  COPIES,
	  { 88, 8, (uint64_t)1 << 62 },
	  true,
	  -RING_ERR_SUPERBLOCK },
	{ "no heartbeat", COPIES, { 96, 4, 0 }, true, -RING_ERR_SUPERBLOCK },
	{ "queue name without end", COPIES, { 175, 1, 'x' }, true, 0 },
	{ "reserved bytes", COPIES, { 432, 8, UINT64_MAX }, true, 0 },
};

static void change_copy(struct fixture *f, const struct superblock_case *row,
			uint64_t offset)
{
	uint8_t image[SUPERBLOCK_BYTES];

	fixture_read(f, offset, image, sizeof(image));
	image_put(image, row->field);
	if (row->seal)
		image_put(image,
			  (struct image_field){
				  504, 8, image_xxh3(image, 504, offset) });
	fixture_write(f, offset, image, sizeof(image));
}

static void test_superblock(void **state)
{
	struct fixture *f = *state;
	const struct superblock_case *row = f->row;

	make(f);
	if (row->copies & COPY_A)
		change_copy(f, row, 0);
	if (row->copies & COPY_B)
		change_copy(f, row, SUPERBLOCK_B);
	assert_opens(f, row->expected);
}

/* ---- sizes -------------------------------------------------------------- */

struct size_case {
	const char *name;
	off_t bytes;
	int expected;
};

static const struct size_case size_cases[] = {
	{ "empty", 0, -RING_ERR_NOT_A_RING },
	{ "one byte", 1, -RING_ERR_NOT_A_RING },
	{ "one sector", 512, -RING_ERR_NOT_A_RING },
	{ "only a superblock", 4096, -RING_ERR_TRUNCATED },
	{ "without data", 1 << 20, -RING_ERR_TRUNCATED },
	{ "one byte short", FIXTURE_RING_BYTES - 1, -RING_ERR_TRUNCATED },
	{ "just right", FIXTURE_RING_BYTES, 0 },
	{ "larger", FIXTURE_RING_BYTES + 12345, 0 },
};

static void test_size(void **state)
{
	struct fixture *f = *state;
	const struct size_case *row = f->row;

	make(f);
	assert_int_equal(truncate(f->path, row->bytes), 0);
	assert_opens(f, row->expected);
}

/* ---- slots -------------------------------------------------------------- */

struct slot_case {
	const char *name;
	unsigned role;
	unsigned first_copy;
	unsigned copies; /* from that one on */
	int producer;
	int consumer;
	int info;
};

/* Create is epoch 1, the producer that was there was epoch 2: copies 4, 5. */
static const struct slot_case slot_cases[] = {
	{ "producer, copy 4", 0, 4, 1, 0, 0, 0 },
	{ "producer, copy 5", 0, 5, 1, 0, 0, 0 },
	{ "producer, pair 2", 0, 4, 2, -RING_ERR_SLOT, -RING_ERR_SLOT,
	  -RING_ERR_SLOT },
	{ "producer, all", 0, 0, 8, -RING_ERR_SLOT, -RING_ERR_SLOT,
	  -RING_ERR_SLOT },
	{ "cursor, copy 2", 2, 2, 1, 0, 0, 0 },
	{ "cursor, copy 3", 2, 3, 1, 0, 0, 0 },
	{ "cursor, pair 1", 2, 2, 2, 0, -RING_ERR_SLOT, 0 },
	{ "cursor, all", 2, 0, 8, 0, -RING_ERR_SLOT, 0 },
	{ "operator, all", 1, 0, 8, 0, 0, 0 },
};

static uint64_t slot_offset(unsigned role, unsigned copy)
{
	return 131072 + (9 * role + copy) * 4096;
}

static void test_slot(void **state)
{
	struct fixture *f = *state;
	const struct slot_case *row = f->row;
	const struct ring_options options = fixture_options(f);
	struct ring_producer *p = NULL;
	struct ring_consumer *c = NULL;
	struct ring_info info;

	make(f);
	for (unsigned i = 0; i < row->copies; i++)
		fixture_flip(f,
			     slot_offset(row->role, row->first_copy + i) + 200);
	assert_int_equal(ring_info(f->path, &options, &info), row->info);
	assert_int_equal(ring_producer_attach(f->path, &options, &p, NULL),
			 row->producer);
	assert_int_equal(
		ring_consumer_attach(f->path, NULL, &options, &c, NULL),
		row->consumer);
	if (row->producer != 0 || row->consumer != 0)
		assert_int_equal(f->fault.code, -RING_ERR_SLOT);
	if (c != NULL)
		fixture_see(c, 0, "a b");
	if (p != NULL)
		fixture_publish(p, "c");
	ring_producer_free(p);
	ring_consumer_free(c);
}

/* ---- records ------------------------------------------------------------ */

struct record_case {
	const char *name;
	bool in_commit; /* of "b"; else in the item itself */
	struct image_field field;
	bool seal;
};

static const struct record_case record_cases[] = {
	{ "checksum", false, { 0, 1, 0xff }, false },
	{ "header check", false, { 8, 1, 0xff }, false },
	{ "kind", false, { 12, 1, 3 }, true },
	{ "kind: commit", false, { 12, 1, 2 }, true },
	{ "flags", false, { 13, 1, 1 }, true },
	{ "type", false, { 14, 2, 0x1234 }, false },
	{ "length, bit flip", false, { 16, 4, 3 }, false },
	{ "length, huge", false, { 16, 4, UINT32_MAX }, false },
	{ "length, near the limit", false, { 16, 4, 300000 }, false },
	{ "metadata longer than all", false, { 20, 4, 99 }, true },
	{ "epoch of the past", false, { 24, 8, 1 }, true },
	{ "epoch of the future", false, { 24, 8, 77 }, true },
	{ "sequence", false, { 32, 8, 9 }, true },
	{ "time", false, { 40, 8, 9 }, false },
	{ "data", false, { 48, 1, 'B' }, false },
	{ "commit checksum", true, { 7, 1, 0xff }, false },
	{ "commit exposes the future", true, { 48, 8, 1 << 30 }, true },
	{ "commit of another batch", true, { 80, 8, 8 }, true },
	{ "commit sequence", true, { 32, 8, 1 }, true },
};

/* Publish each word by itself; where the second is. */
static uint64_t publish_each(struct fixture *f,
			     const struct ring_options *options, unsigned count)
{
	static const char *const words[] = { "a", "b", "c" };
	struct ring_producer *p = fixture_producer(f, options);
	const uint64_t second = fixture_publish(p, words[0]);

	for (unsigned i = 1; i < count; i++)
		fixture_publish(p, words[i]);
	return second;
}

/* Where it stands on the device is returned. */
static uint64_t damage(struct fixture *f, const struct record_case *row,
		       uint64_t item)
{
	const struct ring_info info = fixture_info(f);
	const uint64_t position = item + (row->in_commit ? 56 : 0);
	const uint64_t offset =
		info.data_offset_bytes + position % info.data_bytes;
	uint8_t image[144], before[sizeof(image)];

	fixture_read(f, offset, image, sizeof(image));
	memcpy(before, image, sizeof(before));
	image_put(image, row->field);
	if (memcmp(before, image, sizeof(before)) == 0)
		image[row->field.offset] ^= 1; /* a checksum may be anything */
	if (row->seal)
		image_seal_record(image, image_seed(info.uuid, position));
	fixture_write(f, offset, image, sizeof(image));
	return offset;
}

/* Below a durable mark, here a checkpoint: the consumer says where. */
static void test_record_below_mark(void **state)
{
	struct fixture *f = *state;
	const struct record_case *row = f->row;
	struct ring_options options = fixture_options(f);
	struct ring_consumer *c;
	struct ring_item item;
	uint64_t b, offset;

	fixture_create(f, NULL);
	b = publish_each(f, NULL, 3);
	fixture_drop_producer(f, f->producers[0]);
	offset = damage(f, row, b);
	b += row->in_commit ? 56 : 0;
	c = fixture_consumer(f, NULL, &options);
	item = fixture_pop(c, 0); /* what is good is given */
	assert_int_equal(item.sequence, 0);
	for (unsigned i = 0; i < 2; i++) {
		memset(&f->fault, 0, sizeof(f->fault));
		assert_int_equal(ring_consumer_pop(c, item.next, &item),
				 -RING_ERR_DAMAGED);
		assert_int_equal(f->fault.code, -RING_ERR_DAMAGED);
		assert_int_equal(f->fault.position, b);
		assert_int_equal(f->fault.offset_bytes, offset);
		assert_true(f->fault.length_bytes > 0);
	}
	/* It is not consumed, and the good part still is there. */
	assert_int_equal(fixture_pop(c, 0).sequence, 0);
	assert_true(ring_check(f->path, &options, no_finding, NULL) > 0);
}

static void cut(struct fixture *f, struct fail_io *io)
{
	fail_io_cut(io);
	ring_producer_free(f->producers[0]);
	f->producers[0] = NULL;
}

/*
 * Publish, let the process die, damage "b". The producer needs no marks, so
 * that none is written.
 */
static uint64_t damage_after_death(struct fixture *f, unsigned count,
				   bool consume)
{
	const struct record_case *row = f->row;
	struct ring_options options = fixture_options(f);
	struct fail_io *io = fixture_alloc(f, sizeof(*io));
	struct ring_consumer *c;
	uint64_t b;

	fixture_create(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	fail_io_init(io, fixture_io(f));
	options.io = &io->io;
	b = publish_each(f, &options, count);
	if (consume)
		fixture_take_all(c);
	cut(f, io);
	(void)damage(f, row, b);
	return b + (row->in_commit ? 56 : 0);
}

static void expect_damage(struct fixture *f, uint64_t position)
{
	const struct ring_options options = fixture_options(f);
	struct ring_producer *p = NULL;

	assert_int_equal(ring_producer_attach(f->path, &options, &p, NULL),
			 -RING_ERR_DAMAGED);
	assert_int_equal(f->fault.position, position);
	assert_true(ring_check(f->path, &options, no_finding, NULL) > 0);
}

static void test_record_below_a_position(void **state)
{
	struct fixture *f = *state;

	expect_damage(f, damage_after_death(f, 2, true));
}

static void test_record_before_a_commit(void **state)
{
	struct fixture *f = *state;

	expect_damage(f, damage_after_death(f, 3, false));
}

/* Nothing vouches for it: it is the end. */
static void test_record_at_the_end(void **state)
{
	struct fixture *f = *state;
	struct ring_options options = fixture_options(f);
	struct ring_producer_state s;
	struct ring_producer *p = NULL;

	(void)damage_after_death(f, 2, false);
	assert_int_equal(ring_check(f->path, &options, no_finding, NULL), 0);
	assert_int_equal(ring_producer_attach(f->path, &options, &p, &s), 0);
	fixture_keep_producer(f, p);
	assert_int_equal(s.pushed_items, 1);
	fixture_publish(p, "x");
	fixture_see(f->consumers[0], 0, "a x");
}

/*
 * A cursor stands in what was pushed early and exposed by the newest commit:
 * that was there, or the cursor were not.
 */
static void test_exposing_commit_is_lost(void **state)
{
	struct fixture *f = *state;
	struct ring_options options = fixture_options(f);
	struct fail_io *io = fixture_alloc(f, sizeof(*io));
	struct ring_producer *p;
	struct ring_consumer *c;
	struct ring_item item;
	uint64_t last;

	fixture_create(f, NULL);
	fail_io_init(io, fixture_io(f));
	options.io = &io->io;
	p = fixture_producer(f, &options);
	c = fixture_consumer(f, NULL, NULL);
	fixture_push(p, "a");
	last = fixture_push(p, "b");
	fixture_publish(p, "c");
	item = fixture_pop(c, RING_POSITION_NONE);
	assert_int_equal(ring_consumer_advance(c, item.next, NULL), 0);
	cut(f, io);
	fixture_flip(f, fixture_info(f).data_offset_bytes +
				last % fixture_info(f).data_bytes);
	expect_damage(f, last);
}

/* Whoever once asked may hold the ring suspended. */
static void test_request_is_lost(void **state)
{
	struct fixture *f = *state;
	const struct ring_options options = fixture_options(f);
	struct ring_producer *p;
	struct ring_consumer *c;

	fixture_create(f, NULL);
	c = fixture_consumer(f, NULL, NULL);
	p = fixture_producer(f, NULL);
	assert_int_equal(ring_consumer_suspend(c), 0);
	fixture_drop_consumer(f, c);
	fixture_drop_producer(f, p);
	p = fixture_producer(f, NULL); /* which answers */
	fixture_drop_producer(f, p);
	fixture_flip(f, slot_offset(2, 0) + 200);
	fixture_flip(f, slot_offset(2, 1) + 200);
	assert_int_equal(ring_producer_attach(f->path, &options, &p, NULL),
			 -RING_ERR_SLOT);
	assert_int_equal(f->fault.code, -RING_ERR_SLOT);
	assert_int_equal(f->fault.offset_bytes, slot_offset(2, 0));
}

/* ---- a fault for every error -------------------------------------------- */

static void test_other_files(void **state)
{
	struct fixture *f = *state;
	struct ring_options options = fixture_options(f);
	struct ring_info info;

	assert_int_equal(ring_info("/nonexistent/r", &options, &info), -ENOENT);
	assert_int_equal(f->fault.code, -ENOENT);
	assert_int_equal(ring_info("/dev/null", &options, &info), -ENOTSUP);
	assert_int_equal(ring_info("/", &options, &info), -ENOTSUP);
	options.engine = (enum ring_io_engine)99;
	make(f);
	assert_int_equal(ring_info(f->path, &options, &info), -EINVAL);
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(superblock_cases); i++)
		fixture_add(&list, superblock_cases[i].name, test_superblock,
			    &superblock_cases[i]);
	for (size_t i = 0; i < ARRAY_SIZE(size_cases); i++)
		fixture_add(&list, size_cases[i].name, test_size,
			    &size_cases[i]);
	for (size_t i = 0; i < ARRAY_SIZE(slot_cases); i++)
		fixture_add(&list, slot_cases[i].name, test_slot,
			    &slot_cases[i]);
	for (size_t i = 0; i < ARRAY_SIZE(record_cases); i++) {
		fixture_add(&list, record_cases[i].name, test_record_below_mark,
			    &record_cases[i]);
		fixture_add(&list, record_cases[i].name,
			    test_record_below_a_position, &record_cases[i]);
		fixture_add(&list, record_cases[i].name,
			    test_record_before_a_commit, &record_cases[i]);
		fixture_add(&list, record_cases[i].name, test_record_at_the_end,
			    &record_cases[i]);
	}
	fixture_add(&list, "the exposing commit is lost",
		    test_exposing_commit_is_lost, NULL);
	fixture_add(&list, "a request is lost", test_request_is_lost, NULL);
	fixture_add(&list, "other files", test_other_files, NULL);
	return fixture_run("bad input", &list);
}
