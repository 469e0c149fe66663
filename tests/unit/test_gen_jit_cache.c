/*
 * Goal: a program is compiled once; nothing that somebody else could have
 * written, that is damaged or that is of another program is ever run; whatever
 * fails, the values are the same, and a note says why.
 * Method: a compiler that counts its runs, a cache in a directory of the
 * test's own, and tables of what may happen to either.
 */
#include "generator/generator.h"
#include "generator/jit_cache.h"
#include "tests/lib/rows.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- the scene ----------------------------------------------------------- */

enum { PATH_BYTES = 128 };

static char dir[PATH_BYTES];      /* all is in here */
static char cache[PATH_BYTES];    /* the cache */
static char aside[PATH_BYTES];    /* where things are moved to */
static char compiler[PATH_BYTES]; /* a script */
static char runs[PATH_BYTES];     /* a line for each of its runs */

static void name(char *path, const char *file)
{
	snprintf(path, PATH_BYTES, "%.60s/%s", dir, file);
}

/* `body` sees the compiler's arguments. */
static void write_compiler(const char *body)
{
	FILE *f = fopen(compiler, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\necho \"$*\" >>%s\n%s\n", runs, body);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(compiler, 0700), 0);
}

static void skip_test(const char *reason)
{
	print_message("[  SKIP  ] because: %s\n", reason);
	skip();
}

