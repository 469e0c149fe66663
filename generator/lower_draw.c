#include "generator/lower.h"
#include "generator/value_text.h"

#include <string.h>

/* How the values of a scalar are drawn: its kind of draw (--field), or what
 * GENERATOR.md 2 says of its type. */

static bool is_signed(const struct gen_type *type)
{
	return type->kind == GEN_INT && type->is_signed;
}

static unsigned bits_of(const struct gen_type *type)
{
	if (type->kind == GEN_BOOL)
		return 1;
	return type->kind == GEN_CHAR ? 8 : type->width_bits;
}

/* Whether all values of so many bits are as likely, as they come. */
static bool is_bits(const struct gen_type *type)
{
	if (type->draw.kind != GEN_DRAW_BY_TYPE)
		return false;
	if (type->kind == GEN_BOOL || type->kind == GEN_CHAR)
		return true;
	return type->kind == GEN_INT && type->width_bits <= 64 &&
	       (type->form == GEN_PLAIN || type->form == GEN_IPV4 ||
		(type->form == GEN_DATE && !type->is_signed) ||
		(type->form == GEN_TIME && !type->is_signed));
}

bool lower_shares_draw(const struct gen_type *type)
{
	return is_bits(type) && bits_of(type) <= 32;
}

bool lower_packs(const struct gen_type *type)
{
	const unsigned bits = bits_of(type);

	return !type->is_nullable && is_bits(type) &&
	       (bits == 8 || bits == 16 || bits == 32 || bits == 64);
}

uint64_t lower_text_max(const struct lower *l, const struct gen_type *type)
{
	const struct gen_range *range = &l->options->string_length;
	uint64_t most = 0;

	if (type->kind == GEN_VECTOR)
		return type->length;
	for (size_t i = 0; i < type->draw.text_count; i++)
		if (strlen(type->draw.texts[i]) > most)
			most = strlen(type->draw.texts[i]);
	for (size_t i = 0; i < type->label_count; i++)
		if (strlen(type->labels[i].text) > most)
			most = strlen(type->labels[i].text);
	if (most > 0)
		return most;
	if (type->draw.kind == GEN_DRAW_HEX)
		return (uint64_t)type->draw.ints[0];
	if (type->draw.has_length)
		return type->draw.length_max;
	return range->given ? range->max : 15;
}

static void note_text(struct lower *l, uint64_t bytes)
{
	if (bytes > l->program->text_bytes)
		l->program->text_bytes = bytes;
}

/* ---- by type ------------------------------------------------------------- */

static void draw_bits(struct lower *l, const struct gen_type *type,
		      enum lower_source source)
{
	static const enum gen_op_code ops[3][2] = {
		[LOWER_OWN] = { GEN_OP_draw_bits, GEN_OP_draw_sbits },
		[LOWER_SHARED] = { GEN_OP_draw_shared, GEN_OP_draw_sshared },
		[LOWER_PACKED] = { GEN_OP_draw_packed, GEN_OP_draw_spacked },
	};
	static const enum gen_op_code letters[3] = {
		[LOWER_OWN] = GEN_OP_draw_letter,
		[LOWER_SHARED] = GEN_OP_draw_shared_letter,
		[LOWER_PACKED] = GEN_OP_draw_packed_letter,
	};
	const unsigned bits = bits_of(type);

	if (type->kind == GEN_CHAR)
		lower_op(l, letters[source], 0, 0, 0);
	else
		lower_op(l, ops[source][is_signed(type)],
			 source == LOWER_PACKED ? bits : 64 - bits, 0, 0);
}

/* Texts of up to this are drawn without a branch, see m_draw_text(). */
enum { TEXT_SHORT = 16 };

static void draw_letters(struct lower *l, const struct gen_type *type)
{
	const struct gen_range *range = &l->options->string_length;
	const uint64_t most = lower_text_max(l, type);
	uint64_t least = range->given ? range->min : 0;

	if (type->draw.has_length)
		least = type->draw.length_min;
	note_text(l, most);
	if (type->kind == GEN_VECTOR)
		lower_op(l, GEN_OP_draw_fixed_letters, most, 0, 0);
	else
		lower_op(l, GEN_OP_draw_letters, least, most - least + 1,
			 most <= TEXT_SHORT);
}

/* One of the first n labels. */
static void draw_label(struct lower *l, const struct gen_type *type, size_t n)
{
	uint64_t first = 0;

	for (size_t i = 0; i < n; i++) {
		const struct gen_label *label = &type->labels[i];
		const uint64_t at = lower_value(
			l, &(struct gen_value){
				   .v = (uint64_t)label->value,
				   .text = (const uint8_t *)label->text,
				   .text_bytes = strlen(label->text),
			   });

		if (i == 0)
			first = at;
	}
	lower_op(l, GEN_OP_draw_pick, first, n, 0);
}

