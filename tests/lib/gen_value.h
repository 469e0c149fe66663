#ifndef TESTS_GEN_VALUE_H
#define TESTS_GEN_VALUE_H

#include "generator/type.h"

/*
 * What a decoder finds: the values of a type as a list, in the order of the
 * schema, the same whatever the encoding. With the type at hand there is just
 * one way to read it, so two values are equal if their lists are.
 *
 * Compounds leave no event, but for those that say how they go on. A nullable
 * that is there leaves that of its value, void none at all. A vector of chars is
 * so many integers; a FixedString is one text, without zeros at its end.
 */
enum event_kind {
	EVENT_NULL,   /* a nullable that is null */
	EVENT_INT,    /* w: an integer, a bool, a char, the value of a label */
	EVENT_FLOAT,  /* w[0]: its bits, 32 or 64 of them */
	EVENT_TEXT,   /* a string or a FixedString */
	EVENT_COUNT,  /* w[0] items of an array or pairs of a map come next */
	EVENT_CHOICE, /* alternative w[0] of a sum comes next */
};

struct event {
	enum event_kind kind;
	uint64_t w[4]; /* lowest word first, extended by the sign, or zeros */
	size_t text;   /* where in events.texts */
	size_t text_bytes;
};

struct events {
	struct event *list;
	size_t count, room;
	char *texts;
	size_t text_bytes, text_room;
};

/* Add one. They end the program where there is no memory. */
void events_add(struct events *e, enum event_kind kind, uint64_t w);
void events_add_wide(struct events *e, const uint64_t w[4]);
void events_add_text(struct events *e, const void *text, size_t len_bytes);

/* An empty list again; its memory stays. */
void events_clear(struct events *e);
void events_free(struct events *e);

/* The first place where they differ; SIZE_MAX: nowhere. */
size_t events_differ(const struct events *x, const struct events *y);

/* An event in words, like snprintf; of one behind the last, "nothing". */
int events_print(const struct events *e, size_t index, char *buf, size_t size);

#endif
