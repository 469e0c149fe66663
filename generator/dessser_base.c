#include "generator/dessser.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- brackets ----------------------------------------------------------- */

int dessser_member(struct dessser *d, unsigned depth, struct gen_type *type,
		   struct slice name)
{
	int rc;
	struct gen_type *member = parse_member(&d->p, type, name, &rc);

	return member == NULL ? rc : dessser_item(d, depth + 1, member);
}

/* Brackets around one type alone mean nothing. */
static void unwrap(struct gen_type *type)
{
	struct gen_member *only = type->members;

	*type = only->type;
	free(only);
}

/* (a->b->c), or NULL: no memory. */
static char *function_text(const struct gen_type *parts)
{
	size_t size = sizeof("()"), at = 0;
	char *text;

	for (size_t i = 0; i < parts->member_count; i++)
		size += gen_type_print(&parts->members[i].type, NULL, 0) + 2;
	text = malloc(size);
	if (text == NULL)
		return NULL;
	for (size_t i = 0; i < parts->member_count; i++) {
		at += (size_t)sprintf(text + at, "%s", i == 0 ? "(" : "->");
		at += gen_type_print(&parts->members[i].type, text + at,
				     size - at);
	}
	strcpy(text + at, ")");
	return text;
}

/* Behind the first part. A function is opaque, and its name is its text. */
static int parse_function(struct dessser *d, unsigned depth,
			  struct gen_type *type)
{
	const struct slice none = { 0 };
	int rc = 0;
	char *text;

	while (rc >= 0 && parse_take(&d->p, "->"))
		rc = dessser_member(d, depth, type, none);
	if (rc >= 0)
		rc = parse_require(&d->p, ")");
	if (rc < 0)
		return rc;
	text = function_text(type);
	gen_type_clear(type);
	type->kind = GEN_OPAQUE;
	type->name = text;
	return text == NULL ? -ENOMEM : 1;
}

static int parse_tuple(struct dessser *d, unsigned depth, struct gen_type *type)
{
	const struct slice none = { 0 };
	int height, all;

	type->kind = GEN_TUPLE;
	all = dessser_member(d, depth, type, none);
	if (all < 0)
		return all;
	if (parse_take(&d->p, ")")) {
		unwrap(type);
		return all;
	}
	if (d->p.end - d->p.at >= 2 && memcmp(d->p.at, "->", 2) == 0)
		return parse_function(d, depth, type);
	while (!parse_take(&d->p, ")")) {
		if (!parse_take(&d->p, ";"))
			return parse_expected(&d->p, "';' or ')'");
		if (type->member_count == 1 && parse_take(&d->p, ")"))
			break;
		height = dessser_member(d, depth, type, none);
		if (height < 0)
			return height;
		all = parse_taller(all, height);
	}
	return all + 1;
}

/* Behind `{`. `;` may end the last one, too. */
static int parse_fields(struct dessser *d, unsigned depth,
			struct gen_type *type, struct parse_names *names)
{
	int all = 0, height;

	do {
		struct slice name;

		height = parse_new_name(&d->p, names, "a field", &name);
		if (height == 0)
			height = parse_require(&d->p, ":");
		if (height == 0)
			height = dessser_member(d, depth, type, name);
		if (height < 0)
			return height;
		all = parse_taller(all, height);
		if (parse_take(&d->p, "}"))
			return all + 1;
		if (!parse_take(&d->p, ";"))
			return parse_expected(&d->p, "';' or '}'");
	} while (!parse_take(&d->p, "}"));
	return all + 1;
}

/* An alternative without a type is void. */
static int parse_alternative(struct dessser *d, unsigned depth,
			     struct gen_type *type, struct slice name)
{
	char next;
	int rc;

	parse_blanks(&d->p);
	next = parse_peek(&d->p);
	if (next != '|' && next != ']')
		return dessser_member(d, depth, type, name);
	return parse_member(&d->p, type, name, &rc) == NULL ? rc : 1;
}

/* Behind `[`. */
static int parse_alternatives(struct dessser *d, unsigned depth,
			      struct gen_type *type, struct parse_names *names)
{
	int all = 0, height;

	do {
		struct slice name;

		height = parse_new_name(&d->p, names, "an alternative", &name);
		if (height == 0)
			height = parse_alternative(d, depth, type, name);
		if (height < 0)
			return height;
		all = parse_taller(all, height);
	} while (parse_take(&d->p, "|"));
	height = parse_take(&d->p, "]") ? 0
					: parse_expected(&d->p, "'|' or ']'");
	return height < 0 ? height : all + 1;
}

/* Members whose names must differ; `what` they are. */
static int parse_named(struct dessser *d, unsigned depth, struct gen_type *type,
		       const char *what)
{
	struct parse_names names = { 0 };
	const int height = type->kind == GEN_RECORD
				   ? parse_fields(d, depth, type, &names)
				   : parse_alternatives(d, depth, type, &names);
	const int rc =
		height < 0 ? height : parse_names_differ(&d->p, &names, what);

	parse_names_release(&names);
	return rc < 0 ? rc : height;
}

static int parse_record(struct dessser *d, unsigned depth,
			struct gen_type *type)
{
	type->kind = GEN_RECORD;
	return parse_named(d, depth, type, "the field");
}

static int parse_sum(struct dessser *d, unsigned depth, struct gen_type *type)
{
	type->kind = GEN_SUM;
	return parse_named(d, depth, type, "the alternative");
}

/* ---- other beginnings --------------------------------------------------- */

static int parse_external(struct dessser *d, struct gen_type *type)
{
	struct slice name;

	if (!parse_word(&d->p, &name))
		return parse_expected(&d->p, "the name of a type behind '$'");
	name.at--;
	name.len++;
	type->kind = GEN_OPAQUE;
	type->name = slice_copy(name);
	return type->name == NULL ? -ENOMEM : 1;
}

/* &T is T[1]. */
static int parse_reference(struct dessser *d, unsigned depth,
			   struct gen_type *type)
{
	const struct slice none = { 0 };
	int height;

	type->kind = GEN_VECTOR;
	type->length = 1;
	height = dessser_member(d, depth, type, none);
	return height < 0 ? height : height + 1;
}

static int parse_clickhouse_quote(struct dessser *d, unsigned depth,
				  struct gen_type *type)
{
	const int height = parse_clickhouse_type(&d->p, depth, type);
	const int rc = height < 0 ? height : parse_require(&d->p, "`");

	return rc < 0 ? rc : height;
}

int dessser_base(struct dessser *d, unsigned depth, struct gen_type *type)
{
	struct parse *p = &d->p;

	if (parse_take(p, "("))
		return parse_tuple(d, depth, type);
	if (parse_take(p, "{"))
		return parse_record(d, depth, type);
	if (parse_take(p, "["))
		return parse_sum(d, depth, type);
	if (parse_take(p, "$"))
		return parse_external(d, type);
	if (parse_take(p, "&"))
		return parse_reference(d, depth, type);
	if (parse_take(p, "`"))
		return parse_clickhouse_quote(d, depth, type);
	return dessser_word(d, depth, type);
}
