#include "generator/lower.h"

#include "generator/encode.h"
#include "generator/parts.h"

#include <errno.h>
#include <stdlib.h>

/*
 * The walk over a type. For each part it emits what draws it, control ops for
 * what may be there or not, and several times, and between them what the
 * encoding puts.
 *
 * It also sums up how long a value may become. Where that is known and not too
 * much, one look at the room per value is enough (op `row`). Otherwise the type
 * is walked again, and each put looks (`is_checked`).
 */

enum {
	/* A value that may be longer looks at the room with each put, */
	ROW_BYTES_MAX = 1 << 16,
	/* but once for a vector of up to so many numbers. */
	VECTOR_ITEMS_MAX = 1 << 19,
};

static void walk(struct lower *l, const struct gen_type *type,
		 enum lower_source source);

static void hook(struct lower *l, const struct gen_type *type,
		 void (*fn)(struct lower *l, const struct gen_type *type))
{
	if (fn != NULL)
		fn(l, type);
}

static void indexed(struct lower *l, const struct gen_type *type, size_t i,
		    void (*fn)(struct lower *l, const struct gen_type *type,
			       size_t index))
{
	if (fn != NULL)
		fn(l, type, i);
}

static uint64_t larger(uint64_t x, uint64_t y)
{
	return x > y ? x : y;
}

/* ---- lists --------------------------------------------------------------- */

static void draw_count(struct lower *l, const struct gen_type *type)
{
	const uint64_t min = gen_count_min(type, l->options);
	const uint64_t n = gen_count_max(type, l->options) - min + 1;

	if (type->kind == GEN_VECTOR)
		lower_op(l, GEN_OP_let, type->length, 0, 0);
	else if (l->is_tape)
		lower_op(l, GEN_OP_tape, 0, 0, 0);
	else if (gen_type_recurses(type))
		lower_op(l, GEN_OP_draw_count_deep, 0, min, n);
	else
		lower_op(l, GEN_OP_draw_count, 0, min, n);
	lower_op(l, GEN_OP_set_count, l->slot, 0, 0);
}

static void walk_item(struct lower *l, const struct gen_type *type)
{
	const bool is_packed =
		type->kind != GEN_MAP && lower_packs(&type->members[0].type);

	for (size_t i = 0; i < type->member_count; i++) {
		indexed(l, type, i, l->encoding->item);
		walk(l, &type->members[i].type,
		     is_packed ? LOWER_PACKED : LOWER_OWN);
	}
	if (type->kind == GEN_MAP)
		hook(l, type, l->encoding->paired);
}

/*
 *        loop_test end        none at all
 *        jump item
 * again: (what is between two items)
 * item:  ...
 *        loop_next again
 * end:
 */
static void walk_items(struct lower *l, const struct gen_type *type)
{
	const uint64_t most = gen_count_max(type, l->options);
	const uint64_t before = l->bound;
	uint32_t test, jump, again, next;

	l->bound = 0;
	test = lower_op(l, GEN_OP_loop_test, 0, 0, 0);
	if (type->kind != GEN_MAP && lower_packs(&type->members[0].type))
		lower_op(l, GEN_OP_pack_reset, 0, 0, 0);
	jump = lower_op(l, GEN_OP_jump, 0, 0, 0);
	again = lower_next(l);
	hook(l, type, l->encoding->between);
	lower_here(l, jump);
	walk_item(l, type);
	next = lower_op(l, GEN_OP_loop_next, 0, 0, 0);
	if (l->rc == 0)
		l->program->ops[next].target = again;
	lower_here(l, test);
	if (__builtin_mul_overflow(l->bound, most, &l->bound) ||
	    __builtin_add_overflow(l->bound, before, &l->bound))
		l->is_unbounded = true;
}

static void walk_whole_list(struct lower *l, const struct gen_type *type)
{
	draw_count(l, type);
	hook(l, type, l->encoding->open);
	walk_items(l, type);
	hook(l, type, l->encoding->close);
}

/* Whether one look at the room is enough for the whole: not too many items, and
 * each of them short. */
static bool is_looked_at_once(const struct lower *l,
			      const struct gen_type *type)
{
	return l->is_checked && type->kind == GEN_VECTOR &&
	       type->length <= VECTOR_ITEMS_MAX &&
	       lower_packs(&type->members[0].type);
}

static void walk_list(struct lower *l, const struct gen_type *type)
{
	const uint64_t before = l->bound;
	uint32_t room;

	if (!is_looked_at_once(l, type)) {
		walk_whole_list(l, type);
		return;
	}
	room = lower_op(l, GEN_OP_room, 0, 0, 0);
	l->is_checked = false;
	walk_whole_list(l, type);
	l->is_checked = true;
	if (l->rc == 0)
		l->program->ops[room].a = l->bound - before;
}

/* ---- the other compounds ------------------------------------------------- */

