#ifndef RING_CURSORS_H
#define RING_CURSORS_H

#include "ring/role.h"

/* Cursor slots by name and state. */

/* Whether the producer counts this cursor in its present incarnation. */
bool cursor_is_member(const struct cursor_slot *slot,
		      const struct producer_slot *producer);

/*
 * Whether this slot, or the operator's, holds the ring suspended: from the
 * acknowledgement of its suspend until that of its resume. Requests alternate,
 * and none is made while another is not acknowledged; so the slot need not be
 * proven durable: one that is acknowledged was, and one that asks for the
 * resume of a suspension only says that this stands.
 */
bool cursor_suspends(const struct cursor_slot *slot, const struct reply *reply);

/* Whether a new cursor may have this slot. */
bool cursor_is_free(const struct cursor_slot *slot,
		    const struct producer_slot *producer);

/*
 * The role of the cursor of that name, joining and leaving ones included.
 * NO_CONSUMER, -errno. Slots that can't be read are passed over; if the name
 * is not found and there were some, it is SLOT.
 */
int cursor_find(struct volume *v, struct role_reader *r, const char *name,
		uint32_t *ret_role);

/*
 * Whether the ring is suspended, by whomever: reads all slots. Slots that
 * can't be read are passed over. -errno.
 */
int cursors_suspend(struct volume *v, struct role_reader *r,
		    const struct producer_slot *producer, bool *ret_suspended);

#endif
