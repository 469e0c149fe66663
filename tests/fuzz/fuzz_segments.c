/*
 * Goal: whatever table is accepted, the answers agree with FORMAT.md 4.3, and
 * a turn leaves a valid table that allows what it allowed, above the tail.
 * Method: a table from the input; its rules once more, written plainly.
 */
#include "ring/segments.h"

#include "ring/ring_error.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/script.h"

enum { PROBES_MAX = 16 };

/* Small steps, so that tables are often in order. */
static void take_table(struct script *script, struct segments *s)
{
	uint64_t at = 0, epoch = 0;

	*s = (struct segments){ .count = script_number(script, 1) % 32 };
	for (unsigned i = 0; i < s->count && i < SEGMENTS_MAX; i++) {
		struct segment *g = &s->list[i];

		g->start = at += 8 * script_number(script, 1);
		g->end = at += 8 * script_number(script, 1);
		g->first_epoch = epoch += script_number(script, 1);
		g->last_epoch = epoch += script_number(script, 1);
	}
	if (s->count > 0 && s->count <= SEGMENTS_MAX)
		s->list[s->count - 1].end = script_number(script, 1);
	s->epoch_start = at + 8 * script_number(script, 1);
}

static bool is_in_gap(const struct segments *s, uint64_t position)
{
	for (unsigned i = 0; i + 1 < s->count; i++)
		if (s->list[i].end <= position &&
		    position < s->list[i + 1].start)
			return true;
	return false;
}

static bool is_allowed(const struct segments *s, uint64_t position,
		       uint64_t epoch)
{
	for (unsigned i = 0; i < s->count; i++) {
		const struct segment *g = &s->list[i];
		const bool open = i + 1 == s->count;

		if (position < g->start || (!open && position >= g->end))
			continue;
		if (epoch < g->first_epoch || epoch > g->last_epoch)
			return false;
		return !open ||
		       (epoch == g->last_epoch) == (position >= s->epoch_start);
	}
	return false;
}

static void probe(const struct segments *s, uint64_t position, uint64_t epoch)
{
	const uint64_t next = segments_skip_gap(s, position);

	fuzz_require(segments_allow(s, position, epoch) ==
			     is_allowed(s, position, epoch),
		     "an epoch is allowed just where its range is");
	fuzz_require(next >= position, "a gap is skipped forward");
	fuzz_require(!is_in_gap(s, next), "nothing is left of the gap");
	fuzz_require(is_in_gap(s, position) || next == position,
		     "only a gap is skipped");
}

/* The open segment's epochs end, or none would be left for the turn. */
static bool may_begin(const struct segments *s)
{
	return s->list[s->count - 1].last_epoch < INT64_MAX;
}

static void take_turn(struct script *script, struct segments *s)
{
	const struct segments before = *s;
	const uint64_t end = s->epoch_start + 8 * script_number(script, 1);
	const struct segments_turn turn = {
		.epoch = s->list[s->count - 1].last_epoch + 1 +
			 script_number(script, 1),
		.end = end,
		.start = end + 8 * script_number(script, 1),
		.tail = end - script_number(script, 2) % (end + 1),
	};
	const int rc = segments_begin(s, &turn);

	fuzz_require(rc == 0 || rc == -RING_ERR_TAKEOVERS, "the result");
	fuzz_require(rc == 0 || turn.start != turn.end,
		     "a turn without a gap succeeds");
	fuzz_require(segments_are_valid(s), "the table stays valid");
	if (rc < 0)
		return;
	fuzz_require(segments_allow(s, turn.start, turn.epoch),
		     "the new epoch may write");
	fuzz_require(turn.start == 0 ||
			     !segments_allow(s, turn.start - 8, turn.epoch),
		     "and not before its start");
	for (unsigned i = 0; i < PROBES_MAX; i++) {
		const uint64_t at = turn.tail + 8 * script_number(script, 1);
		const uint64_t epoch = script_number(script, 2);

		if (at < turn.end && segments_allow(&before, at, epoch))
			fuzz_require(segments_allow(s, at, epoch),
				     "what was valid stays valid");
		if (at >= turn.start && epoch != turn.epoch)
			fuzz_require(!segments_allow(s, at, epoch),
				     "behind the start no other epoch is");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	struct script script = { data, len_bytes };
	struct segments s;

	take_table(&script, &s);
	if (!segments_are_valid(&s))
		return 0;
	for (unsigned i = 0; i < PROBES_MAX; i++) {
		const uint64_t position = script_number(&script, 2);

		probe(&s, position, script_number(&script, 2));
	}
	/* A bounded number of turns, each from what is left of the input. */
	while (script.left > 0 && may_begin(&s))
		take_turn(&script, &s);
	return 0;
}
