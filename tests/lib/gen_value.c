#include "tests/lib/gen_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more of `size` bytes. */
static void *grow(void *array, size_t needed, size_t *room, size_t size)
{
	void *ret;

	if (needed <= *room)
		return array;
	*room = 2 * needed + 16;
	ret = realloc(array, *room * size);
	if (ret == NULL)
		abort();
	return ret;
}

static struct event *add(struct events *e, enum event_kind kind)
{
	struct event *ret;

	e->list = grow(e->list, e->count + 1, &e->room, sizeof(*e->list));
	ret = &e->list[e->count++];
	memset(ret, 0, sizeof(*ret));
	ret->kind = kind;
	return ret;
}

void events_add(struct events *e, enum event_kind kind, uint64_t w)
{
	add(e, kind)->w[0] = w;
}

void events_add_wide(struct events *e, const uint64_t w[4])
{
	memcpy(add(e, EVENT_INT)->w, w, 4 * sizeof(*w));
}

void events_add_text(struct events *e, const void *text, size_t len_bytes)
{
	struct event *event = add(e, EVENT_TEXT);

	event->text = e->text_bytes;
	event->text_bytes = len_bytes;
	e->texts = grow(e->texts, e->text_bytes + len_bytes, &e->text_room, 1);
	if (len_bytes > 0)
		memcpy(e->texts + e->text_bytes, text, len_bytes);
	e->text_bytes += len_bytes;
}

void events_clear(struct events *e)
{
	e->count = 0;
	e->text_bytes = 0;
}

void events_free(struct events *e)
{
	free(e->list);
	free(e->texts);
	memset(e, 0, sizeof(*e));
}

static bool is_equal(const struct events *x, const struct events *y, size_t i)
{
	const struct event *a = &x->list[i], *b = &y->list[i];

	return a->kind == b->kind && memcmp(a->w, b->w, sizeof(a->w)) == 0 &&
	       a->text_bytes == b->text_bytes &&
	       (a->text_bytes == 0 ||
		memcmp(x->texts + a->text, y->texts + b->text, a->text_bytes) ==
			0);
}

size_t events_differ(const struct events *x, const struct events *y)
{
	const size_t count = x->count < y->count ? x->count : y->count;

	for (size_t i = 0; i < count; i++)
		if (!is_equal(x, y, i))
			return i;
	return x->count == y->count ? SIZE_MAX : count;
}

int events_print(const struct events *e, size_t index, char *buf, size_t size)
{
	static const char *const names[] = { "null", "int",   "float",
					     "text", "count", "choice" };
	const struct event *event;

	if (index >= e->count)
		return snprintf(buf, size, "nothing");
	event = &e->list[index];
	if (event->kind == EVENT_TEXT)
		return snprintf(buf, size, "text \"%.*s\"",
				(int)event->text_bytes, e->texts + event->text);
	return snprintf(buf, size,
			"%s 0x%016" PRIx64 "%016" PRIx64 "%016" PRIx64
			"%016" PRIx64,
			names[event->kind], event->w[3], event->w[2],
			event->w[1], event->w[0]);
}
