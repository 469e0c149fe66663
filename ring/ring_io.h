#ifndef RING_RING_IO_H
#define RING_RING_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ring/ring_error.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What the ring needs from storage, and nothing more. A program that brings
 * its own storage (a test's simulated disk, a wrapper that counts or fails)
 * implements struct ring_io_ops and hands the struct ring_io to the ring in
 * its options.
 */
struct ring_io;

enum ring_io_kind { RING_IO_READ, RING_IO_WRITE };

struct ring_io_op {
	enum ring_io_kind kind;
	uint64_t offset_bytes; /* a multiple of io->sector_bytes */
	void *buf;             /* aligned to io->sector_bytes; caller's */
	size_t len_bytes;      /* a multiple of io->sector_bytes, not 0 */
};

enum {
	RING_IO_ALIGN = 4096, /* suits the buffers of any storage */
	RING_IO_BATCH_MAX = 16,
	RING_IO_UNDER_WAY_MAX = 2, /* batches of one io */
};

/*
 * Operations that belong together; writes of one batch never overlap. They
 * run in any order and at the same time. Reads start when all writes of the
 * batch have completed: what they see was there after the writes. `flush`
 * starts then, too (with direct I/O beside the reads, through the page cache
 * after them), and covers the writes of the batch and, on one device, every
 * other write completed before it.
 *
 * Two batches under way know nothing of each other. No write of one may
 * overlap a write of the other; what one reads and the other writes is any mix
 * of old and new. The flush of one need not cover the writes of the other: it
 * does once wait() for them returned before start().
 */
struct ring_io_batch {
	struct ring_io_op ops[RING_IO_BATCH_MAX];
	unsigned count; /* may be 0 if flush is set */
	bool flush;
};

struct ring_io_ops {
	/*
	 * Start a batch; *batch and its buffers stay the caller's and must
	 * stay untouched, where they are, until wait() for it returned. At
	 * most RING_IO_UNDER_WAY_MAX are under way: one more, or one whose
	 * writes overlap, is the caller's bug and asserted. 0, or -errno: then
	 * nothing was started, and the other batch goes on.
	 */
	int (*start)(struct ring_io *io, struct ring_io_batch *batch);

	/*
	 * Wait for this batch, whichever was started first; if it is not under
	 * way, 0 at once. Transfers are whole or they fail: short counts and
	 * EINTR are handled inside. 0; or the first -errno of this batch, when
	 * all its operations have ended: any part of its writes may have
	 * reached the medium, and durability is unknown. The other batch does
	 * not fail for it. A transfer beyond the end of the device is
	 * -RING_ERR_TRUNCATED.
	 */
	int (*wait)(struct ring_io *io, struct ring_io_batch *batch);

	/*
	 * Forget cached copies of a range, so that the next read of it comes
	 * from the medium; but what was written to it since the last flush
	 * stays. 0, or -errno.
	 */
	int (*drop_cache)(struct ring_io *io, uint64_t offset_bytes,
			  uint64_t len_bytes);

	/*
	 * Take the exclusive lock number `lock` (any 32-bit value) on this
	 * device for this io, without waiting. It is held until close, even by
	 * I/O that outlives the process. 0, -EAGAIN if another io holds it, or
	 * -errno. Taking it twice is 0.
	 */
	int (*lock)(struct ring_io *io, uint32_t lock);

	/* Whether another io on this host holds it: 1, 0, or -errno. */
	int (*is_locked)(struct ring_io *io, uint32_t lock);

	/* Give it back. 0, or -errno. */
	int (*unlock)(struct ring_io *io, uint32_t lock);

	/*
	 * A new descriptor, owned by the caller, that polls readable after
	 * anybody on this host wrote to the device through any engine, until
	 * its bytes are read away. -ENOTSUP where there is none.
	 */
	int (*watch)(struct ring_io *io);

	/* The size of the device now, in *ret_bytes. 0, or -errno. */
	int (*size)(struct ring_io *io, uint64_t *ret_bytes);

	/* Wait for all that is under way, release everything, io included. */
	void (*close)(struct ring_io *io);
};

/* Backends embed this as their first member. Fixed at open. */
struct ring_io {
	const struct ring_io_ops *ops;
	const char *engine;    /* "io_uring", "aio", "posix", ... */
	uint64_t size_bytes;   /* of the device */
	uint32_t sector_bytes; /* alignment and unit of transfers, 512..65536 */
	bool buffered;         /* goes through the page cache of this host */
	bool read_only;
};

enum ring_io_engine {
	RING_IO_AUTO = 0, /* see ring_io_open() */
	RING_IO_URING,
	RING_IO_AIO,
	RING_IO_POSIX,
};

enum ring_io_mode {
	RING_IO_MODE_AUTO = 0, /* direct for block devices, else buffered */
	RING_IO_BUFFERED,
	RING_IO_DIRECT,
};

struct ring_io_options {
	enum ring_io_engine engine;
	enum ring_io_mode mode;
	bool read_only;
	struct ring_fault *fault; /* filled on failure, if not NULL */
};

/*
 * Open a regular file or block device. The automatic engine is the fastest
 * that works here (DESIGN.md, "Engines"); where the kernel refuses it
 * (ENOSYS, EPERM, ...) the next is taken. An engine asked for by name is taken
 * or the open fails. Both options NULL-able. Errors: -errno of open();
 * -ENOTSUP: neither file nor block device; -EINVAL: direct I/O not possible.
 * Thread rule: one io, one thread at a time.
 */
int ring_io_open(const char *path, const struct ring_io_options *options,
		 struct ring_io **ret_io);

/* "auto", "io_uring", "aio", "posix". -EINVAL for anything else. */
int ring_io_engine_from_name(const char *name, enum ring_io_engine *ret);

/* Start a batch and wait for it. Errors as of start() and wait(). */
int ring_io_run(struct ring_io *io, struct ring_io_batch *batch);

/* Close and release; NULL is fine. */
void ring_io_close(struct ring_io *io);

#ifdef __cplusplus
}
#endif

#endif
