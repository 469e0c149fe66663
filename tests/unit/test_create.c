/*
 * Goal: create makes just the rings that its options describe, refuses what
 * can be none, and destroys nothing unasked.
 * Method: tables of options and of what is there before.
 */
#include "ring/geometry.h"
#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KB = 1024, MB = 1024 * KB };

/* ---- options ------------------------------------------------------------ */

struct create_case {
	const char *name;
	struct ring_create_options create;
	int expected;
	uint32_t block_bytes; /* what info says, if it succeeds */
	uint32_t cursor_slots;
	uint64_t max_item;
};

static const char *const twice[] = { "a", "b", "a" };
static const char *const empty_name[] = { "" };
static const char *const control_name[] = { "a\nb" };
static const char *const long_name[] = {
	"0123456789012345678901234567890123456789012345678901234567890123"
};
static const char *const longest_name[] = {
	"012345678901234567890123456789012345678901234567890123456789012"
};
static const char *const ten[] = { "0", "1", "2", "3", "4",
				   "5", "6", "7", "8", "9" };
static const char long_label[257] = {
	[0 ... 255] = 'l',
};

static const struct create_case create_cases[] = {
	{ "defaults", { .size_bytes = 2 * MB }, 0, 4096, 8, 0 },
	{ "no size", { 0 }, -ENOENT, 0, 0, 0 },
	{ "size of nothing", { .size_bytes = 64 * KB }, -EINVAL, 0, 0, 0 },
	{ "odd size", { .size_bytes = 2 * MB + 77 }, 0, 4096, 8, 0 },
	{ "blocks of 512",
	  { .size_bytes = 2 * MB, .block_bytes = 512 },
	  0,
	  512,
	  8,
	  0 },
	{ "blocks of 65536",
	  { .size_bytes = 16 * MB, .block_bytes = 65536 },
	  0,
	  65536,
	  8,
	  0 },
	{ "blocks too small",
	  { .size_bytes = 2 * MB, .block_bytes = 256 },
	  -RING_ERR_BLOCK_SIZE,
	  0,
	  0,
	  0 },
	{ "blocks too large",
	  { .size_bytes = 64 * MB, .block_bytes = 131072 },
	  -EINVAL,
	  0,
	  0,
	  0 },
	{ "blocks not a power of two",
	  { .size_bytes = 2 * MB, .block_bytes = 4000 },
	  -EINVAL,
	  0,
	  0,
	  0 },
	{ "64 cursors",
	  { .size_bytes = 8 * MB, .cursor_slots = 64 },
	  0,
	  4096,
	  64,
	  0 },
	{ "65 cursors",
	  { .size_bytes = 8 * MB, .cursor_slots = 65 },
	  -EINVAL,
	  0,
	  0,
	  0 },
	{ "as many cursors as names",
	  { .size_bytes = 2 * MB, .consumers = ten, .consumer_count = 10 },
	  0,
	  4096,
	  10,
	  0 },
	{ "more names than cursors",
	  { .size_bytes = 2 * MB,
	    .consumers = ten,
	    .consumer_count = 10,
	    .cursor_slots = 9 },
	  -EINVAL,
	  0,
	  0,
	  0 },
	{ "item limit",
	  { .size_bytes = 2 * MB, .max_item_bytes = 100 },
	  0,
	  4096,
	  8,
	  100 },
	{ "items larger than the ring",
	  { .size_bytes = 2 * MB, .max_item_bytes = 2 * MB },
	  -EINVAL,
	  0,
	  0,
	  0 },
	{ "items above 1 GiB",
	  { .size_bytes = 2 * MB, .max_item_bytes = UINT64_MAX },
	  -EINVAL,
	  0,
	  0,
	  0 },
	{ "batches above all numbers",
	  { .size_bytes = 2 * MB, .max_batch_bytes = UINT64_MAX },
	  -EINVAL,
	  0,
	  0,
	  0 },
	{ "name twice",
	  { .size_bytes = 2 * MB, .consumers = twice, .consumer_count = 3 },
	  -RING_ERR_EXISTS,
	  0,
	  0,
	  0 },
	{ "empty name",
	  { .size_bytes = 2 * MB,
	    .consumers = empty_name,
	    .consumer_count = 1 },
	  -RING_ERR_NAME,
	  0,
	  0,
	  0 },
	{ "control character in a name",
	  { .size_bytes = 2 * MB,
	    .consumers = control_name,
	    .consumer_count = 1 },
	  -RING_ERR_NAME,
	  0,
	  0,
	  0 },
	{ "long name",
	  { .size_bytes = 2 * MB, .consumers = long_name, .consumer_count = 1 },
	  -RING_ERR_NAME,
	  0,
	  0,
	  0 },
	{ "longest name",
	  { .size_bytes = 2 * MB,
	    .consumers = longest_name,
	    .consumer_count = 1 },
	  0,
	  4096,
	  8,
	  0 },
	{ "long label",
	  { .size_bytes = 2 * MB, .label = long_label },
	  -RING_ERR_NAME,
	  0,
	  0,
	  0 },
	{ "sparse", { .size_bytes = 2 * MB, .sparse = true }, 0, 4096, 8, 0 },
};

