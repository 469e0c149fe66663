#ifndef GENERATOR_MAKER_H
#define GENERATOR_MAKER_H

#include "generator/op.h"

/*
 * What makes values, one for each thread: a program, what it needs to run, and
 * the seed. Which values come out depends on nothing but their numbers.
 */
struct maker {
	const struct gen_program *program;
	gen_run_fn *compiled; /* NULL: interpret the program */
	uint64_t seed;
	struct gen_env env;
};

/* Lends the program. -ENOMEM. */
int maker_init(struct maker *k, const struct gen_program *program,
	       gen_run_fn *compiled, uint64_t seed);

void maker_release(struct maker *k);

/*
 * Make values from run->row on, up to row_end, as long as there certainly is
 * room. The caller sets begin, p, end (before which there is GEN_SLACK more),
 * row and ends; rng is the state behind the last value, and need not be set for
 * the first one of a block.
 */
void maker_make(struct maker *k, struct gen_run *run, uint64_t row_end);

#endif
