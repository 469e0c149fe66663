#ifndef GENERATOR_INTERPRET_H
#define GENERATOR_INTERPRET_H

#include "generator/op.h"

/*
 * Make values number run->row and on, up to run->row_end, in the room, for as
 * long as there certainly is room for one more. What is made lies before
 * run->p. run->rng and run->row stand behind the last value that is whole.
 */
void gen_interpret(const struct gen_program *program, struct gen_run *run);

#endif
