/*
 * Goal: a journal starts on a ring and on storage that holds nothing, is
 * refused by everything else, and leaves that as it is.
 * Method: make what is there, start, compare the bytes.
 */
#include "tests/lib/journal_rig.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES = 1 << 20, OTHER_BYTES = 8 << 20 };

/* ---- what is there ------------------------------------------------------ */

static void nothing(struct journal_rig *r)
{
	assert_int_equal(unlink(r->f->path), 0);
}

static void empty_file(struct journal_rig *r)
{
	(void)r;
}

static void no_file_no_size(struct journal_rig *r)
{
	nothing(r);
	r->options.create.size_bytes = 0;
}

static void zeros(struct journal_rig *r)
{
	assert_int_equal(truncate(r->f->path, FILE_BYTES), 0);
	r->options.create.size_bytes = 0;
}

static void a_byte_at_the_end(struct journal_rig *r)
{
	zeros(r);
	fixture_write(r->f, FILE_BYTES - 1, "x", 1);
}

static void text(struct journal_rig *r)
{
	fixture_write(r->f, 0, "somebody's", 10);
}

static void a_ring(struct journal_rig *r)
{
	const struct ring_create_options create = {
		.size_bytes = FILE_BYTES,
		.max_item_bytes = 4000,
		.max_batch_bytes = 8192,
	};

	fixture_create(r->f, &create);
}

static void ring_of_another(struct journal_rig *r)
{
	static const char *const names[] = { "other" };
	const struct ring_create_options create = {
		.size_bytes = FILE_BYTES,
		.consumers = names,
		.consumer_count = 1,
	};

	fixture_create(r->f, &create);
}

static void ring_cut_short(struct journal_rig *r)
{
	a_ring(r);
	assert_int_equal(truncate(r->f->path, FILE_BYTES / 2), 0);
}

static void magic_flipped(struct journal_rig *r)
{
	a_ring(r);
	fixture_flip(r->f, 0);
	fixture_flip(r->f, 65536);
}

static void superblocks_flipped(struct journal_rig *r)
{
	a_ring(r);
	fixture_flip(r->f, 100);
	fixture_flip(r->f, 65536 + 100);
}

/* All that says that it is a ring is gone; what it holds is not. */
static void superblocks_gone(struct journal_rig *r)
{
	static const uint8_t none[131072];

	a_ring(r);
	fixture_write(r->f, 0, none, sizeof(none));
}

static void damaged_items(struct journal_rig *r)
{
	struct ring_producer *p;
	struct ring_info info;

	a_ring(r);
	p = fixture_producer(r->f, NULL);
	fixture_publish(p, "a b c");
	fixture_drop_producer(r->f, p);
	info = fixture_info(r->f);
	fixture_flip(r->f, info.data_offset_bytes + 4);
}

struct start_case {
	const char *name;
	void (*make)(struct journal_rig *r);
	int expected;
};

static const struct start_case start_cases[] = {
	{ "no file", nothing, 0 },
	{ "no file, no size", no_file_no_size, -ENOENT },
	{ "an empty file", empty_file, 0 },
	{ "a file of zeros", zeros, 0 },
	{ "a ring", a_ring, 0 },
	{ "a byte at the end", a_byte_at_the_end, -RING_ERR_OCCUPIED },
	{ "text", text, -RING_ERR_OCCUPIED },
	{ "a ring of another consumer", ring_of_another,
	  -RING_ERR_NO_CONSUMER },
	{ "a ring cut short", ring_cut_short, -RING_ERR_TRUNCATED },
	{ "a ring with another magic", magic_flipped, -RING_ERR_OCCUPIED },
	{ "a ring with damaged superblocks", superblocks_flipped,
	  -RING_ERR_SUPERBLOCK },
	{ "a ring without superblocks", superblocks_gone, -RING_ERR_OCCUPIED },
};

