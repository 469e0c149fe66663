#include "ring/export.h"
#include "ring/owner.h"
#include "ring/snapshot.h"

#include <string.h>

static void fill_identity(const struct snapshot *s, struct ring_info *info)
{
	const struct superblock *sb = &s->volume.superblock;
	const struct geometry *g = &sb->geometry;
	const struct ring_io *io = s->volume.io;

	*info = (struct ring_info){
		.created_ns = sb->created_ns,
		.device_bytes = io->size_bytes,
		.ring_bytes = superblock_ring_bytes(sb),
		.data_offset_bytes = g->data_offset,
		.data_bytes = g->data_bytes,
		.max_item_bytes = g->max_item,
		.max_batch_bytes = g->max_batch,
		.block_bytes = g->block_bytes,
		.sector_bytes = io->sector_bytes,
		.cursor_slots = g->cursor_slots,
		.heartbeat_ms = sb->heartbeat_ms,
		.padded = g->padded,
		.engine = io->engine,
		.buffered = io->buffered,
	};
	memcpy(info->uuid, sb->uuid, sizeof(info->uuid));
	memcpy(info->queue, sb->queue, sizeof(info->queue));
	memcpy(info->label, sb->label, sizeof(info->label));
}

static int fill_owner(struct snapshot *s, const struct slot_header *h,
		      struct ring_owner_info *ret)
{
	struct volume *v = &s->volume;
	const int locked = v->io->ops->is_locked(v->io, h->role);

	*ret = (struct ring_owner_info){
		.attached = h->owner.pid != 0,
		.on_this_host = volume_same_boot(v, h),
		.locked = locked > 0,
		.durability = h->skips_flush ? RING_DURABILITY_PROCESS
					     : RING_DURABILITY_FULL,
		.epoch = h->epoch,
		.pid = h->owner.pid,
		.time_ns = h->time_ns,
	};
	memcpy(ret->host_id, h->owner.host_id, sizeof(ret->host_id));
	memcpy(ret->boot_id, h->owner.boot_id, sizeof(ret->boot_id));
	memcpy(ret->client, h->client, sizeof(ret->client));
	return beat_read(v, h->role, &ret->heartbeat);
}

/* When the next item of a cursor was pushed; 0: there is none. */
static int next_item_time(struct snapshot *s, const struct ring_cursor_info *c,
			  uint64_t *ret_ns)
{
	const struct chain_rules rules = snapshot_rules(s);
	struct chain chain;

	*ret_ns = 0;
	chain_from_cursor(&chain,
			  segments_skip_gap(rules.segments, c->position),
			  c->items);
	for (;;) {
		struct chain_step step;
		int rc = scan_look(&s->window, &rules, &chain, &step);

		if (rc < 0 || step.verdict == CHAIN_BAD)
			return rc;
		if (step.verdict == CHAIN_ITEM) {
			*ret_ns = step.record.time_ns;
			return 0;
		}
		chain_accept(&chain, &step);
	}
}

static int fill_cursor(struct snapshot *s, unsigned i, struct ring_info *info)
{
	struct ring_cursor_info *c = &info->cursors[info->cursor_count];
	const struct cursor_slot *slot = &s->slots[i];
	const struct reply *reply = &s->producer.replies[i];

	*c = (struct ring_cursor_info){
		.slot = i - 1,
		.joined = snapshot_position(s, i, &c->position, &c->items),
		.suspend_requested = slot->wants_suspend,
		.suspend_acked = slot->request_id == reply->acked_request,
		.cookie_bytes = slot->cookie.len_bytes,
	};
	(void)snapshot_position(s, i, &c->position, &c->items);
	memcpy(c->name, slot->name, sizeof(c->name));
	memcpy(c->cookie, slot->cookie.bytes, sizeof(c->cookie));
	if (c->joined && info->exposed >= c->position) {
		c->backlog_bytes = info->exposed - c->position;
		c->backlog_items = info->exposed_items - c->items;
	}
	info->cursor_count++;
	if (c->backlog_items > 0) {
		int rc = next_item_time(s, c, &c->oldest_ns);

		if (rc < 0)
			return rc;
	}
	return fill_owner(s, &slot->header, &c->owner);
}

static int fill_cursors(struct snapshot *s, struct ring_info *info)
{
	const struct cursor_slot *op = &s->slots[0];
	int rc = cursors_suspend(&s->volume, &s->reader, &s->producer,
				 &info->suspended);

	info->operator_requested = s->slot_is_valid[0] && op->wants_suspend;
	info->operator_acked =
		s->slot_is_valid[0] &&
		op->request_id == s->producer.replies[0].acked_request;
	for (unsigned i = 1; rc == 0 && i < s->count; i++)
		if (s->slot_is_valid[i] &&
		    s->slots[i].header.state != CURSOR_FREE)
			rc = fill_cursor(s, i, info);
	return rc;
}

/* What holds space; checkpoints move on demand and hold none (FORMAT.md 7). */
static uint64_t oldest_cursor(const struct snapshot *s, uint64_t exposed)
{
	uint64_t tail = exposed;

	for (unsigned i = 1; i < s->count; i++) {
		uint64_t position, sequence;

		if (snapshot_position(s, i, &position, &sequence) &&
		    position < tail)
			tail = position;
	}
	return tail;
}

static void fill_stream(const struct snapshot *s, const struct scan_end *end,
			struct ring_info *info)
{
	const struct checkpoint at = scan_checkpoint(&end->chain);
	info->tail = oldest_cursor(s, at.exposed);
	info->end = at.position;
	info->exposed = at.exposed;
	info->pushed_items = at.next_sequence;
	info->exposed_items = at.exposed_sequence;
	info->checkpoint = s->producer.checkpoint.position;
	info->used_bytes = at.position - info->tail;
	info->free_bytes = geometry_free(&s->volume.superblock.geometry,
					 info->tail, at.position);
	info->last_commit_ns = end->chain.end_time_ns;
	info->recovering = s->producer.header.state == PRODUCER_RECOVERING;
	info->cookie_bytes = end->cookie.len_bytes;
	memcpy(info->cookie, end->cookie.bytes, sizeof(info->cookie));
}

static int fail_without_end(struct snapshot *s, const struct scan_end *end)
{
	return volume_fail(
		&s->volume, -RING_ERR_DAMAGED,
		&(struct fault_place){ .position = end->bad_position },
		"cannot find the end: %s: %s", chain_reason_text(end->reason),
		ring_strerror(RING_ERR_DAMAGED));
}

RING_EXPORT int ring_info(const char *path, const struct ring_options *options,
			  struct ring_info *ret_info)
{
	struct scan_end end;
	struct snapshot s;
	int found, rc = snapshot_open(&s, path, options, true);

	if (rc < 0)
		return rc;
	fill_identity(&s, ret_info);
	found = rc = snapshot_find_end(&s, &end);
	if (rc == 0 || rc == -RING_ERR_DAMAGED) {
		fill_stream(&s, &end, ret_info);
		rc = fill_cursors(&s, ret_info);
	}
	if (rc == 0)
		rc = fill_owner(&s, &s.producer.header, &ret_info->producer);
	/* Last: a cursor's slot that is damaged, too, has left its words. */
	if (rc == 0 && found < 0)
		rc = fail_without_end(&s, &end);
	volume_explain(&s.volume, rc, "cannot read");
	snapshot_close(&s);
	return rc;
}
