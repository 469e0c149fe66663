/* Reproducers of a review; each test fails while its defect is there. */
#include "tests/lib/crash_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static const struct ring_entry gone = { .data = "gone by now",
					.data_bytes = 11 };
static const struct ring_entry other = { .data = "another one",
					 .data_bytes = 11 };

struct peek {
	struct ring_consumer *c;
	struct ring_item item;
	uint32_t writes;
	bool is_done;
};

static void peek_once(void *ctx, struct sim_disk *d)
{
	struct peek *l = ctx;

	if (l->is_done || d->writes <= l->writes ||
	    !d->versions[d->version_count - 1].is_complete)
		return;
	l->is_done = true;
	assert_int_equal(ring_consumer_pop(l->c, RING_POSITION_NONE, &l->item),
			 0);
}

/*
 * One page cache, one boot: a write-back fails, and attach drops what the cache
 * shows (R13). So what was seen is gone all the same.
 */
static void test_failed_write_back(void **state)
{
	struct rig rig = { 0 };
	struct rig_host hp, hc;
	struct ring_producer *p;
	struct ring_consumer_state s;
	struct peek l = { 0 };
	int rc = -RING_ERR_EMPTY;

	(void)state;
	rig_init(&rig, &rig_small);
	p = rig_producer(&hp, &rig.disk, 1);
	rig_host(&hc, &rig.disk, 1);
	hc.options.deliver = RING_DELIVER_VISIBLE;
	assert_int_equal(
		ring_consumer_attach("sim", "a", &hc.options, &l.c, NULL), 0);
	l.writes = rig.disk.writes;
	rig.disk.point = peek_once;
	rig.disk.point_ctx = &l;
	rig.disk.fails[SIM_FLUSH] = rig.disk.done[SIM_FLUSH] + 1;
	assert_int_equal(ring_producer_publish(p, &gone, 1, NULL, NULL), -EIO);
	assert_true(l.is_done);
	rig.disk.point = NULL;
	ring_producer_free(p);
	p = rig_producer(&hp, &rig.disk, 1);
	assert_int_equal(ring_producer_publish(p, &other, 1, NULL, NULL), 0);
	for (unsigned i = 0; i < 3 && rc == -RING_ERR_EMPTY; i++)
		rc = ring_consumer_advance(l.c, l.item.next, NULL);
	assert_int_equal(ring_consumer_state(l.c, &s), 0);
	print_message("advance %d, items %llu\n", rc,
		      (unsigned long long)s.items);
	if (s.items == 1) {
		struct rig_host h;
		struct ring_producer_state ps;

		assert_int_equal(ring_producer_state(p, &ps), 0);
		print_message("the producer exposed %llu\n",
			      (unsigned long long)ps.exposed_items);
		(void)h;
	}
	assert_int_equal(s.items, 0);
	assert_int_equal(ring_consumer_pop(l.c, RING_POSITION_NONE, &l.item),
			 0);
	assert_memory_equal(l.item.data, other.data, other.data_bytes);
	ring_consumer_free(l.c);
	ring_producer_free(p);
	rig_release(&rig);
}

/* ---- create ------------------------------------------------------------- */

static const char *racing;
static unsigned stats;
static int raced = 1;

static void make_and_fill(void)
{
	const struct ring_create_options create = { .size_bytes = 4 << 20 };
	struct ring_producer *p;

	raced = ring_create(racing, &create, NULL);
	if (raced < 0)
		return;
	raced = ring_producer_attach(racing, NULL, &p, NULL);
	assert_int_equal(raced, 0);
	assert_int_equal(ring_producer_publish(p, &gone, 1, NULL, NULL), 0);
	ring_producer_free(p);
}

/* In place of the C library's: another process comes before the second one,
 * when the first create has the file open. */
int stat(const char *path, struct stat *ret)
{
	if (racing != NULL && strcmp(path, racing) == 0 && ++stats == 2)
		make_and_fill();
	return fstatat(AT_FDCWD, path, ret, 0);
}

static void test_two_creates(void **state)
{
	const struct ring_create_options create = { .size_bytes = 4 << 20 };
	char path[] = "/tmp/rev1-create-XXXXXX";
	struct ring_consumer *c;
	struct ring_item item;
	int rc;

	(void)state;
	assert_int_equal(close(mkstemp(path)), 0);
	racing = path;
	rc = ring_create(path, &create, NULL);
	racing = NULL;
	print_message("second %d, first %d\n", raced, rc);
	assert_int_equal(raced, 0);
	rc = ring_consumer_attach(path, NULL, NULL, &c, NULL);
	if (rc == 0) {
		rc = ring_consumer_pop(c, RING_POSITION_NONE, &item);
		ring_consumer_free(c);
	}
	unlink(path);
	assert_int_equal(rc, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failed_write_back),
		cmocka_unit_test(test_two_creates),
	};

	return cmocka_run_group_tests_name("review", tests, NULL, NULL);
}
