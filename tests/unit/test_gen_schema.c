/*
 * Goal: schemas of both grammars are read as GENERATOR.md 1 says; what is
 * wrong is refused where it is, in words that help; what is printed reads as
 * the same type.
 * Method: tables of texts and what they print as, of types and their widths,
 * of errors with line and column, of types without values; texts at each
 * limit, made here. Trees are compared member by member, not by their print.
 */
#include "generator/generator.h"
#include "generator/schema.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/rows.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char *print(const struct gen_schema *schema)
{
	const size_t len = gen_schema_print(schema, NULL, 0);
	char *text = malloc(len + 1);

	assert_non_null(text);
	assert_int_equal(gen_schema_print(schema, text, len + 1), len);
	assert_int_equal(strlen(text), len);
	return text;
}

static void require_same_text(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a != NULL)
		assert_string_equal(a, b);
}

static void require_same(const struct gen_type *a, const struct gen_type *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->form, b->form);
	assert_int_equal(a->is_nullable, b->is_nullable);
	assert_int_equal(a->has_default, b->has_default);
	assert_int_equal(a->has_end, b->has_end);
	assert_int_equal(a->width_bits, b->width_bits);
	assert_int_equal(a->scale, b->scale);
	assert_int_equal(a->precision, b->precision);
	assert_int_equal(a->collection, b->collection);
	assert_true(a->length == b->length);
	require_same_text(a->name, b->name);
	assert_int_equal(a->member_count, b->member_count);
	assert_int_equal(a->label_count, b->label_count);
	assert_int_equal(a->target == NULL, b->target == NULL);
	for (size_t i = 0; i < a->label_count; i++) {
		assert_string_equal(a->labels[i].text, b->labels[i].text);
		assert_true(a->labels[i].value == b->labels[i].value);
	}
	for (size_t i = 0; i < a->member_count; i++) {
		require_same_text(a->members[i].name, b->members[i].name);
		require_same(&a->members[i].type, &b->members[i].type);
	}
	if (a->kind == GEN_INT)
		assert_int_equal(a->is_signed, b->is_signed);
}

/* ---- what can be read ---------------------------------------------------- */

struct good_case {
	const char *text;  /* the name of the row, too */
	const char *print; /* NULL: the same */
};

