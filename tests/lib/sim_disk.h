#ifndef TESTS_SIM_DISK_H
#define TESTS_SIM_DISK_H

#include "ring/ring_io.h"

/*
 * A disk in memory that loses power. Readers see every write; a power cut
 * keeps, of each atom, any version from the durable one to the newest issued.
 * A flush makes durable what was completed before it was issued, and nothing
 * else. Deterministic: the seed of a cut decides all.
 */

/* Locks are told apart modulo a prime. */
enum { SIM_ATOM_BYTES = 512, SIM_LOCKS = 127 };

/* A write that no flush has covered. */
struct sim_write {
	uint64_t offset;
	size_t len;
	uint8_t *data;
	bool is_complete;
};

struct sim_disk;

/* Called before each write, each flush, and after each of them. */
typedef void sim_point_fn(void *ctx, struct sim_disk *disk);

struct sim_disk {
	size_t size;
	uint8_t *visible;
	uint8_t *durable;
	struct sim_write *writes; /* oldest first */
	size_t write_count, write_cap;
	bool buffered; /* what its ios say of themselves */
	bool lies;     /* flushes do nothing */
	uint32_t sector_bytes;
	uint8_t locked[SIM_LOCKS]; /* whether some io holds it */
	sim_point_fn *point;       /* NULL: not called */
	void *point_ctx;
	unsigned long flushes, written;
};

void sim_disk_init(struct sim_disk *d, size_t size);
void sim_disk_release(struct sim_disk *d);

/* A new io on the disk: a process opens it. NULL: out of memory. */
struct ring_io *sim_disk_open(struct sim_disk *d);

/*
 * *ret becomes the disk after all its processes died. Power stays on: what
 * was written is visible, and still not durable.
 */
void sim_disk_after_kill(const struct sim_disk *d, struct sim_disk *ret);

/*
 * *ret becomes the disk after a power cut. Seed 0 keeps nothing that was not
 * durable, 1 keeps all; others choose a version for each atom.
 */
void sim_disk_after_cut(const struct sim_disk *d, uint64_t seed,
			struct sim_disk *ret);

/* splitmix64: the same everywhere. */
uint64_t sim_random(uint64_t *state);

#endif