static void draw_int(struct lower *l, const struct gen_type *type,
		     enum lower_source source)
{
	if (type->form == GEN_ENUM)
		draw_label(l, type, type->label_count);
	else if (is_bits(type))
		draw_bits(l, type, source);
	else if (!lower_draw_form(l, type))
		lower_op(l, GEN_OP_draw_wide, type->width_bits / 64, 0, 0);
}

static void draw_by_type(struct lower *l, const struct gen_type *type,
			 enum lower_source source)
{
	switch (type->kind) {
	case GEN_BOOL:
	case GEN_CHAR:
		draw_bits(l, type, source);
		break;
	case GEN_INT:
		draw_int(l, type, source);
		break;
	case GEN_FLOAT:
		lower_op(l,
			 type->width_bits == 32 ? GEN_OP_draw_unit32
						: GEN_OP_draw_unit,
			 0, 0, 0);
		break;
	default:
		draw_letters(l, type);
		break;
	}
}

/* ---- by --field ---------------------------------------------------------- */

/* A text of the schema's as the type's value. The parser of words has seen that
 * it is one. */
static uint64_t keep_text(struct lower *l, const struct gen_type *type,
			  const char *text)
{
	struct gen_value value = { .text = (const uint8_t *)text };
	uint8_t bytes[GEN_VALUE_BYTES] = { 0 };
	const int len = gen_draw_parse_value(type, text, bytes);

	if (len < 0)
		lower_refuse(l, "'%s' is no value of the type", text);
	if (len > 0 && is_signed(type) && bytes[len - 1] >= 0x80)
		memset(bytes + len, 0xff, sizeof(bytes) - (size_t)len);
	for (size_t i = 0; i < sizeof(bytes); i++)
		value.w[i / 8] |= (uint64_t)bytes[i] << 8 * (i % 8);
	value.v = value.w[0];
	value.text_bytes = strlen(text);
	return lower_value(l, &value);
}

static void draw_texts(struct lower *l, const struct gen_type *type)
{
	const struct gen_draw *draw = &type->draw;
	const uint64_t first = keep_text(l, type, draw->texts[0]);

	for (size_t i = 1; i < draw->text_count; i++)
		keep_text(l, type, draw->texts[i]);
	if (draw->kind == GEN_DRAW_CONST)
		lower_op(l, GEN_OP_draw_const, first, 0, 0);
	else
		lower_op(l, GEN_OP_draw_pick, first, draw->text_count, 0);
}

static void draw_as_told(struct lower *l, const struct gen_type *type)
{
	const struct gen_draw *draw = &type->draw;
	const unsigned shift = type->kind == GEN_INT && type->width_bits < 64
				       ? 64u - type->width_bits
				       : 0;

	switch (draw->kind) {
	case GEN_DRAW_CONST:
	case GEN_DRAW_ENUM:
		draw_texts(l, type);
		return;
	case GEN_DRAW_CARDINALITY:
		if (type->form == GEN_ENUM) {
			draw_label(l, type, (size_t)draw->ints[0]);
			return;
		}
		break;
	case GEN_DRAW_HEX:
		note_text(l, (uint64_t)draw->ints[0]);
		lower_op(l, GEN_OP_draw_hex, (uint64_t)draw->ints[0], 0, 0);
		return;
	case GEN_DRAW_SEQ:
		if (type->kind == GEN_INT && type->width_bits <= 64) {
			lower_op(l, GEN_OP_draw_seq,
				 shift | (is_signed(type) ? 64 : 0),
				 (uint64_t)draw->ints[0],
				 (uint64_t)draw->ints[1]);
			return;
		}
		break;
	case GEN_DRAW_UNIFORM:
		if (type->kind == GEN_INT && type->width_bits <= 64) {
			lower_op(l, GEN_OP_draw_uniform, 0,
				 (uint64_t)draw->ints[0],
				 (uint64_t)draw->ints[1] -
					 (uint64_t)draw->ints[0] + 1);
			return;
		}
		break;
	default:
		break;
	}
	lower_draw_call(l, type);
}

void lower_draw(struct lower *l, const struct gen_type *type,
		enum lower_source source)
{
	if (l->is_tape) {
		lower_op(l, GEN_OP_tape, 0, 0, 0);
		return;
	}
	if (type->draw.kind == GEN_DRAW_BY_TYPE)
		draw_by_type(l, type, source);
	else
		draw_as_told(l, type);
}