static void test_options(void **state)
{
	struct fixture *f = *state;
	const struct create_case *row = f->row;
	struct ring_options options = fixture_options(f);
	struct ring_info info;

	fixture_file(f);
	assert_int_equal(unlink(f->path), 0); /* create makes the file */
	assert_int_equal(ring_create(f->path, &row->create, &options),
			 row->expected);
	if (row->expected != 0) {
		assert_int_equal(f->fault.code, row->expected);
		assert_true(strlen(f->fault.text) > strlen(f->path));
		assert_int_equal(access(f->path, F_OK), -1);
		return;
	}
	info = fixture_info(f);
	assert_int_equal(info.block_bytes, row->block_bytes);
	assert_int_equal(info.cursor_slots, row->cursor_slots);
	assert_int_equal(info.max_item_bytes, row->max_item != 0
						      ? row->max_item
						      : info.data_bytes / 4);
	assert_int_equal(info.data_bytes % info.block_bytes, 0);
	assert_true(info.ring_bytes <= row->create.size_bytes);
	assert_int_equal(info.used_bytes, 0);
	assert_int_equal(info.free_bytes, info.data_bytes);
	assert_int_equal(info.end, info.data_bytes); /* FORMAT.md 4.1 */
	assert_false(info.producer.attached);
}

/* ---- what is there ------------------------------------------------------ */

struct content_case {
	const char *name;
	off_t offset;
	const char *bytes;
	int expected;
};

static const struct content_case content_cases[] = {
	{ "zeros", 0, "", 0 },
	{ "one byte at the start", 0, "x", -RING_ERR_OCCUPIED },
	{ "one byte in the middle", 1000001, "x", -RING_ERR_OCCUPIED },
	{ "last byte", FIXTURE_RING_BYTES - 1, "x", -RING_ERR_OCCUPIED },
	{ "swap signature", 4086, "SWAPSPACE2", -RING_ERR_OCCUPIED },
	{ "half a ring", 65536, "BLKRING\n", -RING_ERR_OCCUPIED },
};

static void test_content(void **state)
{
	struct fixture *f = *state;
	const struct content_case *row = f->row;
	struct ring_options options = fixture_options(f);
	struct ring_create_options create = { 0 };
	char byte = 0;

	fixture_file(f);
	assert_int_equal(truncate(f->path, FIXTURE_RING_BYTES), 0);
	fixture_write(f, (uint64_t)row->offset, row->bytes, strlen(row->bytes));
	assert_int_equal(ring_create(f->path, &create, &options),
			 row->expected);
	if (row->expected == 0)
		return;
	assert_int_equal(f->fault.code, row->expected);
	fixture_read(f, (uint64_t)row->offset, &byte, 1);
	assert_int_equal(byte, row->bytes[0]); /* left as it was */
	create.force = true;
	assert_int_equal(ring_create(f->path, &create, &options), 0);
	assert_int_equal(fixture_info(f).device_bytes, FIXTURE_RING_BYTES);
}

/* What this process read so far, from anywhere. */
static uint64_t bytes_read(void)
{
	unsigned long long n;
	FILE *io = fopen("/proc/self/io", "r");

	if (io == NULL)
		fixture_skip("the kernel does not count what is read");
	assert_int_equal(fscanf(io, "rchar: %llu", &n), 1);
	fclose(io);
	return n;
}

struct made_case {
	const char *name;
	bool exists; /* an empty file, to grow */
	bool sparse;
};

static const struct made_case made_cases[] = {
	{ "a new file is not read", false, false },
	{ "a new sparse file is not read", false, true },
	{ "an empty file is not read", true, false },
	{ "an empty sparse file is not read", true, true },
};

/* What create itself filled with zeros can't be anybody's. */
static void test_made(void **state)
{
	struct fixture *f = *state;
	const struct made_case *row = f->row;
	const struct ring_create_options create = { .size_bytes = 64 * MB,
						    .sparse = row->sparse };
	struct ring_options options = fixture_options(f);
	uint64_t before;

	fixture_file(f);
	if (!row->exists)
		assert_int_equal(unlink(f->path), 0);
	before = bytes_read();
	assert_int_equal(ring_create(f->path, &create, &options), 0);
	/* Signatures lie at the start and at the end. */
	assert_in_range(bytes_read() - before, 1, 8 * MB);
}

/* Somebody who finds the new file before create has locked it. */
struct finder {
	struct ring_system system;
	const char *path;
	struct ring_io *io;
};

static int find(void *ctx, struct ring_identity *ret)
{
	const struct ring_system *real = ring_system_default();
	struct finder *f = ctx;

	if (f->io == NULL) {
		assert_int_equal(ring_io_open(f->path, NULL, &f->io), 0);
		assert_int_equal(f->io->ops->lock(f->io, ROLE_PRODUCER), 0);
	}
	return real->identity(real->ctx, ret);
}

