#ifndef GENERATOR_PUTS_H
#define GENERATOR_PUTS_H

#include "generator/machine.h"

/*
 * Puts that are functions: what is not worth being part of each program, or too
 * long for it. Which bytes they write is specified in GENERATOR.md 3. An
 * integer is in v, or, of more than 64 bits, in w; "char" says that the text is
 * the one byte in v.
 */
enum gen_put_call {
	GEN_PUT_CHAR_WORDS,  /* b chars of the text, a word each */
	GEN_PUT_WIDER_FLOAT, /* the float in v as a double, 8 bytes */

	/* put_number.c */
	GEN_PUT_WIDE,  /* w in decimal; b words; c: signed */
	GEN_PUT_POINT, /* b words; c & 0xff digits behind the point; signed if
			* c >> 8 */
	GEN_PUT_DATE,  /* v days since 1970, signed */
	GEN_PUT_UUID,
	GEN_PUT_IPV4,
	GEN_PUT_IPV6,

	/* put_float.c: v is that of a double, or of a float if b */
	GEN_PUT_FLOAT,      /* the shortest that reads back the same */
	GEN_PUT_JSON_FLOAT, /* the same; null where it isn't finite */
	GEN_PUT_HEX_FLOAT,

	/* put_text.c */
	GEN_PUT_S_TEXT,     /* b: char */
	GEN_PUT_JSON_TEXT,  /* b: char */
	GEN_PUT_CSV_TEXT,   /* b and c: see gen_csv_text */
	GEN_PUT_CSV_QUOTED, /* b: the quote; c: char */
	GEN_PUT_LIST_TEXT,  /* b: the quote around the list; c: char */
	GEN_PUT_COUNT
};

extern gen_put_fn *const gen_puts[GEN_PUT_COUNT];

/* ---- what they are, for the table and for tests --------------------------- */

gen_put_fn gen_put_wide, gen_put_point, gen_put_date, gen_put_uuid,
	gen_put_ipv4, gen_put_ipv6;
gen_put_fn gen_put_float, gen_put_json_float, gen_put_hex_float;
gen_put_fn gen_put_s_text, gen_put_json_text, gen_put_csv_text,
	gen_put_csv_quoted, gen_put_list_text;

/* The text as it stands within the quotes of a JSON string. */
uint8_t *gen_json_escape(uint8_t *p, const uint8_t *text, size_t len_bytes);

/* How GEN_PUT_CSV_TEXT takes its b. Its c is the first 8 bytes of the null
 * text, filled up with zeros. */
enum gen_csv_text {
	GEN_CSV_QUOTE_SHIFT = 8, /* above the separator */
	GEN_CSV_NULL_SHIFT = 16, /* the length of the null text */
	GEN_CSV_CHAR_SHIFT = 32,
};

#endif
