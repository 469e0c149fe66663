#include "tests/latent/scenes.h"

#include <stdio.h>
#include <string.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct shape shapes[] = {
	{ "512-packed-1-buffered", 512, 16, false, true, 1 },
	{ "512-padded-3-buffered", 512, 40, true, true, 3 },
	{ "512-packed-3-direct", 512, 24, false, false, 3 },
	{ "4096-packed-3-buffered", 4096, 6, false, true, 3 },
	{ "4096-padded-1-direct", 4096, 10, true, false, 1 },
};

/* ---- the states --------------------------------------------------------- */

static void attach_all(struct story *s)
{
	story_attach_producer(s);
	for (unsigned i = 0; i < s->shape->cursors; i++)
		story_attach_consumer(s, i);
}

static void consume_all(struct story *s)
{
	for (unsigned i = 0; i < s->shape->cursors; i++)
		story_consume(s, i, 0);
}

static void tell_new(struct story *s)
{
	(void)s;
}

static void tell_empty(struct story *s)
{
	attach_all(s);
}

static void tell_unread(struct story *s)
{
	attach_all(s);
	for (unsigned i = 0; i < 5; i++)
		story_publish(s, 1 + i % 2);
}

/* Each consumer at another place, the last one with nothing read. */
static void tell_half(struct story *s)
{
	tell_unread(s);
	story_consume(s, 0, 4);
	if (s->shape->cursors > 1)
		story_consume(s, 1, 2);
	story_publish(s, 1);
}

static void tell_read(struct story *s)
{
	tell_unread(s);
	consume_all(s);
}

static void tell_pushed(struct story *s)
{
	attach_all(s);
	story_publish(s, 2);
	story_push(s, 2);
	story_push(s, 1);
}

static void tell_wrapped(struct story *s)
{
	attach_all(s);
	while (s->end < 3 * s->data_bytes + s->data_bytes / 2) {
		story_publish(s, 2);
		consume_all(s);
	}
	for (unsigned i = 0; i < 3; i++)
		story_publish(s, 1);
	story_consume(s, 0, 1);
}

static void tell_taken_over(struct story *s)
{
	attach_all(s);
	story_publish(s, 2);
	story_publish(s, 1);
	consume_all(s);
	story_publish(s, 1);
	for (unsigned i = 0; i < s->shape->cursors; i++)
		story_detach_consumer(s, i);
	story_kill_producer(s);
	story_move_to_host(s, 2);
	story_attach_producer(s);
	story_publish(s, 2);
	story_publish(s, 1);
}

static void tell_discarded(struct story *s)
{
	attach_all(s);
	story_publish(s, 1);
	story_push(s, 2);
	story_discard(s);
	story_publish(s, 2);
	story_consume(s, 0, 1);
	story_push(s, 1);
	story_discard(s);
	story_push(s, 1);
	story_advance(s);
}

static void tell_suspended(struct story *s)
{
	tell_unread(s);
	story_suspend(s, 0);
}

/* Suspended, and the cursor goes on: its other copy has the request, too. */
static void tell_silent(struct story *s)
{
	tell_suspended(s);
	story_consume(s, 0, 1);
}

static void tell_operator(struct story *s)
{
	tell_unread(s);
	story_operator_suspend(s);
}

/* Killed, attached again, killed again. */
static void tell_killed(struct story *s)
{
	tell_half(s);
	story_kill_producer(s);
	story_kill_consumer(s, 0);
	story_attach_producer(s);
	story_attach_consumer(s, 0);
	story_publish(s, 1);
	story_consume(s, 0, 1);
	story_publish(s, 1);
}

static void tell_detached(struct story *s)
{
	tell_half(s);
	story_detach_producer(s);
	for (unsigned i = 0; i < s->shape->cursors; i++)
		story_detach_consumer(s, i);
}

static void tell_idle(struct story *s)
{
	tell_half(s);
	story_look(s);
}

static const struct state {
	const char *name;
	void (*tell)(struct story *s);
} states[] = {
	{ "new", tell_new },
	{ "empty", tell_empty },
	{ "unread", tell_unread },
	{ "half", tell_half },
	{ "read", tell_read },
	{ "pushed", tell_pushed },
	{ "wrapped", tell_wrapped },
	{ "taken-over", tell_taken_over },
	{ "discarded", tell_discarded },
	{ "suspended", tell_suspended },
	{ "silent", tell_silent },
	{ "operator", tell_operator },
	{ "killed", tell_killed },
	{ "detached", tell_detached },
	{ "idle", tell_idle },
};

/* ---- the table ---------------------------------------------------------- */

unsigned scenes_count(void)
{
	return ARRAY_SIZE(shapes) * ARRAY_SIZE(states);
}

static const struct shape *shape_of(unsigned i)
{
	return &shapes[i / ARRAY_SIZE(states)];
}

static const struct state *state_of(unsigned i)
{
	return &states[i % ARRAY_SIZE(states)];
}

static void name_of(unsigned i, char *buf, size_t len)
{
	snprintf(buf, len, "%s/%s", shape_of(i)->name, state_of(i)->name);
}

void scenes_tell(unsigned i, uint64_t seed, struct story *s)
{
	story_begin(s, shape_of(i), seed);
	name_of(i, s->name, sizeof(s->name));
	state_of(i)->tell(s);
	story_end(s);
}

unsigned scenes_find(const char *name, size_t len)
{
	unsigned i;

	for (i = 0; i < scenes_count(); i++) {
		char text[64];

		name_of(i, text, sizeof(text));
		if (strlen(text) == len && memcmp(text, name, len) == 0)
			break;
	}
	return i;
}

bool scenes_is_exhaustive(unsigned i, bool in_long_run)
{
	const bool is_first_shape = shape_of(i) == &shapes[0];

	return is_first_shape &&
	       (in_long_run || state_of(i)->tell == tell_half);
}
