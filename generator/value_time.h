#ifndef GENERATOR_VALUE_TIME_H
#define GENERATOR_VALUE_TIME_H

#include <stdint.h>

/* Days since 1970 of YYYY-MM-DD in the Gregorian calendar. -EINVAL: that is no
 * date. */
int value_days(const char *text, int64_t *ret_days);

/*
 * YYYY-MM-DD HH:MM:SS or with T in the middle, and as many as `scale` digits
 * behind a point, in units of 10^-scale seconds since 1970. -EINVAL.
 */
int value_ticks(const char *text, unsigned scale, int64_t *ret_ticks);

#endif
