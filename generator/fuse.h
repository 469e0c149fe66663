#ifndef GENERATOR_FUSE_H
#define GENERATOR_FUSE_H

#include "generator/op.h"

/* Replace ops that often follow each other by one that does the same. 0, or
 * -ENOMEM, and the program is as it was. */
int gen_fuse(struct gen_program *program);

#endif
