#include "generator/dessser.h"
#include "generator/user_types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool dessser_is_reserved(struct slice word)
{
	return slice_is(word, "as") || slice_is(word, "default") ||
	       slice_is(word, "this");
}

struct word_type {
	const char *word;
	enum gen_kind kind;
	uint16_t width_bits;
};

static const struct word_type word_types[] = {
	{ "float", GEN_FLOAT, 64 },   { "string", GEN_STRING, 0 },
	{ "bool", GEN_BOOL, 0 },      { "boolean", GEN_BOOL, 0 },
	{ "char", GEN_CHAR, 0 },      { "void", GEN_VOID, 0 },
	{ "ptr", GEN_OPAQUE, 0 },     { "size", GEN_OPAQUE, 0 },
	{ "address", GEN_OPAQUE, 0 }, { "bytes", GEN_OPAQUE, 0 },
	{ "mask", GEN_OPAQUE, 0 },
};

static bool parse_integer_word(struct slice word, struct gen_type *ret_type)
{
	static const char *const widths[] = { "8",  "16", "24", "32", "40",
					      "48", "56", "64", "128" };
	const char sign = word.len == 0 ? '\0' : (char)(word.at[0] | 0x20);
	const struct slice digits = { word.at + 1, word.len - 1 };

	if (sign != 'u' && sign != 'i')
		return false;
	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		if (!slice_is(digits, widths[i]))
			continue;
		ret_type->kind = GEN_INT;
		ret_type->is_signed = sign == 'i';
		ret_type->width_bits = (uint16_t)strtoul(widths[i], NULL, 10);
		return true;
	}
	return false;
}

static int parse_simple_word(struct slice word, struct gen_type *ret_type)
{
	for (size_t i = 0; i < sizeof(word_types) / sizeof(*word_types); i++) {
		const struct word_type *w = &word_types[i];

		if (!slice_is(word, w->word))
			continue;
		ret_type->kind = w->kind;
		ret_type->width_bits = w->width_bits;
		if (w->kind != GEN_OPAQUE)
			return 1;
		ret_type->name = strdup(w->word);
		return ret_type->name == NULL ? -ENOMEM : 1;
	}
	return parse_integer_word(word, ret_type) ? 1 : -ENOENT;
}

static int parse_user_type(struct dessser *d, const struct user_type *user,
			   unsigned depth, struct gen_type *ret_type)
{
	struct dessser inner = { .p = { user->text, user->text,
					user->text + strlen(user->text),
					NULL } };
	const int height = dessser_item(&inner, depth, ret_type);

	if (height == -EINVAL)
		return parse_nesting(&d->p, depth, GEN_NESTING_MAX);
	if (height < 0)
		return height;
	ret_type->name = strdup(user->name);
	return ret_type->name == NULL ? -ENOMEM : height;
}

/* Behind `this`: the name of what it is a copy of. */
static int parse_this(struct dessser *d, struct gen_type *ret_type)
{
	struct parse ahead = d->p;
	struct slice name;

	ret_type->kind = GEN_THIS;
	parse_blanks(&ahead);
	if (!parse_word(&ahead, &name) || dessser_is_reserved(name))
		return 1;
	d->p.at = ahead.at;
	ret_type->name = slice_copy(name);
	if (ret_type->name == NULL ||
	    parse_names_add(&d->referred, name, name.at) < 0)
		return -ENOMEM;
	return 1;
}

int dessser_word(struct dessser *d, unsigned depth, struct gen_type *ret_type)
{
	const char *start = d->p.at;
	const struct user_type *user;
	struct slice word;
	int height;

	if (!parse_word(&d->p, &word))
		return parse_expected(&d->p, "a type");
	if (slice_is(word, "this"))
		return parse_this(d, ret_type);
	height = parse_simple_word(word, ret_type);
	if (height != -ENOENT)
		return height;
	user = user_type_find(word);
	if (user != NULL)
		return parse_user_type(d, user, depth, ret_type);
	d->p.at = start;
	return parse_expected(&d->p, "a type");
}
