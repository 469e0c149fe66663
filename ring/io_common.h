#ifndef RING_IO_COMMON_H
#define RING_IO_COMMON_H

#include "ring/ring_io.h"

#include <sys/types.h>

/*
 * What the engines have in common: the descriptor, and the book-keeping of
 * the batches under way, each a run. An engine embeds the base as its first
 * member.
 *
 * An engine works in rounds: it issues what ring_io_rest() says is left of
 * each operation, hands each result to ring_io_account(), and goes on while
 * ring_io_needs_round(). So short transfers and EINTR are handled here, once.
 */
struct ring_io_run {
	struct ring_io_batch *batch; /* NULL: none */
	size_t done_bytes[RING_IO_BATCH_MAX];
	unsigned in_flight; /* operations that the kernel has; the engine's */
	bool owes_flush;    /* still to be started */
	int result;         /* the first error, or 0 */
};

struct ring_io_base {
	struct ring_io io; /* first: a ring_io * is a ring_io_base * */
	int fd;
	char *path;        /* owned; as given to open */
	uint64_t read_end; /* where the last long read ended */
	bool looks;        /* the kernel was told not to read ahead */

	/* Most bytes of one system call; more is cut. Tests lower it. */
	size_t transfer_max_bytes;

	struct ring_io_run runs[RING_IO_UNDER_WAY_MAX];
};

/*
 * Make an engine from a base, which it copies. On success the descriptor and
 * the path are the engine's, else they stay the caller's. 0, or -errno.
 */
typedef int ring_io_engine_new(const struct ring_io_base *base,
			       struct ring_io **ret_io);

ring_io_engine_new ring_io_uring_new;
ring_io_engine_new ring_io_aio_new;
ring_io_engine_new ring_io_posix_new;

static inline struct ring_io_base *ring_io_to_base(struct ring_io *io)
{
	return (struct ring_io_base *)(void *)io;
}

/* Release what the base owns; a descriptor of -1 is none. */
void ring_io_base_release(struct ring_io_base *base);

/* ---- the batches under way ---------------------------------------------- */

/* Whether a write of one batch overlaps another write of the other. */
bool ring_io_writes_overlap(const struct ring_io_batch *a,
			    const struct ring_io_batch *b);

/*
 * Check a batch and make it one of those under way. -RING_ERR_TRUNCATED: it
 * goes beyond the device; -EBADF: it writes to a read-only io.
 */
int ring_io_begin(struct ring_io_base *base, struct ring_io_batch *batch,
		  struct ring_io_run **ret_run);

/* The run of a batch; NULL: it is not under way. */
struct ring_io_run *ring_io_find_run(struct ring_io_base *base,
				     const struct ring_io_batch *batch);

/* The batch is not under way any more. Returns its result. */
int ring_io_end(struct ring_io_run *run);

/* Wait for whatever is under way, with the engine's wait(). */
void ring_io_wait_for_all(struct ring_io_base *base);

/* Keep an error, if it is the first one of the batch. 0 is no error. */
void ring_io_note(struct ring_io_run *run, int rc);

/*
 * Whether operation i is to be asked for now: it is not done, and if it reads,
 * all writes of the batch are.
 */
bool ring_io_in_round(const struct ring_io_run *run, unsigned i);

/* Whether every write of the batch is done. */
bool ring_io_writes_are_done(const struct ring_io_run *run);

/* Whether all bytes of operation i are transferred. */
bool ring_io_is_done(const struct ring_io_run *run, unsigned i);

/* What to ask the system for next, for operation i. */
struct ring_io_op ring_io_rest(const struct ring_io_base *base,
			       const struct ring_io_run *run, unsigned i);

/* Take the system's answer for operation i: a byte count, or -errno. */
void ring_io_account(const struct ring_io_base *base, struct ring_io_run *run,
		     unsigned i, ssize_t answer);

/* Ask the system by a plain call, and take its answer. */
void ring_io_transfer(const struct ring_io_base *base, struct ring_io_run *run,
		      unsigned i);

/* Whether no error occurred and an operation is not done. */
bool ring_io_needs_round(const struct ring_io_run *run);

/* If the batch owes a flush and has no error: flush with a system call. */
void ring_io_flush(const struct ring_io_base *base, struct ring_io_run *run);

/*
 * After an unexpected error in waiting for completions. Buffers that the
 * kernel still uses can't be given back, so the engine waits on, a little
 * later.
 */
void ring_io_pause(void);

/* ---- members of ring_io_ops that all engines share ---------------------- */

int ring_io_drop_cache(struct ring_io *io, uint64_t offset_bytes,
		       uint64_t len_bytes);
int ring_io_lock(struct ring_io *io, uint32_t lock);
int ring_io_is_locked(struct ring_io *io, uint32_t lock);
int ring_io_unlock(struct ring_io *io, uint32_t lock);
int ring_io_watch(struct ring_io *io);
int ring_io_size(struct ring_io *io, uint64_t *ret_bytes);

#endif
