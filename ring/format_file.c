/* Making the file that a new ring lives in. */
#include "ring/export.h"
#include "ring/format.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ZERO_CHUNK = 1 << 20 };

static int file_fault(const struct ring_options *options, int rc,
		      const char *path, const char *what)
{
	struct ring_fault *f = options != NULL ? options->fault : NULL;

	if (f != NULL) {
		*f = (struct ring_fault){ .code = rc };
		snprintf(f->text, sizeof(f->text), "%s '%s': %s", what, path,
			 ring_strerror(rc));
	}
	return rc;
}

static int write_zeros(int fd, uint64_t size)
{
	uint8_t *zeros = calloc(1, ZERO_CHUNK);
	uint64_t done = 0;
	int rc = zeros == NULL ? -ENOMEM : 0;

	while (rc == 0 && done < size) {
		const uint64_t left = size - done;
		const ssize_t n =
			pwrite(fd, zeros, left < ZERO_CHUNK ? left : ZERO_CHUNK,
			       (off_t)done);

		if (n < 0 && errno != EINTR)
			rc = -errno;
		if (n > 0)
			done += (uint64_t)n;
	}
	free(zeros);
	return rc;
}

static int grow(int fd, const struct ring_create_options *create)
{
	if (create->sparse)
		return ftruncate(fd, (off_t)create->size_bytes) < 0 ? -errno
								    : 0;
	/* Reserve first: ENOSPC before gigabytes were written. Not every
	 * filesystem can; writing reserves as well. */
	if (fallocate(fd, 0, 0, (off_t)create->size_bytes) < 0 &&
	    errno != EOPNOTSUPP)
		return -errno;
	return write_zeros(fd, create->size_bytes);
}

/* Somebody may have made a ring in it, and left, before we had the lock. */
static int check_empty(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return st.st_size > 0 ? -RING_ERR_OCCUPIED : 0;
}

static int grow_locked(const char *path, int fd,
		       const struct ring_create_options *create)
{
	const struct ring_io_options how = { .engine = RING_IO_POSIX,
					     .mode = RING_IO_BUFFERED };
	struct ring_io *io;
	int rc = ring_io_open(path, &how, &io);

	if (rc < 0)
		return rc;
	rc = io->ops->lock(io, ROLE_PRODUCER);
	if (rc == -EAGAIN)
		rc = -RING_ERR_OWNED;
	if (rc == 0)
		rc = check_empty(fd);
	if (rc == 0)
		rc = grow(fd, create);
	ring_io_close(io);
	return rc;
}

int format_prepare_file(const char *path,
			const struct ring_create_options *create,
			const struct ring_options *options,
			struct format_file *ret_file)
{
	struct stat st;
	const bool exists = stat(path, &st) == 0;
	int fd, rc;

	if (!exists && errno != ENOENT)
		return file_fault(options, -errno, path, "cannot open");
	if (exists && (!S_ISREG(st.st_mode) || st.st_size > 0))
		return 0;
	if (create->size_bytes == 0)
		return file_fault(options, exists ? -EINVAL : -ENOENT, path,
				  "no size given for a new ring in");
	fd = open(path, O_RDWR | O_CLOEXEC | (exists ? 0 : O_CREAT | O_EXCL),
		  0666);
	if (fd < 0)
		return file_fault(options, -errno, path, "cannot create");
	*ret_file = (struct format_file){ .fd = fd, .is_new = !exists };
	rc = grow_locked(path, fd, create);
	if (rc < 0) {
		file_fault(options, rc, path, "cannot allocate");
		return format_finish_file(path, ret_file, options, rc);
	}
	return 0;
}

static int sync_directory(const char *path)
{
	char copy[PATH_MAX];
	int fd, rc;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

static int sync_file(const char *path, const struct format_file *file)
{
	if (fsync(file->fd) < 0)
		return -errno;
	return file->is_new ? sync_directory(path) : 0;
}

/* Somebody else found the file and made a ring in it meanwhile. */
static bool is_theirs(int rc)
{
	return rc == -RING_ERR_OWNED || rc == -RING_ERR_OCCUPIED;
}

static void undo(const char *path, const struct format_file *file)
{
	if (file->is_new)
		unlink(path);
	else
		(void)!ftruncate(file->fd, 0);
}

int format_finish_file(const char *path, struct format_file *file,
		       const struct ring_options *options, int rc)
{
	if (file->fd < 0)
		return rc;
	if (rc == 0) {
		rc = sync_file(path, file);
		if (rc < 0)
			file_fault(options, rc, path, "cannot flush");
	}
	if (rc < 0 && !is_theirs(rc))
		undo(path, file);
	close(file->fd);
	file->fd = -1;
	return rc;
}
