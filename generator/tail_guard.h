#ifndef GENERATOR_TAIL_GUARD_H
#define GENERATOR_TAIL_GUARD_H

#include "generator/file_tail.h"

#include <sys/types.h>

/*
 * A process that does nothing but outlive this one. A kill may end a write
 * between two pages; the guard, which has a copy of the descriptor and sees the
 * tail, then takes back what is there.
 */
struct tail_guard {
	pid_t pid;              /* 0: there is none */
	int word_fd;            /* tells it to go, as does its close */
	struct file_tail *tail; /* in memory that both share */
};

/* Start one for `fd`, a regular file. -errno; then nothing has changed. */
int tail_guard_start(struct tail_guard *g, int fd);

/* Nothing is under way any more: end it, if there is one. */
void tail_guard_stop(struct tail_guard *g);

#endif
