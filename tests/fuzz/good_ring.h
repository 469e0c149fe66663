#ifndef TESTS_FUZZ_GOOD_RING_H
#define TESTS_FUZZ_GOOD_RING_H

#include "ring/ring.h"
#include "tests/fuzz/ring_image.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/mem_disk.h"

/*
 * Good rings in memory, one of each kind: wrapped, killed, padded, taken over,
 * suspended, fresh. The same in each process.
 */

/* A system with a fixed clock and random numbers. Processes of others died. */
void good_ring_system(struct fake_system *s, uint8_t host);

/*
 * Ring number `base` (any number), to be edited; its bytes are lent until the
 * next call with that number. So is a disk of that size. (Both are too big to
 * be allocated for each run.)
 */
void good_ring_take(unsigned base, struct ring_image *ret);
struct mem_disk *good_ring_disk(unsigned base);

#endif
