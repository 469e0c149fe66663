#include "generator/field_arguments.h"
#include "generator/error.h"
#include "generator/value_text.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits of `hex`, at most. */
enum { HEX_MAX = 1 << 20 };

/* ---- errors -------------------------------------------------------------- */

/* What the whole should look like. */
static int wrong_count(const struct field *f)
{
	return gen_error_set(
		f->error, "field '%.*s': %s expects %s%s%.60s%s", f->name_shown,
		f->name, f->kind, f->usage, f->text == NULL ? "" : ", met '",
		f->text == NULL ? "" : f->text, f->text == NULL ? "" : "'");
}

static int need(const struct field *f, size_t min, size_t max)
{
	return f->count < min || f->count > max ? wrong_count(f) : 0;
}

static int wrong(const struct field *f, const char *word, const char *expected)
{
	return gen_error_set(f->error,
			     "field '%.*s': %s expects %s, met '%.60s'",
			     f->name_shown, f->name, f->kind, expected, word);
}

/* It is no value of the type. */
static int wrong_value(const struct field *f, size_t i)
{
	char expected[96];

	gen_value_expected(f->type, expected, sizeof(expected));
	return wrong(f, f->words[i], expected);
}

/* ---- words --------------------------------------------------------------- */

static size_t count_commas(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == ',';
	return count;
}

/* A comma or a backslash that belongs to a word has a backslash before it. */
static char *copy_word(const char **at, char *to)
{
	const char *from = *at;

	for (; *from != '\0' && *from != ','; from++) {
		if (from[0] == '\\' && (from[1] == ',' || from[1] == '\\'))
			from++;
		*to++ = *from;
	}
	*to = '\0';
	*at = from;
	return to + 1;
}

int field_split(struct field *field)
{
	const char *at = field->text;
	char *to;

	if (at == NULL)
		return 0;
	field->copy = to = malloc(strlen(at) + 1);
	field->words = calloc(count_commas(at) + 1, sizeof(*field->words));
	if (to == NULL || field->words == NULL)
		return -ENOMEM;
	do {
		field->words[field->count++] = to;
		to = copy_word(&at, to);
	} while (*at++ == ',');
	return 0;
}

void field_release(struct field *field)
{
	free(field->words);
	free(field->copy);
}

/* ---- numbers ------------------------------------------------------------- */

/* Of the field's type, in its smallest units. */
static int number(const struct field *f, size_t i, struct gen_draw *draw)
{
	uint8_t bytes[GEN_VALUE_BYTES];

	if (f->type->kind == GEN_FLOAT) {
		if (gen_value_double(f->words[i], &draw->numbers[i]) < 0 ||
		    gen_draw_parse_value(f->type, f->words[i], bytes) < 0)
			return wrong_value(f, i);
		return 0;
	}
	if (gen_draw_parse_value(f->type, f->words[i], bytes) < 0)
		return wrong_value(f, i);
	if (gen_value_int64(f->type, f->words[i], &draw->ints[i]) < 0)
		return wrong(f, f->words[i], "a number that fits 64 bits");
	draw->numbers[i] = f->type->is_signed ? (double)draw->ints[i]
					      : (double)(uint64_t)draw->ints[i];
	return 0;
}

/* How far apart values are. `text` is the i-th word, or what stands for it. */
static int distance(const struct field *f, size_t i, const char *text,
		    struct gen_draw *draw)
{
	if (f->type->kind == GEN_FLOAT)
		return gen_value_double(text, &draw->numbers[i]) < 0
			       ? wrong_value(f, i)
			       : 0;
	if (gen_value_step(f->type, text, &draw->ints[i]) < 0)
		return wrong(f, text, "a whole number of the field's units");
	draw->numbers[i] = (double)draw->ints[i];
	return 0;
}

