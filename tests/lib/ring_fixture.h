#ifndef TESTS_RING_FIXTURE_H
#define TESTS_RING_FIXTURE_H

#include "ring/ring.h"
#include "tests/lib/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/types.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * A test's ring on a file of its own, and its handles: all of it goes away at
 * the end of the test, also if that failed. Items are words of a text: "a b c"
 * are three items.
 */
enum {
	FIXTURE_HANDLES = 66,
	FIXTURE_TEXT_BYTES = 8192,
	FIXTURE_TESTS = 128,
	FIXTURE_RING_BYTES = 2 << 20,
};

struct fixture {
	const void *row; /* of the test's table */
	struct device device;
	const char *path;
	struct ring_fault fault; /* of the last call that failed */
	struct ring_producer *producers[FIXTURE_HANDLES];
	struct ring_consumer *consumers[FIXTURE_HANDLES];
	void *memory[FIXTURE_HANDLES];
};

/* ---- running ------------------------------------------------------------ */

/* The tests of one program; each gets a fresh struct fixture as *state. */
struct fixture_list {
	struct CMUnitTest tests[FIXTURE_TESTS];
	size_t count;
};

void fixture_add(struct fixture_list *list, const char *name,
		 void (*test)(void **state), const void *row);

/* Run them under a watchdog. The number that failed. */
int fixture_run(const char *group, const struct fixture_list *list);

/* End the test as skipped, and say why. */
void fixture_skip(const char *reason);

/* ---- making ------------------------------------------------------------- */

/* Have an empty file on tmpfs, or a device of `kind`; skips if it can't. */
void fixture_file(struct fixture *f);
void fixture_device(struct fixture *f, enum device_kind kind, uint64_t bytes);

/* Make a ring there, or on a new file if there is nothing yet. NULL: of
 * FIXTURE_RING_BYTES, with defaults. */
void fixture_create(struct fixture *f,
		    const struct ring_create_options *create);

/* The options that the functions below use for NULL. */
struct ring_options fixture_options(struct fixture *f);

/* Attach, asserting that it succeeds. */
struct ring_producer *fixture_producer(struct fixture *f,
				       const struct ring_options *options);
struct ring_consumer *fixture_consumer(struct fixture *f, const char *name,
				       const struct ring_options *options);

/* Zeroed memory that outlives the handles: a failed test's stack does not. */
void *fixture_alloc(struct fixture *f, size_t len);

/* Keep a handle that the test attached itself. */
void fixture_keep_producer(struct fixture *f, struct ring_producer *p);
void fixture_keep_consumer(struct fixture *f, struct ring_consumer *c);

/* Detach, asserting that it succeeds, and free before the end of the test. */
void fixture_drop_producer(struct fixture *f, struct ring_producer *p);
void fixture_drop_consumer(struct fixture *f, struct ring_consumer *c);

/*
 * Open the storage, whatever options there are for it; or read and write the
 * image as a test that damages it does.
 */
struct ring_io *fixture_io(struct fixture *f);
void fixture_read(const struct fixture *f, uint64_t offset, void *buf,
		  size_t len);
void fixture_write(const struct fixture *f, uint64_t offset, const void *buf,
		   size_t len);
void fixture_flip(const struct fixture *f, uint64_t offset);

struct ring_info fixture_info(struct fixture *f);

/* ---- processes ---------------------------------------------------------- */

/* Run fn in a child, which dies with this process. Its result is the exit
 * code, 0 to 99; no cmocka in there. */
pid_t fixture_spawn(int (*fn)(struct fixture *f), struct fixture *f);

/* Wait for the end of it; assert the exit code, or, below 0, the signal. */
void fixture_reap(pid_t pid, int expected);

/* ---- items -------------------------------------------------------------- */

/* Each word an item, all in one call. The position after. */
uint64_t fixture_push(struct ring_producer *p, const char *words);
uint64_t fixture_publish(struct ring_producer *p, const char *words);
/* The result code of it. */
int fixture_try_push(struct ring_producer *p, const char *words);
int fixture_try_publish(struct ring_producer *p, const char *words);

/* Assert that what is visible from `from` on is just this. The position after,
 * or `from` if it is nothing. */
uint64_t fixture_see(struct ring_consumer *c, uint64_t from, const char *words);

/* Also wait for it, if it is not there yet. */
uint64_t fixture_await(struct ring_consumer *c, const char *words);

/* See, from the consumer's position on, and advance. */
void fixture_take(struct ring_consumer *c, const char *words);

/* See one item. */
struct ring_item fixture_pop(struct ring_consumer *c, uint64_t from);

/* Everything there is, unseen. */
void fixture_take_all(struct ring_consumer *c);

#endif
