/*
 * Goal: a program is compiled once; nothing that somebody else could have
 * written, that is damaged or that is of another program is ever run, and a
 * note says so.
 * Method: a compiler that counts its runs, and a table of what may happen to
 * the cache behind its owner's back.
 */
#include "generator/jit_cache.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/jit_scene.h"
#include "tests/lib/rows.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* The only entry of the cache. */
static void find_entry(const struct jit_scene *s, char *path)
{
	DIR *d = opendir(s->cache);
	unsigned found = 0;

	assert_non_null(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.') {
			snprintf(path, JIT_PATH_BYTES, "%.60s/%.60s", s->cache,
				 e->d_name);
			found++;
		}
	closedir(d);
	assert_int_equal(found, 1);
}

/* ---- a cache that is as it should be ------------------------------------- */

static void test_compiles_once(void **state)
{
	struct jit_scene s;
	char entry[JIT_PATH_BYTES], home[JIT_PATH_BYTES];
	struct stat st;

	(void)state;
	jit_scene_set_up(&s, true);
	jit_scene_make(&s, jit_scene_usual, NULL);
	jit_scene_make(&s, jit_scene_usual, NULL);
	assert_int_equal(jit_scene_count_runs(&s), 1);
	find_entry(&s, entry);
	assert_int_equal(stat(s.cache, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	snprintf(home, sizeof(home), "%.60s/home", s.dir);
	assert_int_equal(stat(home, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(entry, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	jit_scene_make(&s, "u16", NULL);
	assert_int_equal(jit_scene_count_runs(&s), 2);
	jit_scene_tear_down(&s);
}

/* Two of one entry, the first gone before a third of another one comes: each
 * runs its own program. */
static void test_programs_in_turn(void **state)
{
	struct jit_scene s;
	static const char *const texts[] = { "u16", "{a:u8}", "string" };
	struct gen_schema *schemas[3];
	struct generator *g[4], *other[3];

	(void)state;
	jit_scene_set_up(&s, true);
	for (int i = 0; i < 3; i++) {
		schemas[i] = gen_parsed(texts[i]);
		other[i] = jit_scene_create(&s, schemas[i],
					    GEN_ENGINE_INTERPRETER);
	}
	g[0] = jit_scene_create(&s, schemas[0], GEN_ENGINE_JIT);
	g[3] = jit_scene_create(&s, schemas[0], GEN_ENGINE_JIT);
	gen_free(g[0]);
	g[1] = jit_scene_create(&s, schemas[1], GEN_ENGINE_JIT);
	g[2] = jit_scene_create(&s, schemas[2], GEN_ENGINE_JIT);
	jit_scene_compare(g[3], other[0]);
	jit_scene_compare(g[1], other[1]);
	jit_scene_compare(g[2], other[2]);
	assert_int_equal(jit_scene_count_runs(&s), 3);
	for (int i = 0; i < 3; i++) {
		assert_null(gen_engine_note(g[i + 1]));
		gen_free(g[i + 1]);
		gen_free(other[i]);
		gen_schema_free(schemas[i]);
	}
	jit_scene_tear_down(&s);
}

/* The compiler's arguments end with "-o OBJECT SOURCE". */
static void test_leaves_nothing(void **state)
{
	struct jit_scene s;
	char line[1024] = "", *place;
	FILE *f;

	(void)state;
	jit_scene_set_up(&s, true);
	jit_scene_make(&s, jit_scene_usual, NULL);
	f = fopen(s.runs, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	place = strrchr(line, ' ') + 1;
	*strrchr(place, '/') = '\0';
	assert_int_equal(place[0], '/');
	assert_int_not_equal(access(place, F_OK), 0);
	jit_scene_tear_down(&s);
}

/* Nothing may be asserted here: it is a process of its own. 0: well. */
static int make_in_child(const struct jit_scene *s,
			 const struct gen_schema *schema)
{
	const struct gen_options options = {
		.encoding = "row-binary",
		.engine = GEN_ENGINE_JIT,
		.jit_cache = s->cache,
		.jit_compiler = s->compiler,
	};
	struct generator *g;

	if (gen_create(schema, &options, NULL, &g) < 0)
		return 1;
	return gen_engine_note(g) != NULL ? 2 : 0;
}

static void test_processes_at_once(void **state)
{
	struct jit_scene s;
	enum { PROCESSES = 4 };
	struct gen_schema *schema;
	pid_t pids[PROCESSES];
	char entry[JIT_PATH_BYTES];
	int status;

	(void)state;
	jit_scene_set_up(&s, true);
	schema = gen_parsed(jit_scene_usual);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(make_in_child(&s, schema));
	}
	for (int i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	find_entry(&s, entry);
	jit_scene_make(&s, jit_scene_usual, NULL);
	gen_schema_free(schema);
	jit_scene_tear_down(&s);
}

/* ---- one that is not ------------------------------------------------------- */

/* What is done to the entry, or to the cache, behind its owner's back. */
typedef void spoil_fn(const struct jit_scene *s, const char *path);

static void let_group_write(const struct jit_scene *s, const char *path)
{
	(void)s;
	assert_int_equal(chmod(path, 0770), 0);
}

static void let_others_write(const struct jit_scene *s, const char *path)
{
	(void)s;
	assert_int_equal(chmod(path, 0702), 0);
}

static void give_away(const struct jit_scene *s, const char *path)
{
	(void)s;
	assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
}

static void replace_by_link(const struct jit_scene *s, const char *path)
{
	assert_int_equal(rename(path, s->aside), 0);
	assert_int_equal(symlink(s->aside, path), 0);
}

static void replace_by_pipe(const struct jit_scene *s, const char *path)
{
	(void)s;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void replace_by_directory(const struct jit_scene *s, const char *path)
{
	(void)s;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void replace_by_file(const struct jit_scene *s, const char *path)
{
	assert_int_equal(rename(path, s->aside), 0);
	assert_int_equal(close(creat(path, 0600)), 0);
}

static void cut(const struct jit_scene *s, const char *path)
{
	struct stat st;

	(void)s;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
}

static void empty(const struct jit_scene *s, const char *path)
{
	(void)s;
	assert_int_equal(truncate(path, 0), 0);
}

static void flip_bit(const struct jit_scene *s, const char *path)
{
	const int fd = open(path, O_RDWR);
	struct stat st;
	uint8_t byte;

	(void)s;
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(pread(fd, &byte, 1, st.st_size - 999), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, st.st_size - 999), 1);
	assert_int_equal(close(fd), 0);
}

/* The entry of another program, whole and valid. */
static void swap(const struct jit_scene *s, const char *path)
{
	char other[JIT_PATH_BYTES];

	assert_int_equal(rename(path, s->aside), 0);
	jit_scene_make(s, "u16", NULL);
	find_entry(s, other);
	assert_int_equal(rename(other, path), 0);
}

/* The right key, and an object that no loader takes. */
static void put_garbage(const struct jit_scene *s, const char *path)
{
	struct jit_object entry;
	uint8_t garbage[] = "garbage";
	const struct jit_object object = { garbage, sizeof(garbage) };
	struct gen_error note = { 0 };
	const int fd = open(path, O_RDONLY);
	const int at = jit_cache_open(s->cache, &note);

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
	struct jit_scene s;
	const struct spoil_case *row = *state;
	char entry[JIT_PATH_BYTES];
	int before;

	if (row->is_for_root && geteuid() != 0)
		jit_scene_skip("only root can give files away");
	jit_scene_set_up(&s, true);
	jit_scene_make(&s, jit_scene_usual, NULL);
	find_entry(&s, entry);
	row->spoil(&s, row->is_cache ? s.cache : entry);
	before = jit_scene_count_runs(&s);
	jit_scene_make(&s, jit_scene_usual, row->note);
	assert_int_equal(jit_scene_count_runs(&s), before + 1);
	jit_scene_make(&s, jit_scene_usual, row->is_final ? row->note : NULL);
	assert_int_equal(jit_scene_count_runs(&s), before + 1 + row->is_final);
	if (!row->is_cache)
		find_entry(&s, entry); /* nothing else is left there */
	jit_scene_tear_down(&s);
}

int main(void)
{
	const struct rows table = {
		"gen_jit_cache: not believed",
		test_not_believed,
		spoil_cases,
		sizeof(spoil_cases),
		sizeof(spoil_cases[0]),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compiles_once),
		cmocka_unit_test(test_programs_in_turn),
		cmocka_unit_test(test_leaves_nothing),
		cmocka_unit_test(test_processes_at_once),
	};
	const int failed = rows_run(&table, 1);

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
