#ifndef GENERATOR_FIELD_PATH_H
#define GENERATOR_FIELD_PATH_H

#include "generator/generator.h"
#include "generator/parse.h"
#include "generator/type.h"

/*
 * Which type of a schema is meant by `a.b`, `a.0`, `a[]`, `a.key`, `a.value`,
 * or `.` for the whole (GENERATOR.md 1.4). -EINVAL: none.
 */
int field_path_find(struct gen_type *root, struct slice path,
		    struct gen_error *error, struct gen_type **ret_type);

/* How long the path at the beginning of `word` is: up to `=` that is not
 * between backquotes, or to the end. */
size_t field_path_length(const char *word);

#endif
