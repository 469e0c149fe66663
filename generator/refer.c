#include "generator/refer.h"
#include "generator/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Targets are found once the tree is complete, as its parts move while it
 * grows. A type that is copied lies outside of what is being walked, or it
 * would be an ancestor, so the copy is walked as if it had been written there.
 */

struct named {
	const struct gen_type *type;
	size_t number; /* in the order of the text */
};

struct walk {
	struct gen_type *root;
	struct named *named;
	size_t named_count;
	struct gen_error *error;
	size_t type_count;
	const struct gen_type *above[GEN_NESTING_MAX];
	unsigned depth; /* of `above` */
};

/* ---- copies ------------------------------------------------------------- */

static int copy_members(const struct gen_type *from, struct gen_type *to);

static int copy_text(const char *from, char **to)
{
	*to = from == NULL ? NULL : strdup(from);
	return from != NULL && *to == NULL ? -ENOMEM : 0;
}

static int copy_labels(const struct gen_type *from, struct gen_type *to)
{
	if (from->label_count == 0)
		return 0;
	to->labels = calloc(from->label_count, sizeof(*to->labels));
	if (to->labels == NULL)
		return -ENOMEM;
	for (; to->label_count < from->label_count; to->label_count++) {
		const struct gen_label *label = &from->labels[to->label_count];
		struct gen_label *copy = &to->labels[to->label_count];

		copy->value = label->value;
		if (copy_text(label->text, &copy->text) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* What is copied without what it points to. */
static struct gen_type shallow(const struct gen_type *from)
{
	struct gen_type type = *from;

	type.name = NULL;
	type.members = NULL;
	type.labels = NULL;
	type.member_count = type.label_count = 0;
	type.target = NULL;
	type.draw = (struct gen_draw){ 0 };
	return type;
}

/* A failure leaves what can be cleared. */
static int copy_type(const struct gen_type *from, struct gen_type *to)
{
	*to = shallow(from);
	if (copy_text(from->name, &to->name) < 0 || copy_labels(from, to) < 0)
		return -ENOMEM;
	return copy_members(from, to);
}

static int copy_members(const struct gen_type *from, struct gen_type *to)
{
	int rc = 0;

	if (from->member_count == 0)
		return 0;
	to->members = calloc(from->member_count, sizeof(*to->members));
	if (to->members == NULL)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && i < from->member_count; i++) {
		to->member_count++;
		rc = copy_text(from->members[i].name, &to->members[i].name);
		if (rc == 0)
			rc = copy_type(&from->members[i].type,
				       &to->members[i].type);
	}
	return rc;
}

/* ---- targets ------------------------------------------------------------ */

static bool has_name(const struct gen_type *type, const char *name)
{
	return type->kind != GEN_THIS && type->kind != GEN_OPAQUE &&
	       type->name != NULL && strcmp(type->name, name) == 0;
}

static const struct gen_type *find_above(const struct walk *w, const char *name)
{
	for (unsigned i = w->depth; i > 0; i--)
		if (has_name(w->above[i - 1], name))
			return w->above[i - 1];
	return NULL;
}

/* By name, then as they are written. */
static int compare_names(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	const int order = strcmp(x->type->name, y->type->name);

	return order != 0 ? order
			  : (x->number > y->number) - (x->number < y->number);
}

/* All that has a name, in the order of the text, behind `count` others. NULL:
 * only count. */
static size_t list_named(const struct gen_type *type, struct named *list,
			 size_t count)
{
	if (type->name != NULL && has_name(type, type->name)) {
		if (list != NULL)
			list[count] = (struct named){ type, count };
		count++;
	}
	for (size_t i = 0; i < type->member_count; i++)
		count = list_named(&type->members[i].type, list, count);
	return count;
}

static int index_names(struct walk *w)
{
	w->named_count = list_named(w->root, NULL, 0);
	if (w->named_count == 0)
		return 0;
	w->named = calloc(w->named_count, sizeof(*w->named));
	if (w->named == NULL)
		return -ENOMEM;
	list_named(w->root, w->named, 0);
	qsort(w->named, w->named_count, sizeof(*w->named), compare_names);
	return 0;
}

/* The first one in the text. */
static const struct gen_type *find_named(const struct walk *w, const char *name)
{
	size_t low = 0, high = w->named_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(w->named[middle].type->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == w->named_count || !has_name(w->named[low].type, name))
		return NULL;
	return w->named[low].type;
}

/* The types of a tree, and how many lie within each other at most. */
struct measure {
	size_t count;
	unsigned height;
};

static struct measure measure(const struct gen_type *type)
{
	struct measure all = { 1, 0 };

	for (size_t i = 0; i < type->member_count; i++) {
		const struct measure m = measure(&type->members[i].type);

		all.count += m.count;
		all.height = m.height > all.height ? m.height : all.height;
	}
	all.height++;
	return all;
}

static int paste(struct walk *w, struct gen_type *type)
{
	const struct gen_type *from = find_named(w, type->name);
	struct gen_type copy;
	struct measure size;
	int rc;

	if (from == NULL)
		return gen_error_set(w->error, "no type is called '%s'",
				     type->name);
	size = measure(from);
	w->type_count += size.count;
	if (w->depth + size.height > GEN_NESTING_MAX ||
	    w->type_count > GEN_TYPES_MAX)
		return gen_error_set(w->error,
				     "the copies of '%s' become too many",
				     type->name);
	rc = copy_type(from, &copy);
	copy.is_nullable = type->is_nullable;
	copy.has_default = type->has_default;
	gen_type_clear(type);
	*type = copy;
	return rc;
}

static int refer(struct walk *w, struct gen_type *type);

static int refer_members(struct walk *w, struct gen_type *type)
{
	int rc = 0;

	w->above[w->depth++] = type;
	for (size_t i = 0; rc == 0 && i < type->member_count; i++)
		rc = refer(w, &type->members[i].type);
	w->depth--;
	return rc;
}

static int refer(struct walk *w, struct gen_type *type)
{
	int rc = 0;

	if (type->kind == GEN_THIS) {
		type->target = type->name == NULL ? w->root
						  : find_above(w, type->name);
		if (type->target == NULL)
			rc = paste(w, type);
	}
	return rc < 0 ? rc : refer_members(w, type);
}

/* ---- ends --------------------------------------------------------------- */

static bool member_ends(const struct gen_member *member)
{
	return member->type.has_end || member->type.is_nullable;
}

static bool all_end(const struct gen_type *type)
{
	for (size_t i = 0; i < type->member_count; i++)
		if (!member_ends(&type->members[i]))
			return false;
	return true;
}

static bool one_ends(const struct gen_type *type)
{
	for (size_t i = 0; i < type->member_count; i++)
		if (member_ends(&type->members[i]))
			return true;
	return false;
}

static bool ends(const struct gen_type *type)
{
	switch (type->kind) {
	case GEN_ARRAY:
	case GEN_MAP:
		return true; /* the empty one */
	case GEN_SUM:
		return one_ends(type);
	case GEN_THIS:
		return type->target->has_end;
	default:
		return all_end(type);
	}
}

/* Whether some type has come to have an end, with so many copies of `this`
 * within each other. */
static bool spread_ends(struct gen_type *type, uint8_t calls)
{
	bool has_changed = false;

	for (size_t i = 0; i < type->member_count; i++)
		has_changed |= spread_ends(&type->members[i].type, calls);
	if (type->has_end || !ends(type))
		return has_changed;
	type->has_end = true;
	type->end_calls = calls;
	return true;
}

int gen_refer(struct gen_type *root, struct gen_error *error)
{
	struct walk w = { .root = root, .error = error };
	uint8_t calls = 0;
	int rc;

	w.type_count = measure(root).count;
	rc = index_names(&w);
	if (rc == 0)
		rc = refer(&w, root);
	free(w.named);
	if (rc < 0)
		return rc;
	/* Each round tells what lies in a target that the target has an end,
	 * which takes one copy more; targets lie in each other GEN_NESTING_MAX
	 * deep. */
	while (spread_ends(root, calls))
		calls++;
	return 0;
}
