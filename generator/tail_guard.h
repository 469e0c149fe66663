#ifndef GENERATOR_TAIL_GUARD_H
#define GENERATOR_TAIL_GUARD_H

#include "generator/file_tail.h"

#include <sys/types.h>

/*
 * A process that does nothing but outlive this one. A kill may end a write
 * between two pages; the guard, which has copies of the descriptors and sees
 * the tail, then takes back what is there.
 */
struct tail_guard {
	pid_t pid; /* 0: there is none */
	int pid_fd;
	struct tail_file file;  /* the caller's */
	struct file_tail *tail; /* in memory that both share */
};

/* Start one; there is none yet. -errno: nothing has changed. -EUSERS: there
 * are too many processes. */
int tail_guard_start(struct tail_guard *g, struct tail_file file);

/* Between two batches: should it be gone, start another. -errno. */
int tail_guard_keep(struct tail_guard *g);

/* Nothing is under way any more: end it, if there is one. */
void tail_guard_stop(struct tail_guard *g);

#endif