/* Counts: digits only. */
static int count(const struct field *f, size_t i, const uint64_t bounds[2],
		 uint64_t *ret_count)
{
	const char *word = f->words[i];
	char expected[80], *end;
	uint64_t value;

	errno = 0;
	value = strtoull(word, &end, 10);
	if (*word >= '0' && *word <= '9' && *end == '\0' && errno == 0 &&
	    value >= bounds[0] && value <= bounds[1]) {
		*ret_count = value;
		return 0;
	}
	snprintf(expected, sizeof(expected),
		 "an integer from %" PRIu64 " to %" PRIu64, bounds[0],
		 bounds[1]);
	return wrong(f, f->words[i], expected);
}

/* The same into the draw, from 1 on. */
static int draw_count(const struct field *f, uint64_t max,
		      struct gen_draw *draw)
{
	const uint64_t bounds[2] = { 1, max };
	uint64_t n;
	const int rc = count(f, 0, bounds, &n);

	if (rc < 0)
		return rc;
	draw->ints[0] = (int64_t)n;
	draw->numbers[0] = (double)n;
	return 0;
}

int field_parse_seq(const struct field *f, struct gen_draw *draw)
{
	int rc = need(f, 1, 2);

	if (rc == 0)
		rc = number(f, 0, draw);
	if (rc == 0)
		rc = distance(f, 1, f->count > 1 ? f->words[1] : "1", draw);
	return rc;
}

static bool is_below(const struct gen_type *type, const struct gen_draw *draw)
{
	if (type->kind == GEN_FLOAT)
		return draw->numbers[1] < draw->numbers[0];
	if (type->is_signed)
		return draw->ints[1] < draw->ints[0];
	return (uint64_t)draw->ints[1] < (uint64_t)draw->ints[0];
}

int field_parse_uniform(const struct field *f, struct gen_draw *draw)
{
	int rc = need(f, 2, 2);

	if (rc == 0)
		rc = number(f, 0, draw);
	if (rc == 0)
		rc = number(f, 1, draw);
	if (rc == 0 && is_below(f->type, draw))
		rc = wrong(f, f->words[1],
			   "a high end that is not below the low one");
	if (rc == 0 && f->type->kind == GEN_FLOAT &&
	    !isfinite(draw->numbers[1] - draw->numbers[0]))
		rc = wrong(f, f->words[1],
			   "a high end whose distance to the low one is a "
			   "number");
	return rc;
}

/* A float in the type's own unit; a date or an address is one of these. */
static int real(const struct field *f, size_t i, struct gen_draw *draw)
{
	if (gen_value_double(f->words[i], &draw->numbers[i]) < 0)
		return i > 0 ? wrong(f, f->words[i], "a number")
			     : number(f, i, draw);
	for (unsigned digits = f->type->scale; digits > 0; digits--)
		draw->numbers[i] *= 10;
	return 0;
}

int field_parse_normal(const struct field *f, struct gen_draw *draw)
{
	int rc = need(f, 2, 2);

	if (rc == 0)
		rc = real(f, 0, draw);
	if (rc == 0)
		rc = real(f, 1, draw);
	if (rc == 0 && draw->numbers[1] < 0)
		rc = wrong(f, f->words[1], "a deviation of at least 0");
	return rc;
}

static uint64_t largest_decimal(unsigned digits)
{
	uint64_t number = 1;

	if (digits > 18)
		return INT64_MAX; /* all that 64 bits can count */
	for (; digits > 0; digits--)
		number *= 10;
	return number - 1;
}

/* The largest count that is a value, in the type's smallest unit. */
static uint64_t largest(const struct gen_type *type)
{
	if (type->form == GEN_DECIMAL)
		return largest_decimal(type->precision);
	if (type->kind == GEN_FLOAT)
		return UINT64_C(1) << (type->width_bits == 32 ? FLT_MANT_DIG
							      : DBL_MANT_DIG);
	if (type->width_bits > 64)
		return INT64_MAX;
	return gen_int_most(type);
}

