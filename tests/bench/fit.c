#include "tests/bench/fit.h"

/* Weighted sums over the points. */
struct sums {
	double w, x, y, xx, xy;
};

static struct sums sum_up(const double *x, const double *y, size_t count)
{
	struct sums s = { 0 };

	for (size_t i = 0; i < count; i++) {
		const double w = 1 / (y[i] * y[i]);

		s.w += w;
		s.x += w * x[i];
		s.y += w * y[i];
		s.xx += w * x[i] * x[i];
		s.xy += w * x[i] * y[i];
	}
	return s;
}

static double explained(const struct fit *f, const double *x, const double *y,
			size_t count)
{
	const struct sums s = sum_up(x, y, count);
	double residual = 0, total = 0;

	for (size_t i = 0; i < count; i++) {
		const double w = 1 / (y[i] * y[i]);
		const double off = y[i] - f->fixed - f->slope * x[i];
		const double from_mean = y[i] - s.y / s.w;

		residual += w * off * off;
		total += w * from_mean * from_mean;
	}
	return 1 - residual / total;
}

struct fit fit_line(const double *x, const double *y, size_t count)
{
	const struct sums s = sum_up(x, y, count);
	struct fit f;

	f.slope = (s.w * s.xy - s.x * s.y) / (s.w * s.xx - s.x * s.x);
	f.fixed = (s.y - f.slope * s.x) / s.w;
	f.r_squared = explained(&f, x, y, count);
	return f;
}