static uint8_t *keep_bytes(struct journal_rig *r, off_t *ret_size)
{
	struct stat st;
	uint8_t *bytes;

	if (stat(r->f->path, &st) < 0)
		return NULL;
	*ret_size = st.st_size;
	bytes = fixture_alloc(r->f, (size_t)st.st_size + 1);
	fixture_read(r->f, 0, bytes, (size_t)st.st_size);
	return bytes;
}

/* What refused to start has not changed a byte, nor made a file. The roles of
 * a ring that could be opened may have been taken and given back. */
static void expect_untouched(struct journal_rig *r, const uint8_t *before,
			     off_t size)
{
	off_t size_after = -1;
	const uint8_t *after = keep_bytes(r, &size_after);

	if (before == NULL) {
		assert_null(after);
		return;
	}
	assert_int_equal(size_after, size);
	assert_memory_equal(before, after, (size_t)size);
}

/* It has started where nothing was left. */
static void work_and_stop(struct journal_rig *r)
{
	journal_rig_push(r, "a");
	journal_rig_turn(r);
	assert_string_equal(r->performed, "a ");
	journal_rig_stop(r);
}

static void test_start(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	const struct start_case *row = r->f->row;
	off_t size = 0;
	const uint8_t *before;

	row->make(r);
	before = keep_bytes(r, &size);
	assert_int_equal(journal_rig_try(r), row->expected);
	if (row->expected == 0) {
		assert_int_equal(r->f->fault.code, 0);
		work_and_stop(r);
		return;
	}
	assert_int_equal(r->f->fault.code, row->expected);
	assert_true(strlen(r->f->fault.text) > 10);
	assert_int_equal(r->system.live, 0);
	if (row->expected != -RING_ERR_NO_CONSUMER)
		expect_untouched(r, before, size);
}

/* Damage may also show when the operations are read; nothing behind it is
 * performed then, and nothing is lost by that. */
static void test_damage(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	int rc;

	damaged_items(r);
	rc = journal_rig_try(r);
	if (rc == 0) {
		assert_int_equal(journal_rig_turn(r).action, ACTION_END);
		assert_int_equal(journal_push(r->j, "x", 1, NULL),
				 -RING_ERR_DAMAGED);
		assert_int_equal(journal_rig_stats(r).fault.code,
				 -RING_ERR_DAMAGED);
		journal_rig_stop(r);
	} else {
		assert_int_equal(rc, -RING_ERR_DAMAGED);
	}
	assert_string_equal(r->offered, "");
}

/* ---- devices ------------------------------------------------------------ */

static void test_device(void **state)
{
	struct fixture *f = *state;
	struct journal_rig *r;

	fixture_device(f, DEVICE_LOOP_512, OTHER_BYTES);
	r = journal_rig_new(state);
	r->options.create.size_bytes = 0;
	/* Old bytes that mean nothing to anybody are still something. */
	fixture_write(f, 300000, "x", 1);
	assert_int_equal(journal_rig_try(r), -RING_ERR_OCCUPIED);
	fixture_write(f, 300000, "", 1);
	assert_int_equal(journal_rig_try(r), 0);
	work_and_stop(r);
}

/* ---- options ------------------------------------------------------------ */

static void test_options(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	struct journal *j = NULL;
	struct ring_info info;

	r->options.name = "orders";
	r->options.consumer = "performer";
	r->options.ring.client = "tester";
	journal_rig_start(r);
	info = fixture_info(r->f);
	assert_string_equal(info.queue, "orders");
	assert_int_equal(info.cursor_count, 1);
	assert_string_equal(info.cursors[0].name, "performer");
	assert_string_equal(info.cursors[0].owner.client, "tester");
	assert_string_equal(info.producer.client, "tester");
	journal_rig_stop(r);

	assert_int_equal(journal_open(r->f->path, &r->options, NULL, NULL, &j),
			 -EINVAL);
	r->options.ring.io = fixture_io(r->f);
	assert_int_equal(journal_rig_try(r), -EINVAL);
	ring_io_close(r->options.ring.io);
}