static const struct good_case dessser_cases[] = {
	{ "float", NULL },
	{ "STRING", "string" },
	{ "boolean", "bool" },
	{ "Bool", "bool" },
	{ "char", NULL },
	{ "(u8;u16;u24;u32;u40;u48;u56;u64;u128)", NULL },
	{ "(i8;i16;i24;i32;i40;i48;i56;i64;I128)",
	  "(i8;i16;i24;i32;i40;i48;i56;i64;i128)" },
	{ " \t\r\n// all of it\nu8 // to the end", "u8" },
	{ "u8?", NULL },
	{ "u8 ?", "u8?" },
	{ "u8[3]", NULL },
	{ "u8 [ 3 ]", "u8[3]" },
	{ "u8[4294967295]", NULL },
	{ "(`Int256`)", NULL },
	{ "(`UUID`)?", "(`UUID`?)" },
	{ "(`Float32`)[3][string]", "(`Float32`[3][string])" },
	{ "u8[3][]", NULL },
	{ "u8?[3]", NULL },
	{ "u8[3]?", NULL },
	{ "u8[]?[3]", NULL },
	{ "u8[ ]", "u8[]" },
	{ "u8[[ ]]", "u8[[]]" },
	{ "u8{}", NULL },
	{ "u8{ simple }", "u8{}" },
	{ "u8{sliding}{tumbling}{sampling}{hashtable}{heap}{TOP}",
	  "u8{}{}{}{}{}{}" },
	{ "u8[string]", NULL },
	{ "u8?[ string? ][]", "u8?[string?][]" },
	{ "u8[[a|b]]", NULL },
	{ "u8[ [a|b] ]", "u8[[a|b]]" },
	{ "u8[u8[u8]]", NULL },
	{ "&string", "string[1]" },
	{ "(u8)", "u8" },
	{ "((u8?))[2]", "u8?[2]" },
	{ "(u8;)", NULL },
	{ "( u8 ; string? )", "(u8;string?)" },
	{ "{a:u8}", NULL },
	{ "{ a : u8 ; b : string ; }", "{a:u8;b:string}" },
	{ "{-a-1:u8;_:u8;`b c`:u8;`d`:u8;A:u8}",
	  "{-a-1:u8;_:u8;`b c`:u8;d:u8;A:u8}" },
	{ "{a:{b:{c:(u8;{d:u8})}}}", NULL },
	{ "{default:u8;as:u8;this:u8}", NULL },
	{ "[a]", NULL },
	{ "[a|b u8|c (u8;u8)?]", NULL },
	{ "[ a void | b // no more\n u8 ]", "[a|b u8]" },
	{ "[a void?|b]", NULL },
	{ "ip4", "Ip4" },
	{ "(DATE;ETH;IP4;IP6;IP;CIDR4;CIDR6;CIDR)",
	  "(Date;Eth;Ip4;Ip6;Ip;Cidr4;Cidr6;Cidr)" },
	{ "Cidr?[]", NULL },
	{ "{name:string;parent:this?}", NULL },
	{ "[leaf u8|node (this;this)]", NULL },
	{ "{next:this[];by:this[string];set:this{}}", NULL },
	{ "x as u8", NULL },
	{ "x AS  {a:u8;b:this x?}", "x as {a:u8;b:this x?}" },
	{ "{a:list as {v:u8;n:this list?};b:this?}", NULL },
	{ "{a:p as {x:u8;y:u8};b:this p;c:this p?[2]}",
	  "{a:p as {x:u8;y:u8};b:p as {x:u8;y:u8};"
	  "c:(p as {x:u8;y:u8}?)[2]}" },
	{ "{b:this p;a:p as u8}", "{b:p as u8;a:p as u8}" },
	{ "{a:x as {q:this y?};b:y as {q:this x?}}",
	  "{a:x as {q:y as {q:this x?}?};b:y as {q:x as {q:y as {q:this "
	  "x?}?}?}}" },
	{ "my as Ip4", "my as u32" },
	{ "Ip4 as u32", "Ip4" },
	{ "Ip4 as u8", NULL },
	{ "x as (y as u8)", "x as u8" },
	{ "((x as u8)[3];x as u8[3])", NULL },
	{ "u8 default 3", "u8 default (...)" },
	{ "u8? default null", "u8? default (...)" },
	{ "string default \"a) ; \\\" \"", "string default (...)" },
	{ "char default #\\;", "char default (...)" },
	{ "{a:u8 default(u8 (f \")\") 3);b:[a u8|b] default (a 1)}",
	  "{a:u8 default (...);b:[a u8|b] default (...)}" },
	{ "({a:u8 default 3;b:u8 default 4};[c u8 default 5|d u8 default 6])",
	  "({a:u8 default (...);b:u8 default (...)};"
	  "[c u8 default (...)|d u8 default (...)])" },
	{ "(u8 default 3)[2]", "(u8 default (...))[2]" },
	{ "[a u8 default 1|b]", "[a u8 default (...)|b]" },
	{ "$foo?", NULL },
	{ "(ptr;size;address;bytes;mask)", NULL },
	{ "(u8 -> string? -> [a|b])", "(u8->string?->[a|b])" },
	{ "((u8->u8) -> u8-> this?)", "((u8->u8)->u8->this?)" },
	{ "{id:`UUID`;p:`decimal( 9 , 2 )`?}",
	  "{id:`UUID`;p:`Decimal(9,2)`?}" },
	{ "{a:`Array(Nullable(UInt8))`}", "{a:u8?[]}" },
};

