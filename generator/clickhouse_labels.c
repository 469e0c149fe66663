#include "generator/clickhouse_words.h"
#include "generator/hex.h"
#include "generator/parse_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts --------------------------------------------------------------- */

/* Behind a backslash. -1: nothing can be so escaped. */
static int parse_escape(struct parse *p)
{
	static const char letters[] = "abfnrtve",
			  values[] = "\a\b\f\n\r\t\v\33";
	const char c = parse_peek(p);
	const char *letter = c == '\0' ? NULL : strchr(letters, c);
	int high, low;

	if (p->at == p->end)
		return -1;
	p->at++;
	if (letter != NULL)
		return values[letter - letters];
	if (c != 'x')
		return (unsigned char)c; /* a quote, a backslash */
	if (p->end - p->at < 2)
		return -1;
	high = hex_digit(p->at[0]);
	low = hex_digit(p->at[1]);
	p->at += 2;
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

enum { END_OF_TEXT = 0 };

/* The next character, or END_OF_TEXT, or -EINVAL. */
static int parse_character(struct parse *p)
{
	const char *start = p->at;
	int c;

	if (p->at == p->end)
		return parse_expected(p, "a closing quote");
	c = (unsigned char)*p->at++;
	if (c == '\'' && parse_peek(p) != '\'')
		return END_OF_TEXT;
	if (c == '\'')
		p->at++; /* two of them are one */
	else if (c == '\\')
		c = parse_escape(p);
	if (c > 0)
		return c;
	return parse_fail(p, start,
			  c == 0 ? "NUL can't be in a text"
				 : "this is no escape");
}

int parse_clickhouse_text(struct parse *p, const char *what, char **ret_text)
{
	char text[1024], *end = text;
	const char *start;
	int c;

	parse_blanks(p);
	start = p->at;
	if (!parse_take(p, "'"))
		return parse_expected(p, what);
	while ((c = parse_character(p)) > 0) {
		if (end == text + sizeof(text) - 1)
			return parse_fail(p, start, "%s is longer than %zu",
					  what, sizeof(text) - 1);
		*end++ = (char)c;
	}
	if (c != END_OF_TEXT)
		return c;
	*end = '\0';
	*ret_text = strdup(text);
	return *ret_text == NULL ? -ENOMEM : 0;
}

/* ---- labels -------------------------------------------------------------- */

/* What is known of the labels while they are read. */
struct labels {
	struct parse_names names;
	int64_t next;                 /* for one without a value */
	uint8_t taken[(1 << 16) / 8]; /* values, from the least on */
};

/* = and the value, or the one behind the last. */
static int parse_value(struct parse *p, int64_t *value)
{
	static const uint64_t any[2] = { 0, UINT32_MAX };
	uint64_t number;
	bool is_negative;
	int rc;

	if (!parse_take(p, "="))
		return 0;
	is_negative = parse_take(p, "-");
	rc = parse_number(p, "a value", any, &number);
	if (rc == 0)
		*value = is_negative ? -(int64_t)number : (int64_t)number;
	return rc;
}

static int check_value(struct parse *p, const struct gen_type *type,
		       struct labels *labels, int64_t value)
{
	const int64_t bound = type->width_bits == 8 ? 1 << 7 : 1 << 15;
	const uint64_t bit = (uint64_t)(value + (1 << 15));

	if (value < -bound || value >= bound)
		return parse_fail(
			p, p->at,
			"expected a value from %lld to %lld, met %lld",
			(long long)-bound, (long long)bound - 1,
			(long long)value);
	if ((labels->taken[bit / 8] >> bit % 8 & 1) != 0)
		return parse_fail(p, p->at, "the value %lld is there already",
				  (long long)value);
	labels->taken[bit / 8] |= (uint8_t)(1 << bit % 8);
	labels->next = value + 1;
	return 0;
}

static int parse_label(struct parse *p, struct gen_type *type,
		       struct labels *labels)
{
	struct gen_label *list, *label;
	const char *start;
	int rc;

	list = parse_grow(type->labels, type->label_count, sizeof(*list));
	if (list == NULL)
		return -ENOMEM;
	type->labels = list;
	parse_blanks(p);
	start = p->at;
	label = &list[type->label_count];
	rc = parse_clickhouse_text(p, "a label", &label->text);
	if (rc < 0)
		return rc;
	type->label_count++;
	label->value = labels->next;
	rc = parse_value(p, &label->value);
	if (rc == 0)
		rc = check_value(p, type, labels, label->value);
	if (rc == 0)
		rc = parse_names_add(
			&labels->names,
			(struct slice){ label->text, strlen(label->text) },
			start);
	return rc;
}

/* Enum is Enum8 where that is enough. */
static uint16_t width_of(const struct gen_type *type)
{
	for (size_t i = 0; i < type->label_count; i++)
		if (type->labels[i].value < INT8_MIN ||
		    type->labels[i].value > INT8_MAX)
			return 16;
	return 8;
}

int parse_clickhouse_labels(struct parse *p, struct gen_type *type)
{
	struct labels labels = { .next = 1 };
	int rc = parse_require(p, "(");

	while (rc == 0) {
		rc = parse_label(p, type, &labels);
		if (rc < 0 || !parse_take(p, ","))
			break;
	}
	if (rc == 0)
		rc = parse_require(p, ")");
	if (rc == 0)
		rc = parse_names_differ(p, &labels.names, "the label");
	parse_names_release(&labels.names);
	if (rc == 0 && type->width_bits == 0)
		type->width_bits = width_of(type);
	return rc < 0 ? rc : 1;
}
