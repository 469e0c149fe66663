#include "generator/op_put.h"
#include "generator/puts.h"

#include <stdbool.h>

/* Integers as text that are more than an op can do: wide ones, and those that
 * stand for something else. */

enum {
	WORDS_MAX = 4,
	DIGITS_MAX = 80, /* 2^256 has 78 */
};

/* The integer of a value without its sign, and whether it has one. */
struct magnitude {
	uint64_t w[WORDS_MAX];
	bool is_negative;
};

static void negate(uint64_t *w, uint64_t words)
{
	uint64_t carry = 1;

	for (uint64_t i = 0; i < words; i++) {
		w[i] = ~w[i] + carry;
		carry &= w[i] == 0;
	}
}

static struct magnitude magnitude_of(const struct gen_value *value,
				     uint64_t words, bool is_signed)
{
	struct magnitude ret = { 0 };

	for (uint64_t i = 0; i < words; i++)
		ret.w[i] = words == 1 ? value->v : value->w[i];
	ret.is_negative = is_signed && ret.w[words - 1] >> 63 != 0;
	if (ret.is_negative)
		negate(ret.w, words);
	return ret;
}

/* Divide by 10^8; return the remainder. */
static uint32_t divide(uint64_t *w, uint64_t words)
{
	const uint64_t e8 = 100000000;
	uint64_t rest = 0;

	for (uint64_t i = 2 * words; i-- > 0;) {
		const unsigned shift = 32 * (unsigned)(i & 1);
		const uint64_t part = w[i / 2] >> shift & 0xffffffff;
		const uint64_t n = rest << 32 | part;

		w[i / 2] &= ~((uint64_t)0xffffffff << shift);
		w[i / 2] |= n / e8 << shift;
		rest = n % e8;
	}
	return (uint32_t)rest;
}

/* All DIGITS_MAX digits, zeros first. */
static void digits_of(struct magnitude *m, uint64_t words, uint8_t *ret)
{
	for (int i = DIGITS_MAX - 8; i >= 0; i -= 8)
		m_store(ret + i,
			m_dec8(divide(m->w, words)) | 0x3030303030303030);
}

/* The integer with `scale` digits behind the point. */
static uint8_t *put_point(uint8_t *p, struct magnitude *m, uint64_t words,
			  uint64_t scale)
{
	uint8_t digits[DIGITS_MAX];
	uint64_t from = 0, point = DIGITS_MAX - scale;

	digits_of(m, words, digits);
	while (from < point - 1 && digits[from] == '0')
		from++;
	*p = '-';
	p += m->is_negative;
	memcpy(p, digits + from, point - from);
	p += point - from;
	if (scale == 0)
		return p;
	*p++ = '.';
	memcpy(p, digits + point, scale);
	return p + scale;
}

uint8_t *gen_put_wide(uint8_t *p, const struct gen_value *value, uint64_t b,
		      uint64_t c)
{
	struct magnitude m = magnitude_of(value, b, c != 0);

	return put_point(p, &m, b, 0);
}

uint8_t *gen_put_point(uint8_t *p, const struct gen_value *value, uint64_t b,
		       uint64_t c)
{
	struct magnitude m = magnitude_of(value, b, c >> 8 != 0);

	return put_point(p, &m, b, c & 0xff);
}

/* ---- dates ---------------------------------------------------------------- */

struct date {
	int64_t year;
	unsigned month, day;
};

/*
 * Years are counted from March on, so that a leap day is the last of its year;
 * 400 of them have 146097 days, and five months from March or August on have
 * 153.
 */
static struct date date_of(int64_t days_since_1970)
{
	const int64_t from_march_0 = days_since_1970 + 719468;
	const int64_t era =
		(from_march_0 - (from_march_0 < 0 ? 146096 : 0)) / 146097;
	const unsigned day = (unsigned)(from_march_0 - era * 146097);
	const unsigned year =
		(day - day / 1460 + day / 36524 - day / 146096) / 365;
	const unsigned of_year = day - (365 * year + year / 4 - year / 100);
	const unsigned month = (5 * of_year + 2) / 153;

