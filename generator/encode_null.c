#include "generator/encode.h"

/* Values are made, and nothing of them is kept: GENERATOR.md 3.1. */
const struct gen_encoding gen_encode_null = { .name = "null" };
