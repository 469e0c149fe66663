/*
 * Goal: each encoding puts the bytes that it is specified to put, for each type
 * and each way of nesting; what it can't put is refused.
 * Method: tables of types, values and bytes. The values are written down, not
 * drawn; the bytes of ringbuf and of plain types in row-binary are those that
 * the original generator gave, with its padding zeroed. Programs run as they
 * are written, and fused.
 */
#include "generator/encode.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/gen_tape.h"
#include "tests/lib/rows.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define ROW                                                     \
	"{id:u64; ts:u64; user:string; amount:float; tag:u16?;" \
	" flags:u8[5]}"
#define ROW_TAPE(tag) \
	"1 1700000000000 \"00deadbeef00cafe\" 1.5 " tag " 1 2 3 4 5"

/* ---- ringbuf ------------------------------------------------------------- */

struct ringbuf_case {
	const char *name, *schema, *tape;
	const char *layout_29; /* NULL: this layout can't have it */
	const char *layout_30; /* NULL: the same */
};

static const struct ringbuf_case ringbuf_cases[] = {
	{ "row", ROW, ROW_TAPE("+ 513"),
	  "01010000 01000000 00000000 0068e5cf 8b010000 10000000 30306465"
	  "61646265 65663030 63616665 00000000 0000f83f 01020000 01000000"
	  "02000000 03000000 04000000 05000000",
	  "01000000 01000000 00000000 0068e5cf 8b010000 10000000 30306465"
	  "61646265 65663030 63616665 00000000 0000f83f 01020000 01000000"
	  "02000000 03000000 04000000 05000000" },
	{ "row with null", ROW, ROW_TAPE("null"),
	  "01000000 01000000 00000000 0068e5cf 8b010000 10000000 30306465"
	  "61646265 65663030 63616665 00000000 0000f83f 01000000 02000000"
	  "03000000 04000000 05000000",
	  "01010000 01000000 00000000 0068e5cf 8b010000 10000000 30306465"
	  "61646265 65663030 63616665 00000000 0000f83f 01000000 02000000"
	  "03000000 04000000 05000000" },
	{ "outermost scalar", "u8", "7", "07000000", NULL },
	{ "tuple", "(u8;u8)", "1 2", "01000000 01000000 02000000", NULL },
	{ "bool, char", "{a:bool;b:char}", "T 'z'",
	  "01000000 01000000 7a000000", NULL },
	{ "string", "{a:string}", "\"hello\"",
	  "01000000 05000000 68656c6c 6f000000", NULL },
	{ "strings up to a word", "string[3]", "\"\" \"abc\" \"abcd\"",
	  "00000000 03000000 61626300 04000000 61626364", NULL },
	{ "nullable fields", "{a:string?;b:u8?;c:i64?}", "+ \"hi\" null + -1",
	  "01050000 02000000 68690000 ffffffff ffffffff",
	  "01020000 02000000 68690000 ffffffff ffffffff" },
	{ "nullable items", "u8?[3]", "+ 1 null + 3",
	  "01050000 01000000 03000000", "01020000 01000000 03000000" },
	{ "mask of two words", "u8?[25]",
	  "null + 2 null null null null null null null null null null null"
	  " null null null null null null null null null null null + 9",
	  "02020000 01000000 02000000 09000000",
	  "02fdffff 00000000 02000000 09000000" },
	{ "mask of two bytes",
	  "{a:u8?;b:u8?;c:u8?;d:u8?;e:u8?;f:u8?;g:u8?;h:u8?;i:u8?}",
	  "+ 1 null null null null null null null + 9",
	  "01010100 01000000 09000000", "01fe0000 01000000 09000000" },
	{ "array", "{a:u8[]}", "#3 1 2 3",
	  "01000000 03000000 01000000 02000000 03000000", NULL },
	{ "array of nullables", "{a:u8?[]}", "#3 + 1 null + 3",
	  "01000000 03000000 01050000 01000000 03000000",
	  "01000000 03000000 01020000 01000000 03000000" },
	{ "empty array of nullables", "u8?[]", "#0", "00000000 01000000",
	  NULL },
	{ "empty array", "u8[]", "#0", "00000000", NULL },
	{ "set", "u8{}", "#1 5", "01000000 05000000", NULL },
	{ "nullable array", "{a:u8?[]?}", "+ #3 + 1 null + 3",
	  "01010000 03000000 01050000 01000000 03000000",
	  "01000000 03000000 01020000 01000000 03000000" },
	{ "array of strings", "{a:string[]}", "#2 \"x\" \"yz\"",
	  "01000000 02000000 01000000 78000000 02000000 797a0000", NULL },
	{ "record in record", "{a:{x:u8?;y:u8};b:u8}", "+ 1 2 3",
	  "01000000 01010000 01000000 02000000 03000000",
	  "01000000 01000000 01000000 02000000 03000000" },
	{ "nullable record", "{a:{x:u8?;y:u8}?;b:u8}", "+ + 1 2 3",
	  "01010000 01010000 01000000 02000000 03000000",
	  "01000000 01000000 01000000 02000000 03000000" },
	{ "nullable vector", "{a:u8?[2]?;b:u8?}", "+ null + 2 + 3",
	  "01030000 01020000 02000000 03000000",
	  "01000000 01010000 02000000 03000000" },
	{ "vectors of vectors", "u8?[2][2]", "null + 2 + 3 null",
	  "01020000 02000000 01010000 03000000",
	  "01010000 02000000 01020000 03000000" },
	{ "bits behind a compound", "{a:u8?;b:{c:u8?}[];d:u8?}",
	  "+ 1 #2 null + 4 + 5",
	  "01030000 01000000 02000000 01000000 01010000 04000000 05000000",
	  "01000000 01000000 02000000 01010000 01000000 04000000 05000000" },
	{ "sum", "[foo|bar u16|baz string]", "@1 513", "00000100 01020000",
	  NULL },
	{ "sum without a value", "[foo|bar u16|baz string]", "@0", "00000000",
	  NULL },
	{ "sum of a nullable", "{s:[foo|bar u16?|baz string]}", "@1 + 513",
	  "01000000 01000100 01020000", "01000000 00000100 01020000" },
	{ "sum of a null", "{s:[x u8?|y]}", "@0 null", "01000000 00000000",
	  "01000000 01000000" },
	{ "array of sums", "[a u8?|b string][]", "#3 @1 \"x\" @0 + 9 @0 null",
	  "03000000 00000100 01000000 78000000 01000000 09000000 00000000",
	  "03000000 00000100 01000000 78000000 00000000 09000000 01000000" },
	{ "24 bits", "u24[2]", "1 16777215", "01000000 ffffff00", NULL },
	{ "24 bits, signed", "i24[2]", "1 -2", "01000000 feffffff", NULL },
	{ "16 bits", "{a:u16;b:i16}", "513 -2", "01000000 01020000 feff0000",
	  NULL },
	{ "8 bits, signed", "i8", "-2", "fe000000", NULL },
	{ "32 bits", "(u32;i32)", "4278190081 -2", "01000000 010000ff feffffff",
	  NULL },
	{ "40 to 56 bits", "(u40;i40;u48;i56)", "1 -2 281474976710655 -3",
	  "01000000 01000000 00000000 feffffff ffffffff ffffffff ffff0000"
	  "fdffffff ffffffff",
	  NULL },
	{ "128 bits", "{a:u128;b:i128}", "1 -2",
	  "01000000 01000000 00000000 00000000 00000000 feffffff ffffffff"
	  "ffffffff ffffffff",
	  NULL },
	{ "Ip", "Ip", "@0 2130706433", "00000000 0100007f", NULL },
	{ "Cidr", "Cidr", "@0 167772160 8",
	  "00000000 01000000 0000000a 08000000", NULL },
	{ "outermost nullable", "u8?", "+ 7", NULL, "01000000 07000000" },
	{ "outermost null", "u8?", "null", NULL, "01010000" },
	{ "outermost nullable compound", "(u8?;u8)?", "+ null 1", NULL,
	  "01000000 01010000 01000000" },
	{ "chars", "char[3]", "'a' 'b' 'c'", "61000000 62000000 63000000",
	  NULL },
	{ "nullable chars", "char?[2]", "+ 'a' null", "01010000 61000000",
	  "01020000 61000000" },
	{ "default", "{a:u8 default 3;b:u8?}", "3 + 4",
	  "01010000 03000000 04000000", "01000000 03000000 04000000" },
	{ "null behind a default", "{a:u8 default 3;b:u8?}", "3 null",
	  "01000000 03000000", "01020000 03000000" },
	{ "array with a default", "(u8 default 3)[]", "#2 1 2",
	  "02000000 01000000 02000000", "02000000 01000000 01000000 02000000" },
	{ "map", "u8?[string]", "#2 \"x\" + 1 \"yz\" null",
	  "02000000 01010000 01000000 78000000 01000000"
	  "01000000 02000000 797a0000",
	  "02000000 01000000 01000000 78000000 01000000"
	  "01010000 02000000 797a0000" },
	{ "empty map", "u8[string]", "#0", "00000000", NULL },
	{ "map of maps", "u8?[u8][u8]", "#1 1 #2 2 + 3 4 null",
	  "01000000 01000000 01000000 02000000 01010000 02000000 03000000"
	  "01000000 04000000",
	  "01000000 01000000 01000000 02000000 01000000 02000000 03000000"
	  "01010000 04000000" },
	{ "list of this", "{n:u8;kids:this[]}", "1 #2 2 #0 3 #1 4 #0",
	  "01000000 01000000 02000000 01000000 02000000 00000000 01000000"
	  "03000000 01000000 01000000 04000000 00000000",
	  NULL },
	{ "this or null", "(u8;this?)", "1 + 2 + 3 null",
	  "01010000 01000000 01010000 02000000 01000000 03000000",
	  "01000000 01000000 01000000 02000000 01010000 03000000" },
	{ "sum of this", "[leaf u8?|node (this;this)]",
	  "@1 @0 + 1 @1 @0 null @0 + 2",
	  "00000100 01000000 01000000 01000000 00000100 01000000 00000000"
	  "01000000 02000000",
	  "00000100 01000000 00000000 01000000 00000100 01000000 01000000"
	  "00000000 02000000" },
	{ "vector of this", "{a:this?[3]}", "null + null null null null",
	  "01000000 01020000 01000000 01000000",
	  "01000000 01050000 01000000 01070000" },
};

