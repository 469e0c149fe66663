#include "tests/lib/gen_sample.h"
#include "tests/lib/gen_parsed.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void fill(struct sample *s, struct generator *g)
{
	uint64_t done = 0, len = 0;

	while (done < s->count) {
		const struct gen_demand demand = { .values = s->count - done,
						   .wants_ends = true };
		struct gen_batch batch;

		assert_int_equal(gen_next(g, &demand, &batch), 0);
		s->bytes = realloc(s->bytes, len + batch.len_bytes + 1);
		assert_non_null(s->bytes);
		memcpy(s->bytes + len, batch.bytes, batch.len_bytes);
		for (uint64_t i = 0; i < batch.values; i++)
			s->ends[done + i] = len + batch.ends[i];
		done += batch.values;
		len += batch.len_bytes;
	}
}

struct sample sample_take(const char *schema_text, const char *word,
			  struct gen_options options, uint64_t count)
{
	struct sample ret = { .count = count };
	struct gen_schema *schema;
	struct gen_error error;
	struct generator *g;

	options.encoding = "row-binary";
	schema = gen_parsed(schema_text);
	if (word != NULL)
		gen_parsed_field(schema, word);
	if (gen_create(schema, &options, &error, &g) < 0)
		fail_msg("%s: %s", schema_text, error.text);
	ret.ends = calloc(count, sizeof(*ret.ends));
	assert_non_null(ret.ends);
	fill(&ret, g);
	gen_free(g);
	gen_schema_free(schema);
	return ret;
}

void sample_release(struct sample *s)
{
	free(s->bytes);
	free(s->ends);
}

const uint8_t *sample_value(const struct sample *s, uint64_t i, size_t *ret_len)
{
	const uint64_t begin = i > 0 ? s->ends[i - 1] : 0;

	*ret_len = (size_t)(s->ends[i] - begin);
	return s->bytes + begin;
}

uint64_t sample_le(const uint8_t *bytes, size_t len)
{
	uint64_t ret = 0;

	while (len-- > 0)
		ret = ret << 8 | bytes[len];
	return ret;
}

double sample_double(const uint8_t *bytes)
{
	const uint64_t bits = sample_le(bytes, 8);
	double ret;

	memcpy(&ret, &bits, sizeof(ret));
	return ret;
}

/* ---- chi-squared --------------------------------------------------------- */

/* What one sample in a thousand exceeds: Wilson and Hilferty's approximation,
 * 3.090 being that quantile of the normal distribution. */
static double critical(unsigned freedom)
{
	const double part = 2.0 / (9.0 * freedom);

	return freedom * pow(1 - part + 3.090 * sqrt(part), 3);
}

void sample_assert_fits(const char *name, const uint64_t *counts,
			const double *probabilities, unsigned categories)
{
	double sum = 0, all = 0;

	for (unsigned i = 0; i < categories; i++)
		all += (double)counts[i];
	for (unsigned i = 0; i < categories; i++) {
		const double expected = all * probabilities[i];
		const double off = (double)counts[i] - expected;

		assert_true(expected >= 5);
		sum += off * off / expected;
	}
	if (sum > critical(categories - 1))
		fail_msg("%s: chi-squared is %.1f, beyond %.1f", name, sum,
			 critical(categories - 1));
}
