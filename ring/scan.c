#include "ring/scan.h"

#include "ring/checksum.h"

bool scan_resident(const struct window *w, const struct chain_rules *rules,
		   const struct chain *c, struct chain_step *ret_step)
{
	struct chain_bytes at = {
		.len = window_resident(w, c->position),
		.checked = window_checked(w, c->position),
	};

	if (at.len > 0)
		at.buf = window_at(w, c->position);
	chain_look(rules, c, &at, ret_step);
	return ret_step->verdict != CHAIN_MORE;
}

int scan_look(struct window *w, const struct chain_rules *rules,
	      const struct chain *c, struct chain_step *ret_step)
{
	while (!scan_resident(w, rules, c, ret_step)) {
		int rc = window_need(w, c->position, ret_step->bytes);

		if (rc < 0)
			return rc;
	}
	if (ret_step->verdict != CHAIN_BAD)
		window_set_checked(w, c->position,
				   c->position + ret_step->bytes);
	return 0;
}

int scan_to_end(struct window *w, const struct chain_rules *rules,
		const struct checkpoint *from, struct scan_end *end)
{
	struct chain *c = &end->chain;
	struct chain last;
	struct chain_step step;

	chain_from_checkpoint(c, from);
	last = *c;
	for (;;) {
		int rc = scan_look(w, rules, c, &step);

		if (rc < 0)
			return rc;
		if (step.verdict == CHAIN_BAD)
			break;
		if (step.record.kind == RECORD_COMMIT &&
		    step.record.meta_bytes > 0)
			chain_cookie(window_at(w, c->position), &step,
				     &end->cookie);
		chain_accept(c, &step);
		if (chain_step_is_end(&step))
			last = *c;
	}
	end->bad_position = c->position;
	end->reason = step.reason;
	*c = last;
	return 0;
}

/* ---- evidence behind the end -------------------------------------------- */

uint64_t scan_horizon(const struct geometry *g,
		      const struct producer_slot *slot)
{
	return slot->header.is_closed
		       ? 0
		       : slot->checkpoint.position +
				 geometry_checkpoint_interval(g) +
				 2 * g->max_batch;
}

/* Whether a valid commit stands at `at`, of an epoch it may have: 1, 0, or the
 * error of a read. The header is in memory, and looks like one. */
static int is_commit(struct window *w, const struct chain_rules *rules,
		     uint64_t at, struct commit *ret)
{
	const struct superblock *sb = rules->superblock;
	struct record r;
	int rc;

	if (!record_decode(window_at(w, at), sb->geometry.max_item, &r) ||
	    !segments_allow(rules->segments, at, r.epoch))
		return 0;
	rc = window_need(w, at, record_bytes(r.body_bytes));
	if (rc < 0)
		return rc;
	if (!record_is_sealed(window_at(w, at), &r,
			      checksum_seed(sb->uuid, at)))
		return 0;
	commit_decode(window_at(w, at) + RECORD_HEADER_BYTES, ret);
	return 1;
}

/* The first header in memory, from `at` on, that looks like a commit's; or
 * where memory ends. */
static uint64_t find_commit(const struct window *w, uint64_t at)
{
	const size_t len = window_resident(w, at);
	const uint8_t *buf = window_at(w, at);
	size_t i = 0;

	while (i + RECORD_HEADER_BYTES <= len &&
	       !record_looks_like(buf + i, RECORD_COMMIT))
		i += 8;
	return at + i;
}

/* The greatest mark beyond what *c reached, of commits from its end to `to`. */
static int find_mark(struct window *w, const struct chain_rules *rules,
		     const struct chain *c, uint64_t to, uint64_t *ret)
{
	*ret = 0;
	for (uint64_t at = c->end; at < to;) {
		struct commit commit;
		int rc = window_need(w, at, RECORD_HEADER_BYTES);

		if (rc < 0)
			return rc;
		at = find_commit(w, at);
		if (at >= to || window_resident(w, at) < RECORD_HEADER_BYTES)
			continue;
		rc = is_commit(w, rules, at, &commit);
		if (rc < 0)
			return rc;
		if (rc > 0 && commit.durable > chain_reached(c) &&
		    commit.durable <= at && commit.durable > *ret)
			*ret = commit.durable;
		at += 8;
	}
	return 0;
}

/*
 * What was searched is not needed again. Left in the page cache it would be
 * what the next laps are written to: many small pieces, which each flush would
 * have to gather. No reason to fail: the answer is known, and a user's own
 * storage may refuse.
 */
int scan_behind(struct window *w, const struct chain_rules *rules,
		const struct chain *c, uint64_t horizon, uint64_t *ret)
{
	const uint64_t lap = c->end + rules->superblock->geometry.data_bytes -
			     RECORD_COMMIT_MAX;
	const uint64_t to = horizon < lap ? horizon : lap;
	const int rc = find_mark(w, rules, c, to, ret);

	if (rc == 0)
		window_drop_cached(w, c->end, to);
	return rc;
}

struct checkpoint scan_checkpoint(const struct chain *c)
{
	return (struct checkpoint){
		.position = c->end,
		.exposed = c->exposed,
		.exposed_sequence = c->exposed_sequence,
		.next_sequence = c->end_sequence,
		.time_ns = c->end_time_ns,
	};
}
