#ifndef RING_REPAIR_H
#define RING_REPAIR_H

#include "ring/snapshot.h"

/*
 * Making a damaged ring one that can be used again, shared by:
 *   repair.c         the call: who may, superblocks, how bytes are changed
 *   repair_slots.c   slots of which both copies of a pair are damaged
 *   repair_stream.c  holes over damaged records
 * Each plans on what is in memory as if it were on the device, so that a plan
 * and its execution are the same walk.
 */
struct repair {
	struct snapshot snapshot;
	const struct ring_repair_options *how;
	ring_repair_fn *fn; /* may be NULL */
	void *ctx;
	int steps; /* that are possible */
};

/* Tell one step, before it is done. Its fields but `text` are given. */
int repair_tell(struct repair *r, const struct ring_repair_step *step,
		const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Bring [offset, offset + len), whole blocks, to hold `bytes`, durably: saved
 * before by the caller's function. Nothing while only planning.
 */
int repair_write(struct repair *r, uint64_t offset, void *bytes, size_t len);

/* Fill the snapshot from the slots, and rebuild those that can't be read. */
int repair_slots(struct repair *r);

/* Put holes over what is damaged, as the option on_damage says. */
int repair_stream(struct repair *r);

/*
 * Walk to the end of the ring in memory, over damage unless on_damage is
 * STOP. DAMAGED if that met some; the end is told all the same.
 */
int repair_find_end(struct repair *r, struct scan_end *end);

#endif
