/*
 * Goal: each encoding holds just the values that were drawn, and each holds the
 * same ones for the same seed, for every type and way of nesting; recursive
 * types come to an end.
 * Method: decoders (tests/lib/gen_decode.h) read what generators make, value by
 * value and to the last byte, and what they find is compared with what was found
 * in row-binary. A table of types, 10^5 values or 4 MiB of recursive ones, and
 * random types. Then the decoders get bytes that were changed or cut: they may
 * refuse them, or find a value within them, and nothing else.
 */
#include "generator/schema.h"
#include "tests/lib/draw.h"
#include "tests/lib/gen_decode.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/gen_random_type.h"
#include "tests/lib/rows.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- values one by one --------------------------------------------------- */

struct stream {
	const struct gen_decoder *decoder;
	const struct gen_type *type;
	struct generator *g;
	struct gen_batch batch;
	uint64_t next;
	struct events events; /* of the value read last */
};

/* CSV has no columns for some types, layout 29 no bit for what is null as a
 * whole. */
static bool may_refuse(const struct stream *s)
{
	return strcmp(s->decoder->options.encoding, "csv") == 0 ||
	       (strcmp(s->decoder->name, "ringbuf") == 0 &&
		s->type->is_nullable);
}

/* False: it can't be encoded so. */
static bool stream_open(struct stream *s, const struct gen_schema *schema,
			const struct gen_decoder *decoder, uint64_t seed)
{
	struct gen_options options = decoder->options;
	struct gen_error error = { 0 };
	int rc;

	*s = (struct stream){ .decoder = decoder, .type = &schema->type };
	options.seed = seed;
	rc = gen_create(schema, &options, &error, &s->g);
	if (rc == 0)
		return true;
	assert_int_equal(rc, -EINVAL);
	assert_int_not_equal(error.text[0], 0);
	if (!may_refuse(s))
		fail_msg("%s: %s", decoder->name, error.text);
	return false;
}

static void stream_close(struct stream *s)
{
	gen_free(s->g);
	events_free(&s->events);
}

/* The next value's bytes, lent until the next call. */
static const uint8_t *stream_bytes(struct stream *s, size_t *ret_len)
{
	const struct gen_demand demand = { .values = 100, .wants_ends = true };
	uint64_t begin;

	if (s->next == s->batch.values) {
		assert_int_equal(gen_next(s->g, &demand, &s->batch), 0);
		assert_int_not_equal(s->batch.values, 0);
		s->next = 0;
	}
	begin = s->next > 0 ? s->batch.ends[s->next - 1] : 0;
	*ret_len = s->batch.ends[s->next++] - begin;
	return s->batch.bytes + begin;
}

static int64_t decode(struct stream *s, const uint8_t *bytes, size_t len)
{
	events_clear(&s->events);
	return s->decoder->decode(s->type, &s->decoder->options, bytes, len,
				  &s->events);
}

static size_t stream_read(struct stream *s)
{
	size_t len;
	const uint8_t *bytes = stream_bytes(s, &len);

	assert_int_equal(decode(s, bytes, len), len);
	return len;
}

/* ---- the same values in each --------------------------------------------- */

static void assert_same(const struct stream *x, const struct stream *y)
{
	const size_t at = events_differ(&x->events, &y->events);
	char found[256], expected[256];

	if (at == SIZE_MAX)
		return;
	events_print(&x->events, at, expected, sizeof(expected));
	events_print(&y->events, at, found, sizeof(found));
	fail_msg("%s: event %zu is %s, not %s", y->decoder->name, at, found,
		 expected);
}

enum { STREAMS_MAX = 16, BYTES_MAX = 4 << 20 };

/* A stream for each encoding that takes the type, the first one's first. */
static size_t open_streams(struct stream *streams,
			   const struct gen_schema *schema, uint64_t seed)
{
	size_t count = 0;

	assert_in_range(gen_decoder_count, 1, STREAMS_MAX);
	for (size_t i = 0; i < gen_decoder_count; i++)
		count += stream_open(&streams[count], schema, &gen_decoders[i],
				     seed);
	return count;
}

/* So many values are read, unless there are many bytes in them. */
static void check_schema(const struct gen_schema *schema, uint64_t seed,
			 uint64_t values)
{
	struct stream streams[STREAMS_MAX];
	const size_t count = open_streams(streams, schema, seed);
	size_t bytes = 0;

	for (uint64_t n = 0; n < values && bytes < BYTES_MAX; n++)
		for (size_t i = 0; i < count; i++) {
			bytes += stream_read(&streams[i]) / count;
			assert_same(&streams[0], &streams[i]);
		}
	for (size_t i = 0; i < count; i++)
		stream_close(&streams[i]);
}

