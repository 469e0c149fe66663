#ifndef GENERATOR_CLICKHOUSE_WORDS_H
#define GENERATOR_CLICKHOUSE_WORDS_H

#include "generator/parse.h"

/* What stands behind the name of a type. */
enum clickhouse_arguments {
	CLICKHOUSE_NONE,
	CLICKHOUSE_IGNORED,    /* maybe (N) */
	CLICKHOUSE_LENGTH,     /* (N) */
	CLICKHOUSE_PRECISION,  /* maybe (P), (P, S) */
	CLICKHOUSE_SCALE,      /* (S) */
	CLICKHOUSE_ZONE,       /* maybe ('zone') */
	CLICKHOUSE_SCALE_ZONE, /* maybe (S), (S, 'zone') */
	CLICKHOUSE_LABELS,     /* ('a' = 1, ...) */
	CLICKHOUSE_NULLABLE,   /* (T) */
	CLICKHOUSE_SAME,       /* (T) */
	CLICKHOUSE_AGGREGATE,  /* (function, T) */
	CLICKHOUSE_ARRAY,      /* (T) */
	CLICKHOUSE_MAP,        /* (T, T) */
	CLICKHOUSE_TUPLE,      /* (T, ...) or (name T, ...) */
	CLICKHOUSE_NESTED,     /* (name T, ...) */
};

struct clickhouse_word {
	const char *name; /* may be of several words */
	enum clickhouse_arguments arguments;
	enum gen_kind kind;
	enum gen_form form;
	bool is_signed;
	uint16_t width_bits; /* 0: the arguments say it */
};

/* The name of a type, which is gone past, or NULL: what is next is none. The
 * longest one counts: DOUBLE PRECISION. */
const struct clickhouse_word *clickhouse_word_find(struct parse *p);

/* 'text' with ClickHouse's escapes, as a copy. */
int parse_clickhouse_text(struct parse *p, const char *what, char **ret_text);

/* The labels of an enum: what they are, and the width if it is still 0. */
int parse_clickhouse_labels(struct parse *p, struct gen_type *type);

#endif
