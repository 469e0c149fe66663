#include "generator/parts.h"

static uint64_t sum(uint64_t x, uint64_t y)
{
	return x > UINT64_MAX - y ? UINT64_MAX : x + y;
}

static uint64_t product(uint64_t x, uint64_t y)
{
	uint64_t ret;

	return __builtin_mul_overflow(x, y, &ret) ? UINT64_MAX : ret;
}

uint64_t gen_count_min(const struct gen_type *type,
		       const struct gen_options *options)
{
	const struct gen_range *range = &options->array_length;

	if (type->kind == GEN_VECTOR)
		return type->length;
	if (type->draw.has_length)
		return type->draw.length_min;
	return range->given ? range->min : 0;
}

uint64_t gen_count_max(const struct gen_type *type,
		       const struct gen_options *options)
{
	const struct gen_range *range = &options->array_length;

	if (type->kind == GEN_VECTOR)
		return type->length;
	if (type->draw.has_length)
		return type->draw.length_max;
	return range->given ? range->max : 7;
}

/* A sum has one alternative, which may be the least. */
uint64_t gen_parts_min(const struct gen_type *type,
		       const struct gen_options *options)
{
	uint64_t ret = 0;

	if (type->is_nullable || type->member_count == 0 ||
	    type->kind == GEN_SUM)
		return 1;
	for (size_t i = 0; i < type->member_count; i++)
		ret = sum(ret, gen_parts_min(&type->members[i].type, options));
	if (type->kind == GEN_TUPLE || type->kind == GEN_RECORD)
		return ret;
	return product(ret, gen_count_min(type, options));
}
