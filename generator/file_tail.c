#include "generator/file_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

/* A lock of the open file description: it is not lost when the process closes
 * another descriptor of that file, and a copy of this one keeps it. */
static int set_lock(int fd, short type)
{
	struct flock whole = { .l_type = type, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
		return 0;
	return errno == EACCES ? -EAGAIN : -errno;
}

/* Note where `len_bytes` go. What is written over something else could not be
 * taken back: nothing is noted then. */
static int note(struct file_tail *t, int fd, size_t len_bytes)
{
	const int flags = fcntl(fd, F_GETFL);
	const off_t offset = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	if (flags < 0 || offset < 0 || fstat(fd, &st) < 0)
		return -errno;
	if ((flags & O_APPEND) == 0 && offset != st.st_size)
		return 0;
	/* In this order: at each moment it is this batch or none. */
	t->start_bytes = (uint64_t)st.st_size;
	t->end_bytes = (uint64_t)st.st_size + len_bytes;
	return 0;
}

int file_tail_begin(struct file_tail *t, int fd, size_t len_bytes)
{
	int rc = set_lock(fd, F_WRLCK);

	if (rc < 0)
		return rc;
	rc = note(t, fd, len_bytes);
	if (rc < 0)
		file_tail_end(t, fd);
	return rc;
}

void file_tail_end(struct file_tail *t, int fd)
{
	t->end_bytes = 0;
	/* Should that fail, the next one has the lock already. */
	set_lock(fd, F_UNLCK);
}

void file_tail_undo(const struct file_tail *t, int fd)
{
	const uint64_t start = t->start_bytes, end = t->end_bytes;
	struct stat st;

	if (fstat(fd, &st) < 0 || (uint64_t)st.st_size <= start ||
	    (uint64_t)st.st_size >= end)
		return;
	/* Whoever writes on through this description finds the end again. */
	if (ftruncate(fd, (off_t)start) == 0)
		lseek(fd, (off_t)start, SEEK_SET);
}