static void walk_fields(struct lower *l, const struct gen_type *type)
{
	hook(l, type, l->encoding->open);
	for (size_t i = 0; i < type->member_count; i++) {
		if (i > 0)
			hook(l, type, l->encoding->between);
		indexed(l, type, i, l->encoding->item);
		walk(l, &type->members[i].type, LOWER_OWN);
	}
	hook(l, type, l->encoding->close);
}

static unsigned end_calls(const struct gen_type *type)
{
	return type->is_nullable ? 0 : type->end_calls;
}

/* The alternative to take where no further copy of `this` should be: that with
 * the fewest. */
static size_t leaf_of(const struct gen_type *type)
{
	size_t ret = 0;

	for (size_t i = 1; i < type->member_count; i++)
		if (end_calls(&type->members[i].type) <
		    end_calls(&type->members[ret].type))
			ret = i;
	return ret;
}

static void draw_index(struct lower *l, const struct gen_type *type)
{
	const size_t n = type->member_count;

	if (l->is_tape)
		lower_op(l, GEN_OP_tape, 0, 0, 0);
	else if (gen_type_recurses(type))
		lower_op(l, GEN_OP_draw_index_deep, 0, n, leaf_of(type));
	else
		lower_op(l, GEN_OP_draw_index, 0, n, 0);
}

/* The op at which alternative i of a switch begins, or the next op behind the
 * last one. */
static uint32_t begin_of(const struct lower *l, uint32_t first, size_t i,
			 size_t n)
{
	return i < n ? l->program->ops[first + i].target : lower_next(l);
}

/* Each alternative ends with a jump, the last op before the next one. */
static void join(struct lower *l, uint32_t first, size_t n)
{
	for (size_t i = 0; i < n && l->rc == 0; i++)
		lower_here(l, begin_of(l, first, i + 1, n) - 1);
}

/* A switch, a jump to each alternative, and these. */
static void walk_sum(struct lower *l, const struct gen_type *type)
{
	const size_t n = type->member_count;
	const uint64_t before = l->bound;
	uint64_t most = 0;
	uint32_t first;

	draw_index(l, type);
	lower_op(l, GEN_OP_switch, n, 0, 0);
	first = lower_next(l);
	for (size_t i = 0; i < n; i++)
		lower_op(l, GEN_OP_jump, 0, 0, 0);
	for (size_t i = 0; i < n; i++) {
		lower_here(l, first + (uint32_t)i);
		l->bound = 0;
		indexed(l, type, i, l->encoding->choose);
		walk(l, &type->members[i].type, LOWER_OWN);
		indexed(l, type, i, l->encoding->chosen);
		most = larger(most, l->bound);
		lower_op(l, GEN_OP_jump, 0, 0, 0);
	}
	join(l, first, n);
	if (__builtin_add_overflow(before, most, &l->bound))
		l->is_unbounded = true;
}

static bool note_target(struct lower *l, const struct gen_type *type)
{
	const size_t n = l->target_count + 1;
	const struct gen_type **targets =
		realloc(l->targets, n * sizeof(*targets));

	if (targets != NULL)
		l->targets = targets;
	if (targets == NULL) {
		l->rc = -ENOMEM;
		return false;
	}
	l->targets[l->target_count++] = type;
	return true;
}

/* A call of the subroutine for its target; which op that is turns out at the
 * end, see walk_targets(). */
static void walk_this(struct lower *l, const struct gen_type *type)
{
	size_t i = 0;

	while (i < l->target_count && l->targets[i] != type->target)
		i++;
	if (i == l->target_count && !note_target(l, type->target))
		return;
	lower_op(l, GEN_OP_call, i, 0, 0);
	l->is_unbounded = true;
}

static void walk_compound(struct lower *l, const struct gen_type *type)
{
	l->slot++;
	if (type->kind == GEN_SUM)
		walk_sum(l, type);
	else if (type->kind == GEN_TUPLE || type->kind == GEN_RECORD)
		walk_fields(l, type);
	else
		walk_list(l, type);
	l->slot--;
}

/* ---- any type ------------------------------------------------------------ */

static bool is_text(const struct lower *l, const struct gen_type *type)
{
	const struct gen_type *item;

	if (type->kind != GEN_VECTOR)
		return false;
	item = &type->members[0].type;
	return type->form == GEN_FIXED_STRING ||
	       (l->encoding->chars_are_text && item->kind == GEN_CHAR &&
		lower_packs(item));
}

static void walk_present(struct lower *l, const struct gen_type *type,
			 enum lower_source source)
{
	switch (type->kind) {
	case GEN_VOID:
		return;
	case GEN_THIS:
		walk_this(l, type);
		return;
	case GEN_VECTOR:
	case GEN_ARRAY:
	case GEN_MAP:
	case GEN_TUPLE:
	case GEN_RECORD:
	case GEN_SUM:
		if (!is_text(l, type)) {
			walk_compound(l, type);
			return;
		}
		break;
	default:
		break;
	}
	lower_draw(l, type, source);
	hook(l, type, l->encoding->scalar);
}

