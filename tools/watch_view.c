#include "tools/watch_view.h"

#include "tools/doc.h"
#include "tools/human.h"
#include "tools/info_doc.h"
#include "tools/picture.h"

#include <inttypes.h>
#include <stdio.h>

enum { RATE_BYTES = 80 };

static const char *rate_text(char buf[RATE_BYTES], struct rate rate)
{
	char size[HUMAN_BYTES];

	if (rate.known)
		snprintf(buf, RATE_BYTES, "%.0f items/s %s/s", rate.items,
			 human_size(size, (uint64_t)rate.bytes));
	else
		snprintf(buf, RATE_BYTES, "-");
	return buf;
}

static double used_percent(const struct ring_info *info)
{
	if (info->data_bytes == 0)
		return 0;
	return 100.0 * (double)info->used_bytes / (double)info->data_bytes;
}

static const char *state_text(const struct ring_info *info)
{
	if (info->recovering)
		return "recovering";
	if (info->suspended)
		return "suspended";
	return info->producer.attached ? "running" : "no producer";
}

/* ---- a line ------------------------------------------------------------- */

void watch_view_line(const struct sample *before, const struct sample *now)
{
	const struct ring_info *info = &now->info;
	char time[HUMAN_BYTES], rate[RATE_BYTES];

	printf("%s %s in: %s used: %.1f %%", human_time(time, human_now_ns()),
	       state_text(info), rate_text(rate, sample_rate_in(before, now)),
	       used_percent(info));
	for (unsigned i = 0; i < info->cursor_count; i++) {
		const struct ring_cursor_info *c = &info->cursors[i];

		printf(" | %s: %" PRIu64 " behind, out: %s", c->name,
		       c->backlog_items,
		       rate_text(rate, sample_rate_out(before, now, i)));
	}
	putchar('\n');
}

/* ---- JSON --------------------------------------------------------------- */

static json_t *rate_doc(struct rate rate)
{
	if (!rate.known)
		return json_null();
	return json_pack("{s:f, s:f}", "items_per_second", rate.items,
			 "bytes_per_second", rate.bytes);
}

int watch_view_json(const struct sample *before, const struct sample *now)
{
	json_t *doc = json_object(), *list;

	doc_set_time(doc, "time", human_now_ns());
	json_object_set_new(doc, "in", rate_doc(sample_rate_in(before, now)));
	json_object_update_new(doc, info_doc(&now->info));
	list = json_object_get(doc, "consumers");
	for (unsigned i = 0; i < now->info.cursor_count; i++)
		json_object_set_new(json_array_get(list, i), "out",
				    rate_doc(sample_rate_out(before, now, i)));
	return doc_print_line(doc);
}

/* ---- the screen --------------------------------------------------------- */

static void print_picture(const struct ring_info *info, size_t columns)
{
	char bar[PICTURE_MAX + 1], marks[PICTURE_MAX + 1];
	size_t width = columns > 2 ? columns - 2 : 1;

	if (width > PICTURE_MAX)
		width = PICTURE_MAX;
	picture_draw(info, width, bar, marks);
	printf("\033[K\n[%s]\033[K\n %s\033[K\n", bar, marks);
	printf("%c backlog  %c pushed  %c consumed  %c free  P producer"
	       "\033[K\n\033[K\n",
	       PICTURE_BACKLOG, PICTURE_PUSHED, PICTURE_CONSUMED, PICTURE_FREE);
}

static void print_cursor(const struct sample *before, const struct sample *now,
			 unsigned i)
{
	const struct ring_cursor_info *c = &now->info.cursors[i];
	char rate[RATE_BYTES], size[HUMAN_BYTES], age[HUMAN_BYTES] = "-";

	if (c->oldest_ns != 0)
		human_age(age, c->oldest_ns, human_now_ns());
	printf("%c  %-16s %-28s %12" PRIu64 " items %10s  oldest %s%s\033[K\n",
	       picture_mark(i), c->name,
	       rate_text(rate, sample_rate_out(before, now, i)),
	       c->backlog_items, human_size(size, c->backlog_bytes), age,
	       c->owner.attached ? "" : "  (not running)");
}

void watch_view_screen(const struct call *call, const struct sample *before,
		       const struct sample *now, size_t columns)
{
	const struct ring_info *info = &now->info;
	char a[HUMAN_BYTES], b[HUMAN_BYTES], rate[RATE_BYTES];

	/* Lines are overwritten, not cleared first: that would flicker. */
	printf("\033[H%s  %s  %s\033[K\n", call->path, info->queue,
	       state_text(info));
	printf("used %s of %s (%.1f %%)  item %" PRIu64 "  in %s\033[K\n",
	       human_size(a, info->used_bytes), human_size(b, info->data_bytes),
	       used_percent(info), info->exposed_items,
	       rate_text(rate, sample_rate_in(before, now)));
	print_picture(info, columns);
	for (unsigned i = 0; i < info->cursor_count; i++)
		print_cursor(before, now, i);
	printf("\033[J");
}
