/*
 * The first grammar: dessser's types (GENERATOR.md 1.1).
 *
 * A function returns how many types lie within each other in what it has read,
 * or a negative code. `depth` counts what lies around it, itself included, so
 * neither this parser nor who walks the tree goes deeper than GEN_NESTING_MAX.
 */
#include "generator/parse.h"
#include "generator/parse_names.h"
#include "generator/user_types.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dessser {
	struct parse p;
	struct parse_names declared, referred; /* by `as`, by `this` */
};

static int parse_item(struct dessser *d, unsigned depth,
		      struct gen_type *ret_type);

static int taller(int a, int b)
{
	return a > b ? a : b;
}

/* ---- defaults ----------------------------------------------------------- */

static bool ends_atom(char c, bool is_inside)
{
	if (c == ' ' || (c >= '\t' && c <= '\r') || c == '(' || c == ')' ||
	    c == '"')
		return true;
	return !is_inside && (c == ';' || c == '|' || c == ']' || c == '}');
}

static int skip_text(struct parse *p)
{
	const char *start = p->at++;

	for (; p->at < p->end; p->at++) {
		if (*p->at == '"') {
			p->at++;
			return 0;
		}
		if (*p->at == '\\' && p->at + 1 < p->end)
			p->at++;
	}
	return parse_fail(p, start, "the quote is not closed");
}

static int skip_atom(struct parse *p, bool is_inside)
{
	const char *start = p->at;

	while (p->at < p->end && !ends_atom(*p->at, is_inside)) {
		/* A character: #\; */
		if (p->end - p->at >= 3 && memcmp(p->at, "#\\", 2) == 0)
			p->at += 2;
		p->at++;
	}
	return p->at > start ? 0 : parse_expected(p, "an s-expression");
}

/* One s-expression. What it means is nobody's concern here. */
static int skip_default(struct parse *p)
{
	unsigned open = 0;
	int rc;

	do {
		rc = 0;
		if (parse_take(p, "("))
			open++;
		else if (open > 0 && parse_take(p, ")"))
			open--;
		else if (parse_peek(p) == '"')
			rc = skip_text(p);
		else
			rc = skip_atom(p, open > 0);
	} while (rc == 0 && open > 0);
	return rc;
}

/* ---- words -------------------------------------------------------------- */

/* They would be taken for something else where they stand. */
static bool is_reserved(struct slice word)
{
	return slice_is(word, "as") || slice_is(word, "default") ||
	       slice_is(word, "this");
}

struct word_type {
	const char *word;
	enum gen_kind kind;
	uint16_t width_bits;
};

static const struct word_type word_types[] = {
	{ "float", GEN_FLOAT, 64 },   { "string", GEN_STRING, 0 },
	{ "bool", GEN_BOOL, 0 },      { "boolean", GEN_BOOL, 0 },
	{ "char", GEN_CHAR, 0 },      { "void", GEN_VOID, 0 },
	{ "ptr", GEN_OPAQUE, 0 },     { "size", GEN_OPAQUE, 0 },
	{ "address", GEN_OPAQUE, 0 }, { "bytes", GEN_OPAQUE, 0 },
	{ "mask", GEN_OPAQUE, 0 },
};

static bool parse_integer_word(struct slice word, struct gen_type *ret_type)
{
	static const char *const widths[] = { "8",  "16", "24", "32", "40",
					      "48", "56", "64", "128" };
	const char sign = word.len == 0 ? '\0' : (char)(word.at[0] | 0x20);
	const struct slice digits = { word.at + 1, word.len - 1 };

	if (sign != 'u' && sign != 'i')
		return false;
	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		if (!slice_is(digits, widths[i]))
			continue;
		ret_type->kind = GEN_INT;
		ret_type->is_signed = sign == 'i';
		ret_type->width_bits = (uint16_t)strtoul(widths[i], NULL, 10);
		return true;
	}
	return false;
}

