#include "generator/parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- what is next ------------------------------------------------------- */

static bool starts_with(const struct parse *p, const char *token)
{
	const size_t len = strlen(token);

	return (size_t)(p->end - p->at) >= len &&
	       memcmp(p->at, token, len) == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

void parse_blanks(struct parse *p)
{
	for (; p->at < p->end; p->at++) {
		if (starts_with(p, "//")) {
			p->at = memchr(p->at, '\n', (size_t)(p->end - p->at));
			if (p->at == NULL)
				p->at = p->end;
		}
		if (p->at == p->end || !is_blank(*p->at))
			return;
	}
}

char parse_peek(const struct parse *p)
{
	return p->at < p->end ? *p->at : '\0';
}

bool parse_take(struct parse *p, const char *token)
{
	parse_blanks(p);
	if (!starts_with(p, token))
		return false;
	p->at += strlen(token);
	return true;
}

int parse_require(struct parse *p, const char *token)
{
	char what[16];

	if (parse_take(p, token))
		return 0;
	snprintf(what, sizeof(what), "'%s'", token);
	return parse_expected(p, what);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool parse_word(struct parse *p, struct slice *ret_word)
{
	const char *start = p->at;

	for (; p->at < p->end; p->at++) {
		if (*p->at == '-' ? starts_with(p, "->")
				  : !is_letter(*p->at) && !is_digit(*p->at))
			break;
		if (p->at == start && is_digit(*start))
			break;
	}
	*ret_word = (struct slice){ start, (size_t)(p->at - start) };
	return p->at > start;
}

static int parse_quoted(struct parse *p, const char *what,
			struct slice *ret_name)
{
	const char *start = p->at + 1, *quote;

	quote = memchr(start, '`', (size_t)(p->end - start));
	if (quote == NULL)
		return parse_fail(p, p->at, "the backquote is not closed");
	if (quote == start)
		return parse_fail(p, p->at, "%s has an empty name", what);
	if (memchr(start, '\0', (size_t)(quote - start)) != NULL)
		return parse_fail(p, p->at, "%s has a name with NUL in it",
				  what);
	*ret_name = (struct slice){ start, (size_t)(quote - start) };
	p->at = quote + 1;
	return 0;
}

int parse_name(struct parse *p, const char *what, struct slice *ret_name)
{
	char expected[64];

	parse_blanks(p);
	if (parse_peek(p) == '`')
		return parse_quoted(p, what, ret_name);
	if (parse_word(p, ret_name))
		return 0;
	snprintf(expected, sizeof(expected), "the name of %s", what);
	return parse_expected(p, expected);
}

int parse_number(struct parse *p, const char *what, const uint64_t bounds[2],
		 uint64_t *ret_number)
{
	const char *start;
	uint64_t number = 0;
	bool is_large = false;

	parse_blanks(p);
	start = p->at;
	for (; p->at < p->end && is_digit(*p->at); p->at++) {
		number = number * 10 + (uint64_t)(*p->at - '0');
		is_large |= number > bounds[1];
		if (is_large)
			number = 0; /* so that it doesn't overflow */
	}
	if (p->at == start)
		return parse_expected(p, what);
	if (is_large || number < bounds[0])
		return parse_fail(
			p, start, "expected %s from %llu to %llu, met '%.*s'",
			what, (unsigned long long)bounds[0],
			(unsigned long long)bounds[1],
			p->at - start > 24 ? 24 : (int)(p->at - start), start);
	*ret_number = number;
	return 0;
}

bool slice_is(struct slice slice, const char *word)
{
	return strlen(word) == slice.len &&
	       strncasecmp(slice.at, word, slice.len) == 0;
}

char *slice_copy(struct slice slice)
{
	return strndup(slice.at, slice.len);
}

/* ---- errors ------------------------------------------------------------- */

/* Only counted when somebody wants to know. */
void parse_place(const struct parse *p, const char *at, unsigned *ret_line,
		 unsigned *ret_column)
{
	const char *line = p->text;

	*ret_line = 1;
	for (const char *c = p->text; c < at; c++) {
		if (*c != '\n')
			continue;
		++*ret_line;
		line = c + 1;
	}
	*ret_column = (unsigned)(at - line) + 1;
}

int parse_fail(struct parse *p, const char *at, const char *format, ...)
{
	va_list args;

	if (p->error == NULL)
		return -EINVAL;
	parse_place(p, at, &p->error->line, &p->error->column);
	va_start(args, format);
	vsnprintf(p->error->text, sizeof(p->error->text), format, args);
	va_end(args);
	return -EINVAL;
}

int parse_expected(struct parse *p, const char *what)
{
	struct parse ahead = *p;
	struct slice word;

	if (p->at == p->end)
		return parse_fail(p, p->at, "expected %s, met the end", what);
	if (parse_word(&ahead, &word))
		return parse_fail(p, p->at, "expected %s, met '%.*s'%s", what,
				  word.len > 40 ? 40 : (int)word.len, word.at,
				  word.len > 40 ? "..." : "");
	if (*p->at > ' ' && *p->at < 0x7f)
		return parse_fail(p, p->at, "expected %s, met '%c'", what,
				  *p->at);
	return parse_fail(p, p->at, "expected %s, met the byte 0x%02x", what,
			  (unsigned char)*p->at);
}

/* ---- types -------------------------------------------------------------- */

/* What has a power of two of items is full. */
void *parse_grow(void *list, size_t count, size_t item_bytes)
{
	if ((count & (count - 1)) != 0)
		return list;
	return realloc(list, (count == 0 ? 1 : count * 2) * item_bytes);
}

struct gen_type *parse_member(struct parse *p, struct gen_type *type,
			      struct slice name, int *ret_rc)
{
	struct gen_member *members, *member;

	if (type->member_count == PARSE_MEMBERS_MAX) {
		*ret_rc = parse_fail(p, p->at, "more than %d in one type",
				     PARSE_MEMBERS_MAX);
		return NULL;
	}
	*ret_rc = -ENOMEM;
	members =
		parse_grow(type->members, type->member_count, sizeof(*members));
	if (members == NULL)
		return NULL;
	type->members = members;
	member = &members[type->member_count];
	*member = (struct gen_member){ 0 };
	if (name.at != NULL && (member->name = slice_copy(name)) == NULL)
		return NULL;
	type->member_count++;
	*ret_rc = 0;
	return &member->type;
}

int parse_wrap(struct gen_type *type, enum gen_kind kind)
{
	struct gen_member *member = calloc(1, sizeof(*member));

	if (member == NULL)
		return -ENOMEM;
	member->type = *type;
	*type = (struct gen_type){ .kind = kind,
				   .members = member,
				   .member_count = 1 };
	return 0;
}

int parse_taller(int a, int b)
{
	return a > b ? a : b;
}

int parse_nesting(struct parse *p, unsigned depth, int height)
{
	if (depth + (unsigned)height > GEN_NESTING_MAX + 1)
		return parse_fail(p, p->at, "more than %d types in each other",
				  GEN_NESTING_MAX);
	return 0;
}
