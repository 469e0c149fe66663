#ifndef GENERATOR_MACHINE_H
#define GENERATOR_MACHINE_H

#include "generator/rng.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * The machine that makes values, and what each straight op of op.h does to it.
 * The interpreter and compiled programs use the very same functions, which is
 * why both make the same bytes; compiled programs get this file as text, so it
 * includes nothing but rng.h and what any compiler has.
 *
 * Registers are those of a local struct whose address goes nowhere else: the
 * compiler keeps them where it likes. Stores may go up to GEN_SLACK bytes
 * beyond what an op puts.
 */

enum {
	GEN_SLOTS = 66,      /* compounds within each other, and outside */
	GEN_SLACK = 64,      /* bytes behind the room that may be overwritten */
	GEN_CALL_DEPTH = 64, /* copies of `this` within each other */
	GEN_CALLS = 1000,    /* copies of `this` in one value */

	/* A type that can't end at once may hold as many more as types are
	 * within each other. */
	GEN_CALLS_ROOM = GEN_CALL_DEPTH + 64,
};

/* A value between being drawn and being put. */
struct gen_value {
	uint64_t v;    /* an integer (signed ones extended), a float's bits, an
			* index */
	uint64_t w[4]; /* an integer of more than 64 bits, lowest word first */
	const uint8_t *text;
	uint64_t text_bytes;
};

struct gen_literal {
	const uint8_t *bytes;
	size_t len_bytes;
};

/* What lists have, by slot. */
struct gen_frame {
	uint64_t count[GEN_SLOTS]; /* items to come */
	uint8_t *mark[GEN_SLOTS];  /* ringbuf: where the mask is */
	uint64_t bit[GEN_SLOTS];   /* ringbuf: the next bit of it */
};

struct gen_call {
	struct gen_frame frame;
	const void *back; /* the engine's own */
};

/*
 * Draws and puts that are not worth being part of each program. A draw finds
 * the number of the value in ret->v and room for a text in ret->text.
 */
typedef void gen_draw_fn(struct gen_rng *rng, const struct gen_value *param,
			 struct gen_value *ret);
typedef uint8_t *gen_put_fn(uint8_t *p, const struct gen_value *value,
			    uint64_t b, uint64_t c);

/* What a program uses besides its ops. */
struct gen_env {
	const struct gen_value *values;
	const struct gen_literal *literals;
	gen_draw_fn *const *draws; /* draws.h */
	gen_put_fn *const *puts;
	uint8_t *scratch; /* where texts are drawn: text_bytes + GEN_SLACK */
	struct gen_call *calls; /* GEN_CALLS_ROOM of them; NULL: no `this` */
	const struct gen_value *tape; /* for tests: values instead of draws */
};

/* One run of a program: in and out. */
struct gen_run {
	struct gen_env *env;
	struct gen_rng rng;
	uint8_t *begin, *p, *end; /* the room; behind it GEN_SLACK */
	uint64_t row, row_end;    /* numbers of values */
	uint64_t *ends; /* of each value, from begin on; NULL: not wanted */
};

typedef void gen_run_fn(struct gen_run *run);

struct gen_machine {
	struct gen_env *env;
	struct gen_rng rng;
	uint8_t *p;
	uint64_t row;
	uint64_t v;
	uint64_t w[4];
	const uint8_t *text;
	uint64_t text_bytes;
	uint64_t shared;    /* the draw that null_shared decided by */
	uint64_t pack;      /* what is left of a draw that items share */
	uint64_t pack_bits; /* how many bits that are */
	uint64_t depth;     /* copies of `this` around */
	uint64_t calls;     /* that this value may still have */
	struct gen_frame f;
};

/* ---- bytes -------------------------------------------------------------- */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static inline uint64_t m_le64(uint64_t x)
{
	return x;
}
#else
static inline uint64_t m_le64(uint64_t x)
{
	return __builtin_bswap64(x);
}
#endif

static inline void m_store(uint8_t *p, uint64_t x)
{
	x = m_le64(x);
	memcpy(p, &x, sizeof(x));
}

/* Any length, in steps of 16: source and target have slack. */
static inline void m_copy(uint8_t *p, const uint8_t *from, uint64_t len)
{
	uint64_t i = 0;

	do {
		memcpy(p + i, from + i, 16);
		i += 16;
	} while (i < len);
}

static inline uint8_t *m_put_leb(uint8_t *p, uint64_t x)
{
	while (x >= 0x80) {
		*p++ = (uint8_t)(x | 0x80);
		x >>= 7;
	}
	*p++ = (uint8_t)x;
	return p;
}

static inline uint64_t m_double_bits(double x)
{
	uint64_t ret;

	memcpy(&ret, &x, sizeof(ret));
	return ret;
}

static inline double m_double(uint64_t bits)
{
	double ret;

	memcpy(&ret, &bits, sizeof(ret));
	return ret;
}

static inline uint64_t m_float_bits(float x)
{
	uint32_t ret;

	memcpy(&ret, &x, sizeof(ret));
	return ret;
}

/* Eight letters a..z from eight bytes: each byte x 26 / 256. */
static inline uint64_t m_letters(uint64_t x)
{
	const uint64_t even = 0x00ff00ff00ff00ff;
	const uint64_t low = ((x & even) * 26 >> 8) & even;
	const uint64_t high = ((x >> 8 & even) * 26) & ~even;

	return (low | high) + 0x6161616161616161;
}

/* Eight hexadecimal digits from the low 32 bits, highest first. */
static inline uint64_t m_hex(uint64_t x)
{
	uint64_t n = __builtin_bswap32((uint32_t)x);
	uint64_t above9;

	n = (n | n << 16) & 0x0000ffff0000ffff;
	n = (n | n << 8) & 0x00ff00ff00ff00ff;
	n = (n >> 4 & 0x000f000f000f000f) | (n << 8 & 0x0f000f000f000f00);
	above9 = (n + 0x0606060606060606) >> 4 & 0x0101010101010101;
	return n + 0x3030303030303030 + above9 * ('a' - '0' - 10);
}

#endif
