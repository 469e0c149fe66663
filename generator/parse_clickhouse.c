/*
 * The second grammar: columns as ClickHouse writes them (GENERATOR.md 1.2).
 * Heights and depths are as in dessser.h.
 */
#include "generator/clickhouse_words.h"
#include "generator/parse.h"
#include "generator/parse_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct slice no_name;

/* One more member, and its type. */
static int parse_member_type(struct parse *p, unsigned depth,
			     struct gen_type *type, struct slice name)
{
	int rc;
	struct gen_type *member = parse_member(p, type, name, &rc);

	return member == NULL ? rc
			      : parse_clickhouse_type(p, depth + 1, member);
}

/* ---- arguments of simple types ------------------------------------------- */

static int parse_fixed_string(struct parse *p, struct gen_type *type)
{
	static const uint64_t lengths[2] = { 1, PARSE_LENGTH_MAX };
	struct gen_type *item;
	int rc;

	item = parse_member(p, type, no_name, &rc);
	if (item == NULL)
		return rc;
	item->kind = GEN_CHAR;
	rc = parse_require(p, "(");
	if (rc == 0)
		rc = parse_number(p, "a length", lengths, &type->length);
	if (rc == 0)
		rc = parse_require(p, ")");
	return rc < 0 ? rc : 2;
}

/* Behind `(`, up to `)`: so many digits behind the point. */
static int parse_scale(struct parse *p, struct gen_type *type, uint64_t max)
{
	const uint64_t bounds[2] = { 0, max };
	uint64_t scale;
	int rc = parse_number(p, "a scale", bounds, &scale);

	if (rc == 0)
		rc = parse_require(p, ")");
	if (rc < 0)
		return rc;
	type->scale = (uint16_t)scale;
	return 1;
}

/* The digits that fit such a decimal. */
static unsigned digits_of(unsigned width_bits)
{
	return width_bits == 32    ? 9
	       : width_bits == 64  ? 18
	       : width_bits == 128 ? 38
				   : 76;
}

static int parse_decimal_scale(struct parse *p, struct gen_type *type)
{
	const int rc = parse_require(p, "(");

	type->precision = (uint16_t)digits_of(type->width_bits);
	return rc < 0 ? rc : parse_scale(p, type, type->precision);
}

/* Decimal is Decimal(10, 0), as in ClickHouse; Decimal(P) has no fraction. */
static int parse_decimal(struct parse *p, struct gen_type *type)
{
	static const uint64_t bounds[2] = { 1, 76 };
	uint64_t precision = 10;
	bool has_scale = false;
	int rc = 0;

	if (parse_take(p, "(")) {
		rc = parse_number(p, "a precision", bounds, &precision);
		has_scale = rc == 0 && parse_take(p, ",");
		if (rc == 0 && !has_scale)
			rc = parse_require(p, ")");
	}
	if (rc < 0)
		return rc;
	type->precision = (uint16_t)precision;
	type->width_bits = 32;
	while (digits_of(type->width_bits) < precision)
		type->width_bits = (uint16_t)(type->width_bits * 2);
	return has_scale ? parse_scale(p, type, precision) : 1;
}

/* The name of a time zone: values are seconds whatever it is. */
static int skip_zone(struct parse *p)
{
	char *zone;
	const int rc = parse_clickhouse_text(p, "a time zone", &zone);

	if (rc == 0)
		free(zone);
	return rc;
}

static int parse_date_time(struct parse *p)
{
	int rc;

	if (!parse_take(p, "("))
		return 1;
	rc = skip_zone(p);
	if (rc == 0)
		rc = parse_require(p, ")");
	return rc < 0 ? rc : 1;
}

static int parse_date_time64(struct parse *p, struct gen_type *type)
{
	static const uint64_t bounds[2] = { 0, 9 };
	uint64_t scale = 3;
	int rc = 0;

	if (parse_take(p, "(")) {
		rc = parse_number(p, "a scale", bounds, &scale);
		if (rc == 0 && parse_take(p, ","))
			rc = skip_zone(p);
		if (rc == 0)
			rc = parse_require(p, ")");
	}
	if (rc < 0)
		return rc;
	type->scale = (uint16_t)scale;
	return 1;
}

/* VARCHAR(30), INT(11): what it says of lengths is not enforced. */
static int skip_length(struct parse *p)
{
	static const uint64_t bounds[2] = { 0, UINT32_MAX };
	uint64_t length;
	int rc;

	if (!parse_take(p, "("))
		return 1;
	rc = parse_number(p, "a length", bounds, &length);
	if (rc == 0)
		rc = parse_require(p, ")");
	return rc < 0 ? rc : 1;
}

/* ---- types of types ------------------------------------------------------ */

