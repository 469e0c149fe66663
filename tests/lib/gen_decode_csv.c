#include "tests/lib/gen_csv_list.h"

#include <string.h>

/* The decoder of GENERATOR.md 3.5. */

static void read_value(struct scan *s, const struct gen_type *type);
static void read_present(struct scan *s, const struct gen_type *type);

static int separator_of(const struct scan *s)
{
	const char separator = s->options->csv.separator;

	return separator != 0 ? (uint8_t)separator : ',';
}

static int quote_of(const struct scan *s)
{
	const char quote = s->options->csv.quote;

	return quote != 0 ? (uint8_t)quote : '"';
}

/* ---- columns -------------------------------------------------------------- */

static void read_quoted(struct scan *s)
{
	for (s->in.p++; !s->in.is_bad;) {
		const uint8_t *byte = input_take(&s->in, 1);

		if (byte == NULL)
			return;
		if (*byte == quote_of(s)) {
			if (scan_peek(s) != quote_of(s))
				return;
			s->in.p++;
		}
		scan_add(s, *byte);
	}
}

/* The next column becomes the text, and what ends it is taken. Whether it was
 * quoted. */
static bool read_column(struct scan *s)
{
	const bool is_quoted = scan_peek(s) == quote_of(s);

	s->text_bytes = 0;
	if (is_quoted)
		read_quoted(s);
	while (!is_quoted && scan_peek(s) != separator_of(s) &&
	       scan_peek(s) != '\n' && scan_peek(s) >= 0)
		scan_add(s, *s->in.p++);
	if (scan_peek(s) != separator_of(s) && scan_peek(s) != '\n')
		input_refuse(&s->in);
	else
		s->in.p++;
	return is_quoted;
}

static void read_bare(struct scan *s)
{
	if (read_column(s))
		input_refuse(&s->in);
}

static bool is_text(const struct scan *s, const char *text)
{
	return s->text_bytes == strlen(text) &&
	       memcmp(s->text, text, s->text_bytes) == 0;
}

/* Whether the next column is null; then it is taken. */
static bool take_null(struct scan *s)
{
	const char *null = s->options->csv.null;
	const uint8_t *before = s->in.p;

	if (!read_column(s) && is_text(s, null != NULL ? null : "\\N"))
		return true;
	if (!s->in.is_bad)
		s->in.p = before;
	return false;
}

static uint64_t read_index(struct scan *s)
{
	uint64_t ret = 0;

	read_bare(s);
	if (s->text_bytes == 0 || s->text_bytes > 18)
		input_refuse(&s->in);
	for (size_t i = 0; i < s->text_bytes && !s->in.is_bad; i++) {
		if (s->text[i] < '0' || s->text[i] > '9')
			input_refuse(&s->in);
		ret = ret * 10 + (uint64_t)(s->text[i] - '0');
	}
	return ret;
}

static void read_empty(struct scan *s)
{
	read_bare(s);
	if (s->text_bytes > 0)
		input_refuse(&s->in);
}

/* ---- scalars -------------------------------------------------------------- */

static bool has_own_quote(const struct scan *s)
{
	return s->options->csv.quote != 0;
}

static void read_scalar(struct scan *s, const struct gen_type *type)
{
	const bool is_quoted = read_column(s);

	if (is_quoted && !scan_is_string(type))
		input_refuse(&s->in);
	if (!is_quoted && scan_is_string(type) && has_own_quote(s))
		input_refuse(&s->in);
	scan_scalar(s, type,
		    s->options->csv.hex_floats ? SCAN_HEX : SCAN_DECIMAL);
}

static void read_bool(struct scan *s)
{
	const bool is_word = s->options->csv.clickhouse;
	bool value;

	read_bare(s);
	value = is_text(s, is_word ? "true" : "T");
	if (!value && !is_text(s, is_word ? "false" : "F"))
		input_refuse(&s->in);
	scan_bool(s, value);
}

