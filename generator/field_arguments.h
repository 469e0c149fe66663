#ifndef GENERATOR_FIELD_ARGUMENTS_H
#define GENERATOR_FIELD_ARGUMENTS_H

#include "generator/draw.h"
#include "generator/generator.h"
#include "generator/type.h"

/* One --field while its arguments are read. */
struct field {
	struct gen_error *error; /* may be NULL */
	const struct gen_type *type;
	const char *name; /* not ended by NUL */
	int name_shown;   /* characters of it in messages */

	const char *kind, *usage; /* what it is and what it wants */
	const char *text;         /* behind the colon; NULL: there is none */
	char *copy;               /* of the text, in words; owned */
	char **words;             /* in the copy; the list is owned */
	size_t count;
};

/* Fill words. A comma or a backslash that belongs to one has a backslash
 * before it. -EINVAL, -ENOMEM. */
int field_split(struct field *field);

void field_release(struct field *field);

/*
 * The arguments of each kind, into a draw of zeros that has its kind. -EINVAL:
 * there are too few or too many, or one is out of its bounds; -ENOMEM. The
 * draw may have texts then.
 */
int field_parse_seq(const struct field *field, struct gen_draw *draw);
int field_parse_uniform(const struct field *field, struct gen_draw *draw);
int field_parse_normal(const struct field *field, struct gen_draw *draw);
int field_parse_zipf(const struct field *field, struct gen_draw *draw);
int field_parse_enum(const struct field *field, struct gen_draw *draw);
int field_parse_cardinality(const struct field *field, struct gen_draw *draw);
int field_parse_const(const struct field *field, struct gen_draw *draw);
int field_parse_now(const struct field *field, struct gen_draw *draw);
int field_parse_hex(const struct field *field, struct gen_draw *draw);
int field_parse_null(const struct field *field, struct gen_draw *draw);
int field_parse_length(const struct field *field, struct gen_draw *draw);

#endif
