#ifndef TESTS_GEN_RANDOM_TYPE_H
#define TESTS_GEN_RANDOM_TYPE_H

#include "tests/lib/draw.h"

/*
 * A random schema, of either grammar, that can be generated: every scalar and
 * compound, nullable or not, within each other, with defaults and `this`. The
 * text is malloc'd.
 */
char *random_schema(struct draw *d);

#endif
