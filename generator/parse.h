#ifndef GENERATOR_PARSE_H
#define GENERATOR_PARSE_H

#include "generator/generator.h"
#include "generator/type.h"

/*
 * The text of a schema while it is read, for the parsers of both grammars.
 *
 * They look at the next character or word and know what it begins: nothing is
 * read twice but a word and the blanks behind it. Each function that fails has
 * said so in `error`, and its code goes up as it is.
 */
struct parse {
	const char *text, *at, *end;
	struct gen_error *error; /* may be NULL */
};

/* What is larger is refused. */
enum {
	PARSE_TEXT_MAX = 1 << 20,  /* bytes */
	PARSE_MEMBERS_MAX = 65535, /* of one type, and labels */
};
#define PARSE_LENGTH_MAX UINT32_MAX /* of vectors */

/* Part of the text. */
struct slice {
	const char *at;
	size_t len;
};

/* ---- what is next ------------------------------------------------------- */

/* Blanks, ends of lines, and comments from // to the end of the line. */
void parse_blanks(struct parse *p);

/* The next character, not past the end: there it is NUL. */
char parse_peek(const struct parse *p);

/* Go past blanks, then past this if it is next. */
bool parse_take(struct parse *p, const char *token);

/* The same, and an error if it isn't. */
int parse_require(struct parse *p, const char *token);

/* Letters, digits, _ and - (but not ->), not from a digit on. */
bool parse_word(struct parse *p, struct slice *ret_word);

/* A word, or anything but NUL between backquotes; `what` it is the name of. */
int parse_name(struct parse *p, const char *what, struct slice *ret_name);

/* Decimal digits, low to high; `what` they are. */
int parse_number(struct parse *p, const char *what, const uint64_t bounds[2],
		 uint64_t *ret_number);

/* Whether it is this word, in letters of either case. */
bool slice_is(struct slice slice, const char *word);

/* A copy with NUL, or NULL: no memory. */
char *slice_copy(struct slice slice);

/* ---- errors ------------------------------------------------------------- */

/* Both return -EINVAL. The second says what is next, too. */
int parse_fail(struct parse *p, const char *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int parse_expected(struct parse *p, const char *what);

/* Where in the text this is, lines and columns from 1. */
void parse_place(const struct parse *p, const char *at, unsigned *ret_line,
		 unsigned *ret_column);

/* ---- types -------------------------------------------------------------- */

/* One more member, of zeros, with a copy of the name (no text: none). NULL
 * with an error: too many, or no memory; *ret_rc is the code. */
struct gen_type *parse_member(struct parse *p, struct gen_type *type,
			      struct slice name, int *ret_rc);

/* Room for one more behind `count` items, or NULL. Only for lists that have
 * grown by this from nothing. */
void *parse_grow(void *list, size_t count, size_t item_bytes);

/*
 * Put the type into one of this kind, as its only member; -ENOMEM. What it was
 * is not touched by what the new one is.
 */
int parse_wrap(struct gen_type *type, enum gen_kind kind);

/* The larger height. */
int parse_taller(int a, int b);

/* That `height` types within each other fit below depth - 1 others. */
int parse_nesting(struct parse *p, unsigned depth, int height);

/* ---- the grammars ------------------------------------------------------- */

/*
 * All of the text, into a type of zeros. After a failure the type is to be
 * cleared all the same. References are not yet resolved, see refer.h.
 */
int parse_dessser(struct parse *p, struct gen_type *ret_type);
int parse_clickhouse(struct parse *p, struct gen_type *ret_type);

/* One type as ClickHouse writes it, as deep as `depth` types. Returns how many
 * types it has within each other, itself included. */
int parse_clickhouse_type(struct parse *p, unsigned depth,
			  struct gen_type *ret_type);

/* Whether a type of ClickHouse's is called so. */
bool parse_clickhouse_knows(struct slice word);

#endif
