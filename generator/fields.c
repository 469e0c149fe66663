/*
 * --field NAME=KIND:ARGUMENTS (GENERATOR.md 1.4): a table of kinds, each with
 * the types it is for and what reads its arguments. The draw is made aside and
 * takes its place in the type when nothing is wrong with it.
 */
#include "generator/error.h"
#include "generator/field_arguments.h"
#include "generator/field_path.h"
#include "generator/schema.h"
#include "ring/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- which types --------------------------------------------------------- */

static bool is_text(const struct gen_type *type)
{
	return type->kind == GEN_STRING || type->form == GEN_FIXED_STRING;
}

/* Numbers, and what is counted as they are. */
static bool is_number(const struct gen_type *type)
{
	if (type->kind == GEN_FLOAT)
		return true;
	return type->kind == GEN_INT && type->form != GEN_ENUM &&
	       type->form != GEN_UUID && type->form != GEN_IPV6;
}

static bool is_clock(const struct gen_type *type)
{
	if (!is_number(type) || type->form == GEN_IPV4)
		return false;
	if (type->form == GEN_DECIMAL) /* seconds have 10 digits */
		return type->precision >= type->scale + 10;
	return type->form == GEN_DATE || type->width_bits >= 32;
}

static bool is_leaf(const struct gen_type *type)
{
	return type->kind == GEN_BOOL || type->kind == GEN_CHAR ||
	       type->kind == GEN_INT || type->kind == GEN_FLOAT ||
	       is_text(type);
}

static bool is_leaf_or_nullable(const struct gen_type *type)
{
	return is_leaf(type) || type->is_nullable;
}

static bool is_nullable(const struct gen_type *type)
{
	return type->is_nullable;
}

static bool has_length(const struct gen_type *type)
{
	return type->kind == GEN_STRING || type->kind == GEN_ARRAY ||
	       type->kind == GEN_MAP;
}

/* ---- kinds --------------------------------------------------------------- */

struct kind {
	const char *name;
	enum gen_draw_kind draw;
	bool (*fits)(const struct gen_type *type);
	const char *types; /* which it is for */
	const char *usage;
	int (*parse)(const struct field *field, struct gen_draw *draw);
};

static const struct kind kinds[] = {
	{ "seq", GEN_DRAW_SEQ, is_number, "numbers and dates", "START[,STEP]",
	  field_parse_seq },
	{ "uniform", GEN_DRAW_UNIFORM, is_number, "numbers and dates",
	  "LOW,HIGH", field_parse_uniform },
	{ "normal", GEN_DRAW_NORMAL, is_number, "numbers and dates",
	  "MEAN,DEVIATION", field_parse_normal },
	{ "zipf", GEN_DRAW_ZIPF, is_number, "numbers and dates", "N,EXPONENT",
	  field_parse_zipf },
	{ "enum", GEN_DRAW_ENUM, is_leaf, "what has no parts", "VALUE,...",
	  field_parse_enum },
	{ "cardinality", GEN_DRAW_CARDINALITY, is_leaf, "what has no parts",
	  "N", field_parse_cardinality },
	{ "const", GEN_DRAW_CONST, is_leaf_or_nullable, "what has no parts",
	  "VALUE", field_parse_const },
	{ "now", GEN_DRAW_NOW, is_clock,
	  "dates, times, and numbers of 32 bits or more", "nothing",
	  field_parse_now },
	{ "hex", GEN_DRAW_HEX, is_text, "strings", "DIGITS", field_parse_hex },
	{ "null", GEN_DRAW_BY_TYPE, is_nullable, "what is nullable", "RATE",
	  field_parse_null },
	{ "length", GEN_DRAW_BY_TYPE, has_length,
	  "strings, arrays, lists, sets and maps", "MIN[,MAX]",
	  field_parse_length },
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static const struct kind *find_kind(struct slice name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strlen(kinds[i].name) == name.len &&
		    memcmp(kinds[i].name, name.at, name.len) == 0)
			return &kinds[i];
	return NULL;
}

static int unknown_kind(const struct field *field, struct slice name)
{
	char names[120] = "";

	for (size_t i = 0; i < KINDS; i++) {
		strcat(names, i > 0 ? ", " : "");
		strcat(names, kinds[i].name);
	}
	return gen_error_set(field->error,
			     "field '%.*s': expected one of %s, met '%.*s'",
			     field->name_shown, field->name, names,
			     name.len > 30 ? 30 : (int)name.len, name.at);
}

/* ---- draws --------------------------------------------------------------- */

/* Rates and lengths stay when a kind comes, and the other way round. */
static void put_draw(struct gen_draw *draw, const struct gen_draw *word)
{
	struct gen_draw all = word->kind == GEN_DRAW_BY_TYPE ? *draw : *word;

	if (word->kind != GEN_DRAW_BY_TYPE)
		gen_draw_clear(draw);
	all.has_null_rate = draw->has_null_rate || word->has_null_rate;
	all.null_rate = word->has_null_rate ? word->null_rate : draw->null_rate;
	all.has_length = draw->has_length || word->has_length;
	all.length_min = word->has_length ? word->length_min : draw->length_min;
	all.length_max = word->has_length ? word->length_max : draw->length_max;
	*draw = all;
}

static int parse_draw(struct field *field, const struct kind *kind,
		      struct gen_type *type)
{
	struct gen_draw draw = { .kind = kind->draw };
	char printed[48];
	int rc;

	gen_type_print(type, printed, sizeof(printed));
	if (!kind->fits(type))
		return gen_error_set(
			field->error,
			"field '%.*s' is of type '%s': %s is for %s",
			field->name_shown, field->name, printed, kind->name,
			kind->types);
	rc = kind->parse(field, &draw);
	if (rc < 0)
		gen_draw_clear(&draw);
	else
		put_draw(&type->draw, &draw);
	return rc;
}

static int parse_kind(struct field *field, const char *text,
		      struct gen_type *type)
{
	const struct slice name = { text, strcspn(text, ":") };
	const struct kind *kind = find_kind(name);
	int rc;

	if (kind == NULL)
		return unknown_kind(field, name);
	field->type = type;
	field->kind = kind->name;
	field->usage = kind->usage;
	field->text = text[name.len] == ':' ? text + name.len + 1 : NULL;
	rc = field_split(field);
	if (rc == 0)
		rc = parse_draw(field, kind, type);
	field_release(field);
	return rc;
}

RING_EXPORT int gen_schema_field(struct gen_schema *schema, const char *word,
				 struct gen_error *ret_error)
{
	const struct slice path = { word, field_path_length(word) };
	struct field field = {
		.error = ret_error,
		.name = word,
		.name_shown = path.len > 60 ? 60 : (int)path.len,
	};
	struct gen_type *type;
	int rc;

	if (word[path.len] != '=')
		return gen_error_set(
			ret_error, "expected NAME=KIND:..., met '%.60s'", word);
	rc = field_path_find(&schema->type, path, ret_error, &type);
	if (rc == 0)
		rc = parse_kind(&field, word + path.len + 1, type);
	if (rc == -ENOMEM)
		gen_error_no_memory(ret_error);
	return rc;
}
