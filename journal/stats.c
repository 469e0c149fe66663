/* What a journal has done, and how it stands. */
#include "journal/state.h"

#include <string.h>

RING_EXPORT int journal_stats(struct journal *j,
			      struct journal_stats *ret_stats)
{
	pthread_mutex_lock(&j->lock);
	*ret_stats = j->stats;
	ret_stats->failed = j->failed;
	ret_stats->skipped = j->skips.count;
	ret_stats->last_number = j->skips.last_number;
	ret_stats->next_number = j->next_number;
	if (j->options.sides != JOURNAL_PUSHES)
		ret_stats->pending = j->end_number - j->next_number;
	pthread_mutex_unlock(&j->lock);
	return 0;
}

static const struct ring_cursor_info *find(const struct ring_info *info,
					   const char *name)
{
	for (unsigned i = 0; i < info->cursor_count; i++)
		if (strcmp(info->cursors[i].name, name) == 0)
			return &info->cursors[i];
	return NULL;
}

static void fill(const struct ring_info *info, const struct ring_cursor_info *c,
		 struct journal_status *ret)
{
	struct skips skips;

	skips_decode(c->cookie, c->cookie_bytes, &skips);
	*ret = (struct journal_status){
		.pending = c->backlog_items,
		.pending_bytes = c->backlog_bytes,
		.next_number = c->items,
		.oldest_ns = c->oldest_ns,
		.skipped = skips.count,
		.last_number = skips.last_number,
		.is_full = c->backlog_bytes > journal_filling_bytes(info),
		.pusher = info->producer,
		.performer = c->owner,
	};
}

RING_EXPORT int journal_inspect(const char *path,
				const struct journal_options *options,
				struct journal_status *ret_status)
{
	static const struct journal_options defaults;
	const struct journal_options *o = options != NULL ? options : &defaults;
	const struct ring_cursor_info *c;
	struct ring_options ring;
	struct ring_info info;
	int rc = journal_ring_options(o, NULL, &ring);

	if (rc == 0)
		rc = ring_info(path, &ring, &info);
	ring_io_close(ring.io);
	if (rc < 0)
		return rc;
	c = find(&info, o->consumer != NULL ? o->consumer : "default");
	if (c == NULL)
		return -RING_ERR_NO_CONSUMER;
	fill(&info, c, ret_status);
	return 0;
}
