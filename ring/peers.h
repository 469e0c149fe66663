#ifndef RING_PEERS_H
#define RING_PEERS_H

#include "ring/role.h"

/*
 * What the producer knows of the operator and the cursors, and what it
 * answers. It acts only on what is durable: rule R4.
 */

/* The durable part of what one of them said. */
struct peer {
	uint32_t role;
	uint64_t epoch;   /* of the newest slot seen: which pair to read */
	bool is_damaged;  /* its slot can't be read */
	bool is_provable; /* by a flush; else its marks must be sealed */
	bool is_attached;
	enum cursor_state state; /* 0: nothing durable is known yet */
	uint64_t incarnation;
	uint64_t position;
	uint64_t sequence;
	uint64_t request_id;
	bool wants_suspend;
	bool join_oldest;
	char name[RING_NAME_BYTES];
	struct cursor_slot seen; /* the newest slot read, durable or not */
	bool saw_more;           /* than is durable: a flush would help */
};

struct peers {
	struct volume *volume;
	unsigned count; /* 1 + cursor slots: [0] is the operator */
	struct peer list[SLOT_REPLIES];
	unsigned rotation; /* the next to be looked at in passing */
	struct role_reader readers[2];
	unsigned reading[2]; /* whom the readers look at; count: nobody */
};

int peers_init(struct peers *p, struct volume *v);
void peers_release(struct peers *p);

/*
 * Look in passing: add reads of peer `slowest` and of one other in rotation
 * to the batch of a commit; when it has completed (with its flush) take in
 * what they said. -errno.
 */
int peers_add_reads(struct peers *p, struct ring_io_batch *batch,
		    unsigned slowest);
void peers_take(struct peers *p);

/* Look at all. Flushes if that is what makes news durable, unless what is
 * visible is enough for this volume. -errno. */
int peers_poll(struct peers *p);

/* ---- answers: pure ------------------------------------------------------ */

/* What an answer depends on besides the peer itself. */
struct answer_context {
	const struct reply *replies; /* of all peers */
	const struct peer *peers;
	unsigned count;
	uint64_t end_position; /* a joiner's start: what is exposed */
	uint64_t end_sequence;
};

/*
 * The reply that peer i should have now, in *reply; it holds the present one.
 * Whether it changed. FORMAT.md 3.2.
 */
bool peer_answer(const struct answer_context *context, unsigned i,
		 struct reply *reply);

/* From where on space is held for counted cursor i. */
void peer_position(const struct peer *peer, const struct reply *reply,
		   uint64_t *ret_position, uint64_t *ret_sequence);

#endif
