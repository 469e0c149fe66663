#ifndef TESTS_MEM_DISK_H
#define TESTS_MEM_DISK_H

#include "ring/ring_io.h"

/*
 * A disk in memory that counts and fails. Several handles share its bytes
 * and its locks, as processes share a device; each handle may have a thread
 * of its own. There is no page cache: what is written is on the medium.
 *
 * The writes of a batch happen in start(), for nobody need wait for them; its
 * reads happen in wait(), so that a caller who looks at its buffers too early
 * is caught. What ring_io.h demands of callers (alignment, no overlap, two
 * batches under way at most) is asserted.
 */
struct mem_disk;

/* All zero. sector_bytes: a power of two. Never NULL. */
struct mem_disk *mem_disk_new(uint64_t size_bytes, uint32_t sector_bytes);

/* When all handles are closed. NULL is fine. */
void mem_disk_free(struct mem_disk *d);

/* A new handle; to be closed with ring_io_close(). Never NULL. */
struct ring_io *mem_disk_open(struct mem_disk *d);
struct ring_io *mem_disk_open_read_only(struct mem_disk *d);

/* The medium itself, to look at, prepare or damage. */
uint8_t *mem_disk_bytes(struct mem_disk *d);

/* What happened since the disk was made, or since the last reset. */
struct mem_disk_counts {
	uint64_t reads, writes, flushes, drops; /* operations, not batches */
	uint64_t read_bytes, written_bytes, dropped_bytes;
};
struct mem_disk_counts mem_disk_counts(struct mem_disk *d);
void mem_disk_reset_counts(struct mem_disk *d);

/*
 * Fail operation number `op` from now on, counting reads, writes and flushes
 * from 1 in the order above, with -errnum; `persists`: all that follow, too. 0: none. A write
 * that fails has left the first half of its sectors on the medium. The other
 * operations of a batch are carried out, but not its flush.
 */
struct mem_disk_fault {
	unsigned op;
	int errnum;
	bool persists;
};
void mem_disk_fail(struct mem_disk *d, struct mem_disk_fault fault);

/* Whether the fault was met since mem_disk_fail(). */
bool mem_disk_fault_was_hit(struct mem_disk *d);

#endif
