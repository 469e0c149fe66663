#ifndef GENERATOR_SCHEMA_H
#define GENERATOR_SCHEMA_H

#include "generator/type.h"

/* What gen_schema_parse() makes and gen_schema_field() changes. */
struct gen_schema {
	struct gen_type type;
};

#endif
