#ifndef RING_OWNER_H
#define RING_OWNER_H

#include "ring/role.h"

/*
 * Who may have a role: a lock decides within one boot of one host, the owner
 * record and its heartbeat between hosts. DESIGN.md, "Ownership"; G7.
 */

/* What the record says, seen by one who holds the lock. */
enum owner_verdict {
	OWNER_NONE,     /* nobody, or a dead process of this boot */
	OWNER_REBOOTED, /* this host in another boot, or a clone of it */
	OWNER_OTHER_HOST,
};

/* Pure: the record against who asks. */
enum owner_verdict owner_judge(const struct slot_header *h,
			       const struct ring_identity *self);

/* How a role was got. */
struct owner_claim {
	bool from_other_host;      /* its writes may still be on their way */
	bool needs_confirmation;   /* the last owner was of another host, so
				  * another of that host may attach just now */
	struct slot_header judged; /* the newest slot, when it was judged */
};

/*
 * Get a role for this volume: take its lock, and if the owner record names
 * another host or boot, watch its heartbeat for two intervals. Then make what
 * the slots say durable and see to it that later reads come from storage.
 * OWNED, OTHER_HOST (no takeover option), ALIVE, SLOT, -errno; fills the
 * fault. On failure the lock is given back.
 */
int owner_claim(struct volume *v, struct role_reader *r, uint32_t role,
		struct owner_claim *ret_claim);

/*
 * The slot from which the new epoch is to go on, as loaded after the claim: it
 * must be the one that was judged. ALIVE; fills the fault.
 */
int owner_recheck(const struct volume *v, const struct slot_header *h,
		  const struct owner_claim *claim);

/*
 * After the first write of the new epoch was flushed: is the role ours? Two
 * hosts may have judged the same slot at the same moment; so where that is
 * possible wait one interval, then look who stands there. 0, FENCED, -errno.
 */
int owner_confirm(struct volume *v, struct role_reader *r,
		  const struct role_writer *w, const struct owner_claim *claim);

/* ---- heartbeat ---------------------------------------------------------- */

/* Keeps the counter of one role going. */
struct beat {
	struct volume *volume;
	uint32_t role;
	uint64_t epoch;
	uint64_t counter;
	uint64_t last_ns; /* monotonic */
	uint64_t interval_ns;
	uint8_t *buf;
	size_t len;
	struct beat_thread *thread; /* NULL: ordinary calls beat */
};

/* Start with a first beat, and the thread if the options ask for it. */
int beat_start(struct beat *b, struct volume *v, uint32_t role, uint64_t epoch);

/* Beat if the interval has passed. Cheap; call it from every operation. */
int beat_tick(struct beat *b);

/* Nanoseconds until the next tick is due. */
uint64_t beat_due_ns(const struct beat *b);

/* Stop the thread, release. Nothing to stop is fine. */
void beat_stop(struct beat *b);

/* Read a role's counter; 0 if it never beat or its block is damaged. */
int beat_read(struct volume *v, uint32_t role, uint64_t *ret_counter);

#endif