/* A type and `)`. */
static int parse_last(struct parse *p, unsigned depth, struct gen_type *type)
{
	const int height = parse_clickhouse_type(p, depth, type);
	const int rc = height < 0 ? height : parse_require(p, ")");

	return rc < 0 ? rc : height;
}

/* Nullable(T), LowCardinality(T): the type itself, changed. */
static int parse_inner(struct parse *p, unsigned depth, struct gen_type *type)
{
	const int rc = parse_require(p, "(");

	return rc < 0 ? rc : parse_last(p, depth + 1, type);
}

static int parse_nullable(struct parse *p, unsigned depth,
			  struct gen_type *type)
{
	const char *start = p->at;
	const int height = parse_inner(p, depth, type);

	if (height < 0)
		return height;
	if (type->is_nullable)
		return parse_fail(p, start, "it is nullable already");
	type->is_nullable = true;
	return height;
}

/* SimpleAggregateFunction(f, T) holds what T holds. */
static int parse_aggregate(struct parse *p, unsigned depth,
			   struct gen_type *type)
{
	struct slice function;
	int rc = parse_require(p, "(");

	if (rc == 0)
		rc = parse_name(p, "a function", &function);
	if (rc == 0)
		rc = parse_require(p, ",");
	return rc < 0 ? rc : parse_last(p, depth + 1, type);
}

static int parse_array(struct parse *p, unsigned depth, struct gen_type *type)
{
	int height, rc = parse_require(p, "(");

	if (rc < 0)
		return rc;
	height = parse_member_type(p, depth, type, no_name);
	if (height < 0)
		return height;
	rc = parse_require(p, ")");
	return rc < 0 ? rc : height + 1;
}

static int parse_map(struct parse *p, unsigned depth, struct gen_type *type)
{
	int key, value, rc = parse_require(p, "(");

	if (rc < 0)
		return rc;
	key = parse_member_type(p, depth, type, no_name);
	if (key < 0)
		return key;
	rc = parse_require(p, ",");
	if (rc < 0)
		return rc;
	value = parse_member_type(p, depth, type, no_name);
	if (value < 0)
		return value;
	rc = parse_require(p, ")");
	return rc < 0 ? rc : 1 + parse_taller(key, value);
}

/* ---- tuples -------------------------------------------------------------- */

/*
 * Whether a name comes before the type of an item. A word that is a type all
 * the same may be one: it is if another word follows, as in `date Date`.
 */
static bool has_item_name(struct parse p)
{
	struct slice word;

	parse_blanks(&p);
	if (parse_peek(&p) == '`')
		return true;
	if (clickhouse_word_find(&p) == NULL)
		return parse_word(&p, &word) && !parse_take(&p, "(") &&
		       !parse_take(&p, ",") && !parse_take(&p, ")");
	parse_blanks(&p);
	return parse_word(&p, &word);
}

static int parse_item(struct parse *p, unsigned depth, struct gen_type *type,
		      struct parse_names *names)
{
	struct slice name;
	int rc;

	parse_blanks(p);
	if (type->kind != GEN_RECORD)
		return parse_member_type(p, depth, type, no_name);
	rc = parse_new_name(p, names, "an item", &name);
	return rc < 0 ? rc : parse_member_type(p, depth, type, name);
}

static int parse_items(struct parse *p, unsigned depth, struct gen_type *type,
		       struct parse_names *names)
{
	int all = 0, height;

	do {
		height = parse_item(p, depth, type, names);
		if (height < 0)
			return height;
		all = parse_taller(all, height);
	} while (parse_take(p, ","));
	height = parse_require(p, ")");
	if (height == 0)
		height = parse_names_differ(p, names, "the item");
	return height < 0 ? height : all + 1;
}

/* The first item tells whether all have names. */
static int parse_tuple(struct parse *p, unsigned depth, struct gen_type *type)
{
	struct parse_names names = { 0 };
	int height = parse_require(p, "(");

	if (height < 0)
		return height;
	type->kind = has_item_name(*p) ? GEN_RECORD : GEN_TUPLE;
	height = parse_items(p, depth, type, &names);
	parse_names_release(&names);
	return height;
}

/* Nested(a T, b T) is Array(Tuple(a T, b T)). */
static int parse_nested(struct parse *p, unsigned depth, struct gen_type *type)
{
	struct gen_type *item;
	int height;

	item = parse_member(p, type, no_name, &height);
	if (item == NULL)
		return height;
	height = parse_nesting(p, depth + 1, 1);
	if (height == 0)
		height = parse_tuple(p, depth + 1, item);
	return height < 0 ? height : height + 1;
}

/* ---- types --------------------------------------------------------------- */

