#include "tests/crash/branches.h"

#include "ring/owner.h"
#include "ring/snapshot.h"

#include <string.h>

struct look {
	struct snapshot snapshot;
	struct census *census;
};

static void met(struct look *l, enum crash_branch branch, bool is_so)
{
	l->census->branches[branch] += is_so;
}

static void count_slot(struct look *l, const struct role_found *found)
{
	const struct slot_header *h = &found->header;
	const struct ring_identity *self = &l->snapshot.volume.self;
	const enum owner_verdict owner = owner_judge(h, self);

	met(l, BRANCH_DETACHED, h->state == PRODUCER_DETACHED);
	met(l, BRANCH_RECOVERING, h->state == PRODUCER_RECOVERING);
	met(l, BRANCH_ATTACHED, h->state == PRODUCER_ATTACHED);
	met(l, BRANCH_TORN, found->invalid > 0);
	met(l, BRANCH_SECOND_COPY, found->copy % 2 == 1);
	met(l, BRANCH_OWNER_NONE, h->owner.pid == 0);
	met(l, BRANCH_OWNER_HERE, h->owner.pid != 0 && owner == OWNER_NONE);
	met(l, BRANCH_OWNER_BOOT, owner == OWNER_REBOOTED);
	met(l, BRANCH_OWNER_OTHER, owner == OWNER_OTHER_HOST);
	met(l, BRANCH_OWES_GAP, h->owes_gap);
}

static void count_segments(struct look *l)
{
	const struct segments *s = &l->snapshot.producer.segments;
	bool gap = false;

	for (unsigned i = 0; i + 1 < s->count; i++)
		gap |= s->list[i].end < s->list[i + 1].start;
	met(l, BRANCH_SEGMENTS, s->count > 1);
	met(l, BRANCH_GAP, gap);
	met(l, BRANCH_TABLE_FULL, s->count == SEGMENTS_MAX);
}

static void count_end(struct look *l, const struct scan_end *end)
{
	const struct checkpoint *from = &l->snapshot.producer.checkpoint;
	const uint64_t lap = l->snapshot.volume.superblock.geometry.data_bytes;
	const struct chain *c = &end->chain;

	met(l, BRANCH_AT_CHECKPOINT, c->end == from->position);
	met(l, BRANCH_BEHIND, c->end > from->position);
	met(l, BRANCH_WRAPS, c->end / lap != from->position / lap);
	met(l, BRANCH_PENDING, c->end_sequence != c->exposed_sequence);
	met(l, BRANCH_ITEMS_LEFT, end->bad_position > c->end);
	met(l, BRANCH_END_HEADER, end->reason == CHAIN_REASON_HEADER);
	met(l, BRANCH_END_LENGTH, end->reason == CHAIN_REASON_LENGTH);
	met(l, BRANCH_END_CHECKSUM, end->reason == CHAIN_REASON_CHECKSUM);
	met(l, BRANCH_END_EPOCH, end->reason == CHAIN_REASON_EPOCH);
}

static void count_cursor(struct look *l, unsigned i)
{
	const struct cursor_slot *slot = &l->snapshot.slots[i];
	const struct reply *reply = &l->snapshot.producer.replies[i];
	const bool acked = slot->request_id == reply->acked_request;

	if (!l->snapshot.slot_is_valid[i])
		return;
	met(l, BRANCH_CURSOR_AHEAD, slot->position > reply->position);
	met(l, BRANCH_CURSOR_AT_REPLY, slot->position == reply->position);
	met(l, BRANCH_UNSEALED, slot->position != slot->sealed_position);
	met(l, BRANCH_UNANSWERED, !acked);
	met(l, BRANCH_SUSPENDED,
	    slot->request_id != 0 && acked == slot->wants_suspend);
}

static int count_cursors(struct look *l)
{
	struct snapshot *s = &l->snapshot;
	int rc = 0;

	for (unsigned i = 1; i < s->count && rc == 0; i++) {
		struct role_found found;

		rc = role_read(&s->reader, &s->volume, ROLE_OPERATOR + i,
			       &found);
		met(l, BRANCH_CURSOR_TORN, rc == 0 && found.invalid > 0);
		count_cursor(l, i);
	}
	return rc;
}

static int count_all(struct look *l)
{
	struct snapshot *s = &l->snapshot;
	struct scan_end end = { 0 };
	struct role_found found;
	int rc = role_read(&s->reader, &s->volume, ROLE_PRODUCER, &found);

	if (rc == 0)
		rc = snapshot_read(s);
	if (rc == 0) {
		const struct chain_rules rules = snapshot_rules(s);

		count_slot(l, &found);
		count_segments(l);
		rc = scan_to_end(&s->window, &rules, &s->producer.checkpoint,
				 &end);
	}
	if (rc == 0) {
		count_end(l, &end);
		rc = count_cursors(l);
	}
	return rc;
}

void branches_count(struct sim_disk *d, unsigned host,
		    const struct fake_system *system, struct census *c)
{
	struct ring_options o = { .io = sim_disk_open_on(d, host, d->buffered),
				  .system = &system->system };
	static struct look l; /* large */

	l.census = c;
	/* What can't be read is the judge's business. */
	if (snapshot_open(&l.snapshot, "sim", &o, true) == 0) {
		(void)count_all(&l);
		snapshot_close(&l.snapshot);
	}
	ring_io_close(o.io);
}
