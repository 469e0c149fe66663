#ifndef GENERATOR_OP_DRAW_H
#define GENERATOR_OP_DRAW_H

#include "generator/machine.h"

#include <stdbool.h>

/* The ops that draw: into v, w or text. Part of compiled programs, as machine.h
 * is. */

/* The top 64 - a bits of a draw. */
static inline void op_draw_bits(struct gen_machine *m, uint64_t a, uint64_t b,
				uint64_t c)
{
	(void)b;
	(void)c;
	m->v = rng_next(&m->rng) >> a;
}

/* The same, signed. */
static inline void op_draw_sbits(struct gen_machine *m, uint64_t a, uint64_t b,
				 uint64_t c)
{
	(void)b;
	(void)c;
	m->v = (uint64_t)((int64_t)rng_next(&m->rng) >> a);
}

/* The top 64 - a bits of the draw that null_shared made. */
static inline void op_draw_shared(struct gen_machine *m, uint64_t a, uint64_t b,
				  uint64_t c)
{
	(void)b;
	(void)c;
	m->v = m->shared >> a;
}

static inline void op_draw_sshared(struct gen_machine *m, uint64_t a,
				   uint64_t b, uint64_t c)
{
	(void)b;
	(void)c;
	m->v = (uint64_t)((int64_t)m->shared >> a);
}

/* A new list: its first item makes a draw of its own. */
static inline void op_pack_reset(struct gen_machine *m, uint64_t a, uint64_t b,
				 uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	m->pack_bits = 0;
}

/* The next a bits, from the lowest on, of a draw that items share. a divides
 * 64. */
static inline void op_draw_packed(struct gen_machine *m, uint64_t a, uint64_t b,
				  uint64_t c)
{
	(void)b;
	(void)c;
	if (m->pack_bits == 0) {
		m->pack = rng_next(&m->rng);
		m->pack_bits = 64;
	}
	m->v = m->pack << (64 - a) >> (64 - a);
	m->pack = a < 64 ? m->pack >> a : 0;
	m->pack_bits -= a;
}

static inline void op_draw_spacked(struct gen_machine *m, uint64_t a,
				   uint64_t b, uint64_t c)
{
	op_draw_packed(m, a, b, c);
	m->v = (uint64_t)((int64_t)(m->v << (64 - a)) >> (64 - a));
}

/* a words, lowest first. */
static inline void op_draw_wide(struct gen_machine *m, uint64_t a, uint64_t b,
				uint64_t c)
{
	(void)b;
	(void)c;
	for (uint64_t i = 0; i < a; i++)
		m->w[i] = rng_next(&m->rng);
}

/* In [0, 1), in steps of 2^-53. */
static inline void op_draw_unit(struct gen_machine *m, uint64_t a, uint64_t b,
				uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	m->v = m_double_bits((double)(rng_next(&m->rng) >> 11) * 0x1p-53);
}

/* In [0, 1), in steps of 2^-24. */
static inline void op_draw_unit32(struct gen_machine *m, uint64_t a, uint64_t b,
				  uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	m->v = m_float_bits((float)(rng_next(&m->rng) >> 40) * 0x1p-24f);
}

static inline uint64_t m_letter(uint64_t byte)
{
	return 'a' + (byte * 26 >> 8);
}

static inline void op_draw_letter(struct gen_machine *m, uint64_t a, uint64_t b,
				  uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	m->v = m_letter(rng_next(&m->rng) >> 56);
}

static inline void op_draw_shared_letter(struct gen_machine *m, uint64_t a,
					 uint64_t b, uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	m->v = m_letter(m->shared >> 56);
}

static inline void op_draw_packed_letter(struct gen_machine *m, uint64_t a,
					 uint64_t b, uint64_t c)
{
	(void)a;
	op_draw_packed(m, 8, b, c);
	m->v = m_letter(m->v);
}

/* `len` letters to p, eight for each draw. */
static inline void m_draw_letters(struct gen_machine *m, uint8_t *p,
				  uint64_t len)
{
	for (uint64_t i = 0; i < len; i += 8)
		m_store(p + i, m_letters(rng_next(&m->rng)));
}

/* a + (0..b - 1) letters; c: they are 16 at most, and always take two draws, so
 * that there is nothing to branch on. */
static inline uint64_t m_draw_text(struct gen_machine *m, uint8_t *p,
				   uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t len = a + rng_scale(rng_next(&m->rng), b);

	m_draw_letters(m, p, c != 0 ? 16 : len);
	return len;
}

static inline void op_draw_letters(struct gen_machine *m, uint64_t a,
				   uint64_t b, uint64_t c)
{
	m->text = m->env->scratch;
	m->text_bytes = m_draw_text(m, m->env->scratch, a, b, c);
}

/* a letters. */
static inline void op_draw_fixed_letters(struct gen_machine *m, uint64_t a,
					 uint64_t b, uint64_t c)
{
	(void)b;
	(void)c;
	m->text = m->env->scratch;
	m->text_bytes = a;
	m_draw_letters(m, m->env->scratch, a);
}

