#ifndef RING_RECORD_H
#define RING_RECORD_H

#include "ring/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Records of the stream: layout and checksum. FORMAT.md 4.2. */

enum {
	RECORD_HEADER_BYTES = 48,
	RECORD_COMMIT_BODY = 40, /* without the cookie */
	RECORD_COOKIE_MAX = 256,
	RECORD_COMMIT_MAX =
		RECORD_HEADER_BYTES + RECORD_COMMIT_BODY + RECORD_COOKIE_MAX,
};

enum record_kind { RECORD_ITEM = 1, RECORD_COMMIT = 2, RECORD_HOLE = 3 };

/* What a hole does to what was pushed before it. FORMAT.md 4.4. */
enum record_hole {
	HOLE_OPEN,    /* nothing: the next commit tells what is visible */
	HOLE_SETTLED, /* it is visible */
};

struct record {
	enum record_kind kind;
	uint16_t type;       /* item: the user's; hole: enum record_hole */
	uint32_t body_bytes; /* item: metadata + data; commit: 40 + cookie */
	uint32_t meta_bytes; /* commit: length of the cookie */
	uint64_t epoch;
	uint64_t sequence;
	uint64_t time_ns;  /* 0 in a hole */
	uint64_t hole_end; /* where the stream goes on; only in a hole */
};

/* What the body of a commit says. */
struct commit {
	uint64_t exposed;
	uint64_t exposed_sequence;
	uint64_t from;
	uint64_t durable;
	uint64_t batch;
};

/* Bytes from the start to the end of a record, with its padding. */
static inline uint64_t record_bytes(uint64_t body_bytes)
{
	return (RECORD_HEADER_BYTES + body_bytes + 7) & ~UINT64_C(7);
}

static inline uint64_t record_item_bytes(uint64_t payload_bytes)
{
	return record_bytes(payload_bytes);
}

static inline uint64_t record_commit_bytes(uint64_t cookie_bytes)
{
	return record_bytes(RECORD_COMMIT_BODY + cookie_bytes);
}

/*
 * Write the fields of *r to buf, without checksums and padding: enough for
 * record_decode() to find the way through a batch under construction.
 */
void record_frame(uint8_t *buf, const struct record *r);

/*
 * Write header and padding of *r to buf, around a body that is already at
 * buf + RECORD_HEADER_BYTES, with the checksums for `seed`.
 */
void record_seal(uint8_t *buf, const struct record *r, uint64_t seed);

/* Write the body of a commit, all but its cookie. */
void commit_encode(uint8_t *body, const struct commit *c);

void commit_decode(const uint8_t *body, struct commit *ret);

/*
 * Read a header without trusting it: whether kind, flags, type and lengths
 * are within FORMAT.md 6, (1) and (2). If not, *ret is undefined.
 */
bool record_decode(const uint8_t *buf, uint64_t max_item, struct record *ret);

/* Whether the header at buf is of `kind`, going by that and the flags alone.
 * Inline: the search behind the end asks it every 8 bytes. */
static inline bool record_looks_like(const uint8_t *buf, enum record_kind kind)
{
	enum { KIND_AND_FLAGS = 12 };

	return get_le16(buf + KIND_AND_FLAGS) == kind;
}

/* Whether the whole record at buf has the checksum it should. */
bool record_is_sealed(const uint8_t *buf, const struct record *r,
		      uint64_t seed);

/*
 * Whether the header alone is as it was written. Evidence of where a damaged
 * record ends; never a reason to believe anything else in it.
 */
bool record_header_is_intact(const uint8_t *buf, uint64_t seed);

/* The checksum as stored. */
uint64_t record_stored_checksum(const uint8_t *buf);

#endif
