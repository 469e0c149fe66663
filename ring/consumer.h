#ifndef RING_CONSUMER_H
#define RING_CONSUMER_H

#include "ring/chain.h"
#include "ring/owner.h"
#include "ring/resume.h"
#include "ring/scan.h"
#include "ring/wait.h"

/*
 * A consumer's handle, shared by its files:
 *   consumer.c         the public calls
 *   consumer_attach.c  becoming a consumer, and giving it up
 *   consumer_proof.c   what may be believed of what was read
 *   consumer_ahead.c   the walk to what makes more visible; damage
 *   consumer_read.c    stepping through what is visible
 *
 * Reading uses two chains over one window. `reader` stands before the next
 * item. When what follows is not known to be visible, a second chain walks
 * ahead to the commit that exposes it; only when that commit is proven to be
 * durable may `reader` go on, up to `visible`. A handle that delivers on sight
 * goes on without proof, and remembers what is `unproven`.
 */
struct ring_consumer {
	struct volume volume;
	struct role_reader reader_own, reader_producer;
	struct role_writer writer;
	struct cursor_slot slot;       /* as it will be written next */
	struct producer_slot producer; /* as last seen */
	struct beat beat;
	struct waiter waiter;
	struct window window;
	int failed; /* the first fatal error; 0: alive */
	bool attached;
	bool acked;   /* the last request, durably */
	bool sealing; /* a write of the slot is under way ... */
	struct ring_io_batch seal_batch; /* ... from here */

	struct chain reader;
	struct chain before_item; /* where reader stood before the last item */
	uint64_t last_item;       /* its position; 0: none */
	uint64_t visible;         /* items below may be delivered */
	struct chain unproven;    /* behind the last commit that made items
				   * visible on sight; .end 0: all is proven */
	uint64_t shown;           /* greatest `visible` on sight */
	uint64_t gone;            /* positions up to here, given on sight, mean
				   * nothing behind records ... */
	uint64_t gone_epoch;      /* ... of a greater epoch than this ... */
	uint64_t given_again;     /* ... but for those up to here */
	uint64_t farthest;        /* greatest `visible` that is proven */
	uint64_t farthest_sequence;
	uint64_t marked;       /* everything below is durable for good */
	uint64_t evidence;     /* a bad record below is damage */
	uint64_t seen;         /* as far as any cursor is known to have got */
	uint64_t vetted_loads; /* window loads before the last slot read */
	uint64_t forgotten;    /* how often what was read was forgotten */
	bool looked_behind;    /* all evidence there is was sought, once */
	uint64_t empty_until;  /* no items from the cursor to here */
	uint64_t empty_from;   /* no items from here to the cursor: a caller
				* may still stand here */
};

static inline struct chain_rules consumer_rules(const struct ring_consumer *c)
{
	return (struct chain_rules){ &c->volume.superblock,
				     &c->producer.segments };
}

/* Whether `value` is more than the mark was; then it is the mark. */
static inline bool raise_mark(uint64_t *mark, uint64_t value)
{
	if (value <= *mark)
		return false;
	*mark = value;
	return true;
}

/* ---- consumer_proof.c --------------------------------------------------- */

/*
 * Read the producer's slot, and the fence: a take-over or removal ends the
 * handle, a new epoch of the producer forgets what was read.
 */
int consumer_refresh(struct ring_consumer *c);

/* D4: EMPTY if what was read must be read anew. */
int consumer_vet(struct ring_consumer *c);

/*
 * Whether what the last commit of *ahead made visible may be delivered: it is
 * proven, or to be seen is enough. 0, EMPTY, REMOVED, FENCED, -errno. Then
 * that is what is visible.
 */
int consumer_admit(struct ring_consumer *c, const struct chain *ahead);
void consumer_note_visible(struct ring_consumer *c, const struct chain *ahead);

/*
 * Prove what the reader went past on sight, before the cursor moves there.
 * EMPTY: it can't be proved yet, or is gone.
 */
int consumer_prove(struct ring_consumer *c);

/* Whether this handle leaves out flushes: it was told to, and goes through one
 * page cache with the producer. */
bool consumer_skips_flush(const struct ring_consumer *c);

/* ---- consumer_ahead.c --------------------------------------------------- */

/* Make more visible. 0: progress was made; EMPTY: there is nothing yet. */
int consumer_extend_visible(struct ring_consumer *c);

/*
 * The record at at->position is not valid in memory. 0 if it is by now, in
 * *step; EMPTY: it is the end; DAMAGED.
 */
int consumer_look_again(struct ring_consumer *c, const struct chain *at,
			struct chain_step *step);

/* What the option on_damage makes of it: a hole to step over, or DAMAGED. */
int consumer_pass_damage(struct ring_consumer *c, const struct chain *at,
			 const struct chain_step *step, struct resumption *ret);

/* Tell the user's callback that the reader steps over a hole. */
void consumer_tell_loss(struct ring_consumer *c, const struct chain *at,
			const struct chain_step *hole, bool is_repaired);

/* ---- consumer_read.c ---------------------------------------------------- */

/* Stand before the first item at or after the cursor's position. */
void consumer_rewind(struct ring_consumer *c);

/*
 * Stand at `position`, a boundary between the cursor and the end of what is
 * visible. RELEASED, BOUNDARY, FUTURE, and the errors of consumer_next().
 */
int consumer_seek(struct ring_consumer *c, uint64_t position);

/* The next item. EMPTY, DAMAGED, REMOVED, FENCED, -errno; BOUNDARY, FUTURE: the
 * reader stood on sight where nothing starts any more. */
int consumer_next(struct ring_consumer *c, struct ring_item *ret_item);

/* Step back before the item that consumer_next() just gave. */
void consumer_unread(struct ring_consumer *c);

/* ---- consumer.c --------------------------------------------------------- */

/* Write the slot, durably, and what was only visible before it. */
int consumer_store(struct ring_consumer *c);

int consumer_seal(struct ring_consumer *c, bool always);
int consumer_settle(struct ring_consumer *c);

/* The handle is dead from now on. Returns the error to give. */
int consumer_fail(struct ring_consumer *c, int rc, const char *what);

void consumer_fill_state(const struct ring_consumer *c,
			 struct ring_consumer_state *ret);

#endif
