#ifndef GENERATOR_PARTS_H
#define GENERATOR_PARTS_H

#include "generator/generator.h"
#include "generator/type.h"

/* The least and the most items of a vector, an array or a map. */
uint64_t gen_count_min(const struct gen_type *type,
		       const struct gen_options *options);
uint64_t gen_count_max(const struct gen_type *type,
		       const struct gen_options *options);

/* Scalars that each value has at least, or UINT64_MAX for more than that: a
 * vector of vectors may have more than can ever be made. */
uint64_t gen_parts_min(const struct gen_type *type,
		       const struct gen_options *options);

#endif