struct type_case {
	const char *name, *schema;
	const char *field; /* NULL: none */
};

static const struct type_case type_cases[] = {
	{ "bool", "bool", NULL },
	{ "char", "char", NULL },
	{ "string", "string", NULL },
	{ "float", "float", NULL },
	{ "unsigned", "(u8;u16;u24;u32;u40;u48;u56;u64;u128)", NULL },
	{ "signed", "(i8;i16;i24;i32;i40;i48;i56;i64;i128)", NULL },
	{ "nullable integers",
	  "(u8?;u16?;u24?;u32?;u40?;u64?;u128?;i8?;i16?;i24?;i32?;i64?)",
	  NULL },
	{ "nullable others", "(bool?;char?;string?;float?)", NULL },
	{ "nullable", "u8?", NULL },
	{ "nullable record", "{a:u8?;b:string}?", NULL },
	{ "vectors", "(u8[5];u16[3];i24[3];u128[2];string[2];bool[3])", NULL },
	{ "vectors of nullables", "(u8?[5];string?[40];bool?[3])", NULL },
	{ "arrays", "(u8[];i16[];string[];float[]{};bool?[];u8?[]?[])", NULL },
	{ "chars", "(char[4];char[];char?[4];char[4]?)", NULL },
	{ "maps", "(u8[string];string?[u8?];u8[u8][u8];u8[char[3]])", NULL },
	{ "records", "{a:{b:{c:u8?}?;d:u8?};e:{f:u8}[2];g:u8?}", NULL },
	{ "sums", "[a|b u8|c u8?|d string|e (u8;u8?)]", NULL },
	{ "sums in lists", "[a|b u8?|c [d|e u8?]][][3]", NULL },
	{ "user types", "{a:Date;b:Eth;c:Ip4;d:Ip6;e:Ip;f:Cidr;g:Cidr4}",
	  NULL },
	{ "defaults", "{a:u8 default 3;b:u8? default null;c:u8?}[]", NULL },
	{ "row",
	  "{id:u64;ts:u64;user:string;amount:float;tag:u16?;flags:u8[5]}",
	  "user=hex:16" },
	{ "sequence", "{a:i24;b:u8}", "a=seq:-5,3" },
	{ "constant", "{a:string?;b:u8}", "a=const:null" },
	{ "one of", "{a:string?;b:u8?}", "a=enum:x,yy," },
	{ "ClickHouse's numbers",
	  "`a` Float32 `b` Float64 `c` Int256 `d` UInt256 `e` Decimal(9, 2)"
	  " `f` Decimal(18, 2) `g` Decimal(38, 3) `h` Decimal(76, 4) `i` Bool",
	  NULL },
	{ "ClickHouse's forms",
	  "`a` UUID `b` IPv4 `c` IPv6 `d` Date `e` Date32 `f` DateTime"
	  " `g` DateTime64(6) `h` Enum8('x' = -1, 'y' = 5) `i` FixedString(9)",
	  NULL },
	{ "ClickHouse's nullables",
	  "`a` Nullable(UUID) `b` Nullable(Float32) `c` Nullable(Enum16('x' = "
	  "1))"
	  " `d` Nullable(FixedString(3)) `e` Nullable(DateTime)",
	  NULL },
	{ "ClickHouse's lists",
	  "`a` Array(Array(Float32)) `b` Map(String, Array(Nullable(IPv4)))"
	  " `c` Tuple(UInt8, FixedString(3)) `d` Array(LowCardinality(String))",
	  NULL },
};

static void test_type(void **state)
{
	const struct type_case *row = *state;
	struct gen_schema *schema = gen_parsed(row->schema);
	struct gen_error error = { 0 };

	if (row->field != NULL &&
	    gen_schema_field(schema, row->field, &error) < 0)
		fail_msg("%s", error.text);
	check_schema(schema, 1, 3000);
	gen_schema_free(schema);
}

/* ---- recursion ----------------------------------------------------------- */

static const struct type_case deep_cases[] = {
	{ "list", "{n:u8;kids:this[]}", NULL },
	{ "maybe", "(u8;this?)", NULL },
	{ "tree", "[leaf u8|node (this;this)]", NULL },
	{ "vector", "{a:this?[3]}", NULL },
	{ "map", "{a:this[u8]?}", NULL },
	{ "long lists", "{kids:this?[];more:this[]}", NULL },
	{ "never null", "(u8;this?)", "1=null:0" },
	{ "no plain leaf", "[node (this;this)|leaf (u8;this?)]", NULL },
	{ "leaf behind others", "[a this|b (this;this)|c u8|d this]", NULL },
	{ "targets within each other",
	  "{r:u as [t t as (this u; w as {a:[x (this t;this u)|y this w|z u8];"
	  "b:this u?}[1])|leaf u8|v this?]}",
	  NULL },
	{ "end that takes copies",
	  "{r:a as [p b as {x:[q c as {y:[s (this a;this c)|t (this b;this c)|"
	  "u this a];z:this c[]}|v this a]}|leaf]}",
	  NULL },
};

