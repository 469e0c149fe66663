#ifndef GENERATOR_TYPE_H
#define GENERATOR_TYPE_H

#include "generator/draw.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A schema as a tree of types. The parsers make it, fields.c notes in it how
 * values are drawn, and lower.c turns it into a program. GENERATOR.md 1 says
 * what may be written; the tree does not tell which grammar it came from.
 */

enum gen_kind {
	GEN_VOID, /* no bytes: an alternative of a sum without a value */
	GEN_BOOL,
	GEN_CHAR, /* one byte */
	GEN_INT,
	GEN_FLOAT, /* width_bits 32 or 64 */
	GEN_STRING,
	GEN_VECTOR, /* `length` items */
	GEN_ARRAY,  /* as many as there are; lists and sets are the same */
	GEN_MAP,    /* members: key, value */
	GEN_TUPLE,
	GEN_RECORD,
	GEN_SUM,
	GEN_THIS,   /* another copy of `target`, which contains this one */
	GEN_OPAQUE, /* may be written, has no values: `name` is what it was */
};

/* What an integer or a vector of chars stands for, where that changes its
 * bytes or its text. */
enum gen_form {
	GEN_PLAIN,
	GEN_UUID,         /* 128 bits */
	GEN_IPV4,         /* 32 bits */
	GEN_IPV6,         /* 128 bits */
	GEN_DATE,         /* days since 1970: 16 bits, or 32 signed */
	GEN_TIME,         /* seconds since 1970, with `scale` digits behind */
	GEN_DECIMAL,      /* in units of 10^-scale */
	GEN_ENUM,         /* one of the labels */
	GEN_FIXED_STRING, /* a vector of chars, padded with zeros */
};

enum gen_collection { GEN_DYNAMIC, GEN_LIST, GEN_SET };

struct gen_label {
	char *text; /* owned; may hold any byte but NUL */
	int64_t value;
};

struct gen_member;

/* One type. All that it points to is owned by it, but for `target`. */
struct gen_type {
	enum gen_kind kind;
	enum gen_form form;
	bool is_nullable;
	bool has_default; /* `default` was written: ringbuf keeps a bit */
	bool has_end;     /* some value is finite, null aside; see refer.h */
	bool is_signed;
	uint8_t end_calls;   /* copies of `this` within each other in its least
			    * value, null aside; see refer.h */
	uint16_t width_bits; /* 8, 16, 24 ... 64, 128, 256 */
	uint16_t scale;      /* digits behind the point */
	uint16_t precision;  /* of decimals: digits in all */
	enum gen_collection collection; /* of an array */
	uint64_t length;

	char *name; /* given by `as`, of a user type or of a target, or what is
		     * opaque */
	struct gen_member *members; /* items, fields, alternatives */
	size_t member_count;        /* 1 for vectors and arrays, 2 for maps */
	struct gen_label *labels;
	size_t label_count;
	const struct gen_type *target;

	struct gen_draw draw; /* how its values are drawn; fields.c */
};

struct gen_member {
	char *name; /* NULL where items have none */
	struct gen_type type;
};

/* Types within types, at most; a parser refuses what is deeper. */
enum { GEN_NESTING_MAX = 64 };

/* Release what the type holds, not the struct itself. A type of zeros is
 * fine. */
void gen_type_clear(struct gen_type *type);

/* The bytes an integer is stored in: 1, 2, 4 (for 24 bits, too), 8, 16, 32. */
size_t gen_int_bytes(const struct gen_type *type);

/* The least and the most that so many bits hold, as far as 64 bits do; what is
 * signed as int64_t. */
int64_t gen_int_least(const struct gen_type *type);
uint64_t gen_int_most(const struct gen_type *type);

/* Whether values hold a further copy of a type that contains them. */
bool gen_type_recurses(const struct gen_type *type);

/*
 * What cannot be generated: NULL, or the first type within that has no values,
 * or none that ends (`{a: this}`). *ret_why is set with it, a static text.
 */
const struct gen_type *gen_type_find_barren(const struct gen_type *type,
					    const char **ret_why);

/*
 * The type in the first grammar, with the least of blanks and brackets, so
 * that equal types give equal texts, and the text read gives an equal type.
 * What the first grammar has no word for is written as ClickHouse has it, in
 * backquotes. Returns its length, like snprintf.
 */
size_t gen_type_print(const struct gen_type *type, char *buf, size_t size);

/* The same as a whole schema, which is in brackets if it would be taken for one
 * of the second grammar. */
size_t gen_type_print_whole(const struct gen_type *type, char *buf,
			    size_t size);

#endif
