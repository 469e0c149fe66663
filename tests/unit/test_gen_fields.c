/*
 * Goal: --field finds its field, takes what fits the field's type and refuses
 * the rest with words that help; texts become the bytes of values.
 * Method: tables of words, each on a schema of its own, with the draw that is
 * to come of it or the message; of texts and bytes; a word that fails leaves
 * the draw before it as it was.
 */
#include "generator/generator.h"
#include "generator/schema.h"
#include "generator/value_text.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/rows.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* The first type in the order of the text whose draw says something. */
static const struct gen_type *find_drawn(const struct gen_type *type)
{
	const struct gen_type *found = NULL;

	if (type->draw.kind != GEN_DRAW_BY_TYPE || type->draw.has_null_rate ||
	    type->draw.has_length)
		return type;
	for (size_t i = 0; found == NULL && i < type->member_count; i++)
		found = find_drawn(&type->members[i].type);
	return found;
}

/* ---- paths --------------------------------------------------------------- */

struct path_case {
	const char *path;
	const char *schema;
	const char *type; /* that it leads to; NULL: none */
	const char *message;
};

static const struct path_case path_cases[] = {
	{ ".", "u8?", "u8?", NULL },
	{ ".", "{a:u8}?", "{a:u8}?", NULL },
	{ "a", "{a:u8?;b:u16?}", "u8?", NULL },
	{ "b", "{a:u8?;b:u16?}", "u16?", NULL },
	{ "a.b", "{a:{b:u8?}}", "u8?", NULL },
	{ "a.b", "{a:{b:u8?};`a.b`:u16?}", "u16?", NULL },
	{ "a.b.c", "{a:{b:u8?};`a.b`:{c:u16?}}", "u16?", NULL },
	{ "`a.b`.c", "{`a.b`:{c:u16?}}", "u16?", NULL },
	{ "`a=b`", "{`a=b`:u16?}", "u16?", NULL },
	{ "1", "(u8?;u16?)", "u16?", NULL },
	{ "a.1.0", "{a:(u8;(u16?;u8))}", "u16?", NULL },
	{ "[]", "u8?[]", "u8?", NULL },
	{ "[][]", "u8?[][3]", "u8?", NULL },
	{ "a[].b", "{a:{b:u8?}{}}", "u8?", NULL },
	{ "key", "u8[string?]", "string?", NULL },
	{ "a.value", "{a:u8?[string]}", "u8?", NULL },
	{ "a.x", "{a:[x u8?|y]}", "u8?", NULL },
	{ "b", "{a:u8;b:this?}", "this?", NULL },
	{ "c", "{a:u8;b:u8}", NULL, "no field 'c': there is 'a', 'b'" },
	{ "a.c", "{a:{x:u8}}", NULL, "no field 'a.c': in 'a' there is 'x'" },
	{ "a.", "{a:u8?}", NULL, "no field 'a.': in 'a' there is nothing" },
	{ ".a", "{a:u8?}", NULL, "no field '.a': there is 'a'" },
	{ "a[]b", "{a:{b:u8}[]}", NULL,
	  "no field 'a[]b': in 'a[]' there is 'b'" },
	{ "a.[]", "{a:u8?[]}", NULL, "no field 'a.[]': in 'a' there is '[]'" },
	{ "a[", "{a:u8?[]}", NULL, "no field 'a[': in 'a' there is '[]'" },
	{ "aa", "{a:u8?}", NULL, "no field 'aa': there is 'a'" },
	{ "2", "(u8;u8)", NULL, "no field '2': there is '0' to '1'" },
	{ "b", "u8[u8]", NULL, "no field 'b': there is 'key' and 'value'" },
	{ "b.a", "{a:u8?;b:this?}", NULL,
	  "no field 'b.a': in 'b' there is what the type it is a copy of has" },
	{ "a[]", "`a` FixedString(2)", NULL,
	  "no field 'a[]': in 'a' there is nothing" },
	{ "", "u8?", NULL, "expected NAME=KIND:..." },
};