static int parse_simple_word(struct slice word, struct gen_type *ret_type)
{
	for (size_t i = 0; i < sizeof(word_types) / sizeof(*word_types); i++) {
		const struct word_type *w = &word_types[i];

		if (!slice_is(word, w->word))
			continue;
		ret_type->kind = w->kind;
		ret_type->width_bits = w->width_bits;
		if (w->kind != GEN_OPAQUE)
			return 1;
		ret_type->name = strdup(w->word);
		return ret_type->name == NULL ? -ENOMEM : 1;
	}
	return parse_integer_word(word, ret_type) ? 1 : -ENOENT;
}

static int parse_user_type(struct dessser *d, const struct user_type *user,
			   unsigned depth, struct gen_type *ret_type)
{
	struct dessser inner = { .p = { user->text, user->text,
					user->text + strlen(user->text),
					NULL } };
	const int height = parse_item(&inner, depth, ret_type);

	if (height == -EINVAL)
		return parse_nesting(&d->p, depth, GEN_NESTING_MAX);
	if (height < 0)
		return height;
	ret_type->name = strdup(user->name);
	return ret_type->name == NULL ? -ENOMEM : height;
}

/* Behind `this`: the name of what it is a copy of. */
static int parse_this(struct dessser *d, struct gen_type *ret_type)
{
	struct parse ahead = d->p;
	struct slice name;

	ret_type->kind = GEN_THIS;
	parse_blanks(&ahead);
	if (!parse_word(&ahead, &name) || is_reserved(name))
		return 1;
	d->p.at = ahead.at;
	ret_type->name = slice_copy(name);
	if (ret_type->name == NULL ||
	    parse_names_add(&d->referred, name, name.at) < 0)
		return -ENOMEM;
	return 1;
}

static int parse_word_type(struct dessser *d, unsigned depth,
			   struct gen_type *ret_type)
{
	const char *start = d->p.at;
	const struct user_type *user;
	struct slice word;
	int height;

	if (!parse_word(&d->p, &word))
		return parse_expected(&d->p, "a type");
	if (slice_is(word, "this"))
		return parse_this(d, ret_type);
	height = parse_simple_word(word, ret_type);
	if (height != -ENOENT)
		return height;
	user = user_type_find(word);
	if (user != NULL)
		return parse_user_type(d, user, depth, ret_type);
	d->p.at = start;
	return parse_expected(&d->p, "a type");
}

/* ---- brackets ----------------------------------------------------------- */

/* One more member, and its type. */
static int parse_member_type(struct dessser *d, unsigned depth,
			     struct gen_type *type, struct slice name)
{
	int rc;
	struct gen_type *member = parse_member(&d->p, type, name, &rc);

	return member == NULL ? rc : parse_item(d, depth + 1, member);
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
		rc = parse_member_type(d, depth, type, none);
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
	all = parse_member_type(d, depth, type, none);
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
		height = parse_member_type(d, depth, type, none);
		if (height < 0)
			return height;
		all = taller(all, height);
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

		height = parse_name(&d->p, "a field", &name);
		if (height == 0)
			height = parse_names_add(names, name, name.at);
		if (height == 0)
			height = parse_require(&d->p, ":");
		if (height == 0)
			height = parse_member_type(d, depth, type, name);
		if (height < 0)
			return height;
		all = taller(all, height);
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
		return parse_member_type(d, depth, type, name);
	return parse_member(&d->p, type, name, &rc) == NULL ? rc : 1;
}

/* Behind `[`. */
static int parse_alternatives(struct dessser *d, unsigned depth,
			      struct gen_type *type, struct parse_names *names)
{
	int all = 0, height;

	do {
		struct slice name;

		height = parse_name(&d->p, "an alternative", &name);
		if (height == 0)
			height = parse_names_add(names, name, name.at);
		if (height == 0)
			height = parse_alternative(d, depth, type, name);
		if (height < 0)
			return height;
		all = taller(all, height);
	} while (parse_take(&d->p, "|"));
	height = parse_take(&d->p, "]") ? 0
					: parse_expected(&d->p, "'|' or ']'");
	return height < 0 ? height : all + 1;
}

static int parse_record(struct dessser *d, unsigned depth,
			struct gen_type *type)
{
	struct parse_names names = { 0 };
	int height, rc;

