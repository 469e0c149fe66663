#ifndef GENERATOR_OP_PUT_H
#define GENERATOR_OP_PUT_H

#include "generator/machine.h"

/* The ops that put v, w or text into the buffer. Part of compiled programs, as
 * machine.h is. */

/* The low bytes of v, as b masks them; c bytes on. */
static inline void op_put_le(struct gen_machine *m, uint64_t a, uint64_t b,
			     uint64_t c)
{
	(void)a;
	m_store(m->p, m->v & b);
	m->p += c;
}

enum gen_wide_order {
	GEN_WIDE_LE,
	GEN_WIDE_BE,     /* the highest byte first */
	GEN_WIDE_HALVES, /* LE, but the higher 64 bits first */
};

/* a words of w, in order b. */
static inline void op_put_wide(struct gen_machine *m, uint64_t a, uint64_t b,
			       uint64_t c)
{
	(void)c;
	for (uint64_t i = 0; i < a; i++) {
		const uint64_t w = m->w[b == GEN_WIDE_LE ? i : a - 1 - i];

		m_store(m->p, b == GEN_WIDE_BE ? __builtin_bswap64(w) : w);
		m->p += 8;
	}
}

/* v as LEB128. */
static inline void op_put_leb(struct gen_machine *m, uint64_t a, uint64_t b,
			      uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	m->p = m_put_leb(m->p, m->v);
}

/* The text as it is. */
static inline void op_put_text(struct gen_machine *m, uint64_t a, uint64_t b,
			       uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	m_copy(m->p, m->text, m->text_bytes);
	m->p += m->text_bytes;
}

/* Its length as LEB128, and the text. */
static inline void op_put_leb_text(struct gen_machine *m, uint64_t a,
				   uint64_t b, uint64_t c)
{
	m->p = m_put_leb(m->p, m->text_bytes);
	op_put_text(m, a, b, c);
}

/* Zeros up to the next multiple of 4 after len bytes that end at p. */
static inline uint8_t *m_pad_word(uint8_t *p, uint64_t len)
{
	m_store(p, 0);
	return p + (-len & 3);
}

/* Its length in 4 bytes, the text, zeros up to a word. */
static inline void op_put_word_text(struct gen_machine *m, uint64_t a,
				    uint64_t b, uint64_t c)
{
	m_store(m->p, m->text_bytes);
	m->p += 4;
	op_put_text(m, a, b, c);
	m->p = m_pad_word(m->p, m->text_bytes);
}

/* The text cut or padded with zeros to a bytes. */
static inline void op_put_fixed_text(struct gen_machine *m, uint64_t a,
				     uint64_t b, uint64_t c)
{
	const uint64_t len = m->text_bytes < a ? m->text_bytes : a;

	(void)b;
	(void)c;
	memset(m->p, 0, a);
	memcpy(m->p, m->text, len);
	m->p += a;
}

/* The a lowest bytes of b. */
static inline void op_put_literal(struct gen_machine *m, uint64_t a, uint64_t b,
				  uint64_t c)
{
	(void)c;
	m_store(m->p, b);
	m->p += a;
}

/* b if v is 0, otherwise c: (a & 0xff) of its bytes, or a >> 8. */
static inline void op_put_either(struct gen_machine *m, uint64_t a, uint64_t b,
				 uint64_t c)
{
	m_store(m->p, m->v == 0 ? b : c);
	m->p += m->v == 0 ? a & 0xff : a >> 8;
}

/* The text; the a lowest bytes of b where it is empty. */
static inline void op_put_text_or(struct gen_machine *m, uint64_t a, uint64_t b,
				  uint64_t c)
{
	m_store(m->p, b);
	if (m->text_bytes > 0)
		op_put_text(m, a, b, c);
	else
		m->p += a;
}

/* literals[a]. */
static inline void op_put_long_literal(struct gen_machine *m, uint64_t a,
				       uint64_t b, uint64_t c)
{
	const struct gen_literal *l = &m->env->literals[a];

	(void)b;
	(void)c;
	m_copy(m->p, l->bytes, l->len_bytes);
	m->p += l->len_bytes;
}

/* The same with bytes that the compiler knows. */
static inline void m_put_bytes(struct gen_machine *m, const char *bytes,
			       uint64_t len)
{
	memcpy(m->p, bytes, len);
	m->p += len;
}

/* What puts[a] makes of the value, b and c. */
static inline void op_put_call(struct gen_machine *m, uint64_t a, uint64_t b,
			       uint64_t c)
{
	const struct gen_value value = {
		m->v,
		{ m->w[0], m->w[1], m->w[2], m->w[3] },
		m->text,
		m->text_bytes,
	};

	m->p = m->env->puts[a](m->p, &value, b, c);
}

/* ---- decimal numbers ---------------------------------------------------- */

