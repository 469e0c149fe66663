#ifndef RING_PRODUCER_H
#define RING_PRODUCER_H

#include "ring/chain.h"
#include "ring/owner.h"
#include "ring/peers.h"
#include "ring/scan.h"
#include "ring/wait.h"

/*
 * The producer's handle, shared by its four files:
 *   producer.c         the public calls
 *   producer_attach.c  becoming the producer, recovery; and giving it up
 *   producer_commit.c  writing to the stream
 *   producer_look.c    its slot, and what it knows of the others
 */

enum { PRODUCER_BOUNDARIES = 64 };

/* Where a push ended. */
struct push_end {
	uint64_t position;
	uint64_t sequence;
};

/*
 * The batch under construction: the block that holds the ring's end, then
 * items, then the commit.
 */
struct stage {
	uint8_t *buf;
	size_t len;
	uint64_t start;   /* position of buf[0], a block boundary */
	size_t batch;     /* offset in buf where the batch starts */
	size_t used;      /* bytes of the batch so far */
	unsigned items;   /* claimed in it */
	size_t last_item; /* offset in buf of the last of them */
	unsigned sealed;  /* so many of them have their checksums ... */
	size_t sealed_to; /* ... up to this offset in buf */
	uint64_t time_ns; /* of the batch, once the first is sealed */
};

struct ring_producer {
	struct volume volume;
	struct role_reader reader; /* of the producer's own slots */
	struct role_writer writer;
	struct producer_slot slot; /* as it will be written next */
	struct peers peers;
	struct beat beat;
	struct waiter waiter;
	struct window window; /* for recovery and long walks */
	struct stage stage;
	int failed; /* the first fatal error; 0: alive */
	bool attached;
	bool sealing; /* a write of the slot is under way ... */
	struct ring_io_batch seal_batch; /* ... from here */

	/* The stream. */
	struct checkpoint now;       /* its position is the ring's end */
	uint64_t durable;            /* behind `now` only without durability */
	uint64_t checkpoints[2];     /* durable ones, by copy: rule R5; without
				  * durability the newest, twice */
	uint64_t told[SLOT_REPLIES]; /* positions in the last durable slot */
	uint64_t checkpoint_interval;
	uint64_t horizon; /* of the former owner: scan_horizon() */
	struct push_end boundaries[PRODUCER_BOUNDARIES]; /* newest last */
	unsigned boundary_count;
	bool suspended;
	uint64_t looked_ns; /* at the others, last; 0: a look is due */

	/* For wait(): cursors let go of space, or a suspension began or ended,
	 * since the caller last met FULL or SUSPENDED, or wait() told it. */
	uint64_t news;
	uint64_t news_seen;
};

/* ---- producer.c --------------------------------------------------------- */

void producer_fill_state(const struct ring_producer *p,
			 struct ring_producer_state *ret);

/* ---- producer_commit.c -------------------------------------------------- */

enum producer_commit_kind {
	PRODUCER_PUSH,
	PRODUCER_EXPOSE, /* up to .exposed */
	PRODUCER_DISCARD,
};

struct producer_intent {
	enum producer_commit_kind kind;
	uint64_t exposed; /* EXPOSE: RING_POSITION_NONE: all of it */
	uint64_t exposed_sequence;
	const struct ring_cookie *cookie;
};

/*
 * Close the staged batch with a commit, write it and flush. FULL, SUSPENDED:
 * nothing was written, the stage is as it was. FENCED or -errno: dead.
 */
int producer_commit(struct ring_producer *p,
		    const struct producer_intent *intent);

/* Put the stage at the ring's end, empty. */
void producer_stage_reset(struct ring_producer *p);

/*
 * Number, stamp and seal what is staged and not yet sealed. Nothing of it may
 * change after that. Best done while an item is still in the processor's cache.
 */
void producer_seal_stage(struct ring_producer *p);

/* ---- producer_look.c ---------------------------------------------------- */

/*
 * Look at all peers, answer, notice a take-over. Returns 0 also when the ring
 * turns out to be suspended.
 */
int producer_poll(struct ring_producer *p);

/* Whether anything may be written now: 0, SUSPENDED, or the fatal error. */
int producer_ready(struct ring_producer *p);

/* Write the slot with the present state as checkpoint; and flush, unless the
 * handle works without durability. */
int producer_checkpoint(struct ring_producer *p);

/* The same for what must outlive a power loss in any case: answers, the first
 * and the last word of an owner. Makes the stream durable before. */
int producer_checkpoint_durably(struct ring_producer *p);

/* Bring replies up to date; whether any changed. */
bool producer_answer(struct ring_producer *p);

/* Start writing the sealed mark if somebody needs it (R4). Never waits. */
int producer_seal(struct ring_producer *p, bool always);

/* Wait for a seal under way. */
int producer_settle(struct ring_producer *p);

/* What lies before may be written over: no cursor and no checkpoint holds it,
 * and a power loss brings no cursor back behind it that works without
 * durability. */
uint64_t producer_reusable(const struct ring_producer *p);

/* The handle is dead from now on. Returns the error to give. */
int producer_fail(struct ring_producer *p, int rc, const char *what);

/* The counted cursor that holds most space. */
struct slowest {
	unsigned index; /* of the peer; the number of peers: there is none */
	uint64_t position;
};
struct slowest producer_slowest_cursor(const struct ring_producer *p);

/* What the producer itself holds: the older of its two checkpoints (R5). */
uint64_t producer_least_checkpoint(const struct ring_producer *p);

/* Settle, then run a batch; an error is fatal, `what` says to what. */
int producer_run(struct ring_producer *p, struct ring_io_batch *batch,
		 const char *what);

/*
 * Append the slot, with the present state as checkpoint, to a batch; once
 * everything written is flushed, or just visible, tell.
 */
void producer_add_slot_write(struct ring_producer *p,
			     struct ring_io_batch *batch);
void producer_slot_is_flushed(struct ring_producer *p);
void producer_slot_is_visible(struct ring_producer *p);

/*
 * Whether the commit under construction should look at the others, too. Direct
 * reads cost a device as much as the write, and a commit that is not flushed
 * costs no more than reads: those look not more often than a poller would.
 */
bool producer_look_is_due(struct ring_producer *p);

/* Read where a newer epoch would stand; then: FENCED if there is one. */
void producer_add_fence_read(struct ring_producer *p, enum role_fence which,
			     struct ring_io_batch *batch);
int producer_check_fence(struct ring_producer *p);

/*
 * C6: everything that was written is flushed, so answers may be given. Then
 * what has changed is news for wait(): before the look that brought it, the
 * slowest cursor stood at `held`.
 */
int producer_answer_requests(struct ring_producer *p, uint64_t held);

#endif