	return (struct date){
		.year = era * 400 + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
	};
}

static uint8_t *put_two(uint8_t *p, unsigned x)
{
	*p++ = (uint8_t)('0' + x / 10);
	*p++ = (uint8_t)('0' + x % 10);
	return p;
}

uint8_t *gen_put_date(uint8_t *p, const struct gen_value *value, uint64_t b,
		      uint64_t c)
{
	const struct date date = date_of((int64_t)value->v);
	uint64_t year = (uint64_t)date.year;

	(void)b;
	(void)c;
	if (date.year < 0) {
		*p++ = '-';
		year = -year;
	}
	if (year < 10000)
		p = put_two(put_two(p, (unsigned)year / 100),
			    (unsigned)year % 100);
	else
		p = m_put_dec(p, year);
	*p++ = '-';
	p = put_two(p, date.month);
	*p++ = '-';
	return put_two(p, date.day);
}

/* ---- identifiers and addresses -------------------------------------------- */

/* 8-4-4-4-12 digits, the highest first. */
uint8_t *gen_put_uuid(uint8_t *p, const struct gen_value *value, uint64_t b,
		      uint64_t c)
{
	static const uint8_t at[] = { 0, 8, 12, 16, 20, 32 };
	uint8_t digits[32];

	(void)b;
	(void)c;
	for (int i = 0; i < 2; i++) {
		m_store(digits + 16 * i, m_hex(value->w[1 - i] >> 32));
		m_store(digits + 16 * i + 8, m_hex(value->w[1 - i]));
	}
	for (int i = 0; i < 5; i++) {
		const size_t len = at[i + 1] - (size_t)at[i];

		if (i > 0)
			*p++ = '-';
		memcpy(p, digits + at[i], len);
		p += len;
	}
	return p;
}

uint8_t *gen_put_ipv4(uint8_t *p, const struct gen_value *value, uint64_t b,
		      uint64_t c)
{
	(void)b;
	(void)c;
	for (int shift = 24; shift >= 0; shift -= 8) {
		p = m_put_dec_short(p, value->v >> shift & 0xff);
		*p++ = '.';
	}
	return p - 1;
}

/* One of the eight groups of an address, the first one first. */
static unsigned group_of(const struct gen_value *value, unsigned i)
{
	return (unsigned)(value->w[i < 4] >> 16 * (3 - (i & 3)) & 0xffff);
}

/* The longest run of zero groups, the first of equal ones. */
static unsigned zeros_of(const struct gen_value *value, unsigned *ret_from)
{
	unsigned best = 0, run = 0;

	for (unsigned i = 0; i < 8; i++) {
		run = group_of(value, i) == 0 ? run + 1 : 0;
		if (run > best) {
			best = run;
			*ret_from = i + 1 - run;
		}
	}
	return best;
}

static uint8_t *put_group(uint8_t *p, unsigned group)
{
	const int zeros = group == 0 ? 3 : (__builtin_clz(group) - 16) / 4;

	m_store(p, m_hex((uint64_t)group << 16 << 4 * zeros));
	return p + 4 - zeros;
}

/* As RFC 5952 says: a run of at least two zero groups becomes "::". */
uint8_t *gen_put_ipv6(uint8_t *p, const struct gen_value *value, uint64_t b,
		      uint64_t c)
{
	unsigned from = 0;
	unsigned zeros = zeros_of(value, &from);

	(void)b;
	(void)c;
	if (zeros < 2)
		zeros = 0;
	for (unsigned i = 0; i < 8; i++) {
		if (zeros > 0 && i == from) {
			*p++ = ':';
			i += zeros - 1;
			if (i == 7)
				*p++ = ':';
			continue;
		}
		if (i > 0)
			*p++ = ':';
		p = put_group(p, group_of(value, i));
	}
	return p;
}
