#include "generator/dessser.h"

#include <errno.h>
#include <stdlib.h>

/* ---- behind a type: what it is the item of ------------------------------- */

/* The type becomes the item of one of this kind. Nothing is beside it. */
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
	int rc, height = parse_wrap(type, GEN_MAP);

	if (height == 0)
		height = dessser_member(d, depth, type, none);
	if (height < 0)
		return height;
	value = type->members[0].type;
	type->members[0].type = type->members[1].type;
	type->members[1].type = value;
	rc = parse_require(&d->p, "]");
	return rc < 0 ? rc : height;
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
		height = 1 + parse_taller(height, beside);
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
	if (dessser_is_reserved(name))
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
	height = dessser_base(d, depth, type);
	if (height >= 0)
		height = parse_dimensions(d, depth, height, type);
	if (height >= 0 && has_name)
		rc = name_type(d, name, type);
	return rc < 0 ? rc : height;
}

int dessser_item(struct dessser *d, unsigned depth, struct gen_type *type)
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
	return dessser_default(&d->p) < 0 ? -EINVAL : height;
}

int parse_dessser(struct parse *p, struct gen_type *ret_type)
{
	struct dessser d = { .p = *p };
	int rc = dessser_item(&d, 1, ret_type);

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
