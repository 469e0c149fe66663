#ifndef GENERATOR_ERROR_H
#define GENERATOR_ERROR_H

#include "generator/generator.h"

/*
 * Say what is wrong that is at no place of the schema's text; NULL is fine.
 * Always -EINVAL, so that it can be returned.
 */
int gen_error_set(struct gen_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Say that there is no memory. Always -ENOMEM. */
int gen_error_no_memory(struct gen_error *error);

#endif
