/*
 * Goal: the choice of the engine and the engines themselves stand what the
 * kernel may answer but seldom does.
 * Method: this program runs itself ("child") under strace, which makes chosen
 * system calls fail; the child prints what became of its reads and writes.
 */
#include "ring/ring_io.h"
#include "tests/lib/device.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { DEVICE_BYTES = 1 << 20, BLOCK_BYTES = 8192, ARGS_MAX = 24 };

static struct device file;
static char file_reason[DEVICE_REASON_BYTES]; /* "": it is there */

static void skip_test(const char *reason)
{
	print_message("[  SKIP  ] because: %s\n", reason);
	skip();
}

/* ---- the child ---------------------------------------------------------- */

static const char *name_of(int rc)
{
	return rc == 0 ? "ok" : ring_error_name(rc);
}

/* How the child writes. */
struct manner {
	bool together; /* both batches are under way at once */
	bool whole;    /* a block is one write, not two */
};

/* Write "a" to the first block and "b" to the second, each with a flush. */
static struct ring_io_batch putting(uint8_t *buf, char letter, bool whole)
{
	const size_t at = letter == 'a' ? 0 : BLOCK_BYTES;
	const size_t len = whole ? BLOCK_BYTES : BLOCK_BYTES / 2;

	memset(buf + at, letter, BLOCK_BYTES);
	return (struct ring_io_batch){
		.ops = { { RING_IO_WRITE, at, buf + at, len },
			 { RING_IO_WRITE, at + len, buf + at + len, len } },
		.count = whole ? 1 : 2,
		.flush = true,
	};
}

/* And say how that went. */
static void put_blocks(struct ring_io *io, uint8_t *buf,
		       const struct manner *manner)
{
	struct ring_io_batch a = putting(buf, 'a', manner->whole);
	struct ring_io_batch b = putting(buf, 'b', manner->whole);
	int rc[2] = { io->ops->start(io, &a), 0 };

	if (!manner->together && rc[0] == 0)
		rc[0] = io->ops->wait(io, &a);
	rc[1] = io->ops->start(io, &b);
	if (rc[1] == 0)
		rc[1] = io->ops->wait(io, &b);
	if (manner->together && rc[0] == 0)
		rc[0] = io->ops->wait(io, &a);
	printf(" a=%s b=%s", name_of(rc[0]), name_of(rc[1]));
}

/* Read both blocks in a batch. Says their first bytes, or the error. */
static void say_blocks(struct ring_io *io, uint8_t *buf)
{
	uint8_t *second = buf + BLOCK_BYTES;
	struct ring_io_batch batch = {
		.ops = { { RING_IO_READ, 0, buf, BLOCK_BYTES },
			 { RING_IO_READ, BLOCK_BYTES, second, BLOCK_BYTES } },
		.count = 2,
	};
	int rc = ring_io_run(io, &batch);

	if (rc < 0)
		printf(" read=%s", ring_error_name(rc));
	else
		printf(" read=%c%c", buf[0], second[0]);
}

/* The file holds "-" everywhere; "a" and "b" are written to two blocks. */
static void say_what_it_does(struct ring_io *io, const struct manner *manner)
{
	uint8_t *buf = aligned_alloc(RING_IO_ALIGN, 2 * BLOCK_BYTES);
	int watch;

	if (buf == NULL)
		abort();
	put_blocks(io, buf, manner);
	say_blocks(io, buf);
	watch = io->ops->watch(io);
	printf(" watch=%s", watch < 0 ? ring_error_name(watch) : "ok");
	if (watch >= 0)
		close(watch);
	free(buf);
}

/* argv: program, "child", engine, "buffered" or "direct", path, "together" or
 * "in turn", "whole" or "halves" */
static int child_main(char **argv)
{
	struct ring_io_options options = {
		.mode = strcmp(argv[3], "direct") == 0 ? RING_IO_DIRECT
						       : RING_IO_BUFFERED,
	};
	const struct manner manner = {
		.together = strcmp(argv[5], "together") == 0,
		.whole = strcmp(argv[6], "whole") == 0,
	};
	struct ring_io *io = NULL;
	int rc = ring_io_engine_from_name(argv[2], &options.engine);

	if (rc == 0)
		rc = ring_io_open(argv[4], &options, &io);
	if (rc < 0) {
		printf("open=%s\n", ring_error_name(rc));
		return 0;
	}
	printf("open=%s", io->engine);
	say_what_it_does(io, &manner);
	ring_io_close(io);
	printf("\n");
	return 0;
}

