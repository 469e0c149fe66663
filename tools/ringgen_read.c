#include "tools/ringgen_read.h"

#include "generator/generator.h"
#include "tools/units.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_MAX = 4096 };

/* Digits, a point, an exponent: none of what else strtod() takes. */
static bool is_decimal(const char *text)
{
	return text[0] != '\0' &&
	       strspn(text, "0123456789.eE+-") == strlen(text);
}

static const char *read_any_real(const char *text, double *ret)
{
	char *end;
	double value;

	if (!is_decimal(text))
		return "not a number";
	value = strtod(text, &end);
	if (*end != '\0')
		return "not a number";
	if (!isfinite(value))
		return "too large";
	*ret = value;
	return NULL;
}

const char *read_real(const char *text, void *ret)
{
	double value;
	const char *wrong = read_any_real(text, &value);

	if (wrong != NULL)
		return wrong;
	if (value < 0)
		return "must not be negative";
	*(double *)ret = value;
	return NULL;
}

const char *read_rate(const char *text, void *ret)
{
	double value;
	const char *wrong = read_any_real(text, &value);

	if (wrong == NULL)
		*(double *)ret = value < 0 ? 0 : value;
	return wrong;
}

const char *read_share(const char *text, void *ret)
{
	double value;
	const char *wrong = read_real(text, &value);

	if (wrong != NULL)
		return wrong;
	if (value > 1)
		return "must be from 0 to 1";
	*(double *)ret = value;
	return NULL;
}

const char *read_values(const char *text, void *ret)
{
	const bool is_negative = text[0] == '-';
	uint64_t value;
	const char *wrong =
		units_count_to(text + is_negative, INT64_MAX, &value);

	if (wrong == NULL)
		*(int64_t *)ret = is_negative ? -1 : (int64_t)value;
	return wrong;
}

/* As JSON can tell it. */
const char *read_seed(const char *text, void *ret)
{
	return units_count_to(text, INT64_MAX, ret);
}

const char *read_small(const char *text, void *ret)
{
	uint64_t value;
	const char *wrong = units_count_to(text, SMALL_MAX, &value);

	if (wrong != NULL)
		return wrong;
	if (value == 0)
		return "must not be 0";
	*(unsigned *)ret = (unsigned)value;
	return NULL;
}

const char *read_size(const char *text, void *ret)
{
	return units_size(text, ret);
}

/* One end of a range. */
static const char *read_u32(const char *text, uint32_t *ret)
{
	uint64_t value;
	const char *wrong = units_count_to(text, UINT32_MAX, &value);

	if (wrong == NULL)
		*ret = (uint32_t)value;
	return wrong;
}

const char *read_range(const char *text, void *ret)
{
	struct gen_range range = { .given = true };
	const char *colon = strchr(text, ':'), *wrong;
	char *first;

	if (colon == NULL)
		return "not a range MIN:MAX";
	first = strndup(text, (size_t)(colon - text));
	if (first == NULL)
		return "out of memory";
	wrong = read_u32(first, &range.min);
	free(first);
	if (wrong == NULL)
		wrong = read_u32(colon + 1, &range.max);
	if (wrong != NULL)
		return wrong;
	if (range.min > range.max)
		return "the minimum is above the maximum";
	*(struct gen_range *)ret = range;
	return NULL;
}

const char *read_character(const char *text, void *ret)
{
	char c = text[0];

	if (strcmp(text, "\\t") == 0)
		c = '\t';
	else if (c == '\0' || text[1] != '\0')
		return "must be one character, or \\t";
	*(char *)ret = c;
	return NULL;
}

const char *read_encoding(const char *text, void *ret)
{
	const char *name;

	for (unsigned i = 0; (name = gen_encoding_name(i)) != NULL; i++) {
		if (strcmp(text, name) == 0) {
			*(const char **)ret = name;
			return NULL;
		}
	}
	return "no such encoding";
}
