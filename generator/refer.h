#ifndef GENERATOR_REFER_H
#define GENERATOR_REFER_H

#include "generator/parse.h"

/*
 * What a parser leaves to be done when it has read all: each `this` gets its
 * target, and each type is told whether it has an end. A `this NAME` beside
 * the type NAME, not within it, becomes a copy of that type. -EINVAL: there is
 * no such type, or there are too many copies; -ENOMEM.
 */
int gen_refer(struct gen_type *root, struct gen_error *error);

/* Types within a schema, at most, copies included. */
enum { GEN_TYPES_MAX = 1 << 20 };

#endif
