#ifndef GENERATOR_USER_TYPES_H
#define GENERATOR_USER_TYPES_H

#include "generator/parse.h"

/*
 * Types of the first grammar that are short for others (GENERATOR.md 1). Their
 * values are those of what they stand for.
 */
struct user_type {
	const char *name; /* found in letters of either case */
	const char *text; /* what it stands for, as gen_type_print() has it */
};

/* NULL: there is none of this name. */
const struct user_type *user_type_find(struct slice name);

#endif
