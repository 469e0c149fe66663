#include "generator/float_text.h"

#include <stdbool.h>

/*
 * Raffaello Giulietti, "The Schubfach way to render doubles" (2020). What reads
 * back as v = c x 2^q is an interval around it, from half way to the float
 * below to half way to the one above. With the power of ten 10^k that is just
 * not longer than the interval, at least one and at most a few multiples of
 * 10^k lie within; and at most one of 10^(k+1), which has a digit less. So it
 * is enough to look at the neighbours of v / 10^k, and the interval's ends, all
 * times 4. Each is a product with a power of ten of 128 bits, of which the
 * fraction that is cut off is kept as one sticky bit: that is shown to be
 * enough to compare them.
 */

struct float_bits {
	uint64_t c;
	int q;
	bool is_first; /* the float below is at half the distance */
};

/* floor(log10(2^e)), floor(log10(3/4 x 2^e)), floor(log2(10^e)) for the
 * exponents of doubles. */
static int log10_pow2(int e)
{
	return (int)((int64_t)e * 1262611 >> 22);
}

static int log10_three_quarters_pow2(int e)
{
	return (int)(((int64_t)e * 1262611 - 524031) >> 22);
}

static int log2_pow10(int e)
{
	return (int)((int64_t)e * 1741647 >> 19);
}

/* ---- products, with a sticky bit ------------------------------------------ */

static uint64_t high_half(uint64_t x, uint64_t y, uint64_t *ret_low)
{
	const unsigned __int128 product = (unsigned __int128)x * y;

	*ret_low = (uint64_t)product;
	return (uint64_t)(product >> 64);
}

/* Power k of ten times x, its integer part. */
static uint64_t times_power(int k, uint64_t x)
{
	const uint64_t *power = gen_float_powers + 2 * (k - GEN_POWER_MIN);
	uint64_t ignored, middle, high;
	const uint64_t carried = high_half(power[1], x, &ignored);

	high = high_half(power[0], x, &middle);
	middle += carried;
	high += middle < carried;
	return high | (middle > 1);
}

/* The same where 64 bits of the power are enough, and 32 of x. */
static uint64_t times_power32(int k, uint64_t x)
{
	const uint64_t *power = gen_float_powers + 2 * (k - GEN_POWER_MIN);
	uint64_t low;
	const uint64_t high =
		high_half(power[0] + (power[1] != 0), x << 32, &low);

	return high >> 32 | ((high & 0xffffffff) > 1);
}

/* ---- which digits --------------------------------------------------------- */

struct interval {
	uint64_t low, v, high; /* 4 times what they are; odd: not exact */
	int exponent;
};

static struct gen_decimal decimal(uint64_t digits, int exponent)
{
	return (struct gen_decimal){ digits, exponent };
}

static struct gen_decimal choose(const struct interval *in)
{
	const uint64_t s = in->v / 4, tens = s / 10;
	bool below, above;

	if (s >= 10) {
		below = in->low <= 40 * tens;
		above = 40 * tens + 40 <= in->high;
		if (below != above)
			return decimal(tens + above, in->exponent + 1);
	}
	below = in->low <= 4 * s;
	above = 4 * s + 4 <= in->high;
	if (below == above)
		above = in->v > 4 * s + 2 || (in->v == 4 * s + 2 && s % 2 != 0);
	return decimal(s + above, in->exponent);
}

static struct gen_decimal without_zeros(struct gen_decimal d)
{
	while (d.digits % 10 == 0) {
		d.digits /= 10;
		d.exponent++;
	}
	return d;
}

static struct gen_decimal shortest(struct float_bits f,
				   uint64_t (*times)(int k, uint64_t x))
{
	const int k =
		f.is_first ? log10_three_quarters_pow2(f.q) : log10_pow2(f.q);
	const int h = f.q + log2_pow10(-k) + 1;
	const uint64_t is_odd = f.c & 1;
	const struct interval in = {
		.low = times(-k, (4 * f.c - 2 + f.is_first) << h) + is_odd,
		.v = times(-k, 4 * f.c << h),
		.high = times(-k, (4 * f.c + 2) << h) - is_odd,
		.exponent = k,
	};

	return without_zeros(choose(&in));
}

/* An integer below 2^(bits of the fraction + 1) is its own digits. */
static bool is_small_int(struct float_bits f, int fraction_bits)
{
	return f.q <= 0 && f.q >= -fraction_bits &&
	       (f.c & (((uint64_t)1 << -f.q) - 1)) == 0;
}

static struct float_bits split(uint64_t bits, int fraction_bits, int bias)
{
	const uint64_t hidden = (uint64_t)1 << fraction_bits;
	const uint64_t fraction = bits & (hidden - 1);
	const int exponent =
		(int)(bits >> fraction_bits & (2 * (uint64_t)bias + 1));

	if (exponent == 0)
		return (struct float_bits){ fraction, 1 - bias - fraction_bits,
					    false };
	return (struct float_bits){ fraction | hidden,
				    exponent - bias - fraction_bits,
				    fraction == 0 && exponent > 1 };
}

struct gen_decimal gen_shortest_double(uint64_t bits)
{
	const struct float_bits f = split(bits, 52, 1023);

	if (is_small_int(f, 52))
		return without_zeros(decimal(f.c >> -f.q, 0));
	return shortest(f, times_power);
}

struct gen_decimal gen_shortest_float(uint32_t bits)
{
	const struct float_bits f = split(bits, 23, 127);

	if (is_small_int(f, 23))
		return without_zeros(decimal(f.c >> -f.q, 0));
	return shortest(f, times_power32);
}