static void test_path(void **state)
{
	const struct path_case *row = *state;
	struct gen_schema *schema = gen_parsed(row->schema);
	struct gen_error error = { 0 };
	char word[64], text[64];
	int rc;

	snprintf(word, sizeof(word), "%s=null:0.5", row->path);
	rc = gen_schema_field(schema, word, &error);
	assert_int_equal(rc, row->type == NULL ? -EINVAL : 0);
	if (row->type != NULL) {
		gen_type_print(find_drawn(&schema->type), text, sizeof(text));
		assert_string_equal(text, row->type);
	} else {
		assert_string_equal(error.text, row->message);
		assert_int_equal(error.line, 0);
	}
	gen_schema_free(schema);
}

/* Names of each length, so that they end at each place of the list. */
static void test_many_names(void **state)
{
	(void)state;
	for (int len = 1; len < 130; len++) {
		char text[4096] = "{", *at = text + 1;
		struct gen_schema *schema;
		struct gen_error error;

		for (int i = 0; i < 9; i++)
			at += sprintf(at, "`%0*d`:u8;", len, i);
		strcpy(at, "}");
		schema = gen_parsed(text);
		assert_int_equal(gen_schema_field(schema, "x=now", &error),
				 -EINVAL);
		if (len > 20)
			assert_string_equal(error.text + strlen(error.text) - 3,
					    "...");
		gen_schema_free(schema);
	}
}

/* ---- draws --------------------------------------------------------------- */

struct draw_case {
	const char *name;
	const char *type;
	const char *word; /* behind `.=` */
	struct gen_draw draw;
};

static char *words_ab[] = { "a", "b,\\" };
static char *word_1[] = { "1" };
static char *word_empty[] = { "" };

static const struct draw_case draw_cases[] = {
	{ "seq",
	  "u8",
	  "seq:7",
	  { .kind = GEN_DRAW_SEQ, .numbers = { 7, 1 }, .ints = { 7, 1 } } },
	{ "seq down",
	  "i8",
	  "seq:-7,-2",
	  { .kind = GEN_DRAW_SEQ, .numbers = { -7, -2 }, .ints = { -7, -2 } } },
	{ "seq of floats",
	  "float",
	  "seq:0.5,-0.25",
	  { .kind = GEN_DRAW_SEQ, .numbers = { 0.5, -0.25 }, .ints = { 0 } } },
	{ "seq at the end",
	  "u64",
	  "seq:18446744073709551615",
	  { .kind = GEN_DRAW_SEQ,
	    .numbers = { 18446744073709551615., 1 },
	    .ints = { -1, 1 } } },
	{ "seq of 128 bits",
	  "i128",
	  "seq:-5",
	  { .kind = GEN_DRAW_SEQ, .numbers = { -5, 1 }, .ints = { -5, 1 } } },
	{ "seq of decimals",
	  "(`Decimal(9,2)`)",
	  "seq:1.5",
	  { .kind = GEN_DRAW_SEQ,
	    .numbers = { 150, 100 },
	    .ints = { 150, 100 } } },
	{ "seq of dates",
	  "(`Date`)",
	  "seq:1970-03-01,7",
	  { .kind = GEN_DRAW_SEQ, .numbers = { 59, 7 }, .ints = { 59, 7 } } },
	{ "seq of times",
	  "(`DateTime64(3)`)",
	  "seq:1970-01-02 00:00:00,0.5",
	  { .kind = GEN_DRAW_SEQ,
	    .numbers = { 86400000, 500 },
	    .ints = { 86400000, 500 } } },
	{ "seq of addresses",
	  "(`IPv4`)",
	  "seq:0.0.1.2",
	  { .kind = GEN_DRAW_SEQ, .numbers = { 258, 1 }, .ints = { 258, 1 } } },
	{ "uniform",
	  "i16",
	  "uniform:-32768,32767",
	  { .kind = GEN_DRAW_UNIFORM,
	    .numbers = { -32768, 32767 },
	    .ints = { -32768, 32767 } } },
	{ "uniform of one",
	  "u8",
	  "uniform:3,3",
	  { .kind = GEN_DRAW_UNIFORM, .numbers = { 3, 3 }, .ints = { 3, 3 } } },
	{ "uniform of large ones",
	  "u64",
	  "uniform:1,18446744073709551615",
	  { .kind = GEN_DRAW_UNIFORM,
	    .numbers = { 1, 18446744073709551615. },
	    .ints = { 1, -1 } } },
	{ "normal",
	  "u8",
	  "normal:100.5,2.5",
	  { .kind = GEN_DRAW_NORMAL,
	    .numbers = { 100.5, 2.5 },
	    .ints = { 0 } } },
	{ "normal of decimals",
	  "(`Decimal(9,2)`)",
	  "normal:-1.5,0.1",
	  { .kind = GEN_DRAW_NORMAL, .numbers = { -150, 10 }, .ints = { 0 } } },
	{ "zipf",
	  "u8",
	  "zipf:255,1.25",
	  { .kind = GEN_DRAW_ZIPF,
	    .numbers = { 255, 1.25 },
	    .ints = { 255 } } },
	{ "enum",
	  "string",
	  "enum:a,b\\,\\\\",
	  { .kind = GEN_DRAW_ENUM, .texts = words_ab, .text_count = 2 } },
	{ "const",
	  "u8?",
	  "const:1",
	  { .kind = GEN_DRAW_CONST, .texts = word_1, .text_count = 1 } },
	{ "const of nothing",
	  "string",
	  "const:",
	  { .kind = GEN_DRAW_CONST, .texts = word_empty, .text_count = 1 } },
	{ "const null",
	  "{a:u8}?",
	  "const:null",
	  { .has_null_rate = true, .null_rate = 1 } },
	{ "cardinality",
	  "bool",
	  "cardinality:2",
	  { .kind = GEN_DRAW_CARDINALITY, .numbers = { 2 }, .ints = { 2 } } },
	{ "hex",
	  "string",
	  "hex:16",
	  { .kind = GEN_DRAW_HEX, .numbers = { 16 }, .ints = { 16 } } },
	{ "hex of fixed strings",
	  "(`FixedString(4)`)",
	  "hex:4",
	  { .kind = GEN_DRAW_HEX, .numbers = { 4 }, .ints = { 4 } } },
	{ "now", "u32", "now", { .kind = GEN_DRAW_NOW } },
	{ "now of decimals",
	  "(`Decimal(12,2)`)",
	  "now",
	  { .kind = GEN_DRAW_NOW } },
	{ "now of dates", "(`Date`)", "now", { .kind = GEN_DRAW_NOW } },
	{ "null",
	  "u8?",
	  "null:0.25",
	  { .has_null_rate = true, .null_rate = 0.25 } },
	{ "length",
	  "u8[]",
	  "length:3,9",
	  { .has_length = true, .length_min = 3, .length_max = 9 } },
	{ "one length",
	  "string",
	  "length:4294967295",
	  { .has_length = true,
	    .length_min = UINT32_MAX,
	    .length_max = UINT32_MAX } },
};