static void test_deep(void **state)
{
	const struct type_case *row = *state;
	struct gen_schema *schema = gen_parsed(row->schema);
	struct gen_error error = { 0 };

	if (row->field != NULL &&
	    gen_schema_field(schema, row->field, &error) < 0)
		fail_msg("%s", error.text);
	check_schema(schema, 1, 100000);
	gen_schema_free(schema);
}

/* ---- random types -------------------------------------------------------- */

enum { RANDOM_TYPES = 200, RANDOM_VALUES = 20 };

static char noted[1 << 16];

/* What is tried now is printed if the test fails. */
static void note_schema(const char *text)
{
	snprintf(noted, sizeof(noted), "%s", text);
}

static int print_noted(void **state)
{
	(void)state;
	if (noted[0] != 0)
		printf("last type: %s\n", noted);
	return 0;
}

static void test_random(void **state)
{
	struct draw d = draw_begin("random types");

	(void)state;
	for (int i = 0; i < RANDOM_TYPES; i++) {
		char *text = random_schema(&d);
		struct gen_schema *schema = gen_parsed(text);

		note_schema(text);
		check_schema(schema, draw_u64(&d), RANDOM_VALUES);
		gen_schema_free(schema);
		free(text);
	}
	note_schema("");
}

/* ---- hostile bytes ------------------------------------------------------- */

/* A copy of exactly its size, so that a read beyond it is found. */
static void decode_copy(struct stream *s, const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	int64_t used;

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, bytes, len);
	used = decode(s, copy, len);
	free(copy);
	if (used < 0)
		assert_int_equal(used, -EBADMSG);
	else
		assert_in_range(used, 0, len);
}

static void spoil(struct draw *d, uint8_t *bytes, size_t len)
{
	for (uint64_t n = 1 + draw_below(d, 3); n > 0 && len > 0; n--)
		bytes[draw_below(d, len)] = (uint8_t)draw_u64(d);
}

static void check_hostile(struct stream *s, struct draw *d, int values)
{
	uint8_t spoilt[4096];
	size_t len;

	for (int i = 0; i < values; i++) {
		const uint8_t *bytes = stream_bytes(s, &len);

		if (len > sizeof(spoilt))
			len = sizeof(spoilt);
		decode_copy(s, bytes, draw_below(d, len + 1));
		memcpy(spoilt, bytes, len);
		spoil(d, spoilt, len);
		decode_copy(s, spoilt, len);
	}
}

static void test_hostile(void **state)
{
	struct draw d = draw_begin("hostile bytes");

	(void)state;
	for (int i = 0; i < RANDOM_TYPES; i++) {
		char *text = random_schema(&d);
		struct gen_schema *schema = gen_parsed(text);

		for (size_t k = 0; k < gen_decoder_count; k++) {
			struct stream s;

			if (!stream_open(&s, schema, &gen_decoders[k], 1))
				continue;
			check_hostile(&s, &d, RANDOM_VALUES);
			stream_close(&s);
		}
		gen_schema_free(schema);
		free(text);
	}
}

/* A part of one value is no value: these encodings know where each ends. */
static void test_cut(void **state)
{
	struct gen_schema *schema =
		gen_parsed("{a:u8?[];b:string;c:[x u16?|y]}");

	(void)state;
	for (size_t k = 0; k < gen_decoder_count; k++) {
		struct stream s;
		const uint8_t *bytes;
		size_t len;

		if (strncmp(gen_decoders[k].name, "r", 1) != 0)
			continue;
		assert_true(stream_open(&s, schema, &gen_decoders[k], 1));
		for (int i = 0; i < 100; i++) {
			bytes = stream_bytes(&s, &len);
			for (size_t cut = 0; cut < len; cut++)
				assert_int_equal(decode(&s, bytes, cut),
						 -EBADMSG);
		}
		stream_close(&s);
	}
	gen_schema_free(schema);
}

int main(void)
{
	const struct rows tables[] = {
		{ "round trip", test_type, type_cases, sizeof(type_cases),
		  sizeof(type_cases[0]) },
		{ "recursion", test_deep, deep_cases, sizeof(deep_cases),
		  sizeof(deep_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_random, print_noted),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_cut),
	};

	return rows_run(tables, 2) +
	       cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
