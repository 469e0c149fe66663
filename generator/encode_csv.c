#include "generator/encode_text.h"

#include <string.h>

/*
 * A line each, compounds laid out in columns: GENERATOR.md 3.5. With
 * ClickHouse's syntax a vector, an array or a map is one column, a text in
 * quotes, in which ClickHouse's own notation of values holds; l->lists counts
 * those that are around.
 */

static char separator_of(const struct lower *l)
{
	const char separator = l->options->csv.separator;

	return separator != 0 ? separator : ',';
}

static char quote_of(const struct lower *l)
{
	return l->options->csv.quote != 0 ? l->options->csv.quote : '"';
}

static const char *null_of(const struct lower *l)
{
	return l->options->csv.null != NULL ? l->options->csv.null : "\\N";
}

/* ---- what can't be -------------------------------------------------------- */

static bool is_word_char(char x)
{
	return (x >= '0' && x <= '9') || (x >= 'a' && x <= 'z') ||
	       (x >= 'A' && x <= 'Z') || x == '+' || x == '-' || x == '.' ||
	       x == '\r' || x == '\n';
}

/* Whether its first column may be null. */
static bool begins_null(const struct lower *l, const struct gen_type *type)
{
	if (type->is_nullable)
		return true;
	switch (type->kind) {
	case GEN_THIS:
		return begins_null(l, type->target);
	case GEN_VECTOR:
		if (l->options->csv.clickhouse)
			return false;
		return begins_null(l, &type->members[0].type);
	case GEN_TUPLE:
	case GEN_RECORD:
		return begins_null(l, &type->members[0].type);
	default:
		return false;
	}
}

/* Whether what comes behind the "?" of a type may begin with a null. */
static bool is_ambiguous(const struct lower *l, const struct gen_type *type)
{
	struct gen_type present = *type;

	if (!type->is_nullable)
		return false;
	present.is_nullable = false;
	return begins_null(l, &present);
}

static void check_type(struct lower *l, const struct gen_type *type)
{
	if (is_ambiguous(l, type))
		lower_refuse(l, "csv has no way to tell a null from a value "
				"whose first column is null");
	if (l->options->csv.clickhouse && type->kind == GEN_THIS)
		lower_refuse(l, "the csv of ClickHouse has no values that "
				"contain others of their own type");
	for (size_t i = 0; i < type->member_count; i++)
		check_type(l, &type->members[i].type);
}

static void check(struct lower *l, const struct gen_type *type)
{
	const char separator = separator_of(l), quote = quote_of(l);
	const char *null = null_of(l);

	if (is_word_char(separator))
		lower_refuse(l, "the separator of csv is part of numbers or "
				"the end of a line");
	if (is_word_char(quote) || quote == separator)
		lower_refuse(l, "the quote of csv is the separator, part of "
				"numbers or the end of a line");
	if (strchr(null, separator) != NULL || strchr(null, quote) != NULL ||
	    strpbrk(null, "\r\n") != NULL)
		lower_refuse(l, "the null text of csv has the separator, the "
				"quote or the end of a line in it");
	check_type(l, type);
}

/* ---- scalars -------------------------------------------------------------- */

/* Text of the notation within lists: the quote around the list is doubled. */
static void list_text(struct lower *l, const char *text)
{
	char doubled[32];
	size_t len = 0;

	for (; *text != 0; text++) {
		if (*text == quote_of(l))
			doubled[len++] = *text;
		doubled[len++] = *text;
	}
	lower_literal(l, doubled, len);
}

static void quote(struct lower *l)
{
	const char text[] = { quote_of(l), 0 };

	lower_text(l, text);
}

static void put_list_text(struct lower *l, const struct gen_type *type)
{
	if (text_is_plain(l, type)) {
		list_text(l, "'");
		text_plain(l, type);
		list_text(l, "'");
		return;
	}
	lower_put(l, GEN_OP_put_call, GEN_PUT_LIST_TEXT, (uint8_t)quote_of(l),
		  type->kind == GEN_CHAR, 4 * text_max(l, type) + 4);
}

/* Whether a plain text may be the null text, or a part of it. */
static bool is_plain_null(const char *null)
{
	return null[0] != 0 &&
	       null[strspn(null, "abcdefghijklmnopqrstuvwxyz0123456789")] == 0;
}

/* It is quoted only where it has to be. */
static void put_bare_text(struct lower *l, const struct gen_type *type)
{
	const uint64_t both = 0x0101 * (uint64_t)(uint8_t)quote_of(l);
	const char *null = null_of(l);
	uint64_t b = (uint8_t)separator_of(l), c = 0;

	if (text_is_plain(l, type) && !is_plain_null(null)) {
		if (type->kind == GEN_CHAR)
			text_plain(l, type);
		else
			lower_put(l, GEN_OP_put_text_or, 2, both, 0,
				  text_max(l, type) + 2);
		return;
	}
	b |= (uint64_t)(uint8_t)quote_of(l) << GEN_CSV_QUOTE_SHIFT;
	b |= (strlen(null) & 0xffff) << GEN_CSV_NULL_SHIFT;
	b |= (uint64_t)(type->kind == GEN_CHAR) << GEN_CSV_CHAR_SHIFT;
	for (size_t i = 0; i < 8 && null[i] != 0; i++)
		c |= (uint64_t)(uint8_t)null[i] << 8 * i;
	lower_put(l, GEN_OP_put_call, GEN_PUT_CSV_TEXT, b, c,
		  2 * text_max(l, type) + 2);
}

