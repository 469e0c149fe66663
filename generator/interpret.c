#include "generator/interpret.h"

#include "generator/control.h"

/*
 * The engine that needs no compiler: one label for each op, and a jump from the
 * end of each op to the next one, so that the processor can predict each by
 * itself. The machine is a local struct whose address is never given away, so
 * what ops use most is in the processor's registers.
 */

static inline const struct gen_op *
call(struct gen_machine *m, const struct gen_op *op, const struct gen_op *ops)
{
	m_call(m, op->slot, op);
	return ops + op->target;
}

static inline const struct gen_op *ret(struct gen_machine *m)
{
	const struct gen_call *call = m_return(m);
	const struct gen_op *op = call->back;

	m_copy_frame(&m->f, &call->frame, op->slot);
	return op + 1;
}

void gen_interpret(const struct gen_program *program, struct gen_run *run)
{
	static const void *const labels[GEN_OP_COUNT] = {
#define X(name) [GEN_OP_##name] = &&do_##name,
		/* cppcheck-suppress assignBoolToPointer; no conjunction */
		GEN_CONTROL_OPS(X) GEN_STRAIGHT_OPS(X)
#undef X
	};
	const struct gen_op *const ops = program->ops;
	const struct gen_op *op = ops;
	const uint8_t *const begin = run->begin;
	uint64_t *ends = run->ends, batch_end = run->row;
	struct gen_machine m = { 0 };

	m_begin(&m, run);

#define GO goto *labels[op->code]
	GO;

do_row:
	m_commit(&m, run);
	run->ends = ends;
	if (op->b != 0)
		batch_end = m.row + (m.row != run->row_end);
	else
		batch_end = m_batch_end(&m, run->end, run->row_end, op->a);
	if (m.row == batch_end || (size_t)(run->end - m.p) < op->a)
		return;
next_row:
	m_begin_row(&m);
	op = ops + 1;
	GO;
do_room:
	/* What the value has so far is forgotten: `row` has stored it all. */
	if ((size_t)(run->end - m.p) < op->a)
		return;
	op++;
	GO;
do_jump:
	op = ops + op->target;
	GO;
do_null:
	op = (uint32_t)rng_next(&m.rng) < op->b ? ops + op->target : op + 1;
	GO;
do_null_shared:
	m.shared = rng_next(&m.rng);
	op = (uint32_t)m.shared < op->b ? ops + op->target : op + 1;
	GO;
do_null_deep:
	op = (uint32_t)rng_next(&m.rng) < op->b || !m_may_go_deeper(&m)
		     ? ops + op->target
		     : op + 1;
	GO;
do_null_tape:
	op = m.env->tape++->v == 0 ? ops + op->target : op + 1;
	GO;
do_loop_test:
	op = m.f.count[op->slot] == 0 ? ops + op->target : op + 1;
	GO;
do_loop_next:
	op = --m.f.count[op->slot] != 0 ? ops + op->target : op + 1;
	GO;
do_switch:
	op += 1 + m.v;
	GO;
do_call:
	op = call(&m, op, ops);
	GO;
do_ret:
	op = ret(&m);
	GO;
do_end:
	m.row++;
	if (ends != NULL)
		*ends++ = (uint64_t)(m.p - begin);
	if (m.row != batch_end)
		goto next_row;
	op = ops;
	goto do_row;
#define X(name)                                         \
	do_##name : op_##name(&m, op->a, op->b, op->c); \
	op++;                                           \
	GO;
	GEN_STRAIGHT_OPS(X)
#undef X
#undef GO
}