static const struct good_case clickhouse_cases[] = {
	{ "`a` UInt8", "{a:u8}" },
	{ "columns format version: 1\n2 columns:\n`a` UInt8\n`b c` String\n",
	  "{a:u8;`b c`:string}" },
	{ "1 columns: `a` UInt8", "{a:u8}" },
	{ "`a` tinyint unsigned `b` INT SIGNED `c` BigInt(20)",
	  "{a:u8;b:i32;c:i64}" },
	{ "`a` Bool `b` Float32 `c` DOUBLE PRECISION `d` REAL",
	  "{a:bool;b:`Float32`;c:float;d:`Float32`}" },
	{ "`a` UInt128 `b` Int256", "{a:u128;b:`Int256`}" },
	{ "`a` VARCHAR(30) `b` text `c` NATIONAL CHARACTER VARYING(3)",
	  "{a:string;b:string;c:string}" },
	{ "`a` FixedString( 5 ) `b` BINARY(1)",
	  "{a:`FixedString(5)`;b:`FixedString(1)`}" },
	{ "`a` Nullable( String ) `b` Nullable(FixedString(2))",
	  "{a:string?;b:`FixedString(2)`?}" },
	{ "`a` LowCardinality(Nullable(String))", "{a:string?}" },
	{ "`a` SimpleAggregateFunction(max, UInt8)", "{a:u8}" },
	{ "`a` Array(Array(UInt8)) `b` Map(String, Array(UInt8))",
	  "{a:u8[][];b:u8[][string]}" },
	{ "`a` Tuple(UInt8, String) `b` Tuple(UInt8)",
	  "{a:(u8;string);b:(u8;)}" },
	{ "`a` Tuple(date Date, `x y` Array(UInt8), int int unsigned)",
	  "{a:{date:`Date`;`x y`:u8[];int:u32}}" },
	{ "`a` Tuple(double precision)", "{a:(float;)}" },
	{ "`a` Nested(x UInt8, y String)", "{a:{x:u8;y:string}[]}" },
	{ "`a.b` UUID `c`IPv4`d`INET6", "{`a.b`:`UUID`;c:`IPv4`;d:`IPv6`}" },
	{ "`a` Date `b` Date32 `c` DateTime('Europe/Paris') `d` Timestamp",
	  "{a:`Date`;b:`Date32`;c:`DateTime`;d:`DateTime`}" },
	{ "`a` DateTime64 `b` DateTime64(9) `c` DateTime64(0, 'UTC')",
	  "{a:`DateTime64(3)`;b:`DateTime64(9)`;c:`DateTime64(0)`}" },
	{ "`a` Decimal(9,2) `b` Decimal(10,0) `c` DEC(38) `d` NUMERIC(76,76)",
	  "{a:`Decimal(9,2)`;b:`Decimal(10,0)`;c:`Decimal(38,0)`;"
	  "d:`Decimal(76,76)`}" },
	{ "`a` Decimal `b` Decimal32(9) `c` Decimal256(3)",
	  "{a:`Decimal(10,0)`;b:`Decimal(9,9)`;c:`Decimal(76,3)`}" },
	{ "`a` Enum8('a'=1,'b' = -128, 'c')",
	  "{a:`Enum8('a'=1,'b'=-128,'c'=-127)`}" },
	{ "`a` Enum('a','b''c','\\'\\\\\\n\\x41')",
	  "{a:`Enum8('a'=1,'b\\'c'=2,'\\'\\\\\\x0aA'=3)`}" },
	{ "`a` Enum('a'=128)", "{a:`Enum16('a'=128)`}" },
	{ "`a` Enum16('`'=1, '\xc3\xa9'=2)",
	  "{a:`Enum16('`'=1,'\xc3\xa9'=2)`}" },
};

static void test_good(void **state)
{
	const struct good_case *row = *state;
	struct gen_schema *schema = gen_parsed(row->text), *again;
	char *text = print(schema);

	assert_string_equal(text, row->print == NULL ? row->text : row->print);
	again = gen_parsed(text);
	require_same(&schema->type, &again->type);
	gen_schema_free(again);
	gen_schema_free(schema);
	free(text);
}

/* ---- what it means ------------------------------------------------------- */

struct leaf_case {
	const char *text; /* of ClickHouse */
	enum gen_kind kind;
	enum gen_form form;
	bool is_signed;
	unsigned width_bits, scale;
};

