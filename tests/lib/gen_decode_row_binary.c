#include "tests/lib/gen_decode.h"

#include <errno.h>
#include <string.h>

/* The decoder of GENERATOR.md 3.3. */

static void read_value(struct input *in, const struct gen_type *type);
static void read_present(struct input *in, const struct gen_type *type);

/* Its shortest form, and no more than 64 bits. */
static uint64_t read_leb(struct input *in)
{
	uint64_t ret = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		const uint8_t *byte = input_take(in, 1);
		const uint64_t bits = byte != NULL ? *byte & 0x7f : 0;

		if (byte == NULL || bits << shift >> shift != bits ||
		    (*byte == 0 && shift > 0))
			break;
		ret |= bits << shift;
		if (*byte < 0x80)
			return ret;
	}
	input_refuse(in);
	return 0;
}

static size_t bytes_of(const struct gen_type *type)
{
	if (type->kind != GEN_INT)
		return 1;
	switch (type->width_bits) {
	case 24:
		return 4;
	case 40:
	case 48:
	case 56:
		return 8;
	default:
		return type->width_bits / 8;
	}
}

/* Little-endian bytes of what ClickHouse orders in its own way. */
static void reorder(const struct gen_type *type, const uint8_t *bytes,
		    uint8_t ret[16])
{
	for (int i = 0; i < 16; i++)
		ret[i] = bytes[type->form == GEN_UUID ? (i + 8) % 16 : 15 - i];
}

static void read_int(struct input *in, const struct gen_type *type)
{
	const uint8_t *bytes = input_take(in, bytes_of(type));
	uint8_t ordered[16];

	if (bytes != NULL &&
	    (type->form == GEN_UUID || type->form == GEN_IPV6)) {
		reorder(type, bytes, ordered);
		bytes = ordered;
	}
	input_add_int(in, type, bytes, bytes_of(type));
}

static void read_float(struct input *in, const struct gen_type *type)
{
	const uint8_t *bytes = input_take(in, type->width_bits / 8);

	if (bytes != NULL)
		events_add(in->events, EVENT_FLOAT,
			   input_le(bytes, type->width_bits / 8));
}

static void read_string(struct input *in)
{
	const uint64_t len = read_leb(in);
	const uint8_t *bytes = input_take(in, len);

	if (bytes != NULL)
		events_add_text(in->events, bytes, len);
}

static void read_fixed_string(struct input *in, const struct gen_type *type)
{
	const uint8_t *bytes = input_take(in, type->length);

	if (bytes != NULL)
		input_add_padded(in, bytes, type->length);
}

static void read_members(struct input *in, const struct gen_type *type)
{
	for (size_t i = 0; i < type->member_count && !in->is_bad; i++)
		read_value(in, &type->members[i].type);
}

static void read_counted(struct input *in, const struct gen_type *type)
{
	const uint64_t count = read_leb(in);

	events_add(in->events, EVENT_COUNT, count);
	for (uint64_t i = 0; i < count && !in->is_bad; i++)
		read_members(in, type);
}

static void read_vector(struct input *in, const struct gen_type *type)
{
	for (uint64_t i = 0; i < type->length && !in->is_bad; i++)
		read_members(in, type);
}

static void read_sum(struct input *in, const struct gen_type *type)
{
	const uint8_t *bytes = input_take(in, 2);
	const uint64_t index = bytes != NULL ? input_le(bytes, 2) : 0;

	if (bytes == NULL || index >= type->member_count) {
		input_refuse(in);
		return;
	}
	events_add(in->events, EVENT_CHOICE, index);
	read_value(in, &type->members[index].type);
}

static void read_this(struct input *in, const struct gen_type *type)
{
	if (!input_enter(in))
		return;
	read_present(in, type->target);
	in->depth--;
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
	case GEN_VECTOR:
		if (type->form == GEN_FIXED_STRING)
			read_fixed_string(in, type);
		else
			read_vector(in, type);
		break;
	case GEN_ARRAY:
	case GEN_MAP:
		read_counted(in, type);
		break;
	case GEN_TUPLE:
	case GEN_RECORD:
		read_members(in, type);
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

static void read_value(struct input *in, const struct gen_type *type)
{
	const uint8_t *byte;

	if (!type->is_nullable) {
		read_present(in, type);
		return;
	}
	byte = input_take(in, 1);
	if (byte == NULL || *byte > 1)
		input_refuse(in);
	else if (*byte == 1)
		events_add(in->events, EVENT_NULL, 0);
	else
		read_present(in, type);
}

int64_t gen_decode_row_binary(const struct gen_type *type,
			      const struct gen_options *options,
			      const uint8_t *bytes, size_t len_bytes,
			      struct events *ret)
{
	struct input in = {
		.p = bytes,
		.end = bytes + len_bytes,
		.events = ret,
	};

	(void)options;
	read_value(&in, type);
	return in.is_bad ? -EBADMSG : in.p - bytes;
}
