#ifndef RING_SLOT_H
#define RING_SLOT_H

#include "ring/geometry.h"
#include "ring/ring.h"
#include "ring/segments.h"

/* What each role says of itself on the device. FORMAT.md 3. */

enum {
	SLOT_PRODUCER_BYTES = 4096,
	SLOT_CURSOR_BYTES = 512,
	SLOT_BYTES_MAX = SLOT_PRODUCER_BYTES,
	SLOT_REPLIES = 1 + RING_CURSORS_MAX,
	HEARTBEAT_BYTES = 48,
};

/* The header that all slots share. */
struct slot_header {
	uint32_t role;
	uint64_t epoch;
	uint64_t generation;
	uint64_t sealed_generation;
	uint32_t state;
	bool buffered;
	bool owes_gap;    /* producer: a take-over is not finished */
	bool is_closed;   /* producer: nothing lies behind the checkpoint */
	bool skips_flush; /* the owner works without durability */
	bool is_volatile; /* what this copy claims was not flushed: it counts
			   * in the boot that wrote it, and nowhere else */
	uint64_t time_ns;
	struct ring_identity owner; /* pid 0: none */
	char client[RING_NAME_BYTES];
};

enum producer_state {
	PRODUCER_DETACHED = 1,
	PRODUCER_RECOVERING = 2,
	PRODUCER_ATTACHED = 3,
};

enum membership {
	MEMBER_NONE = 0,
	MEMBER_JOINED = 1,
	MEMBER_LEFT = 2,
	MEMBER_REFUSED = 3,
};

struct reply {
	uint64_t incarnation;
	uint64_t acked_request;
	uint64_t position; /* space is held from here on */
	uint64_t sequence;
	enum membership membership;
};

/* What a chain of records has come to at some position. FORMAT.md 6. */
struct checkpoint {
	uint64_t position;
	uint64_t exposed;
	uint64_t exposed_sequence;
	uint64_t next_sequence;
	uint64_t time_ns; /* of the commit that ends there; 0: none yet */
};

struct cookie {
	uint32_t len_bytes;
	uint8_t bytes[RING_COMMIT_COOKIE_MAX];
};

struct producer_slot {
	struct slot_header header;
	struct segments segments;
	struct checkpoint checkpoint;
	struct cookie cookie;
	struct reply replies[SLOT_REPLIES]; /* [0] operator, [1 + i] cursor i */
};

enum cursor_state {
	CURSOR_FREE = 1,
	CURSOR_JOINING = 2,
	CURSOR_MEMBER = 3,
	CURSOR_ATTACHED = 4,
	CURSOR_LEAVING = 5,
};

struct cursor_slot {
	struct slot_header header;
	char name[RING_NAME_BYTES];
	uint64_t incarnation;
	uint64_t position;
	uint64_t sequence;
	uint64_t sealed_position;
	uint64_t sealed_sequence;
	uint64_t request_id;
	bool wants_suspend;
	bool join_oldest;
	uint64_t request_generation;
	uint64_t state_generation;
	struct cookie cookie; /* at most RING_CURSOR_COOKIE_MAX */
};

struct heartbeat {
	uint32_t role;
	uint64_t epoch;
	uint64_t counter;
	uint64_t time_ns;
};

/* Bytes of a role's slot. */
static inline uint32_t slot_bytes(uint32_t role)
{
	return role == ROLE_PRODUCER ? SLOT_PRODUCER_BYTES : SLOT_CURSOR_BYTES;
}

/* The index of a role's reply. */
static inline unsigned reply_index(uint32_t role)
{
	return role - ROLE_OPERATOR;
}

/* The codecs' `seed` is checksum_seed(uuid, offset of the copy). */
void producer_slot_encode(const struct producer_slot *s, uint64_t seed,
			  uint8_t buf[SLOT_PRODUCER_BYTES]);
void cursor_slot_encode(const struct cursor_slot *s, uint64_t seed,
			uint8_t buf[SLOT_CURSOR_BYTES]);
void heartbeat_encode(const struct heartbeat *h, uint64_t seed,
		      uint8_t buf[HEARTBEAT_BYTES]);

/* 0, or -RING_ERR_SLOT; *ret is written only on success. */
int producer_slot_decode(const uint8_t buf[SLOT_PRODUCER_BYTES], uint64_t seed,
			 struct producer_slot *ret);
int cursor_slot_decode(const uint8_t buf[SLOT_CURSOR_BYTES], uint64_t seed,
		       uint32_t role, struct cursor_slot *ret);
int heartbeat_decode(const uint8_t buf[HEARTBEAT_BYTES], uint64_t seed,
		     struct heartbeat *ret);

/*
 * Look only at a slot's header: for fencing, where the rest does not matter.
 * Verifies magic, role and checksum. 0, or -RING_ERR_SLOT.
 */
int slot_header_decode(const uint8_t *buf, uint64_t seed, uint32_t role,
		       struct slot_header *ret);

#endif