/* ---- what the kernel may answer ----------------------------------------- */

enum inject_how {
	ON_FILE = 1,  /* calls on the file only, none of the loader's */
	TOGETHER = 2, /* both batches are under way at once */
	WHOLE = 4,    /* a block is one write, not two */
};

struct inject_case {
	const char *engine;
	const char *mode;
	const char *inject[3]; /* what strace -e takes */
	unsigned how;
	const char *expected; /* what the child prints */
};

static const struct inject_case inject_cases[] = {
	/* the automatic choice */
	{ "auto",
	  "direct",
	  { "trace=none" },
	  0,
	  "open=io_uring a=ok b=ok read=ab watch=ok" },
	{ "auto",
	  "buffered",
	  { "trace=none" },
	  0,
	  "open=posix a=ok b=ok read=ab watch=ok" },
	{ "auto",
	  "direct",
	  { "inject=io_uring_setup:error=ENOSYS" },
	  0,
	  "open=aio a=ok b=ok read=ab watch=ok" },
	{ "auto",
	  "direct",
	  { "inject=io_uring_setup:error=EPERM" },
	  0,
	  "open=aio a=ok b=ok read=ab watch=ok" },
	{ "auto",
	  "direct",
	  { "inject=io_uring_setup:error=ENOMEM" },
	  0,
	  "open=aio a=ok b=ok read=ab watch=ok" },
	{ "auto",
	  "direct",
	  { "inject=io_uring_setup:error=EMFILE" },
	  0,
	  "open=aio a=ok b=ok read=ab watch=ok" },
	{ "auto",
	  "direct",
	  { "inject=io_uring_setup:error=ENOSYS",
	    "inject=io_setup:error=EAGAIN" },
	  0,
	  "open=posix a=ok b=ok read=ab watch=ok" },
	{ "io_uring",
	  "direct",
	  { "inject=io_uring_setup:error=EPERM" },
	  0,
	  "open=EPERM" },
	{ "io_uring",
	  "buffered",
	  { "inject=io_uring_setup:error=ENOSYS" },
	  0,
	  "open=ENOSYS" },
	{ "aio",
	  "direct",
	  { "inject=io_setup:error=EAGAIN" },
	  0,
	  "open=EAGAIN" },

	/* interrupted calls */
	{ "io_uring",
	  "direct",
	  { "inject=io_uring_enter:error=EINTR:when=1..3" },
	  0,
	  "open=io_uring a=ok b=ok read=ab watch=ok" },
	{ "aio",
	  "direct",
	  { "inject=io_submit:error=EINTR:when=1..2",
	    "inject=io_getevents:error=EINTR:when=1..2",
	    "inject=fdatasync:error=EINTR:when=1..2" },
	  0,
	  "open=aio a=ok b=ok read=ab watch=ok" },
	{ "posix",
	  "buffered",
	  { "inject=pwrite64:error=EINTR:when=1",
	    "inject=pread64:error=EINTR:when=1..2",
	    "inject=fdatasync:error=EINTR:when=1..2" },
	  ON_FILE,
	  "open=posix a=ok b=ok read=ab watch=ok" },

	/* a refused batch leaves no trace, and the next one works */
	{ "io_uring",
	  "direct",
	  { "inject=io_uring_enter:error=EAGAIN:when=1" },
	  0,
	  "open=io_uring a=EAGAIN b=ok read=-b watch=ok" },
	{ "aio",
	  "direct",
	  { "inject=io_submit:error=EAGAIN:when=1" },
	  0,
	  "open=aio a=EAGAIN b=ok read=-b watch=ok" },

	/* waiting fails, the operations don't: nothing may be given up */
	{ "aio",
	  "direct",
	  { "inject=io_getevents:error=EIO:when=1..2" },
	  0,
	  "open=aio a=ok b=ok read=ab watch=ok" },

	/* failed and short operations */
	{ "posix",
	  "buffered",
	  { "inject=pwrite64:error=ENOSPC:when=1" },
	  0,
	  "open=posix a=ENOSPC b=ok read=-b watch=ok" },
	{ "posix",
	  "buffered",
	  { "inject=pwrite64:retval=0:when=1" },
	  0,
	  "open=posix a=EIO b=ok read=-b watch=ok" },
	{ "posix",
	  "direct",
	  { "inject=pwrite64:retval=511:when=1" },
	  0,
	  "open=posix a=EIO b=ok read=-b watch=ok" },
	{ "posix",
	  "buffered",
	  { "inject=fdatasync:error=EIO:when=1" },
	  0,
	  "open=posix a=EIO b=ok read=ab watch=ok" },
	{ "aio",
	  "direct",
	  { "inject=fdatasync:error=EIO:when=1" },
	  0,
	  "open=aio a=EIO b=ok read=ab watch=ok" },
	{ "posix",
	  "buffered",
	  { "inject=pread64:retval=0:when=2" },
	  ON_FILE,
	  "open=posix a=ok b=ok read=RING_ERR_TRUNCATED watch=ok" },

	/* a single write before a flush is a call, whatever the engine */
	{ "io_uring",
	  "direct",
	  { "inject=pwrite64:error=EINTR:when=1..2",
	    "inject=fdatasync:error=EINTR:when=1..2",
	    "inject=io_uring_enter:error=EINTR:when=1..2" },
	  ON_FILE | WHOLE,
	  "open=io_uring a=ok b=ok read=ab watch=ok" },
	{ "io_uring",
	  "direct",
	  { "inject=pwrite64:error=ENOSPC:when=1" },
	  ON_FILE | WHOLE,
	  "open=io_uring a=ENOSPC b=ok read=-b watch=ok" },
	{ "io_uring",
	  "direct",
	  { "inject=pwrite64:retval=511:when=1" },
	  ON_FILE | WHOLE,
	  "open=io_uring a=EIO b=ok read=-b watch=ok" },
	{ "io_uring",
	  "direct",
	  { "inject=fdatasync:error=EIO:when=1" },
	  ON_FILE | WHOLE,
	  "open=io_uring a=EIO b=ok read=ab watch=ok" },

	/* two batches under way */
	{ "io_uring",
	  "direct",
	  { "inject=io_uring_enter:error=EINTR:when=1..5" },
	  TOGETHER,
	  "open=io_uring a=ok b=ok read=ab watch=ok" },
	{ "io_uring",
	  "direct",
	  { "inject=io_uring_enter:error=EAGAIN:when=1" },
	  TOGETHER,
	  "open=io_uring a=EAGAIN b=ok read=-b watch=ok" },
	{ "io_uring",
	  "direct",
	  { "inject=io_uring_enter:error=EAGAIN:when=2" },
	  TOGETHER,
	  "open=io_uring a=ok b=EAGAIN read=a- watch=ok" },
	{ "aio",
	  "direct",
	  { "inject=io_submit:error=EAGAIN:when=1" },
	  TOGETHER,
	  "open=aio a=EAGAIN b=ok read=-b watch=ok" },
	{ "aio",
	  "direct",
	  { "inject=io_submit:error=EAGAIN:when=2",
	    "inject=io_getevents:error=EIO:when=1..2" },
	  TOGETHER,
	  "open=aio a=ok b=EAGAIN read=a- watch=ok" },
	{ "aio",
	  "direct",
	  { "inject=fdatasync:error=EIO:when=1" },
	  TOGETHER,
	  "open=aio a=ok b=EIO read=ab watch=ok" },
	{ "posix",
	  "buffered",
	  { "inject=pwrite64:error=ENOSPC:when=2" },
	  TOGETHER | WHOLE,
	  "open=posix a=ok b=ENOSPC read=a- watch=ok" },
	{ "posix",
	  "buffered",
	  { "inject=fdatasync:error=EIO:when=1" },
	  TOGETHER,
	  "open=posix a=EIO b=ok read=ab watch=ok" },

	/* waking */
	{ "posix",
	  "buffered",
	  { "inject=inotify_init1:error=EMFILE" },
	  0,
	  "open=posix a=ok b=ok read=ab watch=EOPNOTSUPP" },
	{ "posix",
	  "buffered",
	  { "inject=inotify_add_watch:error=ENOSPC" },
	  0,
	  "open=posix a=ok b=ok read=ab watch=EOPNOTSUPP" },
	{ "posix",
	  "buffered",
	  { "inject=inotify_add_watch:error=ENOENT:when=1" },
	  0,
	  "open=posix a=ok b=ok read=ab watch=ok" },
	{ "aio",
	  "direct",
	  { "inject=utimensat:error=EPERM" },
	  0,
	  "open=aio a=ok b=ok read=ab watch=ok" },
};

