#ifndef TOOLS_PICTURE_H
#define TOOLS_PICTURE_H

#include "ring/ring.h"

#include <stddef.h>

/* What a stretch of the ring holds. */
enum {
	PICTURE_FREE = '.',
	PICTURE_CONSUMED = '-', /* by all, and not yet free */
	PICTURE_BACKLOG = '#',
	PICTURE_PUSHED = '+', /* and not exposed */
};

enum { PICTURE_MAX = 200 };

/*
 * Draw the data area, as it lies on the device, as `width` characters (at most
 * PICTURE_MAX) and NUL. Below it, in ret_marks, 'P' where the producer will
 * write, and 'a', 'b', ... where each cursor stands ('*': several).
 */
void picture_draw(const struct ring_info *info, size_t width, char *ret_bar,
		  char *ret_marks);

/* The mark of cursor number i. */
char picture_mark(unsigned i);

#endif
