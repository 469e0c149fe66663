#ifndef TESTS_SIM_DISK_H
#define TESTS_SIM_DISK_H

#include "ring/ring_io.h"

/*
 * A disk in memory that loses power, and the hosts that share it. Of each atom
 * (a sector) it keeps the versions written since the durable one.
 *
 *  - A flush makes durable what was completed before it was issued, and what
 *    the same host has in its page cache; nothing else. It passes over what
 *    the io that issues it has in flight, in the page cache too: an engine may
 *    not have begun with it.
 *  - Who looks at an atom while a write of it is in flight may see the old or
 *    the new version, each atom on its own: the disk's `rng` decides.
 *  - A host has a page cache. Another host sees what is dirty in it only as
 *    far as it was written back, and may have stale pages itself until it
 *    drops them. Direct I/O sees the disk.
 *  - A failed write reaches the disk in part, a failed flush in part, and
 *    after that clean pages show what the disk never got.
 *  - A power cut leaves of each atom any version from the durable one to the
 *    newest, independently of all others.
 *
 * Deterministic. Copies share what they have in common, so a crash state costs
 * no copy of the image: the disk it was made of must outlive it.
 */
enum {
	SIM_HOSTS = 2,
	SIM_LOCKS = 127,   /* locks are told apart modulo a prime */
	SIM_VERSIONS = 12, /* of one atom that a cut chooses among */
};

struct sim_atom {
	const uint8_t *durable;           /* a cut can't take it back */
	const uint8_t *landed;            /* what the disk shows */
	const uint8_t *cached[SIM_HOSTS]; /* in page caches; NULL: not there */
	uint64_t hash;                    /* of the durable version */
	uint32_t afloat;                  /* versions that have not landed */
};

/* A version of an atom that no flush has covered. */
struct sim_version {
	uint32_t atom;
	uint32_t write; /* which write it is part of */
	const uint8_t *data;
	uint64_t hash; /* of atom and data */
	uint32_t io;   /* which issued it */
	uint8_t host;
	bool is_cached;   /* dirty in the host's page cache */
	bool is_complete; /* the write call has returned */
	bool has_landed;  /* the disk shows it */
};

struct sim_disk;

/* Called before each write and flush, when all writes of a batch are in flight,
 * when they have completed, and after a flush. */
typedef void sim_point_fn(void *ctx, struct sim_disk *disk);

/* An operation that is to fail with EIO, once. */
enum sim_op { SIM_READ, SIM_WRITE, SIM_FLUSH, SIM_OPS };

struct sim_disk {
	size_t size;
	uint32_t sector_bytes; /* size of an atom */
	bool buffered;         /* mode of what sim_disk_open() opens */
	bool lies;             /* flushes do nothing */
	struct sim_atom *atoms;
	size_t atom_count;
	struct sim_version *versions; /* in the order of their issue */
	size_t version_count, version_cap;
	struct sim_chunk *memory; /* what the atoms point to */
	uint32_t writes;          /* issued so far */
	uint32_t ios;             /* opened so far */
	uint64_t image_hash;      /* of all durable atoms */
	uint64_t rng;             /* decides what is left open */
	uint8_t locked[SIM_HOSTS][SIM_LOCKS];
	sim_point_fn *point; /* NULL: not called */
	void *point_ctx;
	unsigned long done[SIM_OPS];  /* operations so far */
	unsigned long fails[SIM_OPS]; /* the N-th from 1 fails; 0: none */
	unsigned long flushes, written;
	uint64_t watch_from;   /* writes at or behind it ... */
	unsigned long watched; /* ... are counted */
};

/* All zero. The atoms are of 512 bytes: sim_disk_set_atom() changes that. */
void sim_disk_init(struct sim_disk *d, size_t size);

/* Before anything is written: 512 or 4096. */
void sim_disk_set_atom(struct sim_disk *d, uint32_t bytes);
void sim_disk_release(struct sim_disk *d);

/* ---- using it ----------------------------------------------------------- */

/* A new io on the disk: a process opens it, on host 0. Never NULL. */
struct ring_io *sim_disk_open(struct sim_disk *d);

