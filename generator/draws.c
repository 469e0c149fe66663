#include "generator/draws.h"

#include "generator/fixed_math.h"

#include <stdbool.h>
#include <time.h>

/* ---- results ------------------------------------------------------------- */

/* v, and w as long as the widest integer. */
static void set_int(struct gen_value *ret, uint64_t v, bool is_signed)
{
	const uint64_t high = is_signed && v >> 63 != 0 ? ~(uint64_t)0 : 0;

	ret->v = ret->w[0] = v;
	ret->w[1] = ret->w[2] = ret->w[3] = high;
}

static void set_float(struct gen_value *ret, double x, bool is_narrow)
{
	ret->v = is_narrow ? m_float_bits((float)x) : m_double_bits(x);
}

static double unit(struct gen_rng *rng)
{
	return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

/* ---- distributions ------------------------------------------------------- */

static void draw_float(struct gen_rng *rng, const struct gen_value *param,
		       struct gen_value *ret)
{
	const double low = m_double(param->w[0]), high = m_double(param->w[1]);
	double x = low + unit(rng) * (high - low);

	if (param->w[3] != 0)
		x = (double)(float)x;
	/* It may have been rounded up. */
	if (x >= high && low < high)
		x = param->w[3] != 0 ? (double)nextafterf((float)x, -HUGE_VALF)
				     : nextafter(x, -HUGE_VAL);
	set_float(ret, x, param->w[3] != 0);
}

/* Marsaglia's polar method; one of the two numbers that it gives. */
static double standard_normal(struct gen_rng *rng)
{
	double x, y, s;

	do {
		x = 2 * unit(rng) - 1;
		y = 2 * unit(rng) - 1;
		s = x * x + y * y;
	} while (s >= 1 || s == 0);
	return x * sqrt(-2 * fixed_log(s) / s);
}

static double normal(struct gen_rng *rng, const struct gen_value *param)
{
	return m_double(param->w[0]) +
	       m_double(param->w[1]) * standard_normal(rng);
}

static void draw_normal(struct gen_rng *rng, const struct gen_value *param,
			struct gen_value *ret)
{
	set_float(ret, normal(rng, param), param->w[3] != 0);
}

static void draw_round_normal(struct gen_rng *rng,
			      const struct gen_value *param,
			      struct gen_value *ret)
{
	const double x = floor(normal(rng, param) + 0.5);
	uint64_t v;

	if (param->v != 0) {
		const int64_t low = (int64_t)param->w[2];
		const int64_t high = (int64_t)param->w[3];

		v = x <= (double)low    ? param->w[2]
		    : x >= (double)high ? param->w[3]
					: (uint64_t)(int64_t)x;
	} else {
		v = x <= (double)param->w[2]   ? param->w[2]
		    : x >= (double)param->w[3] ? param->w[3]
					       : (uint64_t)x;
	}
	set_int(ret, v, param->v != 0);
}

/* (e^x - 1) / x. */
static double relative_exp(double x)
{
	if (fabs(x) > 1e-5)
		return (fixed_exp(x) - 1) / x;
	return 1 + x / 2 * (1 + x / 3);
}

/* ln(1 + x) / x. */
static double relative_log(double x)
{
	if (fabs(x) > 1e-5)
		return fixed_log(1 + x) / x;
	return 1 - x * (0.5 - x / 3);
}

/* The integral of x^-s, and its inverse. */
static double zipf_area(double x, double s)
{
	const double log_x = fixed_log(x);

	return relative_exp((1 - s) * log_x) * log_x;
}

static double zipf_inverse(double area, double s)
{
	const double t = area * (1 - s);

	return fixed_exp(relative_log(t < -1 ? -1 + 0x1p-52 : t) * area);
}

void gen_zipf_prepare(uint64_t n, double exponent, uint64_t w[4])
{
	const double second = fixed_exp(-exponent * fixed_log(2));

	w[0] = m_double_bits(exponent);
	w[1] = m_double_bits(zipf_area(1.5, exponent) - 1);
	w[2] = m_double_bits(zipf_area((double)n + 0.5, exponent));
	w[3] = m_double_bits(
		2 - zipf_inverse(zipf_area(2.5, exponent) - second, exponent));
}

/* Rejection-inversion after Hörmann and Derflinger: a point under the curve
 * x^-s, whose integer is taken where its bar is below the curve. */
static void draw_zipf(struct gen_rng *rng, const struct gen_value *param,
		      struct gen_value *ret)
{
	const double n = (double)param->v, s = m_double(param->w[0]);
	const double least = m_double(param->w[1]);
	const double most = m_double(param->w[2]);
	double area, k, x;

	do {
		area = most + unit(rng) * (least - most);
		x = zipf_inverse(area, s);
		k = fmin(fmax(floor(x + 0.5), 1), n);
	} while (k - x > m_double(param->w[3]) &&
		 area < zipf_area(k + 0.5, s) - fixed_exp(-s * fixed_log(k)));
	/* The largest counts are no doubles. */
	set_int(ret, k < n ? (uint64_t)k : param->v, false);
}

static void draw_zipf_double(struct gen_rng *rng, const struct gen_value *param,
			     struct gen_value *ret)
{
	draw_zipf(rng, param, ret);
	set_float(ret, (double)ret->v, false);
}

static void draw_zipf_float(struct gen_rng *rng, const struct gen_value *param,
			    struct gen_value *ret)
{
	draw_zipf(rng, param, ret);
	set_float(ret, (double)ret->v, true);
}

/* ---- few values ---------------------------------------------------------- */

static uint64_t one_of(struct gen_rng *rng, uint64_t n)
{
	return rng_scale(rng_next(rng), n);
}

/* Times an odd number: different indexes give different integers. */
static void draw_cardinality(struct gen_rng *rng, const struct gen_value *param,
			     struct gen_value *ret)
{
	const uint64_t shift = param->w[0] < 64 ? 64 - param->w[0] : 0;
	const uint64_t x = one_of(rng, param->v) * 0x9e3779b97f4a7c15 << shift;
	const bool is_signed = param->w[1] != 0;

	set_int(ret, is_signed ? (uint64_t)((int64_t)x >> shift) : x >> shift,
		is_signed);
}

static void draw_fraction(struct gen_rng *rng, const struct gen_value *param,
			  struct gen_value *ret)
{
	set_float(ret, (double)one_of(rng, param->v) / (double)param->v,
		  param->w[3] != 0);
}

/* The index, with as many digits as the largest has, then letters that always
 * follow it. The text is not shorter than these digits. */
static void draw_texts(struct gen_rng *rng, const struct gen_value *param,
		       struct gen_value *ret)
{
	uint8_t *text = (uint8_t *)ret->text;
	const uint64_t index = one_of(rng, param->v);
	struct gen_rng own = rng_of_block(index, param->v);
	uint64_t digits = 1, rest = index;

	for (uint64_t most = (param->v - 1) / 10; most > 0; most /= 10)
		digits++;
	for (uint64_t i = digits; i-- > 0; rest /= 10)
		text[i] = (uint8_t)('0' + rest % 10);
	for (uint64_t i = digits; i < param->w[0]; i += 8)
		m_store(text + i, m_letters(rng_next(&own)));
	ret->text_bytes = param->w[0];
}

/* ---- the rest ------------------------------------------------------------ */

static void draw_seq_float(struct gen_rng *rng, const struct gen_value *param,
			   struct gen_value *ret)
{
	(void)rng;
	set_float(ret,
		  m_double(param->w[0]) +
			  m_double(param->w[1]) * (double)ret->v,
		  param->w[3] != 0);
}

/* 128 bits are enough for any number of a value and any step. */
static void draw_seq_wide(struct gen_rng *rng, const struct gen_value *param,
			  struct gen_value *ret)
{
	const bool is_below_0 = param->v != 0 && param->w[0] >> 63 != 0;
	const __int128 step = (int64_t)param->w[1];
	unsigned __int128 x = (unsigned __int128)step * ret->v + param->w[0];

	(void)rng;
	if (is_below_0)
		x -= (unsigned __int128)1 << 64;
	set_int(ret, (uint64_t)(x >> 64), true);
	ret->w[1] = ret->w[0];
	ret->v = ret->w[0] = (uint64_t)x;
}

static void draw_between(struct gen_rng *rng, const struct gen_value *param,
			 struct gen_value *ret)
{
	const uint64_t n = param->w[1] - param->w[0] + 1;
	const uint64_t x = rng_next(rng);

	set_int(ret, param->w[0] + (n != 0 ? rng_scale(x, n) : x),
		param->v != 0);
}

/* w x 10^18 + add. */
static void times_1e18(uint64_t w[4], uint64_t add)
{
	unsigned __int128 carry = add;

	for (int i = 0; i < 4; i++) {
		carry += (unsigned __int128)w[i] * 1000000000000000000u;
		w[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

static uint64_t power_of_10(uint64_t digits)
{
	uint64_t ret = 1;

	while (digits-- > 0)
		ret *= 10;
	return ret;
}

static void negate(uint64_t w[4])
{
	uint64_t carry = 1;

	for (int i = 0; i < 4; i++) {
		w[i] = ~w[i] + carry;
		carry = carry != 0 && w[i] == 0;
	}
}

/* The sign, then the digits that are no whole 18, then 18 at a time. */
static void draw_decimal(struct gen_rng *rng, const struct gen_value *param,
			 struct gen_value *ret)
{
	const bool is_negative = rng_next(rng) >> 63;
	uint64_t digits = param->v;

	set_int(ret, one_of(rng, power_of_10(digits % 18)), false);
	for (digits -= digits % 18; digits > 0; digits -= 18)
		times_1e18(ret->w, one_of(rng, 1000000000000000000u));
	if (is_negative)
		negate(ret->w);
	ret->v = ret->w[0];
}

static void draw_seconds(struct gen_rng *rng, const struct gen_value *param,
			 struct gen_value *ret)
{
	struct timespec now;

	(void)rng;
	clock_gettime(CLOCK_REALTIME, &now);
	if (param->v == 0)
		set_int(ret, (uint64_t)now.tv_sec / 86400, true);
	else
		set_int(ret,
			(uint64_t)now.tv_sec * param->v +
				(uint64_t)((unsigned __int128)now.tv_nsec *
					   param->v / 1000000000),
			true);
}

static void draw_seconds_float(struct gen_rng *rng,
			       const struct gen_value *param,
			       struct gen_value *ret)
{
	struct timespec now;

	(void)rng;
	clock_gettime(CLOCK_REALTIME, &now);
	set_float(ret, (double)now.tv_sec + (double)now.tv_nsec * 1e-9,
		  param->w[3] != 0);
}

gen_draw_fn *const gen_draws[GEN_CALL_COUNT] = {
	[GEN_CALL_FLOAT] = draw_float,
	[GEN_CALL_NORMAL] = draw_normal,
	[GEN_CALL_ROUND_NORMAL] = draw_round_normal,
	[GEN_CALL_ZIPF] = draw_zipf,
	[GEN_CALL_ZIPF_DOUBLE] = draw_zipf_double,
	[GEN_CALL_ZIPF_FLOAT] = draw_zipf_float,
	[GEN_CALL_CARDINALITY] = draw_cardinality,
	[GEN_CALL_FRACTION] = draw_fraction,
	[GEN_CALL_TEXTS] = draw_texts,
	[GEN_CALL_SEQ_FLOAT] = draw_seq_float,
	[GEN_CALL_SEQ_WIDE] = draw_seq_wide,
	[GEN_CALL_BETWEEN] = draw_between,
	[GEN_CALL_DECIMAL] = draw_decimal,
	[GEN_CALL_SECONDS] = draw_seconds,
	[GEN_CALL_SECONDS_FLOAT] = draw_seconds_float,
};
