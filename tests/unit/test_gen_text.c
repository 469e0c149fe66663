/*
 * Goal: the encodings that are text put the bytes that are specified, for each
 * type, each way of nesting and each option; what can't be read back is
 * refused.
 * Method: tables of types, values and texts. The values are written down, not
 * drawn; where the original generator was right the texts are its own. Programs
 * run as they are written, and fused. What was written is read back, and must be
 * what is in row-binary.
 */
#include "generator/encode.h"
#include "generator/schema.h"
#include "tests/lib/gen_decode.h"
#include "tests/lib/gen_tape.h"
#include "tests/lib/rows.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* NULL: refused. */
static void check_text(struct tape_case c, const char *text)
{
	for (int is_fused = 0; is_fused < 2; is_fused++) {
		struct gen_error error = { 0 };
		uint8_t *bytes = NULL;
		int64_t len;

		c.is_fused = is_fused;
		len = tape_encode(&c, &error, &bytes);
		if (text == NULL) {
			assert_int_equal(len, -EINVAL);
			assert_int_not_equal(error.text[0], 0);
			continue;
		}
		assert_true(len >= 0);
		bytes[len] = 0;
		assert_string_equal((char *)bytes, text);
		free(bytes);
	}
}

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
	{ "void", "{a:void;b:u8}", "3", "( 3)", ",3", "{\"a\":null,\"b\":3}" },
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
	{ "map of dates", "`a` Map(Date, UInt8)", "#1 1 2",
	  "(1 ((\"1970-01-02\" 2)))", "1,1970-01-02,2",
	  "{\"a\":{\"1970-01-02\":2}}" },
};

