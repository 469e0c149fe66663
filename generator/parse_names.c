#include "generator/parse_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int parse_names_add(struct parse_names *names, struct slice name,
		    const char *at)
{
	struct parse_place *list =
		parse_grow(names->list, names->count, sizeof(*list));

	if (list == NULL)
		return -ENOMEM;
	names->list = list;
	list[names->count++] = (struct parse_place){ name, at };
	return 0;
}

int parse_new_name(struct parse *p, struct parse_names *names, const char *what,
		   struct slice *ret_name)
{
	const char *start;
	int rc;

	parse_blanks(p);
	start = p->at;
	rc = parse_name(p, what, ret_name);
	return rc < 0 ? rc : parse_names_add(names, *ret_name, start);
}

static int compare_slices(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return memcmp(a.at, b.at, a.len);
}

/* By name, then as they are written. */
static int compare_places(const void *a, const void *b)
{
	const struct parse_place *x = a, *y = b;
	const int order = compare_slices(x->name, y->name);

	return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* So much of a name fits into a message. */
static int shown(struct slice name)
{
	return name.len > 100 ? 100 : (int)name.len;
}

int parse_names_differ(struct parse *p, struct parse_names *names,
		       const char *what)
{
	const struct parse_place *twice = NULL, *place = names->list;
	unsigned line, column;

	if (names->count < 2)
		return 0;
	qsort(names->list, names->count, sizeof(*place), compare_places);
	for (size_t i = 1; i < names->count; i++, place++)
		if (compare_slices(place[0].name, place[1].name) == 0 &&
		    (twice == NULL || place[1].at < twice[1].at))
			twice = place;
	if (twice == NULL)
		return 0;
	parse_place(p, twice[0].at, &line, &column);
	return parse_fail(p, twice[1].at,
			  "%s '%.*s' is there already, at line %u, column %u",
			  what, shown(twice->name), twice->name.at, line,
			  column);
}

static int compare_names(const void *a, const void *b)
{
	const struct parse_place *x = a, *y = b;

	return compare_slices(x->name, y->name);
}

int parse_names_known(struct parse *p, struct parse_names *names,
		      const struct parse_names *used, const char *what)
{
	if (names->count > 1)
		qsort(names->list, names->count, sizeof(*names->list),
		      compare_names);
	for (size_t i = 0; i < used->count; i++) {
		const struct parse_place *place = &used->list[i];

		if (names->count > 0 &&
		    bsearch(place, names->list, names->count, sizeof(*place),
			    compare_names) != NULL)
			continue;
		return parse_fail(p, place->at, "%s '%.*s' is not there", what,
				  shown(place->name), place->name.at);
	}
	return 0;
}

void parse_names_release(struct parse_names *names)
{
	free(names->list);
}
