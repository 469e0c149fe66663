#ifndef GENERATOR_EMIT_C_H
#define GENERATOR_EMIT_C_H

#include "generator/op.h"

#include <stdio.h>

/*
 * Write a program as a text in C (gnu11) that defines
 *
 *	void gen_compiled(struct gen_run *run);
 *
 * which does what gen_interpret() would. It uses nothing from outside but
 * memcpy() and the like; what the program calls it finds in run->env. Failures
 * are the stream's.
 */
void gen_emit_c(const struct gen_program *program, FILE *out);

/* The headers that compiled programs are made of, as one text. The Makefile
 * makes it. */
extern const char gen_compiled_headers[];

#endif