/* Cut off it would be the path of something else: here of a ring. */
static void test_long_path(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	char path[PATH_MAX + 8];
	const size_t len = strlen(r->f->path);

	a_ring(r);
	memset(path, '/', sizeof(path));
	memcpy(path + PATH_MAX - 1 - len, r->f->path, len);
	memcpy(path + PATH_MAX - 1, ".more", 6);
	assert_int_equal(
		journal_open(path, &r->options, journal_rig_perform, r, &r->j),
		-ENAMETOOLONG);
	assert_int_equal(r->system.live, 0);
}

/* What somebody has pushed and not exposed is performed as well. */
static void test_leftovers(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	struct ring_producer *p;

	a_ring(r);
	p = fixture_producer(r->f, NULL);
	fixture_publish(p, "a");
	fixture_push(p, "b c");
	fixture_drop_producer(r->f, p);
	journal_rig_start(r);
	journal_rig_push(r, "d");
	journal_rig_turn(r);
	assert_string_equal(r->performed, "a b c d ");
	journal_rig_stop(r);
}

/* ---- the second --------------------------------------------------------- */

static void test_second_start(void **state)
{
	struct journal_rig *r = journal_rig_new(state),
			   *other = journal_rig_new(state);

	journal_rig_start(r);
	for (int sides = JOURNAL_BOTH; sides <= JOURNAL_PERFORMS; sides++) {
		other->options.sides = (enum journal_sides)sides;
		assert_int_equal(journal_rig_try(other), -RING_ERR_OWNED);
		assert_int_equal(other->system.live, 0);
	}
	work_and_stop(r);
	other->options.sides = JOURNAL_BOTH;
	journal_rig_start(other);
	journal_rig_stop(other);
}

/* ---- storage of the caller's, and its failures --------------------------- */

static void test_own_storage(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	struct rig_storage *s = rig_storage(r->f, &r->options);

	a_ring(r);
	journal_rig_start(r);
	assert_int_equal(s->opened, 3); /* to look, and for each side */
	work_and_stop(r);
	for (unsigned at = 1; at <= 3; at++) {
		s->opened = 0;
		s->fails_at = at;
		assert_int_equal(journal_rig_try(r), -EIO);
		assert_int_equal(r->system.live, 0);
	}
}

/* The journal fails as a whole, says why, and a restart goes on. */
static void expect_failure(struct journal_rig *r)
{
	struct journal_stats stats = journal_rig_stats(r);

	assert_int_equal(stats.failed, -EIO);
	assert_int_equal(stats.fault.code, -EIO);
	assert_non_null(strstr(stats.fault.text, r->f->path));
	assert_int_equal(journal_turn(r->j).action, ACTION_END);
	assert_int_equal(journal_push(r->j, "x", 1, NULL), -EIO);
	assert_int_equal(journal_sync(r->j, NULL, -1), -EIO);
	(void)journal_shutdown(r->j);
	journal_free(r->j);
}

static void test_storage_fails(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	struct rig_storage *s = rig_storage(r->f, &r->options);

	a_ring(r);
	journal_rig_start(r);
	journal_rig_push(r, "a b");
	s->ios[RIG_PRODUCER].fails_at = s->ios[RIG_PRODUCER].starts + 1;
	assert_int_equal(journal_push(r->j, "c", 1, NULL), -EIO);
	expect_failure(r);

	s->opened = 0;
	journal_rig_start(r);
	s->ios[RIG_CONSUMER].fails_at = s->ios[RIG_CONSUMER].starts + 1;
	s->ios[RIG_CONSUMER].persists = true;
	journal_rig_turn(r);
	expect_failure(r);

	s->opened = 0;
	journal_rig_start(r);
	journal_rig_turn(r);
	assert_string_equal(r->performed, "a b ");
	journal_rig_stop(r);
}

