/*
 * Goal: opening finds the right engine and mode, or says what is wrong.
 * Method: a table of things to open.
 */
#include "ring/ring_io.h"
#include "tests/lib/device.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { DEVICE_BYTES = 1 << 20 };

static struct device file;
static char file_reason[DEVICE_REASON_BYTES]; /* "": it is there */

static void skip_test(const char *reason)
{
	print_message("[  SKIP  ] because: %s\n", reason);
	skip();
}

/* ---- things to open ----------------------------------------------------- */

struct open_case {
	const char *name;
	const char *path; /* NULL: the test's file */
	struct ring_io_options options;
	int expected;
	const char *text; /* of the fault, '%' is the path */
};

static const struct open_case open_cases[] = {
	{ "no such file",
	  "/nonexistent/a.ring",
	  { 0 },
	  -ENOENT,
	  "cannot open '%': No such file or directory" },
	{ "directory",
	  "/",
	  { 0 },
	  -ENOTSUP,
	  "cannot use '%': neither a regular file nor a block device" },
	{ "character device",
	  "/dev/null",
	  { 0 },
	  -ENOTSUP,
	  "cannot use '%': neither a regular file nor a block device" },
	{ "no direct I/O",
	  "/proc/version",
	  { .mode = RING_IO_DIRECT, .read_only = true },
	  -EINVAL,
	  "cannot use direct I/O on '%': Invalid argument" },
	{ "no such engine",
	  NULL,
	  { .engine = 99 },
	  -EINVAL,
	  "cannot choose an engine for '%': Invalid argument" },
	{ "read only", "/proc/version", { .read_only = true }, 0, "" },
	{ "default options", NULL, { 0 }, 0, "" },
};

static void expand(const char *text, const char *path, char ret[1024])
{
	const char *percent = strchrnul(text, '%');
	const int head = (int)(percent - text);

	if (*percent == '\0')
		snprintf(ret, 1024, "%s", text);
	else
		snprintf(ret, 1024, "%.*s%s%s", head, text, path, percent + 1);
}

static void test_open(void **state)
{
	const struct open_case *row = *state;
	const char *path = row->path != NULL ? row->path : file.path;
	struct ring_io_options options = row->options;
	struct ring_fault fault = { .position = 7 };
	struct ring_io *io = NULL;
	char expected[1024];

	if (row->path == NULL && file_reason[0] != '\0')
		skip_test(file_reason);
	expand(row->text, path, expected);
	options.fault = &fault;
	assert_int_equal(ring_io_open(path, &options, &io), row->expected);
	assert_int_equal(fault.code, row->expected);
	assert_string_equal(fault.text, expected);
	assert_int_equal(io != NULL, row->expected == 0);
	/* Success leaves the fault as it was. */
	assert_int_equal(fault.position, row->expected == 0 ? 7 : 0);
	ring_io_close(io);

	/* Without a fault to fill. */
	options.fault = NULL;
	io = NULL;
	assert_int_equal(ring_io_open(path, &options, &io), row->expected);
	ring_io_close(io);
}

/* It would wait for a writer for ever if it were opened. */
static void test_fifo(void **state)
{
	char path[DEVICE_PATH_BYTES + 8];
	const struct ring_io_options options = { .read_only = true };
	struct ring_io *io = NULL;
	int rc;

	(void)state;
	if (file_reason[0] != '\0')
		skip_test(file_reason);
	snprintf(path, sizeof(path), "%s.fifo", file.path);
	assert_int_equal(mkfifo(path, 0600), 0);
	rc = ring_io_open(path, &options, &io);
	unlink(path);
	assert_int_equal(rc, -ENOTSUP);
}

static void test_long_path_leaves_room_for_the_cause(void **state)
{
	static const char cause[] = "zz': No such file or directory";
	struct ring_fault fault = { 0 };
	const struct ring_io_options options = { .fault = &fault };
	struct ring_io *io = NULL;
	char path[1000];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(path); i++)
		path[i] = i % 100 == 0 ? '/' : 'z';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(ring_io_open(path, &options, &io), -ENOENT);
	len = strlen(fault.text);
	assert_true(len > strlen(cause));
	assert_string_equal(fault.text + len - strlen(cause), cause);
}

static void test_engine_names(void **state)
{
	static const char *const names[] = { "auto", "io_uring", "aio",
					     "posix" };
	enum ring_io_engine engine = (enum ring_io_engine)99;

	(void)state;
	assert_int_equal(ring_io_engine_from_name("", &engine), -EINVAL);
	assert_int_equal(ring_io_engine_from_name("uring", &engine), -EINVAL);
	assert_int_equal(engine, 99);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(ring_io_engine_from_name(names[i], &engine),
				 0);
		assert_int_equal(engine, i);
	}
}

static void test_close_of_null(void **state)
{
	(void)state;
	ring_io_close(NULL);
}

/* ---- all of it ---------------------------------------------------------- */

static int make_file(void **state)
{
	(void)state;
	device_make(DEVICE_FILE, DEVICE_BYTES, &file, file_reason);
	return 0;
}

static int remove_file(void **state)
{
	(void)state;
	device_remove(&file);
	return 0;
}

static int run_open_tests(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(open_cases)];

	for (size_t i = 0; i < ARRAY_SIZE(open_cases); i++)
		tests[i] = (struct CMUnitTest){
			.name = open_cases[i].name,
			.test_func = test_open,
			.initial_state = (void *)(uintptr_t)&open_cases[i],
		};
	return cmocka_run_group_tests_name("open", tests, make_file,
					   remove_file);
}

static int run_other_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fifo),
		cmocka_unit_test(test_long_path_leaves_room_for_the_cause),
		cmocka_unit_test(test_engine_names),
		cmocka_unit_test(test_close_of_null),
	};

	return cmocka_run_group_tests_name("open, single", tests, make_file,
					   remove_file);
}

int main(void)
{
	int failed = 0;

	failed |= run_open_tests();
	failed |= run_other_tests();
	return failed != 0;
}