/* Bytes of hexadecimal digits with blanks. */
static size_t read_hex(const char *text, uint8_t *ret)
{
	size_t len = 0;
	unsigned byte;

	for (text += strspn(text, " "); *text != 0; text += strspn(text, " ")) {
		assert_int_equal(sscanf(text, "%2x", &byte), 1);
		ret[len++] = (uint8_t)byte;
		text += 2;
	}
	return len;
}

static void assert_bytes(const char *hex, const uint8_t *bytes, int64_t len)
{
	uint8_t expected[1024];

	assert_int_equal(len, read_hex(hex, expected));
	assert_memory_equal(bytes, expected, (size_t)len);
}

/* What an encoding makes of the case, run in both ways. NULL: nothing, with
 * -EINVAL and a reason. */
static void check_case(struct tape_case c, const char *hex)
{
	for (int is_fused = 0; is_fused < 2; is_fused++) {
		struct gen_error error = { 0 };
		uint8_t *bytes = NULL;
		int64_t len;

		c.is_fused = is_fused;
		len = tape_encode(&c, &error, &bytes);
		if (hex == NULL) {
			assert_int_equal(len, -EINVAL);
			assert_int_not_equal(error.text[0], 0);
		} else {
			assert_bytes(hex, bytes, len);
		}
		free(bytes);
	}
}

