#include "generator/output_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_MODE = 0640,
	TRIES = 10000, /* names that others may have taken */
};

/* ---- the directory ------------------------------------------------------ */

static int open_dir(const char *path, size_t len)
{
	char *dir = len == 0 ? strdup(".") : strndup(path, len);
	int fd;

	if (dir == NULL)
		return -ENOMEM;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	free(dir);
	return fd;
}

int output_name_open(struct output_name *n, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;

	*n = (struct output_name){ .dir_fd = -1 };
	if (base[0] == '\0')
		return -EISDIR;
	if (strlen(base) >= sizeof(n->base))
		return -ENAMETOOLONG;
	memcpy(n->base, base, strlen(base) + 1);
	n->dir_fd = open_dir(path, (size_t)(base - path));
	return n->dir_fd < 0 ? n->dir_fd : 0;
}

void output_name_close(struct output_name *n)
{
	if (n->dir_fd >= 0)
		close(n->dir_fd);
	n->dir_fd = -1;
}

/* ---- while it is written ------------------------------------------------ */

int output_name_make(const struct output_name *n,
		     char ret_name[OUTPUT_NAME_BYTES])
{
	for (unsigned i = 1; i <= TRIES; i++) {
		int fd;

		if (i == 1)
			snprintf(ret_name, OUTPUT_NAME_BYTES, "%s.tmp",
				 n->base);
		else
			snprintf(ret_name, OUTPUT_NAME_BYTES, "%s.tmp.%u",
				 n->base, i);
		fd = openat(n->dir_fd, ret_name,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/* ---- the name at the end ------------------------------------------------ */

/* The number behind that of a rotated file; 0: it is none. */
static uint64_t number_behind(const struct output_name *n, const char *name)
{
	const size_t len = strlen(n->base);
	const char *digits = name + len + 1;
	uint64_t number;

	if (strncmp(name, n->base, len) != 0 || name[len] != '.' ||
	    digits[0] == '\0' || strspn(digits, "0123456789") != strlen(digits))
		return 0;
	errno = 0;
	number = strtoull(digits, NULL, 10);
	return errno != 0 || number == UINT64_MAX ? 0 : number + 1;
}

static int find_next(struct output_name *n)
{
	const int fd = openat(n->dir_fd, ".", O_RDONLY | O_CLOEXEC);
	const struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (dir == NULL) {
		close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(dir)) != NULL) {
		const uint64_t number = number_behind(n, entry->d_name);

		if (number > n->next)
			n->next = number;
	}
	closedir(dir);
	n->knows_next = true;
	return 0;
}

/* Where a file system can't rename without replacing, a link does it. */
static int rename_to_new(int dir_fd, const char *from, const char *to)
{
	if (renameat2(dir_fd, from, dir_fd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (linkat(dir_fd, from, dir_fd, to, 0) < 0 ||
	    unlinkat(dir_fd, from, 0) < 0)
		return -errno;
	return 0;
}

static int give_number(struct output_name *n, const char *from)
{
	char to[OUTPUT_NAME_BYTES];
	int rc = n->knows_next ? 0 : find_next(n);

	if (rc < 0)
		return rc;
	rc = -EEXIST;
	for (unsigned i = 0; rc == -EEXIST && i < TRIES; i++) {
		snprintf(to, sizeof(to), "%s.%llu", n->base,
			 (unsigned long long)n->next++);
		rc = rename_to_new(n->dir_fd, from, to);
	}
	return rc;
}

int output_name_give(struct output_name *n, const char *from, bool is_rotated)
{
	const int rc = is_rotated ? give_number(n, from)
				  : rename_to_new(n->dir_fd, from, n->base);

	if (rc < 0)
		return rc;
	return fsync(n->dir_fd) < 0 ? -errno : 0;
}
