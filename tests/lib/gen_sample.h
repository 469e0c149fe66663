#ifndef TESTS_GEN_SAMPLE_H
#define TESTS_GEN_SAMPLE_H

#include "generator/generator.h"

/* Many values of a generator, and whether they are what chance would make. */

/* Values in row-binary. */
struct sample {
	uint8_t *bytes;
	uint64_t *ends;
	uint64_t count;
};

/* The first `count` values. `word` is one of --field; NULL: none. */
struct sample sample_take(const char *schema_text, const char *word,
			  struct gen_options options, uint64_t count);

void sample_release(struct sample *s);

/* The bytes of value i. */
const uint8_t *sample_value(const struct sample *s, uint64_t i,
			    size_t *ret_len);

/* An integer or a float of such bytes. */
uint64_t sample_le(const uint8_t *bytes, size_t len);
double sample_double(const uint8_t *bytes);

/*
 * Fail unless chi-squared of the counts is below what one honest sample in a
 * thousand exceeds. Each category must be worth at least five values.
 */
void sample_assert_fits(const char *name, const uint64_t *counts,
			const double *probabilities, unsigned categories);

#endif
