#ifndef BENCH_BARE_QUEUE_H
#define BENCH_BARE_QUEUE_H

#include "tests/bench/drainer.h"

#include <stdint.h>

/*
 * The least that two processes can do to hand items over in a file: the one
 * writes them and looks at the other's position, the other is woken by a
 * watch, reads them and writes its position. Nothing is checked and nothing
 * survives: it only shows what the system calls take. Items have 64 bytes.
 */
struct bare_queue {
	int fd;       /* 0: not open */
	int watch_fd; /* 0: there is none */
	uint64_t sent;
	uint64_t taken; /* as last looked at */
	char *batch;
};

/* Make the file. 0, or -errno. */
int bare_queue_open(struct bare_queue *q, const char *path);
void bare_queue_close(struct bare_queue *q);

/* Write that many items (1000 at most) with one call, when there is room. */
int bare_queue_put(struct bare_queue *q, unsigned items);

/* Be woken by the other one; then one can wait until it has taken all. */
int bare_queue_watch(struct bare_queue *q, const char *path);
int bare_queue_await(struct bare_queue *q);

/* Let the other one work. */
void bare_queue_rest(void);

/* A drainer_fn; `how` is the path. */
int bare_queue_drain(const void *how, struct drainer_said *said);

#endif