/* Run argv; its standard output in ret_text. Its exit status, or -1. */
static int run(const char *const *argv, char *ret_text, size_t size_bytes)
{
	size_t len = 0;
	ssize_t got;
	int status = -1;
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		/* It can't look for leaks while it is traced. */
		setenv("LSAN_OPTIONS", "detect_leaks=0", 1);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(ends[1]);
	while (len + 1 < size_bytes &&
	       (got = read(ends[0], ret_text + len, size_bytes - 1 - len)) > 0)
		len += (size_t)got;
	ret_text[len] = '\0';
	close(ends[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Skips, loudly, what strace can't do here. */
static void need_strace(void)
{
	static const char *const probe[] = { "strace",    "-qq",  "-o",
					     "/dev/null", "true", NULL };
	char text[64];

	if (file_reason[0] != '\0')
		skip_test(file_reason);
	if (run(probe, text, sizeof(text)) != 0)
		skip_test("strace is missing, or may not trace");
}

static void fill_file(void)
{
	const int fd = open(file.path, O_WRONLY | O_CLOEXEC);
	uint8_t block[BLOCK_BYTES];

	assert_true(fd >= 0);
	memset(block, '-', sizeof(block));
	for (off_t at = 0; at < 2 * BLOCK_BYTES; at += BLOCK_BYTES)
		assert_int_equal(pwrite(fd, block, sizeof(block), at),
				 sizeof(block));
	close(fd);
}

/* Whether the kernel has what the row wants, without anything injected. */
static void need_engine(const struct inject_case *row)
{
	struct ring_io_options options = { 0 };
	struct ring_io *io = NULL;
	int rc;

	if (strcmp(row->mode, "direct") == 0)
		options.mode = RING_IO_DIRECT;
	rc = ring_io_engine_from_name(
		strcmp(row->engine, "auto") == 0 ? "io_uring" : row->engine,
		&options.engine);
	assert_int_equal(rc, 0);
	rc = ring_io_open(file.path, &options, &io);
	ring_io_close(io);
	if (rc < 0)
		skip_test(ring_strerror(rc));
}

/* Append the rules to argv. Returns its new length. */
static unsigned add_rules(const struct inject_case *row, const char **argv,
			  unsigned argc)
{
	for (size_t i = 0; i < ARRAY_SIZE(row->inject); i++) {
		if (row->inject[i] == NULL)
			break;
		argv[argc++] = "-e";
		argv[argc++] = row->inject[i];
	}
	if ((row->how & ON_FILE) != 0) {
		argv[argc++] = "-P";
		argv[argc++] = file.path;
	}
	return argc;
}

static void test_inject(void **state)
{
	const struct inject_case *row = *state;
	const char *argv[ARGS_MAX] = { "strace", "-qq", "-o", "/dev/null" };
	char self[512];
	char text[256];
	unsigned argc;
	ssize_t len;

	need_strace();
	need_engine(row);
	fill_file();
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	assert_true(len > 0);
	self[len] = '\0';

	argc = add_rules(row, argv, 4);
	argv[argc++] = self;
	argv[argc++] = "child";
	argv[argc++] = row->engine;
	argv[argc++] = row->mode;
	argv[argc++] = file.path;
	argv[argc++] = (row->how & TOGETHER) != 0 ? "together" : "in turn";
	argv[argc++] = (row->how & WHOLE) != 0 ? "whole" : "halves";
	assert_true(argc < ARGS_MAX);
	assert_int_equal(run(argv, text, sizeof(text)), 0);
	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, row->expected);
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

int main(int argc, char **argv)
{
	struct CMUnitTest tests[ARRAY_SIZE(inject_cases)];
	static char names[ARRAY_SIZE(inject_cases)][160];

	if (argc == 7 && strcmp(argv[1], "child") == 0)
		return child_main(argv);
	for (size_t i = 0; i < ARRAY_SIZE(inject_cases); i++) {
		const struct inject_case *row = &inject_cases[i];

		snprintf(names[i], sizeof(names[i]), "%s, %s, %s%s%s",
			 row->engine, row->mode, row->inject[0],
			 (row->how & TOGETHER) != 0 ? ", together" : "",
			 (row->how & WHOLE) != 0 ? ", whole" : "");
		tests[i] = (struct CMUnitTest){
			.name = names[i],
			.test_func = test_inject,
			.initial_state = (void *)(uintptr_t)row,
		};
	}
	return cmocka_run_group_tests_name("io inject", tests, make_file,
					   remove_file);
}