static int parse_arguments(struct parse *p, unsigned depth,
			   enum clickhouse_arguments arguments,
			   struct gen_type *type)
{
	switch (arguments) {
	case CLICKHOUSE_NONE:
		return 1;
	case CLICKHOUSE_IGNORED:
		return skip_length(p);
	case CLICKHOUSE_LENGTH:
		return parse_fixed_string(p, type);
	case CLICKHOUSE_PRECISION:
		return parse_decimal(p, type);
	case CLICKHOUSE_SCALE:
		return parse_decimal_scale(p, type);
	case CLICKHOUSE_ZONE:
		return parse_date_time(p);
	case CLICKHOUSE_SCALE_ZONE:
		return parse_date_time64(p, type);
	case CLICKHOUSE_LABELS:
		return parse_clickhouse_labels(p, type);
	case CLICKHOUSE_NULLABLE:
		return parse_nullable(p, depth, type);
	case CLICKHOUSE_SAME:
		return parse_inner(p, depth, type);
	case CLICKHOUSE_AGGREGATE:
		return parse_aggregate(p, depth, type);
	case CLICKHOUSE_ARRAY:
		return parse_array(p, depth, type);
	case CLICKHOUSE_MAP:
		return parse_map(p, depth, type);
	case CLICKHOUSE_TUPLE:
		return parse_tuple(p, depth, type);
	case CLICKHOUSE_NESTED:
		return parse_nested(p, depth, type);
	}
	return -EINVAL;
}

int parse_clickhouse_type(struct parse *p, unsigned depth,
			  struct gen_type *type)
{
	const struct clickhouse_word *word;
	int height, rc = parse_nesting(p, depth, 1);

	if (rc < 0)
		return rc;
	parse_blanks(p);
	word = clickhouse_word_find(p);
	if (word == NULL)
		return parse_expected(p, "a type of ClickHouse");
	type->kind = word->kind;
	type->form = word->form;
	type->is_signed = word->is_signed;
	type->width_bits = word->width_bits;
	height = parse_arguments(p, depth, word->arguments, type);
	rc = height < 0 ? height : parse_nesting(p, depth, height);
	return rc < 0 ? rc : height;
}

/* ---- columns ------------------------------------------------------------- */

static int parse_words(struct parse *p, const char *const *words)
{
	struct slice word;

	for (; *words != NULL; words++) {
		struct parse ahead = *p;

		parse_blanks(&ahead);
		if (!parse_word(&ahead, &word) || !slice_is(word, *words)) {
			parse_blanks(p);
			return parse_expected(p, *words);
		}
		p->at = ahead.at;
	}
	return 0;
}

/* Before the columns. The count is 0 where none is written. */
static int parse_head(struct parse *p, uint64_t *ret_count)
{
	static const char *const format[] = { "columns", "format", "version",
					      NULL };
	static const char *const columns[] = { "columns", NULL };
	static const uint64_t any[2] = { 0, UINT32_MAX };
	static const uint64_t counts[2] = { 1, PARSE_MEMBERS_MAX };
	uint64_t version;
	int rc = 0;

	parse_blanks(p);
	if ((parse_peek(p) | 0x20) == 'c') {
		rc = parse_words(p, format);
		if (rc == 0)
			rc = parse_require(p, ":");
		if (rc == 0)
			rc = parse_number(p, "a version", any, &version);
	}
	parse_blanks(p);
	if (rc < 0 || parse_peek(p) < '0' || parse_peek(p) > '9')
		return rc;
	rc = parse_number(p, "the number of columns", counts, ret_count);
	if (rc == 0)
		rc = parse_words(p, columns);
	return rc < 0 ? rc : parse_require(p, ":");
}

static int parse_column(struct parse *p, struct gen_type *record,
			struct parse_names *names)
{
	struct slice name;
	int rc;

	parse_blanks(p);
	if (parse_peek(p) != '`')
		return parse_expected(p, "a column's name in backquotes");
	rc = parse_new_name(p, names, "a column", &name);
	if (rc == 0)
		rc = parse_member_type(p, 1, record, name);
	return rc < 0 ? rc : 0;
}

static int parse_columns(struct parse *p, struct gen_type *record,
			 struct parse_names *names)
{
	int rc;

	do {
		rc = parse_column(p, record, names);
		parse_blanks(p);
	} while (rc == 0 && p->at < p->end);
	return rc < 0 ? rc : parse_names_differ(p, names, "the column");
}

int parse_clickhouse(struct parse *text, struct gen_type *ret_type)
{
	struct parse_names names = { 0 };
	struct parse p = *text;
	uint64_t count = 0;
	int rc = parse_head(&p, &count);

	ret_type->kind = GEN_RECORD;
	if (rc == 0)
		rc = parse_columns(&p, ret_type, &names);
	parse_names_release(&names);
	if (rc == 0 && count != 0 && count != ret_type->member_count)
		rc = parse_fail(
			&p, p.at, "%llu columns were announced, there are %zu",
			(unsigned long long)count, ret_type->member_count);
	return rc;
}
