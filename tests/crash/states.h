#ifndef TESTS_CRASH_STATES_H
#define TESTS_CRASH_STATES_H

#include "tests/lib/draw.h"
#include "tests/lib/sim_disk.h"

/*
 * What a power cut may leave: of each atom any version from the durable one to
 * the newest, independently. A way to choose is a letter and a number:
 *
 *   aN  number N of all combinations
 *   pN  the first N atoms written are kept, the rest is not
 *   dN  all is kept but dirty atom N
 *   kN  nothing is kept but dirty atom N
 *   wN  all is kept but the N-th write
 *   sN  by the seed N
 *   gN  by the seed N, and some atoms in flight hold garbage
 *
 * Garbage only where the format promises to survive it: not in an atom that
 * holds bytes of committed records.
 */
enum { STATES_ALL_MAX = 1 << 14, STATES_ATOMS = 512 };

struct states {
	const struct sim_disk *disk;
	struct sim_dirty_list dirty;
	uint64_t committed_from; /* offsets of an atom that must not be ... */
	uint64_t committed_to;   /* ... garbage; equal: none */
	unsigned writes;         /* that are not durable */
	uint8_t choice[STATES_ATOMS];
};

/* Take stock of a disk; reuses the memory of what was there. */
void states_of(struct states *s, const struct sim_disk *d);
void states_release(struct states *s);

/* Set `choice` as a letter and a number say. Whether there is such a one. */
bool states_choose(struct states *s, char how, unsigned n);

/* All combinations, or more than STATES_ALL_MAX. */
unsigned states_count(const struct states *s);

/*
 * Call fn for each choice: for all of them if they are at most `limit`; else
 * for `limit` of the prefixes, the newest among them, drop-ones, keep-ones and
 * samples.
 * Garbage comes on top, an eighth as often.
 */
typedef void states_fn(void *ctx, char how, unsigned n);
void states_each(struct states *s, unsigned limit, struct draw *draw,
		 states_fn *fn, void *ctx);

/* One of them at random. */
void states_draw(struct states *s, struct draw *draw, char *ret_how,
		 unsigned *ret_n);

#endif
