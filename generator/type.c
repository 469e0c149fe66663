#include "generator/type.h"

#include <assert.h>
#include <stdlib.h>

void gen_draw_clear(struct gen_draw *draw)
{
	for (size_t i = 0; i < draw->text_count; i++)
		free(draw->texts[i]);
	free(draw->texts);
	draw->texts = NULL;
	draw->text_count = 0;
}

void gen_type_clear(struct gen_type *type)
{
	for (size_t i = 0; i < type->member_count; i++) {
		free(type->members[i].name);
		gen_type_clear(&type->members[i].type);
	}
	free(type->members);
	for (size_t i = 0; i < type->label_count; i++)
		free(type->labels[i].text);
	free(type->labels);
	free(type->name);
	gen_draw_clear(&type->draw);
	*type = (struct gen_type){ 0 };
}

size_t gen_int_bytes(const struct gen_type *type)
{
	size_t bytes = 1;

	assert(type->kind == GEN_INT);
	while (bytes * 8 < type->width_bits)
		bytes *= 2;
	return bytes;
}

int64_t gen_int_least(const struct gen_type *type)
{
	return type->is_signed ? -(int64_t)gen_int_most(type) - 1 : 0;
}

uint64_t gen_int_most(const struct gen_type *type)
{
	const unsigned bits = type->width_bits < 64 ? type->width_bits : 64;

	return UINT64_MAX >> (64 - bits + type->is_signed);
}

bool gen_type_recurses(const struct gen_type *type)
{
	if (type->kind == GEN_THIS)
		return true;
	for (size_t i = 0; i < type->member_count; i++)
		if (gen_type_recurses(&type->members[i].type))
			return true;
	return false;
}

/* What a type by itself lacks. */
static const char *why_barren(const struct gen_type *type)
{
	if (type->kind == GEN_OPAQUE)
		return "it has no values";
	if (type->kind == GEN_VOID)
		return "only alternatives of a sum can be void";
	return type->has_end ? NULL : "its values have no end";
}

static bool is_plain_void(const struct gen_type *type)
{
	return type->kind == GEN_VOID && !type->is_nullable;
}

const struct gen_type *gen_type_find_barren(const struct gen_type *type,
					    const char **ret_why)
{
	const char *why = why_barren(type);

	/* What is opaque has no end either: look for it within first. */
	for (size_t i = 0; i < type->member_count; i++) {
		const struct gen_type *member = &type->members[i].type;

		if (type->kind == GEN_SUM && is_plain_void(member))
			continue;
		member = gen_type_find_barren(member, ret_why);
		if (member != NULL)
			return member;
	}
	if (why != NULL)
		*ret_why = why;
	return why == NULL ? NULL : type;
}
