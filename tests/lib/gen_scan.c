#include "tests/lib/gen_scan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t scan_run(const struct gen_options *options, const uint8_t *bytes,
		 size_t len_bytes, struct events *events,
		 const struct gen_type *type,
		 void (*read)(struct scan *s, const struct gen_type *type))
{
	struct scan s = {
		.in = {
			.p = bytes,
			.end = bytes + len_bytes,
			.events = events,
		},
		.options = options,
		.text = malloc(len_bytes + 1),
	};

	if (s.text == NULL)
		abort();
	read(&s, type);
	free(s.text);
	return s.in.is_bad ? -EBADMSG : s.in.p - bytes;
}

/* ---- bytes ---------------------------------------------------------------- */

bool scan_take(struct scan *s, const char *word)
{
	const size_t len = strlen(word);

	if (s->in.is_bad || (size_t)(s->in.end - s->in.p) < len ||
	    memcmp(s->in.p, word, len) != 0)
		return false;
	s->in.p += len;
	return true;
}

void scan_expect(struct scan *s, const char *word)
{
	if (!scan_take(s, word))
		input_refuse(&s->in);
}

int scan_peek(const struct scan *s)
{
	return s->in.is_bad || s->in.p == s->in.end ? -1 : *s->in.p;
}

/* A text is never longer than what it is read from. */
void scan_add(struct scan *s, uint8_t byte)
{
	s->text[s->text_bytes++] = byte;
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

uint8_t scan_hex_byte(struct scan *s)
{
	const uint8_t *digits = input_take(&s->in, 2);

	if (digits == NULL)
		return 0;
	if (hex_digit(digits[0]) < 0 || hex_digit(digits[1]) < 0)
		input_refuse(&s->in);
	return (uint8_t)(hex_digit(digits[0]) * 16 + hex_digit(digits[1]));
}

static bool is_word_byte(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '+' || c == '-' || c == '.';
}

void scan_word(struct scan *s)
{
	s->text_bytes = 0;
	while (is_word_byte(scan_peek(s)))
		scan_add(s, *s->in.p++);
}

uint64_t scan_count(struct scan *s)
{
	uint64_t ret = 0;
	int digits = 0;

	while (scan_peek(s) >= '0' && scan_peek(s) <= '9' && digits++ < 18)
		ret = ret * 10 + (uint64_t)(*s->in.p++ - '0');
	if (digits == 0)
		input_refuse(&s->in);
	return ret;
}

/* ---- integers ------------------------------------------------------------- */

struct wide {
	uint32_t limb[8]; /* lowest first */
	bool is_too_large;
};

static void add_digit(struct wide *x, unsigned digit)
{
	uint64_t carry = digit;

	for (int i = 0; i < 8; i++) {
		carry += (uint64_t)x->limb[i] * 10;
		x->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	x->is_too_large |= carry != 0;
}

static void add_wide(struct scan *s, const struct gen_type *type,
		     const struct wide *x, bool is_negative)
{
	uint64_t carry = is_negative;
	uint8_t bytes[32];

	for (int i = 0; i < 8; i++) {
		uint32_t limb = x->limb[i];

		if (is_negative) {
			carry += (uint32_t)~limb;
			limb = (uint32_t)carry;
			carry >>= 32;
		}
		for (int k = 0; k < 4; k++)
			bytes[4 * i + k] = (uint8_t)(limb >> 8 * k);
	}
	if (x->is_too_large || (is_negative && bytes[31] < 0x80))
		input_refuse(&s->in);
	else
		input_add_int(&s->in, type, bytes, sizeof(bytes));
}

/* Digits behind the point; 0: there is none. */
static size_t scale_of(const struct gen_type *type)
{
	const bool has_point =
		type->form == GEN_TIME || type->form == GEN_DECIMAL;

	return has_point ? type->scale : 0;
}

static void add_number(struct scan *s, const struct gen_type *type)
{
	const size_t scale = scale_of(type), len = s->text_bytes;
	const bool is_negative = len > 0 && s->text[0] == '-';
	const size_t whole = len - is_negative - (scale > 0 ? scale + 1 : 0);
	struct wide x = { 0 };
	size_t digits = 0;

	if (len > 90 || whole == 0 || whole > len ||
	    (whole > 1 && s->text[is_negative] == '0')) {
		input_refuse(&s->in);
		return;
	}
	for (size_t i = is_negative; i < len; i++) {
		const uint8_t c = s->text[i];

		if (scale > 0 && i == is_negative + whole && c == '.')
			continue;
		if (c < '0' || c > '9')
			input_refuse(&s->in);
		add_digit(&x, c - (unsigned)'0');
		digits++;
	}
	if (digits != whole + scale)
		input_refuse(&s->in);
	if (!s->in.is_bad)
		add_wide(s, type, &x, is_negative);
}

/* ---- what integers stand for ---------------------------------------------- */

static void add_bytes(struct scan *s, const struct gen_type *type,
		      const uint8_t *highest_first, size_t len)
{
	uint8_t bytes[16];

	for (size_t i = 0; i < len; i++)
		bytes[i] = highest_first[len - 1 - i];
	input_add_int(&s->in, type, bytes, len);
}

/* 64 bits, extended. */
static void add_int(struct scan *s, const struct gen_type *type, int64_t x)
{
	uint8_t bytes[32];

	memset(bytes, x < 0 ? 0xff : 0, sizeof(bytes));
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)x >> 8 * i);
	input_add_int(&s->in, type, bytes, sizeof(bytes));
}