/* On that host, in that mode. */
struct ring_io *sim_disk_open_on(struct sim_disk *d, unsigned host,
				 bool buffered);

/*
 * The process is no more: all that the io is asked from now on fails with EIO.
 * What it had in flight stays so.
 */
void sim_io_cut(struct ring_io *io);

/* What the disk shows, without any cache. For tests. */
void sim_disk_peek(const struct sim_disk *d, uint64_t offset, void *buf,
		   size_t len);

/* ---- crashes ------------------------------------------------------------ */

/* *ret becomes a copy, with all that is in flight, but no locks. */
void sim_disk_copy(const struct sim_disk *d, struct sim_disk *ret);

/* *ret becomes what is durable of it, and shares nothing: *d may go. */
void sim_disk_flatten(const struct sim_disk *d, struct sim_disk *ret);

/* Everything in flight completes: the kernel ends what a dead process began. */
void sim_disk_complete(struct sim_disk *d);

/*
 * *ret becomes the disk after all processes died. Power stays on: what was
 * written is visible, and still not durable.
 */
void sim_disk_after_kill(const struct sim_disk *d, struct sim_disk *ret);

/*
 * *ret becomes the disk after `host` crashed and no other. Its page cache is
 * lost but for what was written back by then; its direct I/O in flight stays
 * in flight, for it is in the disk's queue.
 */
void sim_disk_after_host(const struct sim_disk *d, unsigned host,
			 struct sim_disk *ret);

/*
 * *ret becomes the disk after a power cut. Seed 0 keeps nothing that was not
 * durable, 1 keeps all; others choose a version for each atom.
 */
void sim_disk_after_cut(const struct sim_disk *d, uint64_t seed,
			struct sim_disk *ret);

/* ---- power cuts, one by one --------------------------------------------- */

/* An atom that a power cut decides about. */
struct sim_dirty {
	uint32_t atom;
	bool is_in_flight; /* some version of it is */
	unsigned count;    /* of versions that differ, the durable one first */
	const uint8_t *data[SIM_VERSIONS];
	uint64_t hash[SIM_VERSIONS];
};

struct sim_dirty_list {
	struct sim_dirty *list;
	size_t count, cap;
};

/* In the order of their first write; none that was written and is the same.
 * Reuses the list's memory. */
void sim_disk_dirty(const struct sim_disk *d, struct sim_dirty_list *ret);
void sim_dirty_release(struct sim_dirty_list *list);

enum { SIM_GARBAGE = 255 }; /* a choice: the atom holds nothing sensible */

/* *ret becomes the disk after the cut that leaves version choice[i] of dirty
 * atom i. */
void sim_disk_cut(const struct sim_disk *d, const struct sim_dirty_list *dirty,
		  const uint8_t *choice, struct sim_disk *ret);

/* The image_hash that disk will have. */
uint64_t sim_disk_cut_hash(const struct sim_disk *d,
			   const struct sim_dirty_list *dirty,
			   const uint8_t *choice);

/* splitmix64: the same everywhere. */
uint64_t sim_random(uint64_t *state);

/* ---- between sim_disk.c and sim_io.c ------------------------------------ */

/* One write, flush or read of one host. */
struct sim_access {
	unsigned host;
	uint32_t io; /* its number from 1; 0: none */
	bool buffered;
};

/* The write is in flight. Returns its number. `is_partial`: it will fail. */
uint32_t sim_disk_issue(struct sim_disk *d, const struct sim_access *a,
			const struct ring_io_op *op, bool is_partial);
void sim_disk_end_write(struct sim_disk *d, uint32_t write);
void sim_disk_flush(struct sim_disk *d, const struct sim_access *a, bool fails);
void sim_disk_read(struct sim_disk *d, const struct sim_access *a,
		   const struct ring_io_op *op);
void sim_disk_drop(struct sim_disk *d, unsigned host, uint64_t offset,
		   uint64_t len);

/* Count an operation; whether it is the one to fail. */
bool sim_disk_fails(struct sim_disk *d, enum sim_op op);

#endif
