#ifndef JOURNAL_STATE_H
#define JOURNAL_STATE_H

#include "journal/journal.h"
#include "journal/plan.h"
#include "journal/skip.h"
#include "ring/export.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

/*
 * What is behind struct journal. Who may touch what:
 *
 *	fixed at start        everybody
 *	under the lock        who holds `lock`
 *	the producer          who made `is_led` true, until it is false again
 *	the consumer          the thread that performs
 */

enum {
	JOURNAL_NS_PER_MS = 1000000,
	JOURNAL_ALIGN = 16, /* for any type */
};

/*
 * One call of push, on the stack of its caller; who leads carries it out. It is
 * touched under the journal's lock while it is queued. When it is done it gets
 * one last wake-up, through a lock of its own: those who are set free together
 * meet nobody on their way out.
 */
enum push_state { PUSH_QUEUED, PUSH_FLYING, PUSH_DONE };

struct push {
	const struct journal_op *ops;
	size_t count;
	uint64_t stored_bytes; /* on the ring, at most */
	uint64_t op_bytes;
	uint64_t give_up_ns; /* while the ring takes nothing */
	bool has_urged;      /* a replay, for the room it makes */
	enum push_state state;
	int rc;
	struct journal_waiter waiter;
	struct push *next;

	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool is_woken; /* under its lock: look again */
	bool is_free;  /* under its lock: done, and nobody knows it any more */
};

/* Wakes one thread that sleeps in poll(). */
struct bell {
	int fd;
	bool is_awaited; /* under the lock: somebody goes to sleep */
};

struct journal {
	/* Fixed at start. */
	struct journal_options options;
	char path[PATH_MAX];
	const struct ring_system *system;
	journal_perform_fn *perform;
	void *ctx;
	uint64_t max_item_bytes;
	uint64_t group_bytes;   /* of operations in one publish */
	uint64_t filling_bytes; /* what may wait before that is filling */
	pthread_t performer;
	pthread_t keeper;
	bool has_performer, has_keeper; /* threads to join */

	/* Under the lock. */
	pthread_mutex_t lock;
	pthread_condattr_t monotonic; /* of all conditions: their clock */
	pthread_cond_t changed;       /* performed, failed, left */
	pthread_cond_t keeper_wake; /* failed, or somebody waits to see more */
	struct push *first, *last;  /* queued and flying, in order */
	atomic_size_t queued;       /* how many those are; read by any */
	size_t crowd; /* ... and were when the last publish was done */
	bool is_led;
	int starved;    /* why the ring takes nothing: FULL, SUSPENDED; or 0 */
	int failed;     /* the first error that ended the journal */
	bool is_ending; /* somebody shuts it down */
	bool has_ended; /* ... and has done so */
	unsigned callers;     /* threads that wait within a call */
	unsigned watchers;    /* of them, those that watch another process */
	bool is_performing;   /* a callback runs ... */
	pthread_t calls_from; /* ... in this thread */
	struct situation now; /* of the performing side */
	uint64_t end_number;  /* of the next operation to be pushed */
	uint64_t end;         /* of what is pushed: a position */
	uint64_t next_number; /* of the next operation to be performed */
	uint64_t done;        /* performed up to here: a position */
	struct journal_stats stats;
	struct bell pusher_bell;
	struct bell performer_bell;

	/* The leader's. */
	struct ring_producer *p;
	struct ring_fault p_fault;

	/* The performing thread's. */
	struct ring_consumer *c;
	struct ring_fault c_fault;
	struct journal_op *ops; /* in hand, batch_ops of them at most */
	uint64_t *nexts;        /* the position after each */
	size_t count;
	uint8_t *bytes; /* theirs */
	size_t bytes_size, bytes_used;
	uint64_t round_end; /* what was there when the batch was begun */
	unsigned failures;  /* of operation number `failing` */
	uint64_t failing;
	uint64_t lost_until;  /* a position: damage up to there was told */
	uint32_t empty_looks; /* in a row, though something is there */
	struct skips skips;
};

/* ---- threads and time (wait.c) ------------------------------------------ */

uint64_t journal_now_ns(const struct journal *j);

/* The time that many milliseconds from now. */
uint64_t journal_after_ms(const struct journal *j, uint64_t ms);

/* 0, or -errno. */
int bell_init(struct bell *b);
void bell_release(struct bell *b);

/* Wake who sleeps there. With the lock. */
void bell_ring(struct bell *b);

/* Sleep until the bell rings, ring_fd is readable (-1: none) or it is that
 * time; or less. Without the lock; is_awaited was set under it. */
void journal_nap(struct journal *j, struct bell *b, int ring_fd,
		 uint64_t until_ns);

/* Sleep on a condition until that time, or less. `lock` is held, and free
 * meanwhile. */
void journal_await(struct journal *j, pthread_cond_t *cond,
		   pthread_mutex_t *lock, uint64_t until_ns);

/* Whether the caller is within perform or on_poison. With the lock. */
bool journal_is_callback(const struct journal *j);

/* ---- the end (end.c) ---------------------------------------------------- */

/* The journal fails with `rc`; wakes everybody. `fault` may be NULL. Only the
 * first failure counts. With the lock. */
void journal_fail(struct journal *j, int rc, const struct ring_fault *fault);

/* A thread may wait within a call: the journal does not go away meanwhile.
 * With the lock. */
void journal_enter_call(struct journal *j);
void journal_leave_call(struct journal *j);

/* ---- pushing (push.c, group.c) ------------------------------------------ */

/* Make a push look again; `frees` it for good. */
void push_wake(struct push *r, bool frees);

/* Pass the producer on to who is queued. With the lock. */
void journal_resign(struct journal *j);

/*
 * Publish pushes from the head of the queue, `limit` of them at most, and
 * finish them, or the first alone if only that is wrong. 0; FULL, SUSPENDED:
 * they are queued as before. With the lock, which is free meanwhile; the caller
 * leads.
 */
int journal_publish_group(struct journal *j, size_t limit);

/* ---- performing (perform.c) --------------------------------------------- */

/* Something to perform may have come. With the lock. */
void journal_note_pending(struct journal *j);

/* Perform a batch of what is there. */
void journal_perform_some(struct journal *j);

/* A ring_loss_fn with a journal as ctx: remember it, and tell the user. */
void journal_note_loss(void *ctx, const struct ring_loss *loss);

/* Learn what another process has pushed. */
void journal_look(struct journal *j);

/* ---- turns: what the threads do again and again (turn.c) ----------------- */

/* The performing side does what is to be done now. What is next. */
struct plan journal_turn(struct journal *j);

/* The pushing side looks after its producer: requests, heartbeat, what another
 * process has performed. Nothing if somebody leads. */
void journal_keep(struct journal *j);

/* 0, or -errno. */
int journal_start_threads(struct journal *j);
void journal_join_threads(struct journal *j);

/* ---- opening (open.c) --------------------------------------------------- */

/* journal_start() without its threads: tests take the turns. */
int journal_open(const char *path, const struct journal_options *options,
		 journal_perform_fn *perform, void *ctx,
		 struct journal **ret_journal);

/* Give the roles back: the first error. */
int journal_give_back(struct journal *j);

/* Options for one more look at the ring; their io is the caller's to close. */
int journal_ring_options(const struct journal_options *options,
			 struct ring_fault *fault, struct ring_options *ret);

/* How much may wait before that is becoming full: see struct situation. */
uint64_t journal_filling_bytes(const struct ring_info *info);

/* 0 if storage holds nothing at all; OCCUPIED; -ENOENT; another error. */
int journal_is_blank(const char *path, const struct ring_options *options);

#endif
