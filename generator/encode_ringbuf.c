#include "generator/encode.h"
#include "generator/parts.h"
#include "generator/puts.h"

/*
 * Values in words of 4 bytes, which tell nulls apart by the bits of masks:
 * GENERATOR.md 3.2. Layout 29 sets a bit for what is there, layout 30 for what
 * is null.
 */

enum {
	WORD_BYTES = 4,
	MASK_WORDS_MAX = 255, /* their number is one byte, in front of bits */
	MASK_BITS_MAX = 8 * (MASK_WORDS_MAX * WORD_BYTES - 1),
	LABELS_MAX = 1 << 16,
};

static bool is_layout_30(const struct lower *l)
{
	return l->options->ringbuf_layout == 30;
}

/* ---- masks --------------------------------------------------------------- */

/* Whether an item has a bit in the mask of what is around it. */
static bool owns_bit(const struct lower *l, const struct gen_type *item)
{
	return item->is_nullable || (is_layout_30(l) && item->has_default);
}

static bool is_list(const struct gen_type *type)
{
	return type->kind == GEN_VECTOR || type->kind == GEN_ARRAY;
}

/* Bits in the mask of a compound, at most. */
static uint64_t mask_bits(const struct lower *l, const struct gen_type *type)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < type->member_count; i++)
		bits += owns_bit(l, &type->members[i].type);
	if (is_list(type) && bits > 0)
		return gen_count_max(type, l->options);
	return bits;
}

static uint64_t mask_bytes(uint64_t bits)
{
	const uint64_t bytes = 1 + (bits + 7) / 8;

	return (bytes + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES;
}

static void open_mask(struct lower *l, uint64_t bits)
{
	const uint64_t bytes = mask_bytes(bits);

	lower_put(l, GEN_OP_mask_open, l->slot, bytes / WORD_BYTES, 0, bytes);
}

/* What has always a mask may have one without a bit. */
static void open_fields_mask(struct lower *l, const struct gen_type *type)
{
	static const uint8_t none[WORD_BYTES] = { 1 };
	const uint64_t bits = mask_bits(l, type);

	if (bits > 0)
		open_mask(l, bits);
	else
		lower_literal(l, none, sizeof(none));
}

/* ---- what can't be ------------------------------------------------------- */

static const char *name_of(const struct gen_type *type)
{
	switch (type->kind) {
	case GEN_VECTOR:
		return "a vector";
	case GEN_ARRAY:
		return "an array";
	case GEN_TUPLE:
		return "a tuple";
	default:
		return "a record";
	}
}

static void check_type(struct lower *l, const struct gen_type *type)
{
	const uint64_t bits = mask_bits(l, type);

	if (type->kind == GEN_SUM && type->member_count > LABELS_MAX)
		lower_refuse(l, "ringbuf has no sum of more than %d types",
			     LABELS_MAX);
	else if (type->kind != GEN_SUM && bits > MASK_BITS_MAX)
		lower_refuse(l,
			     "%s with %llu nullable items is more than ringbuf "
			     "can tell apart: %d",
			     name_of(type), (unsigned long long)bits,
			     MASK_BITS_MAX);
	for (size_t i = 0; i < type->member_count; i++)
		check_type(l, &type->members[i].type);
}

static void check(struct lower *l, const struct gen_type *type)
{
	if (type->is_nullable && !is_layout_30(l))
		lower_refuse(l, "a value that is nullable as a whole needs "
				"layout 30 of ringbuf");
	check_type(l, type);
}

/* ---- values -------------------------------------------------------------- */

/* The low bytes of v, and zeros up to a word. */
static void put_bytes(struct lower *l, size_t bytes)
{
	lower_put_le(l, bytes, bytes > WORD_BYTES ? 8 : WORD_BYTES);
}

static void put_int(struct lower *l, const struct gen_type *type)
{
	const size_t bytes = gen_int_bytes(type);

	if (bytes > 8)
		lower_put(l, GEN_OP_put_wide, bytes / 8, GEN_WIDE_LE, 0, bytes);
	else
		put_bytes(l, bytes);
}

/* Readers know floats of 8 bytes only. */
static void put_float(struct lower *l, const struct gen_type *type)
{
	if (type->width_bits == 32)
		lower_put(l, GEN_OP_put_call, GEN_PUT_WIDER_FLOAT, 0, 0, 8);
	else
		put_bytes(l, 8);
}

static void scalar(struct lower *l, const struct gen_type *type)
{
	switch (type->kind) {
	case GEN_INT:
		put_int(l, type);
		break;
	case GEN_FLOAT:
		put_float(l, type);
		break;
	case GEN_STRING:
		lower_put(l, GEN_OP_put_word_text, 0, 0, 0,
			  WORD_BYTES + lower_text_max(l, type) + WORD_BYTES);
		break;
	case GEN_VECTOR:
		lower_put(l, GEN_OP_put_call, GEN_PUT_CHAR_WORDS, type->length,
			  0, type->length * WORD_BYTES);
		break;
	default:
		put_bytes(l, 1);
		break;
	}
}

static void begin(struct lower *l, const struct gen_type *type)
{
	if (type->is_nullable)
		open_mask(l, 1);
}

static void present(struct lower *l, const struct gen_type *type)
{
	(void)type;
	lower_op(l, GEN_OP_mask_next, l->slot, !is_layout_30(l), 0);
}

static void null(struct lower *l, const struct gen_type *type)
{
	(void)type;
	lower_op(l, GEN_OP_mask_next, l->slot, is_layout_30(l), 0);
}

/* A bit that no value sets: of an item with a default that can't be null. */
static void item(struct lower *l, const struct gen_type *type, size_t index)
{
	const struct gen_type *member = &type->members[index].type;

	if (owns_bit(l, member) && !member->is_nullable)
		lower_op(l, GEN_OP_mask_next, l->slot, 0, 0);
}

/* A pair of a map is a tuple of its own, so its mask is made anew each time. */
static void map_item(struct lower *l, const struct gen_type *type, size_t index)
{
	if (type->kind == GEN_MAP && index == 0)
		open_fields_mask(l, type);
	item(l, type, index);
}

static void open(struct lower *l, const struct gen_type *type)
{
	if (type->kind == GEN_ARRAY || type->kind == GEN_MAP)
		put_bytes(l, WORD_BYTES);
	if (type->kind == GEN_TUPLE || type->kind == GEN_RECORD)
		open_fields_mask(l, type);
	else if (type->kind == GEN_VECTOR && mask_bits(l, type) > 0)
		open_mask(l, type->length);
	else if (type->kind == GEN_ARRAY && owns_bit(l, &type->members[0].type))
		lower_put(l, GEN_OP_mask_open_count, l->slot, 0, 0,
			  mask_bytes(mask_bits(l, type)));
}

/* A mask of 16 bits, of which the first may count, and the label. */
static void choose(struct lower *l, const struct gen_type *type, size_t index)
{
	const uint8_t word[WORD_BYTES] = { 0, 0, (uint8_t)index,
					   (uint8_t)(index >> 8) };

	if (type->members[index].type.is_nullable)
		lower_op(l, GEN_OP_mask_at, l->slot, 0, 0);
	lower_literal(l, word, sizeof(word));
}

const struct gen_encoding gen_encode_ringbuf = {
	.name = "ringbuf",
	.check = check,
	.begin = begin,
	.scalar = scalar,
	.present = present,
	.null = null,
	.open = open,
	.item = map_item,
	.choose = choose,
};
