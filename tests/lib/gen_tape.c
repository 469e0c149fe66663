#include "tests/lib/gen_tape.h"

#include "generator/encode.h"
#include "generator/fuse.h"
#include "generator/maker.h"
#include "generator/schema.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>

enum { WORDS_MAX = 16384, BYTES_MAX = 1 << 16 };

/* ---- words --------------------------------------------------------------- */

static unsigned digit(char c)
{
	assert(isxdigit((unsigned char)c));
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 32) - 'a' + 10);
}

/* One character of a text, behind which *at goes. */
static uint8_t read_char(const char **at)
{
	const char *s = *at;

	if (*s != '\\') {
		*at = s + 1;
		return (uint8_t)*s;
	}
	if (s[1] != 'x') {
		*at = s + 2;
		return (uint8_t)s[1];
	}
	*at = s + 4;
	return (uint8_t)(digit(s[2]) << 4 | digit(s[3]));
}

static void set_int(struct gen_value *ret, int64_t x)
{
	ret->v = (uint64_t)x;
	ret->w[0] = (uint64_t)x;
	for (int i = 1; i < 4; i++)
		ret->w[i] = x < 0 ? UINT64_MAX : 0;
}

static void read_hex(struct gen_value *ret, const char *digits, const char *end)
{
	for (unsigned i = 0; end > digits; i++)
		ret->w[i / 16] |= (uint64_t)digit(*--end) << 4 * (i % 16);
	ret->v = ret->w[0];
}

static bool is_float(const char *word, const char *end)
{
	return *word == 'i' || *word == 'n' ||
	       memchr(word, '.', (size_t)(end - word)) != NULL;
}

static void read_float(struct gen_value *ret, const char *word, const char *end)
{
	char *rest;
	const double x = strtod(word, &rest);

	assert(rest == end || (rest == end - 1 && *rest == 'f'));
	ret->v = rest == end ? m_double_bits(x) : m_float_bits((float)x);
}

static void read_number(struct gen_value *ret, const char *word,
			const char *end)
{
	char *rest;

	if (end - word > 2 && word[0] == '0' && word[1] == 'x') {
		read_hex(ret, word + 2, end);
		return;
	}
	if (is_float(word + (*word == '-'), end)) {
		read_float(ret, word, end);
		return;
	}
	if (*word == '-') {
		set_int(ret, strtoll(word, &rest, 10));
	} else {
		set_int(ret, 0);
		ret->v = ret->w[0] = strtoull(word, &rest, 10);
	}
	assert(rest == end);
}

/* A string, with the value of a label behind it. What ops read beyond it is not
 * zero, so that they can't rely on that. */
static const char *read_string(struct gen_value *ret, const char *s)
{
	const size_t room = strlen(s) + GEN_SLACK;
	uint8_t *text = malloc(room);
	char *rest;

	assert(text != NULL);
	memset(text, 0xa5, room);
	ret->text = text;
	for (s++; *s != '"'; ret->text_bytes++) {
		assert(*s != 0);
		text[ret->text_bytes] = read_char(&s);
	}
	if (*++s != '=')
		return s;
	set_int(ret, strtoll(s + 1, &rest, 10));
	return rest;
}

static const char *read_quoted(struct gen_value *ret, const char *s)
{
	if (*s == '"')
		return read_string(ret, s);
	s++;
	set_int(ret, read_char(&s));
	assert(*s == '\'');
	return s + 1;
}

static bool is_word(const char *s, const char *end, const char *word)
{
	return (size_t)(end - s) == strlen(word) &&
	       memcmp(s, word, strlen(word)) == 0;
}

static const char *read_word(struct gen_value *ret, const char *s)
{
	const char *end;

	if (*s == '"' || *s == '\'')
		return read_quoted(ret, s);
	end = s + strcspn(s, " ");
	if (is_word(s, end, "T") || is_word(s, end, "+"))
		set_int(ret, 1);
	else if (is_word(s, end, "F") || is_word(s, end, "null"))
		set_int(ret, 0);
	else
		read_number(ret, s + (*s == '#' || *s == '@'), end);
	return end;
}

struct tape tape_read(const char *text)
{
	struct tape ret = { .values = calloc(WORDS_MAX, sizeof(*ret.values)) };

	assert(ret.values != NULL);
	for (text += strspn(text, " "); *text != 0; text += strspn(text, " ")) {
		assert(ret.count < WORDS_MAX);
		text = read_word(&ret.values[ret.count++], text);
		assert(*text == 0 || *text == ' ');
	}
	return ret;
}

void tape_free(struct tape *tape)
{
	for (size_t i = 0; i < tape->count; i++)
		free((void *)tape->values[i].text);
	free(tape->values);
}

/* ---- running it ---------------------------------------------------------- */

static int lower_case(const struct tape_case *c, struct gen_error *ret_error,
		      struct gen_program *ret_program)
{
	const struct gen_encoding *encoding =
		gen_encoding_find(c->options.encoding);
	struct gen_schema *schema;
	int rc;

	assert(encoding != NULL);
	rc = gen_schema_parse(c->schema, strlen(c->schema), ret_error, &schema);
	assert(rc == 0);
	rc = gen_lower(&schema->type, encoding, &c->options, true, ret_error,
		       ret_program);
	gen_schema_free(schema);
	if (rc == 0 && c->is_fused)
		rc = gen_fuse(ret_program);
	return rc;
}

static int64_t run_program(const struct gen_program *program,
			   const struct tape *tape, uint8_t *bytes)
{
	struct gen_run run = {
		.begin = bytes,
		.p = bytes,
		.end = bytes + BYTES_MAX,
	};
	struct maker maker;
	int rc = maker_init(&maker, program, NULL, 0);

	assert(rc == 0);
	maker.env.tape = tape->values;
	maker_make(&maker, &run, 1);
	assert(run.row == 1);
	assert(maker.env.tape == tape->values + tape->count);
	maker_release(&maker);
	return run.p - run.begin;
}

int64_t tape_encode(const struct tape_case *c, struct gen_error *ret_error,
		    uint8_t **ret_bytes)
{
	struct gen_program program = { 0 };
	struct tape tape;
	int64_t ret = lower_case(c, ret_error, &program);

	if (ret < 0)
		return ret;
	tape = tape_read(c->tape);
	*ret_bytes = malloc(BYTES_MAX + GEN_SLACK);
	assert(*ret_bytes != NULL);
	memset(*ret_bytes, 0xa5, BYTES_MAX + GEN_SLACK);
	ret = run_program(&program, &tape, *ret_bytes);
	gen_program_clear(&program);
	tape_free(&tape);
	return ret;
}
