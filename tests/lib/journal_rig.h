#ifndef TESTS_JOURNAL_RIG_H
#define TESTS_JOURNAL_RIG_H

#include "journal/state.h"
#include "tests/lib/fail_io.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/ring_fixture.h"

/*
 * A journal without threads: the test takes its turns, and its clock moves only
 * when the test says so or somebody sleeps. What perform does is scripted;
 * operations are words of a text, as the fixture's items are.
 */
enum { RIG_ANSWERS = 32, RIG_LOG_BYTES = 1 << 21 };

struct journal_rig {
	struct fixture *f;
	struct fake_system system;
	struct journal_options options;
	struct journal *j; /* the one that the test works with */

	/* What perform shall return, call by call; RIG_ALL: all of them. At the
	 * end of the list it goes on with `usual`. */
	int answers[RIG_ANSWERS];
	unsigned answered;
	int usual;
	void (*within)(struct journal_rig *r); /* called from perform */

	char offered[RIG_LOG_BYTES];   /* "a b|c|": a call of two, one of one */
	char performed[RIG_LOG_BYTES]; /* "a b c": those it took */
	uint64_t next_number;          /* of what is performed next */
	unsigned calls;
	size_t most_ops; /* of one call */
	uint64_t most_bytes;

	enum journal_verdict verdict;
	char poison[RIG_LOG_BYTES]; /* "a:3:-5 ": word, failures, error */
};

enum { RIG_ALL = 1 << 20, RIG_LARGE = 3000 };
#define RIG_SECOND_NS UINT64_C(1000000000)

/* Options for a ring to be made in a new file; nothing is started. */
struct journal_rig *journal_rig_new(void **state);

/* Start, and its result; or asserted to succeed. */
int journal_rig_try(struct journal_rig *r);
void journal_rig_start(struct journal_rig *r);
struct journal_rig *journal_rig_started(void **state);

/* The end; asserted to succeed. */
void journal_rig_stop(struct journal_rig *r);

/* Push each word; asserted. The waiter of the last. */
struct journal_waiter journal_rig_push(struct journal_rig *r,
				       const char *words);

/* Take turns until there is nothing to do at this time. What it waits for. */
struct plan journal_rig_turn(struct journal_rig *r);

/* Move the clock on by that. */
void journal_rig_pass_ms(struct journal_rig *r, uint64_t ms);

/* Push words of `len` letters until the ring is full. How many. */
unsigned journal_rig_fill(struct journal_rig *r, size_t len);

/* Push one of RIG_LARGE; the result. */
int journal_rig_push_large(struct journal_rig *r);

/* From now on whoever sleeps lets the journal take a turn. */
void journal_rig_turn_in_sleep(struct journal_rig *r);

struct journal_stats journal_rig_stats(struct journal_rig *r);

/* The callback, with a struct journal_rig as ctx. */
int journal_rig_perform(void *ctx, const struct journal_op *ops, size_t count);

/* ---- storage of the caller's -------------------------------------------- */

/* What a start opens, in this order. */
enum { RIG_LOOK, RIG_PRODUCER, RIG_CONSUMER, RIG_IOS };

struct rig_storage {
	struct fixture *f;
	struct fail_io ios[RIG_IOS];
	unsigned opened;   /* zero it before each start */
	unsigned fails_at; /* the io of that number can't be opened; 0: none */
};

/* Give it to a journal that is started with these options. */
struct rig_storage *rig_storage(struct fixture *f,
				struct journal_options *options);

#endif
