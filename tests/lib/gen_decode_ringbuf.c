#include "tests/lib/gen_decode.h"

#include <errno.h>
#include <string.h>

/* The decoder of GENERATOR.md 3.2. */

/* The bits of a compound that are still to come. */
struct mask {
	const uint8_t *bytes;
	uint64_t next, end;
};

static void read_item(struct input *in, const struct gen_type *type,
		      struct mask *mask);
static void read_present(struct input *in, const struct gen_type *type);

/* ---- words --------------------------------------------------------------- */

/* So many bytes, up to a word; what is behind them must be zero. */
static const uint8_t *take_padded(struct input *in, uint64_t bytes)
{
	const uint64_t padding = (4 - bytes % 4) % 4;
	const uint8_t *ret = input_take(in, bytes);
	const uint8_t *zeros = input_take(in, padding);

	for (uint64_t i = 0; zeros != NULL && i < padding; i++)
		if (zeros[i] != 0)
			input_refuse(in);
	return in->is_bad ? NULL : ret;
}

static uint64_t read_word(struct input *in)
{
	const uint8_t *bytes = input_take(in, 4);

	return bytes != NULL ? input_le(bytes, 4) : 0;
}

/* ---- masks --------------------------------------------------------------- */

static bool owns_bit(const struct input *in, const struct gen_type *type)
{
	return type->is_nullable || (in->layout == 30 && type->has_default);
}

static bool bit_of(const uint8_t *bytes, uint64_t i)
{
	return (bytes[i / 8] >> i % 8 & 1) != 0;
}

static struct mask read_mask(struct input *in, uint64_t bits)
{
	const uint64_t words = (1 + (bits + 7) / 8 + 3) / 4;
	const uint8_t *bytes = words < 256 ? input_take(in, 4 * words) : NULL;

	if (bytes == NULL || bytes[0] != words) {
		input_refuse(in);
		return (struct mask){ NULL, 0, 0 };
	}
	for (uint64_t i = 8 + bits; i < 32 * words; i++)
		if (bit_of(bytes, i))
			input_refuse(in);
	return (struct mask){ bytes, 8, 8 + bits };
}

static uint64_t owned_bits(const struct input *in, const struct gen_type *type)
{
	uint64_t ret = 0;

	for (size_t i = 0; i < type->member_count; i++)
		ret += owns_bit(in, &type->members[i].type);
	return ret;
}

/* Whether what comes next is null. */
static bool read_null(struct input *in, const struct gen_type *type,
		      struct mask *mask)
{
	bool bit;

	if (in->is_bad || !owns_bit(in, type))
		return false;
	if (mask->next == mask->end) {
		input_refuse(in);
		return false;
	}
	bit = bit_of(mask->bytes, mask->next++);
	if (bit && !type->is_nullable)
		input_refuse(in);
	return in->layout == 30 ? bit : !bit;
}

/* ---- scalars ------------------------------------------------------------- */

static void read_int(struct input *in, const struct gen_type *type)
{
	const unsigned bits = type->kind == GEN_INT ? type->width_bits : 8;
	const size_t bytes = bits > 64   ? bits / 8
			     : bits > 32 ? 8
			     : bits > 16 ? 4
					 : bits / 8;

	input_add_int(in, type, take_padded(in, bytes), bytes);
}

/* One of 32 bits comes as one of 64, and must not have lost anything. */
static void read_float(struct input *in, const struct gen_type *type)
{
	const uint8_t *bytes = input_take(in, 8);
	uint64_t bits = bytes != NULL ? input_le(bytes, 8) : 0;
	uint32_t narrow_bits;
	double x;
	float narrow;

	if (bytes == NULL)
		return;
	if (type->width_bits == 32) {
		memcpy(&x, &bits, sizeof(x));
		narrow = (float)x;
		memcpy(&narrow_bits, &narrow, sizeof(narrow_bits));
		bits = narrow_bits;
		if ((double)narrow < x || (double)narrow > x)
			input_refuse(in);
	}
	events_add(in->events, EVENT_FLOAT, bits);
}

static void read_string(struct input *in)
{
	const uint64_t len = read_word(in);
	const uint8_t *bytes = take_padded(in, len);

	if (bytes != NULL)
		events_add_text(in->events, bytes, len);
}

