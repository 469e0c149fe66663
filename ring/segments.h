#ifndef RING_SEGMENTS_H
#define RING_SEGMENTS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Which epoch's records are valid where. FORMAT.md 4.3. A leftover of an
 * earlier attach, or a write that a fenced producer had on its way, carries
 * the wrong epoch for its place and is not taken for a record.
 */

enum { SEGMENTS_MAX = 24 };

struct segment {
	uint64_t start;
	uint64_t end; /* 0: open (the last one) */
	uint64_t first_epoch;
	uint64_t last_epoch;
};

struct segments {
	unsigned count; /* at least 1 */
	struct segment list[SEGMENTS_MAX];
	uint64_t epoch_start; /* of the last epoch of the open segment */
};

/* A new ring: all of the stream belongs to `epoch`. */
void segments_init(struct segments *s, uint64_t epoch, uint64_t start);

/* Whether what a device says is in order. FORMAT.md 3.1. */
bool segments_are_valid(const struct segments *s);

/* Whether a record at `position` may have `epoch`. */
bool segments_allow(const struct segments *s, uint64_t position,
		    uint64_t epoch);

/* An epoch that is valid at `position`: `epoch`, if it is. */
uint64_t segments_epoch_at(const struct segments *s, uint64_t position,
			   uint64_t epoch);

/* `position`, or where the stream goes on if it lies in a gap. */
uint64_t segments_skip_gap(const struct segments *s, uint64_t position);

/* An attach: `epoch` writes from `start` on; the ring ended at `end`. */
struct segments_turn {
	uint64_t epoch;
	uint64_t end;
	uint64_t start; /* `end`, or beyond it after a take-over */
	uint64_t tail;  /* nobody reads below */
};

/*
 * Close the open segment and begin the next. If the table is full, segments
 * without a gap between them merge; -RING_ERR_TAKEOVERS if there are none
 * (*s is unchanged then). A turn without a gap always succeeds.
 */
int segments_begin(struct segments *s, const struct segments_turn *turn);

#endif
