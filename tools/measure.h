#ifndef TOOLS_MEASURE_H
#define TOOLS_MEASURE_H

#include <stddef.h>

/* Durations in numbers, for `ringctl bench` and tests/bench/. */

/* Microseconds of the monotonic clock. */
double measure_now_us(void);

/* Numbers, at most `cap` of them: there is no allocation while measuring. */
struct samples {
	double *list;
	size_t count, cap;
};

/* 0, or -ENOMEM; releasing what failed or was never filled is fine. */
int samples_init(struct samples *s, size_t cap);
void samples_release(struct samples *s);

/* There must be room. */
void samples_add(struct samples *s, double value);

void samples_sort(struct samples *s);

/* Of sorted samples, not none: p = 0 is the least, 0.5 the median, 1 the
 * greatest. */
double samples_percentile(const struct samples *s, double p);

#endif