static const struct leaf_case leaf_cases[] = {
	{ "Bool", GEN_BOOL, GEN_PLAIN, false, 0, 0 },
	{ "BOOLEAN", GEN_BOOL, GEN_PLAIN, false, 0, 0 },
	{ "UInt8", GEN_INT, GEN_PLAIN, false, 8, 0 },
	{ "UInt16", GEN_INT, GEN_PLAIN, false, 16, 0 },
	{ "UInt32", GEN_INT, GEN_PLAIN, false, 32, 0 },
	{ "UInt64", GEN_INT, GEN_PLAIN, false, 64, 0 },
	{ "UInt128", GEN_INT, GEN_PLAIN, false, 128, 0 },
	{ "UInt256", GEN_INT, GEN_PLAIN, false, 256, 0 },
	{ "TINYINT", GEN_INT, GEN_PLAIN, true, 8, 0 },
	{ "SMALLINT", GEN_INT, GEN_PLAIN, true, 16, 0 },
	{ "INTEGER", GEN_INT, GEN_PLAIN, true, 32, 0 },
	{ "BIGINT", GEN_INT, GEN_PLAIN, true, 64, 0 },
	{ "Int128", GEN_INT, GEN_PLAIN, true, 128, 0 },
	{ "Int256", GEN_INT, GEN_PLAIN, true, 256, 0 },
	{ "FLOAT", GEN_FLOAT, GEN_PLAIN, true, 32, 0 },
	{ "DOUBLE", GEN_FLOAT, GEN_PLAIN, true, 64, 0 },
	{ "Decimal(9, 2)", GEN_INT, GEN_DECIMAL, true, 32, 2 },
	{ "Decimal(18, 2)", GEN_INT, GEN_DECIMAL, true, 64, 2 },
	{ "Decimal(38, 2)", GEN_INT, GEN_DECIMAL, true, 128, 2 },
	{ "Decimal(39, 2)", GEN_INT, GEN_DECIMAL, true, 256, 2 },
	{ "Decimal64(5)", GEN_INT, GEN_DECIMAL, true, 64, 5 },
	{ "UUID", GEN_INT, GEN_UUID, false, 128, 0 },
	{ "IPv4", GEN_INT, GEN_IPV4, false, 32, 0 },
	{ "IPv6", GEN_INT, GEN_IPV6, false, 128, 0 },
	{ "Date", GEN_INT, GEN_DATE, false, 16, 0 },
	{ "Date32", GEN_INT, GEN_DATE, true, 32, 0 },
	{ "DateTime", GEN_INT, GEN_TIME, false, 32, 0 },
	{ "DateTime64(6)", GEN_INT, GEN_TIME, true, 64, 6 },
	{ "Enum8('a'=1)", GEN_INT, GEN_ENUM, true, 8, 0 },
	{ "Enum16('a'=1)", GEN_INT, GEN_ENUM, true, 16, 0 },
	{ "FixedString(7)", GEN_VECTOR, GEN_FIXED_STRING, false, 0, 0 },
	{ "LONGTEXT", GEN_STRING, GEN_PLAIN, false, 0, 0 },
};

static void test_leaf(void **state)
{
	const struct leaf_case *row = *state;
	struct gen_schema *schema;
	const struct gen_type *type;
	char text[64];

	snprintf(text, sizeof(text), "`a` %s", row->text);
	schema = gen_parsed(text);
	type = &schema->type.members[0].type;
	assert_int_equal(type->kind, row->kind);
	assert_int_equal(type->form, row->form);
	assert_int_equal(type->is_signed, row->is_signed);
	assert_int_equal(type->width_bits, row->width_bits);
	assert_int_equal(type->scale, row->scale);
	gen_schema_free(schema);
}

static void test_map_has_key_first(void **state)
{
	struct gen_schema *schema = gen_parsed("u8[string]");

	(void)state;
	assert_int_equal(schema->type.members[0].type.kind, GEN_STRING);
	assert_int_equal(schema->type.members[1].type.kind, GEN_INT);
	gen_schema_free(schema);
	schema = gen_parsed("`a` Map(String,UInt8)");
	assert_int_equal(schema->type.members[0].type.members[0].type.kind,
			 GEN_STRING);
	gen_schema_free(schema);
}

