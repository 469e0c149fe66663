#include "tests/lib/gen_scan.h"

/* The decoder of GENERATOR.md 3.4. */

static void read_value(struct scan *s, const struct gen_type *type);
static void read_present(struct scan *s, const struct gen_type *type);

static void read_escape(struct scan *s)
{
	if (scan_take(s, "x"))
		scan_add(s, scan_hex_byte(s));
	else if (scan_peek(s) == '"' || scan_peek(s) == '\\')
		scan_add(s, *s->in.p++);
	else
		input_refuse(&s->in);
}

static void read_string(struct scan *s)
{
	s->text_bytes = 0;
	scan_expect(s, "\"");
	while (!s->in.is_bad && !scan_take(s, "\"")) {
		const int c = scan_peek(s);

		if (c < ' ' || c == 127)
			input_refuse(&s->in);
		else if (scan_take(s, "\\"))
			read_escape(s);
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
	scan_scalar(s, type, SCAN_HEX);
}

static void read_pair(struct scan *s, const struct gen_type *type)
{
	scan_expect(s, "(");
	read_value(s, &type->members[0].type);
	scan_expect(s, " ");
	read_value(s, &type->members[1].type);
	scan_expect(s, ")");
}

static void read_items(struct scan *s, const struct gen_type *type,
		       uint64_t count)
{
	scan_expect(s, "(");
	for (uint64_t i = 0; i < count && !s->in.is_bad; i++) {
		if (i > 0)
			scan_expect(s, " ");
		if (type->kind == GEN_MAP)
			read_pair(s, type);
		else if (type->kind == GEN_VECTOR || type->kind == GEN_ARRAY)
			read_value(s, &type->members[0].type);
		else
			read_value(s, &type->members[i].type);
	}
	scan_expect(s, ")");
}

static void read_counted(struct scan *s, const struct gen_type *type)
{
	const uint64_t count = scan_count(s);

	scan_expect(s, " ");
	events_add(s->in.events, EVENT_COUNT, count);
	read_items(s, type, count);
}

static void read_sum(struct scan *s, const struct gen_type *type)
{
	uint64_t index;

	scan_expect(s, "(");
	index = scan_count(s);
	scan_expect(s, " ");
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
	const bool value = scan_take(s, "T");

	if (!value)
		scan_expect(s, "F");
	scan_bool(s, value);
}

static void read_compound(struct scan *s, const struct gen_type *type)
{
	switch (type->kind) {
	case GEN_BOOL:
		read_bool(s);
		break;
	case GEN_VECTOR:
		read_items(s, type, type->length);
		break;
	case GEN_ARRAY:
	case GEN_MAP:
		read_counted(s, type);
		break;
	case GEN_TUPLE:
	case GEN_RECORD:
		read_items(s, type, type->member_count);
		break;
	case GEN_SUM:
		read_sum(s, type);
		break;
	default:
		input_refuse(&s->in);
		break;
	}
}

static void read_present(struct scan *s, const struct gen_type *type)
{
	if (type->kind == GEN_THIS) {
		if (!input_enter(&s->in))
			return;
		read_present(s, type->target);
		s->in.depth--;
	} else if (scan_is_scalar(type)) {
		read_scalar(s, type);
	} else if (type->kind != GEN_VOID) {
		read_compound(s, type);
	}
}

static void read_value(struct scan *s, const struct gen_type *type)
{
	if (type->is_nullable && scan_take(s, "null"))
		events_add(s->in.events, EVENT_NULL, 0);
	else
		read_present(s, type);
}

static void read_whole(struct scan *s, const struct gen_type *type)
{
	read_value(s, type);
	if (s->options->with_newlines)
		scan_expect(s, "\n");
}

int64_t gen_decode_s_expression(const struct gen_type *type,
				const struct gen_options *options,
				const uint8_t *bytes, size_t len_bytes,
				struct events *ret)
{
	return scan_run(options, bytes, len_bytes, ret, type, read_whole);
}
