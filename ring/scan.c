#include "ring/scan.h"

int scan_look(struct window *w, const struct chain_rules *rules,
	      const struct chain *c, struct chain_step *ret_step)
{
	struct chain_bytes at = { .len = window_resident(w, c->position) };
	struct chain_step step;

	for (;;) {
		int rc;

		if (at.len > 0)
			at.buf = window_at(w, c->position);
		at.checked = window_checked(w, c->position);
		step = chain_look(rules, c, &at);
		if (step.verdict != CHAIN_MORE)
			break;
		rc = window_need(w, c->position, step.bytes);
		if (rc < 0)
			return rc;
		at.len = window_resident(w, c->position);
	}
	if (step.verdict != CHAIN_BAD)
		window_set_checked(w, c->position, c->position + step.bytes);
	*ret_step = step;
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