static void test_targets(void **state)
{
	struct gen_schema *schema =
		gen_parsed("{a:x as {b:this x?;c:this?;d:x as {e:this x?}}}");
	const struct gen_type *x = &schema->type.members[0].type;
	const struct gen_type *inner = &x->members[2].type;

	(void)state;
	assert_ptr_equal(x->members[0].type.target, x);
	assert_ptr_equal(x->members[1].type.target, &schema->type);
	assert_ptr_equal(inner->members[0].type.target, inner);
	assert_true(gen_type_recurses(&schema->type));
	gen_schema_free(schema);
	schema = gen_parsed("{a:x as u8;b:this x}");
	assert_false(gen_type_recurses(&schema->type));
	gen_schema_free(schema);
}

/* ---- what cannot be read ------------------------------------------------- */

struct bad_case {
	const char *text;
	unsigned line, column;
	const char *message;
};

static const struct bad_case bad_cases[] = {
	{ "", 1, 1, "expected a type, met the end" },
	{ "// u8", 1, 6, "expected a type, met the end" },
	{ "foo", 1, 1, "expected a type, met 'foo'" },
	{ "u7", 1, 1, "expected a type, met 'u7'" },
	{ "u8 u8", 1, 4, "expected the end, met 'u8'" },
	{ "u8 string", 1, 1,
	  "expected a column's name in backquotes, met 'u8'" },
	{ "id UInt64", 1, 1,
	  "expected a column's name in backquotes, met 'id'" },
	{ "u8;", 1, 3, "expected the end, met ';'" },
	{ "u8??", 1, 4, "it is nullable already" },
	{ "(u8?)?", 1, 6, "it is nullable already" },
	{ "\x01", 1, 1, "expected a type, met the byte 0x01" },
	{ "{a:\n \xff}", 2, 2, "expected a type, met the byte 0xff" },
	{ "{}", 1, 2, "expected the name of a field, met '}'" },
	{ "{a u8}", 1, 4, "expected ':', met 'u8'" },
	{ "{a:u8,b:u8}", 1, 6, "expected ';' or '}', met ','" },
	{ "{a:u8", 1, 6, "expected ';' or '}', met the end" },
	{ "{a:u8;;}", 1, 7, "expected the name of a field, met ';'" },
	{ "{a:u8;b:u8;\n a:u8}", 2, 2,
	  "the field 'a' is there already, at line 1, column 2" },
	{ "{b:u8;a:u8;b:u8;a:u8}", 1, 12,
	  "the field 'b' is there already, at line 1, column 2" },
	{ "{``:u8}", 1, 2, "a field has an empty name" },
	{ "{`a:u8}", 1, 2, "the backquote is not closed" },
	{ "[]", 1, 2, "expected the name of an alternative, met ']'" },
	{ "[a u8;b]", 1, 6, "expected '|' or ']', met ';'" },
	{ "[a|\na]", 2, 1,
	  "the alternative 'a' is there already, at line 1, column 2" },
	{ "()", 1, 2, "expected a type, met ')'" },
	{ "(u8;u8;)", 1, 8, "expected a type, met ')'" },
	{ "(u8,u8)", 1, 4, "expected ';' or ')', met ','" },
	{ "(u8->)", 1, 6, "expected a type, met ')'" },
	{ "u8[0]", 1, 4, "expected a length from 1 to 4294967295, met '0'" },
	{ "u8[4294967296]", 1, 4,
	  "expected a length from 1 to 4294967295, met '4294967296'" },
	{ "u8[18446744073709551617]", 1, 4,
	  "expected a length from 1 to 4294967295, met "
	  "'18446744073709551617'" },
	{ "u8[3", 1, 5, "expected ']', met the end" },
	{ "u8[3u]", 1, 5, "expected ']', met 'u'" },
	{ "u8[string", 1, 10, "expected ']', met the end" },
	{ "u8{top", 1, 7, "expected a kind of set, or '}', met the end" },
	{ "u8{bag}", 1, 4, "expected a kind of set, met 'bag'" },
	{ "u8 default", 1, 11, "expected an s-expression, met the end" },
	{ "u8 default )", 1, 12, "expected an s-expression, met ')'" },
	{ "u8 default (a (b)", 1, 18, "expected an s-expression, met the end" },
	{ "u8 default \"a", 1, 12, "the quote is not closed" },
	{ "u8 default 1 2", 1, 14, "expected the end, met '2'" },
	{ "x as", 1, 5, "expected a type, met the end" },
	{ "this as u8", 1, 1, "'this' can't be the name of a type" },
	{ "x as this", 1, 1, "'x' names what has a name already" },
	{ "{a:this q}", 1, 9, "the type 'q' is not there" },
	{ "$", 1, 2, "expected the name of a type behind '$', met the end" },
	{ "{a:`Foo`}", 1, 5, "expected a type of ClickHouse, met 'Foo'" },
	{ "{a:`UInt8 `b}", 1, 12, "expected ';' or '}', met 'b'" },
	{ "`a`", 1, 4, "expected a type of ClickHouse, met the end" },
	{ "`a` Foo", 1, 5, "expected a type of ClickHouse, met 'Foo'" },
	{ "`a` UInt8 b String", 1, 11,
	  "expected a column's name in backquotes, met 'b'" },
	{ "`a` UInt8\n`a` String", 2, 1,
	  "the column 'a' is there already, at line 1, column 1" },
	{ "columns format: 1", 1, 15, "expected version, met ':'" },
	{ "columns format version: x", 1, 25, "expected a version, met 'x'" },
	{ "3 columns:\n`a` UInt8", 2, 10,
	  "3 columns were announced, there are 1" },
	{ "0 columns:", 1, 1,
	  "expected the number of columns from 1 to 65535, met '0'" },
	{ "`a` Nullable(Nullable(UInt8))", 1, 13, "it is nullable already" },
	{ "`a` FixedString(0)", 1, 17,
	  "expected a length from 1 to 4294967295, met '0'" },
	{ "`a` Decimal(77, 1)", 1, 13,
	  "expected a precision from 1 to 76, met '77'" },
	{ "`a` Decimal(5, 6)", 1, 16, "expected a scale from 0 to 5, met '6'" },
	{ "`a` Decimal32(10)", 1, 15,
	  "expected a scale from 0 to 9, met '10'" },
	{ "`a` DateTime64(10)", 1, 16,
	  "expected a scale from 0 to 9, met '10'" },
	{ "`a` DateTime(UTC)", 1, 14, "expected a time zone, met 'UTC'" },
	{ "`a` Enum8('a'=128)", 1, 18,
	  "expected a value from -128 to 127, met 128" },
	{ "`a` Enum8('a'=1,'b'=1)", 1, 22, "the value 1 is there already" },
	{ "`a` Enum8('a'=1,'a'=2)", 1, 17,
	  "the label 'a' is there already, at line 1, column 11" },
	{ "`a` Enum8('a", 1, 13, "expected a closing quote, met the end" },
	{ "`a` Enum8('\\x00')", 1, 12, "NUL can't be in a text" },
	{ "`a` Enum8('\\xg0')", 1, 12, "this is no escape" },
	{ "`a` Enum8()", 1, 11, "expected a label, met ')'" },
	{ "`a` Tuple(a UInt8, String)", 1, 26,
	  "expected a type of ClickHouse, met ')'" },
	{ "`a` Tuple(a UInt8, a UInt8)", 1, 20,
	  "the item 'a' is there already, at line 1, column 11" },
	{ "`a` Tuple()", 1, 11, "expected a type of ClickHouse, met ')'" },
	{ "`a` Map(String)", 1, 15, "expected ',', met ')'" },
};

