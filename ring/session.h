#ifndef RING_SESSION_H
#define RING_SESSION_H

#include "ring/cursors.h"
#include "ring/owner.h"
#include "ring/wait.h"

/*
 * A short visit to one cursor slot, or the operator's: change it, and wait
 * for the producer's answer. For members that come and go, and for operators.
 */
struct session {
	struct volume volume;
	struct role_reader reader;
	struct role_writer writer;
	struct waiter waiter;
	struct cursor_slot slot;
	struct producer_slot producer;
	struct deadline deadline;
	bool has_role;
};

/* Locks beside those of the roles. */
enum { LOCK_MEMBERSHIP = 1 << 20 };

int session_open(struct session *s, const char *path, int timeout_ms,
		 const struct ring_options *options);

/* Give everything back; an io that the caller brought stays the caller's.
 * Returns rc, the result of the visit. */
int session_close(struct session *s, int rc);

/* Take the role, read its slot, and begin a new epoch of it. */
int session_take(struct session *s, uint32_t role);

/* Write the slot, flush, and write the seal. */
int session_store(struct session *s);

/* A random id that is not 0. */
int session_random(struct session *s, uint64_t *ret_id);

/*
 * Wait until is_answered says so, of a durable slot of the producer. With
 * as_producer, and nobody attached, take its role for a moment: that answers.
 * TIMEOUT.
 */
struct session_wait {
	bool (*is_answered)(const struct session *s);
	bool as_producer;
	const char *path;
	const struct ring_options *options;
};
int session_wait(struct session *s, const struct session_wait *wait);

static inline const struct reply *session_reply(const struct session *s)
{
	return &s->producer.replies[reply_index(s->slot.header.role)];
}

#endif
