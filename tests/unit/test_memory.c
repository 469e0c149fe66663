/*
 * Goal: a call that gets no memory says so, leaks nothing, and succeeds when
 * it is made again with memory.
 * Method: the n-th allocation fails, n = 1, 2, 3... until a run needs fewer.
 */
#include "tests/lib/fake_system.h"
#include "tests/lib/ring_fixture.h"

#include <errno.h>

static const struct ring_create_options small = {
	.size_bytes = 640 << 10,
	.max_item_bytes = 1000,
	.max_batch_bytes = 8192,
	.block_bytes = 512,
	.cursor_slots = 2,
};

static int attach_producer(struct fixture *f, const struct ring_options *o)
{
	struct ring_producer *p = NULL;
	const int rc = ring_producer_attach(f->path, o, &p, NULL);

	ring_producer_free(p);
	return rc;
}

static int attach_consumer(struct fixture *f, const struct ring_options *o)
{
	struct ring_consumer *c = NULL;
	const int rc = ring_consumer_attach(f->path, NULL, o, &c, NULL);

	ring_consumer_free(c);
	return rc;
}

static int look_at_info(struct fixture *f, const struct ring_options *o)
{
	struct ring_info info;

	return ring_info(f->path, o, &info);
}

static void no_finding(void *ctx, const struct ring_finding *finding)
{
	(void)ctx;
	(void)finding;
}

static int check(struct fixture *f, const struct ring_options *o)
{
	return ring_check(f->path, o, no_finding, NULL);
}

static int recreate(struct fixture *f, const struct ring_options *o)
{
	struct ring_create_options create = small;

	create.force = true;
	return ring_create(f->path, &create, o);
}

static int add_and_remove(struct fixture *f, const struct ring_options *o)
{
	const int rc = ring_member_add(f->path, "b", RING_JOIN_END, 0, o);

	/* It is there when only its removal failed. */
	return rc < 0 && rc != -RING_ERR_EXISTS
		       ? rc
		       : ring_member_remove(f->path, "b", 0, o);
}

struct memory_case {
	const char *name;
	int (*call)(struct fixture *f, const struct ring_options *o);
};

static const struct memory_case memory_cases[] = {
	{ "producer", attach_producer }, { "consumer", attach_consumer },
	{ "info", look_at_info },        { "check", check },
	{ "create", recreate },          { "members", add_and_remove },
};

static void test_no_memory(void **state)
{
	struct fixture *f = *state;
	const struct memory_case *row = f->row;
	struct ring_options options = fixture_options(f);
	unsigned n = 0;
	int rc;

	fixture_create(f, &small);
	fixture_publish(fixture_producer(f, NULL), "a");
	fixture_drop_producer(f, f->producers[0]);
	do {
		struct fake_system system;

		fake_system_init(&system, 1, 1);
		system.alloc_fails = ++n;
		options.system = &system.system;
		rc = row->call(f, &options);
		assert_int_equal(rc, system.allocs >= n ? -ENOMEM : 0);
		assert_int_equal(system.live, 0);
		assert_false(system.release_is_wrong);
		/* And again, with memory: nothing was left behind. */
		system.alloc_fails = 0;
		assert_int_equal(row->call(f, &options), 0);
		assert_int_equal(system.live, 0);
	} while (rc != 0);
	assert_in_range(n, 3, 300);
}

int main(void)
{
	struct fixture_list list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(memory_cases); i++)
		fixture_add(&list, memory_cases[i].name, test_no_memory,
			    &memory_cases[i]);
	return fixture_run("memory", &list);
}
