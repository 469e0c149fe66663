/*
 * Goal: of a batch at the end of a file a part is taken back, the whole is not,
 * nor what was there before or is there behind it; and whoever puts a batch
 * there has the file to himself.
 * Method: files of all sizes around the batch; descriptors that append, that
 * stand at the end, and that do not.
 */
#include "generator/file_tail.h"
#include "tests/lib/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { OLD_BYTES = 10, BATCH_BYTES = 100, PATH_BYTES = 64 };

/* A file of OLD_BYTES that has no name when `fd` is closed. */
static int open_file(int flags, int *ret_other_fd)
{
	char path[PATH_BYTES] = "/tmp/file_tail.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "0123456789", OLD_BYTES), OLD_BYTES);
	*ret_other_fd = fd;
	fd = open(path, flags | O_CLOEXEC);
	assert_true(fd >= 0);
	unlink(path);
	return fd;
}

static off_t size_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_size;
}

struct undo_case {
	const char *name;
	int flags;
	off_t offset;     /* of the descriptor, before */
	off_t size_after; /* what became of the file */
	off_t size_left;
	off_t offset_left;
};

enum { END = OLD_BYTES + BATCH_BYTES };

static const struct undo_case undo_cases[] = {
	{ "nothing came", O_RDWR, 10, 10, 10, 110 },
	{ "a byte came", O_RDWR, 10, 11, 10, 10 },
	{ "all but one", O_RDWR, 10, END - 1, 10, 10 },
	{ "the whole", O_RDWR, 10, END, END, 110 },
	{ "more than that", O_RDWR, 10, END + 1, END + 1, 110 },
	{ "the file became shorter", O_RDWR, 10, 9, 9, 110 },
	{ "appended, from wherever", O_RDWR | O_APPEND, 3, 50, 10, 10 },
	{ "in the middle", O_RDWR, 3, 50, 50, 110 },
	{ "behind the end", O_RDWR, 11, 50, 50, 110 },
};

static void test_undo(void **state)
{
	const struct undo_case *row = *state;
	struct file_tail tail = { 0 };
	char old[OLD_BYTES];
	int other_fd;
	const int fd = open_file(row->flags, &other_fd);

	assert_int_equal(lseek(fd, row->offset, SEEK_SET), row->offset);
	assert_int_equal(file_tail_begin(&tail, fd, BATCH_BYTES), 0);
	assert_int_equal(ftruncate(other_fd, row->size_after), 0);
	assert_int_equal(lseek(fd, 110, SEEK_SET), 110);
	file_tail_undo(&tail, fd);
	assert_int_equal(size_of(fd), row->size_left);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), row->offset_left);
	file_tail_end(&tail, fd);
	assert_int_equal(pread(fd, old, 9, 0), 9);
	assert_memory_equal(old, "0123456789", 9);
	close(fd);
	close(other_fd);
}

/* Once it is over, there is nothing to take back. */
static void test_forgotten(void **state)
{
	struct file_tail tail = { 0 };
	int other_fd;
	const int fd = open_file(O_RDWR | O_APPEND, &other_fd);

	(void)state;
	file_tail_undo(&tail, fd);
	assert_int_equal(size_of(fd), OLD_BYTES);
	assert_int_equal(file_tail_begin(&tail, fd, BATCH_BYTES), 0);
	assert_int_equal(ftruncate(fd, 50), 0);
	file_tail_end(&tail, fd);
	file_tail_undo(&tail, fd);
	assert_int_equal(size_of(fd), 50);
	close(fd);
	close(other_fd);
}

static void test_lock(void **state)
{
	struct file_tail tail = { 0 }, others = { 0 };
	int other_fd, copy;
	const int fd = open_file(O_RDWR | O_APPEND, &other_fd);

	(void)state;
	copy = dup(fd);
	assert_int_equal(file_tail_begin(&tail, fd, 1), 0);
	assert_int_equal(file_tail_begin(&others, other_fd, 1), -EAGAIN);
	/* Not lost by closing a descriptor, as a process' lock would be. */
	close(fd);
	assert_int_equal(file_tail_begin(&others, other_fd, 1), -EAGAIN);
	file_tail_end(&tail, copy);
	assert_int_equal(file_tail_begin(&others, other_fd, 1), 0);
	close(copy);
	close(other_fd);
}

struct error_case {
	const char *name;
	int flags; /* negative: no descriptor */
	int code;
};

static const struct error_case error_cases[] = {
	{ "no descriptor", -1, -EBADF },
	{ "only for reading", O_RDONLY, -EBADF },
};

static void test_error(void **state)
{
	const struct error_case *row = *state;
	struct file_tail tail = { 0 };
	int other_fd = -1;
	const int fd = row->flags < 0 ? -1 : open_file(row->flags, &other_fd);

	assert_int_equal(file_tail_begin(&tail, fd, 1), row->code);
	if (fd >= 0)
		close(fd);
	if (other_fd >= 0)
		close(other_fd);
}

int main(void)
{
	const struct rows tables[] = {
		{ "undo", test_undo, undo_cases, sizeof(undo_cases),
		  sizeof(undo_cases[0]) },
		{ "error", test_error, error_cases, sizeof(error_cases),
		  sizeof(error_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_lock),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
