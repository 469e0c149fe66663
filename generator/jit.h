#ifndef GENERATOR_JIT_H
#define GENERATOR_JIT_H

#include "generator/generator.h"
#include "generator/op.h"

/*
 * The engine that compiles: a program becomes C (emit_c.c), a compiler makes a
 * shared object of it (jit_cc.c), which may come from an earlier run
 * (jit_cache.c) and is then part of this process.
 */
struct jit {
	gen_run_fn *run; /* NULL: interpret the program */
	void *module;    /* NULL: none, and no fd */
	int fd;
	struct gen_error note; /* no text: all is as asked for */
};

/* Compile the program, or say why not in the note. To be stopped either way. */
void jit_start(struct jit *jit, const struct gen_program *program,
	       const struct gen_options *options);

/* Nothing may run the program any more. Fine on zeros. */
void jit_stop(struct jit *jit);

#endif