int field_parse_zipf(const struct field *f, struct gen_draw *draw)
{
	int rc = need(f, 2, 2);

	if (rc == 0)
		rc = draw_count(f, largest(f->type), draw);
	if (rc < 0)
		return rc;
	if (gen_value_double(f->words[1], &draw->numbers[1]) < 0 ||
	    draw->numbers[1] <= 0)
		return wrong(f, f->words[1], "an exponent above 0");
	return 0;
}

/* How many values there are to choose from. */
static uint64_t distinct(const struct gen_type *type)
{
	if (type->kind == GEN_BOOL)
		return 2;
	if (type->kind == GEN_CHAR)
		return 26;
	if (type->form == GEN_ENUM)
		return type->label_count;
	if (type->kind == GEN_INT && type->width_bits < 64)
		return UINT64_C(1) << type->width_bits;
	return INT64_MAX;
}

int field_parse_cardinality(const struct field *f, struct gen_draw *draw)
{
	const int rc = need(f, 1, 1);

	return rc < 0 ? rc : draw_count(f, distinct(f->type), draw);
}

int field_parse_hex(const struct field *f, struct gen_draw *draw)
{
	const int rc = need(f, 1, 1);
	uint64_t max = HEX_MAX;

	if (f->type->form == GEN_FIXED_STRING && f->type->length < HEX_MAX)
		max = f->type->length;
	return rc < 0 ? rc : draw_count(f, max, draw);
}

int field_parse_now(const struct field *f, struct gen_draw *draw)
{
	(void)draw;
	return need(f, 0, 0);
}

/* ---- values -------------------------------------------------------------- */

static int texts(const struct field *f, struct gen_draw *draw)
{
	uint8_t bytes[GEN_VALUE_BYTES];

	draw->texts = calloc(f->count, sizeof(*draw->texts));
	if (draw->texts == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < f->count; i++) {
		if (gen_draw_parse_value(f->type, f->words[i], bytes) < 0)
			return wrong_value(f, i);
		draw->texts[i] = strdup(f->words[i]);
		if (draw->texts[i] == NULL)
			return -ENOMEM;
		draw->text_count++;
	}
	return 0;
}

int field_parse_enum(const struct field *f, struct gen_draw *draw)
{
	const int rc = need(f, 1, SIZE_MAX);

	return rc < 0 ? rc : texts(f, draw);
}

static void always_null(struct gen_draw *draw)
{
	draw->kind = GEN_DRAW_BY_TYPE;
	draw->has_null_rate = true;
	draw->null_rate = 1;
}

/* `null` is a value of what is nullable, and only then. */
int field_parse_const(const struct field *f, struct gen_draw *draw)
{
	const int rc = need(f, 1, 1);

	if (rc < 0)
		return rc;
	if (!f->type->is_nullable || strcmp(f->words[0], "null") != 0)
		return texts(f, draw);
	always_null(draw);
	return 0;
}

/* ---- beside the kind ----------------------------------------------------- */

int field_parse_null(const struct field *f, struct gen_draw *draw)
{
	const int rc = need(f, 1, 1);

	if (rc < 0)
		return rc;
	if (gen_value_double(f->words[0], &draw->null_rate) < 0 ||
	    draw->null_rate < 0 || draw->null_rate > 1)
		return wrong(f, f->words[0], "a rate from 0 to 1");
	draw->has_null_rate = true;
	return 0;
}

int field_parse_length(const struct field *f, struct gen_draw *draw)
{
	static const uint64_t any[2] = { 0, UINT32_MAX };
	uint64_t min = 0, max = 0;
	int rc = need(f, 1, 2);

	if (rc == 0)
		rc = count(f, 0, any, &min);
	if (rc == 0)
		rc = count(f, f->count - 1, any, &max);
	if (rc == 0 && max < min)
		rc = wrong(f, f->words[1],
			   "a maximum that is not below the minimum");
	if (rc < 0)
		return rc;
	draw->has_length = true;
	draw->length_min = (uint32_t)min;
	draw->length_max = (uint32_t)max;
	return 0;
}
