#include "generator/value_time.h"

#include <errno.h>
#include <stdbool.h>

enum { DAY_SECONDS = 86400 };

/* Exactly so many digits, and what is behind them; -1: they aren't there. */
static int take_digits(const char **text, int count)
{
	int number = 0;

	for (; count > 0; count--, ++*text) {
		if (**text < '0' || **text > '9')
			return -1;
		number = number * 10 + (**text - '0');
	}
	return number;
}

static bool take(const char **text, char c)
{
	if (**text != c)
		return false;
	++*text;
	return true;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Before that year, since the year 1. */
static int64_t days_before(int year)
{
	const int64_t y = year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400;
}

static int take_date(const char **text, int64_t *ret_days)
{
	const int year = take_digits(text, 4);
	int month, day;
	int64_t days;

	if (year < 1 || !take(text, '-'))
		return -EINVAL;
	month = take_digits(text, 2);
	if (month < 1 || month > 12 || !take(text, '-'))
		return -EINVAL;
	day = take_digits(text, 2);
	if (day < 1 || day > days_of_month(year, month))
		return -EINVAL;
	days = days_before(year) - days_before(1970) + day - 1;
	while (--month > 0)
		days += days_of_month(year, month);
	*ret_days = days;
	return 0;
}

int value_days(const char *text, int64_t *ret_days)
{
	int64_t days;

	if (take_date(&text, &days) < 0 || *text != '\0')
		return -EINVAL;
	*ret_days = days;
	return 0;
}

static int take_clock(const char **text, int64_t *ret_seconds)
{
	int hour, minute, second;

	hour = take_digits(text, 2);
	if (hour < 0 || hour > 23 || !take(text, ':'))
		return -EINVAL;
	minute = take_digits(text, 2);
	if (minute < 0 || minute > 59 || !take(text, ':'))
		return -EINVAL;
	second = take_digits(text, 2);
	if (second < 0 || second > 59)
		return -EINVAL;
	*ret_seconds = (hour * 60 + minute) * 60 + second;
	return 0;
}

/* ticks x 10^scale, plus the digits of the fraction. */
static int add_fraction(const char *text, unsigned scale, int64_t *ticks)
{
	if (*text != '\0' && (!take(&text, '.') || *text == '\0'))
		return -EINVAL;
	for (; scale > 0; scale--) {
		const int digit = *text == '\0' ? 0 : take_digits(&text, 1);

		if (digit < 0 || __builtin_mul_overflow(*ticks, 10, ticks) ||
		    __builtin_add_overflow(*ticks, digit, ticks))
			return -EINVAL;
	}
	return *text == '\0' ? 0 : -EINVAL;
}

int value_ticks(const char *text, unsigned scale, int64_t *ret_ticks)
{
	int64_t days, ticks;

	if (take_date(&text, &days) < 0 ||
	    (!take(&text, ' ') && !take(&text, 'T')) ||
	    take_clock(&text, &ticks) < 0)
		return -EINVAL;
	ticks += days * DAY_SECONDS;
	if (add_fraction(text, scale, &ticks) < 0)
		return -EINVAL;
	*ret_ticks = ticks;
	return 0;
}
