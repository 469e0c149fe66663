#ifndef TESTS_DRAW_H
#define TESTS_DRAW_H

#include <stdint.h>

/* Random numbers of a test: the same everywhere for the same seed. */
struct draw {
	uint64_t state;
};

/*
 * Begin with the seed in the environment variable TEST_SEED, else with 1.
 * Prints it, with the name of the test.
 */
struct draw draw_begin(const char *test);

uint64_t draw_u64(struct draw *d);

/* 0 to limit - 1. */
uint64_t draw_below(struct draw *d, uint64_t limit);

#endif
