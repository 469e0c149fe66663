/*
 * Goal: of a batch at the end of a file a part is taken back, the whole is not,
 * nor what was there before or is there behind it; and whoever puts a batch
 * there has the file to himself.
 * Method: files of all sizes around the batch; descriptors that append, that
 * stand at the end, and that do not, and whose offset others use; locks of other
 * descriptors.
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

static struct tail_file own(int fd)
{
	return (struct tail_file){ .fd = fd,
				   .place_fd = -1,
				   .is_shared = true };
}

struct undo_case {
	const char *name;
	int flags;
	off_t offset; /* of the descriptor, before */
	off_t size_after, offset_after;
	off_t size_left, offset_left;
};

enum { END = OLD_BYTES + BATCH_BYTES };

static const struct undo_case undo_cases[] = {
	{ "nothing came", O_RDWR, 10, 10, 10, 10, 10 },
	{ "a byte came", O_RDWR, 10, 11, 11, 10, 10 },
	{ "all but one", O_RDWR, 10, END - 1, END - 1, 10, 10 },
	{ "the whole", O_RDWR, 10, END, END, END, END },
	{ "more than that", O_RDWR, 10, END + 1, END, END + 1, END },
	{ "the file became shorter", O_RDWR, 10, 9, 50, 9, 50 },
	{ "another's behind a part", O_RDWR, 10, 50, 40, 50, 40 },
	{ "another's instead of it", O_RDWR | O_APPEND, 10, 50, 10, 50, 10 },
	{ "undone but for the offset", O_RDWR, 10, 10, 50, 10, 10 },
	{ "appended, from wherever", O_RDWR | O_APPEND, 3, 50, 50, 10, 10 },
	{ "in the middle", O_RDWR, 3, 50, 50, 50, 50 },
	{ "behind the end", O_RDWR, 11, 50, 50, 50, 50 },
};

static void test_undo(void **state)
{
	const struct undo_case *row = *state;
	struct file_tail tail = { 0 }, others = { 0 };
	char old[OLD_BYTES];
	int other_fd;
	const int fd = open_file(row->flags, &other_fd);

	assert_int_equal(lseek(fd, row->offset, SEEK_SET), row->offset);
	assert_int_equal(file_tail_begin(&tail, own(fd), BATCH_BYTES), 0);
	assert_int_equal(ftruncate(other_fd, row->size_after), 0);
	assert_int_equal(lseek(fd, row->offset_after, SEEK_SET),
			 row->offset_after);
	file_tail_undo(&tail, own(fd));
	assert_int_equal(size_of(fd), row->size_left);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), row->offset_left);
	assert_int_equal(file_tail_begin(&others, own(other_fd), 1), 0);
	assert_int_equal(pread(fd, old, 9, 0), 9);
	assert_memory_equal(old, "0123456789", 9);
	close(fd);
	close(other_fd);
}

/* ---- a place that others know --------------------------------------------- */

struct place_case {
	const char *name;
	off_t batch_bytes;  /* that were written */
	off_t others_bytes; /* that somebody put at the place meanwhile */
	off_t size_left, place_left;
};

static const struct place_case place_cases[] = {
	{ "nothing", 0, 0, 10, 10 },
	{ "a part", 40, 0, 10, 10 },
	{ "the whole", BATCH_BYTES, 0, END, END },
	{ "another's over a part", 40, 7, 17, 17 },
	{ "another's over all of it", 40, 60, 70, 70 },
	{ "another's over the whole", BATCH_BYTES, 7, 17, 17 },
	{ "another's instead of it", 0, 7, 17, 17 },
};

static void put(int fd, off_t len)
{
	char bytes[2 * BATCH_BYTES];

	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(write(fd, bytes, (size_t)len), len);
}

static void test_place(void **state)
{
	const struct place_case *row = *state;
	struct file_tail tail = { 0 };
	int place_fd;
	const int fd = open_file(O_RDWR, &place_fd);
	struct tail_file file = own(fd);

	file.place_fd = place_fd;
	assert_int_equal(file_tail_begin(&tail, file, BATCH_BYTES), 0);
	put(fd, row->batch_bytes);
	put(place_fd, row->others_bytes);
	file_tail_undo(&tail, file);
	assert_int_equal(size_of(fd), row->size_left);
	assert_int_equal(lseek(place_fd, 0, SEEK_CUR), row->place_left);
	close(fd);
	close(place_fd);
}

