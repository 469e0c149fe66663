#ifndef TOOLS_WATCH_VIEW_H
#define TOOLS_WATCH_VIEW_H

#include "tools/cmd.h"
#include "tools/sample.h"

/* Ways to show a sample and what changed since the one before. All print on
 * stdout. */

/* One line of text. */
void watch_view_line(const struct sample *before, const struct sample *now);

/* One line of JSON. An exit code. */
int watch_view_json(const struct sample *before, const struct sample *now);

/* The whole screen, `columns` wide. */
void watch_view_screen(const struct call *call, const struct sample *before,
		       const struct sample *now, size_t columns);

#endif
