#ifndef GENERATOR_ENCODE_H
#define GENERATOR_ENCODE_H

#include "generator/lower.h"

/*
 * An encoding: what it puts around and for each type. Its hooks are called
 * while a program is written (lower.c walks the type), not while it runs: they
 * emit ops with lower_put() and lower_op(). A hook that is NULL emits nothing.
 *
 * Within a compound, l->slot is that compound's register for lists and masks;
 * where a type of its own begins it is that of what is around it.
 */
struct gen_encoding {
	const char *name;

	/* Refuse, with lower_refuse(), what can't be encoded; first of all. */
	void (*check)(struct lower *l, const struct gen_type *type);

	/* A whole value begins, or is complete. */
	void (*begin)(struct lower *l, const struct gen_type *type);
	void (*end)(struct lower *l, const struct gen_type *type);

	/* Whether a vector of plain chars is one text. */
	bool chars_are_text;

	/* The value in the registers: v, w or text, as lower_draw.c says. */
	void (*scalar)(struct lower *l, const struct gen_type *type);

	/* A nullable value is there, and comes now; or it is null. */
	void (*present)(struct lower *l, const struct gen_type *type);
	void (*null)(struct lower *l, const struct gen_type *type);

	/* A compound begins, or ends. Of a vector, an array or a map v and
	 * count[l->slot] are the number of its items. Not for sums. */
	void (*open)(struct lower *l, const struct gen_type *type);
	void (*close)(struct lower *l, const struct gen_type *type);

	/* Item `index` comes now: of a tuple or a record; of a vector or an
	 * array always 0, of a map 0 for a key and 1 for its value. */
	void (*item)(struct lower *l, const struct gen_type *type,
		     size_t index);

	/* Between two items, or between the pairs of a map. */
	void (*between)(struct lower *l, const struct gen_type *type);

	/* The value of a pair of a map is complete. */
	void (*paired)(struct lower *l, const struct gen_type *type);

	/* The alternative of a sum that comes now, and its end. */
	void (*choose)(struct lower *l, const struct gen_type *type,
		       size_t index);
	void (*chosen)(struct lower *l, const struct gen_type *type,
		       size_t index);
};

extern const struct gen_encoding gen_encode_null;
extern const struct gen_encoding gen_encode_ringbuf;
extern const struct gen_encoding gen_encode_row_binary;
extern const struct gen_encoding gen_encode_s_expression;
extern const struct gen_encoding gen_encode_csv;
extern const struct gen_encoding gen_encode_json;

/* By name; NULL: there is none. */
const struct gen_encoding *gen_encoding_find(const char *name);

#endif
