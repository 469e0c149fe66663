#ifndef BENCH_STORE_H
#define BENCH_STORE_H

#include "ring/ring_io.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The contestants of the rows about publishing and draining: a queue of items
 * of equal size. The ring is one; each peer is another, used as a queue as
 * well as it can be; and the bare file, which is the limit.
 */

/* How the bare file makes a write durable. */
enum raw_way {
	RAW_FLUSH,       /* pwrite, fdatasync */
	RAW_DSYNC,       /* pwritev2 with RWF_DSYNC */
	RAW_URING_CALL,  /* write by io_uring, fdatasync */
	RAW_URING_LINK,  /* write and fsync linked in io_uring */
	RAW_URING_DSYNC, /* write with RWF_DSYNC by io_uring */
};

struct workload {
	size_t item_bytes;
	size_t batch_items; /* of one put */
	size_t file_bytes;  /* size of the ring, and of the bare file */

	/* The ring and the bare file only: */
	enum ring_io_mode mode;
	enum ring_io_engine engine;
	enum raw_way way;
	bool claims; /* the ring: claim and commit, instead of publish */
};

/* Each returns 0, or negative after bench_error(). */
struct store_ops {
	/* May return CONTEST_SKIPPED. Keeps *w, which is the caller's. */
	int (*open)(const struct workload *w, const char *dir,
		    void **ret_store);

	/* Store a batch durably. */
	int (*put)(void *store);

	/* All that was put is done with. */
	int (*clear)(void *store);

	void (*close)(void *store);
};

extern const struct store_ops store_raw;
extern const struct store_ops store_ring;
extern const struct store_ops store_lmdb;
extern const struct store_ops store_sqlite;
extern const struct store_ops store_rocksdb;

/* A batch's bytes, the same for all; aligned for direct I/O, a multiple of
 * 4096 long. NULL, after it was said; free() it. */
void *store_payload(const struct workload *w);
size_t store_batch_bytes(const struct workload *w);

#endif
