#include "tests/lib/gen_decode.h"

#include "generator/machine.h"

#include <string.h>

const struct gen_decoder gen_decoders[] = {
	{ "row-binary", { .encoding = "row-binary" }, gen_decode_row_binary },
	{ "ringbuf", { .encoding = "ringbuf" }, gen_decode_ringbuf },
	{ "ringbuf 30",
	  { .encoding = "ringbuf", .ringbuf_layout = 30 },
	  gen_decode_ringbuf },
	{ "s-expression",
	  { .encoding = "s-expression", .with_newlines = true },
	  gen_decode_s_expression },
	{ "json", { .encoding = "json" }, gen_decode_json },
	{ "csv", { .encoding = "csv" }, gen_decode_csv },
	{ "csv, all quoted",
	  { .encoding = "csv",
	    .csv = { .quote = '\'', .separator = ';', .null = "a" } },
	  gen_decode_csv },
	{ "csv, null is a letter",
	  { .encoding = "csv",
	    .csv = { .separator = '\t', .null = "a", .hex_floats = true } },
	  gen_decode_csv },
	{ "csv, ClickHouse's",
	  { .encoding = "csv", .csv = { .clickhouse = true } },
	  gen_decode_csv },
	{ "csv, ClickHouse's in its own quotes",
	  { .encoding = "csv", .csv = { .clickhouse = true, .quote = '\'' } },
	  gen_decode_csv },
};

const size_t gen_decoder_count = sizeof(gen_decoders) / sizeof(gen_decoders[0]);

uint64_t input_le(const uint8_t *bytes, size_t len_bytes)
{
	uint64_t ret = 0;

	for (size_t i = len_bytes; i > 0; i--)
		ret = ret << 8 | bytes[i - 1];
	return ret;
}

bool input_enter(struct input *in)
{
	if (in->depth == GEN_CALLS_ROOM)
		in->is_bad = true;
	else
		in->depth++;
	return !in->is_bad;
}

void input_add_padded(struct input *in, const void *text, size_t len_bytes)
{
	const char *s = text;

	while (len_bytes > 0 && s[len_bytes - 1] == 0)
		len_bytes--;
	events_add_text(in->events, text, len_bytes);
}

/* ---- integers ------------------------------------------------------------ */

static unsigned width_of(const struct gen_type *type)
{
	if (type->kind == GEN_BOOL)
		return 1;
	return type->kind == GEN_CHAR ? 8 : type->width_bits;
}

static bool is_negative(const struct gen_type *type, const uint8_t *bytes)
{
	const unsigned top = width_of(type) - 1;

	return type->kind == GEN_INT && type->is_signed &&
	       (bytes[top / 8] >> top % 8 & 1) != 0;
}

/* Whether all bits from the type's width on, in so many bytes, are its sign. */
static bool is_extended(const struct gen_type *type, const uint8_t *bytes,
			size_t len_bytes)
{
	const unsigned sign = is_negative(type, bytes);

	for (size_t i = width_of(type); i < 8 * len_bytes; i++)
		if ((unsigned)(bytes[i / 8] >> i % 8 & 1) != sign)
			return false;
	return true;
}

static bool is_label(const struct gen_type *type, uint64_t value)
{
	for (size_t i = 0; i < type->label_count; i++)
		if ((uint64_t)type->labels[i].value == value)
			return true;
	return type->form != GEN_ENUM;
}

void input_add_int(struct input *in, const struct gen_type *type,
		   const uint8_t *bytes, size_t len_bytes)
{
	uint8_t all[32];
	uint64_t w[4];

	if (bytes == NULL)
		return;
	memset(all, is_negative(type, bytes) ? 0xff : 0, sizeof(all));
	memcpy(all, bytes, len_bytes);
	for (int i = 0; i < 4; i++)
		w[i] = input_le(all + 8 * i, 8);
	if (!is_extended(type, bytes, len_bytes) || !is_label(type, w[0]))
		input_refuse(in);
	else
		events_add_wide(in->events, w);
}