static void put_text(struct lower *l, const struct gen_type *type)
{
	if (l->lists > 0) {
		put_list_text(l, type);
	} else if (l->options->csv.quote == 0) {
		put_bare_text(l, type);
	} else if (text_is_plain(l, type)) {
		quote(l);
		text_plain(l, type);
		quote(l);
	} else {
		lower_put(l, GEN_OP_put_call, GEN_PUT_CSV_QUOTED,
			  (uint8_t)quote_of(l), type->kind == GEN_CHAR,
			  2 * text_max(l, type) + 2);
	}
}

/* Of what words consist of, only the colons of an address may separate. */
static void put_word(struct lower *l, const struct gen_type *type)
{
	const bool is_quoted =
		l->options->csv.quote != 0 ||
		(type->form == GEN_IPV6 && separator_of(l) == ':');

	if (l->lists > 0)
		list_text(l, "'");
	else if (is_quoted)
		quote(l);
	text_bare(l, type);
	if (l->lists > 0)
		list_text(l, "'");
	else if (is_quoted)
		quote(l);
}

static void scalar(struct lower *l, const struct gen_type *type)
{
	const struct gen_csv_options *csv = &l->options->csv;

	switch (text_shape_of(type)) {
	case TEXT_NUMBER:
		text_bare(l, type);
		break;
	case TEXT_BOOL:
		text_bool(l, csv->clickhouse ? "false" : "F",
			  csv->clickhouse ? "true" : "T");
		break;
	case TEXT_FLOAT:
		text_float(l, type,
			   csv->hex_floats ? GEN_PUT_HEX_FLOAT : GEN_PUT_FLOAT);
		break;
	case TEXT_WORD:
		put_word(l, type);
		break;
	case TEXT_TEXT:
		put_text(l, type);
		break;
	}
}

static void null(struct lower *l, const struct gen_type *type)
{
	(void)type;
	lower_text(l, l->lists > 0 ? "NULL" : null_of(l));
}

/* ---- compounds ------------------------------------------------------------ */

static void separate(struct lower *l)
{
	const char text[] = { separator_of(l), 0 };

	if (l->lists > 0)
		list_text(l, ",");
	else
		lower_text(l, text);
}

static bool is_list(const struct gen_type *type)
{
	return type->kind == GEN_VECTOR || type->kind == GEN_ARRAY ||
	       type->kind == GEN_MAP;
}

static bool is_bracketed(const struct lower *l, const struct gen_type *type)
{
	return l->options->csv.clickhouse && is_list(type);
}

static void open(struct lower *l, const struct gen_type *type)
{
	if (is_bracketed(l, type)) {
		if (l->lists++ == 0)
			quote(l);
		list_text(l, type->kind == GEN_MAP ? "{" : "[");
	} else if (l->lists > 0) {
		list_text(l, "(");
	} else if (type->kind == GEN_ARRAY || type->kind == GEN_MAP) {
		lower_put(l, GEN_OP_put_dec, 0, 0, 0, 20);
		separate(l);
	}
}

static void close(struct lower *l, const struct gen_type *type)
{
	if (is_bracketed(l, type)) {
		list_text(l, type->kind == GEN_MAP ? "}" : "]");
		if (--l->lists == 0)
			quote(l);
	} else if (l->lists > 0) {
		list_text(l, ")");
	}
}

static void item(struct lower *l, const struct gen_type *type, size_t index)
{
	if (type->kind != GEN_MAP || index == 0)
		return;
	if (l->lists > 0)
		list_text(l, ":");
	else
		separate(l);
}

static void between(struct lower *l, const struct gen_type *type)
{
	(void)type;
	separate(l);
}

/* An alternative without a value has a column without text; in a list it is
 * NULL. */
static void choose(struct lower *l, const struct gen_type *type, size_t index)
{
	if (l->lists > 0)
		list_text(l, "(");
	text_index(l, "", index, "");
	separate(l);
	if (l->lists > 0 && type->members[index].type.kind == GEN_VOID)
		null(l, type);
}

static void chosen(struct lower *l, const struct gen_type *type, size_t index)
{
	(void)type;
	(void)index;
	if (l->lists > 0)
		list_text(l, ")");
}

static void end(struct lower *l, const struct gen_type *type)
{
	(void)type;
	lower_text(l, "\n");
}

const struct gen_encoding gen_encode_csv = {
	.name = "csv",
	.check = check,
	.end = end,
	.chars_are_text = true,
	.scalar = scalar,
	.null = null,
	.open = open,
	.close = close,
	.item = item,
	.between = between,
	.choose = choose,
	.chosen = chosen,
};
