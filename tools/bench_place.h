#ifndef TOOLS_BENCH_PLACE_H
#define TOOLS_BENCH_PLACE_H

#include "ring/ring.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Where it is measured: a file of our own, or a block device. The ring lies on
 * its first part, the raw floor is measured on the one behind.
 */
enum {
	BENCH_PLACE_LEAST = 16 * 1024 * 1024, /* bytes, in all */
	BENCH_PLACE_DEFAULT = 64 * 1024 * 1024,
};

struct bench_place {
	char path[PATH_MAX];
	uint64_t ring_bytes, raw_bytes;
	bool is_ours;  /* a file, to be removed */
	bool has_ring; /* on a device, to be erased */
};

/*
 * `path` is a directory, a name without a file, or a block device; on a
 * device nothing is written yet. size_bytes 0: the default, or a device that
 * is smaller. -EEXIST: there is a file; TRUNCATED; -errno.
 */
int bench_place_open(struct bench_place *place, const char *path,
		     uint64_t size_bytes);

/* Make the ring. Errors of ring_create(). */
int bench_place_create(struct bench_place *place, bool force,
		       const struct ring_options *options);

/* Leave nothing behind. */
void bench_place_close(struct bench_place *place,
		       const struct ring_options *options);

#endif
