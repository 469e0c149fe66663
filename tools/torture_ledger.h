#ifndef TOOLS_TORTURE_LEDGER_H
#define TOOLS_TORTURE_LEDGER_H

#include "tools/torture_item.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What the processes of the torture test know of each other's calls. It is
 * memory that they share, so it outlives each of them: a process writes down
 * what a call will do before it makes it, and that it returned after it did.
 * A kill may come between any two instructions.
 */
enum {
	TORTURE_CONSUMERS = 2,
	TORTURE_WINDOW = 1 << 20, /* items that are not consumed, at most */
	TORTURE_TEXT_BYTES = 256,
};

/* Where a role stands. */
struct torture_point {
	uint64_t items;   /* the sequence number of its next item */
	uint64_t exposed; /* likewise, of what is exposed; a consumer's is 0 */
	uint64_t call;    /* the number of the call that led here: a cookie */
};

bool torture_point_is(const struct torture_point *a,
		      const struct torture_point *b);

/* While no call is under way both are the same. */
struct torture_entry {
	struct torture_point before; /* acknowledged */
	struct torture_point after;  /* where the call under way leads */
};

/* One is valid, the other is for the next entry: so a kill leaves a whole
 * one. */
struct torture_account {
	struct torture_entry entries[2];
	_Atomic uint32_t current;
};

enum torture_count {
	TORTURE_LOST,
	TORTURE_DUPLICATED, /* given again after a kill: no error */
	TORTURE_REORDERED,
	TORTURE_DAMAGE,
	TORTURE_COUNTS,
};

struct torture_ledger {
	struct torture_account producer;
	struct torture_account consumers[TORTURE_CONSUMERS];
	_Atomic uint64_t calls;   /* numbers that are given out */
	_Atomic uint64_t may_see; /* no item from here on is exposed */
	_Atomic uint64_t seen[TORTURE_CONSUMERS]; /* were given: those below */
	_Atomic uint64_t held[TORTURE_CONSUMERS]; /* may come: from here on */
	_Atomic uint64_t counts[TORTURE_COUNTS];

	_Atomic bool finish;   /* the producer shall end */
	_Atomic bool produced; /* it has; the consumers shall, at the end */

	/* The first of each that somebody had to say. */
	_Atomic bool has_finding;
	_Atomic bool has_failure;
	char finding[TORTURE_TEXT_BYTES];
	char failure[TORTURE_TEXT_BYTES];
	int failure_code;

	/* Of item i, in [i % TORTURE_WINDOW]: the call that pushed it. */
	_Atomic uint64_t call_of[TORTURE_WINDOW];
};

/* A new one, to be shared with children. NULL: no memory. */
struct torture_ledger *torture_ledger_open(void);
void torture_ledger_close(struct torture_ledger *ledger);

/* A number for a call. */
uint64_t torture_ledger_call(struct torture_ledger *ledger);

const struct torture_entry *torture_account(struct torture_account *account);

/* A call that leads to `after` is under way from now on. */
void torture_account_begin(struct torture_account *account,
			   const struct torture_point *after);

/* No call is under way any more, and this is where it led. */
void torture_account_settle(struct torture_account *account,
			    const struct torture_point *at);

/* Count `n` of a kind. The first text of a kind that is wrong is kept. */
void torture_ledger_find(struct torture_ledger *ledger, enum torture_count what,
			 uint64_t n, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A process can't go on. */
void torture_ledger_fail(struct torture_ledger *ledger, int code,
			 const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
