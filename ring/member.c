/*
 * Consumers that join and leave a live ring. The cursor asks in its slot, the
 * producer decides and answers, the cursor takes note (DESIGN.md, "Members").
 */
#include "ring/export.h"
#include "ring/session.h"
#include "ring/text.h"

#include <errno.h>
#include <string.h>

static int fault(const struct session *s, int rc, const char *name)
{
	return volume_fail(&s->volume, rc, NULL, "consumer '%s': %s", name,
			   ring_strerror(rc));
}

/* One change at a time on this host; the producer arbitrates between hosts. */
static int lock_membership(struct session *s)
{
	struct ring_io *io = s->volume.io;

	for (;;) {
		const int rc = io->ops->lock(io, LOCK_MEMBERSHIP);
		const uint64_t left =
			deadline_left_ns(&s->volume, &s->deadline);

		if (rc != -EAGAIN)
			return rc < 0 ? volume_fail(&s->volume, rc, NULL,
						    "cannot lock: %s",
						    ring_strerror(rc))
				      : 0;
		if (left == 0)
			return -RING_ERR_TIMEOUT;
		waiter_sleep(&s->waiter, left);
	}
}

/* What joining and leaving begin with. */
static int begin(struct session *s, const char *name)
{
	if (!name_is_valid(name))
		return volume_fail(&s->volume, -RING_ERR_NAME, NULL,
				   "bad consumer name: %s",
				   ring_strerror(RING_ERR_NAME));
	return lock_membership(s);
}

static bool is_answered(const struct session *s)
{
	return session_reply(s)->incarnation == s->slot.incarnation &&
	       session_reply(s)->membership != MEMBER_NONE;
}

static int set_state(struct session *s, enum cursor_state state)
{
	s->slot.header.state = state;
	s->slot.state_generation = s->writer.generation + 1;
	return session_store(s);
}

/* ---- joining ------------------------------------------------------------ */

static int find_free(struct session *s, uint32_t *ret_role)
{
	const uint32_t roles =
		ROLE_CURSOR_0 + s->volume.superblock.geometry.cursor_slots;

	for (uint32_t role = ROLE_CURSOR_0; role < roles; role++) {
		struct cursor_slot slot;
		int rc = role_load_cursor(&s->reader, &s->volume, role, &slot);

		if (rc < 0 && rc != -RING_ERR_SLOT)
			return rc;
		if (rc == 0 && cursor_is_free(&slot, &s->producer)) {
			*ret_role = role;
			return 0;
		}
	}
	return volume_fail(&s->volume, -RING_ERR_NO_SLOT, NULL,
			   "all %u cursor slots are taken: %s",
			   roles - ROLE_CURSOR_0,
			   ring_strerror(RING_ERR_NO_SLOT));
}

/* A slot of that name that asked before, or a free one. */
static int find_place(struct session *s, const char *name, uint32_t *ret_role)
{
	struct cursor_slot slot;
	int rc = cursor_find(&s->volume, &s->reader, name, ret_role);

	if (rc == 0)
		rc = role_load_cursor(&s->reader, &s->volume, *ret_role, &slot);
	else if (rc == -RING_ERR_NO_CONSUMER)
		return find_free(s, ret_role);
	if (rc < 0)
		return rc;
	if (cursor_is_free(&slot, &s->producer) ||
	    slot.header.state == CURSOR_JOINING)
		return 0;
	return fault(s, -RING_ERR_EXISTS, name);
}

static int ask_to_join(struct session *s, const char *name, enum ring_join at)
{
	struct cursor_slot *slot = &s->slot;
	const struct slot_header header = slot->header;
	int rc;

	if (slot->header.state == CURSOR_JOINING &&
	    strcmp(slot->name, name) == 0 &&
	    !cursor_is_free(slot, &s->producer))
		return session_store(s); /* it stands asked; was it sealed? */
	*slot = (struct cursor_slot){ .header = header,
				      .join_oldest = at == RING_JOIN_OLDEST };
	text_put(slot->name, sizeof(slot->name), name);
	role_clear_owner(&slot->header);
	rc = session_random(s, &slot->incarnation);
	return rc < 0 ? rc : set_state(s, CURSOR_JOINING);
}

static int take_answer(struct session *s, const char *name)
{
	int rc;

	if (session_reply(s)->membership != MEMBER_JOINED) {
		rc = set_state(s, CURSOR_FREE);
		return rc < 0 ? rc : fault(s, -RING_ERR_EXISTS, name);
	}
	s->slot.position = session_reply(s)->position;
	s->slot.sequence = session_reply(s)->sequence;
	return set_state(s, CURSOR_MEMBER);
}

RING_EXPORT int ring_member_add(const char *path, const char *name,
				enum ring_join at, int timeout_ms,
				const struct ring_options *options)
{
	const struct session_wait wait = { is_answered, true, path, options };
	struct session s;
	uint32_t role;
	int rc = session_open(&s, path, timeout_ms, options);

	if (rc < 0)
		return rc;
	rc = begin(&s, name);
	if (rc == 0)
		rc = find_place(&s, name, &role);
	if (rc == 0)
		rc = session_take(&s, role);
	if (rc == 0)
		rc = ask_to_join(&s, name, at);
	if (rc == 0)
		rc = session_wait(&s, &wait);
	if (rc == 0)
		rc = take_answer(&s, name);
	return session_close(&s, rc);
}

/* ---- leaving ------------------------------------------------------------ */

static bool is_last_member(const struct session *s)
{
	unsigned members = 0;

	for (unsigned i = 1; i < SLOT_REPLIES; i++)
		members += s->producer.replies[i].membership == MEMBER_JOINED;
	return members == 1 && cursor_is_member(&s->slot, &s->producer);
}

/* Left, or the others left first, so that this one must stay. */
static bool is_decided(const struct session *s)
{
	return session_reply(s)->membership != MEMBER_JOINED ||
	       is_last_member(s);
}

static int leave(struct session *s, const char *name,
		 const struct session_wait *wait)
{
	int rc;

	if (is_last_member(s))
		return fault(s, -RING_ERR_LAST_CONSUMER, name);
	role_clear_owner(&s->slot.header);
	if (!cursor_is_member(&s->slot, &s->producer))
		return set_state(s, CURSOR_FREE); /* it never joined */
	rc = s->slot.header.state != CURSOR_LEAVING
		     ? set_state(s, CURSOR_LEAVING)
		     : session_store(s); /* asked before; was it sealed? */
	if (rc == 0)
		rc = session_wait(s, wait);
	if (rc < 0)
		return rc;
	if (session_reply(s)->membership != MEMBER_JOINED)
		return set_state(s, CURSOR_FREE);
	rc = set_state(s, CURSOR_MEMBER);
	return rc < 0 ? rc : fault(s, -RING_ERR_LAST_CONSUMER, name);
}

RING_EXPORT int ring_member_remove(const char *path, const char *name,
				   int timeout_ms,
				   const struct ring_options *options)
{
	const struct session_wait wait = { is_decided, true, path, options };
	struct session s;
	uint32_t role;
	int rc = session_open(&s, path, timeout_ms, options);

	if (rc < 0)
		return rc;
	rc = begin(&s, name);
	if (rc == 0)
		rc = cursor_find(&s.volume, &s.reader, name, &role);
	if (rc == 0)
		rc = session_take(&s, role);
	if (rc == 0)
		rc = leave(&s, name, &wait);
	return session_close(&s, rc);
}
