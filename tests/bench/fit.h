#ifndef BENCH_FIT_H
#define BENCH_FIT_H

#include <stddef.h>

/* y = fixed + slope * x, and how much of y's variance that explains. */
struct fit {
	double fixed;
	double slope;
	double r_squared;
};

/*
 * Least squares of the relative errors (weights 1 / y^2): the points lie
 * orders of magnitude apart, and all shall count alike. Two points at least,
 * of different x; each y above 0.
 */
struct fit fit_line(const double *x, const double *y, size_t count);

#endif