	type->kind = GEN_RECORD;
	height = parse_fields(d, depth, type, &names);
	rc = height < 0 ? height
			: parse_names_differ(&d->p, &names, "the field");
	parse_names_release(&names);
	return rc < 0 ? rc : height;
}

static int parse_sum(struct dessser *d, unsigned depth, struct gen_type *type)
{
	struct parse_names names = { 0 };
	int height, rc;

	type->kind = GEN_SUM;
	height = parse_alternatives(d, depth, type, &names);
	rc = height < 0 ? height
			: parse_names_differ(&d->p, &names, "the alternative");
	parse_names_release(&names);
	return rc < 0 ? rc : height;
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
	height = parse_member_type(d, depth, type, none);
	return height < 0 ? height : height + 1;
}

static int parse_clickhouse_quote(struct dessser *d, unsigned depth,
				  struct gen_type *type)
{
	const int height = parse_clickhouse_type(&d->p, depth, type);
	const int rc = height < 0 ? height : parse_require(&d->p, "`");

	return rc < 0 ? rc : height;
}

static int parse_base(struct dessser *d, unsigned depth, struct gen_type *type)
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
	return parse_word_type(d, depth, type);
}

/* ---- behind a type: what it is the item of ------------------------------- */

/* What the type becomes; the height is that of all keys. */
static int wrap(struct gen_type *type, enum gen_kind kind,
		enum gen_collection collection)
{
	const int rc = parse_wrap(type, kind);

	if (rc == 0)
		type->collection = collection;
	return rc;
}

/* The values come first in the text, the keys in the tree. */
static int parse_map(struct dessser *d, unsigned depth, struct gen_type *type)
{
	const struct slice none = { 0 };
	struct gen_type value;
	int height = parse_wrap(type, GEN_MAP);

	if (height == 0)
		height = parse_member_type(d, depth, type, none);
	if (height < 0)
		return height;
	value = type->members[0].type;
	type->members[0].type = type->members[1].type;
	type->members[1].type = value;
	parse_blanks(&d->p);
	if (!parse_take(&d->p, "]"))
		return parse_expected(&d->p, "']'");
	return height;
}

/* Behind `[`: `]`, a length, or the type of keys. */
static int parse_bracket(struct dessser *d, unsigned depth,
			 struct gen_type *type)
{
	static const uint64_t lengths[2] = { 1, PARSE_LENGTH_MAX };
	uint64_t length;
	char next;
	int rc;

	if (parse_take(&d->p, "]"))
		return wrap(type, GEN_ARRAY, GEN_DYNAMIC);
	next = parse_peek(&d->p);
	if (next < '0' || next > '9')
		return parse_map(d, depth, type);
	rc = parse_number(&d->p, "a length", lengths, &length);
	if (rc == 0)
		rc = parse_require(&d->p, "]");
	if (rc == 0)
		rc = wrap(type, GEN_VECTOR, GEN_DYNAMIC);
	if (rc == 0)
		type->length = length;
	return rc;
}

/* `[[]]`. No sum is empty, so nothing else begins like it. */
static bool parse_list_brackets(struct dessser *d)
{
	struct parse ahead = d->p;

	if (!parse_take(&ahead, "[[") || !parse_take(&ahead, "]]"))
		return false;
	d->p.at = ahead.at;
	return true;
}

/* Behind `{`: which kind of set makes no difference to values. */
static int parse_set(struct dessser *d, struct gen_type *type)
{
	static const char *const kinds[] = { "simple",    "sliding",
					     "tumbling",  "sampling",
					     "hashtable", "heap",
					     "top" };
	const size_t count = sizeof(kinds) / sizeof(*kinds);
	const char *start;
	struct slice word;
	size_t i = 0;

	parse_blanks(&d->p);
	start = d->p.at;
	if (parse_word(&d->p, &word)) {
		while (i < count && !slice_is(word, kinds[i]))
			i++;
		if (i == count) {
			d->p.at = start;
			return parse_expected(&d->p, "a kind of set");
		}
	}
	if (!parse_take(&d->p, "}"))
		return parse_expected(&d->p, "a kind of set, or '}'");
	return wrap(type, GEN_ARRAY, GEN_SET);
}