static void set_up(void)
{
	strcpy(dir, "/tmp/blkring-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	name(cache, "home/cache");
	name(aside, "aside");
	name(compiler, "compiler");
	name(runs, "runs");
	write_compiler("exec cc \"$@\"");
}

static void tear_down(void)
{
	char command[PATH_BYTES + 16];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	assert_int_equal(system(command), 0);
}

static void set_up_with_compiler(void)
{
	if (system("cc --version >/dev/null 2>&1") != 0)
		skip_test("there is no compiler 'cc'");
	set_up();
}

static int count_runs(void)
{
	FILE *f = fopen(runs, "r");
	int ret = 0;

	for (int c; f != NULL && (c = fgetc(f)) != EOF;)
		ret += c == '\n';
	if (f != NULL)
		fclose(f);
	return ret;
}

/* The only entry of the cache. */
static void find_entry(char *path)
{
	DIR *d = opendir(cache);
	unsigned found = 0;

	assert_non_null(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.') {
			snprintf(path, PATH_BYTES, "%.60s/%.60s", cache,
				 e->d_name);
			found++;
		}
	closedir(d);
	assert_int_equal(found, 1);
}

/* ---- what is made --------------------------------------------------------- */

static const char usual[] = "{a:u64; b:string?; c:u8[]}";

static struct generator *create(const struct gen_schema *schema,
				enum gen_engine engine)
{
	const struct gen_options options = {
		.encoding = "row-binary",
		.seed = 3,
		.engine = engine,
		.jit_cache = cache,
		.jit_compiler = compiler,
	};
	struct generator *ret;

	assert_int_equal(gen_create(schema, &options, NULL, &ret), 0);
	return ret;
}

static void compare(struct generator *g, struct generator *other)
{
	const struct gen_demand demand = { .values = 1500 };
	struct gen_batch batch, expected;

	assert_int_equal(gen_next(g, &demand, &batch), 0);
	assert_int_equal(gen_next(other, &demand, &expected), 0);
	assert_int_equal(batch.values, expected.values);
	assert_int_equal(batch.len_bytes, expected.len_bytes);
	assert_memory_equal(batch.bytes, expected.bytes, batch.len_bytes);
}

/* Make values as the interpreter would, with this in the note (NULL: there is
 * none). */
static void make(const char *text, const char *note)
{
	struct gen_schema *schema;
	struct generator *g, *other;
	const char *said;

	assert_int_equal(gen_schema_parse(text, strlen(text), NULL, &schema),
			 0);
	g = create(schema, GEN_ENGINE_JIT);
	other = create(schema, GEN_ENGINE_INTERPRETER);
	said = gen_engine_note(g);
	if (note == NULL && said != NULL)
		fail_msg("%s", said);
	if (note != NULL && (said == NULL || strstr(said, note) == NULL))
		fail_msg("'%s' is not in '%s'", note, said != NULL ? said : "");
	compare(g, other);
	gen_free(g);
	gen_free(other);
	gen_schema_free(schema);
}

/* ---- a cache that is as it should be ------------------------------------- */

static void test_compiles_once(void **state)
{
	char entry[PATH_BYTES], home[PATH_BYTES];
	struct stat st;

	(void)state;
	set_up_with_compiler();
	make(usual, NULL);
	make(usual, NULL);
	assert_int_equal(count_runs(), 1);
	find_entry(entry);
	assert_int_equal(stat(cache, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	name(home, "home");
	assert_int_equal(stat(home, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(entry, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	make("u16", NULL);
	assert_int_equal(count_runs(), 2);
	tear_down();
}

/* Two of one entry, the first gone before a third of another one comes: each
 * runs its own program. */
static void test_programs_in_turn(void **state)
{
	static const char *const texts[] = { "u16", "{a:u8}", "string" };
	struct gen_schema *schemas[3];
	struct generator *g[4], *other[3];

	(void)state;
	set_up_with_compiler();
	for (int i = 0; i < 3; i++) {
		gen_schema_parse(texts[i], strlen(texts[i]), NULL, &schemas[i]);
		other[i] = create(schemas[i], GEN_ENGINE_INTERPRETER);
	}
	g[0] = create(schemas[0], GEN_ENGINE_JIT);
	g[3] = create(schemas[0], GEN_ENGINE_JIT);
	gen_free(g[0]);
	g[1] = create(schemas[1], GEN_ENGINE_JIT);
	g[2] = create(schemas[2], GEN_ENGINE_JIT);
	compare(g[3], other[0]);
	compare(g[1], other[1]);
	compare(g[2], other[2]);
	assert_int_equal(count_runs(), 3);
	for (int i = 0; i < 3; i++) {
		assert_null(gen_engine_note(g[i + 1]));
		gen_free(g[i + 1]);
		gen_free(other[i]);
		gen_schema_free(schemas[i]);
	}
	tear_down();
}

/* The compiler's arguments end with "-o OBJECT SOURCE". */
static void test_leaves_nothing(void **state)
{
	char line[1024] = "", *place;
	FILE *f;

	(void)state;
	set_up_with_compiler();
	make(usual, NULL);
	f = fopen(runs, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	place = strrchr(line, ' ') + 1;
	*strrchr(place, '/') = '\0';
	assert_int_equal(place[0], '/');
	assert_int_not_equal(access(place, F_OK), 0);
	tear_down();
}

/* Nothing may be asserted here: it is a process of its own. 0: well. */
static int make_in_child(const struct gen_schema *schema)
{
	const struct gen_options options = {
		.encoding = "row-binary",
		.engine = GEN_ENGINE_JIT,
		.jit_cache = cache,
		.jit_compiler = compiler,
	};
	struct generator *g;

	if (gen_create(schema, &options, NULL, &g) < 0)
		return 1;
	return gen_engine_note(g) != NULL ? 2 : 0;
}

static void test_processes_at_once(void **state)
{
	enum { PROCESSES = 4 };
	struct gen_schema *schema;
	pid_t pids[PROCESSES];
	char entry[PATH_BYTES];
	int status;

	(void)state;
	set_up_with_compiler();
	assert_int_equal(gen_schema_parse(usual, strlen(usual), NULL, &schema),
			 0);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(make_in_child(schema));
	}
	for (int i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	find_entry(entry);
	make(usual, NULL);
	gen_schema_free(schema);
	tear_down();
}

/* ---- one that is not ------------------------------------------------------- */

/* What is done to the entry, or to the cache, behind its owner's back. */
typedef void spoil_fn(const char *path);

static void let_group_write(const char *path)
{
	assert_int_equal(chmod(path, 0770), 0);
}

static void let_others_write(const char *path)
{
	assert_int_equal(chmod(path, 0702), 0);
}

static void give_away(const char *path)
{
	assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
}

static void replace_by_link(const char *path)
{
	assert_int_equal(rename(path, aside), 0);
	assert_int_equal(symlink(aside, path), 0);
}

static void replace_by_pipe(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void replace_by_directory(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void replace_by_file(const char *path)
{
	assert_int_equal(rename(path, aside), 0);
	assert_int_equal(close(creat(path, 0600)), 0);
}

static void cut(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
}

static void empty(const char *path)
{
	assert_int_equal(truncate(path, 0), 0);
}

static void flip_bit(const char *path)
{
	const int fd = open(path, O_RDWR);
	struct stat st;
	uint8_t byte;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(pread(fd, &byte, 1, st.st_size - 999), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, st.st_size - 999), 1);
	assert_int_equal(close(fd), 0);
}

/* The entry of another program, whole and valid. */
static void swap(const char *path)
{
	char other[PATH_BYTES];

	assert_int_equal(rename(path, aside), 0);
	make("u16", NULL);
	find_entry(other);
	assert_int_equal(rename(other, path), 0);
}

/* The right key, and an object that no loader takes. */
static void put_garbage(const char *path)
{
	struct jit_object entry;
	uint8_t garbage[] = "garbage";
	const struct jit_object object = { garbage, sizeof(garbage) };
	struct gen_error note = { 0 };
	const int fd = open(path, O_RDONLY);
	const int at = jit_cache_open(cache, &note);

	assert_true(at >= 0);
	assert_int_equal(jit_read(fd, &entry), 0);
	jit_cache_put(at, (const char *)entry.bytes, &object, &note);
	assert_string_equal(note.text, "");
	free(entry.bytes);
	close(fd);
	close(at);
}

struct spoil_case {
	const char *name;
	spoil_fn *spoil;
	bool is_cache;    /* all of it, which is then not used any more */
	bool is_for_root; /* only root can do it */
	bool is_final;    /* nothing can take its place */
	const char *note;
};

static const struct spoil_case spoil_cases[] = {
	{ "entry: group may write", let_group_write, false, false, false,
	  "others may write to it" },
	{ "entry: others may write", let_others_write, false, false, false,
	  "others may write to it" },
	{ "entry: another owner", give_away, false, true, false,
	  "it belongs to another user" },
	{ "entry: symbolic link", replace_by_link, false, false, false,
	  "in the cache is not used: Too many levels" },
	{ "entry: pipe", replace_by_pipe, false, false, false,
	  "it is no file" },
	{ "entry: directory", replace_by_directory, false, false, true,
	  "to the cache: Is a directory" },
	{ "entry: cut", cut, false, false, false, "it is damaged" },
	{ "entry: empty", empty, false, false, false, "it is not complete" },
	{ "entry: flipped bit", flip_bit, false, false, false,
	  "it is damaged" },
	{ "entry: of another program", swap, false, false, false,
	  "it is of another program" },
	{ "entry: garbage", put_garbage, false, false, false,
	  "compiled again: cannot load" },
	{ "cache: group may write", let_group_write, true, false, true,
	  "is not used: others may write to it" },
	{ "cache: others may write", let_others_write, true, false, true,
	  "is not used: others may write to it" },
	{ "cache: another owner", give_away, true, true, true,
	  "is not used: it belongs to another user" },
	{ "cache: symbolic link", replace_by_link, true, false, true,
	  "is not used: Not a directory" },
	{ "cache: file", replace_by_file, true, false, true,
	  "is not used: Not a directory" },
};

static void test_not_believed(void **state)
{
	const struct spoil_case *row = *state;
	char entry[PATH_BYTES];
	int before;

	if (row->is_for_root && geteuid() != 0)
		skip_test("only root can give files away");
	set_up_with_compiler();
	make(usual, NULL);
	find_entry(entry);
	row->spoil(row->is_cache ? cache : entry);
	before = count_runs();
	make(usual, row->note);
	assert_int_equal(count_runs(), before + 1);
	make(usual, row->is_final ? row->note : NULL);
	assert_int_equal(count_runs(), before + 1 + row->is_final);
	tear_down();
}

/* ---- compilers that are no use -------------------------------------------- */

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
	const struct compiler_case *row = *state;

	set_up_with_compiler();
	if (row->body != NULL)
		write_compiler(row->body);
	else
		assert_int_equal(unlink(compiler), 0);
	make(usual, row->note);
	make(usual, row->note);
	assert_int_equal(rmdir(cache), 0); /* it is empty */
	tear_down();
}

static void test_ignored_children(void **state)
{
	void (*const handler)(int) = signal(SIGCHLD, SIG_IGN);

	(void)state;
	set_up();
	write_compiler("exit 1");
	make(usual, "program.so': No such file or directory");
	signal(SIGCHLD, handler);
	tear_down();
	set_up_with_compiler();
	signal(SIGCHLD, SIG_IGN);
	make(usual, NULL);
	signal(SIGCHLD, handler);
	tear_down();
}

/* As where a disk is full: a file can't grow beyond a few bytes. */
static void test_no_room(void **state)
{
	struct rlimit before, little;
	void (*handler)(int);

	(void)state;
	set_up();
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = before;
	little.rlim_cur = 1000;
	handler = signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	make(usual, "interpreted: cannot write '/tmp/");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, handler);
	assert_int_equal(count_runs(), 0);
	tear_down();
}

/* A compiler would take its time. */
static void test_long_program(void **state)
{
	enum { FIELDS = 1100 };
	static char schema[FIELDS * 16];
	size_t len = 0;

	(void)state;
	set_up();
	for (int i = 0; i < FIELDS; i++)
		len += (size_t)snprintf(schema + len, 16, "%cf%d:string",
					i == 0 ? '{' : ';', i);
	strcpy(schema + len, "}");
	make(schema, "more than 1000 are not compiled");
	assert_int_equal(count_runs(), 0);
	tear_down();
}

int main(void)
{
	const struct rows tables[] = {
		{ "gen_jit_cache: not believed", test_not_believed, spoil_cases,
		  sizeof(spoil_cases), sizeof(spoil_cases[0]) },
		{ "gen_jit_cache: compilers", test_compiler, compiler_cases,
		  sizeof(compiler_cases), sizeof(compiler_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compiles_once),
		cmocka_unit_test(test_programs_in_turn),
		cmocka_unit_test(test_leaves_nothing),
		cmocka_unit_test(test_processes_at_once),
		cmocka_unit_test(test_ignored_children),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_long_program),
	};
	const int failed = rows_run(tables, 2);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
