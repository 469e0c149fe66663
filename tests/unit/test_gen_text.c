/*
 * Goal: the encodings that are text put the bytes that are specified, for each
 * type and each way of nesting, and never more than they said they would.
 * Method: tables of types, values and texts. The values are written down, not
 * drawn; where the original generator was right the texts are its own. Programs
 * run as they are written, and fused. What was written is read back, and must be
 * what is in row-binary.
 */
#include "generator/encode.h"
#include "generator/schema.h"
#include "tests/lib/gen_decode.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/gen_text_check.h"
#include "tests/lib/rows.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- all three ------------------------------------------------------------ */

#define ROW                                                     \
	"{id:u64; ts:u64; user:string; amount:float; tag:u16?;" \
	" flags:u8[5]}"
#define ROW_TAPE(tag) \
	"1 1700000000000 \"00deadbeef00cafe\" 1.5 " tag " 1 2 3 4 5"

/* csv has a line feed behind each, which is left out here. */
struct text_case {
	const char *name, *schema, *tape;
	const char *s_expression, *csv, *json;
};

static const struct text_case text_cases[] = {
	{ "row", ROW, ROW_TAPE("+ 513"),
	  "(1 1700000000000 \"00deadbeef00cafe\" 0x1.8p+0 513 (1 2 3 4 5))",
	  "1,1700000000000,00deadbeef00cafe,1.5,513,1,2,3,4,5",
	  "{\"id\":1,\"ts\":1700000000000,\"user\":\"00deadbeef00cafe\","
	  "\"amount\":1.5,\"tag\":513,\"flags\":[1,2,3,4,5]}" },
	{ "row with null", ROW, ROW_TAPE("null"),
	  "(1 1700000000000 \"00deadbeef00cafe\" 0x1.8p+0 null (1 2 3 4 5))",
	  "1,1700000000000,00deadbeef00cafe,1.5,\\N,1,2,3,4,5",
	  "{\"id\":1,\"ts\":1700000000000,\"user\":\"00deadbeef00cafe\","
	  "\"amount\":1.5,\"tag\":null,\"flags\":[1,2,3,4,5]}" },
	{ "bools", "(bool;bool)", "T F", "(T F)", "T,F", "[true,false]" },
	{ "8 bits", "u8[12]", "0 1 9 10 11 19 90 99 100 101 199 255",
	  "(0 1 9 10 11 19 90 99 100 101 199 255)",
	  "0,1,9,10,11,19,90,99,100,101,199,255",
	  "[0,1,9,10,11,19,90,99,100,101,199,255]" },
	{ "signed", "(i8;i16;i32;i64)",
	  "-128 -32768 -2147483648 -9223372036854775808",
	  "(-128 -32768 -2147483648 -9223372036854775808)",
	  "-128,-32768,-2147483648,-9223372036854775808",
	  "[-128,-32768,-2147483648,-9223372036854775808]" },
	{ "each length", "u64[10]",
	  "99999 100000 9999999 10000000 99999999 100000000 9999999999999999"
	  " 10000000000000000 9999999999999999999 18446744073709551615",
	  "(99999 100000 9999999 10000000 99999999 100000000 9999999999999999"
	  " 10000000000000000 9999999999999999999 18446744073709551615)",
	  "99999,100000,9999999,10000000,99999999,100000000,9999999999999999"
	  ",10000000000000000,9999999999999999999,18446744073709551615",
	  "[99999,100000,9999999,10000000,99999999,100000000,9999999999999999"
	  ",10000000000000000,9999999999999999999,18446744073709551615]" },
	{ "128 bits", "(u128;u128;i128)",
	  "0xffffffffffffffffffffffffffffffff 0 -1",
	  "(340282366920938463463374607431768211455 0 -1)",
	  "340282366920938463463374607431768211455,0,-1",
	  "[340282366920938463463374607431768211455,0,-1]" },
	{ "128 bits, least", "i128", "0x80000000000000000000000000000000",
	  "-170141183460469231731687303715884105728",
	  "-170141183460469231731687303715884105728",
	  "-170141183460469231731687303715884105728" },
	{ "256 bits", "`a` UInt256 `b` Int256",
	  "0xffffffffffffffffffffffffffffffff"
	  "ffffffffffffffffffffffffffffffff -10000000000000000",
	  "(115792089237316195423570985008687907853269984665640564039457"
	  "584007913129639935 -10000000000000000)",
	  "115792089237316195423570985008687907853269984665640564039457"
	  "584007913129639935,-10000000000000000",
	  "{\"a\":115792089237316195423570985008687907853269984665640564039457"
	  "584007913129639935,\"b\":-10000000000000000}" },
	{ "floats", "float[5]", "0.1 -0.0 inf -inf 100.0",
	  "(0x1.999999999999ap-4 -0x0p+0 infinity -infinity 0x1.9p+6)",
	  "0.1,-0,inf,-inf,100", "[0.1,-0,null,null,100]" },
	{ "Float32", "`a` Float32", "0.1f", "(0x1.99999ap-4)", "0.1",
	  "{\"a\":0.1}" },
	{ "char", "(char;char;char)", "'z' '\"' '\\\\'",
	  "(\"z\" \"\\\"\" \"\\\\\")", "z,\"\"\"\",\"\\\"",
	  "[\"z\",\"\\\"\",\"\\\\\"]" },
	{ "empty string", "(string;string)", "\"\" \"\"", "(\"\" \"\")",
	  "\"\",\"\"", "[\"\",\"\"]" },
	{ "controls", "string", "\"\\x01\\x09\\x0a\\x7f\"",
	  "\"\\x01\\x09\\x0a\\x7f\"", "\"\001\t\n\177\"",
	  "\"\\u0001\\t\\n\\u007f\"" },
	{ "short escapes", "string", "\"\\x08\\x0c\\x0d/a\"",
	  "\"\\x08\\x0c\\x0d/a\"", "\"\b\f\r/a\"", "\"\\b\\f\\r\\/a\"" },
	{ "UTF-8", "string", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
	  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
	  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
	  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
	{ "broken UTF-8", "string[4]",
	  "\"\xc3\" \"\xe2\x82z\" \"\xc0\xaf\" \"\x80\"",
	  "(\"\xc3\" \"\xe2\x82z\" \"\xc0\xaf\" \"\x80\")",
	  "\xc3,\xe2\x82z,\xc0\xaf,\x80",
	  "[\"\\u00c3\",\"\\u00e2\\u0082z\",\"\\u00c0\\u00af\",\"\\u0080\"]" },
	{ "surrogate, and beyond Unicode", "string[3]",
	  "\"\xed\xa0\x80\" \"\xf4\x90\x80\x80\" \"\xe0\x9f\xbf\"",
	  "(\"\xed\xa0\x80\" \"\xf4\x90\x80\x80\" \"\xe0\x9f\xbf\")",
	  "\xed\xa0\x80,\xf4\x90\x80\x80,\xe0\x9f\xbf",
	  "[\"\\u00ed\\u00a0\\u0080\",\"\\u00f4\\u0090\\u0080\\u0080\","
	  "\"\\u00e0\\u009f\\u00bf\"]" },
	{ "half a character as a char", "char", "'\xe9'", "\"\xe9\"", "\xe9",
	  "\"\\u00e9\"" },
	{ "array", "u8[]", "#3 1 2 3", "3 (1 2 3)", "3,1,2,3", "[1,2,3]" },
	{ "empty array", "(u8[];u8)", "#0 7", "(0 () 7)", "0,,7", "[[],7]" },
	{ "set", "u8{}", "#1 5", "1 (5)", "1,5", "[5]" },
	{ "nullables", "u8?[]", "#3 + 1 null + 3", "3 (1 null 3)", "3,1,\\N,3",
	  "[1,null,3]" },
	{ "nullable array", "u8[]?[2]", "null + #1 7", "(null 1 (7))",
	  "\\N,1,7", "[null,[7]]" },
	{ "vectors of vectors", "u8[2][3]", "1 2 3 4 5 6",
	  "((1 2) (3 4) (5 6))", "1,2,3,4,5,6", "[[1,2],[3,4],[5,6]]" },
	{ "map", "u8[string]", "#2 \"x\" 1 \"y\" 2", "2 ((\"x\" 1) (\"y\" 2))",
	  "2,x,1,y,2", "{\"x\":1,\"y\":2}" },
	{ "empty maps", "(u8[string];u8[u8])", "#0 #0", "(0 () 0 ())", "0,,0,",
	  "[{},[]]" },
	{ "map of integers", "u8?[u8]", "#2 1 null 2 + 3", "2 ((1 null) (2 3))",
	  "2,1,\\N,2,3", "[[1,null],[2,3]]" },
	{ "map of chars", "u8[char]", "#1 '\"' 3", "1 ((\"\\\"\" 3))",
	  "1,\"\"\"\",3", "{\"\\\"\":3}" },
	{ "sum", "[foo|bar u16|baz string]", "@1 513", "(1 513)", "1,513",
	  "{\"bar\":513}" },
	{ "sum without a value", "[foo|bar u16][2]", "@0 @1 2", "((0 ) (1 2))",
	  "0,,1,2", "[\"foo\",{\"bar\":2}]" },
	{ "sum of a nullable", "[x u8?|y]", "@0 null", "(0 null)", "0,\\N",
	  "{\"x\":null}" },
	{ "records", "{a:{x:u8?;y:u8};b:u8}", "null 2 3", "((null 2) 3)",
	  "\\N,2,3", "{\"a\":{\"x\":null,\"y\":2},\"b\":3}" },
	{ "list of this", "{n:u8;kids:this[]}", "1 #2 2 #0 3 #0",
	  "(1 2 ((2 0 ()) (3 0 ())))", "1,2,2,0,,3,0,",
	  "{\"n\":1,\"kids\":[{\"n\":2,\"kids\":[]},{\"n\":3,\"kids\":[]}]}" },
	{ "Ip", "Ip", "@0 2130706433", "(0 2130706433)", "0,2130706433",
	  "{\"v4\":2130706433}" },
	{ "FixedString", "`a` FixedString(3)", "\"ab\"", "(\"ab\")", "ab",
	  "{\"a\":\"ab\"}" },
	{ "names", "`a\"b\\\n` UInt8", "1", "(1)", "1",
	  "{\"a\\\"b\\\\\\n\":1}" },
	{ "Bool", "`a` Bool", "T", "(T)", "T", "{\"a\":true}" },
	{ "Date", "`a` Date `b` Date `c` Date `d` Date", "0 11016 19782 65535",
	  "(\"1970-01-01\" \"2000-02-29\" \"2024-02-29\" \"2149-06-06\")",
	  "1970-01-01,2000-02-29,2024-02-29,2149-06-06",
	  "{\"a\":\"1970-01-01\",\"b\":\"2000-02-29\",\"c\":\"2024-02-29\","
	  "\"d\":\"2149-06-06\"}" },
	{ "Date32", "`a` Date32 `b` Date32 `c` Date32",
	  "-25567 -719529 3000000",
	  "(\"1900-01-01\" \"-0001-12-31\" \"10183-09-21\")",
	  "1900-01-01,-0001-12-31,10183-09-21",
	  "{\"a\":\"1900-01-01\",\"b\":\"-0001-12-31\","
	  "\"c\":\"10183-09-21\"}" },
	{ "DateTime", "`a` DateTime('UTC')", "1700000000", "(1700000000)",
	  "1700000000", "{\"a\":1700000000}" },
	{ "DateTime64", "`a` DateTime64(3) `b` DateTime64(0) `c` DateTime64(9)",
	  "1700000000123 5 -1", "(1700000000.123 5 -0.000000001)",
	  "1700000000.123,5,-0.000000001",
	  "{\"a\":1700000000.123,\"b\":5,\"c\":-0.000000001}" },
	{ "Decimal", "`a` Decimal(9, 2) `b` Decimal(9, 2) `c` Decimal(9, 0)",
	  "-5 12345 -7", "(-0.05 123.45 -7)", "-0.05,123.45,-7",
	  "{\"a\":-0.05,\"b\":123.45,\"c\":-7}" },
	{ "wide Decimal", "`a` Decimal(38, 20) `b` Decimal(76, 76)",
	  "-123456789012345678 1",
	  "(-0.00123456789012345678 0.0000000000000000000000000000000000000"
	  "000000000000000000000000000000000000001)",
	  "-0.00123456789012345678,0.0000000000000000000000000000000000000"
	  "000000000000000000000000000000000000001",
	  "{\"a\":-0.00123456789012345678,\"b\":0.00000000000000000000000000"
	  "00000000000000000000000000000000000000000000000001}" },
	{ "Enum", "`a` Enum8('x' = -1, 'y z' = 2)", "\"y z\"=2", "(\"y z\")",
	  "y z", "{\"a\":\"y z\"}" },
	{ "UUID", "`a` UUID", "0x00112233445566778899aabbccddeeff",
	  "(\"00112233-4455-6677-8899-aabbccddeeff\")",
	  "00112233-4455-6677-8899-aabbccddeeff",
	  "{\"a\":\"00112233-4455-6677-8899-aabbccddeeff\"}" },
	{ "IPv4", "`a` IPv4", "0x7f000001", "(\"127.0.0.1\")", "127.0.0.1",
	  "{\"a\":\"127.0.0.1\"}" },
	{ "IPv6", "`a` IPv6 `b` IPv6", "0x20010db8000000000000000000000001 0",
	  "(\"2001:db8::1\" \"::\")",
	  "2001:db8::1,::", "{\"a\":\"2001:db8::1\",\"b\":\"::\"}" },
	{ "IPv6, groups", "`a` IPv6 `b` IPv6 `c` IPv6",
	  "0x00010002000300040005000600070008 "
	  "0x00010000000000040000000000000000 "
	  "0x00010000000300040005000600000000",
	  "(\"1:2:3:4:5:6:7:8\" \"1:0:0:4::\" \"1:0:3:4:5:6::\")",
	  "1:2:3:4:5:6:7:8,1:0:0:4::,1:0:3:4:5:6::",
	  "{\"a\":\"1:2:3:4:5:6:7:8\",\"b\":\"1:0:0:4::\","
	  "\"c\":\"1:0:3:4:5:6::\"}" },
	{ "IPv6, zeros", "`a` IPv6 `b` IPv6",
	  "0x00010000000000040005000000000008 "
	  "0x00010000000300040005000600070008",
	  "(\"1::4:5:0:0:8\" \"1:0:3:4:5:6:7:8\")",
	  "1::4:5:0:0:8,1:0:3:4:5:6:7:8",
	  "{\"a\":\"1::4:5:0:0:8\",\"b\":\"1:0:3:4:5:6:7:8\"}" },
	{ "map of dates", "`a` Map(Date, UInt8)", "#1 1 2",
	  "(1 ((\"1970-01-02\" 2)))", "1,1970-01-02,2",
	  "{\"a\":{\"1970-01-02\":2}}" },
};

static void check_encoding(const struct text_case *row, const char *encoding,
			   const char *text)
{
	gen_text_check((struct tape_case){ .schema = row->schema,
					   .tape = row->tape,
					   .options.encoding = encoding },
		       text);
}

static void test_texts(void **state)
{
	const struct text_case *row = *state;
	char line[1024] = { 0 };

	check_encoding(row, "s-expression", row->s_expression);
	check_encoding(row, "json", row->json);
	strcpy(line, row->csv);
	check_encoding(row, "csv", strcat(line, "\n"));
}

/* ---- read back ------------------------------------------------------------ */

static struct events read_back(const struct gen_schema *schema,
			       const struct text_case *row,
			       const struct gen_decoder *decoder)
{
	const struct tape_case c = {
		.schema = row->schema,
		.tape = row->tape,
		.options = decoder->options,
	};
	struct events ret = { 0 };
	struct gen_error error;
	uint8_t *bytes;
	const int64_t len = tape_encode(&c, &error, &bytes);

	assert_true(len >= 0);
	assert_int_equal(decoder->decode(&schema->type, &decoder->options,
					 bytes, (size_t)len, &ret),
			 len);
	free(bytes);
	return ret;
}

/* JSON has nothing that is not finite, and no way to say so. */
static bool is_readable(const struct text_case *row,
			const struct gen_decoder *decoder)
{
	return strcmp(decoder->options.encoding, "json") != 0 ||
	       strstr(row->tape, "inf") == NULL;
}

static bool can_encode(const struct gen_schema *schema,
		       const struct gen_decoder *decoder)
{
	struct gen_program program = { 0 };
	struct gen_error error;
	const int rc = gen_lower(&schema->type,
				 gen_encoding_find(decoder->options.encoding),
				 &decoder->options, true, &error, &program);

	gen_program_clear(&program);
	return rc == 0;
}

static void check_decoder(const struct gen_schema *schema,
			  const struct text_case *row,
			  const struct gen_decoder *decoder)
{
	struct events expected = read_back(schema, row, &gen_decoders[0]);
	struct events found = read_back(schema, row, decoder);

	if (events_differ(&expected, &found) != SIZE_MAX)
		fail_msg("%s: event %zu differs", decoder->name,
			 events_differ(&expected, &found));
	events_free(&expected);
	events_free(&found);
}

/* Each decoder finds what is in row-binary. */
static void test_read_back(void **state)
{
	const struct text_case *row = *state;
	struct gen_schema *schema;

	schema = gen_parsed(row->schema);
	for (size_t i = 1; i < gen_decoder_count; i++)
		if (is_readable(row, &gen_decoders[i]) &&
		    can_encode(schema, &gen_decoders[i]))
			check_decoder(schema, row, &gen_decoders[i]);
	gen_schema_free(schema);
}

static void test_newlines(void **state)
{
	struct tape_case c = { .schema = "u8", .tape = "7" };

	(void)state;
	c.options.with_newlines = true;
	c.options.encoding = "json";
	gen_text_check(c, "7\n");
	c.options.encoding = "s-expression";
	gen_text_check(c, "7\n");
	c.options.encoding = "csv";
	gen_text_check(c, "7\n");
}

/* ---- bounds ---------------------------------------------------------------- */

/* What becomes longest. */
struct bound_case {
	const char *name, *schema, *tape;
	struct gen_options options;
};

#define TIMES_15(c) "\"" c c c c c c c c c c c c c c c "\""

static const struct bound_case bound_cases[] = {
	{ "s-expression: control bytes",
	  "string",
	  TIMES_15("\\x01"),
	  { .encoding = "s-expression" } },
	{ "json: control bytes",
	  "string",
	  TIMES_15("\\x01"),
	  { .encoding = "json" } },
	{ "csv: quotes", "string", TIMES_15("\\\""), { .encoding = "csv" } },
	{ "csv: quotes in own quotes",
	  "string",
	  TIMES_15("\\\""),
	  { .encoding = "csv", .csv.quote = '"' } },
	{ "csv: quotes in a list",
	  "string[1]",
	  TIMES_15("'"),
	  { .encoding = "csv", .csv = { .quote = '\'', .clickhouse = true } } },
	{ "csv: backslashes in a list",
	  "string[1]",
	  TIMES_15("\\\\"),
	  { .encoding = "csv",
	    .csv = { .quote = '\\', .null = "", .clickhouse = true } } },
	{ "csv: nothing",
	  "(string;bool)",
	  "\"\" F",
	  { .encoding = "csv", .csv.clickhouse = true } },
	{ "64 bits", "i64", "-9223372036854775808", { .encoding = "json" } },
	{ "256 bits",
	  "`a` Int256",
	  "0x80000000000000000000000000000000"
	  "00000000000000000000000000000000",
	  { .encoding = "csv" } },
	{ "float", "float", "-2.2250738585072014e-308", { .encoding = "csv" } },
	{ "hexadecimal float",
	  "float",
	  "-2.2250738585072009e-308",
	  { .encoding = "s-expression" } },
	{ "Date32", "`a` Date32", "-2147483648", { .encoding = "csv" } },
	{ "IPv6",
	  "`a` IPv6",
	  "0xfffffffffffffffffffffffffffffff0",
	  { .encoding = "json" } },
};

/* No value is longer than the program says. */
static void test_bounds(void **state)
{
	const struct bound_case *row = *state;
	const struct tape_case c = {
		.schema = row->schema,
		.tape = row->tape,
		.options = row->options,
	};
	struct gen_program program = { 0 };
	struct gen_schema *schema;
	struct gen_error error;
	uint8_t *bytes;

	schema = gen_parsed(row->schema);
	assert_int_equal(gen_lower(&schema->type,
				   gen_encoding_find(row->options.encoding),
				   &row->options, true, &error, &program),
			 0);
	assert_int_not_equal(program.row_bytes, 0);
	assert_in_range(tape_encode(&c, &error, &bytes), 1, program.row_bytes);
	gen_program_clear(&program);
	gen_schema_free(schema);
	free(bytes);
}

#define TABLE(cases) (cases), sizeof(cases), sizeof((cases)[0])

int main(void)
{
	const struct rows tables[] = {
		{ "texts", test_texts, TABLE(text_cases) },
		{ "read back", test_read_back, TABLE(text_cases) },
		{ "bounds", test_bounds, TABLE(bound_cases) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newlines),
	};

	return rows_run(tables, sizeof(tables) / sizeof(tables[0])) +
	       cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
