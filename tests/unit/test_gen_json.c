/*
 * Goal: whatever is drawn, and whatever bytes a string has, what json writes is
 * JSON to others; and text that is UTF-8 is the same text to them.
 * Method: jansson, which is strict about both, reads values of wide schemas,
 * strings of random bytes, and strings of random characters, which it has to
 * give back.
 */
#include "generator/generator.h"
#include "generator/puts.h"
#include "tests/lib/draw.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/rows.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* Integers of any width are fine, as numbers. */
static json_t *load(const void *text, size_t len_bytes)
{
	json_error_t error;
	json_t *ret = json_loadb(text, len_bytes,
				 JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL |
					 JSON_ALLOW_NUL,
				 &error);

	if (ret == NULL)
		fail_msg("%s: %.*s", error.text, (int)len_bytes,
			 (const char *)text);
	return ret;
}

/* ---- values --------------------------------------------------------------- */

struct schema_case {
	const char *name, *schema;
};

static const struct schema_case schema_cases[] = {
	{ "integers", "(u8;i24;u64;i64;u128;i128?)" },
	{ "others", "{a:float;b:bool?;c:char;d:string;e:char[3]}" },
	{ "compounds", "{a:u8?[];b:[x|y u8|z {a:string?}][2]}" },
	{ "maps", "(u8[string];u8[u8];bool?[char];string[u8?])" },
	{ "this", "{n:u8;kids:this[];more:this?}" },
	{ "scalar", "u8?" },
	{ "ClickHouse",
	  "`a` Float32 `b\"\\` UInt256 `c` Decimal(76, 70) `d` Date"
	  " `e` DateTime64(3) `f` UUID `g` IPv6 `h` Map(Date, Bool)"
	  " `i` Enum8('\"' = 1, '/' = 2) `j` FixedString(5)" },
};

static void read_batch(const struct gen_batch *batch)
{
	uint64_t begin = 0;

	for (uint64_t i = 0; i < batch->values; i++) {
		json_decref(load(batch->bytes + begin, batch->ends[i] - begin));
		begin = batch->ends[i];
	}
}

static void test_values(void **state)
{
	const struct schema_case *row = *state;
	const struct gen_options options = { .encoding = "json", .seed = 1 };
	const struct gen_demand demand = { .values = 500, .wants_ends = true };
	struct gen_schema *schema;
	struct generator *g;
	struct gen_batch batch;

	schema = gen_parsed(row->schema);
	assert_int_equal(gen_create(schema, &options, NULL, &g), 0);
	for (uint64_t made = 0; made < 2000; made += batch.values) {
		assert_int_equal(gen_next(g, &demand, &batch), 0);
		read_batch(&batch);
	}
	gen_free(g);
	gen_schema_free(schema);
}

/* ---- strings -------------------------------------------------------------- */

enum { STRINGS = 20000, CHARACTERS = 12, STRING_MAX = 4 * CHARACTERS };

static json_t *read_string(const uint8_t *text, size_t len)
{
	uint8_t json[6 * STRING_MAX + 2 + GEN_SLACK];
	const struct gen_value value = { .text = text, .text_bytes = len };
	const uint8_t *end = gen_put_json_text(json, &value, 0, 0);

	return load(json, (size_t)(end - json));
}

/* Bytes that mostly begin or continue a character. */
static void test_any_bytes(void **state)
{
	struct draw d = draw_begin("test_gen_json");
	uint8_t text[CHARACTERS];

	(void)state;
	for (int i = 0; i < STRINGS; i++) {
		for (size_t k = 0; k < CHARACTERS; k++)
			text[k] = (uint8_t)(draw_below(&d, 4) == 0
						    ? draw_u64(&d)
						    : 0x80 | draw_u64(&d));
		json_decref(read_string(text, draw_below(&d, CHARACTERS + 1)));
	}
}

/* Of any length in bytes, and no half of a pair. */
static uint32_t draw_character(struct draw *d)
{
	static const uint32_t ends[] = { 0x80, 0x800, 0x10000, 0x110000 };
	const uint32_t ret = (uint32_t)draw_below(d, ends[draw_below(d, 4)]);

	return ret >= 0xd800 && ret < 0xe000 ? '?' : ret;
}

static size_t put_utf8(uint8_t *p, uint32_t c)
{
	const size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = len; i > 1; i--) {
		p[i - 1] = (uint8_t)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	p[0] = (uint8_t)(len == 1 ? c : (0xf00u >> len & 0xff) | c);
	return len;
}

static void test_characters(void **state)
{
	struct draw d = draw_begin("test_gen_json");
	uint8_t text[STRING_MAX];

	(void)state;
	for (int i = 0; i < STRINGS; i++) {
		size_t len = 0;
		json_t *read;

		for (uint64_t n = draw_below(&d, CHARACTERS + 1); n > 0; n--)
			len += put_utf8(text + len, draw_character(&d));
		read = read_string(text, len);
		assert_int_equal(json_string_length(read), len);
		assert_memory_equal(json_string_value(read), text, len);
		json_decref(read);
	}
}

int main(void)
{
	const struct rows table = { "values", test_values, schema_cases,
				    sizeof(schema_cases),
				    sizeof(schema_cases[0]) };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_characters),
	};

	return rows_run(&table, 1) +
	       cmocka_run_group_tests_name("strings", tests, NULL, NULL);
}
