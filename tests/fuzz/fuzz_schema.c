/*
 * Goal: any text is a schema or is refused in words, at a place within it;
 * what is read respects the limits, and its print reads as the same type; any
 * word about a field is taken or refused.
 * Method: the schema up to the first line that begins with `=`, then words for
 * fields, one a line.
 */
#include "generator/generator.h"
#include "generator/schema.h"

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is refused ----------------------------------------------------- */

static void require_words(const struct gen_error *error)
{
	const size_t len = strnlen(error->text, sizeof(error->text));

	fuzz_require(len > 0 && len < sizeof(error->text),
		     "an error says something");
}

static void require_place(const struct gen_error *error, const char *text,
			  size_t len_bytes)
{
	unsigned line = 1;

	for (size_t i = 0; i < len_bytes; i++)
		line += text[i] == '\n';
	fuzz_require(error->line <= line, "an error is in one of the lines");
	fuzz_require(error->column <= len_bytes + 1, "and within it");
	fuzz_require((error->line == 0) == (error->column == 0),
		     "a place is a line and a column");
}

/* ---- what is accepted ---------------------------------------------------- */

static bool has_place(const struct gen_type *target,
		      const struct gen_type *const *above, unsigned depth)
{
	while (depth > 0)
		if (above[--depth] == target)
			return true;
	return false;
}

static void require_leaf(const struct gen_type *t)
{
	if (t->kind == GEN_INT)
		fuzz_require((t->width_bits % 8 == 0 && t->width_bits >= 8 &&
			      t->width_bits <= 64) ||
				     t->width_bits == 128 ||
				     t->width_bits == 256,
			     "integers have a width");
	if (t->kind == GEN_FLOAT)
		fuzz_require(t->width_bits == 32 || t->width_bits == 64,
			     "floats have a width");
	if (t->kind == GEN_VECTOR)
		fuzz_require(t->length >= 1 && t->length <= UINT32_MAX,
			     "vectors have a length");
	if (t->form == GEN_ENUM)
		fuzz_require(t->label_count > 0, "enums have labels");
	fuzz_require(t->form == GEN_DECIMAL
			     ? t->scale <= t->precision && t->precision <= 76
			     : t->scale <= 9,
		     "scales are limited");
}

static void require_members(const struct gen_type *t)
{
	const size_t n = t->member_count;

	switch (t->kind) {
	case GEN_VECTOR:
	case GEN_ARRAY:
		fuzz_require(n == 1, "an array has one type of items");
		break;
	case GEN_MAP:
		fuzz_require(n == 2, "a map has keys and values");
		break;
	case GEN_TUPLE:
	case GEN_RECORD:
	case GEN_SUM:
		fuzz_require(n >= 1 && n <= 65535, "there are some members");
		break;
	default:
		fuzz_require(n == 0, "a leaf has no members");
	}
	for (size_t i = 0; i < n; i++)
		fuzz_require(
			(t->members[i].name != NULL) ==
				(t->kind == GEN_RECORD || t->kind == GEN_SUM),
			"fields and alternatives have names");
}

static void require_type(const struct gen_type *t,
			 const struct gen_type **above, unsigned depth)
{
	fuzz_require(depth < GEN_NESTING_MAX, "nesting is limited");
	require_leaf(t);
	require_members(t);
	above[depth++] = t;
	if (t->kind == GEN_THIS)
		fuzz_require(has_place(t->target, above, depth),
			     "a target contains what refers to it");
	for (size_t i = 0; i < t->member_count; i++)
		require_type(&t->members[i].type, above, depth);
}

static char *print(const struct gen_schema *schema, size_t *ret_len)
{
	const size_t len = gen_schema_print(schema, NULL, 0);
	char *text = malloc(len + 1);

	if (text == NULL)
		abort();
	fuzz_require(gen_schema_print(schema, text, len + 1) == len &&
			     strlen(text) == len,
		     "a print is as long as it says");
	*ret_len = len;
	return text;
}

/* Copies may make it longer than what may be read. */
static void require_same(const struct gen_schema *schema)
{
	struct gen_schema *again;
	size_t len, len_again;
	char *text = print(schema, &len), *text_again;

	if (len <= 1 << 20) {
		fuzz_require(gen_schema_parse(text, len, NULL, &again) == 0,
			     "what is printed can be read");
		text_again = print(again, &len_again);
		fuzz_require(strcmp(text, text_again) == 0, "and is the same");
		free(text_again);
		gen_schema_free(again);
	}
	free(text);
}

static void require_barren(const struct gen_schema *schema)
{
	const char *why = NULL;
	const struct gen_type *barren =
		gen_type_find_barren(&schema->type, &why);

	fuzz_require((barren == NULL) == (why == NULL),
		     "what has no values has a reason");
}

/* ---- fields -------------------------------------------------------------- */

static void run_words(struct gen_schema *schema, char *words)
{
	char *word;

	while ((word = strsep(&words, "\n")) != NULL) {
		struct gen_error error = { 0 };
		const int rc = gen_schema_field(schema, word, &error);

		fuzz_require(rc == 0 || rc == -EINVAL, "taken or refused");
		if (rc < 0)
			require_words(&error);
	}
}

/* ---- the whole ----------------------------------------------------------- */

static void run_schema(const char *text, size_t len_bytes, char *words)
{
	const struct gen_type *above[GEN_NESTING_MAX];
	struct gen_schema *schema = NULL;
	struct gen_error error = { 0 };
	const int rc = gen_schema_parse(text, len_bytes, &error, &schema);

	fuzz_require(rc == 0 || rc == -EINVAL, "read or refused");
	if (rc < 0) {
		fuzz_require(schema == NULL, "nothing comes of an error");
		require_words(&error);
		require_place(&error, text, len_bytes);
		return;
	}
	require_type(&schema->type, above, 0);
	require_barren(schema);
	require_same(schema);
	run_words(schema, words);
	gen_schema_free(schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	const char *const text = (const char *)data;
	const char *end = memmem(data, len_bytes, "\n=", 2);
	const size_t len = end == NULL ? len_bytes : (size_t)(end - text);
	char *schema = malloc(len > 0 ? len : 1);
	char *words = calloc(1, len_bytes - len + 1);

	if (schema == NULL || words == NULL)
		abort();
	memcpy(schema, data, len);
	if (end != NULL)
		memcpy(words, end + 2, len_bytes - len - 2);
	run_schema(schema, len, words);
	free(schema);
	free(words);
	return 0;
}
