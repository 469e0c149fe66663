#ifndef GENERATOR_OP_FUSED_H
#define GENERATOR_OP_FUSED_H

#include "generator/op_draw.h"
#include "generator/op_put.h"

/* Several ops in one, for the interpreter: see fuse.c. Each is made of the ops
 * that it replaces, or does what they do without a branch. */

/* draw_bits(a & 63), put_le(b, a >> 8). */
static inline void op_fused_bits_le(struct gen_machine *m, uint64_t a,
				    uint64_t b, uint64_t c)
{
	op_draw_bits(m, a & 63, 0, 0);
	op_put_le(m, 0, b, a >> 8);
	(void)c;
}

/* draw_seq(64, b, c), put_le of all 8 bytes. */
static inline void op_fused_seq_le(struct gen_machine *m, uint64_t a,
				   uint64_t b, uint64_t c)
{
	op_draw_seq(m, a, b, c);
	op_put_le(m, 0, ~(uint64_t)0, 8);
}

/* draw_unit, put_le of 8 bytes. */
static inline void op_fused_unit_le(struct gen_machine *m, uint64_t a,
				    uint64_t b, uint64_t c)
{
	op_draw_unit(m, a, b, c);
	op_put_le(m, 0, ~(uint64_t)0, 8);
}

/* draw_letters of less than 128, put_leb_text. */
static inline void op_fused_letters_leb(struct gen_machine *m, uint64_t a,
					uint64_t b, uint64_t c)
{
	const uint64_t len = m_draw_text(m, m->p + 1, a, b, c);

	*m->p = (uint8_t)len;
	m->p += 1 + len;
}

/* draw_hex of less than 128, put_leb_text. */
static inline void op_fused_hex_leb(struct gen_machine *m, uint64_t a,
				    uint64_t b, uint64_t c)
{
	(void)b;
	(void)c;
	*m->p = (uint8_t)a;
	m_draw_hex(m, m->p + 1, a);
	m->p += 1 + a;
}

/* What row-binary makes of a nullable that shares its draw: 1 if null, by
 * null_shared(b), or 0, draw_shared(a & 63), put_le(c, a >> 8). */
static inline void op_fused_null_le(struct gen_machine *m, uint64_t a,
				    uint64_t b, uint64_t c)
{
	const uint64_t x = rng_next(&m->rng);
	const uint64_t is_null = (x & 0xffffffff) < b;

	m_store(m->p, (x >> (a & 63) & c) << 8 | is_null);
	m->p += 1 + (is_null ? 0 : a >> 8);
}

/* a items of draws that they share, b bytes each, as they are. */
static inline void op_fused_vector(struct gen_machine *m, uint64_t a,
				   uint64_t b, uint64_t c)
{
	const uint64_t len = a * b;

	(void)c;
	for (uint64_t i = 0; i < len; i += 8)
		m_store(m->p + i, rng_next(&m->rng));
	m->p += len;
}

/* a draws that nothing is made of. */
static inline void op_fused_skip(struct gen_machine *m, uint64_t a, uint64_t b,
				 uint64_t c)
{
	(void)b;
	(void)c;
	for (uint64_t i = 0; i < a; i++)
		rng_next(&m->rng);
}

/* ---- ringbuf's ----------------------------------------------------------- */

/* The length of the text that is 4 bytes on, and zeros behind it. */
static inline void m_close_word_text(struct gen_machine *m, uint64_t len)
{
	const uint32_t word = (uint32_t)m_le64(len);

	memcpy(m->p, &word, sizeof(word));
	m->p = m_pad_word(m->p + 4 + len, len);
}

/* draw_letters, put_word_text. */
static inline void op_fused_letters_word(struct gen_machine *m, uint64_t a,
					 uint64_t b, uint64_t c)
{
	m_close_word_text(m, m_draw_text(m, m->p + 4, a, b, c));
}

/* draw_hex, put_word_text. */
static inline void op_fused_hex_word(struct gen_machine *m, uint64_t a,
				     uint64_t b, uint64_t c)
{
	(void)b;
	(void)c;
	m_draw_hex(m, m->p + 4, a);
	m_close_word_text(m, a);
}

/* a items of draws that they share, b bits each, in words. */
static inline void op_fused_vector_words(struct gen_machine *m, uint64_t a,
					 uint64_t b, uint64_t c)
{
	const uint64_t mask = ((uint64_t)1 << b) - 1;
	const uint64_t share = 64 / b;

	(void)c;
	for (uint64_t i = 0; i < a; i += share) {
		uint64_t x = rng_next(&m->rng);

		for (uint64_t k = i; k < i + share && k < a; k++) {
			m_store(m->p, x & mask);
			m->p += 4;
			x >>= b;
		}
	}
}

/* What a nullable that shares its draw becomes: null_shared(b), a bit of slot
 * a >> 8 that is 1 if it is null or (a >> 16 is 0) if it is not,
 * draw_shared(a & 63), put_le(c, 4). */
static inline void op_fused_null_word(struct gen_machine *m, uint64_t a,
				      uint64_t b, uint64_t c)
{
	const uint64_t x = rng_next(&m->rng);
	const uint64_t is_null = (x & 0xffffffff) < b;

	op_mask_next(m, a >> 8 & 0xff, is_null == a >> 16, 0);
	m_store(m->p, x >> (a & 63) & c);
	m->p += is_null ? 0 : 4;
}

/* ---- of texts ------------------------------------------------------------ */

/* put_dec, put_literal(a, b). */
static inline void op_fused_dec_literal(struct gen_machine *m, uint64_t a,
					uint64_t b, uint64_t c)
{
	op_put_dec(m, 0, 0, 0);
	op_put_literal(m, a, b, c);
}

/* put_sdec, put_literal(a, b). */
static inline void op_fused_sdec_literal(struct gen_machine *m, uint64_t a,
					 uint64_t b, uint64_t c)
{
	op_put_sdec(m, 0, 0, 0);
	op_put_literal(m, a, b, c);
}

#endif