static void check_encoding(const struct text_case *row, const char *encoding,
			   const char *text)
{
	check_text((struct tape_case){ .schema = row->schema,
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

/* A void would be null as well. */
static void test_json_refuses(void **state)
{
	struct tape_case c = { .schema = "{a:u8;b:void?}[]", .tape = "#0" };

	(void)state;
	c.options.encoding = "json";
	check_text(c, NULL);
	c.options.encoding = "s-expression";
	check_text(c, "0 ()");
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
	struct gen_error error;

	assert_int_equal(gen_schema_parse(row->schema, strlen(row->schema),
					  &error, &schema),
			 0);
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
	check_text(c, "7\n");
	c.options.encoding = "s-expression";
	check_text(c, "7\n");
	c.options.encoding = "csv";
	check_text(c, "7\n");
}

/* ---- csv ------------------------------------------------------------------ */

struct csv_case {
	const char *name, *schema, *tape, *csv; /* NULL: refused */
	struct gen_csv_options options;
};

static const struct csv_case csv_cases[] = {
	{ "chars are a string", "char[3]", "\"abc\"", "abc\n", { 0 } },
	{ "nullable chars are not",
	  "char?[2]",
	  "+ 'a' null",
	  "a,\\N\n",
	  { 0 } },
	{ "separator",
	  "(string;string)",
	  "\"a,b\" \"a;b\"",
	  "\"a,b\",a;b\n",
	  { 0 } },
	{ "other separator",
	  "(string;string)",
	  "\"a,b\" \"a;b\"",
	  "a,b;\"a;b\"\n",
	  { .separator = ';' } },
	{ "tab", "(u8;u8)", "1 2", "1\t2\n", { .separator = '\t' } },
	{ "colon",
	  "`a` IPv6 `b` Date",
	  "1 1",
	  "\"::1\":1970-01-02\n",
	  { .separator = ':' } },
	{ "quote", "string", "\"x,y\\\"z\"", "\"x,y\"\"z\"\n", { 0 } },
	{ "quoted",
	  "(string;u8;string)",
	  "\"x,y\\\"z\" 1 \"a\"",
	  "\"x,y\"\"z\",1,\"a\"\n",
	  { .quote = '"' } },
	{ "quoted words",
	  "`a` Date `b` Enum8('x' = 1) `c` Decimal(9, 1)",
	  "0 \"x\"=1 5",
	  "\"1970-01-01\",\"x\",0.5\n",
	  { .quote = '"' } },
	{ "quoted char", "char", "'\"'", "\"\"\"\"\n", { .quote = '"' } },
	{ "other quote",
	  "(string;string)",
	  "\"x'y\" \"\\\"\"",
	  "'x''y','\"'\n",
	  { .quote = '\'' } },
	{ "lines",
	  "(string;string)",
	  "\"a\\x0ab\" \"a\\x0db\"",
	  "\"a\nb\",\"a\rb\"\n",
	  { 0 } },
	{ "blanks",
	  "string[4]",
	  "\" a\" \"a \" \"\\x09a\" \"a b\"",
	  "\" a\",\"a \",\"\ta\",a b\n",
	  { 0 } },
	{ "begins like something else",
	  "string[4]",
	  "\"'a\" \"a'\" \"\\\\a\" \"a\\\\\"",
	  "\"'a\",a',\"\\a\",a\\\n",
	  { 0 } },
	{ "the null text",
	  "string?[3]",
	  "+ \"\\\\N\" null + \"NULL\"",
	  "\"\\N\",\\N,NULL\n",
	  { 0 } },
	{ "another null text",
	  "string?[3]",
	  "+ \"\\\\N\" null + \"NULL\"",
	  "\"\\N\",NULL,\"NULL\"\n",
	  { .null = "NULL" } },
	{ "no null text",
	  "string?[2]",
	  "+ \"\" null",
	  "\"\",\n",
	  { .null = "" } },
	{ "long null text",
	  "string?[2]",
	  "+ \"nothing at all\" null",
	  "\"nothing at all\",nothing at all\n",
	  { .null = "nothing at all" } },
	{ "null text, quoted",
	  "string?[2]",
	  "+ \"\\\\N\" null",
	  "\"\\N\",\\N\n",
	  { .quote = '"' } },
	{ "floats in hexadecimal",
	  "float",
	  "1.5",
	  "0x1.8p+0\n",
	  { .hex_floats = true } },
	{ "null or null first", "{a:{x:u8?;y:u8}?;b:u8}", "", NULL, { 0 } },
	{ "null or null item", "u8?[2]?", "", NULL, { 0 } },
	{ "null or null within", "((u8?;u8);u8)?", "", NULL, { 0 } },
	{ "null or null this", "(this?;u8)", "", NULL, { 0 } },
	{ "null or nothing", "void?", "", NULL, { 0 } },
	{ "null or null later", "(u8;u8?)?", "+ 1 null", "1,\\N\n", { 0 } },
	{ "null or a list", "u8?[]?", "+ #1 null", "1,\\N\n", { 0 } },
	{ "separator is a digit", "u8", "", NULL, { .separator = '1' } },
	{ "separator is a point", "u8", "", NULL, { .separator = '.' } },
	{ "separator ends lines", "u8", "", NULL, { .separator = '\n' } },
	{ "quote separates", "u8", "", NULL, { .quote = ',' } },
	{ "quote is a letter", "u8", "", NULL, { .quote = 'q' } },
	{ "null text with a separator", "u8", "", NULL, { .null = "a,b" } },
	{ "null text with a quote", "u8", "", NULL, { .null = "\"" } },
	{ "null text with a line feed", "u8", "", NULL, { .null = "\n" } },

	{ "ClickHouse: list",
	  "u8[3]",
	  "1 2 3",
	  "\"[1,2,3]\"\n",
	  { .clickhouse = true } },
	{ "ClickHouse: array",
	  "(u8[];u8)",
	  "#0 7",
	  "\"[]\",7\n",
	  { .clickhouse = true } },
	{ "ClickHouse: strings",
	  "(string[];string)",
	  "#2 \"x\" \"yz\" \"pqr\"",
	  "\"['x','yz']\",pqr\n",
	  { .clickhouse = true } },
	{ "ClickHouse: quoted",
	  "(string[2];string)",
	  "\"x\" \"yz\" \"pqr\"",
	  "\"['x','yz']\",\"pqr\"\n",
	  { .clickhouse = true, .quote = '"' } },
	{ "ClickHouse: other quote",
	  "(string[2];string)",
	  "\"x\" \"y'z\" \"pqr\"",
	  "'[''x'',''y\\''z'']','pqr'\n",
	  { .clickhouse = true, .quote = '\'' } },
	{ "ClickHouse: nested",
	  "u8[2][2]",
	  "1 2 3 4",
	  "\"[[1,2],[3,4]]\"\n",
	  { .clickhouse = true } },
	{ "ClickHouse: escapes",
	  "string[4]",
	  "\"a\\\"b\" \"it's\" \"a\\\\b\" \"\\x00\\x08\\x09\\x0a\\x0c\\x0d\"",
	  "\"['a\"\"b','it\\'s','a\\\\b','\\0\\b\\t\\n\\f\\r']\"\n",
	  { .clickhouse = true } },
	{ "ClickHouse: nulls",
	  "(u8?[2];u8?)",
	  "+ 1 null null",
	  "\"[1,NULL]\",\\N\n",
	  { .clickhouse = true } },
	{ "ClickHouse: null list",
	  "u8?[2]?",
	  "null",
	  "\\N\n",
	  { .clickhouse = true } },
	{ "ClickHouse: tuples",
	  "((u8;string);(u8;string)[])",
	  "1 \"a\" #2 2 \"b\" 3 \"c\"",
	  "1,a,\"[(2,'b'),(3,'c')]\"\n",
	  { .clickhouse = true } },
	{ "ClickHouse: map",
	  "u8[2][string]",
	  "#2 \"a\" 1 2 \"b\" 3 4",
	  "\"{'a':[1,2],'b':[3,4]}\"\n",
	  { .clickhouse = true } },
	{ "ClickHouse: sums",
	  "([a|b u8];[a|b u8][2])",
	  "@1 2 @0 @1 3",
	  "1,2,\"[(0,NULL),(1,3)]\"\n",
	  { .clickhouse = true } },
	{ "ClickHouse: words",
	  "`a` Array(Date) `b` Array(Enum8('x' = 1))",
	  "#1 0 #1 \"x\"=1",
	  "\"['1970-01-01']\",\"['x']\"\n",
	  { .clickhouse = true } },
	{ "ClickHouse: separator",
	  "u8[2]",
	  "1 2",
	  "\"[1,2]\"\n",
	  { .clickhouse = true, .separator = ';' } },
	{ "ClickHouse: bools",
	  "(bool;bool[])",
	  "F #1 T",
	  "false,\"[true]\"\n",
	  { .clickhouse = true } },
	{ "ClickHouse: chars",
	  "(char[3];char?[1];char)",
	  "\"abc\" + '\\'' 'x'",
	  "abc,\"['\\'']\",x\n",
	  { .clickhouse = true } },
	{ "ClickHouse: this", "(u8;this[])", "", NULL, { .clickhouse = true } },
};

static void test_csv(void **state)
{
	const struct csv_case *row = *state;

	check_text((struct tape_case){ .schema = row->schema,
				       .tape = row->tape,
				       .options.encoding = "csv",
				       .options.csv = row->options },
		   row->csv);
}

#define TABLE(cases) (cases), sizeof(cases), sizeof((cases)[0])

int main(void)
{
	const struct rows tables[] = {
		{ "texts", test_texts, TABLE(text_cases) },
		{ "read back", test_read_back, TABLE(text_cases) },
		{ "csv", test_csv, TABLE(csv_cases) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newlines),
		cmocka_unit_test(test_json_refuses),
	};

	return rows_run(tables, sizeof(tables) / sizeof(tables[0])) +
	       cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
