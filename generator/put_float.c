#include "generator/float_text.h"
#include "generator/op_put.h"
#include "generator/puts.h"

#include <stdbool.h>

/* Floats as text: GENERATOR.md 3.7. */

/* What a double or a float is made of. */
struct parts {
	bool is_negative;
	bool is_finite;
	bool is_zero;
	uint64_t fraction; /* 52 bits */
	int exponent;      /* as it is stored in a double */
};

static uint64_t double_of(const struct gen_value *value, uint64_t is_float)
{
	const uint32_t bits = (uint32_t)value->v;
	float x;

	if (is_float == 0)
		return value->v;
	memcpy(&x, &bits, sizeof(x));
	return m_double_bits((double)x);
}

static struct parts parts_of(uint64_t bits)
{
	const uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
	const int exponent = (int)(bits >> 52 & 2047);

	return (struct parts){
		.is_negative = bits >> 63 != 0,
		.is_finite = exponent != 2047,
		.is_zero = exponent == 0 && fraction == 0,
		.fraction = fraction,
		.exponent = exponent,
	};
}

static uint8_t *put_word(uint8_t *p, const char *word, size_t len)
{
	memcpy(p, word, len);
	return p + len;
}

static uint8_t *put_sign(uint8_t *p, bool is_negative)
{
	*p = '-';
	return p + is_negative;
}

/* ---- decimal -------------------------------------------------------------- */

enum {
	FIXED_MIN = -4, /* powers of ten of the first digit, without an "e" */
	FIXED_MAX = 16,
};

/* "e", a sign and at least two digits. */
static uint8_t *put_exponent(uint8_t *p, int exponent)
{
	const unsigned x = (unsigned)(exponent < 0 ? -exponent : exponent);

	*p++ = 'e';
	*p++ = exponent < 0 ? '-' : '+';
	if (x < 10)
		*p++ = '0';
	return m_put_dec_short(p, x);
}

/* Up to 24; 24 bytes are written. */
static uint8_t *put_zeros(uint8_t *p, int count)
{
	memcpy(p, "000000000000000000000000", 24);
	return p + count;
}

/* Random floats have nearly always as many digits as there can be. */
static int count_digits(uint64_t digits)
{
	uint64_t least = 10000000000000000;
	int ret = 17;

	while (digits < least) {
		least /= 10;
		ret--;
	}
	return ret;
}

/* The digits with a point behind the first `whole` of them. */
static uint8_t *put_pointed(uint8_t *p, uint64_t digits, int whole)
{
	uint8_t text[48] = { 0 };
	const int count = (int)(m_put_dec(text, digits) - text);

	memcpy(p, text, 24);
	memcpy(p + whole + 1, text + whole, 24);
	p[whole] = '.';
	return p + count + 1;
}

static uint8_t *put_decimal(uint8_t *p, struct gen_decimal d)
{
	const int count = count_digits(d.digits);
	const int first = d.exponent + count - 1;

	if (first < FIXED_MIN || first > FIXED_MAX) {
		p = count > 1 ? put_pointed(p, d.digits, 1)
			      : m_put_dec(p, d.digits);
		return put_exponent(p, first);
	}
	if (first < 0) {
		p = put_zeros(put_word(p, "0.", 2), -1 - first);
		return m_put_dec(p, d.digits);
	}
	if (d.exponent >= 0)
		return put_zeros(m_put_dec(p, d.digits), d.exponent);
	return put_pointed(p, d.digits, first + 1);
}

static uint8_t *put_infinite(uint8_t *p, const struct parts *parts,
			     const char *infinity)
{
	p = put_sign(p, parts->is_negative);
	if (parts->fraction != 0)
		return put_word(p, "nan", 3);
	return put_word(p, infinity, strlen(infinity));
}

static uint8_t *put_finite(uint8_t *p, const struct gen_value *value,
			   const struct parts *parts, uint64_t is_float)
{
	p = put_sign(p, parts->is_negative);
	if (parts->is_zero) {
		*p++ = '0';
		return p;
	}
	return put_decimal(p, is_float != 0
				      ? gen_shortest_float((uint32_t)value->v)
				      : gen_shortest_double(value->v));
}

uint8_t *gen_put_float(uint8_t *p, const struct gen_value *value, uint64_t b,
		       uint64_t c)
{
	const struct parts parts = parts_of(double_of(value, b));

	(void)c;
	if (!parts.is_finite)
		return put_infinite(p, &parts, "inf");
	return put_finite(p, value, &parts, b);
}

uint8_t *gen_put_json_float(uint8_t *p, const struct gen_value *value,
			    uint64_t b, uint64_t c)
{
	const struct parts parts = parts_of(double_of(value, b));

	(void)c;
	if (!parts.is_finite)
		return put_word(p, "null", 4);
	return put_finite(p, value, &parts, b);
}

/* ---- hexadecimal ---------------------------------------------------------- */

/* The digits of the fraction, without zeros at the end. */
static uint8_t *put_fraction(uint8_t *p, uint64_t fraction)
{
	const int zeros = __builtin_ctzll(fraction) / 4;

	*p++ = '.';
	m_store(p, m_hex(fraction >> 20));
	m_store(p + 8, m_hex(fraction << 12));
	return p + 13 - zeros;
}

/* As printf() writes %a, and infinity in full. */
uint8_t *gen_put_hex_float(uint8_t *p, const struct gen_value *value,
			   uint64_t b, uint64_t c)
{
	const struct parts parts = parts_of(double_of(value, b));
	const bool is_subnormal = parts.exponent == 0;
	const int power = parts.is_zero  ? 0
			  : is_subnormal ? -1022
					 : parts.exponent - 1023;

	(void)c;
	if (!parts.is_finite)
		return put_infinite(p, &parts, "infinity");
	p = put_sign(p, parts.is_negative);
	p = put_word(p, is_subnormal ? "0x0" : "0x1", 3);
	if (parts.fraction != 0)
		p = put_fraction(p, parts.fraction);
	*p++ = 'p';
	*p++ = power < 0 ? '-' : '+';
	return m_put_dec_short(p, (uint32_t)(power < 0 ? -power : power));
}
