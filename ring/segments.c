#include "ring/segments.h"

#include "ring/ring_error.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

void segments_init(struct segments *s, uint64_t epoch, uint64_t start)
{
	*s = (struct segments){
		.count = 1,
		.list = { { .start = start,
			    .first_epoch = epoch,
			    .last_epoch = epoch } },
		.epoch_start = start,
	};
}

static bool is_last(const struct segments *s, unsigned i)
{
	return i == s->count - 1;
}

static bool segment_is_valid(const struct segments *s, unsigned i)
{
	const struct segment *seg = &s->list[i];

	if (seg->first_epoch > seg->last_epoch || seg->start == 0)
		return false;
	if (seg->start % 8 != 0 || seg->end % 8 != 0 ||
	    seg->start >= INT64_MAX || seg->end >= INT64_MAX)
		return false;
	if (is_last(s, i))
		return seg->end == 0 && seg->start <= s->epoch_start;
	return seg->start <= seg->end && seg->end <= s->list[i + 1].start &&
	       seg->last_epoch < s->list[i + 1].first_epoch;
}

bool segments_are_valid(const struct segments *s)
{
	if (s->count < 1 || s->count > SEGMENTS_MAX)
		return false;
	for (unsigned i = 0; i < s->count; i++)
		if (!segment_is_valid(s, i))
			return false;
	return true;
}

static unsigned segment_of(const struct segments *s, uint64_t position)
{
	unsigned i = s->count - 1;

	while (i > 0 && position < s->list[i].start)
		i--;
	return i;
}

uint64_t segments_epoch_at(const struct segments *s, uint64_t position,
			   uint64_t epoch)
{
	const unsigned i = segment_of(s, position);
	const struct segment *seg = &s->list[i];

	if (segments_allow(s, position, epoch))
		return epoch;
	return is_last(s, i) && position >= s->epoch_start ? seg->last_epoch
							   : seg->first_epoch;
}

bool segments_allow(const struct segments *s, uint64_t position, uint64_t epoch)
{
	const unsigned i = segment_of(s, position);
	const struct segment *seg = &s->list[i];

	if (position < seg->start || epoch < seg->first_epoch ||
	    epoch > seg->last_epoch)
		return false;
	if (!is_last(s, i))
		return position < seg->end;
	return (epoch == seg->last_epoch) == (position >= s->epoch_start);
}

uint64_t segments_skip_gap(const struct segments *s, uint64_t position)
{
	for (unsigned i = 0; i + 1 < s->count; i++)
		if (position >= s->list[i].end &&
		    position < s->list[i + 1].start)
			/* An epoch that wrote nothing: a gap may follow. */
			position = s->list[i + 1].start;
	return position;
}

static void remove_at(struct segments *s, unsigned i)
{
	memmove(&s->list[i], &s->list[i + 1],
		(s->count - i - 1) * sizeof(s->list[0]));
	s->count--;
}

/* Nobody needs a segment, nor the gap behind it, once all have passed both. */
static void drop_consumed(struct segments *s, uint64_t tail)
{
	while (s->count > 1 && s->list[1].start <= tail)
		remove_at(s, 0);
}

/* The oldest pair first: what is consumed soonest loses its precision. */
static bool merge_oldest_pair(struct segments *s)
{
	for (unsigned i = 0; i + 1 < s->count; i++) {
		if (s->list[i].end != s->list[i + 1].start)
			continue;
		s->list[i + 1].start = s->list[i].start;
		s->list[i + 1].first_epoch = s->list[i].first_epoch;
		remove_at(s, i);
		return true;
	}
	return false;
}

int segments_begin(struct segments *s, const struct segments_turn *turn)
{
	struct segments next = *s;
	struct segment *open;

	assert(turn->start >= turn->end);
	drop_consumed(&next, turn->tail);
	open = &next.list[next.count - 1];
	assert(turn->epoch > open->last_epoch);
	assert(turn->end >= next.epoch_start);

	if (open->start == turn->end && turn->start == turn->end) {
		/* Nothing was written since: its place is taken. */
		open->first_epoch = turn->epoch;
		open->last_epoch = turn->epoch;
		next.epoch_start = turn->start;
		*s = next;
		return 0;
	}
	if (next.count == SEGMENTS_MAX && !merge_oldest_pair(&next)) {
		if (turn->start != turn->end)
			return -RING_ERR_TAKEOVERS;
		open->last_epoch = turn->epoch;
		next.epoch_start = turn->start;
		*s = next;
		return 0;
	}
	next.list[next.count - 1].end = turn->end;
	next.list[next.count++] = (struct segment){
		.start = turn->start,
		.first_epoch = turn->epoch,
		.last_epoch = turn->epoch,
	};
	next.epoch_start = turn->start;
	*s = next;
	return 0;
}
