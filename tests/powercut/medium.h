#ifndef TESTS_POWERCUT_MEDIUM_H
#define TESTS_POWERCUT_MEDIUM_H

#include "tests/lib/draw.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A medium, in a file, behind a cache that forgets: for each atom (512 or 4096
 * bytes) the versions written since its durable one. The caller locks.
 * Functions return 0, or -1 when the file or memory fails.
 */
enum { ATOM_MIN_BYTES = 512, ATOM_MAX_BYTES = 4096 };

struct atom;

struct medium {
	int fd;
	uint64_t size_bytes; /* a multiple of the atom */
	uint64_t atom_bytes;
	uint64_t atom_count;
	struct atom *atoms;
	struct draw draw; /* decides about the cut */
};

/* Allocate; the other members are set. */
int medium_init(struct medium *m);

struct medium_write {
	const uint8_t *bytes;
	size_t len;
	uint64_t offset;
	uint64_t id; /* of the request that it is a part of; never 0 */
};

/* Newest versions, complete or not. */
int medium_read(const struct medium *m, uint8_t *buf, size_t len,
		uint64_t offset);

int medium_write(struct medium *m, const struct medium_write *w);

/* The request is about to be answered: a flush covers it from now on. */
void medium_complete(struct medium *m, const struct medium_write *w);

/* Harden what is complete. */
int medium_flush(struct medium *m);

/*
 * The power goes: leave each atom at any version from the durable one to the
 * newest. Says on stderr how many went which way.
 */
int medium_cut(struct medium *m);

#endif
