/*
 * Goal: what a pump moves arrives whole and in order, whatever a descriptor
 * takes at a time; a file has its name when it is complete, and not before;
 * rotation overwrites nothing; copies and cuts come where they should.
 * Method: pipes, devices and files in a directory of the test's, compared with
 * what the same generator gives without a pump.
 */
#include "tests/lib/gen_scene.h"
#include "tests/lib/rows.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { PATH_BYTES = 512, TEXT_BYTES = 1024 };

/* ---- a directory -------------------------------------------------------- */

struct dir {
	char path[64];
};

static void dir_make(struct dir *d)
{
	snprintf(d->path, sizeof(d->path), "/tmp/gen_sinks.XXXXXX");
	assert_non_null(mkdtemp(d->path));
}

static const char *dir_file(const struct dir *d, const char *name,
			    char path[PATH_BYTES])
{
	snprintf(path, PATH_BYTES, "%s/%s", d->path, name);
	return path;
}

static void dir_put(const struct dir *d, const char *name, size_t len)
{
	char path[PATH_BYTES];
	FILE *file = fopen(dir_file(d, name, path), "w");

	assert_non_null(file);
	for (size_t i = 0; i < len; i++)
		fputc('x', file);
	assert_int_equal(fclose(file), 0);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* "NAME:LENGTH NAME:LENGTH", sorted; removes it all if asked to. */
static void dir_list(const struct dir *d, char text[TEXT_BYTES], bool removes)
{
	struct dirent **entries;
	const int count = scandir(d->path, &entries, NULL, by_name);
	char path[PATH_BYTES];
	struct stat st;

	assert_true(count >= 2);
	text[0] = '\0';
	for (int i = 0; i < count; i++) {
		const size_t len = strlen(text);

		dir_file(d, entries[i]->d_name, path);
		assert_int_equal(stat(path, &st), 0);
		if (S_ISREG(st.st_mode))
			snprintf(text + len, TEXT_BYTES - len, "%s%s:%lld",
				 len == 0 ? "" : " ", entries[i]->d_name,
				 (long long)st.st_size);
		if (S_ISREG(st.st_mode) && removes)
			unlink(path);
		free(entries[i]);
	}
	free(entries);
	if (removes)
		rmdir(d->path);
}

/* ---- rotation ----------------------------------------------------------- */

struct file_case {
	const char *name;
	struct gen_pump_options pump;
	const char *before[3]; /* files of 4 bytes */
	const char *files;     /* afterwards */
};

static const struct file_case file_cases[] = {
	{ "a new file", { .has_count = true, .count = 5 }, { 0 }, "a:40" },
	{ "no value at all", { .has_count = true }, { 0 }, "a:0" },
	{ "many steps",
	  { .has_count = true, .count = 500000 },
	  { 0 },
	  "a:4000000" },
	{ "appended", { .has_count = true, .count = 5 }, { "a" }, "a:44" },
	{ "another's temporary file stays",
	  { .has_count = true, .count = 1 },
	  { "a.tmp", "a.tmp.2" },
	  "a:8 a.tmp:4 a.tmp.2:4" },
	{ "rotated by count, with a tail",
	  { .has_count = true, .count = 25, .max_count = 10 },
	  { 0 },
	  "a.0:80 a.1:80 a.2:40" },
	{ "rotated by count, without",
	  { .has_count = true, .count = 20, .max_count = 10 },
	  { 0 },
	  "a.0:80 a.1:80" },
	{ "not enough to rotate",
	  { .has_count = true, .count = 9, .max_count = 10 },
	  { 0 },
	  "a:72" },
	{ "behind the highest number",
	  { .has_count = true, .count = 3, .max_count = 2 },
	  { "a.7", "a.09", "a.x" },
	  "a.09:4 a.10:16 a.11:8 a.7:4 a.x:4" },
	{ "an existing file is rotated, too",
	  { .has_count = true, .count = 3, .max_count = 2 },
	  { "a" },
	  "a.0:20 a.1:8" },
	{ "by size, to the byte",
	  { .has_count = true, .count = 5, .max_size_bytes = 16 },
	  { 0 },
	  "a.0:16 a.1:16 a.2:8" },
	{ "by size, behind the value that reaches it",
	  { .has_count = true, .count = 5, .max_size_bytes = 17 },
	  { 0 },
	  "a.0:24 a.1:16" },
	{ "by a size below one value",
	  { .has_count = true, .count = 2, .max_size_bytes = 1 },
	  { 0 },
	  "a.0:8 a.1:8" },
	{ "by a size of several steps",
	  { .has_count = true, .count = 500000, .max_size_bytes = 3000001 },
	  { 0 },
	  "a.0:3000008 a.1:999992" },
	{ "the count goes first",
	  { .has_count = true,
	    .count = 6,
	    .max_count = 4,
	    .max_size_bytes = 8 },
	  { 0 },
	  "a.0:32 a.1:16" },
	{ "copies are counted",
	  { .has_count = true, .count = 6, .stutter = 2, .max_count = 4 },
	  { 0 },
	  "a.0:32 a.1:16" },
	{ "copies, by size",
	  { .has_count = true, .count = 6, .stutter = 2, .max_size_bytes = 9 },
	  { 0 },
	  "a.0:16 a.1:16 a.2:16" },
	{ "at a rate",
	  { .has_count = true, .count = 2500, .rate_limit = 1000 },
	  { 0 },
	  "a:20000" },
};

static void test_file(void **state)
{
	const struct file_case *row = *state;
	char path[PATH_BYTES], files[TEXT_BYTES];
	struct gen_pump_stats stats;
	struct gen_scene s;
	struct dir d;

	dir_make(&d);
	for (unsigned i = 0; i < 3 && row->before[i] != NULL; i++)
		dir_put(&d, row->before[i], 4);
	gen_scene_init(&s, NULL);
	assert_int_equal(gen_sink_file(dir_file(&d, "a", path), NULL, &s.sink),
			 0);
	gen_scene_pump(&s, &row->pump);
	gen_scene_finish(&s);
	gen_pump_stats(s.pump, &stats);
	gen_scene_release(&s);
	dir_list(&d, files, true);
	assert_string_equal(files, row->files);
	assert_int_equal(stats.values, row->pump.count);
	assert_int_equal(stats.bytes, row->pump.count * SCENE_VALUE_BYTES);
}

/* ---- files that are not complete ---------------------------------------- */

static const struct gen_pump_options endless = { .rate_limit = 0 };

/* A first step into file "a" of a new directory. */
static void step_once(struct dir *d, struct gen_scene *s, struct gen_step *step)
{
	char path[PATH_BYTES];

	dir_make(d);
	gen_scene_init(s, NULL);
	assert_int_equal(gen_sink_file(dir_file(d, "a", path), NULL, &s->sink),
			 0);
	gen_scene_pump(s, &endless);
	assert_int_equal(gen_pump_step(s->pump, 1, step, NULL), 0);
}

/* Given up half-way: what has no name stays without. */
static void test_given_up(void **state)
{
	char files[TEXT_BYTES];
	struct gen_step step;
	struct gen_scene s;
	struct dir d;

	(void)state;
	step_once(&d, &s, &step);
	assert_false(step.is_done);
	gen_scene_release(&s);
	dir_list(&d, files, true);
	assert_memory_equal(files, "a.tmp:", 6);
}

/* Stopped: what was made gets its name. */
static void test_stopped(void **state)
{
	char files[TEXT_BYTES], expected[TEXT_BYTES];
	struct gen_pump_stats stats;
	struct gen_step step;
	struct gen_scene s;
	struct dir d;

	(void)state;
	step_once(&d, &s, &step);
	gen_pump_stop(s.pump);
	gen_scene_finish(&s);
	gen_pump_stats(s.pump, &stats);
	gen_scene_release(&s);
	snprintf(expected, sizeof(expected), "a:%llu",
		 (unsigned long long)stats.bytes);
	dir_list(&d, files, true);
	assert_string_equal(files, expected);
	assert_true(stats.values > 0);
}

/* A file that came meanwhile is not replaced. */
static void test_name_is_taken(void **state)
{
	const struct gen_pump_options one = { .has_count = true, .count = 1 };
	char path[PATH_BYTES], files[TEXT_BYTES];
	struct gen_step step;
	struct gen_scene s;
	struct dir d;

	(void)state;
	dir_make(&d);
	gen_scene_init(&s, NULL);
	assert_int_equal(gen_sink_file(dir_file(&d, "a", path), NULL, &s.sink),
			 0);
	dir_put(&d, "a", 4);
	gen_scene_pump(&s, &one);
	assert_int_equal(gen_scene_run(&s, &step), -EEXIST);
	assert_non_null(strstr(s.error.text, path));
	gen_scene_release(&s);
	dir_list(&d, files, true);
	assert_string_equal(files, "a:4 a.tmp:8");
}

/* A write that fails half-way leaves no torn value. */
static void test_cut_back(void **state)
{
	struct rlimit before, limit;
	char path[PATH_BYTES], files[TEXT_BYTES];
	struct gen_step step;
	struct gen_scene s;
	struct dir d;
	int rc;

	(void)state;
	dir_make(&d);
	dir_put(&d, "a", 4);
	gen_scene_init(&s, NULL);
	assert_int_equal(gen_sink_file(dir_file(&d, "a", path), NULL, &s.sink),
			 0);
	gen_scene_pump(&s, &endless);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 10003;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	rc = gen_scene_run(&s, &step);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(rc, -EFBIG);
	/* The failure stays. */
	assert_int_equal(gen_scene_run(&s, &step), -EFBIG);
	gen_scene_release(&s);
	dir_list(&d, files, true);
	assert_memory_equal(files, "a:", 2);
	assert_int_equal(atoi(files + 2) % SCENE_VALUE_BYTES, 4);
	assert_in_range(atoi(files + 2), 4, 10003);
}

static void test_mode(void **state)
{
	const struct gen_pump_options one = { .has_count = true, .count = 1 };
	const mode_t before = umask(027);
	char path[PATH_BYTES], files[TEXT_BYTES];
	struct gen_scene s;
	struct stat st;
	struct dir d;

	(void)state;
	dir_make(&d);
	gen_scene_init(&s, NULL);
	assert_int_equal(gen_sink_file(dir_file(&d, "a", path), NULL, &s.sink),
			 0);
	gen_scene_pump(&s, &one);
	gen_scene_finish(&s);
	umask(before);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	gen_scene_release(&s);
	dir_list(&d, files, true);
}

struct open_case {
	const char *name;
	const char *path;
	int code;
};

static const struct open_case open_cases[] = {
	{ "no such directory", "/tmp/no/such/file", -ENOENT },
	{ "a directory", "/tmp", -EISDIR },
	{ "no name", "/tmp/", -EISDIR },
	{ "no name at all", "", -EISDIR },
};

static void test_open(void **state)
{
	const struct open_case *row = *state;
	struct gen_error error = { 0 };
	struct gen_sink *sink = NULL;

	assert_int_equal(gen_sink_file(row->path, &error, &sink), row->code);
	assert_non_null(strstr(error.text, row->path));
	assert_null(sink);
}

/* ---- descriptors -------------------------------------------------------- */

struct pipe_case {
	const char *name;
	const char *schema;
	struct gen_pump_options pump;
	size_t piece_bytes; /* what the reader takes at a time */
};

static const struct pipe_case pipe_cases[] = {
	{ "a slow reader",
	  "u64",
	  { .has_count = true, .count = 100000 },
	  1000 },
	{ "a fast one",
	  "u64",
	  { .has_count = true, .count = 300000 },
	  1 << 20 },
	{ "values larger than the pipe",
	  "u8[200000]",
	  { .has_count = true, .count = 7 },
	  9999 },
	{ "strings",
	  "{a: string; b: u8?}",
	  { .has_count = true, .count = 30000 },
	  5000 },
	{ "cuts are nothing to a pipe",
	  "u64",
	  { .has_count = true, .count = 30000, .max_count = 7 },
	  5000 },
};

/* Read what there is, up to piece_bytes. */
static size_t read_some(int fd, uint8_t *to, size_t piece_bytes)
{
	const ssize_t n = read(fd, to, piece_bytes);

	assert_true(n > 0);
	return (size_t)n;
}

static void test_pipe(void **state)
{
	const struct pipe_case *row = *state;
	size_t len, got = 0;
	uint8_t *expected =
		gen_scene_values(row->schema, row->pump.count, &len);
	uint8_t *read_bytes = malloc(len + row->piece_bytes);
	struct gen_step step;
	struct gen_scene s;
	int ends[2];

	assert_non_null(read_bytes);
	assert_int_equal(pipe(ends), 0);
	gen_scene_init(&s, row->schema);
	assert_int_equal(gen_sink_fd(ends[1], &s.sink), 0);
	gen_scene_pump(&s, &row->pump);
	do {
		assert_int_equal(gen_scene_run(&s, &step), 0);
		if (step.is_done)
			break;
		assert_int_equal(step.fd, ends[1]);
		assert_int_equal(step.events, POLLOUT);
		got += read_some(ends[0], read_bytes + got, row->piece_bytes);
		assert_true(got <= len);
	} while (true);
	close(ends[1]);
	while (got < len)
		got += read_some(ends[0], read_bytes + got, row->piece_bytes);
	assert_memory_equal(read_bytes, expected, len);
	assert_int_equal(read(ends[0], read_bytes, 1), 0);
	close(ends[0]);
	gen_scene_release(&s);
	free(read_bytes);
	free(expected);
}

static void test_nobody_reads(void **state)
{
	struct gen_step step;
	struct gen_scene s;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	gen_scene_init(&s, NULL);
	assert_int_equal(gen_sink_fd(ends[1], &s.sink), 0);
	gen_scene_pump(&s, &endless);
	assert_int_equal(gen_scene_run(&s, &step), -EPIPE);
	assert_non_null(strstr(s.error.text, "descriptor"));
	close(ends[1]);
	gen_scene_release(&s);
}

static void test_no_space(void **state)
{
	const int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct gen_step step;
	struct gen_scene s;

	(void)state;
	assert_true(fd >= 0);
	gen_scene_init(&s, NULL);
	assert_int_equal(gen_sink_fd(fd, &s.sink), 0);
	gen_scene_pump(&s, &endless);
	assert_int_equal(gen_scene_run(&s, &step), -ENOSPC);
	gen_scene_release(&s);
	close(fd);
}

/* ---- copies ------------------------------------------------------------- */

struct copy_case {
	const char *name;
	double stutter;
	unsigned count;
	const char *numbers; /* of the values, one letter each */
};

static const struct copy_case copy_cases[] = {
	{ "two and a half", 2.5, 10, "aaabbbcccc" },
	{ "cut off", 2.5, 8, "aaabbbcc" },
	{ "a half", 0.5, 9, "abccdeefg" },
};

static void test_copies(void **state)
{
	const struct copy_case *row = *state;
	const struct gen_pump_options pump = { .has_count = true,
					       .count = row->count,
					       .stutter = row->stutter };
	uint8_t read_bytes[64 * SCENE_VALUE_BYTES];
	struct gen_scene s;
	size_t len;
	uint8_t *values = gen_scene_values(NULL, 26, &len);
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	gen_scene_init(&s, NULL);
	assert_int_equal(gen_sink_fd(ends[1], &s.sink), 0);
	gen_scene_pump(&s, &pump);
	gen_scene_finish(&s);
	assert_int_equal(read(ends[0], read_bytes, sizeof(read_bytes)),
			 row->count * SCENE_VALUE_BYTES);
	for (size_t i = 0; i < row->count; i++)
		assert_memory_equal(read_bytes + i * SCENE_VALUE_BYTES,
				    values + (size_t)(row->numbers[i] - 'a') *
						     SCENE_VALUE_BYTES,
				    SCENE_VALUE_BYTES);
	close(ends[0]);
	close(ends[1]);
	gen_scene_release(&s);
	free(values);
}

int main(void)
{
	const struct rows tables[] = {
		{ "file", test_file, file_cases, sizeof(file_cases),
		  sizeof(file_cases[0]) },
		{ "open", test_open, open_cases, sizeof(open_cases),
		  sizeof(open_cases[0]) },
		{ "pipe", test_pipe, pipe_cases, sizeof(pipe_cases),
		  sizeof(pipe_cases[0]) },
		{ "copies", test_copies, copy_cases, sizeof(copy_cases),
		  sizeof(copy_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_name_is_taken),
		cmocka_unit_test(test_cut_back),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_nobody_reads),
		cmocka_unit_test(test_no_space),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
