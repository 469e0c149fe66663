#ifndef GENERATOR_CONTROL_H
#define GENERATOR_CONTROL_H

#include "generator/machine.h"

/* What the control ops of op.h do besides moving the counter, in both engines.
 * Part of compiled programs, as machine.h is. */

static inline void m_begin(struct gen_machine *m, const struct gen_run *run)
{
	m->env = run->env;
	m->rng = run->rng;
	m->p = run->p;
	m->row = run->row;
}

/* What was made up to here counts. */
static inline void m_commit(const struct gen_machine *m, struct gen_run *run)
{
	run->rng = m->rng;
	run->p = m->p;
	run->row = m->row;
}

static inline void m_begin_row(struct gen_machine *m)
{
	m->calls = GEN_CALLS;
	m->depth = 0;
}

/* The rows up to this one certainly fit, if each takes at most so many bytes: a
 * test for all of them instead of one for each. */
static inline uint64_t m_batch_end(const struct gen_machine *m,
				   const uint8_t *end, uint64_t row_end,
				   uint64_t bytes)
{
	const uint64_t left = row_end - m->row;
	const uint64_t fit =
		bytes != 0 ? (uint64_t)(end - m->p) / bytes : UINT64_MAX;

	return m->row + (fit < left ? fit : left);
}

/* A copy of what the slots up to `slot` have. */
static inline void m_copy_frame(struct gen_frame *to,
				const struct gen_frame *from, uint64_t slot)
{
	for (uint64_t i = 0; i <= slot; i++) {
		to->count[i] = from->count[i];
		to->mark[i] = from->mark[i];
		to->bit[i] = from->bit[i];
	}
}

static inline void m_call(struct gen_machine *m, uint64_t slot,
			  const void *back)
{
	struct gen_call *call = &m->env->calls[m->depth++];

	m_copy_frame(&call->frame, &m->f, slot);
	call->back = back;
	m->calls -= m->calls > 0;
}

/* The call that ends: its frame is for the engine to take back. */
static inline const struct gen_call *m_return(struct gen_machine *m)
{
	return &m->env->calls[--m->depth];
}

#endif
