/*
 * Goal: a program with fused ops makes the same bytes as the one it was made of.
 * Method: both run, on types that each rule of fuse.c is for and on random ones,
 * in each encoding.
 */
#include "generator/encode.h"
#include "generator/fuse.h"
#include "generator/maker.h"
#include "generator/schema.h"
#include "tests/lib/draw.h"
#include "tests/lib/gen_decode.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/gen_random_type.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ROOM = 1 << 20, VALUES = 1500, RANDOM_TYPES = 400 };

/* Up to so many values; how many bytes those are. */
static size_t run(const struct gen_program *program, uint64_t values,
		  uint8_t *room)
{
	struct gen_run run = { .begin = room, .p = room, .end = room + ROOM };
	struct maker maker;

	assert_int_equal(maker_init(&maker, program, NULL, 1), 0);
	maker_make(&maker, &run, values);
	maker_release(&maker);
	return (size_t)(run.p - room);
}

/* False: the encoding doesn't take the type. */
static bool check_program(const struct gen_schema *schema,
			  const struct gen_options *options, uint64_t values,
			  size_t *ret_saved)
{
	struct gen_program program;
	struct gen_error error;
	uint8_t *plain = malloc(ROOM + GEN_SLACK);
	uint8_t *fused = malloc(ROOM + GEN_SLACK);
	size_t len, ops;
	const int rc =
		gen_lower(&schema->type, gen_encoding_find(options->encoding),
			  options, false, &error, &program);

	if (rc == 0) {
		len = run(&program, values, plain);
		ops = program.op_count;
		assert_int_equal(gen_fuse(&program), 0);
		*ret_saved = ops - program.op_count;
		assert_int_equal(run(&program, values, fused), len);
		assert_memory_equal(fused, plain, len);
		gen_program_clear(&program);
	}
	free(plain);
	free(fused);
	return rc == 0;
}

/* ---- each rule ----------------------------------------------------------- */

struct fuse_case {
	const char *name, *schema, *encoding;
	size_t saved;      /* ops that are no more, at least */
	const char *field; /* NULL: none */
};

static const struct fuse_case fuse_cases[] = {
	{ "integers", "(u8;u16;u32;u64;i8;i16;i32;i64)", "row-binary", 8,
	  NULL },
	{ "longer integers", "(i24;i40;i48;i56;u24;u40)", "row-binary", 2,
	  NULL },
	{ "floats", "float", "row-binary", 1, NULL },
	{ "sequence", "{a:u64}", "row-binary", 1, "a=seq:1,3" },
	{ "strings", "string", "row-binary", 1, NULL },
	{ "hex", "{a:string}", "row-binary", 1, "a=hex:33" },
	{ "nullables", "(u8?;u16?;u32?)", "row-binary", 15, NULL },
	{ "vectors", "(u8[5];u16[7];u32[3];u64[2];i16[3])", "row-binary", 35,
	  NULL },
	{ "integers in words", "(u8;u16;u32;u64;i8;i16;i32;i64)", "ringbuf", 8,
	  NULL },
	{ "strings in words", "string[3]", "ringbuf", 1, NULL },
	{ "long strings in words", "{a:string}", "ringbuf", 1,
	  "a=length:10,99" },
	{ "hex in words", "{a:string;b:u8}", "ringbuf", 2, "a=hex:33" },
	{ "nullables in words", "(u8?;u16?;u32?)", "ringbuf", 15, NULL },
	{ "signed nullables in words", "(i8?;i16?;u8?)", "ringbuf", 5, NULL },
	{ "nullable items in words", "u8?[30]", "ringbuf", 5, NULL },
	{ "vectors in words", "(u8[5];u16[7];u32[3];i8[11];i32[4])", "ringbuf",
	  35, NULL },
	{ "longer vectors in words", "(u64[3];i64[2])", "ringbuf", 0, NULL },
};

static void test_rule(void **state)
{
	const struct fuse_case *row = *state;
	struct gen_options options = { .encoding = row->encoding };
	struct gen_schema *schema;
	size_t saved;

	schema = gen_parsed(row->schema);
	if (row->field != NULL)
		gen_parsed_field(schema, row->field);
	for (options.ringbuf_layout = 29; options.ringbuf_layout <= 30;
	     options.ringbuf_layout++) {
		assert_true(check_program(schema, &options, VALUES, &saved));
		assert_true(saved >= row->saved);
	}
	gen_schema_free(schema);
}

/* ---- random types -------------------------------------------------------- */

static void test_random(void **state)
{
	struct draw d = draw_begin("fused");

	(void)state;
	for (int i = 0; i < RANDOM_TYPES; i++) {
		char *text = random_schema(&d);
		struct gen_schema *schema;
		size_t saved;

		schema = gen_parsed(text);
		for (size_t k = 0; k < gen_decoder_count; k++)
			check_program(schema, &gen_decoders[k].options, 20,
				      &saved);
		gen_schema_free(schema);
		free(text);
	}
}

int main(void)
{
	const struct rows rules = { "rules", test_rule, fuse_cases,
				    sizeof(fuse_cases), sizeof(fuse_cases[0]) };
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };

	return rows_run(&rules, 1) +
	       cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
