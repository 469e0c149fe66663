#ifndef GENERATOR_LOWER_H
#define GENERATOR_LOWER_H

#include "generator/generator.h"
#include "generator/op.h"
#include "generator/type.h"

/*
 * From a type and an encoding to a program. The walk decides what is drawn, and
 * in which order, before any encoding has a word: so the values are the same in
 * all of them.
 */

struct gen_encoding;

struct lower {
	const struct gen_options *options;
	const struct gen_encoding *encoding;
	bool is_tape; /* for tests: values come from env->tape */

	struct gen_program *program; /* what is written */
	size_t op_room, value_room, literal_room;

	unsigned slot;   /* of the compound that is walked; 0: outside */
	unsigned lists;  /* csv: those in brackets that are around */
	uint64_t bound;  /* bytes that were put so far, at most */
	bool is_checked; /* each put makes sure that there is room */
	bool is_unbounded;

	/* Types that `this` means, each a subroutine. */
	const struct gen_type **targets;
	uint32_t *target_ops;
	size_t target_count;

	int rc; /* the first failure; nothing more is written then */
	struct gen_error *error;
};

/*
 * Write the program. *ret_program is to be released with gen_program_clear().
 * -EINVAL: this type can't be encoded so; -ENOMEM.
 */
int gen_lower(const struct gen_type *type, const struct gen_encoding *encoding,
	      const struct gen_options *options, bool is_tape,
	      struct gen_error *ret_error, struct gen_program *ret_program);

/* ---- for the walk and the encodings -------------------------------------- */

/* Append an op that puts nothing. Returns its index. */
uint32_t lower_op(struct lower *l, enum gen_op_code code, uint64_t a,
		  uint64_t b, uint64_t c);

/* Append an op that puts at most `bytes`. */
void lower_put(struct lower *l, enum gen_op_code code, uint64_t a, uint64_t b,
	       uint64_t c, uint64_t bytes);

/* Append what puts the lowest `bytes` of v, and zeros up to room_bytes. */
void lower_put_le(struct lower *l, size_t bytes, size_t room_bytes);

/* Append bytes that are always the same. They are copied. */
void lower_literal(struct lower *l, const void *bytes, size_t len_bytes);

/* The same for text that ends with NUL. */
void lower_text(struct lower *l, const char *text);

/* Keep a value for draw_const and draw_pick; its text is copied. Returns its
 * index; those of calls in turn are in turn. */
uint64_t lower_value(struct lower *l, const struct gen_value *value);

/* The op that was appended last goes to, or op `from` goes to, what comes
 * next. */
void lower_here(struct lower *l, uint32_t from);

/* Index of the op that comes next. */
uint32_t lower_next(const struct lower *l);

/* The most bytes that a text of this type has. */
uint64_t lower_text_max(const struct lower *l, const struct gen_type *type);

/* Fail with -EINVAL, and say why: "a sum can't be ...". */
__attribute__((format(printf, 2, 3))) void
lower_refuse(struct lower *l, const char *format, ...);

/* ---- lower_draw.c --------------------------------------------------------- */

/* Where an integer, a bool or a char finds its bits. */
enum lower_source {
	LOWER_OWN,    /* a draw of its own */
	LOWER_SHARED, /* the one by which it is not null */
	LOWER_PACKED, /* the one that it shares with other items */
};

/* Whether a nullable of this type shares the draw that tells null. */
bool lower_shares_draw(const struct gen_type *type);

/* Whether items of this type share draws. */
bool lower_packs(const struct gen_type *type);

/*
 * Draw a scalar: an integer of up to 64 bits, a bool or a char into v, a larger
 * one into w, a float's bits into v, a string or a label into text (with the
 * label's value in v), a vector of chars into text.
 */
void lower_draw(struct lower *l, const struct gen_type *type,
		enum lower_source source);

/* ---- lower_call.c --------------------------------------------------------- */

/* Draw what only a function of draws.h can, as --field says. */
void lower_draw_call(struct lower *l, const struct gen_type *type);

/* Draw an integer whose form bounds it. False: nothing does. */
bool lower_draw_form(struct lower *l, const struct gen_type *type);

#endif
