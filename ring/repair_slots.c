/*
 * Slots of which both copies of a pair are damaged. A crash can't do that, and
 * what was lost may have been the newest. Whether it was, the pair tells: the
 * epoch after the newest one left would stand in the next pair. What only that
 * slot knew is rebuilt: a cursor's from the producer's reply, the producer's
 * from the cursors and the stream.
 */
#include "ring/repair.h"

#include "ring/bytes.h"

#include <errno.h>
#include <stdio.h>

/* What is left of one role. */
struct remains {
	uint32_t role;
	bool pair_is_lost[ROLE_PAIRS];
	bool is_damaged;  /* any of them */
	bool lost_newest; /* maybe */
	uint64_t epoch;   /* the newest one left; 0: none */
	struct role_found found;
};

static void examine(struct repair *r, struct remains *m)
{
	struct snapshot *s = &r->snapshot;
	const struct volume *v = &s->volume;

	m->is_damaged =
		m->found.pair_is_damaged || m->found.copy == ROLE_COPIES;
	for (unsigned q = 0; q < ROLE_PAIRS; q++)
		m->pair_is_lost[q] =
			!role_copy_is_valid(&s->reader, v, m->role, 2 * q) &&
			!role_copy_is_valid(&s->reader, v, m->role, 2 * q + 1);
	m->epoch = m->found.copy == ROLE_COPIES ? 0 : m->found.header.epoch;
	m->lost_newest = m->found.copy == ROLE_COPIES ||
			 m->pair_is_lost[(m->epoch + 1) % ROLE_PAIRS];
}

/* Read a role; what is left of it goes to the snapshot. */
static int load(struct repair *r, uint32_t role, struct remains *m)
{
	struct snapshot *s = &r->snapshot;
	int rc = role_read(&s->reader, &s->volume, role, &m->found);

	m->role = role;
	if (rc < 0 && rc != -RING_ERR_SLOT)
		return rc;
	examine(r, m);
	if (m->found.copy == ROLE_COPIES)
		return 0;
	if (role == ROLE_PRODUCER)
		return role_decode_producer(&s->reader, &s->volume, &m->found,
					    &s->producer);
	m->found.header.role = role;
	return role_decode_cursor(&s->reader, &s->volume, &m->found,
				  &s->slots[reply_index(role)]);
}

/* ---- writing ------------------------------------------------------------ */

static int put_copy(struct repair *r, struct slot_header *h, unsigned copy,
		    uint64_t epoch, uint64_t generation)
{
	struct volume *v = &r->snapshot.volume;
	const struct geometry *g = &v->superblock.geometry;
	const uint64_t offset = geometry_slot_offset(g, h->role, copy);
	const size_t len = round_up(slot_bytes(h->role), g->block_bytes);
	uint8_t *buf = volume_alloc(v, len);
	int rc;

	if (buf == NULL)
		return -ENOMEM;
	h->epoch = epoch;
	h->generation = h->sealed_generation = generation;
	/* A slot begins with its header. */
	if (h->role == ROLE_PRODUCER)
		producer_slot_encode((void *)h, volume_seed(v, offset), buf);
	else
		cursor_slot_encode((void *)h, volume_seed(v, offset), buf);
	rc = repair_write(r, offset, buf, len);
	volume_release(v, buf, len);
	return rc;
}

static int put_pair(struct repair *r, struct slot_header *h, unsigned pair,
		    uint64_t epoch, uint64_t generation)
{
	int rc = put_copy(r, h, 2 * pair, epoch, generation);

	return rc != 0 ? rc : put_copy(r, h, 2 * pair + 1, epoch, generation);
}

/* A pair that says nothing, as one that was never used. */
static int put_spare_pair(struct repair *r, uint32_t role, unsigned pair)
{
	const uint64_t first = geometry_first_position(
		&r->snapshot.volume.superblock.geometry);
	struct producer_slot producer = {
		.header = { .role = role, .state = PRODUCER_DETACHED },
		.checkpoint = { .position = first, .exposed = first },
	};
	struct cursor_slot cursor = {
		.header = { .role = role, .state = CURSOR_FREE },
	};

	segments_init(&producer.segments, 0, first);
	return put_pair(
		r, role == ROLE_PRODUCER ? &producer.header : &cursor.header,
		pair, 0, 0);
}

/* The slot as rebuilt, unless `epoch` is 0; then what else is lost. */
static int put_slot(struct repair *r, const struct remains *m,
		    struct slot_header *h, uint64_t epoch)
{
	int rc = 0;