static void test_bad(void **state)
{
	const struct bad_case *row = *state;
	struct gen_schema *schema = NULL;
	struct gen_error error;

	memset(&error, 0x55, sizeof(error));
	assert_int_equal(
		gen_schema_parse(row->text, strlen(row->text), &error, &schema),
		-EINVAL);
	assert_null(schema);
	assert_string_equal(error.text, row->message);
	assert_int_equal(error.line, row->line);
	assert_int_equal(error.column, row->column);
	assert_int_equal(
		gen_schema_parse(row->text, strlen(row->text), NULL, &schema),
		-EINVAL);
}

/* NUL is a character like others that mean nothing. */
static void test_nul(void **state)
{
	static const char quoted[] = "`a\0b` UInt8", plain[] = "u8\0";
	struct gen_schema *schema = NULL;
	struct gen_error error;

	(void)state;
	assert_int_equal(
		gen_schema_parse(quoted, sizeof(quoted) - 1, &error, &schema),
		-EINVAL);
	assert_string_equal(error.text, "a column has a name with NUL in it");
	assert_int_equal(
		gen_schema_parse(plain, sizeof(plain) - 1, &error, &schema),
		-EINVAL);
	assert_string_equal(error.text, "expected the end, met the byte 0x00");
}

/* ---- limits -------------------------------------------------------------- */

