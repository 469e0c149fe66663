/*
 * Goal: a compiled program makes byte for byte what the interpreter makes of
 * it: in every encoding, with and without ends, in rooms of any size, after a
 * seek, in several threads.
 * Method: a table of schemas that have every op between them, through every
 * encoding that there is; both engines get the same demands, and each batch
 * must be the same. A pair that no engine takes is left out.
 */
#include "generator/generator.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct type_case {
	const char *name;
	const char *schema;
	const char *fields[4];
};

static const struct type_case type_cases[] = {
	{ "integers",
	  "{a:u8; b:u16; c:u24; d:u32; e:u40; f:u56; g:u64; h:u128; i:i8;"
	  " j:i16; k:i24; l:i32; m:i48; n:i64; o:i128}",
	  { NULL } },
	{ "other scalars",
	  "{a:bool; b:char; c:float; d:string; e:char[5]}",
	  { NULL } },
	{ "nullables",
	  "{a:u8?; b:i64?; c:string?; d:float?; e:bool?; f:u128?; g:u8[2]?;"
	  " h:i16?; i:char?}",
	  { NULL } },
	{ "lists",
	  "{a:u8[]; b:string[]; c:u16?[3]; d:i24[]; e:(u8;i8)[][2]; f:u32[40];"
	  " g:bool[9]; h:i8[]; i:char[]}",
	  { NULL } },
	{ "sums", "{a:[x u8|y string|z u32?|w]; b:[one u8]}", { NULL } },
	{ "map", "string[u16]", { NULL } },
	{ "names longer than an op's operand",
	  "{a_name_of_twenty_six_bytes:u8; \n another_one_that_is_longer:i64?}",
	  { NULL } },
	{ "many numbers",
	  "((u64;i64;u32;i32;u16;i16;u8;i8);(u64;i64;u32;i32;u16;i16;u8;i8);"
	  " (u64;i64;u32;i32;u16;i16;u8;i8);(u64;i64;u32;i32;u16;i16;u8;i8))",
	  { NULL } },
	{ "recursion that a null ends",
	  "{name:string; parent:this?}",
	  { NULL } },
	{ "recursion that only its depth ends",
	  "{name:string; parent:this?}",
	  { "parent=null:0" } },
	{ "recursion that only the number of copies ends",
	  "{a:u8; l:this?; r:this?}",
	  { "l=null:0.01", "r=null:0.01" } },
	{ "recursion within lists",
	  "{a:u8[2]; b:this[]; c:string?; d:this[]}",
	  { NULL } },
	{ "recursion that an alternative ends",
	  "[leaf u8?|node {l:this; r:this}]",
	  { NULL } },
	{ "recursion that no alternative ends at once",
	  "[node (this;this)|leaf (u8;this?)]",
	  { NULL } },
	{ "columns",
	  "`a` UInt256 `b` UUID `c` IPv6 `d` Enum8('x' = 1, 'it' = -3) "
	  "`e` Decimal(9,2) `f` DateTime64(3) `g` Float32 `h` Array(String) "
	  "`i` FixedString(11) `j` Nullable(Int256)",
	  { NULL } },
	{ "draws of integers",
	  "{a:u64; b:i32; c:u8; d:u16}",
	  { "a=seq:1700000000000,1", "b=uniform:-5,5", "c=const:7",
	    "d=zipf:100,1.2" } },
	{ "other draws",
	  "{a:float; b:string; c:string; d:u32}",
	  { "a=normal:10,2", "b=enum:x,it \"is\",z", "c=cardinality:9",
	    "d=cardinality:100" } },
};

/* ---- both engines --------------------------------------------------------- */

enum { INTERPRETER, JIT, ENGINES };

struct pair {
	struct gen_schema *schema;
	struct generator *g[ENGINES];
};

static void parse(struct pair *pair, const struct type_case *row)
{
	pair->schema = gen_parsed(row->schema);
	for (size_t i = 0; i < 4 && row->fields[i] != NULL; i++)
		gen_parsed_field(pair->schema, row->fields[i]);
}

static void close_pair(struct pair *pair)
{
	for (int i = 0; i < ENGINES; i++)
		gen_free(pair->g[i]);
	gen_schema_free(pair->schema);
}

/* False: neither takes the type in this encoding. */
static bool open_pair(struct pair *pair, const struct type_case *row,
		      const char *encoding, unsigned jit_threads)
{
	struct gen_options options = { .encoding = encoding, .seed = 7 };
	int rc[ENGINES];

	memset(pair, 0, sizeof(*pair));
	parse(pair, row);
	rc[INTERPRETER] =
		gen_create(pair->schema, &options, NULL, &pair->g[INTERPRETER]);
	options.engine = GEN_ENGINE_JIT;
	options.threads = jit_threads;
	rc[JIT] = gen_create(pair->schema, &options, NULL, &pair->g[JIT]);
	assert_int_equal(rc[JIT], rc[INTERPRETER]);
	if (rc[JIT] < 0) {
		gen_schema_free(pair->schema);
		return false;
	}
	if (gen_engine_note(pair->g[JIT]) != NULL)
		fail_msg("%s", gen_engine_note(pair->g[JIT]));
	return true;
}

