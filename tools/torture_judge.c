#include "tools/torture_judge.h"

#include <inttypes.h>
#include <string.h>

const char *const torture_consumers[TORTURE_CONSUMERS] = { "one", "two" };

/* 0 if there is none; the number of no call if it isn't one of ours. */
static uint64_t call_of_cookie(const uint8_t *cookie, size_t len_bytes)
{
	uint64_t call;

	if (len_bytes == 0)
		return 0;
	if (len_bytes != sizeof(call))
		return UINT64_MAX;
	memcpy(&call, cookie, sizeof(call));
	return call;
}

static bool is_known(const struct torture_entry *entry,
		     const struct torture_point *found)
{
	return torture_point_is(found, &entry->before) ||
	       torture_point_is(found, &entry->after);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The highest item that any consumer was given, and one. */
static uint64_t seen_by_any(struct torture_ledger *ledger)
{
	uint64_t seen = 0;

	for (unsigned i = 0; i < TORTURE_CONSUMERS; i++) {
		const uint64_t of_one = atomic_load(&ledger->seen[i]);

		seen = of_one > seen ? of_one : seen;
	}
	return seen;
}

/* A discard under way may have lowered the end, so the lower one is due. */
static uint64_t lost_at_attach(const struct torture_entry *entry,
			       const struct torture_point *found)
{
	const uint64_t items = least(entry->before.items, entry->after.items);

	if (found->items < items)
		return items - found->items;
	if (found->exposed < entry->before.exposed)
		return entry->before.exposed - found->exposed;
	return 0;
}

static void find_at_producer(struct torture_ledger *ledger,
			     const struct torture_entry *entry,
			     const struct torture_point *found)
{
	const uint64_t lost = lost_at_attach(entry, found);

	torture_ledger_find(
		ledger, lost > 0 ? TORTURE_LOST : TORTURE_DAMAGE,
		lost > 0 ? lost : 1,
		"the producer found %" PRIu64 " items, %" PRIu64
		" exposed, call %" PRIu64 "; before its last call it was "
		"%" PRIu64 ", %" PRIu64 ", %" PRIu64 ", after it %" PRIu64
		", %" PRIu64 ", %" PRIu64,
		found->items, found->exposed, found->call, entry->before.items,
		entry->before.exposed, entry->before.call, entry->after.items,
		entry->after.exposed, entry->after.call);
}

struct torture_point
torture_judge_producer(struct torture_ledger *ledger,
		       const struct ring_producer_state *state)
{
	const struct torture_entry entry = *torture_account(&ledger->producer);
	const uint64_t seen = seen_by_any(ledger);
	const struct torture_point found = {
		.items = state->pushed_items,
		.exposed = state->exposed_items,
		.call = call_of_cookie(state->cookie, state->cookie_bytes),
	};

	if (!is_known(&entry, &found))
		find_at_producer(ledger, &entry, &found);
	else if (found.exposed < seen)
		torture_ledger_find(ledger, TORTURE_LOST, seen - found.exposed,
				    "a consumer was given item %" PRIu64
				    ", the producer found only %" PRIu64
				    " exposed",
				    seen - 1, found.exposed);
	torture_account_settle(&ledger->producer, &found);
	/* What was under way and did not come about isn't to be seen. */
	atomic_store(&ledger->may_see, found.exposed);
	return found;
}

struct torture_point
torture_judge_consumer(struct torture_ledger *ledger, unsigned who,
		       const struct ring_consumer_state *state)
{
	const struct torture_entry entry =
		*torture_account(&ledger->consumers[who]);
	const uint64_t due = entry.before.items;
	const struct torture_point found = {
		.items = state->items,
		.call = call_of_cookie(state->cookie, state->cookie_bytes),
	};
	enum torture_count what = TORTURE_DAMAGE;
	uint64_t n = 1;

	if (found.items < due) {
		what = TORTURE_REORDERED;
		n = due - found.items;
	} else if (found.items > entry.after.items) {
		what = TORTURE_LOST;
		n = found.items - entry.after.items;
	}
	if (!is_known(&entry, &found))
		torture_ledger_find(
			ledger, what, n,
			"consumer '%s' found itself at item "
			"%" PRIu64 ", call %" PRIu64
			"; before its last call it was at %" PRIu64 ", %" PRIu64
			", after it at %" PRIu64 ", %" PRIu64,
			torture_consumers[who], found.items, found.call, due,
			entry.before.call, entry.after.items, entry.after.call);
	torture_account_settle(&ledger->consumers[who], &found);
	atomic_store(&ledger->held[who], found.items);
	return found;
}

static void judge_order(struct torture_ledger *ledger, unsigned who,
			uint64_t expected, uint64_t sequence)
{
	const char *name = torture_consumers[who];

	if (sequence > expected)
		torture_ledger_find(ledger, TORTURE_LOST, sequence - expected,
				    "consumer '%s' was given item %" PRIu64
				    " after item %" PRIu64,
				    name, sequence, expected - 1);
	else if (sequence < expected)
		torture_ledger_find(ledger, TORTURE_REORDERED, 1,
				    "consumer '%s' was given item %" PRIu64
				    " where %" PRIu64 " was due",
				    name, sequence, expected);
	if (sequence >= atomic_load(&ledger->may_see))
		torture_ledger_find(ledger, TORTURE_REORDERED, 1,
				    "consumer '%s' was given item %" PRIu64
				    ", which nobody has exposed",
				    name, sequence);
}

static void judge_content(const struct torture_job *job, unsigned who,
			  const struct ring_item *item, uint8_t *buf)
{
	struct torture_ledger *ledger = job->ledger;
	const struct torture_item due = {
		.seed = job->seed,
		.sequence = item->sequence,
		.call = atomic_load(
			&ledger->call_of[item->sequence % TORTURE_WINDOW]),
		.max_bytes = job->item_max_bytes,
	};
	const enum torture_match match = torture_item_compare(&due, buf, item);

	if (match == TORTURE_SAME)
		return;
	torture_ledger_find(
		ledger,
		match == TORTURE_OTHER ? TORTURE_REORDERED : TORTURE_DAMAGE, 1,
		"consumer '%s' was given item %" PRIu64 " with %s",
		torture_consumers[who], item->sequence,
		match == TORTURE_OTHER ? "the content of another one"
				       : "content that nobody pushed");
}

void torture_judge_item(const struct torture_job *job, unsigned who,
			uint64_t expected, const struct ring_item *item,
			uint8_t *buf)
{
	struct torture_ledger *ledger = job->ledger;

	judge_order(ledger, who, expected, item->sequence);
	judge_content(job, who, item, buf);
	if (item->sequence < atomic_load(&ledger->seen[who]))
		atomic_fetch_add(&ledger->counts[TORTURE_DUPLICATED], 1);
	else
		atomic_store(&ledger->seen[who], item->sequence + 1);
}

void torture_judge_end(struct torture_ledger *ledger)
{
	const uint64_t exposed =
		torture_account(&ledger->producer)->before.exposed;

	for (unsigned i = 0; i < TORTURE_CONSUMERS; i++) {
		const uint64_t items =
			torture_account(&ledger->consumers[i])->before.items;

		if (items < exposed)
			torture_ledger_find(
				ledger, TORTURE_LOST, exposed - items,
				"consumer '%s' ends at item "
				"%" PRIu64 " of %" PRIu64,
				torture_consumers[i], items, exposed);
	}
}