static bool is_chars(const struct gen_type *type)
{
	const struct gen_type *item;

	if (type->kind != GEN_VECTOR)
		return false;
	item = &type->members[0].type;
	return item->kind == GEN_CHAR && !item->is_nullable;
}

static void read_chars(struct scan *s, const struct gen_type *type)
{
	read_column(s);
	if (s->text_bytes != type->length)
		input_refuse(&s->in);
	for (size_t i = 0; i < s->text_bytes && !s->in.is_bad; i++)
		events_add(s->in.events, EVENT_INT, s->text[i]);
}

/* ---- compounds ------------------------------------------------------------ */

static void read_members(struct scan *s, const struct gen_type *type)
{
	for (size_t i = 0; i < type->member_count && !s->in.is_bad; i++)
		read_value(s, &type->members[i].type);
}

static void read_times(struct scan *s, const struct gen_type *type,
		       uint64_t count)
{
	for (uint64_t i = 0; i < count && !s->in.is_bad; i++)
		read_members(s, type);
}

static void read_counted(struct scan *s, const struct gen_type *type)
{
	const uint64_t count = read_index(s);

	events_add(s->in.events, EVENT_COUNT, count);
	if (count == 0)
		read_empty(s);
	read_times(s, type, count);
}

static void read_sum(struct scan *s, const struct gen_type *type)
{
	const uint64_t index = read_index(s);

	if (s->in.is_bad || index >= type->member_count) {
		input_refuse(&s->in);
		return;
	}
	events_add(s->in.events, EVENT_CHOICE, index);
	read_value(s, &type->members[index].type);
}

/* A column that holds a list. */
static void read_list(struct scan *s, const struct gen_type *type)
{
	if (!read_column(s) || s->in.is_bad ||
	    !csv_list_read(s->text, s->text_bytes, s->in.events, type))
		input_refuse(&s->in);
}

static void read_this(struct scan *s, const struct gen_type *type)
{
	if (!input_enter(&s->in))
		return;
	read_present(s, type->target);
	s->in.depth--;
}

static void read_columns(struct scan *s, const struct gen_type *type)
{
	switch (type->kind) {
	case GEN_VOID:
		read_empty(s);
		break;
	case GEN_BOOL:
		read_bool(s);
		break;
	case GEN_VECTOR:
		read_times(s, type, type->length);
		break;
	case GEN_ARRAY:
	case GEN_MAP:
		read_counted(s, type);
		break;
	case GEN_TUPLE:
	case GEN_RECORD:
		read_members(s, type);
		break;
	case GEN_SUM:
		read_sum(s, type);
		break;
	case GEN_THIS:
		read_this(s, type);
		break;
	default:
		input_refuse(&s->in);
		break;
	}
}

static void read_present(struct scan *s, const struct gen_type *type)
{
	const bool is_list = type->kind == GEN_VECTOR ||
			     type->kind == GEN_ARRAY || type->kind == GEN_MAP;

	if (scan_is_scalar(type))
		read_scalar(s, type);
	else if (is_chars(type))
		read_chars(s, type);
	else if (is_list && s->options->csv.clickhouse)
		read_list(s, type);
	else
		read_columns(s, type);
}

static void read_value(struct scan *s, const struct gen_type *type)
{
	if (type->is_nullable && take_null(s))
		events_add(s->in.events, EVENT_NULL, 0);
	else
		read_present(s, type);
}

/* Each column took the separator behind it; the last one, the line feed. */
static void read_line(struct scan *s, const struct gen_type *type)
{
	read_value(s, type);
	if (!s->in.is_bad && s->in.p[-1] != '\n')
		input_refuse(&s->in);
}

int64_t gen_decode_csv(const struct gen_type *type,
		       const struct gen_options *options, const uint8_t *bytes,
		       size_t len_bytes, struct events *ret)
{
	return scan_run(options, bytes, len_bytes, ret, type, read_line);
}
