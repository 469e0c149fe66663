#include "tests/lib/gen_scan.h"

#include <string.h>

/* The decoder of GENERATOR.md 3.6. */

static void read_value(struct scan *s, const struct gen_type *type);
static void read_present(struct scan *s, const struct gen_type *type);

/* ---- strings -------------------------------------------------------------- */

static void read_escape(struct scan *s)
{
	static const char from[] = "bfnrt\"\\/", to[] = "\b\f\n\r\t\"\\/";
	const int c = scan_peek(s);
	const char *at = c > 0 ? strchr(from, c) : NULL;

	if (scan_take(s, "u00")) {
		scan_add(s, scan_hex_byte(s));
	} else if (at != NULL) {
		s->in.p++;
		scan_add(s, (uint8_t)to[at - from]);
	} else {
		input_refuse(&s->in);
	}
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

static bool is_text(const struct scan *s, const char *text)
{
	return s->text_bytes == strlen(text) &&
	       memcmp(s->text, text, s->text_bytes) == 0;
}

static void read_scalar(struct scan *s, const struct gen_type *type)
{
	if (scan_is_string(type))
		read_string(s);
	else
		scan_word(s);
	scan_scalar(s, type, SCAN_JSON);
}

/* ---- compounds ------------------------------------------------------------ */

/* Whether one more item comes, behind a comma if it isn't the first one; if
 * none does, `close` is taken. */
static bool read_more(struct scan *s, uint64_t index, const char *close)
{
	if (s->in.is_bad || scan_take(s, close))
		return false;
	if (index > 0)
		scan_expect(s, ",");
	return !s->in.is_bad;
}

static void read_pair(struct scan *s, const struct gen_type *type,
		      bool is_member)
{
	if (!is_member)
		scan_expect(s, "[");
	read_value(s, &type->members[0].type);
	scan_expect(s, is_member ? ":" : ",");
	read_value(s, &type->members[1].type);
	if (!is_member)
		scan_expect(s, "]");
}

/* How many there are turns out at the end. */
static void read_counted(struct scan *s, const struct gen_type *type)
{
	const struct gen_type *key = &type->members[0].type;
	const bool is_object = type->kind == GEN_MAP && !key->is_nullable &&
			       scan_is_string(key);
	const size_t at = s->in.events->count;
	uint64_t count = 0;

	events_add(s->in.events, EVENT_COUNT, 0);
	scan_expect(s, is_object ? "{" : "[");
	for (; read_more(s, count, is_object ? "}" : "]"); count++) {
		if (type->kind == GEN_MAP)
			read_pair(s, type, is_object);
		else
			read_value(s, key);
	}
	s->in.events->list[at].w[0] = count;
}

static void read_vector(struct scan *s, const struct gen_type *type)
{
	uint64_t i = 0;

	scan_expect(s, "[");
	for (; read_more(s, i, "]"); i++)
		read_value(s, &type->members[0].type);
	if (i != type->length)
		input_refuse(&s->in);
}

static void read_name(struct scan *s, const char *name)
{
	read_string(s);
	if (!is_text(s, name))
		input_refuse(&s->in);
}

static void read_fields(struct scan *s, const struct gen_type *type)
{
	const bool is_record = type->kind == GEN_RECORD;

	scan_expect(s, is_record ? "{" : "[");
	for (size_t i = 0; i < type->member_count && !s->in.is_bad; i++) {
		if (i > 0)
			scan_expect(s, ",");
		if (is_record) {
			read_name(s, type->members[i].name);
			scan_expect(s, ":");
		}
		read_value(s, &type->members[i].type);
	}
	scan_expect(s, is_record ? "}" : "]");
}

/* The alternative whose name was read. */
static const struct gen_type *find_alternative(struct scan *s,
					       const struct gen_type *type)
{
	for (size_t i = 0; i < type->member_count && !s->in.is_bad; i++)
		if (is_text(s, type->members[i].name)) {
			events_add(s->in.events, EVENT_CHOICE, i);
			return &type->members[i].type;
		}
	input_refuse(&s->in);
	return NULL;
}

static void read_sum(struct scan *s, const struct gen_type *type)
{
	const bool is_object = scan_take(s, "{");
	const struct gen_type *alternative;

	read_string(s);
	alternative = find_alternative(s, type);
	if (alternative == NULL)
		return;
	if (is_object != (alternative->kind != GEN_VOID))
		input_refuse(&s->in);
	if (!is_object)
		return;
	scan_expect(s, ":");
	read_value(s, alternative);
	scan_expect(s, "}");
}

static void read_bool(struct scan *s)
{
	const bool value = scan_take(s, "true");

	if (!value)
		scan_expect(s, "false");
	scan_bool(s, value);
}

static void read_compound(struct scan *s, const struct gen_type *type)
{
	switch (type->kind) {
	case GEN_BOOL:
		read_bool(s);
		break;
	case GEN_VECTOR:
		read_vector(s, type);
		break;
	case GEN_ARRAY:
	case GEN_MAP:
		read_counted(s, type);
		break;
	case GEN_TUPLE:
	case GEN_RECORD:
		read_fields(s, type);
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
	} else {
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

int64_t gen_decode_json(const struct gen_type *type,
			const struct gen_options *options, const uint8_t *bytes,
			size_t len_bytes, struct events *ret)
{
	return scan_run(options, bytes, len_bytes, ret, type, read_whole);
}
