#include "tools/units.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
	NS_DIGITS = 9,
	NS_PER_SECOND = 1000000000,
	SECONDS_MAX = 1000000000,
};

/* The digits at *text, which is moved behind them. False: they overflow. */
static bool take_digits(const char **text, uint64_t *ret)
{
	uint64_t value = 0;

	for (; **text >= '0' && **text <= '9'; (*text)++) {
		uint64_t digit = (uint64_t)(**text - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*ret = value;
	return true;
}

const char *units_count(const char *text, uint64_t *ret)
{
	const char *end = text;
	uint64_t value;

	if (!take_digits(&end, &value))
		return "too large";
	if (end == text || *end != '\0')
		return "not a number";
	*ret = value;
	return NULL;
}

const char *units_count_to(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t value;
	const char *wrong = units_count(text, &value);

	if (wrong == NULL && value > max)
		wrong = "too large";
	if (wrong == NULL)
		*ret = value;
	return wrong;
}

/* The power of two of a unit; -1 if it is none. */
static int unit_shift(const char *unit)
{
	static const char letters[] = "KMGT";
	const char *found;

	if (*unit == '\0')
		return 0;
	if (unit[1] != '\0')
		return -1;
	if (*unit == 'k')
		return 10;
	found = strchr(letters, *unit);
	return found == NULL ? -1 : 10 * (int)(found - letters + 1);
}

const char *units_size(const char *text, uint64_t *ret_bytes)
{
	const char *end = text;
	uint64_t value;
	int shift;

	if (!take_digits(&end, &value))
		return "too large";
	shift = unit_shift(end);
	if (end == text || shift < 0)
		return "not a size such as 4096, 64M or 1G";
	if (value > UINT64_MAX >> shift)
		return "too large";
	*ret_bytes = value << shift;
	return NULL;
}

/* The decimals at *text as nanoseconds; digits beyond them are refused. */
static bool take_fraction(const char **text, uint64_t *ret_ns)
{
	const char *start = *text;
	size_t digits;

	if (!take_digits(text, ret_ns))
		return false;
	digits = (size_t)(*text - start);
	if (digits == 0 || digits > NS_DIGITS)
		return false;
	for (; digits < NS_DIGITS; digits++)
		*ret_ns *= 10;
	return true;
}

const char *units_seconds(const char *text, uint64_t *ret_ns)
{
	const char *end = text;
	uint64_t seconds, fraction_ns = 0;

	if (!take_digits(&end, &seconds))
		return "too large";
	if (end == text)
		return "not a number of seconds";
	if (*end == '.') {
		end++;
		if (!take_fraction(&end, &fraction_ns))
			return "not a number of seconds";
	}
	if (*end != '\0')
		return "not a number of seconds";
	if (seconds > SECONDS_MAX)
		return "too large";
	*ret_ns = seconds * NS_PER_SECOND + fraction_ns;
	return NULL;
}
