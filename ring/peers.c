#include "ring/peers.h"

#include <string.h>

/* Pairs read to follow a peer: its own, and that of its next attach. */
enum { NEAR_PAIRS = 2 };

int peers_init(struct peers *p, struct volume *v)
{
	int rc;

	*p = (struct peers){
		.volume = v,
		.count = 1 + v->superblock.geometry.cursor_slots,
	};
	for (unsigned i = 0; i < p->count; i++)
		p->list[i].role = ROLE_OPERATOR + i;
	p->reading[0] = p->reading[1] = p->count;
	rc = role_reader_init(&p->readers[0], v);
	if (rc == 0)
		rc = role_reader_init(&p->readers[1], v);
	return rc;
}

void peers_release(struct peers *p)
{
	if (p->volume == NULL)
		return;
	role_reader_release(&p->readers[0], p->volume);
	role_reader_release(&p->readers[1], p->volume);
}

/* A free slot is nobody's, and what stands in it nobody's value. */
static void trace_seen(const struct peers *p, const struct cursor_slot *s)
{
	if (s->header.state == CURSOR_FREE)
		return;
	if (s->header.role >= ROLE_CURSOR_0)
		volume_trace(p->volume, RING_TRACE_CONSUMER, false, s->position,
			     s->name);
	volume_trace(p->volume, RING_TRACE_SUSPEND, false, s->wants_suspend,
		     s->name);
}

/* Take over what is durable of a slot: all of it, or what is sealed. */
static void take(struct peer *peer, bool all)
{
	const struct cursor_slot *s = &peer->seen;
	const uint64_t sealed = s->header.sealed_generation;

	if (all || s->state_generation <= sealed) {
		if (peer->incarnation != s->incarnation)
			peer->position = 0;
		peer->state = (enum cursor_state)s->header.state;
		peer->incarnation = s->incarnation;
		peer->join_oldest = s->join_oldest;
		memcpy(peer->name, s->name, sizeof(peer->name));
	}
	if (peer->incarnation != s->incarnation)
		return;
	if (all || s->request_generation <= sealed) {
		peer->request_id = s->request_id;
		peer->wants_suspend = s->wants_suspend;
	}
	if ((all ? s->position : s->sealed_position) >= peer->position) {
		peer->position = all ? s->position : s->sealed_position;
		peer->sequence = all ? s->sequence : s->sealed_sequence;
	}
}

static bool says_more(const struct peer *peer)
{
	const struct cursor_slot *s = &peer->seen;

	return peer->state != (enum cursor_state)s->header.state ||
	       peer->incarnation != s->incarnation ||
	       peer->request_id != s->request_id ||
	       peer->position < s->position;
}

/*
 * Decode what a reader holds of a peer, and take the sealed part. A slot that
 * can't be read keeps its last state: torn by a write under way, the next look
 * tells; damaged, its reply still holds its space.
 */
static void see(struct peers *p, unsigned i, const struct role_reader *reader,
		unsigned pairs)
{
	struct peer *peer = &p->list[i];
	struct role_found found;
	int rc = role_find(reader, p->volume, peer->role, peer->epoch, pairs,
			   &found);

	if (rc == 0)
		rc = role_decode_cursor(reader, p->volume, &found, &peer->seen);
	peer->is_damaged = rc < 0;
	peer->saw_more = false;
	if (rc < 0)
		return;
	peer->epoch = found.header.epoch;
	peer->is_provable = volume_flush_proves(p->volume, &peer->seen.header);
	peer->is_attached = peer->seen.header.owner.pid != 0;
	trace_seen(p, &peer->seen);
	take(peer, false);
	peer->saw_more = peer->is_provable && says_more(peer);
}

/* A flush that began after see() has completed. */
static void take_flushed(struct peer *peer)
{
	if (peer->saw_more)
		take(peer, true);
	peer->saw_more = false;
}

static int drop_stale(struct peers *p, unsigned i)
{
	return role_drop_stale(p->volume, p->list[i].role,
			       &p->list[i].seen.header);
}

int peers_add_reads(struct peers *p, struct ring_io_batch *batch,
		    unsigned slowest)
{
	p->rotation = (p->rotation + 1) % p->count;
	p->reading[0] = slowest;
	p->reading[1] = p->rotation == slowest ? p->count : p->rotation;
	for (unsigned k = 0; k < 2; k++) {
		const unsigned i = p->reading[k];
		int rc = i < p->count ? drop_stale(p, i) : 0;

		if (rc < 0)
			return rc;
		if (i < p->count)
			role_add_reads(&p->readers[k], p->volume, batch,
				       p->list[i].role, p->list[i].epoch,
				       NEAR_PAIRS);
	}
	return 0;
}

void peers_take(struct peers *p)
{
	for (unsigned k = 0; k < 2; k++) {
		const unsigned i = p->reading[k];

		if (i >= p->count)
			continue;
		see(p, i, &p->readers[k], NEAR_PAIRS);
		take_flushed(&p->list[i]);
	}
}

static int read_all_pairs(struct peers *p, unsigned i)
{
	struct ring_io_batch batch = { 0 };
	int rc = drop_stale(p, i);

	role_add_reads(&p->readers[0], p->volume, &batch, p->list[i].role,
		       p->list[i].epoch, ROLE_PAIRS);
	return rc < 0 ? rc : ring_io_run(p->volume->io, &batch);
}

int peers_poll(struct peers *p)
{
	bool flush = false;

	for (unsigned i = 0; i < p->count; i++) {
		int rc = read_all_pairs(p, i);

		if (rc < 0)
			return rc;
		see(p, i, &p->readers[0], ROLE_PAIRS);
		flush |= p->list[i].saw_more;
	}
	if (flush) {
		int rc = p->volume->skips_flush ? 0 : volume_flush(p->volume);

		if (rc < 0)
			return rc;
		for (unsigned i = 0; i < p->count; i++)
			take_flushed(&p->list[i]);
	}
	return 0;
}
