#include "generator/encode.h"

/* What ClickHouse calls RowBinary: GENERATOR.md 3.3. */

enum { LABELS_MAX = 1 << 16 };

/* A label is two bytes. */
static void check(struct lower *l, const struct gen_type *type)
{
	if (type->kind == GEN_SUM && type->member_count > LABELS_MAX)
		lower_refuse(l, "row-binary has no sum of more than %d types",
			     LABELS_MAX);
	for (size_t i = 0; i < type->member_count; i++)
		check(l, &type->members[i].type);
}

static void put_int(struct lower *l, const struct gen_type *type)
{
	const size_t bytes = gen_int_bytes(type);
	const enum gen_wide_order order =
		type->form == GEN_UUID   ? GEN_WIDE_HALVES
		: type->form == GEN_IPV6 ? GEN_WIDE_BE
					 : GEN_WIDE_LE;

	if (bytes > 8)
		lower_put(l, GEN_OP_put_wide, bytes / 8, order, 0, bytes);
	else
		lower_put_le(l, bytes, bytes);
}

static void scalar(struct lower *l, const struct gen_type *type)
{
	const uint64_t text = lower_text_max(l, type);

	switch (type->kind) {
	case GEN_INT:
		put_int(l, type);
		break;
	case GEN_FLOAT:
		lower_put_le(l, type->width_bits / 8, type->width_bits / 8);
		break;
	case GEN_STRING:
		lower_put(l, GEN_OP_put_leb_text, 0, 0, 0, text + 10);
		break;
	case GEN_VECTOR:
		lower_put(l, GEN_OP_put_fixed_text, type->length, 0, 0,
			  type->length);
		break;
	default:
		lower_put_le(l, 1, 1);
		break;
	}
}

static void present(struct lower *l, const struct gen_type *type)
{
	(void)type;
	lower_literal(l, "\0", 1);
}

static void null(struct lower *l, const struct gen_type *type)
{
	(void)type;
	lower_literal(l, "\1", 1);
}

static void open(struct lower *l, const struct gen_type *type)
{
	if (type->kind == GEN_ARRAY || type->kind == GEN_MAP)
		lower_put(l, GEN_OP_put_leb, 0, 0, 0, 10);
}

/* ClickHouse has no such type; the original's two bytes. */
static void choose(struct lower *l, const struct gen_type *type, size_t index)
{
	const uint8_t label[2] = { (uint8_t)index, (uint8_t)(index >> 8) };

	(void)type;
	lower_literal(l, label, sizeof(label));
}

const struct gen_encoding gen_encode_row_binary = {
	.name = "row-binary",
	.check = check,
	.scalar = scalar,
	.present = present,
	.null = null,
	.open = open,
	.choose = choose,
};
