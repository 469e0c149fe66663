#include "generator/encode_text.h"

#include <stdio.h>
#include <string.h>

enum {
	DEC_MAX = 20,   /* bytes of 64 bits in decimal */
	WIDE_MAX = 80,  /* of 256 bits */
	POINT_MAX = 96, /* with a point and zeros before it */
	DATE_MAX = 32,
	UUID_MAX = 36,
	IPV4_MAX = 15,
	IPV6_MAX = 39,
	FLOAT_MAX = 26, /* -0x1.fffffffffffffp+1023, -2.2250738585072014e-308 */
};

enum text_shape text_shape_of(const struct gen_type *type)
{
	switch (type->kind) {
	case GEN_BOOL:
		return TEXT_BOOL;
	case GEN_FLOAT:
		return TEXT_FLOAT;
	case GEN_INT:
		break;
	default:
		return TEXT_TEXT;
	}
	switch (type->form) {
	case GEN_ENUM:
		return TEXT_TEXT;
	case GEN_UUID:
	case GEN_IPV4:
	case GEN_IPV6:
	case GEN_DATE:
		return TEXT_WORD;
	default:
		return TEXT_NUMBER;
	}
}

static void put_call(struct lower *l, enum gen_put_call call, uint64_t b,
		     uint64_t c, uint64_t bytes)
{
	lower_put(l, GEN_OP_put_call, call, b, c, bytes);
}

static void number(struct lower *l, const struct gen_type *type)
{
	const uint64_t words = (type->width_bits + 63u) / 64;
	const uint64_t is_signed = type->is_signed;

	if (type->form != GEN_PLAIN && type->scale > 0)
		put_call(l, GEN_PUT_POINT, words, type->scale | is_signed << 8,
			 POINT_MAX);
	else if (words > 1)
		put_call(l, GEN_PUT_WIDE, words, is_signed, WIDE_MAX);
	else
		lower_put(l, is_signed != 0 ? GEN_OP_put_sdec : GEN_OP_put_dec,
			  0, 0, 0, DEC_MAX);
}

void text_bare(struct lower *l, const struct gen_type *type)
{
	switch (type->form) {
	case GEN_UUID:
		put_call(l, GEN_PUT_UUID, 0, 0, UUID_MAX);
		break;
	case GEN_IPV4:
		put_call(l, GEN_PUT_IPV4, 0, 0, IPV4_MAX);
		break;
	case GEN_IPV6:
		put_call(l, GEN_PUT_IPV6, 0, 0, IPV6_MAX);
		break;
	case GEN_DATE:
		put_call(l, GEN_PUT_DATE, 0, 0, DATE_MAX);
		break;
	default:
		number(l, type);
		break;
	}
}

void text_float(struct lower *l, const struct gen_type *type,
		enum gen_put_call call)
{
	put_call(l, call, type->width_bits == 32, 0, FLOAT_MAX);
}

static uint64_t bytes_of(const char *text, size_t len)
{
	uint64_t ret = 0;

	for (size_t i = 0; i < len; i++)
		ret |= (uint64_t)(uint8_t)text[i] << 8 * i;
	return ret;
}

void text_bool(struct lower *l, const char *no, const char *yes)
{
	const size_t no_len = strlen(no), yes_len = strlen(yes);

	lower_put(l, GEN_OP_put_either, no_len | yes_len << 8,
		  bytes_of(no, no_len), bytes_of(yes, yes_len), 8);
}

/* Letters are drawn by type, letters and digits for hex and cardinality. */
bool text_is_plain(const struct lower *l, const struct gen_type *type)
{
	if (l->is_tape || type->kind == GEN_INT)
		return false;
	if (type->kind == GEN_CHAR)
		return type->draw.kind == GEN_DRAW_BY_TYPE;
	return type->draw.kind == GEN_DRAW_BY_TYPE ||
	       type->draw.kind == GEN_DRAW_HEX ||
	       type->draw.kind == GEN_DRAW_CARDINALITY;
}

void text_plain(struct lower *l, const struct gen_type *type)
{
	if (type->kind == GEN_CHAR)
		lower_put_le(l, 1, 1);
	else
		lower_put(l, GEN_OP_put_text, 0, 0, 0, text_max(l, type));
}

uint64_t text_max(const struct lower *l, const struct gen_type *type)
{
	return type->kind == GEN_CHAR ? 1 : lower_text_max(l, type);
}

static void put_text(struct lower *l, const struct gen_type *type,
		     const struct text_style *style)
{
	if (!text_is_plain(l, type)) {
		put_call(l, style->put_text, type->kind == GEN_CHAR, 0,
			 style->escape_bytes * text_max(l, type) + 2);
		return;
	}
	lower_text(l, "\"");
	text_plain(l, type);
	lower_text(l, "\"");
}

void text_scalar(struct lower *l, const struct gen_type *type,
		 const struct text_style *style)
{
	switch (text_shape_of(type)) {
	case TEXT_NUMBER:
		text_bare(l, type);
		break;
	case TEXT_BOOL:
		text_bool(l, style->no, style->yes);
		break;
	case TEXT_FLOAT:
		text_float(l, type, style->put_float);
		break;
	case TEXT_WORD:
		lower_text(l, "\"");
		text_bare(l, type);
		lower_text(l, "\"");
		break;
	case TEXT_TEXT:
		put_text(l, type, style);
		break;
	}
}

void text_index(struct lower *l, const char *before, size_t index,
		const char *behind)
{
	char text[40];

	snprintf(text, sizeof(text), "%s%zu%s", before, index, behind);
	lower_text(l, text);
}