static void require_draw(const struct gen_draw *a, const struct gen_draw *b)
{
	assert_int_equal(a->kind, b->kind);
	for (int i = 0; i < 2; i++) {
		assert_true(a->numbers[i] == b->numbers[i]);
		assert_true(a->ints[i] == b->ints[i]);
	}
	assert_int_equal(a->text_count, b->text_count);
	for (size_t i = 0; i < a->text_count; i++)
		assert_string_equal(a->texts[i], b->texts[i]);
	assert_int_equal(a->has_null_rate, b->has_null_rate);
	assert_true(a->null_rate == b->null_rate);
	assert_int_equal(a->has_length, b->has_length);
	assert_int_equal(a->length_min, b->length_min);
	assert_int_equal(a->length_max, b->length_max);
}

static void test_draw(void **state)
{
	const struct draw_case *row = *state;
	struct gen_schema *schema = gen_parsed(row->type);
	char word[64];

	snprintf(word, sizeof(word), ".=%s", row->word);
	gen_parsed_field(schema, word);
	require_draw(&schema->type.draw, &row->draw);
	gen_schema_free(schema);
}

/* The last word on a kind counts; a rate and a length stand beside it. */
static void test_replace(void **state)
{
	struct gen_schema *schema = gen_parsed("string?");
	const struct gen_draw *draw = &schema->type.draw;

	(void)state;
	gen_parsed_field(schema, ".=enum:a,b");
	gen_parsed_field(schema, ".=null:0.25");
	gen_parsed_field(schema, ".=length:3");
	assert_int_equal(draw->kind, GEN_DRAW_ENUM);
	gen_parsed_field(schema, ".=hex:3");
	assert_int_equal(draw->kind, GEN_DRAW_HEX);
	assert_int_equal(draw->text_count, 0);
	assert_true(draw->has_null_rate);
	assert_true(draw->null_rate == 0.25);
	assert_true(draw->has_length);
	assert_int_equal(draw->length_min, 3);
	gen_parsed_field(schema, ".=null:0.5");
	assert_int_equal(draw->kind, GEN_DRAW_HEX);
	assert_true(draw->null_rate == 0.5);
	assert_true(draw->has_length);
	assert_int_equal(draw->length_max, 3);
	gen_schema_free(schema);
}