static void read_fixed_string(struct input *in, const struct gen_type *type)
{
	char text[256];

	if (type->length > sizeof(text)) {
		input_refuse(in);
		return;
	}
	for (uint64_t i = 0; i < type->length; i++) {
		const uint8_t *byte = take_padded(in, 1);

		text[i] = byte != NULL ? (char)*byte : 0;
	}
	input_add_padded(in, text, type->length);
}

/* ---- compounds ----------------------------------------------------------- */

static void read_items(struct input *in, const struct gen_type *type,
		       uint64_t count)
{
	const struct gen_type *item = &type->members[0].type;
	struct mask mask = { NULL, 0, 0 };

	if (owns_bit(in, item))
		mask = read_mask(in, count);
	for (uint64_t i = 0; i < count && !in->is_bad; i++)
		read_item(in, item, &mask);
}

static void read_array(struct input *in, const struct gen_type *type)
{
	const uint64_t count = read_word(in);

	events_add(in->events, EVENT_COUNT, count);
	read_items(in, type, count);
}

static void read_fields(struct input *in, const struct gen_type *type)
{
	struct mask mask = read_mask(in, owned_bits(in, type));

	for (size_t i = 0; i < type->member_count && !in->is_bad; i++)
		read_item(in, &type->members[i].type, &mask);
}

static void read_map(struct input *in, const struct gen_type *type)
{
	const uint64_t count = read_word(in);

	events_add(in->events, EVENT_COUNT, count);
	for (uint64_t i = 0; i < count && !in->is_bad; i++)
		read_fields(in, type);
}

static void read_sum(struct input *in, const struct gen_type *type)
{
	const uint8_t *bytes = input_take(in, 4);
	const uint64_t index = bytes != NULL ? input_le(bytes + 2, 2) : 0;
	struct mask mask = { bytes, 0, 1 };
	const struct gen_type *member;

	if (bytes == NULL || index >= type->member_count) {
		input_refuse(in);
		return;
	}
	member = &type->members[index].type;
	if (input_le(bytes, 2) > owns_bit(in, member))
		input_refuse(in);
	events_add(in->events, EVENT_CHOICE, index);
	read_item(in, member, &mask);
}

static void read_this(struct input *in, const struct gen_type *type)
{
	if (!input_enter(in))
		return;
	read_present(in, type->target);
	in->depth--;
}

static void read_compound(struct input *in, const struct gen_type *type)
{
	switch (type->kind) {
	case GEN_VECTOR:
		if (type->form == GEN_FIXED_STRING)
			read_fixed_string(in, type);
		else
			read_items(in, type, type->length);
		break;
	case GEN_ARRAY:
		read_array(in, type);
		break;
	case GEN_MAP:
		read_map(in, type);
		break;
	case GEN_TUPLE:
	case GEN_RECORD:
		read_fields(in, type);
		break;
	case GEN_SUM:
		read_sum(in, type);
		break;
	case GEN_THIS:
		read_this(in, type);
		break;
	default:
		input_refuse(in);
		break;
	}
}

static void read_present(struct input *in, const struct gen_type *type)
{
	switch (type->kind) {
	case GEN_VOID:
		break;
	case GEN_BOOL:
	case GEN_CHAR:
	case GEN_INT:
		read_int(in, type);
		break;
	case GEN_FLOAT:
		read_float(in, type);
		break;
	case GEN_STRING:
		read_string(in);
		break;
	default:
		read_compound(in, type);
		break;
	}
}

static void read_item(struct input *in, const struct gen_type *type,
		      struct mask *mask)
{
	if (read_null(in, type, mask))
		events_add(in->events, EVENT_NULL, 0);
	else if (!in->is_bad)
		read_present(in, type);
}

int64_t gen_decode_ringbuf(const struct gen_type *type,
			   const struct gen_options *options,
			   const uint8_t *bytes, size_t len_bytes,
			   struct events *ret)
{
	struct input in = {
		.p = bytes,
		.end = bytes + len_bytes,
		.events = ret,
		.layout = options->ringbuf_layout == 30 ? 30 : 29,
	};
	struct mask mask = { NULL, 0, 0 };

	if (type->is_nullable && in.layout == 30)
		mask = read_mask(&in, 1);
	if (type->is_nullable)
		read_item(&in, type, &mask);
	else
		read_present(&in, type);
	return in.is_bad ? -EBADMSG : in.p - bytes;
}
