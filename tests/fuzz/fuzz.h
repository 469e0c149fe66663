#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One target in each fuzz_x.c: run one input, and abort if a rule does not
 * hold. The same in each process and at each repetition: no time, no
 * randomness, no state kept. 0.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes);

/* Say which rule, and abort. */
void fuzz_require(bool holds, const char *rule);

#endif