struct refused_case {
	const char *name;
	const char *type;
	const char *word;
	const char *message;
};

static const struct refused_case refused_cases[] = {
	{ "no kind", "u8", ".", "expected NAME=KIND:..., met '.'" },
	{ "unknown kind", "u8", ".=foo:1",
	  "field '.': expected one of seq, uniform, normal, zipf, enum, "
	  "cardinality, const, now, hex, null, length, met 'foo'" },
	{ "kinds are lower case", "u8", ".=Seq:1",
	  "field '.': expected one of seq, uniform, normal, zipf, enum, "
	  "cardinality, const, now, hex, null, length, met 'Seq'" },
	{ "no arguments", "u8", ".=seq",
	  "field '.': seq expects START[,STEP]" },
	{ "too many arguments", "u8", ".=seq:1,2,3",
	  "field '.': seq expects START[,STEP], met '1,2,3'" },
	{ "too few arguments", "u8", ".=uniform:1",
	  "field '.': uniform expects LOW,HIGH, met '1'" },
	{ "arguments of now", "u32",
	  ".=now:", "field '.': now expects nothing, met ''" },
	{ "seq of strings", "string", ".=seq:1",
	  "field '.' is of type 'string': seq is for numbers and dates" },
	{ "seq of bools", "bool", ".=seq:1",
	  "field '.' is of type 'bool': seq is for numbers and dates" },
	{ "uniform of records", "{a:u8}", ".=uniform:1,2",
	  "field '.' is of type '{a:u8}': uniform is for numbers and dates" },
	{ "normal of enums", "(`Enum8('a'=1)`)", ".=normal:1,2",
	  "field '.' is of type '`Enum8('a'=1)`': normal is for numbers and "
	  "dates" },
	{ "zipf of IPv6", "(`IPv6`)", ".=zipf:1,2",
	  "field '.' is of type '`IPv6`': zipf is for numbers and dates" },
	{ "hex of numbers", "u8", ".=hex:2",
	  "field '.' is of type 'u8': hex is for strings" },
	{ "enum of arrays", "u8[]", ".=enum:1",
	  "field '.' is of type 'u8[]': enum is for what has no parts" },
	{ "const of arrays", "u8[]?", ".=const:1",
	  "field '.': const expects null, met '1'" },
	{ "const of vectors", "u8[2]?", ".=const:1",
	  "field '.': const expects null, met '1'" },
	{ "const of a long text", "(`FixedString(2)`)", ".=const:abc",
	  "field '.': const expects at most 2 bytes, met 'abc'" },
	{ "now of few bits", "u24", ".=now",
	  "field '.' is of type 'u24': now is for dates, times, and numbers "
	  "of 32 bits or more" },
	{ "now of few digits", "(`Decimal(9,0)`)", ".=now",
	  "field '.' is of type '`Decimal(9,0)`': now is for dates, times, "
	  "and numbers of 32 bits or more" },
	{ "now of addresses", "(`IPv4`)", ".=now",
	  "field '.' is of type '`IPv4`': now is for dates, times, and "
	  "numbers of 32 bits or more" },
	{ "null of the others", "u8", ".=null:0",
	  "field '.' is of type 'u8': null is for what is nullable" },
	{ "length of vectors", "u8[3]", ".=length:1",
	  "field '.' is of type 'u8[3]': length is for strings, arrays, "
	  "lists, sets and maps" },
	{ "const beyond", "u8", ".=const:300",
	  "field '.': const expects an integer from 0 to 255, met '300'" },
	{ "const below", "u8", ".=const:-1",
	  "field '.': const expects an integer from 0 to 255, met '-1'" },
	{ "const null", "u8", ".=const:null",
	  "field '.': const expects an integer from 0 to 255, met 'null'" },
	{ "const beyond 64 bits", "i64", ".=const:9223372036854775808",
	  "field '.': const expects an integer from -9223372036854775808 to "
	  "9223372036854775807, met '9223372036854775808'" },
	{ "enum beyond", "i24", ".=enum:8388607,8388608",
	  "field '.': enum expects an integer from -8388608 to 8388607, met "
	  "'8388608'" },
	{ "seq beyond 64 bits", "u128", ".=seq:18446744073709551616",
	  "field '.': seq expects a number that fits 64 bits, met "
	  "'18446744073709551616'" },
	{ "seq beyond 64 bits with sign", "i128", ".=seq:9223372036854775808",
	  "field '.': seq expects a number that fits 64 bits, met "
	  "'9223372036854775808'" },
	{ "seq with a part", "u8", ".=seq:1,0.5",
	  "field '.': seq expects a whole number of the field's units, met "
	  "'0.5'" },
	{ "uniform upside down", "u64", ".=uniform:18446744073709551615,1",
	  "field '.': uniform expects a high end that is not below the low "
	  "one, met '1'" },
	{ "uniform of signed ones upside down", "i64", ".=uniform:1,-1",
	  "field '.': uniform expects a high end that is not below the low "
	  "one, met '-1'" },
	{ "uniform without end", "float", ".=uniform:0,inf",
	  "field '.': uniform expects a float of 64 bits, met 'inf'" },
	{ "normal of a text", "u8", ".=normal:1,x",
	  "field '.': normal expects a number, met 'x'" },
	{ "normal backwards", "u8", ".=normal:1,-0.1",
	  "field '.': normal expects a deviation of at least 0, met '-0.1'" },
	{ "zipf of none", "u8", ".=zipf:0,1",
	  "field '.': zipf expects an integer from 1 to 255, met '0'" },
	{ "zipf beyond", "i8", ".=zipf:128,1",
	  "field '.': zipf expects an integer from 1 to 127, met '128'" },
	{ "zipf beyond the digits", "(`Decimal(3,1)`)", ".=zipf:1000,1",
	  "field '.': zipf expects an integer from 1 to 999, met '1000'" },
	{ "zipf beyond 64 bits", "(`Decimal(38,1)`)", ".=zipf:0,1",
	  "field '.': zipf expects an integer from 1 to "
	  "9223372036854775807, met '0'" },
	{ "zipf without exponent", "u8", ".=zipf:2,0",
	  "field '.': zipf expects an exponent above 0, met '0'" },
	{ "cardinality of none", "string", ".=cardinality:0",
	  "field '.': cardinality expects an integer from 1 to "
	  "9223372036854775807, met '0'" },
	{ "cardinality beyond", "bool", ".=cardinality:3",
	  "field '.': cardinality expects an integer from 1 to 2, met '3'" },
	{ "hex beyond", "(`FixedString(4)`)", ".=hex:5",
	  "field '.': hex expects an integer from 1 to 4, met '5'" },
	{ "rate beyond", "u8?", ".=null:1.01",
	  "field '.': null expects a rate from 0 to 1, met '1.01'" },
	{ "no rate", "u8?", ".=null:nan",
	  "field '.': null expects a rate from 0 to 1, met 'nan'" },
	{ "length upside down", "u8[]", ".=length:2,1",
	  "field '.': length expects a maximum that is not below the "
	  "minimum, met '1'" },
	{ "length of no number", "u8[]", ".=length:+1",
	  "field '.': length expects an integer from 0 to 4294967295, met "
	  "'+1'" },
};

