#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

/*
 * A journal: operations that a program must carry out even if it dies half-way.
 *
 * An operation is a string of bytes whose meaning is the program's. When
 * journal_push() has returned, the operation is durable, and will be performed
 * at least once, before any that is pushed later. To perform is what the
 * program's callback does. After a failure or a crash it is called again, with
 * operations that it may have performed before: so it has to be idempotent.
 *
 * A journal is an ordinary ring (ring.h) with one consumer. docs/JOURNAL.md
 * says how it works and what each crash leaves behind, journal(3) is the guide.
 *
 * Threads: any number may use one journal, in any call but journal_free().
 *
 * Results: 0 or a negative code, as in ring_error.h. After an error of the
 * storage the journal has failed: each call repeats the first error, and
 * nothing more is performed. Free it and start again, and it recovers from what
 * storage holds.
 */

#include "ring/ring.h"

#ifdef __cplusplus
extern "C" {
#endif

struct journal;

/* An operation. What the callback is given is lent until it returns, and aligned
 * for any type. */
struct journal_op {
	const void *bytes; /* NULL is fine if there are none */
	size_t len_bytes;

	/*
	 * 0, 1, 2... over the journal's life, the same each time that the
	 * operation is performed. Pushes ignore it.
	 */
	uint64_t number;
};

/*
 * Perform operations, in this order. Returns how many of the first ones are
 * performed, for good: all (count), some or none (0); or a negative error for
 * none. Anything but `count` is a failure of the first operation that is not
 * performed: it comes again after the retry interval, with what follows it, and
 * nothing later is performed before. Runs in the journal's own thread, once at
 * a time, and may take as long as it needs.
 *
 * It may push into the same journal, but does not wait there: where the ring is
 * full, only this call could make room, and the push fails with FULL. It may
 * not call journal_shutdown(), nor wait for operations (EDEADLK).
 */
typedef int journal_perform_fn(void *ctx, const struct journal_op *ops,
			       size_t count);

/* ---- operations that keep failing --------------------------------------- */

struct journal_poison {
	struct journal_op op;
	unsigned failures; /* of this operation, since the start or the last
			    * verdict about it */
	int error;         /* what perform returned last; 0: less than all */
};

enum journal_verdict {
	JOURNAL_RETRY, /* go on as before; ask again after as many failures */
	JOURNAL_SKIP,  /* never perform it; that is recorded durably */
	JOURNAL_STOP,  /* perform no more; the journal fails with ECANCELED */
};

/* Decide about an operation that failed often. Runs where perform runs, under
 * the same rules. */
typedef enum journal_verdict
journal_poison_fn(void *ctx, const struct journal_poison *poison);

/* ---- start and end ------------------------------------------------------ */

/* Which side of the journal this process is. Each side may be one process. */
enum journal_sides {
	JOURNAL_BOTH,
	JOURNAL_PUSHES,   /* it only pushes; another process performs */
	JOURNAL_PERFORMS, /* it only performs; another process pushes */
};

/* All zero is the default. Copied by journal_start(), except where noted. */
struct journal_options {
	enum journal_sides sides;

	/* The consumer that stands for the journal; NULL: "default". */
	const char *consumer;

	/*
	 * How long to gather operations before they are performed, from the
	 * first one on. Becoming full (more than half of the ring waits, or too
	 * much for one more push of max_batch) and journal_flush() end it
	 * early. 0: perform at once.
	 */
	uint32_t flush_interval_ms;

	/* After a failure of perform. 0: 5 seconds. */
	uint32_t retry_interval_ms;

	/* Most operations, and most bytes, of one call of perform; a larger
	 * operation comes alone. 0: 1024, and 1 MiB; at most 2^20 operations. */
	uint32_t batch_ops;
	uint64_t batch_bytes;

	/*
	 * How long a push waits while the ring is full or suspended, before it
	 * fails with FULL or SUSPENDED. 0: no limit.
	 */
	uint32_t push_timeout_ms;
	bool push_never_waits; /* fail at once instead */

	/* Ask on_poison after so many failures of one operation, with the ctx
	 * of perform. 0 or NULL: never, it is retried for ever. */
	unsigned poison_after;
	journal_poison_fn *on_poison;

	/*
	 * The name of the journal: becomes the queue name of a ring that is
	 * made. NULL: that of `create`.
	 */
	const char *name;

	/* How to make a ring where there is none yet: a new file needs
	 * size_bytes. Consumers and force are ignored. */
	struct ring_create_options create;

	/*
	 * Engine, mode, client and the like, for both sides. `fault` is filled
	 * by journal_start() and journal_inspect() only; later ones are in the
	 * stats. Callbacks come from several threads at once, and `system` is
	 * used by several. `io` must be NULL: see `open`. Where `on_damage`
	 * allows it, operations that are damaged are passed over and never
	 * performed: `lost` is told, from the thread that performs.
	 */
	struct ring_options ring;

	/*
	 * Storage other than that of the path: opens it once more, for the
	 * journal to close. 0, or a negative error. NULL: open the path.
	 */
	int (*open)(void *ctx, struct ring_io **ret_io);
	void *open_ctx;
};

/*
 * Start the journal at `path`: a ring, or storage that holds nothing, which
 * becomes one. What an earlier process left is performed first, without
 * waiting for the flush interval; pushes are accepted meanwhile and come after
 * it. *ret_journal is written before perform is called for the first time. Both
 * `options` and `perform` may be NULL, the latter if this process only pushes.
 * Errors: OCCUPIED (it holds something that is no ring; nothing was changed),
 * DAMAGED and all else that ring_producer_attach() and ring_consumer_attach()
 * say of a ring that can't be used, OWNED among them: another process has this
 * side; those of ring_create(), if there is nothing;
 * -EINVAL: no perform, or io is set; -ENOMEM, -EAGAIN: no thread.
 */
int journal_start(const char *path, const struct journal_options *options,
		  journal_perform_fn *perform, void *ctx,
		  struct journal **ret_journal);

/*
 * End it: the batch in hand is finished and recorded, every call that waits
 * returns ESHUTDOWN, as every later one does, and the ring is given back. What
 * is not performed stays, for the next start. Waits for perform to return.
 * From any thread; again it is 0. -EDEADLK from within perform. Else 0, or what
 * went wrong in giving the ring back (nothing is lost by that).
 */
int journal_shutdown(struct journal *j);

/*
 * Shut down, and release the journal. No other thread may be in a call, nor
 * perform be the caller. NULL is fine.
 */
void journal_free(struct journal *j);

/* ---- pushing ------------------------------------------------------------ */

/* Stands for the operations of one push. A value: copy and drop it freely. */
struct journal_waiter {
	uint64_t number;   /* of the operation after the last of them */
	uint64_t position; /* in the ring, at or behind their end */
};

/*
 * Push one operation, which may be empty. Returns when it is durable. Pushes of
 * several threads at once share one write and one flush. ret_waiter may be
 * NULL. Errors, each of them without any effect: TOO_BIG (larger than the ring
 * accepts), FULL and SUSPENDED (also after the time-out; may work later),
 * -ESHUTDOWN, -ENOTSUP (this process only performs). Any other error is a
 * failure of the storage or of the journal: it has failed, and whether the
 * operation will be performed is known to the next start only.
 */
int journal_push(struct journal *j, const void *bytes, size_t len_bytes,
		 struct journal_waiter *ret_waiter);

/*
 * Push several operations, all or none: after a crash all of them are performed
 * or none is. They may come in different calls of perform. The same errors;
 * TOO_BIG also if they are too much together (max_batch, see ring_info());
 * -EINVAL if there are none.
 */
int journal_push_many(struct journal *j, const struct journal_op *ops,
		      size_t count, struct journal_waiter *ret_waiter);

/* ---- waiting ------------------------------------------------------------ */

/*
 * Perform what was pushed up to the waiter (NULL: up to now) without waiting
 * for the flush interval, nor for a retry. Does not wait for it. -ENOTSUP: this
 * process only pushes. The journal's error.
 */
int journal_flush(struct journal *j, const struct journal_waiter *waiter);

/*
 * Wait until the operations of the waiter (NULL: all that are there now) are
 * performed or skipped, and that is durable. At most timeout_ms, negative: no
 * limit. Where this process only pushes, it waits for all consumers of the
 * ring to have passed them. TIMEOUT; -EDEADLK from within perform, unless they
 * are performed already; the journal's error (ESHUTDOWN among them).
 */
int journal_sync(struct journal *j, const struct journal_waiter *waiter,
		 int timeout_ms);

/* ---- looking ------------------------------------------------------------ */

struct journal_stats {
	uint64_t pushed;       /* operations, since the start; as the next */
	uint64_t pushed_bytes; /* their bytes */
	uint64_t publishes;    /* writes that they took: pushed / publishes is
				* how many shared one */
	uint64_t performed;
	uint64_t batches;     /* calls of perform that performed something */
	uint64_t largest;     /* most operations of one of them */
	uint64_t failures;    /* calls of perform that did not perform all */
	uint64_t skipped;     /* over the journal's life, by on_poison */
	uint64_t last_number; /* of the operation skipped last */
	uint64_t next_number; /* of the operation to be performed next */
	uint64_t pending;     /* operations known that are not performed; 0 for
			       * who only pushes */
	bool is_failing;      /* perform failed, and is to be called again */
	int failed;           /* the journal's error; 0: it works */
	struct ring_fault fault; /* what went wrong, if anything did */
};

/* A snapshot. Always 0. */
int journal_stats(struct journal *j, struct journal_stats *ret_stats);

/* A journal as its ring tells, without taking part in it. */
struct journal_status {
	uint64_t pending;       /* operations that wait to be performed */
	uint64_t pending_bytes; /* of the ring */
	uint64_t next_number;   /* of the first of them */
	uint64_t oldest_ns;     /* when that was pushed, since 1970; 0: none */
	uint64_t skipped;       /* over the journal's life */
	uint64_t last_number;   /* of the operation skipped last */
	bool is_full;           /* it becomes full: see flush_interval_ms */
	struct ring_owner_info pusher;
	struct ring_owner_info performer;
};

/*
 * Look at the journal at `path` from outside: read-only, safe on a live one. Of
 * the options only consumer, ring and open count; may be NULL. Errors: those
 * of ring_info(), NO_CONSUMER.
 */
int journal_inspect(const char *path, const struct journal_options *options,
		    struct journal_status *ret_status);

#ifdef __cplusplus
}
#endif

#endif
