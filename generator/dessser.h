#ifndef GENERATOR_DESSSER_H
#define GENERATOR_DESSSER_H

#include "generator/parse_names.h"

/*
 * The first grammar, dessser's types (GENERATOR.md 1.1), in three parts.
 *
 * A function returns how many types lie within each other in what it has read,
 * or a negative code. `depth` counts what lies around it, itself included, so
 * neither these parsers nor who walks the tree go deeper than GEN_NESTING_MAX.
 */
struct dessser {
	struct parse p;
	struct parse_names declared, referred; /* by `as`, by `this` */
};

/* A type with all that may stand around it: name, `?`, default. */
int dessser_item(struct dessser *d, unsigned depth, struct gen_type *ret_type);

/* What a type begins with, up to what it is the item of. */
int dessser_base(struct dessser *d, unsigned depth, struct gen_type *ret_type);

/* The same, if it is a word. */
int dessser_word(struct dessser *d, unsigned depth, struct gen_type *ret_type);

/* One more member, and its type. */
int dessser_member(struct dessser *d, unsigned depth, struct gen_type *type,
		   struct slice name);

/* Words that would be taken for something else where they stand. */
bool dessser_is_reserved(struct slice word);

/* Behind `default`: one s-expression. What it means is nobody's concern. */
int dessser_default(struct parse *p);

#endif
