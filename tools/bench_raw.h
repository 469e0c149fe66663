#ifndef TOOLS_BENCH_RAW_H
#define TOOLS_BENCH_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The floor: what the storage itself takes, with plain calls and nothing
 * around them. It works on a part of the same file or device as the ring.
 */
enum {
	BENCH_RAW_BLOCK = 4096,
	BENCH_RAW_CHUNK = 1024 * 1024, /* the most of one transfer */
};

struct bench_raw {
	int fd;
	char *buf; /* BENCH_RAW_CHUNK bytes */
	uint64_t offset_bytes, len_bytes;
	uint64_t at_bytes; /* the next write, from offset_bytes on */
};

/* The part of `path` to use, in whole chunks; it is overwritten. */
struct bench_raw_part {
	uint64_t offset_bytes, len_bytes;
	bool direct;
};

/* 0, or -errno. */
int bench_raw_open(struct bench_raw *raw, const char *path,
		   const struct bench_raw_part *part);
/* Also what was never opened, if it is zero. */
void bench_raw_close(struct bench_raw *raw);

/* Lengths below are multiples of BENCH_RAW_BLOCK. */

/* Write a stretch behind the last one, and flush. 0, or -errno. */
int bench_raw_write(struct bench_raw *raw, size_t len_bytes, double *ret_us);

/* Read that much in sequence, in chunks, and write and flush one block: what
 * it takes to drain a queue and remember it. 0, or -errno. */
int bench_raw_drain(struct bench_raw *raw, uint64_t len_bytes, double *ret_us);

#endif
