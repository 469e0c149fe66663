#ifndef GENERATOR_JIT_CC_H
#define GENERATOR_JIT_CC_H

#include "generator/generator.h"
#include "generator/jit_file.h"

struct jit_source {
	const char *compiler; /* a path, or a name to be looked for in PATH */
	const char *text;     /* in C */
};

/* What the compiler is told besides the names of files; ends with NULL. */
extern const char *const jit_cc_flags[];

/*
 * Make a shared object. The compiler runs in this process' environment, works
 * in a directory of its own in /tmp, of which nothing is left, and prints
 * nothing: ret_why has the first line of what it says if it fails. -EINVAL.
 */
int jit_cc(const struct jit_source *source, struct gen_error *ret_why,
	   struct jit_object *ret_object);

#endif
