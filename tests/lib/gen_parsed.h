#ifndef TESTS_GEN_PARSED_H
#define TESTS_GEN_PARSED_H

#include "generator/generator.h"

/* A schema of a text that is one: otherwise the test fails, and says where. To
 * be freed. */
struct gen_schema *gen_parsed(const char *text);

/* Say how a field is drawn; the test fails if that is wrong. */
void gen_parsed_field(struct gen_schema *schema, const char *word);

#endif