/* ---- demands ------------------------------------------------------------- */

enum { ROOM_BYTES = 1 << 18, GUARD = 0xa5 };

struct step {
	uint64_t seek; /* 0: go on */
	uint64_t values;
	size_t room_bytes; /* 0: none */
	bool wants_ends;
};

static const struct step steps[] = {
	{ 0, 3000, 0, false },    { 0, 1500, 0, true },
	{ 0, 300, 40, true },     { 0, 300, 700, true },
	{ 0, 300, 1000, false },  { 0, 2000, ROOM_BYTES, true },
	{ 9999, 1, 0, false },    { 0, 1200, 0, false },
	{ 1u << 20, 2, 0, true }, { 77, 2000, ROOM_BYTES, false },
};

static void next(struct generator *g, const struct step *step, uint64_t values,
		 struct gen_batch *ret)
{
	static uint8_t room[ENGINES][ROOM_BYTES + 1];
	static int turn;
	struct gen_demand demand = {
		.values = values,
		.wants_ends = step->wants_ends,
	};

	turn = !turn;
	if (step->room_bytes != 0) {
		demand.room = room[turn];
		demand.room_bytes = step->room_bytes;
		demand.room[step->room_bytes] = GUARD;
	}
	assert_int_equal(gen_next(g, &demand, ret), 0);
	if (demand.room != NULL)
		assert_int_equal(demand.room[step->room_bytes], GUARD);
	if (ret->values > 0)
		return;
	demand.room = NULL; /* the value is larger */
	demand.room_bytes = 0;
	demand.values = 1;
	assert_int_equal(gen_next(g, &demand, ret), 0);
	assert_int_equal(ret->values, 1);
}

static void compare(struct pair *pair, const struct step *step)
{
	uint64_t left = step->values;
	struct gen_batch batch[ENGINES];

	while (left > 0) {
		for (int i = 0; i < ENGINES; i++)
			next(pair->g[i], step, left, &batch[i]);
		assert_int_equal(batch[0].values, batch[1].values);
		assert_int_equal(batch[0].len_bytes, batch[1].len_bytes);
		assert_memory_equal(batch[0].bytes, batch[1].bytes,
				    batch[0].len_bytes);
		if (step->wants_ends)
			assert_memory_equal(batch[0].ends, batch[1].ends,
					    batch[0].values * sizeof(uint64_t));
		left -= batch[0].values;
	}
}

static void need_compiler(void)
{
	if (system("cc --version >/dev/null 2>&1") == 0)
		return;
	print_message("[  SKIP  ] because: there is no compiler 'cc'\n");
	skip();
}

static void test_same_bytes(void **state)
{
	const struct type_case *row = *state;
	const char *encoding;
	unsigned taken = 0;
	struct pair pair;

	need_compiler();
	for (unsigned i = 0; (encoding = gen_encoding_name(i)) != NULL; i++) {
		if (!open_pair(&pair, row, encoding, 1))
			continue;
		taken++;
		for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
			const struct step *step = &steps[k];

			for (int e = 0; step->seek != 0 && e < ENGINES; e++)
				assert_int_equal(
					gen_seek(pair.g[e], step->seek), 0);
			compare(&pair, step);
		}
		close_pair(&pair);
	}
	assert_true(taken > 0);
}

/* ---- threads -------------------------------------------------------------- */

/* The next values into `to`; how many bytes. */
static size_t collect(struct generator *g, uint64_t values, uint8_t *to)
{
	size_t len = 0;

	while (values > 0) {
		const struct gen_demand demand = { .values = values };
		struct gen_batch batch;

		assert_int_equal(gen_next(g, &demand, &batch), 0);
		assert_true(len + batch.len_bytes <= ROOM_BYTES);
		memcpy(to + len, batch.bytes, batch.len_bytes);
		len += batch.len_bytes;
		values -= batch.values;
	}
	return len;
}

static void test_threads(void **state)
{
	static uint8_t bytes[ENGINES][ROOM_BYTES];
	const struct type_case row = { "row", "{a:u64; b:string?}", { NULL } };
	size_t len[ENGINES];
	struct pair pair;

	(void)state;
	need_compiler();
	assert_true(open_pair(&pair, &row, "row-binary", 3));
	for (int i = 0; i < ENGINES; i++)
		len[i] = collect(pair.g[i], 9000, bytes[i]);
	assert_int_equal(len[0], len[1]);
	assert_memory_equal(bytes[0], bytes[1], len[0]);
	close_pair(&pair);
}

int main(void)
{
	const struct rows tables[] = {
		{ "gen_jit: types", test_same_bytes, type_cases,
		  sizeof(type_cases), sizeof(type_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
	};
	const int failed = rows_run(tables, 1);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
