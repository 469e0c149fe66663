#ifndef RING_CHAIN_H
#define RING_CHAIN_H

#include "ring/record.h"
#include "ring/slot.h"
#include "ring/superblock.h"

/*
 * The rules by which a record continues the stream: values in, verdict out,
 * no I/O. FORMAT.md 6. Everything that reads records (recovery, consumers,
 * the checker, dump) asks here.
 */

/* What the rules depend on; outlives the chain. */
struct chain_rules {
	const struct superblock *superblock;
	const struct segments *segments;
};

struct chain {
	uint64_t position; /* where the next record starts */
	uint64_t next_sequence;
	uint64_t epoch;   /* greatest so far */
	uint64_t batch;   /* where the batch under way starts ... */
	bool knows_batch; /* ... exactly, not just at or before */
	bool knows_exposed;
	uint64_t exposed;
	uint64_t exposed_sequence;
	uint64_t durable;      /* greatest mark of a commit reached */
	uint64_t end;          /* of the last commit reached, or the start */
	uint64_t end_sequence; /* next_sequence there */
	uint64_t end_time_ns;  /* of that commit; 0: not known */
};

enum chain_verdict {
	CHAIN_MORE, /* more bytes are needed: see chain_step.bytes */
	CHAIN_BAD,  /* not a continuation; see chain_step.reason */
	CHAIN_HOLE, /* a repair left out what was damaged here */
	CHAIN_ITEM,
	CHAIN_PUSH, /* a commit that exposes nothing */
	CHAIN_EXPOSE,
	CHAIN_DISCARD,
};

enum chain_reason {
	CHAIN_REASON_NONE,
	CHAIN_REASON_HEADER, /* no record header */
	CHAIN_REASON_LENGTH, /* longer than a batch may be */
	CHAIN_REASON_CHECKSUM,
	CHAIN_REASON_EPOCH,
	CHAIN_REASON_SEQUENCE,
	CHAIN_REASON_COMMIT, /* contradicts what came before it */
	CHAIN_REASON_HOLE,   /* likewise */
};

struct chain_step {
	enum chain_verdict verdict;
	enum chain_reason reason;
	struct record record; /* unless MORE or reason HEADER */
	struct commit commit; /* only of a commit */
	uint64_t bytes; /* of the record; MORE: needed at least; 0 if unknown */
	bool header_is_intact; /* reason CHECKSUM: only the body is damaged */
	uint64_t next; /* where the following record starts; unless BAD, MORE */
};

/* Start at a checkpoint. */
void chain_from_checkpoint(struct chain *c, const struct checkpoint *at);

/* Start at a cursor's position. */
void chain_from_cursor(struct chain *c, uint64_t position, uint64_t sequence);

/* Bytes at a chain's position. */
struct chain_bytes {
	const uint8_t *buf;
	uint64_t len;
	uint64_t checked; /* the first of them passed here before, and are the
			   * same in memory: their checksums need no look */
};

/* Look at the bytes at c->position. Changes nothing but *ret_step. */
void chain_look(const struct chain_rules *rules, const struct chain *c,
		const struct chain_bytes *at, struct chain_step *ret_step);

/* Step over what chain_look() found to be a hole, an item or a commit. */
void chain_accept(struct chain *c, const struct chain_step *step);

/*
 * How far the stream is known to be whole: a durable mark beyond it says that
 * what follows is damaged, and not the end. FORMAT.md 6.
 */
uint64_t chain_reached(const struct chain *c);

/*
 * A cursor stands at `seen`: so it was visible up to there. Whether the stream
 * as far as it was walked does not show that, and so lacks a commit.
 */
bool chain_falls_short(const struct chain_rules *rules, const struct chain *c,
		       uint64_t seen);

/* Whether the stream may end behind what was just stepped over. */
bool chain_step_is_end(const struct chain_step *step);

/* The cookie of the commit at buf. */
void chain_cookie(const uint8_t *buf, const struct chain_step *step,
		  struct cookie *ret);

const char *chain_reason_text(enum chain_reason reason);

#endif