/* `count` times `part`, between two texts. */
static char *repeat(const char *before, const char *part, size_t count,
		    const char *after)
{
	const size_t len = strlen(part);
	char *text = malloc(strlen(before) + len * count + strlen(after) + 1);
	char *at = text;

	assert_non_null(text);
	at += sprintf(at, "%s", before);
	for (size_t i = 0; i < count; i++)
		at += sprintf(at, "%s", part);
	strcpy(at, after);
	return text;
}

struct limit_case {
	const char *name;
	const char *before, *part, *after;
	size_t fits; /* so many parts, and no more */
	const char *message;
};

static const struct limit_case limit_cases[] = {
	{ "arrays in each other", "u8", "[]", "", 63,
	  "more than 64 types in each other" },
	{ "nullable arrays", "u8", "[]?", "", 63,
	  "more than 64 types in each other" },
	{ "keys", "", "u8[", "u8", 0, NULL },
	{ "brackets", "", "(", "u8", 0, NULL },
	{ "references", "", "&", "u8", 63, "more than 64 types in each other" },
	{ "user types below", "ip", "[]", "", 62,
	  "more than 64 types in each other" },
	{ "items", "(u8", ";u8", ")", 65534, "more than 65535 in one type" },
	{ "blanks", "u8", " ", "", (1 << 20) - 2,
	  "the schema is longer than 1048576 bytes" },
	{ "open lists", "u8 default (", "(", "", 0,
	  "expected an s-expression, met the end" },
};

static int parse_repeated(const struct limit_case *row, size_t count,
			  struct gen_error *error)
{
	char *text = repeat(row->before, row->part, count, row->after);
	struct gen_schema *schema = NULL;
	const int rc = gen_schema_parse(text, strlen(text), error, &schema);

	gen_schema_free(schema);
	free(text);
	return rc;
}

static void test_limit(void **state)
{
	const struct limit_case *row = *state;
	struct gen_error error = { 0 };

	if (row->fits > 0)
		assert_int_equal(parse_repeated(row, row->fits, &error), 0);
	assert_int_equal(parse_repeated(row, row->fits + 1, &error), -EINVAL);
	if (row->message != NULL)
		assert_string_equal(error.text, row->message);
	/* Far beyond, it neither takes long nor overflows the stack. */
	if (row->fits < 1 << 18)
		assert_int_equal(parse_repeated(row, 1 << 18, &error), -EINVAL);
}

/* Each type holds two of the one before. */
static void test_copies(void **state)
{
	char text[4096] = "(t0 as u8", *at = text + strlen(text);
	struct gen_schema *schema = NULL;
	struct gen_error error;

	(void)state;
	for (int i = 1; i < 40; i++)
		at += sprintf(at, ";t%d as (this t%d;this t%d)", i, i - 1,
			      i - 1);
	strcpy(at, ")");
	assert_int_equal(gen_schema_parse(text, strlen(text), &error, &schema),
			 -EINVAL);
	assert_non_null(strstr(error.text, "become too many"));
}

/* ---- types without values ------------------------------------------------ */

struct barren_case {
	const char *text;
	const char *barren; /* as it prints; NULL: there is none */
	const char *why;
};

static const char no_end[] = "its values have no end";
static const char no_values[] = "it has no values";
static const char is_void[] = "only alternatives of a sum can be void";

