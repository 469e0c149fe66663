#include "generator/fuse.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * What an op costs the interpreter is mostly the jump to it, so the commonest
 * groups become one op each. A rule looks at the ops from some place on and
 * says how many of them it replaces, and by what. No op may jump into a group,
 * but to its beginning.
 */

/* The ops from some place on, `count` of them. */
struct view {
	const struct gen_op *ops;
	const bool *is_target;
	size_t count;
};

/* How many ops become *ret; 0: none. */
typedef size_t rule_fn(const struct view *v, struct gen_op *ret);

/* Whether these ops come next. Those that jumps of the same group go to are for
 * the rule to look at. */
static bool follows(const struct view *v, const enum gen_op_code *codes,
		    size_t count)
{
	if (v->count < count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (v->ops[i].code != codes[i])
			return false;
	return true;
}

static bool is_pair(const struct view *v, enum gen_op_code first,
		    enum gen_op_code second)
{
	const enum gen_op_code codes[] = { first, second };

	return follows(v, codes, 2) && !v->is_target[1];
}

static size_t fused(struct gen_op *ret, enum gen_op_code code, size_t count)
{
	ret->code = (uint16_t)code;
	return count;
}

/* Bits that a mask keeps, 8 for each byte. */
static uint64_t mask_bits(const struct gen_op *put)
{
	return (uint64_t)__builtin_popcountll(put->b);
}

static size_t bits_le(const struct view *v, struct gen_op *ret)
{
	const struct gen_op *draw = &v->ops[0], *put = &v->ops[1];
	const bool is_bits = is_pair(v, GEN_OP_draw_bits, GEN_OP_put_le);

	/* The sign of a shorter integer would be lost. */
	if (!is_bits && !(is_pair(v, GEN_OP_draw_sbits, GEN_OP_put_le) &&
			  64 - draw->a == mask_bits(put)))
		return 0;
	ret->a = draw->a | put->c << 8;
	ret->b = put->b;
	return fused(ret, GEN_OP_fused_bits_le, 2);
}

static bool puts_all(const struct gen_op *put)
{
	return put->b == ~(uint64_t)0 && put->c == 8;
}

static size_t seq_le(const struct view *v, struct gen_op *ret)
{
	if (!is_pair(v, GEN_OP_draw_seq, GEN_OP_put_le) ||
	    !puts_all(&v->ops[1]) || (v->ops[0].a & 63) != 0)
		return 0;
	*ret = v->ops[0];
	return fused(ret, GEN_OP_fused_seq_le, 2);
}

static size_t unit_le(const struct view *v, struct gen_op *ret)
{
	if (!is_pair(v, GEN_OP_draw_unit, GEN_OP_put_le) ||
	    !puts_all(&v->ops[1]))
		return 0;
	return fused(ret, GEN_OP_fused_unit_le, 2);
}

/* A length of up to this is one byte of LEB128. */
enum { LEB_BYTE_MAX = 127 };

static size_t letters_leb(const struct view *v, struct gen_op *ret)
{
	const struct gen_op *draw = &v->ops[0];

	if (!is_pair(v, GEN_OP_draw_letters, GEN_OP_put_leb_text) ||
	    draw->a + draw->b - 1 > LEB_BYTE_MAX)
		return 0;
	*ret = *draw;
	return fused(ret, GEN_OP_fused_letters_leb, 2);
}

static size_t hex_leb(const struct view *v, struct gen_op *ret)
{
	if (!is_pair(v, GEN_OP_draw_hex, GEN_OP_put_leb_text) ||
	    v->ops[0].a > LEB_BYTE_MAX)
		return 0;
	*ret = v->ops[0];
	return fused(ret, GEN_OP_fused_hex_leb, 2);
}

static bool is_byte(const struct gen_op *put, uint64_t byte)
{
	return put->a == 1 && put->b == byte;
}

static size_t null_le(const struct view *v, struct gen_op *ret)
{
	static const enum gen_op_code codes[] = {
		GEN_OP_null_shared, GEN_OP_put_literal, GEN_OP_draw_shared,
		GEN_OP_put_le,      GEN_OP_jump,        GEN_OP_put_literal,
	};
	const struct gen_op *o = v->ops;

	if (!follows(v, codes, 6) || !is_byte(&o[1], 0) || !is_byte(&o[5], 1))
		return 0;
	ret->a = o[2].a | o[3].c << 8;
	ret->b = o[0].b;
	ret->c = o[3].b;
	return fused(ret, GEN_OP_fused_null_le, 6);
}

static bool is_shared_draw(const struct gen_op *op)
{
	return op->code == GEN_OP_draw_shared ||
	       op->code == GEN_OP_draw_sshared ||
	       op->code == GEN_OP_draw_shared_letter;
}

/* Null or not: nothing is put, so it makes no difference. */
static size_t null_nothing(const struct view *v, struct gen_op *ret)
{
	const struct gen_op *o = v->ops;

	if (v->count < 3 || o[0].code != GEN_OP_null_shared ||
	    !is_shared_draw(&o[1]) || o[2].code != GEN_OP_jump ||
	    o[0].target != o[2].target)
		return 0;
	ret->a = 1;
	return fused(ret, GEN_OP_fused_skip, 3);
}

/* How many bits an op takes of a draw that items share; 0: it is none. */
static uint64_t packed_bits(const struct gen_op *op)
{
	if (op->code == GEN_OP_draw_packed_letter)
		return 8;
	return op->code == GEN_OP_draw_packed || op->code == GEN_OP_draw_spacked
		       ? op->a
		       : 0;
}

/* A vector of which nothing is put. */
static size_t vector_nothing(const struct view *v, struct gen_op *ret)
{
	static const enum gen_op_code codes[] = {
		GEN_OP_let,        GEN_OP_set_count, GEN_OP_loop_test,
		GEN_OP_pack_reset, GEN_OP_jump,
	};
	const struct gen_op *o = v->ops;

	if (v->count < 7 || !follows(v, codes, 5) || packed_bits(&o[5]) == 0 ||
	    o[6].code != GEN_OP_loop_next)
		return 0;
	ret->a = (o[0].a * packed_bits(&o[5]) + 63) / 64;
	return fused(ret, GEN_OP_fused_skip, 7);
}

/* A vector of integers that share draws. */
static bool is_packed_vector(const struct view *v)
{
	static const enum gen_op_code codes[] = {
		GEN_OP_let,        GEN_OP_set_count, GEN_OP_loop_test,
		GEN_OP_pack_reset, GEN_OP_jump,      GEN_OP_draw_packed,
		GEN_OP_put_le,     GEN_OP_loop_next,
	};
	static const enum gen_op_code signed_codes[] = {
		GEN_OP_let,        GEN_OP_set_count, GEN_OP_loop_test,
		GEN_OP_pack_reset, GEN_OP_jump,      GEN_OP_draw_spacked,
		GEN_OP_put_le,     GEN_OP_loop_next,
	};

	return (follows(v, codes, 8) || follows(v, signed_codes, 8)) &&
	       mask_bits(&v->ops[6]) == v->ops[5].a;
}

static size_t vector(const struct view *v, struct gen_op *ret)
{
	const struct gen_op *o = v->ops;

	if (!is_packed_vector(v) || o[5].a != 8 * o[6].c)
		return 0;
	ret->a = o[0].a;
	ret->b = o[6].c;
	return fused(ret, GEN_OP_fused_vector, 8);
}

/* ---- ringbuf's ----------------------------------------------------------- */

static size_t letters_word(const struct view *v, struct gen_op *ret)
{
	if (!is_pair(v, GEN_OP_draw_letters, GEN_OP_put_word_text))
		return 0;
	*ret = v->ops[0];
	return fused(ret, GEN_OP_fused_letters_word, 2);
}

static size_t hex_word(const struct view *v, struct gen_op *ret)
{
	if (!is_pair(v, GEN_OP_draw_hex, GEN_OP_put_word_text))
		return 0;
	ret->a = v->ops[0].a;
	return fused(ret, GEN_OP_fused_hex_word, 2);
}

static size_t vector_words(const struct view *v, struct gen_op *ret)
{
	const struct gen_op *o = v->ops;

	if (!is_packed_vector(v) || o[6].c != 4 || o[5].a > 32)
		return 0;
	ret->a = o[0].a;
	ret->b = o[5].a;
	return fused(ret, GEN_OP_fused_vector_words, 8);
}

static size_t null_word(const struct view *v, struct gen_op *ret)
{
	static const enum gen_op_code codes[] = {
		GEN_OP_null_shared, GEN_OP_mask_next, GEN_OP_draw_shared,
		GEN_OP_put_le,      GEN_OP_jump,      GEN_OP_mask_next,
	};
	const struct gen_op *o = v->ops;

	if (!follows(v, codes, 6) || o[3].c != 4)
		return 0;
	ret->a = o[2].a | o[1].a << 8 | o[5].b << 16;
	ret->b = o[0].b;
	ret->c = o[3].b;
	return fused(ret, GEN_OP_fused_null_word, 6);
}

/* ---- of texts ------------------------------------------------------------ */

static size_t dec_literal(const struct view *v, struct gen_op *ret)
{
	if (!is_pair(v, GEN_OP_put_dec, GEN_OP_put_literal))
		return 0;
	*ret = v->ops[1];
	return fused(ret, GEN_OP_fused_dec_literal, 2);
}

static size_t sdec_literal(const struct view *v, struct gen_op *ret)
{
	if (!is_pair(v, GEN_OP_put_sdec, GEN_OP_put_literal))
		return 0;
	*ret = v->ops[1];
	return fused(ret, GEN_OP_fused_sdec_literal, 2);
}

/* The first one that applies: a vector of words is one of bytes first of all. */
static rule_fn *const rules[] = {
	vector,         letters_word, hex_word,     vector_words, null_word,
	vector_nothing, null_le,      null_nothing, bits_le,      seq_le,
	unit_le,        letters_leb,  hex_leb,      dec_literal,  sdec_literal,
};

/* ---- the program --------------------------------------------------------- */

static bool has_target(const struct gen_op *op)
{
	switch (op->code) {
	case GEN_OP_jump:
	case GEN_OP_null:
	case GEN_OP_null_shared:
	case GEN_OP_null_deep:
	case GEN_OP_null_tape:
	case GEN_OP_loop_test:
	case GEN_OP_loop_next:
	case GEN_OP_call:
		return true;
	default:
		return false;
	}
}

static void mark_targets(const struct gen_program *p, bool *is_target)
{
	for (size_t i = 0; i < p->op_count; i++) {
		const struct gen_op *op = &p->ops[i];

		if (has_target(op))
			is_target[op->target] = true;
		if (op->code == GEN_OP_call)
			is_target[i + 1] = true;
		if (op->code == GEN_OP_switch)
			for (uint64_t k = 1; k <= op->a; k++)
				is_target[i + k] = true;
	}
}

static size_t replace(const struct view *v, struct gen_op *ret)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const size_t count = rules[i](v, ret);

		if (count > 0)
			return count;
	}
	*ret = v->ops[0];
	return 1;
}

/* Rewrite the ops in place; where each one went is in new_index. */
static void shorten(struct gen_program *p, const bool *is_target,
		    uint32_t *new_index)
{
	size_t to = 0;

	for (size_t from = 0; from < p->op_count; to++) {
		const struct view v = { p->ops + from, is_target + from,
					p->op_count - from };
		struct gen_op op = { .slot = v.ops[0].slot };
		const size_t count = replace(&v, &op);

		for (size_t i = 0; i < count; i++)
			new_index[from + i] = (uint32_t)to;
		p->ops[to] = op;
		from += count;
	}
	p->op_count = to;
	for (size_t i = 0; i < to; i++)
		if (has_target(&p->ops[i]))
			p->ops[i].target = new_index[p->ops[i].target];
}

int gen_fuse(struct gen_program *program)
{
	const size_t n = program->op_count + 1;
	bool *is_target = calloc(n, sizeof(*is_target));
	uint32_t *new_index = calloc(n, sizeof(*new_index));
	int rc = -ENOMEM;

	if (is_target != NULL && new_index != NULL) {
		mark_targets(program, is_target);
		shorten(program, is_target, new_index);
		rc = 0;
	}
	free(is_target);
	free(new_index);
	return rc;
}