/* The day that the C library makes of it must be this very day. */
static void add_date(struct scan *s, const struct gen_type *type,
		     const char *text)
{
	struct tm tm = { 0 }, back;
	char printed[64];
	int end = 0, year;
	time_t seconds;

	if (sscanf(text, "%d-%2d-%2d%n", &year, &tm.tm_mon, &tm.tm_mday,
		   &end) != 3) {
		input_refuse(&s->in);
		return;
	}
	tm.tm_year = year - 1900;
	tm.tm_mon -= 1;
	seconds = timegm(&tm);
	gmtime_r(&seconds, &back);
	snprintf(printed, sizeof(printed), "%s%04d-%02d-%02d",
		 year < 0 ? "-" : "", abs(back.tm_year + 1900), back.tm_mon + 1,
		 back.tm_mday);
	if (strcmp(printed, text) != 0)
		input_refuse(&s->in);
	else
		add_int(s, type, seconds / 86400);
}

static void add_uuid(struct scan *s, const struct gen_type *type,
		     const char *text)
{
	uint8_t bytes[16];
	size_t count = 0;

	for (size_t i = 0; i < 36 && s->text_bytes == 36;) {
		const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_dash && text[i++] == '-')
			continue;
		if (is_dash || hex_digit(text[i]) < 0 ||
		    hex_digit(text[i + 1]) < 0)
			break;
		bytes[count++] = (uint8_t)(hex_digit(text[i]) * 16 +
					   hex_digit(text[i + 1]));
		i += 2;
	}
	if (count != 16)
		input_refuse(&s->in);
	else
		add_bytes(s, type, bytes, 16);
}

static void add_address(struct scan *s, const struct gen_type *type,
			const char *text)
{
	const bool is_v4 = type->form == GEN_IPV4;
	uint8_t bytes[16];

	if (inet_pton(is_v4 ? AF_INET : AF_INET6, text, bytes) != 1)
		input_refuse(&s->in);
	else
		add_bytes(s, type, bytes, is_v4 ? 4 : 16);
}

static void add_label(struct scan *s, const struct gen_type *type)
{
	for (size_t i = 0; i < type->label_count; i++) {
		const struct gen_label *label = &type->labels[i];

		if (strlen(label->text) == s->text_bytes &&
		    memcmp(label->text, s->text, s->text_bytes) == 0) {
			add_int(s, type, label->value);
			return;
		}
	}
	input_refuse(&s->in);
}

static void add_int_form(struct scan *s, const struct gen_type *type)
{
	const char *text = (const char *)s->text;

	switch (type->form) {
	case GEN_DATE:
		add_date(s, type, text);
		break;
	case GEN_UUID:
		add_uuid(s, type, text);
		break;
	case GEN_IPV4:
	case GEN_IPV6:
		add_address(s, type, text);
		break;
	case GEN_ENUM:
		add_label(s, type);
		break;
	default:
		add_number(s, type);
		break;
	}
}

/* ---- floats --------------------------------------------------------------- */

/* Whether this is how it is written, as far as strtod() isn't that strict. */
static bool is_styled(const char *text, double x, enum scan_float style)
{
	const char *digits = text + (*text == '-');
	const bool is_hex = strncmp(digits, "0x", 2) == 0;

	if (*text == '+')
		return false;
	if (isfinite(x))
		return is_hex == (style == SCAN_HEX);
	if (style == SCAN_JSON)
		return false;
	if (isnan(x))
		return strcmp(digits, "nan") == 0;
	return strcmp(digits, style == SCAN_HEX ? "infinity" : "inf") == 0;
}

static void add_float(struct scan *s, const struct gen_type *type,
		      enum scan_float style)
{
	const char *text = (const char *)s->text;
	char *end;
	const double x = strtod(text, &end);
	const float narrow = strtof(text, NULL);
	uint64_t bits = 0;
	uint32_t narrow_bits;

	if (s->text_bytes == 0 || (size_t)(end - text) != s->text_bytes ||
	    !is_styled(text, x, style)) {
		input_refuse(&s->in);
		return;
	}
	memcpy(&bits, &x, sizeof(bits));
	memcpy(&narrow_bits, &narrow, sizeof(narrow_bits));
	events_add(s->in.events, EVENT_FLOAT,
		   type->width_bits == 32 ? narrow_bits : bits);
}

/* ---- any scalar ----------------------------------------------------------- */

bool scan_is_string(const struct gen_type *type)
{
	if (type->kind == GEN_INT)
		return type->form == GEN_DATE || type->form == GEN_UUID ||
		       type->form == GEN_IPV4 || type->form == GEN_IPV6 ||
		       type->form == GEN_ENUM;
	return type->kind == GEN_CHAR || type->kind == GEN_STRING ||
	       type->form == GEN_FIXED_STRING;
}

bool scan_is_scalar(const struct gen_type *type)
{
	return scan_is_string(type) || type->kind == GEN_INT ||
	       type->kind == GEN_FLOAT;
}

void scan_bool(struct scan *s, bool value)
{
	if (!s->in.is_bad)
		events_add(s->in.events, EVENT_INT, value);
}

void scan_scalar(struct scan *s, const struct gen_type *type,
		 enum scan_float style)
{
	if (s->in.is_bad)
		return;
	s->text[s->text_bytes] = 0;
	if (type->kind == GEN_INT)
		add_int_form(s, type);
	else if (type->kind == GEN_FLOAT)
		add_float(s, type, style);
	else if (type->kind == GEN_STRING)
		events_add_text(s->in.events, s->text, s->text_bytes);
	else if (type->kind != GEN_CHAR && s->text_bytes <= type->length)
		input_add_padded(&s->in, s->text, s->text_bytes);
	else if (type->kind == GEN_CHAR && s->text_bytes == 1)
		input_add_int(&s->in, type, s->text, 1);
	else
		input_refuse(&s->in);
}