static void check_layout(const struct ringbuf_case *row, unsigned layout,
			 const char *hex)
{
	check_case((struct tape_case){ .schema = row->schema,
				       .tape = row->tape,
				       .options = {
					       .encoding = "ringbuf",
					       .ringbuf_layout = layout,
				       } },
		   hex);
}

static void test_ringbuf(void **state)
{
	const struct ringbuf_case *row = *state;

	check_layout(row, 0, row->layout_29);
	check_layout(row, 29, row->layout_29);
	check_layout(row, 30,
		     row->layout_30 != NULL ? row->layout_30 : row->layout_29);
}

/* ---- one set of bytes for an encoding ------------------------------------ */

struct plain_case {
	const char *name, *schema, *tape;
	const char *bytes; /* NULL: can't be */
};

/* ClickHouse's types as ringbuf has them. */
static const struct plain_case ringbuf_clickhouse_cases[] = {
	{ "FixedString", "`a` FixedString(3)", "\"ab\"",
	  "01000000 61000000 62000000 00000000" },
	{ "Float32", "`a` Float32", "1.5f", "01000000 00000000 0000f83f" },
	{ "Enum8", "`a` Enum8('x' = -1, 'y' = 2)", "\"x\"=-1",
	  "01000000 ff000000" },
	{ "Enum16", "`a` Enum16('x' = -2)", "\"x\"=-2", "01000000 feff0000" },
	{ "UUID", "`a` UUID", "0x00112233445566778899aabbccddeeff",
	  "01000000 ffeeddcc bbaa9988 77665544 33221100" },
	{ "IPv4", "`a` IPv4", "0x7f000001", "01000000 0100007f" },
	{ "IPv6", "`a` IPv6", "0x20010db8000000000000000000000001",
	  "01000000 01000000 00000000 00000000 b80d0120" },
	{ "Int256", "`a` Int256", "-2",
	  "01000000 feffffff ffffffff ffffffff ffffffff"
	  "ffffffff ffffffff ffffffff ffffffff" },
	{ "Nullable", "`a` Nullable(Date)", "+ 1", "01010000 01000000" },
};

