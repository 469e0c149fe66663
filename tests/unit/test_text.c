/*
 * Goal: texts fill their fields as FORMAT.md says, and only what can be read
 * back is taken.
 * Method: a table of texts against a field of 8 bytes; lengths around the
 * field's.
 */
#include "ring/ring.h"
#include "ring/text.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

struct text_case {
	const char *name;
	const char *text;
	bool is_text; /* in a field of 8 bytes */
	bool is_name;
};

static const struct text_case text_cases[] = {
	{ "no text", NULL, true, false },
	{ "empty", "", true, false },
	{ "one letter", "a", true, true },
	{ "longest", "1234567", true, true },
	{ "no room for the NUL", "12345678", false, true },
	{ "space", "a b", true, true },
	{ "UTF-8", "\xc3\xa9\xe2\x82\xac", true, true },
	{ "newline", "a\nb", false, false },
	{ "tab", "\t", false, false },
	{ "first control character", "\x01", false, false },
	{ "last below the letters", "\x1f", false, false },
	{ "delete", "a\x7f", false, false },
	{ "last letter of ASCII", "~", true, true },
};

static void test_is_valid(void **state)
{
	const struct text_case *row = *state;

	assert_int_equal(text_is_valid(row->text, 8), row->is_text);
	assert_int_equal(name_is_valid(row->text), row->is_name);
}

static void test_name_length(void **state)
{
	char name[RING_NAME_BYTES + 1];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[RING_NAME_BYTES] = '\0';
	assert_false(name_is_valid(name));
	name[RING_NAME_BYTES - 1] = '\0';
	assert_true(name_is_valid(name));
}

static void test_is_terminated(void **state)
{
	uint8_t field[9] = { 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 0 };

	(void)state;
	assert_false(text_is_terminated(field, 8)); /* 9th is not its own */
	for (unsigned i = 0; i < 8; i++) {
		field[i] = 0;
		assert_true(text_is_terminated(field, 8));
		field[i] = 'x';
	}
}

struct put_case {
	const char *name;
	const char *text;
	const char image[9];
};

static const struct put_case put_cases[] = {
	{ "no text", NULL, "\0\0\0\0\0\0\0" },
	{ "empty", "", "\0\0\0\0\0\0\0" },
	{ "short", "ab", "ab\0\0\0\0\0" },
	{ "longest", "abcdefg", "abcdefg" },
	{ "cut", "abcdefghij", "abcdefg" },
};

static void test_put(void **state)
{
	const struct put_case *row = *state;
	char field[10];

	memset(field, 0x55, sizeof(field));
	text_put(field + 1, 8, row->text);
	assert_memory_equal(field + 1, row->image, 8);
	assert_int_equal(field[0], 0x55);
	assert_int_equal(field[9], 0x55);
}

int main(void)
{
	const struct rows tables[] = {
		{ "valid texts", test_is_valid, text_cases, sizeof(text_cases),
		  sizeof(text_cases[0]) },
		{ "text_put", test_put, put_cases, sizeof(put_cases),
		  sizeof(put_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_length),
		cmocka_unit_test(test_is_terminated),
	};

	return rows_run(tables, 2) +
	       cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