/* One step outwards: the height of what it adds beside the type, 0 if nothing,
 * -ENOENT if there is no further one. */
static int parse_dimension(struct dessser *d, unsigned depth,
			   struct gen_type *type)
{
	if (parse_list_brackets(d))
		return wrap(type, GEN_ARRAY, GEN_LIST);
	if (parse_take(&d->p, "["))
		return parse_bracket(d, depth, type);
	if (parse_take(&d->p, "{"))
		return parse_set(d, type);
	return -ENOENT;
}

static int parse_nullable(struct dessser *d, struct gen_type *type)
{
	if (!parse_take(&d->p, "?"))
		return 0;
	if (type->is_nullable)
		return parse_fail(&d->p, d->p.at - 1, "it is nullable already");
	type->is_nullable = true;
	return parse_nullable(d, type);
}

static int parse_dimensions(struct dessser *d, unsigned depth, int height,
			    struct gen_type *type)
{
	int beside = parse_nullable(d, type);

	while (beside >= 0) {
		beside = parse_dimension(d, depth, type);
		if (beside == -ENOENT)
			return height;
		if (beside < 0)
			break;
		height = 1 + taller(height, beside);
		beside = parse_nesting(&d->p, depth, height);
		if (beside == 0)
			beside = parse_nullable(d, type);
	}
	return beside;
}

/* ---- whole types -------------------------------------------------------- */

/* NAME as: the word, and whether there is one. */
static bool parse_as(struct dessser *d, struct slice *ret_name)
{
	struct parse ahead = d->p;
	struct slice as;

	if (!parse_word(&ahead, ret_name))
		return false;
	parse_blanks(&ahead);
	if (!parse_word(&ahead, &as) || !slice_is(as, "as"))
		return false;
	d->p.at = ahead.at;
	return true;
}

static int name_type(struct dessser *d, struct slice name,
		     struct gen_type *type)
{
	if (is_reserved(name))
		return parse_fail(&d->p, name.at,
				  "'%.*s' can't be the name of a type",
				  (int)name.len, name.at);
	if (type->kind == GEN_THIS || type->kind == GEN_OPAQUE)
		return parse_fail(&d->p, name.at,
				  "'%.*s' names what has a name already",
				  name.len > 40 ? 40 : (int)name.len, name.at);
	free(type->name);
	type->name = slice_copy(name);
	return type->name == NULL
		       ? -ENOMEM
		       : parse_names_add(&d->declared, name, name.at);
}

static int parse_type(struct dessser *d, unsigned depth, struct gen_type *type)
{
	struct slice name;
	bool has_name;
	int height, rc = parse_nesting(&d->p, depth, 1);

	if (rc < 0)
		return rc;
	parse_blanks(&d->p);
	has_name = parse_as(d, &name);
	height = parse_base(d, depth, type);
	if (height >= 0)
		height = parse_dimensions(d, depth, height, type);
	if (height >= 0 && has_name)
		rc = name_type(d, name, type);
	return rc < 0 ? rc : height;
}

static int parse_item(struct dessser *d, unsigned depth, struct gen_type *type)
{
	const int height = parse_type(d, depth, type);
	struct parse ahead = d->p;
	struct slice word;

	if (height < 0)
		return height;
	parse_blanks(&ahead);
	if (!parse_word(&ahead, &word) || !slice_is(word, "default"))
		return height;
	d->p.at = ahead.at;
	type->has_default = true;
	return skip_default(&d->p) < 0 ? -EINVAL : height;
}

int parse_dessser(struct parse *p, struct gen_type *ret_type)
{
	struct dessser d = { .p = *p };
	int rc = parse_item(&d, 1, ret_type);

	parse_blanks(&d.p);
	if (rc >= 0 && d.p.at < d.p.end)
		rc = parse_expected(&d.p, "the end");
	if (rc >= 0)
		rc = parse_names_known(&d.p, &d.declared, &d.referred,
				       "the type");
	parse_names_release(&d.declared);
	parse_names_release(&d.referred);
	return rc < 0 ? rc : 0;
}