static void test_refused(void **state)
{
	const struct refused_case *row = *state;
	struct gen_schema *schema = gen_parsed(row->type);
	struct gen_draw draw;
	struct gen_error error;

	if (schema->type.kind == GEN_INT)
		gen_parsed_field(schema, ".=cardinality:1");
	draw = schema->type.draw;
	assert_int_equal(gen_schema_field(schema, row->word, &error), -EINVAL);
	assert_string_equal(error.text, row->message);
	require_draw(&schema->type.draw, &draw);
	assert_int_equal(gen_schema_field(schema, row->word, NULL), -EINVAL);
	gen_schema_free(schema);
}

/* ---- values -------------------------------------------------------------- */

struct value_case {
	const char *text;
	const char *type;
	int len; /* of the bytes; -1: it is no value */
	const char *bytes;
};

#define MAX_256                                                              \
	"115792089237316195423570985008687907853269984665640564039457584007" \
	"913129639935"

#define DIGITS_38 "99999999999999999999999999999999999999"
#define DIGITS_76 DIGITS_38 DIGITS_38

static const struct value_case value_cases[] = {
	{ "true", "bool", 1, "\1" },
	{ "false", "bool", 1, "\0" },
	{ "1", "bool", -1, NULL },
	{ "x", "char", 1, "x" },
	{ "xy", "char", -1, NULL },
	{ "", "char", -1, NULL },
	{ "any text", "string", 0, NULL },
	{ "255", "u8", 1, "\xff" },
	{ "256", "u8", -1, NULL },
	{ "-0", "u8", 1, "\0" },
	{ "-1", "u8", -1, NULL },
	{ "007", "u8", 1, "\7" },
	{ "", "u8", -1, NULL },
	{ "-", "i8", -1, NULL },
	{ "+1", "u8", -1, NULL },
	{ " 1", "u8", -1, NULL },
	{ "1 ", "u8", -1, NULL },
	{ "1.0", "u8", -1, NULL },
	{ "0x1", "u8", -1, NULL },
	{ "-128", "i8", 1, "\x80" },
	{ "127", "i8", 1, "\x7f" },
	{ "128", "i8", -1, NULL },
	{ "-129", "i8", -1, NULL },
	{ "-256", "i8", -1, NULL },
	{ "16777215", "u24", 4, "\xff\xff\xff\0" },
	{ "16777216", "u24", -1, NULL },
	{ "-8388608", "i24", 4, "\0\0\x80\xff" },
	{ "-2", "i40", 8, "\xfe\xff\xff\xff\xff\xff\xff\xff" },
	{ "1099511627776", "u40", -1, NULL },
	{ "18446744073709551615", "u64", 8,
	  "\xff\xff\xff\xff\xff\xff\xff\xff" },
	{ "18446744073709551616", "u64", -1, NULL },
	{ "-9223372036854775808", "i64", 8, "\0\0\0\0\0\0\0\x80" },
	{ "-9223372036854775809", "i64", -1, NULL },
	{ "18446744073709551618", "u128", 16,
	  "\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0" },
	{ "-170141183460469231731687303715884105728", "i128", 16,
	  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80" },
	{ "170141183460469231731687303715884105728", "i128", -1, NULL },
	{ MAX_256, "(`UInt256`)", 32,
	  "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	  "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" },
	{ MAX_256, "(`Int256`)", -1, NULL },
	{ MAX_256 "0", "(`UInt256`)", -1, NULL },
	{ "1.5", "float", 8, "\0\0\0\0\0\0\xf8\x3f" },
	{ "-1.5e0", "(`Float32`)", 4, "\0\0\xc0\xbf" },
	{ "1e39", "(`Float32`)", -1, NULL },
	{ "inf", "(`Float32`)", 4, "\0\0\x80\x7f" },
	{ "1,5", "float", -1, NULL },
	{ "1.5x", "float", -1, NULL },
	{ "", "float", -1, NULL },
	{ "-1.5", "(`Decimal(9,2)`)", 4, "\x6a\xff\xff\xff" },
	{ "2", "(`Decimal(9,2)`)", 4, "\xc8\0\0\0" },
	{ "1.005", "(`Decimal(9,2)`)", -1, NULL },
	{ "1.", "(`Decimal(9,2)`)", -1, NULL },
	{ ".5", "(`Decimal(9,2)`)", -1, NULL },
	{ "1.2.3", "(`Decimal(9,4)`)", -1, NULL },
	{ "9999999.99", "(`Decimal(9,2)`)", 4, "\xff\xc9\x9a\x3b" },
	{ "-9999999.99", "(`Decimal(9,2)`)", 4, "\1\x36\x65\xc4" },
	{ "10000000", "(`Decimal(9,2)`)", -1, NULL },
	{ "99", "(`Decimal(3,1)`)", 4, "\xde\3\0\0" },
	{ "100", "(`Decimal(3,1)`)", -1, NULL },
	{ DIGITS_76, "(`Decimal(76,0)`)", 32,
	  "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x0f\x95\x71\xf1\xa5\x75\x77"
	  "\x79\x29\x65\xe8\xab\xb4\x64\x07\xb5\x15\x99\x11\xa7\xcc\x1b\x16" },
	{ DIGITS_76 "0", "(`Decimal(76,0)`)", -1, NULL },
	{ "00112233-4455-6677-8899-aAbBcCdDeEfF", "(`UUID`)", 16,
	  "\xff\xee\xdd\xcc\xbb\xaa\x99\x88\x77\x66\x55\x44\x33\x22\x11\0" },
	{ "00112233-4455-6677-8899-aAbBcCdDeEf", "(`UUID`)", -1, NULL },
	{ "001122334455-6677-8899-aAbBcCdDeEfF", "(`UUID`)", -1, NULL },
	{ "1.2.3.4", "(`IPv4`)", 4, "\4\3\2\1" },
	{ "1.2.3", "(`IPv4`)", -1, NULL },
	{ "102::4", "(`IPv6`)", 16, "\4\0\0\0\0\0\0\0\0\0\0\0\0\0\2\1" },
	{ "1970-01-01", "(`Date`)", 2, "\0\0" },
	{ "2024-02-29", "(`Date`)", 2, "\x46\x4d" },
	{ "2023-02-29", "(`Date`)", -1, NULL },
	{ "1969-12-31", "(`Date`)", -1, NULL },
	{ "1969-12-31", "(`Date32`)", 4, "\xff\xff\xff\xff" },
	{ "1900-03-01", "(`Date32`)", 4, "\x5c\x9c\xff\xff" },
	{ "2000-02-29", "(`Date`)", 2, "\x08\x2b" },
	{ "1900-02-29", "(`Date32`)", -1, NULL },
	{ "2000-3-01", "(`Date`)", -1, NULL },
	{ "2000-13-01", "(`Date`)", -1, NULL },
	{ "65535", "(`Date`)", 2, "\xff\xff" },
	{ "2001-09-09 01:46:40", "(`DateTime`)", 4, "\0\xca\x9a\x3b" },
	{ "2001-09-09T01:46:40", "(`DateTime`)", 4, "\0\xca\x9a\x3b" },
	{ "1000000000", "(`DateTime`)", 4, "\0\xca\x9a\x3b" },
	{ "2001-09-09 24:00:00", "(`DateTime`)", -1, NULL },
	{ "2001-09-09 01:60:40", "(`DateTime`)", -1, NULL },
	{ "2001-09-09 01:46:40.5", "(`DateTime`)", -1, NULL },
	{ "1970-01-01 00:00:01.25", "(`DateTime64(3)`)", 8,
	  "\xe2\4\0\0\0\0\0\0" },
	{ "1969-12-31 23:59:59.5", "(`DateTime64(1)`)", 8,
	  "\xfb\xff\xff\xff\xff\xff\xff\xff" },
	{ "2500-01-01 00:00:00", "(`DateTime64(9)`)", -1, NULL },
	{ "b", "(`Enum8('a'=1,'b'=-2)`)", 1, "\xfe" },
	{ "c", "(`Enum8('a'=1,'b'=-2)`)", -1, NULL },
	{ "1", "(`Enum8('a'=1,'b'=-2)`)", -1, NULL },
	{ "abc", "(`FixedString(3)`)", 0, NULL },
	{ "abcd", "(`FixedString(3)`)", -1, NULL },
	{ "1", "u8[]", -1, NULL },
};

static void test_value(void **state)
{
	const struct value_case *row = *state;
	struct gen_schema *schema = gen_parsed(row->type);
	uint8_t bytes[GEN_VALUE_BYTES + 1];
	int len;

	memset(bytes, 0x55, sizeof(bytes));
	len = gen_draw_parse_value(&schema->type, row->text, bytes);
	assert_int_equal(len, row->len < 0 ? -EINVAL : row->len);
	if (row->len > 0)
		assert_memory_equal(bytes, row->bytes, (size_t)row->len);
	if (row->len >= 0)
		assert_int_equal(bytes[row->len], 0x55);
	gen_schema_free(schema);
}

int main(void)
{
	const struct rows tables[] = {
		{ "paths", test_path, path_cases, sizeof(path_cases),
		  sizeof(path_cases[0]) },
		{ "draws", test_draw, draw_cases, sizeof(draw_cases),
		  sizeof(draw_cases[0]) },
		{ "refused", test_refused, refused_cases, sizeof(refused_cases),
		  sizeof(refused_cases[0]) },
		{ "values", test_value, value_cases, sizeof(value_cases),
		  sizeof(value_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_names),
		cmocka_unit_test(test_replace),
	};

	return rows_run(tables, 4) +
	       cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
