#ifndef TOOLS_BENCH_READER_H
#define TOOLS_BENCH_READER_H

#include "ring/ring.h"

#include <sys/types.h>

/*
 * A consumer in a process of its own, that tells how long items took to come:
 * from just before the call that publishes to the item in the consumer's hand.
 */
struct bench_reader {
	pid_t pid;
	int pipe_fd; /* what it tells */
};

/*
 * Start it on the ring at `path`, as consumer `name`; call it while no handle
 * of the ring is open here, for the process would inherit that. Returns when
 * it is attached. 0, or its error.
 */
int bench_reader_start(struct bench_reader *r, const char *path,
		       const char *name, const struct ring_options *options);

/*
 * Publish one item of `len_bytes` (8 at least, 4096 at most), and wait until
 * the reader has it. *ret_us: how long it took. 0, or the error of either.
 */
int bench_reader_send(struct bench_reader *r, struct ring_producer *p,
		      size_t len_bytes, double *ret_us);

/* End it in good order: it has consumed everything then. 0, or its error. */
int bench_reader_finish(struct bench_reader *r, struct ring_producer *p);

/* End it if it runs, whatever it does. */
void bench_reader_kill(struct bench_reader *r);

#endif
