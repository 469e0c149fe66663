#include "ring/peers.h"

#include <string.h>

/* The handshakes, as decisions on values: rule R12 in DESIGN.md. */

static bool is_known(const struct peer *peer, const struct reply *reply)
{
	return peer->state != 0 && peer->incarnation == reply->incarnation;
}

void peer_position(const struct peer *peer, const struct reply *reply,
		   uint64_t *ret_position, uint64_t *ret_sequence)
{
	const bool counts = is_known(peer, reply) &&
			    peer->state >= CURSOR_MEMBER &&
			    peer->position > reply->position;

	*ret_position = counts ? peer->position : reply->position;
	*ret_sequence = counts ? peer->sequence : reply->sequence;
}

static bool name_is_taken(const struct answer_context *c, unsigned i)
{
	for (unsigned k = 1; k < c->count; k++)
		if (k != i && c->replies[k].membership == MEMBER_JOINED &&
		    is_known(&c->peers[k], &c->replies[k]) &&
		    memcmp(c->peers[k].name, c->peers[i].name,
			   RING_NAME_BYTES) == 0)
			return true;
	return false;
}

static unsigned members(const struct answer_context *c)
{
	unsigned n = 0;

	for (unsigned k = 1; k < c->count; k++)
		n += c->replies[k].membership == MEMBER_JOINED;
	return n;
}

/* The oldest position that any member holds; else what is exposed. */
static void oldest(const struct answer_context *c, struct reply *reply)
{
	bool found = false;

	for (unsigned k = 1; k < c->count; k++) {
		uint64_t position, sequence;

		if (c->replies[k].membership != MEMBER_JOINED)
			continue;
		peer_position(&c->peers[k], &c->replies[k], &position,
			      &sequence);
		if (found && position >= reply->position)
			continue;
		found = true;
		reply->position = position;
		reply->sequence = sequence;
	}
}

static bool answer_joining(const struct answer_context *c, unsigned i,
			   struct reply *reply)
{
	const struct peer *peer = &c->peers[i];

	if (reply->incarnation == peer->incarnation &&
	    reply->membership != MEMBER_NONE)
		return false;
	*reply = (struct reply){ .incarnation = peer->incarnation,
				 .membership = MEMBER_REFUSED };
	if (name_is_taken(c, i))
		return true;
	reply->membership = MEMBER_JOINED;
	reply->position = c->end_position;
	reply->sequence = c->end_sequence;
	if (peer->join_oldest)
		oldest(c, reply);
	return true;
}

static bool answer_leaving(const struct answer_context *c, unsigned i,
			   struct reply *reply)
{
	if (reply->incarnation != c->peers[i].incarnation ||
	    reply->membership != MEMBER_JOINED)
		return false;
	if (members(c) < 2)
		return false; /* the last one stays: the asker sees that */
	reply->membership = MEMBER_LEFT;
	return true;
}

bool peer_answer(const struct answer_context *context, unsigned i,
		 struct reply *reply)
{
	const struct peer *peer = &context->peers[i];
	bool changed = false;

	if (peer->state == 0)
		return false;
	if (i > 0 && peer->state == CURSOR_JOINING)
		changed = answer_joining(context, i, reply);
	/* One that gave up joining just when it was answered is free. */
	if (i > 0 &&
	    (peer->state == CURSOR_LEAVING || peer->state == CURSOR_FREE))
		changed = answer_leaving(context, i, reply);
	if (peer->request_id != 0 && peer->request_id != reply->acked_request &&
	    (i == 0 || reply->incarnation == peer->incarnation)) {
		reply->acked_request = peer->request_id;
		changed = true;
	}
	return changed;
}
