#ifndef RING_SCAN_H
#define RING_SCAN_H

#include "ring/chain.h"
#include "ring/window.h"

/* Walking records: the chain's rules over a window's bytes. */

/*
 * Look at the record at c->position, reading as needed. Never CHAIN_MORE.
 * Changes *c by nothing: chain_accept() steps on. 0, or the error of a read.
 * The record's bytes are at window_at(w, c->position) until the next call.
 */
int scan_look(struct window *w, const struct chain_rules *rules,
	      const struct chain *c, struct chain_step *ret_step);

/* Likewise, of what is in memory. False: more would have to be read. */
bool scan_resident(const struct window *w, const struct chain_rules *rules,
		   const struct chain *c, struct chain_step *ret_step);

/* What recovery needs to know of the end of the ring. */
struct scan_end {
	struct chain chain;    /* at the end of the last valid commit */
	struct cookie cookie;  /* the last one met, or as given */
	uint64_t behind;       /* scan_behind()'s, if the caller asks it */
	uint64_t bad_position; /* where the walk stopped, and why */
	enum chain_reason reason;
};

/*
 * Walk from a checkpoint to the end of the ring. *end's cookie is kept if no
 * commit brings one. 0, or the error of a read.
 */
int scan_to_end(struct window *w, const struct chain_rules *rules,
		const struct checkpoint *from, struct scan_end *end);

/*
 * A commit somewhere behind the end of *c may claim, by its durable mark, that
 * what the walk found bad had been flushed: then it is damaged, and not the end
 * (R1). *ret is the greatest such mark; 0: there is none. `horizon`
 * is how far to look. 0, or the error of a read.
 */
int scan_behind(struct window *w, const struct chain_rules *rules,
		const struct chain *c, uint64_t horizon, uint64_t *ret);

/*
 * How far the ring can have gone since the checkpoint of this slot. 0: not at
 * all, for its writer has said good-bye.
 */
uint64_t scan_horizon(const struct geometry *g,
		      const struct producer_slot *slot);

/* The state of a chain at the end of its last commit, as a checkpoint. */
struct checkpoint scan_checkpoint(const struct chain *c);

#endif
