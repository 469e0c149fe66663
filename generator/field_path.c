#include "generator/field_path.h"
#include "generator/error.h"

#include <stdio.h>
#include <string.h>

struct path {
	const char *start, *at, *end;
	struct gen_error *error;
};

size_t field_path_length(const char *word)
{
	bool is_quoted = false;
	size_t len = 0;

	for (; word[len] != '\0' && (is_quoted || word[len] != '='); len++)
		is_quoted ^= word[len] == '`';
	return len;
}

/* ---- errors -------------------------------------------------------------- */

/* The characters of a fixed string are not drawn one by one. */
static bool has_items(const struct gen_type *type)
{
	return type->form != GEN_FIXED_STRING;
}

/* The first names, as far as they fit. */
static void list_names(const struct gen_type *type, char *buf, size_t size)
{
	size_t len = 0, i;

	*buf = '\0';
	for (i = 0; i < type->member_count; i++) {
		const char *name = type->members[i].name;
		const size_t more = strlen(name) + sizeof("'', ");

		if (len + more + sizeof(", ...") > size)
			break;
		len += (size_t)sprintf(buf + len, "%s'%s'", i > 0 ? ", " : "",
				       name);
	}
	if (i < type->member_count)
		strcat(buf, i > 0 ? ", ..." : "...");
}

/* What there is instead of what the path asks for. */
static void list_steps(const struct gen_type *type, char *buf, size_t size)
{
	switch (type->kind) {
	case GEN_RECORD:
	case GEN_SUM:
		list_names(type, buf, size);
		break;
	case GEN_TUPLE:
		snprintf(buf, size, "'0' to '%zu'", type->member_count - 1);
		break;
	case GEN_MAP:
		snprintf(buf, size, "'key' and 'value'");
		break;
	case GEN_VECTOR:
	case GEN_ARRAY:
		snprintf(buf, size, has_items(type) ? "'[]'" : "nothing");
		break;
	case GEN_THIS:
		snprintf(buf, size, "what the type it is a copy of has");
		break;
	default:
		snprintf(buf, size, "nothing");
		break;
	}
}

static int shown(size_t len)
{
	return len > 60 ? 60 : (int)len;
}

static int fail_step(const struct path *p, const struct gen_type *type)
{
	char steps[120];

	list_steps(type, steps, sizeof(steps));
	if (p->at == p->start)
		return gen_error_set(p->error, "no field '%.*s': there is %s",
				     shown((size_t)(p->end - p->start)),
				     p->start, steps);
	return gen_error_set(p->error, "no field '%.*s': in '%.*s' there is %s",
			     shown((size_t)(p->end - p->start)), p->start,
			     shown((size_t)(p->at - p->start)), p->start,
			     steps);
}

/* ---- steps --------------------------------------------------------------- */

/* How much of the path the name is: all up to a point, a bracket or the end;
 * 0: it is not next. */
static size_t match_name(const struct path *p, const char *name)
{
	const char *at = p->at;
	const bool is_quoted = at < p->end && *at == '`';
	const size_t len = strlen(name);

	at += is_quoted;
	if ((size_t)(p->end - at) < len + is_quoted ||
	    memcmp(at, name, len) != 0)
		return 0;
	at += len;
	if (is_quoted && *at++ != '`')
		return 0;
	if (at < p->end && *at != '.' && *at != '[')
		return 0;
	return (size_t)(at - p->at);
}

/* The longest one counts: names may have points. */
static struct gen_type *step_name(struct path *p, struct gen_type *type)
{
	struct gen_type *found = NULL;
	size_t best = 0;

	for (size_t i = 0; i < type->member_count; i++) {
		const size_t len = match_name(p, type->members[i].name);

		if (len <= best)
			continue;
		best = len;
		found = &type->members[i].type;
	}
	p->at += best;
	return found;
}

static struct gen_type *step_index(struct path *p, struct gen_type *type)
{
	char index[24];

	for (size_t i = 0; i < type->member_count; i++) {
		size_t len;

		snprintf(index, sizeof(index), "%zu", i);
		len = match_name(p, index);
		p->at += len;
		if (len > 0)
			return &type->members[i].type;
	}
	return NULL;
}

static struct gen_type *step_map(struct path *p, struct gen_type *type)
{
	const size_t key = match_name(p, "key"), value = match_name(p, "value");

	p->at += key + value;
	if (key + value == 0)
		return NULL;
	return &type->members[key > 0 ? 0 : 1].type;
}

static struct gen_type *step_items(struct path *p, struct gen_type *type)
{
	if (p->end - p->at < 2 || memcmp(p->at, "[]", 2) != 0)
		return NULL;
	p->at += 2;
	return &type->members[0].type;
}

static struct gen_type *step(struct path *p, struct gen_type *type)
{
	switch (type->kind) {
	case GEN_RECORD:
	case GEN_SUM:
		return step_name(p, type);
	case GEN_TUPLE:
		return step_index(p, type);
	case GEN_MAP:
		return step_map(p, type);
	case GEN_ARRAY:
	case GEN_VECTOR:
		return has_items(type) ? step_items(p, type) : NULL;
	default:
		return NULL;
	}
}

/* A point comes before a name that isn't the first, and before nothing else. */
static struct gen_type *step_on(struct path *p, struct gen_type *type)
{
	const bool is_first = p->at == p->start;
	const bool is_name = is_first ? *p->at != '[' : *p->at == '.';

	if (is_name && !is_first)
		p->at++;
	if (is_name == (p->at < p->end && *p->at == '['))
		return NULL;
	return step(p, type);
}

int field_path_find(struct gen_type *root, struct slice path,
		    struct gen_error *error, struct gen_type **ret_type)
{
	struct path p = { path.at, path.at, path.at + path.len, error };
	struct gen_type *type = root;

	if (path.len == 0)
		return gen_error_set(error, "expected NAME=KIND:...");
	if (path.len == 1 && *path.at == '.')
		p.at = p.end;
	while (p.at < p.end) {
		struct path next = p;
		struct gen_type *inner = step_on(&next, type);

		if (inner == NULL)
			return fail_step(&p, type);
		type = inner;
		p.at = next.at;
	}
	*ret_type = type;
	return 0;
}
