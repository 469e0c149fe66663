#include "ring/cursors.h"

#include <string.h>

static const struct reply *reply_to(const struct cursor_slot *slot,
				    const struct producer_slot *producer)
{
	return &producer->replies[reply_index(slot->header.role)];
}

static bool is_member(const struct cursor_slot *slot, const struct reply *reply)
{
	return slot->header.state != CURSOR_FREE &&
	       reply->membership == MEMBER_JOINED &&
	       reply->incarnation == slot->incarnation;
}

bool cursor_is_member(const struct cursor_slot *slot,
		      const struct producer_slot *producer)
{
	return is_member(slot, reply_to(slot, producer));
}

bool cursor_is_free(const struct cursor_slot *slot,
		    const struct producer_slot *producer)
{
	const struct reply *reply = reply_to(slot, producer);

	if (reply->membership == MEMBER_JOINED)
		return false; /* it is counted, whatever the slot says */
	if (slot->header.state == CURSOR_FREE)
		return true;
	return reply->incarnation == slot->incarnation &&
	       (reply->membership == MEMBER_LEFT ||
		reply->membership == MEMBER_REFUSED);
}

int cursor_find(struct volume *v, struct role_reader *r, const char *name,
		uint32_t *ret_role)
{
	const uint32_t roles =
		ROLE_CURSOR_0 + v->superblock.geometry.cursor_slots;
	int failure = -RING_ERR_NO_CONSUMER;

	for (uint32_t role = ROLE_CURSOR_0; role < roles; role++) {
		struct cursor_slot slot;
		int rc = role_load_cursor(r, v, role, &slot);

		if (rc < 0 && rc != -RING_ERR_SLOT)
			return rc;
		if (rc < 0)
			failure = rc;
		else if (slot.header.state != CURSOR_FREE &&
			 strcmp(slot.name, name) == 0) {
			*ret_role = role;
			return 0;
		}
	}
	return volume_fail(v, failure, NULL, "consumer '%s': %s", name,
			   ring_strerror(failure));
}

bool cursor_suspends(const struct cursor_slot *slot, const struct reply *reply)
{
	const bool is_acked = slot->request_id == reply->acked_request;

	return slot->request_id != 0 && slot->wants_suspend == is_acked &&
	       (slot->header.role == ROLE_OPERATOR || is_member(slot, reply));
}

int cursors_suspend(struct volume *v, struct role_reader *r,
		    const struct producer_slot *producer, bool *ret_suspended)
{
	const uint32_t roles =
		ROLE_CURSOR_0 + v->superblock.geometry.cursor_slots;
	bool found = false;

	for (uint32_t role = ROLE_OPERATOR; role < roles; role++) {
		struct cursor_slot slot;
		int rc = role_load_cursor(r, v, role, &slot);

		if (rc < 0 && rc != -RING_ERR_SLOT)
			return rc;
		found |= rc == 0 &&
			 cursor_suspends(&slot, reply_to(&slot, producer));
	}
	*ret_suspended = found;
	return 0;
}
