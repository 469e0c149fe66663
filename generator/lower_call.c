#include "generator/draws.h"
#include "generator/lower.h"

#include <inttypes.h>

/* The parameters of draws that are functions. */

static void call(struct lower *l, enum gen_draw_call fn,
		 const struct gen_value *param)
{
	lower_op(l, GEN_OP_draw_call, fn, lower_value(l, param), 0);
}

static void call_zipf(struct lower *l, const struct gen_type *type)
{
	struct gen_value param = { .v = (uint64_t)type->draw.ints[0] };

	gen_zipf_prepare(param.v, type->draw.numbers[1], param.w);
	call(l,
	     type->kind != GEN_FLOAT  ? GEN_CALL_ZIPF
	     : type->width_bits == 32 ? GEN_CALL_ZIPF_FLOAT
				      : GEN_CALL_ZIPF_DOUBLE,
	     &param);
}

/* Integers whose form bounds them, in units. */
struct span {
	int64_t low;
	uint64_t count;
};

/* Days and ticks of the years that ClickHouse takes: 1900 to 2299, and to 2261
 * where ticks are nanoseconds. */
static struct span span_of_dates(const struct gen_type *type)
{
	const int64_t first_day = -25567;
	const int64_t last_day = type->scale < 9 ? 120529 : 106650;
	int64_t ticks = type->form == GEN_TIME ? 86400 : 1;

	for (unsigned i = 0; type->form == GEN_TIME && i < type->scale; i++)
		ticks *= 10;
	return (struct span){
		.low = first_day * ticks,
		.count = (uint64_t)(last_day + 1 - first_day) * (uint64_t)ticks,
	};
}

/* Decimals that are not negative, of up to 18 digits. */
static struct span span_of_decimals(const struct gen_type *type)
{
	struct span ret = { .count = 1 };

	for (unsigned i = 0; i < type->precision && i < 18; i++)
		ret.count *= 10;
	return ret;
}

/* `count` from the span's beginning on. */
static void call_between(struct lower *l, struct span span, uint64_t count)
{
	if (count > span.count)
		lower_refuse(l, "the type has no %" PRIu64 " values", count);
	call(l, GEN_CALL_BETWEEN,
	     &(struct gen_value){
		     .v = true,
		     .w = { (uint64_t)span.low,
			    (uint64_t)span.low + count - 1 },
	     });
}

static bool is_date(const struct gen_type *type)
{
	return type->is_signed &&
	       (type->form == GEN_DATE || type->form == GEN_TIME);
}

/* The least and the most of an integer, as far as 64 bits hold it. */
static void set_bounds(const struct gen_type *type, uint64_t ret[2])
{
	struct span span;

	ret[0] = (uint64_t)gen_int_least(type);
	ret[1] = gen_int_most(type);
	if (is_date(type)) {
		span = span_of_dates(type);
		ret[0] = (uint64_t)span.low;
		ret[1] = (uint64_t)span.low + span.count - 1;
	} else if (type->form == GEN_DECIMAL && type->precision <= 18) {
		span = span_of_decimals(type);
		ret[0] = 1 - span.count;
		ret[1] = span.count - 1;
	}
}

static void call_normal(struct lower *l, const struct gen_type *type)
{
	const double *numbers = type->draw.numbers;
	struct gen_value param = {
		.w = { m_double_bits(numbers[0]), m_double_bits(numbers[1]) },
	};

	if (type->kind == GEN_FLOAT) {
		param.w[3] = type->width_bits == 32;
		call(l, GEN_CALL_NORMAL, &param);
		return;
	}
	param.v = type->is_signed;
	set_bounds(type, param.w + 2);
	call(l, GEN_CALL_ROUND_NORMAL, &param);
}

static unsigned digits_of(uint64_t x)
{
	unsigned ret = 1;

	for (; x >= 10; x /= 10)
		ret++;
	return ret;
}

