/*
 * Goal: a field's word makes no value that its type does not have, and is
 * refused where it would have to.
 * Method: tables of words at the limits of their types; the values are read
 * back from csv.
 */
#include "generator/generator.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/rows.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { VALUES = 3000, ROOM_BYTES = 1 << 18 };

/* What gen_create() says. */
static int create(const char *text, const char *word,
		  const struct gen_options *more, struct generator **ret)
{
	struct gen_options options = *more;
	struct gen_schema *schema;
	struct gen_error error;
	int rc;

	options.encoding = "csv";
	options.seed = 1;
	schema = gen_parsed(text);
	rc = gen_schema_field(schema, word, &error);
	if (rc == 0)
		rc = gen_create(schema, &options, &error, ret);
	if (rc < 0)
		assert_true(strlen(error.text) > 0);
	gen_schema_free(schema);
	return rc;
}

/* The first values, as lines. To be freed. */
static char *take(const char *schema, const char *word, uint64_t values)
{
	const struct gen_options options = { 0 };
	char *lines = malloc(ROOM_BYTES + 1);
	struct gen_demand demand = { .values = values,
				     .room = (uint8_t *)lines,
				     .room_bytes = ROOM_BYTES };
	struct gen_batch batch;
	struct generator *g;

	assert_non_null(lines);
	assert_int_equal(create(schema, word, &options, &g), 0);
	assert_int_equal(gen_next(g, &demand, &batch), 0);
	assert_int_equal(batch.values, values);
	lines[batch.len_bytes] = 0;
	gen_free(g);
	return lines;
}

/* ---- the very values ----------------------------------------------------- */

static const struct exact {
	const char *name, *schema, *word, *lines;
} exacts[] = {
	{ "seq across 63 bits", "u128", ".=seq:9223372036854775807",
	  "9223372036854775807\n9223372036854775808\n" },
	{ "seq across 64 bits", "u128", ".=seq:18446744073709551615",
	  "18446744073709551615\n18446744073709551616\n" },
	{ "signed seq across 63 bits", "i128", ".=seq:9223372036854775807",
	  "9223372036854775807\n9223372036854775808\n" },
	{ "seq below 0", "i128", ".=seq:-1,-9223372036854775808",
	  "-1\n-9223372036854775809\n" },
	{ "seq below all", "u128", ".=seq:0,-1",
	  "0\n340282366920938463463374607431768211455\n" },
	{ "seq of 256 bits", "(`Int256`)", ".=seq:-9223372036854775808,-1",
	  "-9223372036854775808\n-9223372036854775809\n" },
	{ "uniform beyond 63 bits", "u128",
	  ".=uniform:18446744073709551615,18446744073709551615",
	  "18446744073709551615\n18446744073709551615\n" },
	{ "signed uniform", "i128", ".=uniform:-7,-7", "-7\n-7\n" },
	{ "as many texts as digits", "(`FixedString(1)`)", ".=cardinality:1",
	  "0\n0\n" },
};

static void test_exact(void **state)
{
	const struct exact *e = *state;
	char *lines = take(e->schema, e->word, 2);

	assert_string_equal(lines, e->lines);
	free(lines);
}

/* ---- bounds -------------------------------------------------------------- */

static const struct bounded {
	const char *name, *schema, *word;
	double low, high;
} bounds[] = {
	{ "normal of a decimal", "(`Decimal(3,1)`)", ".=normal:0,1000", -99.9,
	  99.9 },
	{ "normal of a long decimal", "(`Decimal(18,0)`)", ".=normal:0,1e30",
	  -999999999999999999.0, 999999999999999999.0 },
	{ "normal of nanoseconds", "(`DateTime64(9)`)", ".=normal:0,1e18",
	  -25567 * 86400.0, 106651 * 86400.0 },
	{ "zipf of all there are", "u64", ".=zipf:18446744073709551615,0.001",
	  1, 18446744073709551615.0 },
	{ "uniform, rounded", "float", ".=uniform:1,1.0000000000000002", 1, 1 },
	{ "uniform of 32 bits, rounded", "(`Float32`)", ".=uniform:0,1e-45", 0,
	  0 },
	{ "uniform of one float", "float", ".=uniform:0.5,0.5", 0.5, 0.5 },
};

static void test_bounds(void **state)
{
	const struct bounded *b = *state;
	char *lines = take(b->schema, b->word, VALUES);
	char *at = lines;

	for (int i = 0; i < VALUES; i++) {
		const double x = strtod(at, &at);

		assert_int_equal(*at, '\n');
		assert_true(x >= b->low && x <= b->high);
		at++;
	}
	free(lines);
}

/* Days are texts; those with four digits have the order of their letters. */
static void test_normal_of_days(void **state)
{
	char *lines = take("(`Date32`)", ".=normal:0,1000000", VALUES);
	const size_t len = strlen("1900-01-01\n");

	(void)state;
	assert_int_equal(strlen(lines), VALUES * len);
	for (size_t i = 0; i < VALUES; i++) {
		assert_true(memcmp(lines + i * len, "1900-01-01\n", len) >= 0);
		assert_true(memcmp(lines + i * len, "2299-12-31\n", len) <= 0);
	}
	free(lines);
}

/* ---- refused ------------------------------------------------------------- */

static const struct refused {
	const char *name, *schema, *word;
	struct gen_options options;
} refusals[] = {
	{ "more texts than digits",
	  "(`FixedString(2)`)",
	  ".=cardinality:101",
	  { 0 } },
	{ "more texts than a length",
	  "string",
	  ".=cardinality:1001",
	  { .string_length = { true, 0, 3 } } },
	{ "texts of no length",
	  "string",
	  ".=cardinality:1",
	  { .string_length = { true, 0, 0 } } },
	{ "a distance that is no number",
	  "float",
	  ".=uniform:-1.7e308,1.7e308",
	  { 0 } },
};

static void test_refused(void **state)
{
	const struct refused *r = *state;
	struct generator *g;

	assert_int_equal(create(r->schema, r->word, &r->options, &g), -EINVAL);
}

#define TABLE(group, test, table)                                     \
	{                                                             \
		group, test, table, sizeof(table), sizeof((table)[0]) \
	}

int main(void)
{
	static const struct rows tables[] = {
		TABLE("limits: values", test_exact, exacts),
		TABLE("limits: bounds", test_bounds, bounds),
		TABLE("limits: refused", test_refused, refusals),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normal_of_days),
	};

	return rows_run(tables, 3) +
	       cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
