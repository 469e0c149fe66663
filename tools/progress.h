#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * One line on stderr that tells how far long work is. Nothing is shown where
 * stderr is no terminal, nor in the first second.
 */
struct progress {
	bool enabled;
	bool shown;
	const char *verb; /* "published" */
	uint64_t start_ns;
	uint64_t next_ns; /* when to show it again */
};

void progress_init(struct progress *p, const char *verb);

/* Show it, if it is time to. */
void progress_tick(struct progress *p, uint64_t items, uint64_t bytes);

/* Whether it is time to, for who shows a line of its own: begin it with \r
 * and end it with \033[K. */
bool progress_due(struct progress *p);

/* Take the line away. */
void progress_clear(struct progress *p);

#endif
