#include "tools/sample.h"

#include <string.h>

/* A point of the stream. */
struct point {
	uint64_t items;
	uint64_t position;
};

static struct rate rate_between(const struct sample *before,
				const struct sample *now,
				const struct point points[2])
{
	struct rate rate = { .known = false };
	double seconds = (double)(now->at_ns - before->at_ns) / 1e9;

	/* Nothing goes back, unless it is another ring by now. */
	if (points[1].items < points[0].items ||
	    points[1].position < points[0].position || seconds <= 0)
		return rate;
	rate.known = true;
	rate.items = (double)(points[1].items - points[0].items) / seconds;
	rate.bytes =
		(double)(points[1].position - points[0].position) / seconds;
	return rate;
}

struct rate sample_rate_in(const struct sample *before,
			   const struct sample *now)
{
	const struct point points[2] = {
		{ before->info.exposed_items, before->info.exposed },
		{ now->info.exposed_items, now->info.exposed },
	};

	if (before->at_ns == 0)
		return (struct rate){ .known = false };
	return rate_between(before, now, points);
}

static const struct ring_cursor_info *
find_cursor(const struct ring_info *info, const struct ring_cursor_info *like)
{
	for (unsigned i = 0; i < info->cursor_count; i++)
		if (info->cursors[i].slot == like->slot &&
		    strcmp(info->cursors[i].name, like->name) == 0)
			return &info->cursors[i];
	return NULL;
}

struct rate sample_rate_out(const struct sample *before,
			    const struct sample *now, unsigned i)
{
	const struct ring_cursor_info *c = &now->info.cursors[i];
	const struct ring_cursor_info *old = find_cursor(&before->info, c);
	struct point points[2] = { { 0, 0 }, { c->items, c->position } };

	if (before->at_ns == 0 || old == NULL)
		return (struct rate){ .known = false };
	points[0] = (struct point){ old->items, old->position };
	return rate_between(before, now, points);
}
