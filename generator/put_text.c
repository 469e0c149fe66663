#include "generator/op_put.h"
#include "generator/puts.h"

#include <stdbool.h>

/* Texts between quotes, and what of them is escaped, in each encoding. */

/* A text, or the byte that a char is. */
struct text {
	const uint8_t *bytes;
	uint64_t len;
};

static struct text text_of(const struct gen_value *value, uint64_t is_char,
			   uint8_t *room)
{
	*room = (uint8_t)value->v;
	if (is_char != 0)
		return (struct text){ room, 1 };
	return (struct text){ value->text, value->text_bytes };
}

static uint8_t *put_hex_byte(uint8_t *p, uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";

	*p++ = (uint8_t)digits[byte >> 4];
	*p++ = (uint8_t)digits[byte & 15];
	return p;
}

/* ---- S-expressions -------------------------------------------------------- */

uint8_t *gen_put_s_text(uint8_t *p, const struct gen_value *value, uint64_t b,
			uint64_t c)
{
	uint8_t room;
	const struct text text = text_of(value, b, &room);

	(void)c;
	*p++ = '"';
	for (uint64_t i = 0; i < text.len; i++) {
		const uint8_t byte = text.bytes[i];

		if (byte == '"' || byte == '\\' || byte < ' ' || byte == 127)
			*p++ = '\\';
		if (byte < ' ' || byte == 127) {
			*p++ = 'x';
			p = put_hex_byte(p, byte);
		} else {
			*p++ = byte;
		}
	}
	*p++ = '"';
	return p;
}

/* ---- JSON ----------------------------------------------------------------- */

/* The letter that stands for a control byte behind a backslash, in JSON as in
 * lists of ClickHouse; 0: there is none. */
static char control_short(uint8_t byte)
{
	switch (byte) {
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

/* What follows the backslash for a byte; 0: there is nothing so short. */
static char json_short(uint8_t byte)
{
	if (byte == '"' || byte == '\\' || byte == '/')
		return (char)byte;
	return control_short(byte);
}

static bool is_tail(uint8_t byte)
{
	return (byte & 0xc0) == 0x80;
}

/*
 * Bytes of the character beyond ASCII that begins here; 0: that is no UTF-8.
 * The second byte's bounds keep out what has a shorter form, surrogates, and
 * what is above U+10FFFF.
 */
static size_t utf8_len(const uint8_t *at, size_t len)
{
	const uint8_t first = at[0];
	const size_t n = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	const uint8_t least = first == 0xe0   ? 0xa0
			      : first == 0xf0 ? 0x90
					      : 0x80;
	const uint8_t most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	if (first < 0xc2 || first > 0xf4 || len < n)
		return 0;
	if (at[1] < least || at[1] > most)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (!is_tail(at[i]))
			return 0;
	return n;
}

/* One byte that can't stand as it is. */
static uint8_t *json_byte(uint8_t *p, uint8_t byte)
{
	const char brief = json_short(byte);

	*p++ = '\\';
	if (brief != 0) {
		*p++ = (uint8_t)brief;
		return p;
	}
	memcpy(p, "u00", 3);
	return put_hex_byte(p + 3, byte);
}

uint8_t *gen_json_escape(uint8_t *p, const uint8_t *text, size_t len_bytes)
{
	size_t i = 0;

	while (i < len_bytes) {
		const uint8_t byte = text[i];
		size_t len =
			byte < 0x80 ? 1 : utf8_len(text + i, len_bytes - i);

		if (len == 0 || byte < ' ' || byte == 127 ||
		    json_short(byte) != 0) {
			p = json_byte(p, byte);
			i++;
			continue;
		}
		for (; len > 0; len--)
			*p++ = text[i++];
	}
	return p;
}

uint8_t *gen_put_json_text(uint8_t *p, const struct gen_value *value,
			   uint64_t b, uint64_t c)
{
	uint8_t room;
	const struct text text = text_of(value, b, &room);

	(void)c;
	*p++ = '"';
	p = gen_json_escape(p, text.bytes, text.len);
	*p++ = '"';
	return p;
}

/* ---- CSV ------------------------------------------------------------------ */

/* One byte of what is quoted. */
static uint8_t *put_doubled(uint8_t *p, uint8_t byte, uint8_t quote)
{
	*p = quote;
	p += byte == quote;
	*p++ = byte;
	return p;
}

static uint8_t *put_quoted(uint8_t *p, struct text text, uint8_t quote)
{
	*p++ = quote;
	for (uint64_t i = 0; i < text.len; i++)
		p = put_doubled(p, text.bytes[i], quote);
	*p++ = quote;
	return p;
}

uint8_t *gen_put_csv_quoted(uint8_t *p, const struct gen_value *value,
			    uint64_t b, uint64_t c)
{
	uint8_t room;

	return put_quoted(p, text_of(value, c, &room), (uint8_t)b);
}

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t';
}

/* Whether these are the length and the first 8 bytes of the null text. One that
 * is longer may differ behind them: then quotes do no harm. */
static bool may_be_null(struct text text, uint64_t len, uint64_t first)
{
	uint8_t bytes[8] = { 0 };

	if (text.len != len)
		return false;
	memcpy(bytes, text.bytes, len < 8 ? len : 8);
	for (unsigned i = 0; i < 8; i++)
		if (bytes[i] != (uint8_t)(first >> 8 * i))
			return false;
	return true;
}

/* Readers cut blanks off, and take ' and \ at the beginning for something
 * else. */
static bool has_risky_ends(struct text text)
{
	const uint8_t first = text.bytes[0];

	return is_blank(first) || first == '\'' || first == '\\' ||
	       is_blank(text.bytes[text.len - 1]);
}

static bool has_special(struct text text, uint8_t separator, uint8_t quote)
{
	for (uint64_t i = 0; i < text.len; i++) {
		const uint8_t byte = text.bytes[i];

		if (byte == separator || byte == quote || byte == '\n' ||
		    byte == '\r')
			return true;
	}
	return false;
}

uint8_t *gen_put_csv_text(uint8_t *p, const struct gen_value *value, uint64_t b,
			  uint64_t c)
{
	const uint8_t quote = (uint8_t)(b >> GEN_CSV_QUOTE_SHIFT);
	uint8_t room;
	const struct text text = text_of(value, b >> GEN_CSV_CHAR_SHIFT, &room);

	if (text.len == 0 || has_risky_ends(text) ||
	    may_be_null(text, b >> GEN_CSV_NULL_SHIFT & 0xffff, c) ||
	    has_special(text, (uint8_t)b, quote))
		return put_quoted(p, text, quote);
	memcpy(p, text.bytes, text.len);
	return p + text.len;
}

/* What follows the backslash for a byte of a text in a list; 0: nothing is
 * escaped. */
static char list_short(uint8_t byte)
{
	if (byte == '\'' || byte == '\\')
		return (char)byte;
	return byte == '\0' ? '0' : control_short(byte);
}

uint8_t *gen_put_list_text(uint8_t *p, const struct gen_value *value,
			   uint64_t b, uint64_t c)
{
	const uint8_t quote = (uint8_t)b;
	uint8_t room;
	const struct text text = text_of(value, c, &room);

	p = put_doubled(p, '\'', quote);
	for (uint64_t i = 0; i < text.len; i++) {
		const char brief = list_short(text.bytes[i]);

		if (brief != 0)
			p = put_doubled(p, '\\', quote);
		p = put_doubled(p, brief != 0 ? (uint8_t)brief : text.bytes[i],
				quote);
	}
	return put_doubled(p, '\'', quote);
}
