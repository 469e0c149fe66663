#ifndef GENERATOR_FIXED_MATH_H
#define GENERATOR_FIXED_MATH_H

#include <math.h>

/*
 * Logarithm and exponential function out of additions, multiplications,
 * divisions and powers of two, which are the same on every machine, where those
 * of libm differ in the last digit. Good to about 1e-15; compiled without
 * contraction (-std=c11).
 */

/* The natural logarithm of x > 0: from the exponent, and ln((1 + s) / (1 - s)) =
 * 2 (s + s^3/3 + s^5/5 ...). */
static inline double fixed_log(double x)
{
	const double ln2 = 0x1.62e42fefa39efp-1;
	double s, square, power, sum = 0;
	int exponent;

	x = frexp(x, &exponent);
	if (x < 0x1.6a09e667f3bcdp-1) {
		x *= 2;
		exponent--;
	}
	s = (x - 1) / (x + 1);
	square = s * s;
	power = s;
	for (int k = 1; k <= 23; k += 2) {
		sum += power / k;
		power *= square;
	}
	return 2 * sum + exponent * ln2;
}

/* e^x: a power of two, and the series of the rest. */
static inline double fixed_exp(double x)
{
	/* In two parts: k times the first one is exact. */
	const double ln2 = 0x1.62e42fee00000p-1;
	const double ln2_rest = 0x1.a39ef35793c76p-33;
	double k, rest, term = 1, sum = 1;

	if (x > 700)
		return HUGE_VAL;
	if (x < -700)
		return 0;
	k = floor(x / ln2 + 0.5);
	rest = x - k * ln2 - k * ln2_rest;
	for (int n = 1; n <= 14; n++) {
		term = term * rest / n;
		sum += term;
	}
	return ldexp(sum, (int)k);
}

#endif