	if (epoch != 0)
		rc = put_pair(r, h, epoch % ROLE_PAIRS, epoch,
			      h->generation + 1);
	for (unsigned q = 0; rc == 0 && q < ROLE_PAIRS; q++)
		if (m->pair_is_lost[q] &&
		    (epoch == 0 || q != epoch % ROLE_PAIRS))
			rc = put_spare_pair(r, m->role, q);
	return rc;
}

static struct ring_repair_step step_of(const struct repair *r, uint32_t role)
{
	const struct geometry *g = &r->snapshot.volume.superblock.geometry;

	return (struct ring_repair_step){
		.what = RING_REPAIR_SLOT,
		.is_possible = true,
		.offset_bytes = geometry_slot_offset(g, role, 0),
		.length_bytes = ROLE_COPIES * geometry_slot_stride(g),
	};
}

/* Above every epoch that may have been begun. */
static uint64_t next_epoch(const struct remains *m, uint64_t seen)
{
	return (m->epoch > seen ? m->epoch : seen) + 2;
}

/* ---- cursors and the operator ------------------------------------------- */

static void rebuild_member(struct cursor_slot *slot, const struct reply *reply,
			   unsigned i)
{
	if (slot->incarnation != reply->incarnation) {
		const struct slot_header header = slot->header;

		*slot = (struct cursor_slot){ .header = header };
		snprintf(slot->name, sizeof(slot->name), "repaired-%u", i - 1);
		slot->incarnation = reply->incarnation;
	}
	slot->header.state = CURSOR_MEMBER;
	if (slot->position < reply->position) {
		slot->position = reply->position;
		slot->sequence = reply->sequence;
	}
}

/* `reply` is NULL if the producer's slot is lost, too: keep what is left. */
static void rebuild_cursor(struct cursor_slot *slot, const struct reply *reply,
			   unsigned i)
{
	if (i == 0)
		slot->header.state = CURSOR_MEMBER;
	else if (reply != NULL && reply->membership == MEMBER_JOINED)
		rebuild_member(slot, reply, i);
	else if (reply != NULL)
		*slot = (struct cursor_slot){
			.header = { .generation = slot->header.generation,
				    .state = CURSOR_FREE }
		};
	slot->header.role = ROLE_OPERATOR + i;
	role_clear_owner(&slot->header);
	slot->sealed_position = slot->position;
	slot->sealed_sequence = slot->sequence;
	slot->request_generation = slot->state_generation = 0;
	/* A request that was answered and is lost asks for nothing now. */
	if (reply != NULL && slot->request_id != reply->acked_request) {
		slot->request_id = reply->acked_request;
		slot->wants_suspend = false;
	}
}

static int repair_cursor(struct repair *r, unsigned i, const struct remains *m,
			 bool producer_is_known)
{
	struct snapshot *s = &r->snapshot;
	struct cursor_slot *slot = &s->slots[i];
	struct ring_repair_step step = step_of(r, m->role);
	const bool is_known = m->found.copy != ROLE_COPIES;
	int rc;

	s->slot_is_valid[i] = true;
	if (!m->is_damaged)
		return 0;
	if (m->lost_newest)
		rebuild_cursor(
			slot,
			producer_is_known ? &s->producer.replies[i] : NULL, i);
	step.position = slot->position;
	if (!m->lost_newest)
		rc = repair_tell(
			r, &step,
			"%s: spare copies of its slot are written anew",
			i == 0 ? "the operator" : slot->name);
	else if (i == 0)
		rc = repair_tell(r, &step,
				 "the operator's slot is written anew; a "
				 "suspension by it is over");
	else
		rc = repair_tell(
			r, &step,
			"cursor slot %u is written anew: %s '%s'%s, at the "
			"position that the producer saw last: items after it "
			"may be given again",
			i - 1,
			slot->header.state == CURSOR_MEMBER ? "consumer"
							    : "free",
			slot->name, is_known ? "" : " (the name is lost)");
	return rc != 0 ? rc
		       : put_slot(r, m, &slot->header,
				  m->lost_newest ? next_epoch(m, 0) : 0);
}

/* ---- the producer ------------------------------------------------------- */

/* Any epoch, anywhere: "never decreasing" is all that is left of the rule. */
static void allow_all_epochs(struct segments *seg, const struct geometry *g)
{
	segments_init(seg, INT64_MAX - 1, geometry_first_position(g));
	seg->list[0].first_epoch = 0;
	seg->epoch_start = INT64_MAX - 1;
}