static void test_file_of_others_stays(void **state)
{
	struct fixture *f = *state;
	const struct ring_create_options create = { .size_bytes = MB };
	struct ring_options options = fixture_options(f);
	struct finder finder = { .system = *ring_system_default() };
	struct stat st;

	fixture_file(f);
	assert_int_equal(unlink(f->path), 0);
	finder.path = f->path;
	finder.system.ctx = &finder;
	finder.system.identity = find;
	options.system = &finder.system;
	assert_int_equal(ring_create(f->path, &create, &options),
			 -RING_ERR_OWNED);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, MB);
	ring_io_close(finder.io);
}

/* ---- a ring is there ---------------------------------------------------- */

static void test_ring_is_not_overwritten(void **state)
{
	struct fixture *f = *state;
	struct ring_create_options create = { .size_bytes =
						      FIXTURE_RING_BYTES };
	struct ring_options options = fixture_options(f);
	struct ring_info before, after;
	struct ring_producer *p;

	fixture_create(f, NULL);
	before = fixture_info(f);
	assert_int_equal(ring_create(f->path, &create, &options),
			 -RING_ERR_OCCUPIED);
	p = fixture_producer(f, NULL);
	fixture_publish(p, "kept");
	create.force = true; /* never a ring in use */
	assert_int_equal(ring_create(f->path, &create, &options),
			 -RING_ERR_OWNED);
	after = fixture_info(f);
	assert_memory_equal(before.uuid, after.uuid, 16);
	assert_int_equal(after.exposed_items, 1);
	fixture_drop_producer(f, p);
	assert_int_equal(ring_create(f->path, &create, &options), 0);
	after = fixture_info(f);
	assert_memory_not_equal(before.uuid, after.uuid, 16);
	assert_int_equal(after.exposed_items, 0);
}

/* Items of the ring that was there before are never taken for live ones. */
static void test_former_items_are_gone(void **state)
{
	struct fixture *f = *state;
	const struct ring_create_options again = { .size_bytes =
							   FIXTURE_RING_BYTES,
						   .force = true };
	struct ring_producer *p;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	fixture_publish(p, "a b c");
	fixture_drop_producer(f, p);
	fixture_create(f, &again);
	p = fixture_producer(f, NULL);
	fixture_see(fixture_consumer(f, NULL, NULL), RING_POSITION_NONE, "");
	fixture_publish(p, "x");
	fixture_drop_producer(f, p);
	fixture_producer(f, NULL);
	assert_int_equal(fixture_info(f).exposed_items, 1);
}

static void test_erase(void **state)
{
	struct fixture *f = *state;
	struct ring_options options = fixture_options(f);
	struct ring_consumer *c;
	struct ring_producer *p;
	struct ring_info info;

	fixture_create(f, NULL);
	p = fixture_producer(f, NULL);
	fixture_publish(p, "a");
	assert_int_equal(ring_erase(f->path, true, &options), -RING_ERR_OWNED);
	fixture_drop_producer(f, p);
	assert_int_equal(ring_erase(f->path, false, &options),
			 -RING_ERR_NOT_EMPTY);
	c = fixture_consumer(f, NULL, NULL);
	fixture_take(c, "a");
	assert_int_equal(ring_erase(f->path, true, &options), -RING_ERR_OWNED);
	fixture_drop_consumer(f, c);
	assert_int_equal(ring_erase(f->path, false, &options), 0);
	assert_int_equal(ring_info(f->path, &options, &info),
			 -RING_ERR_NOT_A_RING);
	assert_int_equal(ring_erase(f->path, true, &options),
			 -RING_ERR_NOT_A_RING);
}

static void test_erase_forced(void **state)
{
	struct fixture *f = *state;
	struct ring_options options = fixture_options(f);

	fixture_create(f, NULL);
	fixture_push(fixture_producer(f, NULL), "pushed, not exposed");
	fixture_drop_producer(f, f->producers[0]);
	assert_int_equal(ring_erase(f->path, false, &options),
			 -RING_ERR_NOT_EMPTY);
	assert_int_equal(ring_erase(f->path, true, &options), 0);
	/* The data area still holds somebody's data. */
	assert_int_equal(ring_create(f->path, NULL, &options),
			 -RING_ERR_OCCUPIED);
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(create_cases); i++)
		fixture_add(&list, create_cases[i].name, test_options,
			    &create_cases[i]);
	for (size_t i = 0; i < ARRAY_SIZE(content_cases); i++)
		fixture_add(&list, content_cases[i].name, test_content,
			    &content_cases[i]);
	for (size_t i = 0; i < ARRAY_SIZE(made_cases); i++)
		fixture_add(&list, made_cases[i].name, test_made,
			    &made_cases[i]);
	fixture_add(&list, "a file of others stays", test_file_of_others_stays,
		    NULL);
	fixture_add(&list, "a ring is not overwritten",
		    test_ring_is_not_overwritten, NULL);
	fixture_add(&list, "former items are gone", test_former_items_are_gone,
		    NULL);
	fixture_add(&list, "erase", test_erase, NULL);
	fixture_add(&list, "erase, forced", test_erase_forced, NULL);
	return fixture_run("create", &list);
}
