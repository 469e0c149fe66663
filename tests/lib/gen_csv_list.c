#include "tests/lib/gen_csv_list.h"

#include <string.h>

/* ClickHouse's notation of values within lists: GENERATOR.md 3.5. */

static void read_value(struct scan *s, const struct gen_type *type);

static void read_escape(struct scan *s)
{
	static const char from[] = "0btnfr'\\", to[] = "\0\b\t\n\f\r'\\";
	const int c = scan_peek(s);
	const char *at = c > 0 ? strchr(from, c) : NULL;

	if (at == NULL) {
		input_refuse(&s->in);
		return;
	}
	s->in.p++;
	scan_add(s, (uint8_t)to[at - from]);
}

static void read_string(struct scan *s)
{
	s->text_bytes = 0;
	scan_expect(s, "'");
	while (!s->in.is_bad && !scan_take(s, "'")) {
		if (scan_take(s, "\\"))
			read_escape(s);
		else if (scan_peek(s) < 0)
			input_refuse(&s->in);
		else
			scan_add(s, *s->in.p++);
	}
}

static void read_scalar(struct scan *s, const struct gen_type *type)
{
	if (scan_is_string(type))
		read_string(s);
	else
		scan_word(s);
	scan_scalar(s, type,
		    s->options->csv.hex_floats ? SCAN_HEX : SCAN_DECIMAL);
}

static void read_chars(struct scan *s, const struct gen_type *type)
{
	read_string(s);
	if (s->text_bytes != type->length)
		input_refuse(&s->in);
	for (size_t i = 0; i < s->text_bytes && !s->in.is_bad; i++)
		events_add(s->in.events, EVENT_INT, s->text[i]);
}

/* How many items come before `close`. */
static uint64_t read_items(struct scan *s, const struct gen_type *type,
			   const char *close)
{
	uint64_t count = 0;

	while (!s->in.is_bad && !scan_take(s, close)) {
		if (count++ > 0)
			scan_expect(s, ",");
		read_value(s, &type->members[0].type);
		if (type->kind == GEN_MAP) {
			scan_expect(s, ":");
			read_value(s, &type->members[1].type);
		}
	}
	return count;
}

static void read_list(struct scan *s, const struct gen_type *type)
{
	const bool is_map = type->kind == GEN_MAP;
	const size_t at = s->in.events->count;
	uint64_t count;

	if (type->kind != GEN_VECTOR)
		events_add(s->in.events, EVENT_COUNT, 0);
	scan_expect(s, is_map ? "{" : "[");
	count = read_items(s, type, is_map ? "}" : "]");
	if (type->kind != GEN_VECTOR)
		s->in.events->list[at].w[0] = count;
	else if (count != type->length)
		input_refuse(&s->in);
}

static void read_tuple(struct scan *s, const struct gen_type *type)
{
	for (size_t i = 0; i < type->member_count && !s->in.is_bad; i++) {
		scan_expect(s, i == 0 ? "(" : ",");
		read_value(s, &type->members[i].type);
	}
	scan_expect(s, ")");
}

static void read_sum(struct scan *s, const struct gen_type *type)
{
	uint64_t index;

	scan_expect(s, "(");
	index = scan_count(s);
	scan_expect(s, ",");
	if (s->in.is_bad || index >= type->member_count) {
		input_refuse(&s->in);
		return;
	}
	events_add(s->in.events, EVENT_CHOICE, index);
	read_value(s, &type->members[index].type);
	scan_expect(s, ")");
}

static void read_bool(struct scan *s)
{
	const bool value = scan_take(s, "true");

	if (!value)
		scan_expect(s, "false");
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

static void read_compound(struct scan *s, const struct gen_type *type)
{
	switch (type->kind) {
	case GEN_VOID:
		scan_expect(s, "NULL");
		break;
	case GEN_BOOL:
		read_bool(s);
		break;
	case GEN_VECTOR:
	case GEN_ARRAY:
	case GEN_MAP:
		read_list(s, type);
		break;
	case GEN_TUPLE:
	case GEN_RECORD:
		read_tuple(s, type);
		break;
	case GEN_SUM:
		read_sum(s, type);
		break;
	default:
		input_refuse(&s->in);
		break;
	}
}

static void read_value(struct scan *s, const struct gen_type *type)
{
	if (type->is_nullable && scan_take(s, "NULL"))
		events_add(s->in.events, EVENT_NULL, 0);
	else if (scan_is_scalar(type))
		read_scalar(s, type);
	else if (is_chars(type))
		read_chars(s, type);
	else
		read_compound(s, type);
}

bool csv_list_read(const uint8_t *text, size_t len_bytes, struct events *events,
		   const struct gen_type *type)
{
	static const struct gen_options options;

	return scan_run(&options, text, len_bytes, events, type, read_value) ==
	       (int64_t)len_bytes;
}