struct early {
	struct journal_rig *r;
	struct journal_waiter waiter;
	unsigned looks;
};

/* As long as the consumer writes, its position is not durable. */
static void look_early(void *ctx)
{
	struct early *e = ctx;

	assert_int_equal(journal_sync(e->r->j, &e->waiter, 0),
			 -RING_ERR_TIMEOUT);
	e->looks += e->r->calls > 0;
}

static void test_not_woken_early(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	struct rig_storage *s = rig_storage(r->f, &r->options);
	struct early early = { .r = r };

	a_ring(r);
	journal_rig_start(r);
	early.waiter = journal_rig_push(r, "a");
	s->ios[RIG_CONSUMER].on_start_ctx = &early;
	s->ios[RIG_CONSUMER].on_start = look_early;
	journal_rig_turn(r);
	s->ios[RIG_CONSUMER].on_start = NULL;
	assert_true(early.looks > 0);
	assert_int_equal(journal_sync(r->j, &early.waiter, 0), 0);
	journal_rig_stop(r);
}

/* Any allocation may fail: an error, and nothing leaks. */
static void test_no_memory(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	int rc = -ENOMEM;

	for (unsigned at = 1; rc != 0; at++) {
		r->system.allocs = 0;
		r->system.alloc_fails = at;
		rc = journal_rig_try(r);
		assert_true(rc == 0 || rc == -ENOMEM);
		assert_true(rc == 0 || r->system.live == 0);
		assert_true(at < 1000);
	}
	r->system.alloc_fails = 0;
	journal_rig_stop(r);
}

/* ---- from outside ------------------------------------------------------- */

static void test_inspect(void **state)
{
	struct journal_rig *r = journal_rig_new(state);
	struct journal_status s;

	assert_int_equal(journal_inspect(r->f->path, NULL, &s),
			 -RING_ERR_NOT_A_RING);
	journal_rig_start(r);
	assert_int_equal(journal_inspect(r->f->path, NULL, &s), 0);
	assert_int_equal(s.pending, 0);
	assert_true(s.pusher.locked);
	assert_true(s.performer.locked);
	journal_rig_push(r, "a b c");
	r->answers[0] = 1;
	journal_rig_turn(r);
	assert_int_equal(journal_inspect(r->f->path, NULL, &s), 0);
	assert_int_equal(s.pending, 2);
	assert_int_equal(s.next_number, 1);
	assert_true(s.oldest_ns > 0);
	assert_true(s.pending_bytes > 0);
	assert_false(s.is_full);
	journal_rig_fill(r, RIG_LARGE);
	assert_int_equal(journal_inspect(r->f->path, NULL, &s), 0);
	assert_true(s.is_full);
	journal_rig_stop(r);
	r->options.consumer = "nobody";
	assert_int_equal(journal_inspect(r->f->path, &r->options, &s),
			 -RING_ERR_NO_CONSUMER);
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(start_cases); i++)
		fixture_add(&list, start_cases[i].name, test_start,
			    &start_cases[i]);
	fixture_add(&list, "damaged items", test_damage, NULL);
	fixture_add(&list, "a device", test_device, NULL);
	fixture_add(&list, "options", test_options, NULL);
	fixture_add(&list, "a long path", test_long_path, NULL);
	fixture_add(&list, "leftovers", test_leftovers, NULL);
	fixture_add(&list, "a second start", test_second_start, NULL);
	fixture_add(&list, "own storage", test_own_storage, NULL);
	fixture_add(&list, "storage fails", test_storage_fails, NULL);
	fixture_add(&list, "not woken early", test_not_woken_early, NULL);
	fixture_add(&list, "no memory", test_no_memory, NULL);
	fixture_add(&list, "inspect", test_inspect, NULL);
	return fixture_run("journal start", &list);
}