static void test_ringbuf_clickhouse(void **state)
{
	const struct plain_case *row = *state;

	check_case((struct tape_case){ .schema = row->schema,
				       .tape = row->tape,
				       .options.encoding = "ringbuf" },
		   row->bytes);
}

static const struct plain_case row_binary_cases[] = {
	{ "row", ROW, ROW_TAPE("+ 513"),
	  "0100000000000000 0068e5cf8b010000 10 "
	  "30306465616462656566303063616665"
	  "000000000000f83f 00 0102 0102030405" },
	{ "row with null", ROW, ROW_TAPE("null"),
	  "0100000000000000 0068e5cf8b010000 10 "
	  "30306465616462656566303063616665"
	  "000000000000f83f 01 0102030405" },
	{ "bools and char", "(bool;bool;char)", "T F 'z'", "01 00 7a" },
	{ "8 bits", "(u8;i8)", "255 -2", "ff fe" },
	{ "16 bits", "(u16;i16)", "513 -2", "0102 feff" },
	{ "24 bits", "(u24;i24)", "16777215 -2", "ffffff00 feffffff" },
	{ "32 bits", "(u32;i32)", "4278190081 -2", "010000ff feffffff" },
	{ "40 bits", "(u40;i40)", "1 -2", "0100000000000000 feffffffffffffff" },
	{ "48 bits", "(u48;i48)", "1 -2", "0100000000000000 feffffffffffffff" },
	{ "56 bits", "(u56;i56)", "1 -2", "0100000000000000 feffffffffffffff" },
	{ "64 bits", "(u64;i64)", "1 -2", "0100000000000000 feffffffffffffff" },
	{ "128 bits", "(u128;i128)", "0x0102030405060708090a0b0c0d0e0f10 -2",
	  "100f0e0d0c0b0a090807060504030201"
	  "feffffffffffffffffffffffffffffff" },
	{ "float", "float", "-1.5", "000000000000f8bf" },
	{ "nullable", "u8?", "+ 7", "00 07" },
	{ "null", "u8?", "null", "01" },
	{ "empty string", "string", "\"\"", "00" },
	{ "any byte", "string", "\"\\x00\\xff\"", "02 00 ff" },
	{ "vector", "u8[3]", "1 2 3", "010203" },
	{ "chars", "char[3]", "'a' 'b' 'c'", "616263" },
	{ "array", "u16[]", "#2 1 2", "02 0100 0200" },
	{ "empty array", "u16[]", "#0", "00" },
	{ "array of nullables", "u8?[]", "#2 + 1 null", "02 00 01 01" },
	{ "nullable array", "u8[]?", "+ #1 7", "00 01 07" },
	{ "set", "u8{}", "#1 5", "01 05" },
	{ "map", "u8?[string]", "#2 \"x\" + 1 \"yz\" null",
	  "02 01 78 00 01 02 797a 01" },
	{ "record in tuple", "({a:u8;b:u8?};u8)", "1 null 2", "01 01 02" },
	{ "sum", "[foo|bar u16|baz string]", "@1 513", "0100 0102" },
	{ "sum without a value", "[foo|bar u16]", "@0", "0000" },
	{ "sum of a nullable", "[x u8?|y][]", "#3 @0 null @1 @0 + 1",
	  "03 0000 01 0100 0000 00 01" },
	{ "list of this", "{n:u8;kids:this[]}", "1 #2 2 #0 3 #1 4 #0",
	  "01 02 02 00 03 01 04 00" },
	{ "this or null", "(u8;this?)", "1 + 2 + 3 null", "01 00 02 00 03 01" },
	{ "sum of this", "[leaf u8|node (this;this)]", "@1 @0 1 @1 @0 2 @0 3",
	  "0100 0000 01 0100 0000 02 0000 03" },
	{ "vector of this", "{a:this?[3]}", "null + null null null null",
	  "01 00 01 01 01 01" },
	{ "default", "{a:u8 default 3;b:u8}", "3 4", "03 04" },
	{ "Bool", "`a` Bool", "T", "01" },
	{ "Float32", "`a` Float32", "1.5f", "0000c03f" },
	{ "FixedString", "`a` FixedString(3)", "\"ab\"", "61 62 00" },
	{ "full FixedString", "`a` FixedString(3)", "\"abc\"", "61 62 63" },
	{ "Date", "`a` Date", "258", "0201" },
	{ "Date32", "`a` Date32", "-2", "feffffff" },
	{ "DateTime", "`a` DateTime('UTC')", "258", "02010000" },
	{ "DateTime64", "`a` DateTime64(3)", "-2", "feffffffffffffff" },
	{ "Enum8", "`a` Enum8('x' = -1, 'y' = 2)", "\"x\"=-1", "ff" },
	{ "Enum16", "`a` Enum16('x' = -2)", "\"x\"=-2", "feff" },
	{ "Decimal of 32 bits", "`a` Decimal(9, 2)", "-2", "feffffff" },
	{ "Decimal of 64 bits", "`a` Decimal(18, 2)", "-2",
	  "feffffffffffffff" },
	{ "Decimal of 128 bits", "`a` Decimal(38, 2)", "-2",
	  "feffffffffffffffffffffffffffffff" },
	{ "Decimal of 256 bits", "`a` Decimal(76, 2)", "-2",
	  "feffffffffffffffffffffffffffffff"
	  "ffffffffffffffffffffffffffffffff" },
	{ "UInt256", "`a` UInt256",
	  "0x01000000000000000200000000000000030000000000000004",
	  "0400000000000000 0300000000000000 0200000000000000"
	  "0100000000000000" },
	{ "UUID", "`a` UUID", "0x00112233445566778899aabbccddeeff",
	  "7766554433221100 ffeeddccbbaa9988" },
	{ "IPv4", "`a` IPv4", "0x7f000001", "0100007f" },
	{ "IPv6", "`a` IPv6", "0x20010db8000000000000000000000001",
	  "20010db8000000000000000000000001" },
	{ "LowCardinality", "`a` LowCardinality(Nullable(String))", "+ \"x\"",
	  "00 01 78" },
	{ "Map", "`a` Map(String, UInt8)", "#1 \"x\" 1", "01 01 78 01" },
	{ "Tuple", "`a` Tuple(UInt8, String)", "1 \"x\"", "01 01 78" },
	{ "Array", "`a` Array(Nullable(UInt8))", "#2 + 1 null", "02 00 01 01" },
};

