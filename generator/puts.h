#ifndef GENERATOR_PUTS_H
#define GENERATOR_PUTS_H

#include "generator/machine.h"

/*
 * Puts that are functions: what is not worth being part of each program, or too
 * long for it. Which bytes they write is specified in GENERATOR.md 3.
 */
enum gen_put_call {
	GEN_PUT_CHAR_WORDS,
	GEN_PUT_WIDER_FLOAT,
	GEN_PUT_COUNT,
};

extern gen_put_fn *const gen_puts[];

#endif
