#include "ring/export.h"
#include "ring/snapshot.h"

struct walk {
	struct snapshot snapshot;
	struct chain chain;
	ring_walk_fn *fn;
	void *ctx;
};

/* `from` alone does not tell the sequence number: the record there does. */
static int start_at(struct walk *w, uint64_t from)
{
	struct snapshot *s = &w->snapshot;
	const struct geometry *g = &s->volume.superblock.geometry;
	struct record r;
	const uint8_t *buf;
	int rc;

	if (from % 8 != 0 || from < geometry_first_position(g) ||
	    from >= INT64_MAX)
		return -RING_ERR_BOUNDARY;
	rc = window_need(&s->window, from, RECORD_HEADER_BYTES);
	if (rc < 0)
		return rc;
	buf = window_at(&s->window, from);
	if (!record_header_is_intact(buf, volume_seed(&s->volume, from)) ||
	    !record_decode(buf, g->max_item, &r))
		return -RING_ERR_BOUNDARY;
	chain_from_cursor(&w->chain, from, r.sequence);
	return 0;
}

static int start(struct walk *w, uint64_t from)
{
	struct snapshot *s = &w->snapshot;
	uint64_t position, sequence;

	if (from != RING_POSITION_NONE)
		return start_at(w, from);
	snapshot_tail(s, &position, &sequence);
	chain_from_cursor(&w->chain,
			  segments_skip_gap(&s->producer.segments, position),
			  sequence);
	return 0;
}

static struct ring_record_view view_of(const struct walk *w,
				       const struct chain_step *step)
{
	const struct snapshot *s = &w->snapshot;
	const uint64_t at = w->chain.position;
	struct ring_record_view view = {
		.position = at,
		.next = step->next,
		.offset_bytes =
			geometry_offset(&s->volume.superblock.geometry, at),
		.valid = step->verdict != CHAIN_BAD,
		.code = step->verdict != CHAIN_BAD ? 0 : -RING_ERR_DAMAGED,
		.kind = (enum ring_record_kind)step->record.kind,
		.epoch = step->record.epoch,
		.sequence = step->record.sequence,
		.time_ns = step->record.time_ns,
		.type = step->record.type,
		.exposed = step->commit.exposed,
		.durable = step->commit.durable,
		.from = step->commit.from,
	};
	const uint8_t *buf = window_at(&s->window, at);
	const size_t skip =
		step->record.kind == RECORD_COMMIT ? RECORD_COMMIT_BODY : 0;

	view.checksum = record_stored_checksum(buf);
	if (view.valid) {
		view.body = buf + RECORD_HEADER_BYTES + skip;
		view.body_bytes = step->record.body_bytes - skip;
		view.meta_bytes = step->record.meta_bytes;
	}
	return view;
}

/* The record is bad: 0 if it was only the end, which may have moved since. */
static int judge_end(struct walk *w, struct chain_step *step)
{
	struct snapshot *s = &w->snapshot;
	const struct chain_rules rules = snapshot_rules(s);
	struct ring_record_view view;
	uint64_t tail, sequence, mark;
	int rc = snapshot_read(s);

	if (rc < 0)
		return rc;
	snapshot_tail(s, &tail, &sequence);
	if (w->chain.position < tail)
		return -RING_ERR_RELEASED;
	window_forget(&s->window, w->chain.position);
	rc = scan_look(&s->window, &rules, &w->chain, step);
	if (rc < 0 || step->verdict != CHAIN_BAD)
		return rc;
	rc = snapshot_evidence(s, &w->chain, &mark);
	if (rc < 0 || chain_reached(&w->chain) >= mark)
		return rc;
	view = view_of(w, step);
	view.damaged = true;
	rc = w->fn(w->ctx, &view);
	if (rc != 0)
		return rc;
	return volume_fail(
		&s->volume, -RING_ERR_DAMAGED,
		&(struct fault_place){ .position = view.position,
				       .offset_bytes = view.offset_bytes },
		"damage at offset %llu: %s",
		(unsigned long long)view.offset_bytes,
		chain_reason_text(step->reason));
}

static int walk_records(struct walk *w)
{
	struct snapshot *s = &w->snapshot;

	for (;;) {
		const struct chain_rules rules = snapshot_rules(s);
		struct ring_record_view view;
		struct chain_step step;
		int rc = scan_look(&s->window, &rules, &w->chain, &step);

		if (rc == 0 && step.verdict == CHAIN_BAD) {
			rc = judge_end(w, &step);
			if (rc == 0 && step.verdict == CHAIN_BAD)
				return 0;
		}
		if (rc != 0)
			return rc;
		view = view_of(w, &step);
		rc = w->fn(w->ctx, &view);
		if (rc != 0)
			return rc;
		chain_accept(&w->chain, &step);
	}
}

RING_EXPORT int ring_walk(const char *path, const struct ring_options *options,
			  uint64_t from, ring_walk_fn *fn, void *ctx)
{
	struct walk w = { .fn = fn, .ctx = ctx };
	int rc = snapshot_open(&w.snapshot, path, options, true);

	if (rc < 0)
		return rc;
	rc = snapshot_read(&w.snapshot);
	if (rc == 0)
		rc = start(&w, from);
	if (rc == 0)
		rc = walk_records(&w);
	if (rc < 0 && rc > -RING_ERR_BASE)
		volume_fail(&w.snapshot.volume, rc, NULL, "cannot read: %s",
			    ring_strerror(rc));
	else if (rc == -RING_ERR_BOUNDARY)
		volume_fail(&w.snapshot.volume, rc, NULL, "%s",
			    ring_strerror(rc));
	snapshot_close(&w.snapshot);
	return rc;
}
