#ifndef GENERATOR_WRITER_H
#define GENERATOR_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes for a descriptor whose reader may be slow. A file takes them all in
 * one call. Anything else is asked first and given no more than it takes
 * without blocking, so that who waits for it can also be told to stop.
 */
struct writer {
	int fd;
	bool is_file;
	size_t done_bytes; /* of what is being written */
};

void writer_init(struct writer *w, int fd);

/*
 * Write all of it. -EAGAIN: not all is written; call again with the same bytes
 * when the descriptor polls writable. -errno: `done_bytes` tells how much is.
 */
int writer_write(struct writer *w, const uint8_t *bytes, size_t len_bytes);

#endif
