#ifndef GENERATOR_ENCODE_TEXT_H
#define GENERATOR_ENCODE_TEXT_H

#include "generator/encode.h"
#include "generator/puts.h"

/* What the encodings that are text have in common. */

/* How a scalar looks, whatever the encoding puts around it. */
enum text_shape {
	TEXT_NUMBER,
	TEXT_BOOL,
	TEXT_FLOAT,
	TEXT_WORD, /* what text_bare() makes of an integer that isn't a number:
		    * a date, an address; without anything to escape */
	TEXT_TEXT, /* bytes, those of a char among them */
};

enum text_shape text_shape_of(const struct gen_type *type);

/* Emit a number or a word. */
void text_bare(struct lower *l, const struct gen_type *type);

/* Emit a float with a function of puts.h that takes its kind in b. */
void text_float(struct lower *l, const struct gen_type *type,
		enum gen_put_call call);

/* Emit one of two texts of up to 8 bytes for a bool. */
void text_bool(struct lower *l, const char *no, const char *yes);

/* Whether a text consists of letters a..z and digits, always. */
bool text_is_plain(const struct lower *l, const struct gen_type *type);

/* Emit a plain text or char, as it is. */
void text_plain(struct lower *l, const struct gen_type *type);

/* The most bytes of a text. */
uint64_t text_max(const struct lower *l, const struct gen_type *type);

/* How an encoding whose texts and words are between double quotes puts its
 * scalars. */
struct text_style {
	const char *no, *yes;        /* as text_bool() takes them */
	enum gen_put_call put_float; /* as text_float() does */
	enum gen_put_call put_text;  /* b: char */
	uint64_t escape_bytes;       /* of a byte of a text, at most */
};

void text_scalar(struct lower *l, const struct gen_type *type,
		 const struct text_style *style);

/* Put an index between two texts. */
void text_index(struct lower *l, const char *before, size_t index,
		const char *behind);

#endif
