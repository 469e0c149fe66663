#ifndef RING_SNAPSHOT_H
#define RING_SNAPSHOT_H

#include "ring/cursors.h"
#include "ring/resume.h"

/*
 * The ring seen from outside: read-only, no role, others may be writing. For
 * info, walk, check and erase.
 */
struct snapshot {
	struct volume volume;
	struct role_reader reader;
	struct window window;
	struct producer_slot producer;
	struct cursor_slot slots[SLOT_REPLIES]; /* [0]: the operator */
	bool slot_is_valid[SLOT_REPLIES];
	unsigned count;
	bool checkpoint_is_lost; /* how far the ring may go on is not known */
};

/* Open without reading any slot. */
int snapshot_open(struct snapshot *s, const char *path,
		  const struct ring_options *options, bool read_only);
void snapshot_close(struct snapshot *s);

/*
 * Read all slots, the producer's first: what the cursors say later is only
 * newer. Cursor slots that can't be read are marked so. SLOT for the
 * producer's; -errno.
 */
int snapshot_read(struct snapshot *s);

struct chain_rules snapshot_rules(const struct snapshot *s);

/* The position that holds space for cursor i (1...), if it is counted. */
bool snapshot_position(const struct snapshot *s, unsigned i,
		       uint64_t *ret_position, uint64_t *ret_sequence);

/* The oldest position held, by a cursor; the checkpoints not counted. */
void snapshot_tail(const struct snapshot *s, uint64_t *ret_position,
		   uint64_t *ret_sequence);

/* Where records start for sure: the checkpoint, and what cursors said. */
void snapshot_boundaries(const struct snapshot *s, struct boundaries *ret);

/* As far as any cursor has got: it was visible up to there. */
uint64_t snapshot_seen(const struct snapshot *s);

/*
 * The walk of *c met a record that is not valid. Up to where anything vouches
 * for the stream: slots, commits reached, and commits behind it. The stream is
 * damaged if that is beyond chain_reached(). 0, or the error of a read.
 */
int snapshot_evidence(struct snapshot *s, const struct chain *c, uint64_t *ret);

/*
 * Walk from the checkpoint to the end, as a producer does that attaches; reads
 * the slots anew. DAMAGED, without a fault: *end says how far it got. -errno.
 */
int snapshot_find_end(struct snapshot *s, struct scan_end *end);

#endif