static inline void m_draw_hex(struct gen_machine *m, uint8_t *p, uint64_t len)
{
	for (uint64_t i = 0; i < len; i += 16) {
		const uint64_t x = rng_next(&m->rng);

		m_store(p + i, m_hex(x >> 32));
		m_store(p + i + 8, m_hex(x));
	}
}

/* a hexadecimal digits, 16 for each draw. */
static inline void op_draw_hex(struct gen_machine *m, uint64_t a, uint64_t b,
			       uint64_t c)
{
	(void)b;
	(void)c;
	m->text = m->env->scratch;
	m->text_bytes = a;
	m_draw_hex(m, m->env->scratch, a);
}

/* One of the c integers from b on; c 0: of all 2^64. */
static inline void op_draw_uniform(struct gen_machine *m, uint64_t a,
				   uint64_t b, uint64_t c)
{
	const uint64_t x = rng_next(&m->rng);

	(void)a;
	m->v = b + (c != 0 ? rng_scale(x, c) : x);
}

/* b + c x number of the value, in 64 - (a & 63) bits; a >= 64: signed. */
static inline void op_draw_seq(struct gen_machine *m, uint64_t a, uint64_t b,
			       uint64_t c)
{
	const uint64_t shift = a & 63;
	const uint64_t x = (b + c * m->row) << shift;

	m->v = a >= 64 ? (uint64_t)((int64_t)x >> shift) : x >> shift;
}

/* No memcpy(): it would take the address of the machine, which then had to be
 * in memory with all its registers. */
static inline void m_load(struct gen_machine *m, const struct gen_value *value)
{
	m->v = value->v;
	for (int i = 0; i < 4; i++)
		m->w[i] = value->w[i];
	m->text = value->text;
	m->text_bytes = value->text_bytes;
}

/* values[a]. */
static inline void op_draw_const(struct gen_machine *m, uint64_t a, uint64_t b,
				 uint64_t c)
{
	(void)b;
	(void)c;
	m_load(m, &m->env->values[a]);
}

/* One of the b from values[a] on. */
static inline void op_draw_pick(struct gen_machine *m, uint64_t a, uint64_t b,
				uint64_t c)
{
	(void)c;
	m_load(m, &m->env->values[a + rng_scale(rng_next(&m->rng), b)]);
}

/* What draws[a] makes of values[b]. */
static inline void op_draw_call(struct gen_machine *m, uint64_t a, uint64_t b,
				uint64_t c)
{
	struct gen_value value = { .v = m->row, .text = m->env->scratch };
	struct gen_rng rng = m->rng;

	(void)c;
	m->env->draws[a](&rng, &m->env->values[b], &value);
	m->rng = rng;
	m_load(m, &value);
}

/* The next of the tape. */
static inline void op_tape(struct gen_machine *m, uint64_t a, uint64_t b,
			   uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	m_load(m, m->env->tape++);
}

/* v = a. */
static inline void op_let(struct gen_machine *m, uint64_t a, uint64_t b,
			  uint64_t c)
{
	(void)b;
	(void)c;
	m->v = a;
}

/* count[a] = v: the items of a list. */
static inline void op_set_count(struct gen_machine *m, uint64_t a, uint64_t b,
				uint64_t c)
{
	(void)b;
	(void)c;
	m->f.count[a] = m->v;
}

/* b..b + c - 1 items, into v. */
static inline void op_draw_count(struct gen_machine *m, uint64_t a, uint64_t b,
				 uint64_t c)
{
	(void)a;
	m->v = b + rng_scale(rng_next(&m->rng), c);
}

/* Whether a further copy of `this` may be: GENERATOR.md 2.3. */
static inline bool m_may_go_deeper(const struct gen_machine *m)
{
	return m->calls > 0 && m->depth < GEN_CALL_DEPTH - 1;
}

/*
 * The same where items hold `this`: each copy around halves both bounds, and
 * there is none any more where no further copy may be. So it ends.
 */
static inline void op_draw_count_deep(struct gen_machine *m, uint64_t a,
				      uint64_t b, uint64_t c)
{
	const uint64_t most = (b + c - 1) >> (m->depth & 63);
	const uint64_t least = b >> (m->depth & 63);

	(void)a;
	m->v = least + rng_scale(rng_next(&m->rng), most - least + 1);
	if (!m_may_go_deeper(m))
		m->v = 0;
}

/* One of b alternatives, into v. */
static inline void op_draw_index(struct gen_machine *m, uint64_t a, uint64_t b,
				 uint64_t c)
{
	(void)a;
	(void)c;
	m->v = rng_scale(rng_next(&m->rng), b);
}

/* The same; c where no further copy of `this` may be. */
static inline void op_draw_index_deep(struct gen_machine *m, uint64_t a,
				      uint64_t b, uint64_t c)
{
	op_draw_index(m, a, b, c);
	if (!m_may_go_deeper(m))
		m->v = c;
}

#endif