/*
 * The eight digits of x < 10^8, a byte each, the highest in the lowest byte.
 * Halves, quarters and eighths are divided side by side, by multiplication:
 * n / 100 is n x 10486 / 2^20 for n < 10^4, n / 10 is n x 103 / 2^10 for
 * n < 100.
 */
static inline uint64_t m_dec8(uint32_t x)
{
	uint64_t n = x / 10000 | (uint64_t)(x % 10000) << 32;
	uint64_t high = n * 10486 >> 20 & 0x0000007f0000007f;

	n = high | (n - 100 * high) << 16;
	high = n * 103 >> 10 & 0x000f000f000f000f;
	return high | (n - 10 * high) << 8;
}

/* All eight digits of x < 10^8. */
static inline uint8_t *m_put_dec8(uint8_t *p, uint32_t x)
{
	m_store(p, m_dec8(x) | 0x3030303030303030);
	return p + 8;
}

/* The digits of x < 10^8 that count, but one at least. */
static inline uint8_t *m_put_dec_short(uint8_t *p, uint32_t x)
{
	const uint64_t digits = m_dec8(x);
	const int zeros = __builtin_ctzll(digits | (uint64_t)1 << 56) & ~7;

	m_store(p, (digits | 0x3030303030303030) >> zeros);
	return p + 8 - zeros / 8;
}

/* The same of x < 1000, in a third of the time. */
static inline uint8_t *m_put_dec3(uint8_t *p, uint32_t x)
{
	const uint32_t hundreds = x * 41 >> 12, rest = x - 100 * hundreds;
	const uint32_t tens = rest * 103 >> 10, ones = rest - 10 * tens;
	const uint32_t zeros = (uint32_t)(x < 100) + (uint32_t)(x < 10);

	m_store(p, (hundreds | tens << 8 | ones << 16 | 0x303030) >> 8 * zeros);
	return p + 3 - zeros;
}

static inline uint8_t *m_put_dec_long(uint8_t *p, uint64_t x)
{
	const uint64_t e8 = 100000000;

	if (x < e8)
		return m_put_dec_short(p, (uint32_t)x);
	if (x < e8 * e8)
		p = m_put_dec_short(p, (uint32_t)(x / e8));
	else
		p = m_put_dec8(m_put_dec_short(p, (uint32_t)(x / (e8 * e8))),
			       (uint32_t)(x / e8 % e8));
	return m_put_dec8(p, (uint32_t)(x % e8));
}

/* Apart, so that what is short need not be called. */
static inline uint8_t *m_put_dec(uint8_t *p, uint64_t x)
{
	return x < 1000 ? m_put_dec3(p, (uint32_t)x) : m_put_dec_long(p, x);
}

/* v in decimal. */
static inline void op_put_dec(struct gen_machine *m, uint64_t a, uint64_t b,
			      uint64_t c)
{
	(void)a;
	(void)b;
	(void)c;
	m->p = m_put_dec(m->p, m->v);
}

/* v in decimal, signed. */
static inline void op_put_sdec(struct gen_machine *m, uint64_t a, uint64_t b,
			       uint64_t c)
{
	const uint64_t negative = m->v >> 63;

	(void)a;
	(void)b;
	(void)c;
	*m->p = '-';
	m->p = m_put_dec(m->p + negative, negative != 0 ? -m->v : m->v);
}

/* ---- masks of ringbuf --------------------------------------------------- */

static inline void m_mask_open(struct gen_machine *m, uint64_t slot,
			       uint64_t words)
{
	m->f.mark[slot] = m->p;
	m->f.bit[slot] = 8;
	for (uint64_t i = 0; i < words; i++)
		m_store(m->p + 4 * i, 0);
	*m->p = (uint8_t)words;
	m->p += 4 * words;
}

/* A mask of b words, all bits 0, for the list of slot a. */
static inline void op_mask_open(struct gen_machine *m, uint64_t a, uint64_t b,
				uint64_t c)
{
	(void)c;
	m_mask_open(m, a, b);
}

/* The same of as many bits as the list has items. */
static inline void op_mask_open_count(struct gen_machine *m, uint64_t a,
				      uint64_t b, uint64_t c)
{
	(void)b;
	(void)c;
	m_mask_open(m, a, (1 + (m->f.count[a] + 7) / 8 + 3) / 4);
}

/* Bits of slot a begin with bit 0 of the word that comes now. */
static inline void op_mask_at(struct gen_machine *m, uint64_t a, uint64_t b,
			      uint64_t c)
{
	(void)b;
	(void)c;
	m->f.mark[a] = m->p;
	m->f.bit[a] = 0;
}

/* The next bit of slot a is b. */
static inline void op_mask_next(struct gen_machine *m, uint64_t a, uint64_t b,
				uint64_t c)
{
	const uint64_t bit = m->f.bit[a]++;

	(void)c;
	m->f.mark[a][bit / 8] |= (uint8_t)(b << (bit & 7));
}

#endif
