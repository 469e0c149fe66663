#include "generator/encode_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* JSON, one value after the other: GENERATOR.md 3.6. */

static const struct text_style style = {
	.no = "false",
	.yes = "true",
	.put_float = GEN_PUT_JSON_FLOAT,
	.put_text = GEN_PUT_JSON_TEXT,
	.escape_bytes = 6,
};

static void scalar(struct lower *l, const struct gen_type *type)
{
	text_scalar(l, type, &style);
}

/* A name that is in the schema, between two texts. */
static void put_name(struct lower *l, const char *before, const char *name,
		     const char *behind)
{
	const size_t len = strlen(name);
	uint8_t *const text = malloc(strlen(before) + 6 * len + 4);
	uint8_t *p = text;

	if (text == NULL) {
		l->rc = -ENOMEM;
		return;
	}
	memcpy(p, before, strlen(before));
	p += strlen(before);
	*p++ = '"';
	p = gen_json_escape(p, (const uint8_t *)name, len);
	*p++ = '"';
	memcpy(p, behind, strlen(behind));
	p += strlen(behind);
	lower_literal(l, text, (size_t)(p - text));
	free(text);
}

static void null(struct lower *l, const struct gen_type *type)
{
	(void)type;
	lower_text(l, "null");
}

/* ---- compounds ------------------------------------------------------------ */

static bool is_string(const struct gen_type *type)
{
	if (type->is_nullable)
		return false;
	return type->kind == GEN_STRING || type->kind == GEN_CHAR ||
	       type->form == GEN_FIXED_STRING ||
	       (type->kind == GEN_INT && text_shape_of(type) != TEXT_NUMBER);
}

static bool is_object(const struct gen_type *type)
{
	return type->kind == GEN_RECORD ||
	       (type->kind == GEN_MAP && is_string(&type->members[0].type));
}

static void open(struct lower *l, const struct gen_type *type)
{
	lower_text(l, is_object(type) ? "{" : "[");
}

static void close(struct lower *l, const struct gen_type *type)
{
	lower_text(l, is_object(type) ? "}" : "]");
}

static void item(struct lower *l, const struct gen_type *type, size_t index)
{
	if (type->kind == GEN_RECORD)
		put_name(l, index > 0 ? "," : "", type->members[index].name,
			 ":");
	else if (type->kind == GEN_MAP && index == 0)
		lower_text(l, is_object(type) ? "" : "[");
	else if (type->kind == GEN_MAP)
		lower_text(l, is_object(type) ? ":" : ",");
}

/* That of a record is part of its names. */
static void between(struct lower *l, const struct gen_type *type)
{
	if (type->kind != GEN_RECORD)
		lower_text(l, ",");
}

static void paired(struct lower *l, const struct gen_type *type)
{
	lower_text(l, is_object(type) ? "" : "]");
}

/* ---- sums ----------------------------------------------------------------- */

static bool is_label_alone(const struct gen_type *type, size_t index)
{
	return type->members[index].type.kind == GEN_VOID;
}

static void choose(struct lower *l, const struct gen_type *type, size_t index)
{
	if (is_label_alone(type, index))
		put_name(l, "", type->members[index].name, "");
	else
		put_name(l, "{", type->members[index].name, ":");
}

static void chosen(struct lower *l, const struct gen_type *type, size_t index)
{
	if (!is_label_alone(type, index))
		lower_text(l, "}");
}

static void end(struct lower *l, const struct gen_type *type)
{
	(void)type;
	if (l->options->with_newlines)
		lower_text(l, "\n");
}

const struct gen_encoding gen_encode_json = {
	.name = "json",
	.end = end,
	.scalar = scalar,
	.null = null,
	.open = open,
	.close = close,
	.item = item,
	.between = between,
	.paired = paired,
	.choose = choose,
	.chosen = chosen,
};
