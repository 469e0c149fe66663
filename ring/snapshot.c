#include "ring/snapshot.h"

#include <errno.h>

enum { TRIES = 5 };

int snapshot_open(struct snapshot *s, const char *path,
		  const struct ring_options *options, bool read_only)
{
	int rc;

	*s = (struct snapshot){ 0 };
	rc = volume_open(&s->volume, path, options, read_only);
	if (rc < 0)
		return rc;
	s->count = 1 + s->volume.superblock.geometry.cursor_slots;
	rc = role_reader_init(&s->reader, &s->volume);
	if (rc == 0)
		rc = window_init(&s->window, &s->volume);
	if (rc < 0) {
		volume_fail(&s->volume, rc, NULL, "out of memory");
		snapshot_close(s);
	}
	return rc;
}

void snapshot_close(struct snapshot *s)
{
	window_release(&s->window);
	role_reader_release(&s->reader, &s->volume);
	volume_abandon(&s->volume);
}

int snapshot_read(struct snapshot *s)
{
	int rc = role_load_producer(&s->reader, &s->volume, &s->producer);

	for (unsigned i = 0; rc == 0 && i < s->count; i++) {
		rc = role_load_cursor(&s->reader, &s->volume, ROLE_OPERATOR + i,
				      &s->slots[i]);
		s->slot_is_valid[i] = rc == 0;
		if (rc == -RING_ERR_SLOT)
			rc = 0;
	}
	return rc;
}

struct chain_rules snapshot_rules(const struct snapshot *s)
{
	return (struct chain_rules){ &s->volume.superblock,
				     &s->producer.segments };
}

bool snapshot_position(const struct snapshot *s, unsigned i,
		       uint64_t *ret_position, uint64_t *ret_sequence)
{
	const struct reply *reply = &s->producer.replies[i];
	const struct cursor_slot *slot = &s->slots[i];

	if (reply->membership != MEMBER_JOINED)
		return false;
	*ret_position = reply->position;
	*ret_sequence = reply->sequence;
	if (s->slot_is_valid[i] && slot->incarnation == reply->incarnation &&
	    slot->position > reply->position) {
		*ret_position = slot->position;
		*ret_sequence = slot->sequence;
	}
	return true;
}

void snapshot_tail(const struct snapshot *s, uint64_t *ret_position,
		   uint64_t *ret_sequence)
{
	*ret_position = s->producer.checkpoint.position;
	*ret_sequence = s->producer.checkpoint.next_sequence;
	for (unsigned i = 1; i < s->count; i++) {
		uint64_t position, sequence;

		if (!snapshot_position(s, i, &position, &sequence) ||
		    position >= *ret_position)
			continue;
		*ret_position = position;
		*ret_sequence = sequence;
	}
}

void snapshot_boundaries(const struct snapshot *s, struct boundaries *ret)
{
	boundaries_from_producer(ret, &s->producer);
	for (unsigned i = 1; i < s->count; i++) {
		uint64_t position, sequence;

		if (snapshot_position(s, i, &position, &sequence))
			boundaries_add(ret,
				       (struct boundary){ position, sequence,
							  position, sequence });
	}
}

uint64_t snapshot_seen(const struct snapshot *s)
{
	uint64_t most = 0;

	for (unsigned i = 1; i < s->count; i++) {
		uint64_t position, sequence;

		if (snapshot_position(s, i, &position, &sequence) &&
		    position > most)
			most = position;
	}
	return most;
}

/* Up to here slots vouch for the stream: FORMAT.md 6. */
static uint64_t snapshot_mark(const struct snapshot *s)
{
	const uint64_t mark = s->producer.checkpoint.position;

	const uint64_t seen = snapshot_seen(s);

	return seen > mark ? seen : mark;
}

int snapshot_evidence(struct snapshot *s, const struct chain *c, uint64_t *ret)
{
	const struct chain_rules rules = snapshot_rules(s);
	uint64_t mark = snapshot_mark(s);
	int rc = 0;

	/* A commit is missing, but not where: what follows is its batch. */
	if (mark <= c->position &&
	    chain_falls_short(&rules, c, snapshot_seen(s)))
		mark = c->position + 8;
	*ret = 0;
	if (chain_reached(c) >= mark)
		rc = scan_behind(
			&s->window, &rules, c,
			s->checkpoint_is_lost
				? UINT64_MAX
				: scan_horizon(&s->volume.superblock.geometry,
					       &s->producer),
			ret);
	if (*ret < mark)
		*ret = mark;
	return rc;
}

/*
 * The end of a ring that somebody may be writing: a scan that fails below a
 * mark was overtaken, or there is damage. Time will tell.
 */
int snapshot_find_end(struct snapshot *s, struct scan_end *end)
{
	for (unsigned i = 0; i < TRIES; i++) {
		const struct chain_rules rules = snapshot_rules(s);
		uint64_t mark;
		int rc = snapshot_read(s);

		if (rc < 0)
			return rc;
		end->cookie = s->producer.cookie;
		window_reset(&s->window);
		rc = scan_to_end(&s->window, &rules, &s->producer.checkpoint,
				 end);
		if (rc < 0)
			return volume_fail(&s->volume, rc, NULL,
					   "cannot read: %s",
					   ring_strerror(rc));
		rc = snapshot_evidence(s, &end->chain, &mark);
		if (rc < 0 || chain_reached(&end->chain) >= mark)
			return rc;
	}
	return -RING_ERR_DAMAGED;
}
