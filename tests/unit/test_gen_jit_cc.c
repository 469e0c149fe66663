/*
 * Goal: whatever a compiler does, the values are the same, and a note says why
 * they are interpreted.
 * Method: a table of compilers that are no use; a disk without room; children
 * that nobody waits for.
 */
#include "tests/lib/jit_scene.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

struct compiler_case {
	const char *name;
	const char *body; /* NULL: there is none */
	const char *note;
};

static const struct compiler_case compiler_cases[] = {
	{ "missing", NULL, "compiler': No such file or directory" },
	{ "fails", "echo no licence; echo for you >&2; exit 1",
	  "compiler' failed: no licence" },
	{ "fails silently", "exit 1", "compiler' failed: " },
	{ "is killed", "kill -9 $$", "compiler' failed: " },
	{ "makes nothing", "exit 0", "program.so': No such file or directory" },
	{ "makes garbage",
	  "while [ \"$1\" != -o ]; do shift; done; echo x >\"$2\"",
	  "interpreted: cannot load a program: " },
	{ "makes something else",
	  "while [ \"$1\" != -o ]; do shift; done;"
	  " echo 'int x;' | cc -shared -fPIC -x c -o \"$2\" -",
	  "interpreted: cannot load a program: " },
};

static void test_compiler(void **state)
{
	struct jit_scene s;
	const struct compiler_case *row = *state;

	jit_scene_set_up(&s, true);
	if (row->body != NULL)
		jit_scene_write_compiler(&s, row->body);
	else
		assert_int_equal(unlink(s.compiler), 0);
	jit_scene_make(&s, jit_scene_usual, row->note);
	jit_scene_make(&s, jit_scene_usual, row->note);
	assert_int_equal(rmdir(s.cache), 0); /* it is empty */
	jit_scene_tear_down(&s);
}

static void test_ignored_children(void **state)
{
	void (*const handler)(int) = signal(SIGCHLD, SIG_IGN);
	struct jit_scene s;

	(void)state;
	jit_scene_set_up(&s, false);
	jit_scene_write_compiler(&s, "exit 1");
	jit_scene_make(&s, jit_scene_usual,
		       "program.so': No such file or directory");
	signal(SIGCHLD, handler);
	jit_scene_tear_down(&s);
	jit_scene_set_up(&s, true);
	signal(SIGCHLD, SIG_IGN);
	jit_scene_make(&s, jit_scene_usual, NULL);
	signal(SIGCHLD, handler);
	jit_scene_tear_down(&s);
}

/* As where a disk is full: a file can't grow beyond a few bytes. */
static void test_no_room(void **state)
{
	struct jit_scene s;
	struct rlimit before, little;
	void (*handler)(int);

	(void)state;
	jit_scene_set_up(&s, false);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = before;
	little.rlim_cur = 1000;
	handler = signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	jit_scene_make(&s, jit_scene_usual, "interpreted: cannot write '/tmp/");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, handler);
	assert_int_equal(jit_scene_count_runs(&s), 0);
	jit_scene_tear_down(&s);
}

/* A compiler would take its time. */
static void test_long_program(void **state)
{
	struct jit_scene s;
	enum { FIELDS = 1100 };
	static char schema[FIELDS * 16];
	size_t len = 0;

	(void)state;
	jit_scene_set_up(&s, false);
	for (int i = 0; i < FIELDS; i++)
		len += (size_t)snprintf(schema + len, 16, "%cf%d:string",
					i == 0 ? '{' : ';', i);
	strcpy(schema + len, "}");
	jit_scene_make(&s, schema, "more than 1000 are not compiled");
	assert_int_equal(jit_scene_count_runs(&s), 0);
	jit_scene_tear_down(&s);
}

/* The loader keeps the first one for ever, and would take it for the second.
 * Goes last: nothing is compiled in this process any more. */
static void test_stays_loaded(void **state)
{
	struct jit_scene s;

	(void)state;
	jit_scene_set_up(&s, true);
	jit_scene_write_compiler(&s, "exec cc \"$@\" -Wl,-z,nodelete");
	jit_scene_make(&s, jit_scene_usual, NULL);
	jit_scene_make(&s, "u16", "another one is in its place");
	jit_scene_tear_down(&s);
}

int main(void)
{
	const struct rows table = {
		"gen_jit_cc: compilers",
		test_compiler,
		compiler_cases,
		sizeof(compiler_cases),
		sizeof(compiler_cases[0]),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ignored_children),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_long_program),
		cmocka_unit_test(test_stays_loaded),
	};
	const int failed = rows_run(&table, 1);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
