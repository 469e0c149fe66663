#ifndef TOOLS_OUTPUT_H
#define TOOLS_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes gathered in memory and then written all together, so that a command
 * knows when they are out, and can stop where a reader has stalled.
 */
struct output {
	int fd;
	bool is_file; /* a write never waits for a reader */
	uint8_t *buf;
	size_t size;
	size_t fill;
};

void output_init(struct output *o, int fd);
void output_release(struct output *o);

/* 0, or -ENOMEM. */
int output_append(struct output *o, const void *data, size_t len_bytes);

/*
 * Write out everything appended. -errno; -ECANCELED if the reader stalls and
 * stop_fd (see stop.h) says stop: a part may have been written.
 */
int output_flush(struct output *o, int stop_fd);

#endif