static const struct barren_case barren_cases[] = {
	{ "u8", NULL, NULL },
	{ "{a:this?}", NULL, NULL },
	{ "{a:this[];b:this{};c:this[[]];d:u8[this]}", NULL, NULL },
	{ "[leaf|node (this;this)]", NULL, NULL },
	{ "x as {a:u8;b:[c this x|d]}", NULL, NULL },
	{ "{a:x as {b:y as {c:[d this x|e this|f this y|g]}}}", NULL, NULL },
	{ "{a:p as u8;b:this p}", NULL, NULL },
	{ "this", "this", no_end },
	{ "this?", "this?", no_end },
	{ "{a:this}", "this", no_end },
	{ "{a:this[2]}", "this", no_end },
	{ "[a this|b {c:this}]", "this", no_end },
	{ "[a|b x as {c:this x}]", "this x", no_end },
	{ "{a:(x as {b:this x})?}", "this x", no_end },
	{ "{a:x as {b:[c this|d this x]}}", "this", no_end },
	{ "{a:u8;b:$e?}", "$e?", no_values },
	{ "(u8;ptr)", "ptr", no_values },
	{ "(u8->u8)[]", "(u8->u8)", no_values },
	{ "void", "void", is_void },
	{ "{a:void}", "void", is_void },
	{ "[a|b void?]", "void?", is_void },
};

static void test_barren(void **state)
{
	const struct barren_case *row = *state;
	struct gen_schema *schema = gen_parsed(row->text);
	const char *why = NULL;
	const struct gen_type *barren =
		gen_type_find_barren(&schema->type, &why);
	char text[64];

	assert_int_equal(barren == NULL, row->barren == NULL);
	if (barren != NULL) {
		gen_type_print(barren, text, sizeof(text));
		assert_string_equal(text, row->barren);
		assert_string_equal(why, row->why);
	}
	gen_schema_free(schema);
}

/* ---- printing into little room ------------------------------------------- */

static void test_print_is_cut(void **state)
{
	struct gen_schema *schema = gen_parsed("{a:u8;b:string}");
	char whole[32], part[32];

	(void)state;
	gen_schema_print(schema, whole, sizeof(whole));
	for (size_t size = 0; size < sizeof(part); size++) {
		memset(part, 0x55, sizeof(part));
		assert_int_equal(gen_schema_print(schema, part, size),
				 strlen(whole));
		for (size_t i = size; i < sizeof(part); i++)
			assert_int_equal(part[i], 0x55);
		if (size == 0)
			continue;
		assert_int_equal(strncmp(part, whole, size - 1), 0);
		assert_true(strlen(part) < size);
	}
	gen_schema_free(schema);
}

static void test_free_null(void **state)
{
	(void)state;
	gen_schema_free(NULL);
}

static void test_int_bytes(void **state)
{
	static const unsigned bytes[][2] = {
		{ 8, 1 },  { 16, 2 }, { 24, 4 }, { 32, 4 },   { 40, 8 },
		{ 48, 8 }, { 56, 8 }, { 64, 8 }, { 128, 16 }, { 256, 32 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		const struct gen_type type = { .kind = GEN_INT,
					       .width_bits =
						       (uint16_t)bytes[i][0] };

		assert_int_equal(gen_int_bytes(&type), bytes[i][1]);
	}
}

int main(void)
{
	const struct rows tables[] = {
		{ "first grammar", test_good, dessser_cases,
		  sizeof(dessser_cases), sizeof(dessser_cases[0]) },
		{ "ClickHouse", test_good, clickhouse_cases,
		  sizeof(clickhouse_cases), sizeof(clickhouse_cases[0]) },
		{ "leaves", test_leaf, leaf_cases, sizeof(leaf_cases),
		  sizeof(leaf_cases[0]) },
		{ "errors", test_bad, bad_cases, sizeof(bad_cases),
		  sizeof(bad_cases[0]) },
		{ "limits", test_limit, limit_cases, sizeof(limit_cases),
		  sizeof(limit_cases[0]) },
		{ "barren", test_barren, barren_cases, sizeof(barren_cases),
		  sizeof(barren_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_map_has_key_first),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_print_is_cut),
		cmocka_unit_test(test_free_null),
		cmocka_unit_test(test_int_bytes),
	};

	return rows_run(tables, sizeof(tables) / sizeof(tables[0])) +
	       cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
