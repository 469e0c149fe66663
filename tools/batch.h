#ifndef TOOLS_BATCH_H
#define TOOLS_BATCH_H

#include "ring/ring.h"
#include "tools/framing.h"

/* What of the ring's shape bounds a batch. */
struct batch_limits {
	uint64_t items;
	uint64_t bytes; /* as stored, without the commit */
};

/* The limits of a ring, and of at most `items` items. */
struct batch_limits batch_limits_of(const struct ring_info *info,
				    uint64_t items);

/* Frames gathered from a reader, still in its buffer. */
struct batch {
	struct batch_limits limits;
	struct frame *frames;
	struct ring_entry *entries;
	size_t count;
	uint64_t stored_bytes;
	bool full; /* another frame did not fit */
};

/* 0, or -ENOMEM. */
int batch_init(struct batch *batch, struct batch_limits limits);
void batch_release(struct batch *batch);

/*
 * Take frames until the batch is full (then FRAME_OK) or the reader gives no
 * more (then its reason, about *ret_frame).
 */
enum frame_result batch_gather(struct batch *batch, struct frame_reader *reader,
			       struct frame *ret_frame);

/* The entries to publish; valid until the reader reads or drops. */
const struct ring_entry *batch_entries(struct batch *batch,
				       const struct frame_reader *reader);

void batch_clear(struct batch *batch);

#endif
