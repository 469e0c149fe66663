/*
 * Goal: no value is longer than its program says, and none is written beyond
 * its room, whatever its type, its fields' words and its encoding are.
 * Method: random types whose leaves are as long as leaves can be: constants
 * full of what is escaped, the longest numbers, texts of the greatest length.
 * Programs that know the bound of a value must keep it. Those that look at the
 * room with each put, which the bound of a long text makes them do, run with
 * rooms of every size up to the value's: with an op that puts more than it
 * asked for there is one in which the value ends behind the room.
 */
#include "generator/encode.h"
#include "generator/fuse.h"
#include "generator/maker.h"
#include "generator/schema.h"
#include "tests/lib/draw.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum {
	TYPES = 300,
	VALUES = 40,
	DEPTH_MAX = 4,
	ROOM_BYTES = 1 << 18,
	TEXT_BYTES = 8192, /* of a schema */
	WORDS_MAX = 64,
	MARK = 0xa5,
};

/* ---- types --------------------------------------------------------------- */

/* Leaves, and words that make their longest values; NULL: by type. */
static const struct leaf {
	const char *type, *word;
} leaves[] = {
	{ "bool", NULL },
	{ "u8", NULL },
	{ "i8", "const:-128" },
	{ "char", NULL },
	{ "char", "const:\"" },
	{ "char", "const:\x01" },
	{ "char", "const:'" },
	{ "u64", "const:18446744073709551615" },
	{ "i64", "const:-9223372036854775808" },
	{ "u64", "seq:18446744073709551610" },
	{ "i56", NULL },
	{ "u128", "const:340282366920938463463374607431768211455" },
	{ "i128", "const:-170141183460469231731687303715884105728" },
	{ "float", "const:-2.2250738585072014e-308" },
	{ "float", "const:-1.2345678901234567e-300" },
	{ "float", "const:-0.00012345678901234567" },
	{ "float", "const:-12345678901234568" },
	{ "float", "const:-inf" },
	{ "float", "const:nan" },
	{ "`Float32`", "const:-1.17549435e-38" },
	{ "`Int256`",
	  "const:-57896044618658097711785492504343953926634992332820"
	  "282019728792003956564819968" },
	{ "`UInt256`", NULL },
	{ "`Decimal(76,76)`", NULL },
	{ "`Decimal(76,1)`", NULL },
	{ "`Decimal(9,9)`", "const:-0.999999999" },
	{ "`UUID`", NULL },
	{ "`IPv4`", "const:255.255.255.255" },
	{ "`IPv6`", "const:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "`Date`", NULL },
	{ "`Date32`", "const:-2147483648" },
	{ "`DateTime64(9)`", "const:1900-01-01 00:00:00.123456789" },
	{ "`Enum8('\"\"\"\"\"\"\"\"' = -1, '\\'\\'\\'\\'\\'' = 2)`", NULL },
	{ "`Enum16('a' = -1, 'b\\b\\b\\b\\b' = 2)`", "cardinality:2" },
	{ "`FixedString(19)`", NULL },
	{ "`FixedString(3)`", "const:\x01\x02\x03" },
	{ "`FixedString(3)`", "const:\"\"\"" },
	{ "`FixedString(5)`", "cardinality:99999" },
	{ "string", NULL },
	{ "string", "length:16" },
	{ "string", "length:17,40" },
	{ "string", "length:127" },
	{ "string", "length:128" },
	{ "string", "length:0" },
	{ "string", "const:" },
	{ "string", "const:\"" },
	{ "string", "const:\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"" },
	{ "string", "const:''''''''''''''''''''''''''''''" },
	{ "string", "const:\x01\x02\x03\x04\x05\x06\x07\x0b\x0e\x7f\x7f" },
	{ "string", "enum:,a,\\\\\\\\\\\\\\\\\\\\\\\\,\xff\xff\xff\xff\xff" },
	{ "string", "const:;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;" },
	{ "string", "hex:127" },
	{ "string", "hex:129" },
	{ "string", "cardinality:100000000000000" },
};

enum { LEAVES = sizeof(leaves) / sizeof(leaves[0]) };

/* A schema as it is written, and what is said of its fields. */
struct text {
	char schema[TEXT_BYTES];
	size_t len;
	char words[WORDS_MAX][TEXT_BYTES / 4];
	unsigned word_count;
	unsigned name_count;
};

static void put(struct text *t, const char *text)
{
	assert_true(t->len + strlen(text) < TEXT_BYTES);
	strcpy(t->schema + t->len, text);
	t->len += strlen(text);
}

static void put_number(struct text *t, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	put(t, text);
}

static void put_type(struct draw *d, struct text *t, const char *path,
		     unsigned depth);

static bool is_one_in(struct draw *d, uint64_t n)
{
	return draw_below(d, n) == 0;
}

static void put_nullable(struct draw *d, struct text *t)
{
	if (is_one_in(d, 3))
		put(t, "?");
}

static void put_leaf(struct draw *d, struct text *t, const char *path)
{
	const struct leaf *leaf = &leaves[draw_below(d, LEAVES)];

	put(t, leaf->type);
	put_nullable(d, t);
	if (leaf->word != NULL && t->word_count < WORDS_MAX - 2)
		snprintf(t->words[t->word_count++], sizeof(t->words[0]),
			 "%s=%s", path, leaf->word);
}

/* Fields of a record, or alternatives of a sum. */
static void put_members(struct draw *d, struct text *t, const char *path,
			unsigned depth, bool is_sum)
{
	const uint64_t n = 1 + draw_below(d, 4);

	put(t, is_sum ? "[" : "{");
	for (uint64_t i = 0; i < n; i++) {
		char inner[512], name[24];

		snprintf(name, sizeof(name), "n%u", t->name_count++);
		snprintf(inner, sizeof(inner), "%s%s%s", path,
			 *path != 0 ? "." : "", name);
		put(t, i == 0 ? "" : is_sum ? "|" : ";");
		put(t, name);
		if (is_sum && is_one_in(d, 4))
			continue;
		put(t, is_sum ? " " : ":");
		put_type(d, t, inner, depth + 1);
	}
	put(t, is_sum ? "]" : "}");
}

static void put_list(struct draw *d, struct text *t, const char *path,
		     unsigned depth)
{
	char inner[512];

	snprintf(inner, sizeof(inner), "%s[]", path);
	put(t, "(");
	put_type(d, t, inner, depth + 1);
	put(t, ")[");
	if (is_one_in(d, 2))
		put_number(t, 1 + draw_below(d, 9));
	put(t, "]");
}

static void put_map(struct draw *d, struct text *t, const char *path,
		    unsigned depth)
{
	char inner[512];

	snprintf(inner, sizeof(inner), "%s.value", path);
	put(t, "(");
	put_type(d, t, inner, depth + 1);
	put(t, ")[");
	snprintf(inner, sizeof(inner), "%s.key", path);
	put_leaf(d, t, inner);
	put(t, "]");
}

static void put_type(struct draw *d, struct text *t, const char *path,
		     unsigned depth)
{
	switch (depth < DEPTH_MAX ? draw_below(d, 8) : 7) {
	case 0:
	case 1:
		put_members(d, t, path, depth, false);
		break;
	case 2:
		put_members(d, t, path, depth, true);
		break;
	case 3:
	case 4:
		put_list(d, t, path, depth);
		break;
	case 5:
		put_map(d, t, path, depth);
		break;
	default:
		put_leaf(d, t, path);
		return;
	}
	/* Not all encodings can tell such nulls apart. */
	if (is_one_in(d, 8))
		put(t, "?");
}

/* A record of one field, or of two with one that may be long, but is null. */
static void put_schema(struct draw *d, struct text *t, bool has_long_text)
{
	memset(t, 0, sizeof(*t));
	put(t, "{a:");
	put_type(d, t, "a", 0);
	put(t, has_long_text ? ";z:string?}" : "}");
	if (!has_long_text)
		return;
	strcpy(t->words[t->word_count++], "z=length:0,70000");
	strcpy(t->words[t->word_count++], "z=null:1");
}

static struct gen_schema *parse(const struct text *t)
{
	struct gen_schema *ret;
	struct gen_error error;

	if (gen_schema_parse(t->schema, t->len, &error, &ret) < 0)
		fail_msg("%s: %s", t->schema, error.text);
	for (unsigned i = 0; i < t->word_count; i++)
		if (gen_schema_field(ret, t->words[i], &error) < 0)
			fail_msg("%s, %s: %s", t->schema, t->words[i],
				 error.text);
	return ret;
}

/* ---- programs ------------------------------------------------------------ */

static const struct row {
	const char *name;
	struct gen_options options;
} rows[] = {
	{ "null", { .encoding = "null" } },
	{ "row-binary", { .encoding = "row-binary" } },
	{ "ringbuf 29", { .encoding = "ringbuf" } },
	{ "ringbuf 30", { .encoding = "ringbuf", .ringbuf_layout = 30 } },
	{ "json", { .encoding = "json", .with_newlines = true } },
	{ "s-expression",
	  { .encoding = "s-expression", .with_newlines = true } },
	{ "csv", { .encoding = "csv" } },
	{ "csv, quoted", { .encoding = "csv", .csv = { .quote = '"' } } },
	{ "csv, hexadecimal",
	  { .encoding = "csv", .csv = { .hex_floats = true } } },
	{ "csv, other words",
	  { .encoding = "csv",
	    .csv = { .separator = ';', .quote = '\'', .null = "NOTHING HERE" },
	    .has_null_rate = true,
	    .null_rate = 0.9 } },
	{ "csv of ClickHouse",
	  { .encoding = "csv", .csv = { .clickhouse = true } } },
	{ "csv of ClickHouse, a quote as quote",
	  { .encoding = "csv", .csv = { .clickhouse = true, .quote = '\'' } } },
	{ "csv of ClickHouse, a backslash as quote",
	  { .encoding = "csv",
	    .csv = { .clickhouse = true, .quote = '\\', .null = "N" } } },
	{ "csv of ClickHouse, a bracket as quote",
	  { .encoding = "csv", .csv = { .clickhouse = true, .quote = '[' } } },
};

static uint8_t room[ROOM_BYTES + GEN_SLACK];

/* Make value `row` with that much room. False: it did not fit. */
static bool make_value(struct maker *k, struct gen_run *run, size_t room_bytes)
{
	const uint64_t row = run->row;

	run->begin = run->p = room;
	run->end = room + room_bytes;
	maker_make(k, run, row + 1);
	return run->row > row;
}

/* A room of any size: the value is in it, or is not there. */
static void check_rooms(struct maker *k, const struct gen_run *before,
			size_t len, const char *schema)
{
	const size_t step = len / 200 + 1;

	for (size_t bytes = 0; bytes <= len; bytes += step) {
		struct gen_run run = *before;

		memset(room + bytes + GEN_SLACK, MARK, 16);
		if (make_value(k, &run, bytes) &&
		    (size_t)(run.p - run.begin) > bytes)
			fail_msg("%s: %zu bytes in a room of %zu", schema,
				 (size_t)(run.p - run.begin), bytes);
		for (size_t i = 0; i < 16; i++)
			if (room[bytes + GEN_SLACK + i] != MARK)
				fail_msg("%s: written far behind a room of %zu",
					 schema, bytes);
	}
}

static void check_program(const struct gen_program *program, const char *schema)
{
	struct gen_run run = { 0 };
	struct maker k;

	assert_int_equal(maker_init(&k, program, NULL, 1), 0);
	for (uint64_t i = 0; i < VALUES; i++) {
		const struct gen_run before = run;
		size_t len;

		if (!make_value(&k, &run, ROOM_BYTES - 2 * GEN_SLACK))
			break;
		len = (size_t)(run.p - run.begin);
		if (program->row_bytes > 0 && len > program->row_bytes)
			fail_msg("%s: %zu bytes, at most %zu were expected",
				 schema, len, program->row_bytes);
		if (program->row_bytes == 0 && i < 4)
			check_rooms(&k, &before, len, schema);
	}
	maker_release(&k);
}

static void check_schema(const struct text *t, const struct row *row,
			 bool is_fused, unsigned *accepted)
{
	struct gen_schema *schema = parse(t);
	struct gen_program program = { 0 };
	struct gen_error error;

	if (gen_lower(&schema->type, gen_encoding_find(row->options.encoding),
		      &row->options, false, &error, &program) == 0) {
		if (is_fused)
			assert_int_equal(gen_fuse(&program), 0);
		check_program(&program, t->schema);
		gen_program_clear(&program);
		++*accepted;
	}
	gen_schema_free(schema);
}

static void test_bounds(void **state)
{
	const struct row *row = *state;
	struct draw d = draw_begin(row->name);
	struct text *t = malloc(sizeof(*t));
	unsigned accepted = 0;

	assert_non_null(t);
	for (unsigned i = 0; i < TYPES; i++) {
		put_schema(&d, t, i % 2 != 0);
		check_schema(t, row, i % 4 < 2, &accepted);
	}
	free(t);
	assert_true(accepted > TYPES / 8);
}

int main(void)
{
	static const struct rows tables[] = {
		{ "bounds", test_bounds, rows, sizeof(rows), sizeof(rows[0]) },
	};

	return rows_run(tables, 1);
}