static void test_row_binary(void **state)
{
	const struct plain_case *row = *state;

	check_case((struct tape_case){ .schema = row->schema,
				       .tape = row->tape,
				       .options.encoding = "row-binary" },
		   row->bytes);
}

/* A length of 300 takes two bytes. */
static void test_long_lengths(void **state)
{
	struct tape_case c = { .schema = "string" };
	char tape[400];
	uint8_t *bytes;
	struct gen_error error;

	(void)state;
	memset(tape, 'x', sizeof(tape));
	tape[0] = tape[301] = '"';
	tape[302] = 0;
	c.tape = tape;
	c.options.string_length = (struct gen_range){ true, 0, 300 };
	c.options.encoding = "row-binary";
	assert_int_equal(tape_encode(&c, &error, &bytes), 302);
	assert_memory_equal(bytes, "\xac\x02xx", 4);
	free(bytes);
	c.options.encoding = "ringbuf";
	assert_int_equal(tape_encode(&c, &error, &bytes), 304);
	assert_memory_equal(bytes, "\x2c\x01\0\0xx", 6);
	free(bytes);
}

static void test_null(void **state)
{
	(void)state;
	check_case((struct tape_case){ .schema = ROW,
				       .tape = ROW_TAPE("+ 513"),
				       .options.encoding = "null" },
		   "");
}