/* A batch goes to the place, and moves it; wherever that is. */
static void test_place_moves(void **state)
{
	struct file_tail tail = { 0 };
	int place_fd;
	const int fd = open_file(O_RDWR, &place_fd);
	struct tail_file file = own(fd);

	(void)state;
	file.place_fd = place_fd;
	for (off_t at = 3; at < END; at += 30) {
		assert_int_equal(lseek(place_fd, at, SEEK_SET), at);
		assert_int_equal(file_tail_begin(&tail, file, 7), 0);
		assert_int_equal(lseek(fd, 0, SEEK_CUR), at);
		put(fd, 7);
		file_tail_end(&tail, file);
		assert_int_equal(lseek(place_fd, 0, SEEK_CUR), at + 7);
	}
	close(fd);
	close(place_fd);
}

/* ---- the lock, and the end ------------------------------------------------- */

/* Once it is over, there is nothing to take back. */
static void test_forgotten(void **state)
{
	struct file_tail tail = { 0 };
	int other_fd;
	const int fd = open_file(O_RDWR | O_APPEND, &other_fd);

	(void)state;
	file_tail_undo(&tail, own(fd));
	assert_int_equal(size_of(fd), OLD_BYTES);
	assert_int_equal(file_tail_begin(&tail, own(fd), BATCH_BYTES), 0);
	assert_int_equal(ftruncate(fd, 50), 0);
	assert_int_equal(lseek(fd, 50, SEEK_SET), 50);
	file_tail_end(&tail, own(fd));
	file_tail_undo(&tail, own(fd));
	assert_int_equal(size_of(fd), 50);
	assert_int_equal(file_tail_begin(&tail, own(other_fd), 1), 0);
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
	assert_int_equal(file_tail_begin(&tail, own(fd), 1), 0);
	assert_int_equal(file_tail_begin(&others, own(other_fd), 1), -EAGAIN);
	/* Not lost by closing a descriptor, as a process' lock would be. */
	close(fd);
	assert_int_equal(file_tail_begin(&others, own(other_fd), 1), -EAGAIN);
	assert_int_equal(file_tail_lock_holder(own(other_fd)), 0);
	file_tail_end(&tail, own(copy));
	assert_int_equal(file_tail_begin(&others, own(other_fd), 1), 0);
	close(copy);
	close(other_fd);
}

/* A lock of a process can be told. */
static void test_lock_holder(void **state)
{
	struct file_tail tail = { 0 };
	struct flock whole = { .l_type = F_WRLCK };
	int other_fd;
	const int fd = open_file(O_RDWR, &other_fd);

	(void)state;
	assert_int_equal(fcntl(other_fd, F_SETLK, &whole), 0);
	assert_int_equal(file_tail_begin(&tail, own(fd), 1), -EAGAIN);
	assert_int_equal(file_tail_lock_holder(own(fd)), getpid());
	close(other_fd);
	assert_int_equal(file_tail_begin(&tail, own(fd), 1), 0);
	close(fd);
}

/* A file that nobody else knows of is not locked. */
static void test_no_lock(void **state)
{
	struct file_tail tail = { 0 }, others = { 0 };
	int other_fd;
	const int fd = open_file(O_RDWR | O_APPEND, &other_fd);
	const struct tail_file alone = { .fd = fd, .place_fd = -1 };

	(void)state;
	assert_int_equal(file_tail_begin(&others, own(other_fd), 1), 0);
	assert_int_equal(file_tail_begin(&tail, alone, BATCH_BYTES), 0);
	assert_int_equal(ftruncate(fd, 50), 0);
	assert_int_equal(lseek(fd, 50, SEEK_SET), 50);
	file_tail_undo(&tail, alone);
	assert_int_equal(size_of(fd), OLD_BYTES);
	close(fd);
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

	assert_int_equal(file_tail_begin(&tail, own(fd), 1), row->code);
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
		{ "place", test_place, place_cases, sizeof(place_cases),
		  sizeof(place_cases[0]) },
		{ "error", test_error, error_cases, sizeof(error_cases),
		  sizeof(error_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_moves),
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_lock_holder),
		cmocka_unit_test(test_no_lock),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
