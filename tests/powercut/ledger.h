#ifndef TESTS_POWERCUT_LEDGER_H
#define TESTS_POWERCUT_LEDGER_H

#include "ring/ring.h"

#include <stdatomic.h>

/*
 * What the two sides were promised, in memory that they share and that lives
 * outside of the device: a mapped file. It survives a process that is killed.
 *
 * For each counter that a call moves there are two: `tried` is set before the
 * call, `acked` after it succeeded. After a crash the truth lies between.
 * Counters are item numbers (the ring's sequence numbers).
 */
enum { LEDGER_ITEMS_MAX = 1 << 20, LEDGER_META_BYTES = 16 };

struct span {
	_Atomic uint64_t acked;
	_Atomic uint64_t tried;
};

struct tenure {
	_Atomic uint64_t host;  /* its number */
	_Atomic uint64_t found; /* the counter of its role, at attach */
};

struct ledger {
	uint64_t seed;
	struct span pushed;   /* by the producer, items before this number */
	struct span exposed;  /* likewise */
	struct span consumed; /* by the consumer */
	_Atomic uint64_t position; /* acknowledged to the consumer */
	_Atomic uint64_t seen;     /* items before it were delivered */

	/* Who has the role now; a second host may have taken it over. */
	struct tenure producer;
	struct tenure consumer;

	_Atomic uint64_t lost;      /* promises broken */
	_Atomic uint64_t reordered; /* items in another's place */

	_Atomic uint64_t total_pushed; /* acknowledgements, ever */
	_Atomic uint64_t total_consumed;
	_Atomic uint64_t total_verified;

	_Atomic uint32_t last_try;
	_Atomic uint32_t tries[LEDGER_ITEMS_MAX]; /* the last one, per item */
};

/* Make the file, or map it. NULL, with errno set. */
struct ledger *ledger_create(const char *path, uint64_t seed);
struct ledger *ledger_open(const char *path);

/*
 * The content of item `number` in its n-th try; a number that was discarded
 * or did not survive is given again, with other content. *entry points into
 * the item, which the caller owns.
 */
struct ledger_item {
	struct ring_entry entry;
	uint8_t meta[LEDGER_META_BYTES];
	uint8_t data[12000];
};
void ledger_make_item(const struct ledger *l, uint64_t number, uint32_t try,
		      struct ledger_item *ret_item);

/* A new try of item `number`: note it, make it. */
void ledger_next_item(struct ledger *l, uint64_t number,
		      struct ledger_item *ret_item);

/*
 * Whether the item is the last try of item `number`. If not, say on stderr
 * what it is, and count it.
 */
bool ledger_check_item(struct ledger *l, uint64_t number,
		       const struct ring_item *item);

/* A promise is broken: count `items` lost, and say what. */
__attribute__((format(printf, 3, 4))) void
ledger_lose(struct ledger *l, uint64_t items, const char *format, ...);

/* Whether `value` is in the span; if not, say so and count. */
bool ledger_check_span(struct ledger *l, const struct span *span,
		       uint64_t value, const char *what);

/* This host's attach found the counter of its role there. */
void ledger_take(struct tenure *tenure, unsigned host, uint64_t found);

/* Whether that host still has the role. */
bool ledger_holds(const struct tenure *tenure, unsigned host);

/*
 * A host that no longer has the role got an acknowledgement up to `value`. That
 * is lost, and counted, unless its successor found it.
 */
void ledger_late(struct ledger *l, const struct tenure *tenure, uint64_t value,
		 const char *what);

/* The truth is known again. */
void ledger_settle(struct span *span, uint64_t value);

#endif
