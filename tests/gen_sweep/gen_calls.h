#ifndef TESTS_GEN_SWEEP_GEN_CALLS_H
#define TESTS_GEN_SWEEP_GEN_CALLS_H

#include <stdbool.h>

/*
 * Between the generator and the C library: counts what is asked of the system,
 * and fails the N-th time. The linker puts it there (--wrap, see the Makefile).
 */
struct gen_call_plan {
	unsigned at;      /* the call that fails, counted from 1 */
	bool persists;    /* so do all after it */
	bool memory_only; /* nothing else fails */
	int error;        /* of what is no memory */
};

void gen_calls_begin(const struct gen_call_plan *plan);

/* Nothing fails any more. Whether something did. */
bool gen_calls_end(void);

/* Of memory, that are not released. */
long gen_calls_blocks(void);

/* Release what the C library allocated for itself, uncounted. */
void gen_calls_free(void *block);

/* What was asked of files since the last gen_calls_forget(): w(rite), f(lush),
 * r(ename). */
const char *gen_calls_log(void);
void gen_calls_forget(void);

#endif
