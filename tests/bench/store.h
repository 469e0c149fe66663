#ifndef BENCH_STORE_H
#define BENCH_STORE_H

#include "ring/ring_io.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * The contestants of the rows about publishing and draining: a queue of items
 * of equal size. The ring is one; each peer is another, used as a queue as
 * well as it can be; and the bare file, which is the limit: one that is written,
 * and for drains the ring's own.
 */

/*
 * How the bare file makes a write durable. The last two of each kind do beside
 * it what the rules demand of a commit with direct I/O: a read elsewhere that
 * comes behind the write (the fence), and a write elsewhere that comes behind
 * the flush (the seal).
 */
enum raw_way {
	RAW_FLUSH,      /* pwrite, fdatasync */
	RAW_DSYNC,      /* pwritev2 with RWF_DSYNC */
	RAW_FENCE,      /* pwrite, pread, fdatasync */
	RAW_FENCE_SEAL, /* and then pwrite */

	RAW_URING_CALL,       /* write by io_uring, fdatasync */
	RAW_URING_LINK,       /* write and fsync linked in io_uring */
	RAW_URING_DSYNC,      /* write with RWF_DSYNC by io_uring */
	RAW_URING_FENCE,      /* pwrite; read by io_uring beside fdatasync */
	RAW_URING_FENCE_SEAL, /* and then a write that is not waited for */
};

enum { STORE_MIB = 1 << 20 };

/*
 * Files are small enough that everyone's pages stay in the page cache, or what
 * is measured would be who came first to memory that the machine has to find.
 */
struct workload {
	size_t item_bytes;
	size_t batch_items;     /* of one put */
	size_t backlog_batches; /* put before they are cleared or drained */
	size_t step_items;      /* drained from one durable position to the
				 * next */
	size_t file_bytes;      /* of the ring, and of the bare file */
	bool keeps; /* peers: a drain remembers a position only, and gives no
		     * space back */

	/* The ring and the bare file only: */
	enum ring_io_mode mode;
	enum ring_io_engine engine;
	enum raw_way way;
	bool claims; /* the ring: claim and commit, instead of publish */
	bool fills;  /* the bare file: copy and hash the items, each time */
};

/* The items that a drain came by. */
struct tally {
	size_t items;
	uint64_t sum; /* of their words */
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

	/*
	 * Read the whole backlog, item by item, and each `step_items` remember
	 * that durably and give back the space. *t, which is empty, counts
	 * what came.
	 */
	int (*drain)(void *store, struct tally *t);

	/* The backlog is as it was before it was drained. */
	int (*rewind)(void *store);

	void (*close)(void *store);
};

extern const struct store_ops store_raw;    /* is not drained */
extern const struct store_ops store_reread; /* is drained only */
extern const struct store_ops store_steps;  /* likewise */
extern const struct store_ops store_ring;
extern const struct store_ops store_lmdb;
extern const struct store_ops store_sqlite;
extern const struct store_ops store_rocksdb;

/*
 * Whoever consumes an item reads all of it, or a database that lends a pointer
 * into its file would have been spared the work. Inline, as it is a part of
 * what is measured.
 */
static inline void tally_add(struct tally *t, const void *data, size_t bytes)
{
	uint64_t word;

	for (size_t at = 0; at + sizeof(word) <= bytes; at += sizeof(word)) {
		memcpy(&word, (const char *)data + at, sizeof(word));
		t->sum += word;
	}
	t->items++;
}

/*
 * What to return when an open failed with `rc`: CONTEST_SKIPPED where it is
 * the machine that lacks io_uring or direct I/O. Says what is the matter.
 */
int store_open_failed(const struct workload *w, const char *name, int rc,
		      const char *text);

/* Put the backlog. */
int store_fill(const struct store_ops *ops, void *store,
	       const struct workload *w);

/* 0 if that is the whole backlog; else negative, after it was said. */
int store_check(const struct workload *w, const struct tally *t);

/*
 * Memory for I/O, aligned for direct I/O, in huge pages where there are any:
 * the ring's is, and direct I/O with it is twice as fast. NULL, after it was
 * said; free() it.
 */
void *store_buffer(size_t bytes);

/* A batch's bytes, the same for all, in such a buffer; a multiple of 4096
 * long. */
void *store_payload(const struct workload *w);
size_t store_batch_bytes(const struct workload *w);

#endif