static double null_rate(const struct lower *l, const struct gen_type *type)
{
	if (type->draw.has_null_rate)
		return type->draw.null_rate;
	if (type->draw.kind == GEN_DRAW_CONST)
		return 0;
	return l->options->has_null_rate ? l->options->null_rate : 0.5;
}

static uint32_t draw_null(struct lower *l, const struct gen_type *type)
{
	const uint64_t below = (uint64_t)(null_rate(l, type) * 0x1p32);

	if (l->is_tape)
		return lower_op(l, GEN_OP_null_tape, 0, 0, 0);
	if (gen_type_recurses(type))
		return lower_op(l, GEN_OP_null_deep, 0, below, 0);
	if (lower_shares_draw(type))
		return lower_op(l, GEN_OP_null_shared, 0, below, 0);
	return lower_op(l, GEN_OP_null, 0, below, 0);
}

/*
 *       null none
 *       (present) ...
 *       jump end
 * none: (null)
 * end:
 */
static void walk_nullable(struct lower *l, const struct gen_type *type)
{
	const uint64_t before = l->bound;
	const uint32_t null = draw_null(l, type);
	uint64_t most;
	uint32_t jump;

	l->bound = 0;
	hook(l, type, l->encoding->present);
	walk_present(l, type,
		     lower_shares_draw(type) ? LOWER_SHARED : LOWER_OWN);
	jump = lower_op(l, GEN_OP_jump, 0, 0, 0);
	most = l->bound;
	l->bound = 0;
	lower_here(l, null);
	hook(l, type, l->encoding->null);
	lower_here(l, jump);
	most = larger(most, l->bound);
	if (__builtin_add_overflow(before, most, &l->bound))
		l->is_unbounded = true;
}

static void walk(struct lower *l, const struct gen_type *type,
		 enum lower_source source)
{
	if (l->rc < 0)
		return;
	if (type->is_nullable)
		walk_nullable(l, type);
	else
		walk_present(l, type, source);
}

/* ---- the program --------------------------------------------------------- */

/* Where each `this` of the program goes. */
static void set_calls(struct lower *l)
{
	for (size_t i = 0; i < l->program->op_count && l->rc == 0; i++) {
		struct gen_op *op = &l->program->ops[i];

		if (op->code == GEN_OP_call)
			op->target = l->target_ops[op->a];
	}
}

/* A subroutine for each type that is meant by `this`; in them further ones may
 * turn up. */
static void walk_targets(struct lower *l)
{
	for (size_t i = 0; i < l->target_count && l->rc == 0; i++) {
		uint32_t *ops =
			realloc(l->target_ops, l->target_count * sizeof(*ops));

		if (ops == NULL) {
			l->rc = -ENOMEM;
			return;
		}
		l->target_ops = ops;
		l->target_ops[i] = lower_next(l);
		walk_present(l, l->targets[i], LOWER_OWN);
		lower_op(l, GEN_OP_ret, 0, 0, 0);
	}
	set_calls(l);
}

static void write_program(struct lower *l, const struct gen_type *type)
{
	uint32_t row;

	if (l->encoding->check != NULL)
		l->encoding->check(l, type);
	row = lower_op(l, GEN_OP_row, 0, 0, 0);
	hook(l, type, l->encoding->begin);
	walk(l, type, LOWER_OWN);
	hook(l, type, l->encoding->end);
	lower_op(l, GEN_OP_end, 0, 0, 0);
	walk_targets(l);
	if (l->rc < 0)
		return;
	l->is_unbounded |= l->bound > ROW_BYTES_MAX;
	l->program->row_bytes = l->is_unbounded ? 0 : (size_t)l->bound;
	l->program->ops[row].a = l->program->row_bytes;
	l->program->ops[row].b = l->is_checked;
}

/* Begin again; the options stay. */
static void rewind_program(struct lower *l)
{
	gen_program_clear(l->program);
	free(l->targets);
	free(l->target_ops);
	l->targets = NULL;
	l->target_ops = NULL;
	l->target_count = 0;
	l->op_room = l->value_room = l->literal_room = 0;
	l->bound = 0;
	l->is_unbounded = false;
}

int gen_lower(const struct gen_type *type, const struct gen_encoding *encoding,
	      const struct gen_options *options, bool is_tape,
	      struct gen_error *ret_error, struct gen_program *ret_program)
{
	struct gen_program program = { 0 };
	struct lower l = {
		.options = options,
		.encoding = encoding,
		.is_tape = is_tape,
		.program = &program,
		.error = ret_error,
	};

	write_program(&l, type);
	if (l.rc == 0 && l.is_unbounded) {
		rewind_program(&l);
		l.is_checked = true;
		write_program(&l, type);
	}
	if (l.rc < 0)
		gen_program_clear(&program);
	else
		*ret_program = program;
	free(l.targets);
	free(l.target_ops);
	return l.rc;
}