/* Each text has the digits that tell it from others. */
static void call_texts(struct lower *l, const struct gen_type *type)
{
	const uint64_t count = (uint64_t)type->draw.ints[0];
	const uint64_t len = lower_text_max(l, type);

	if (digits_of(count - 1) > len)
		lower_refuse(l,
			     "%" PRIu64 " texts can't be told apart by their "
			     "number, as they have at most %" PRIu64 " bytes",
			     count, len);
	if (l->program->text_bytes < len)
		l->program->text_bytes = len;
	call(l, GEN_CALL_TEXTS,
	     &(struct gen_value){ .v = count, .w = { len } });
}

static void call_cardinality(struct lower *l, const struct gen_type *type)
{
	struct gen_value param = { .v = (uint64_t)type->draw.ints[0] };

	if (type->kind == GEN_FLOAT) {
		param.w[3] = type->width_bits == 32;
		call(l, GEN_CALL_FRACTION, &param);
	} else if (type->kind == GEN_STRING || type->kind == GEN_VECTOR) {
		call_texts(l, type);
	} else if (type->kind == GEN_CHAR) {
		call_between(l, (struct span){ 'a', 26 }, param.v);
	} else if (is_date(type)) {
		call_between(l, span_of_dates(type), param.v);
	} else if (type->form == GEN_DECIMAL) {
		call_between(l, span_of_decimals(type), param.v);
	} else {
		param.w[0] = type->kind == GEN_BOOL ? 1 : type->width_bits;
		param.w[1] = type->kind == GEN_INT && type->is_signed;
		call(l, GEN_CALL_CARDINALITY, &param);
	}
}

/* Days, ticks, or, of a plain integer, seconds in up to 32 bits and
 * nanoseconds in more. */
static void call_now(struct lower *l, const struct gen_type *type)
{
	struct gen_value param = { .v = 1 };

	if (type->kind == GEN_FLOAT) {
		param.w[3] = type->width_bits == 32;
		call(l, GEN_CALL_SECONDS_FLOAT, &param);
		return;
	}
	if (type->form == GEN_DATE)
		param.v = 0;
	else if (type->form == GEN_PLAIN && type->width_bits > 32)
		param.v = 1000000000;
	for (unsigned i = 0; type->form == GEN_TIME && i < type->scale; i++)
		param.v *= 10;
	call(l, GEN_CALL_SECONDS, &param);
}

static void call_numbers(struct lower *l, const struct gen_type *type,
			 enum gen_draw_call of_float, enum gen_draw_call of_int)
{
	const struct gen_draw *draw = &type->draw;

	if (type->kind == GEN_FLOAT)
		call(l, of_float,
		     &(struct gen_value){
			     .w = { m_double_bits(draw->numbers[0]),
				    m_double_bits(draw->numbers[1]), 0,
				    type->width_bits == 32 },
		     });
	else
		call(l, of_int,
		     &(struct gen_value){
			     .v = type->is_signed,
			     .w = { (uint64_t)draw->ints[0],
				    (uint64_t)draw->ints[1] },
		     });
}

void lower_draw_call(struct lower *l, const struct gen_type *type)
{
	switch (type->draw.kind) {
	case GEN_DRAW_SEQ:
		call_numbers(l, type, GEN_CALL_SEQ_FLOAT, GEN_CALL_SEQ_WIDE);
		break;
	case GEN_DRAW_UNIFORM:
		call_numbers(l, type, GEN_CALL_FLOAT, GEN_CALL_BETWEEN);
		break;
	case GEN_DRAW_NORMAL:
		call_normal(l, type);
		break;
	case GEN_DRAW_ZIPF:
		call_zipf(l, type);
		break;
	case GEN_DRAW_CARDINALITY:
		call_cardinality(l, type);
		break;
	default:
		call_now(l, type);
		break;
	}
}

bool lower_draw_form(struct lower *l, const struct gen_type *type)
{
	if (is_date(type))
		call_between(l, span_of_dates(type), span_of_dates(type).count);
	else if (type->form == GEN_DECIMAL)
		call(l, GEN_CALL_DECIMAL,
		     &(struct gen_value){ .v = type->precision });
	else
		return false;
	return true;
}
