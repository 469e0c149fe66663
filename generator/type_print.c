#include "generator/type.h"
#include "generator/user_types.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where the text goes, and how long it would be. */
struct out {
	char *buf;
	size_t size, len;
};

static void put(struct out *o, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct out *o, const char *format, ...)
{
	char none[1];
	const bool fits = o->len < o->size;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(fits ? o->buf + o->len : none,
			fits ? o->size - o->len : 1, format, args);
	va_end(args);
	if (len > 0)
		o->len += (size_t)len;
}

static void put_type(struct out *o, const struct gen_type *type);
static void put_unnamed(struct out *o, const struct gen_type *type);

/* ---- names -------------------------------------------------------------- */

static bool is_word(const char *name)
{
	struct parse p = { .text = name,
			   .at = name,
			   .end = name + strlen(name) };
	struct slice word;

	return parse_word(&p, &word) && p.at == p.end;
}

static void put_name(struct out *o, const char *name)
{
	put(o, is_word(name) ? "%s" : "`%s`", name);
}

/* ---- what ClickHouse has a word for -------------------------------------- */

static void put_label(struct out *o, const char *text)
{
	put(o, "'");
	for (; *text != '\0'; text++) {
		const unsigned char c = (unsigned char)*text;

		if (c == '\'' || c == '\\')
			put(o, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			put(o, "\\x%02x", c);
		else
			put(o, "%c", c);
	}
	put(o, "'");
}

static void put_enum(struct out *o, const struct gen_type *type)
{
	put(o, "Enum%u(", type->width_bits);
	for (size_t i = 0; i < type->label_count; i++) {
		put(o, i > 0 ? "," : "");
		put_label(o, type->labels[i].text);
		put(o, "=%" PRId64, type->labels[i].value);
	}
	put(o, ")");
}

static void put_form(struct out *o, const struct gen_type *type)
{
	switch (type->form) {
	case GEN_PLAIN:
		if (type->kind == GEN_FLOAT)
			put(o, "Float%u", type->width_bits);
		else
			put(o, "%sInt%u", type->is_signed ? "" : "U",
			    type->width_bits);
		break;
	case GEN_UUID:
		put(o, "UUID");
		break;
	case GEN_IPV4:
		put(o, "IPv4");
		break;
	case GEN_IPV6:
		put(o, "IPv6");
		break;
	case GEN_DATE:
		put(o, type->width_bits == 16 ? "Date" : "Date32");
		break;
	case GEN_TIME:
		if (type->width_bits == 32)
			put(o, "DateTime");
		else
			put(o, "DateTime64(%u)", type->scale);
		break;
	case GEN_DECIMAL:
		put(o, "Decimal(%u,%u)", type->precision, type->scale);
		break;
	case GEN_ENUM:
		put_enum(o, type);
		break;
	case GEN_FIXED_STRING:
		put(o, "FixedString(%" PRIu64 ")", type->length);
		break;
	}
}

/* ---- the first grammar --------------------------------------------------- */

/* Whether this is what the user type of its name stands for. */
static bool is_user_type(const struct gen_type *type)
{
	const struct slice name = { type->name, strlen(type->name) };
	const struct user_type *user = user_type_find(name);
	char text[64];
	struct out o = { text, sizeof(text), 0 };

	if (user == NULL || strcmp(user->name, type->name) != 0)
		return false;
	put_unnamed(&o, type);
	return strcmp(text, user->text) == 0;
}

/* Whether NAME as stands before the type. */
static bool has_as(const struct gen_type *type)
{
	return type->name != NULL && type->kind != GEN_THIS &&
	       type->kind != GEN_OPAQUE && !is_user_type(type);
}

static bool is_quoted(const struct gen_type *type)
{
	if (type->form != GEN_PLAIN)
		return true;
	return (type->kind == GEN_FLOAT && type->width_bits != 64) ||
	       (type->kind == GEN_INT && type->width_bits > 128);
}

/* What brackets are behind. */
static void put_member_item(struct out *o, const struct gen_type *item)
{
	const bool needs_brackets = has_as(item) || item->has_default;

	put(o, needs_brackets ? "(" : "");
	put_type(o, item);
	put(o, needs_brackets ? ")" : "");
}

static void put_array(struct out *o, const struct gen_type *type)
{
	static const char *const brackets[] = {
		[GEN_DYNAMIC] = "[]", [GEN_LIST] = "[[]]", [GEN_SET] = "{}"
	};

	put_member_item(o, &type->members[0].type);
	if (type->kind == GEN_VECTOR)
		put(o, "[%" PRIu64 "]", type->length);
	else
		put(o, "%s", brackets[type->collection]);
}

static void put_map(struct out *o, const struct gen_type *type)
{
	put_member_item(o, &type->members[1].type);
	put(o, "[");
	put_type(o, &type->members[0].type);
	put(o, "]");
}

static void put_tuple(struct out *o, const struct gen_type *type)
{
	for (size_t i = 0; i < type->member_count; i++) {
		put(o, i == 0 ? "(" : ";");
		put_type(o, &type->members[i].type);
	}
	put(o, type->member_count == 1 ? ";)" : ")");
}

static void put_record(struct out *o, const struct gen_type *type)
{
	for (size_t i = 0; i < type->member_count; i++) {
		put(o, i == 0 ? "{" : ";");
		put_name(o, type->members[i].name);
		put(o, ":");
		put_type(o, &type->members[i].type);
	}
	put(o, "}");
}

static bool is_bare_void(const struct gen_type *type)
{
	return type->kind == GEN_VOID && type->name == NULL &&
	       !type->is_nullable && !type->has_default;
}

static void put_sum(struct out *o, const struct gen_type *type)
{
	for (size_t i = 0; i < type->member_count; i++) {
		const struct gen_member *alternative = &type->members[i];

		put(o, i == 0 ? "[" : "|");
		put_name(o, alternative->name);
		if (is_bare_void(&alternative->type))
			continue;
		put(o, " ");
		put_type(o, &alternative->type);
	}
	put(o, "]");
}

static void put_kind(struct out *o, const struct gen_type *type)
{
	switch (type->kind) {
	case GEN_VOID:
		put(o, "void");
		break;
	case GEN_BOOL:
		put(o, "bool");
		break;
	case GEN_CHAR:
		put(o, "char");
		break;
	case GEN_INT:
		put(o, "%c%u", type->is_signed ? 'i' : 'u', type->width_bits);
		break;
	case GEN_FLOAT:
		put(o, "float");
		break;
	case GEN_STRING:
		put(o, "string");
		break;
	case GEN_VECTOR:
	case GEN_ARRAY:
		put_array(o, type);
		break;
	case GEN_MAP:
		put_map(o, type);
		break;
	case GEN_TUPLE:
		put_tuple(o, type);
		break;
	case GEN_RECORD:
		put_record(o, type);
		break;
	case GEN_SUM:
		put_sum(o, type);
		break;
	case GEN_THIS:
		put(o, type->name == NULL ? "this" : "this %s", type->name);
		break;
	case GEN_OPAQUE:
		put(o, "%s", type->name);
		break;
	}
}

/* Without its name, `?` and default. */
static void put_unnamed(struct out *o, const struct gen_type *type)
{
	if (!is_quoted(type)) {
		put_kind(o, type);
		return;
	}
	put(o, "`");
	put_form(o, type);
	put(o, "`");
}

static void put_type(struct out *o, const struct gen_type *type)
{
	if (has_as(type))
		put(o, "%s as ", type->name);
	if (type->name != NULL && type->kind != GEN_THIS &&
	    type->kind != GEN_OPAQUE && is_user_type(type))
		put(o, "%s", type->name);
	else
		put_unnamed(o, type);
	put(o, type->is_nullable ? "?" : "");
	put(o, type->has_default ? " default (...)" : "");
}

/* A text that begins with a backquote is of the second grammar. */
static bool begins_with_backquote(const struct gen_type *type)
{
	char first[2] = "";
	struct out o = { first, sizeof(first), 0 };

	put_type(&o, type);
	return first[0] == '`';
}

size_t gen_type_print(const struct gen_type *type, char *buf, size_t size)
{
	struct out o = { buf, size, 0 };

	if (size > 0)
		*buf = '\0';
	put_type(&o, type);
	return o.len;
}

size_t gen_type_print_whole(const struct gen_type *type, char *buf, size_t size)
{
	const bool needs_brackets = begins_with_backquote(type);
	struct out o = { buf, size, 0 };

	if (size > 0)
		*buf = '\0';
	put(&o, needs_brackets ? "(" : "");
	put_type(&o, type);
	put(&o, needs_brackets ? ")" : "");
	return o.len;
}
