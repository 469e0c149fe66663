#ifndef RING_RESUME_H
#define RING_RESUME_H

#include "ring/scan.h"

/*
 * Where the stream goes on behind a damaged record, and what that costs.
 * For the consumer that skips damage and for repair. FORMAT.md 4.4; DESIGN.md,
 * "Damage".
 */

/* A place where a record starts for sure, as a slot tells. */
struct boundary {
	uint64_t position;
	uint64_t sequence; /* of the next item there */
	uint64_t exposed;  /* this much was visible there, at least */
	uint64_t exposed_sequence;
};

enum { BOUNDARIES_MAX = 2 + 2 * SLOT_REPLIES };

struct boundaries {
	unsigned count;
	struct boundary list[BOUNDARIES_MAX];
};

/* Ignored at 0, which is no position. */
void boundaries_add(struct boundaries *b, struct boundary boundary);

/* The checkpoint, and what the replies say of the cursors. */
void boundaries_from_producer(struct boundaries *b,
			      const struct producer_slot *producer);

/*
 * The chain, knowing also what slots say was visible before its position: a
 * cursor may stand there, and must not come to stand in a hole.
 */
struct chain resume_chain(const struct chain *before,
			  const struct boundaries *known);

/* What to leave out. */
struct resumption {
	uint64_t start;     /* at the damage, or before it: what was pending
			     * can't be told from what was discarded */
	uint64_t sequence;  /* expected at `start` */
	struct record hole; /* as FORMAT.md 4.4 has it */
};

/* How much to leave out. */
enum resume_how {
	RESUME_NEAREST,  /* the least that gets to valid records again */
	RESUME_FARTHEST, /* everything up to the last place that is known */
};

/*
 * The record at before->position was found bad below the mark `evidence`: *step
 * says how. Reads by the window. 0; DAMAGED: there is no place to go on within
 * a lap, as only slots that contradict each other have it; the error of a read.
 */
int resume_find(struct window *w, const struct chain_rules *rules,
		const struct chain *before, const struct chain_step *step,
		const struct boundaries *known, uint64_t evidence,
		enum resume_how how, struct resumption *ret);

/*
 * An epoch for a hole at `position`: *epoch is the greatest so far, behind it;
 * a record that still stands there, and is pending, may have a lesser one.
 * DAMAGED: none is valid there. The error of a read.
 */
int resume_epoch(struct window *w, const struct chain_rules *rules,
		 uint64_t position, uint64_t *epoch);

/* The step over a hole, as if it were on the device. */
struct chain_step resume_step(const struct chain_rules *rules,
			      const struct record *hole);

#endif
