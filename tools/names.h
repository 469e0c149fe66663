#ifndef TOOLS_NAMES_H
#define TOOLS_NAMES_H

#include "ring/ring.h"

#include <stddef.h>

/* Names from a text "a,b,c". Owns the text behind them. */
struct name_list {
	char *text;
	const char *names[RING_CURSORS_MAX];
	size_t count;
};

/* An option reader: *ret is a struct name_list. Of two texts the last holds.
 * Whether each name is a good one is for the ring to say. */
const char *names_option(const char *text, void *ret);

void names_release(struct name_list *list);

#endif