/* ---- masks of the greatest size ------------------------------------------ */

struct mask_case {
	const char *name, *schema;
	uint32_t most; /* items of an array */
	unsigned layout;
	bool is_refused;
};

static const struct mask_case mask_cases[] = {
	{ "vector", "u8?[8152]", 7, 29, false },
	{ "too long a vector", "u8?[8153]", 7, 29, true },
	{ "within", "{a:(u8;u8?[8153])[]}", 7, 29, true },
	{ "vector without a mask", "u8[8153]", 7, 29, false },
	{ "array", "u8?[]", 8152, 30, false },
	{ "too long an array", "u8?[]", 8153, 30, true },
	{ "array without a mask", "u8[]", 8153, 30, false },
	{ "map", "u8?[u8]", 8153, 30, false },
};

static void test_masks(void **state)
{
	const struct mask_case *row = *state;
	const struct gen_options options = {
		.encoding = "ringbuf",
		.ringbuf_layout = row->layout,
		.array_length = { true, 0, row->most },
	};
	struct gen_error error = { 0 };
	struct gen_schema *schema;
	struct generator *g = NULL;
	int rc;

	schema = gen_parsed(row->schema);
	rc = gen_create(schema, &options, &error, &g);
	assert_int_equal(rc, row->is_refused ? -EINVAL : 0);
	assert_int_equal(error.text[0] != 0, row->is_refused);
	gen_free(g);
	gen_schema_free(schema);
}

/* The number of words of a mask is right up to the greatest one. */
static void test_greatest_mask(void **state)
{
	struct tape_case c = {
		.schema = "u8?[8152]",
		.options.encoding = "ringbuf",
	};
	char *tape = malloc(5 * 8152 + 8);
	struct gen_error error;
	uint8_t *bytes;

	(void)state;
	*tape = 0;
	for (int i = 0; i < 8151; i++)
		memcpy(tape + 5 * i, "null ", 5);
	memcpy(tape + 5 * 8151, "+ 7", 4);
	c.tape = tape;
	assert_int_equal(tape_encode(&c, &error, &bytes), 4 * 255 + 4);
	assert_int_equal(bytes[0], 255);
	assert_int_equal(bytes[1018], 0);
	assert_int_equal(bytes[1019], 0x80);
	assert_int_equal(bytes[1020], 7);
	free(bytes);
	free(tape);
}

#define TABLE(cases) (cases), sizeof(cases), sizeof((cases)[0])

int main(void)
{
	const struct rows tables[] = {
		{ "ringbuf", test_ringbuf, TABLE(ringbuf_cases) },
		{ "ringbuf, ClickHouse's types", test_ringbuf_clickhouse,
		  TABLE(ringbuf_clickhouse_cases) },
		{ "row-binary", test_row_binary, TABLE(row_binary_cases) },
		{ "masks", test_masks, TABLE(mask_cases) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_lengths),
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_greatest_mask),
	};

	return rows_run(tables, sizeof(tables) / sizeof(tables[0])) +
	       cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