static void rebuild_reply(const struct cursor_slot *slot, struct reply *reply)
{
	const bool same = slot->incarnation == reply->incarnation;
	const uint32_t state = slot->header.state;

	if (state == CURSOR_MEMBER || state == CURSOR_ATTACHED) {
		const uint64_t least = same ? reply->position : 0;

		*reply = (struct reply){
			.incarnation = slot->incarnation,
			.acked_request = same ? reply->acked_request : 0,
			.position = reply->position,
			.sequence = reply->sequence,
			.membership = MEMBER_JOINED,
		};
		if (slot->position >= least) {
			reply->position = slot->position;
			reply->sequence = slot->sequence;
		}
	} else if (state == CURSOR_LEAVING) {
		/* It may have been let go, and its space used since. */
		*reply = (struct reply){ .incarnation = slot->incarnation,
					 .membership = MEMBER_LEFT };
	} else if (state == CURSOR_FREE) {
		*reply = (struct reply){ 0 };
	}
}

static bool has_members(const struct snapshot *s)
{
	for (unsigned i = 1; i < s->count; i++)
		if (s->producer.replies[i].membership == MEMBER_JOINED)
			return true;
	return false;
}

/* The slowest cursor stands where all that follows is still there. */
static void start_at_tail(struct snapshot *s)
{
	uint64_t position, sequence;

	s->producer.checkpoint.position = INT64_MAX - 1;
	snapshot_tail(s, &position, &sequence);
	s->producer.checkpoint = (struct checkpoint){
		.position = position,
		.exposed = position,
		.exposed_sequence = sequence,
		.next_sequence = sequence,
	};
}

static int rebuild_producer(struct repair *r, const struct remains *m,
			    uint64_t *ret_epoch)
{
	struct snapshot *s = &r->snapshot;
	const struct geometry *g = &s->volume.superblock.geometry;
	struct producer_slot *slot = &s->producer;
	struct scan_end end = { .cookie = slot->cookie };
	int rc;

	slot->header.role = ROLE_PRODUCER;
	slot->header.state = PRODUCER_DETACHED;
	slot->header.is_closed = false; /* until the end is found */
	role_clear_owner(&slot->header);
	for (unsigned i = 1; i < s->count; i++)
		rebuild_reply(&s->slots[i], &slot->replies[i]);
	if (!has_members(s))
		return -RING_ERR_SLOT;
	start_at_tail(s);
	allow_all_epochs(&slot->segments, g);
	s->checkpoint_is_lost = true;
	rc = repair_find_end(r, &end);
	s->checkpoint_is_lost = false;
	if (rc < 0)
		return rc;
	*ret_epoch = next_epoch(m, end.chain.epoch);
	slot->header.is_closed = true;
	slot->checkpoint = scan_checkpoint(&end.chain);
	slot->cookie = end.cookie;
	slot->segments.list[0].last_epoch = *ret_epoch;
	slot->segments.epoch_start = slot->checkpoint.position;
	return 0;
}

static int repair_producer(struct repair *r, const struct remains *m)
{
	struct snapshot *s = &r->snapshot;
	struct ring_repair_step step = step_of(r, ROLE_PRODUCER);
	uint64_t epoch = 0;
	int rc = 0;

	if (!m->is_damaged)
		return 0;
	if (m->lost_newest)
		rc = rebuild_producer(r, m, &epoch);
	if (rc == -RING_ERR_SLOT || rc == -RING_ERR_DAMAGED) {
		step.is_possible = false;
		(void)repair_tell(
			r, &step, "the producer's slot can't be rebuilt: %s",
			rc == -RING_ERR_SLOT
				? "no consumer's position is left"
				: "the stream is damaged too, and only to be "
				  "passed when told to skip or truncate");
		return rc;
	}
	if (rc != 0)
		return rc;
	step.position = s->producer.checkpoint.position;
	rc = m->lost_newest
		     ? repair_tell(r, &step,
				   "the producer's slot is written anew: the "
				   "stream ends at %llu",
				   (unsigned long long)step.position)
		     : repair_tell(r, &step,
				   "the producer: spare copies of its slot are "
				   "written anew");
	return rc != 0 ? rc : put_slot(r, m, &s->producer.header, epoch);
}

/* ---- all of them -------------------------------------------------------- */

int repair_slots(struct repair *r)
{
	struct snapshot *s = &r->snapshot;
	struct remains producer = { 0 };
	int rc = load(r, ROLE_PRODUCER, &producer);

	/* The producer's last word on the cursors, then theirs on the stream. */
	for (unsigned i = 0; rc == 0 && i < s->count; i++) {
		struct remains m = { 0 };

		rc = load(r, ROLE_OPERATOR + i, &m);
		if (rc == 0)
			rc = repair_cursor(r, i, &m,
					   producer.found.copy != ROLE_COPIES);
	}
	return rc != 0 ? rc : repair_producer(r, &producer);
}
