#ifndef GENERATOR_WRITER_H
#define GENERATOR_WRITER_H

#include "generator/file_tail.h"
#include "generator/tail_guard.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whole values for a descriptor whose reader may be slow. A file takes them all
 * in one call, or none. Anything else is asked first and given no more than it
 * takes without blocking, so that who waits for it can also be told to stop.
 */
struct writer {
	struct tail_file file; /* its descriptors are the caller's */
	bool is_file;
	size_t done_bytes; /* of what is being written to no file */
	struct file_tail tail;
	struct tail_guard guard;
};

/* `file` may be anything that is written to; if it is no file, only its fd
 * counts. -errno: that is no descriptor. */
int writer_init(struct writer *w, struct tail_file file);

/* Have the end of a file that others know of watched by another process; what
 * they do not, no reader takes for complete. -errno. */
int writer_guard(struct writer *w);

/* Ends that. */
void writer_release(struct writer *w);

/*
 * Write all of it. -EAGAIN: not all is written; call again with the same bytes
 * after a wait, for writer_wait_fd(). -errno: of a file nothing is.
 */
int writer_write(struct writer *w, const uint8_t *bytes, size_t len_bytes);

/* What to poll for then; -1: there is nothing that tells. */
int writer_wait_fd(const struct writer *w, short *ret_events);

/* What is waited for then; the text may lie in `buf`. */
enum { WRITER_TEXT_BYTES = 64 };
const char *writer_waits_for(const struct writer *w,
			     char buf[WRITER_TEXT_BYTES]);

#endif
