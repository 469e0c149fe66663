#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

/* Be woken when somebody writes to a file. */

/* A descriptor for watch_sleep(), or -errno; close() it. */
int watch_open(const char *path);

/*
 * Until something is written that was not slept over yet, or `timeout_ms` are
 * over (-1: never). Several writes may be one. 0, or -errno.
 */
int watch_sleep(int watch_fd, int timeout_ms);

#endif
