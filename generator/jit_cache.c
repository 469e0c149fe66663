#include "generator/jit_cache.h"

#include "generator/error.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * An entry is the key, which says exactly what it is for, a NUL, the object,
 * and a hash of all that, since a crash may leave any part of a file. It is
 * written under a name that nobody else has, and renamed.
 */

typedef unsigned __int128 hash_t;

/* FNV-1a. */
static hash_t hash(const void *bytes, size_t len)
{
	const hash_t prime = (hash_t)1 << 88 | 0x13b;
	hash_t ret = (hash_t)0x6c62272e07bb0142 << 64 | 0x62b821756295c58d;

	for (size_t i = 0; i < len; i++)
		ret = (ret ^ ((const uint8_t *)bytes)[i]) * prime;
	return ret;
}

struct name {
	char text[60];
};

static struct name name_of(const char *key)
{
	const hash_t h = hash(key, strlen(key));
	struct name ret;

	snprintf(ret.text, sizeof(ret.text), "%016" PRIx64 "%016" PRIx64,
		 (uint64_t)(h >> 64), (uint64_t)h);
	return ret;
}

/* Why it may be somebody else's work; NULL: it is ours. */
static const char *find_stranger(const struct stat *st)
{
	if (st->st_uid != geteuid())
		return "it belongs to another user";
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return "others may write to it";
	return NULL;
}

/* Also those around it, as XDG_CACHE_HOME wants. What fails shows when it is
 * opened. */
static void make_directories(const char *path)
{
	char *part = strdup(path);
	char *slash =
		part != NULL ? strchr(part + strspn(part, "/"), '/') : NULL;

	for (; slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(part, 0700);
		*slash = '/';
	}
	free(part);
	mkdir(path, 0700);
}

int jit_cache_open(const char *path, struct gen_error *note)
{
	struct stat st;
	const char *why;
	int fd;

	make_directories(path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0)
		why = find_stranger(&st);
	else
		why = strerror(errno);
	if (why == NULL)
		return fd;
	if (fd >= 0)
		close(fd);
	return gen_error_set(note, "the cache '%s' is not used: %s", path, why);
}

/* ---- get ----------------------------------------------------------------- */

/* Shorten an entry to its object. Null: that is what it is. */
static const char *unwrap(struct jit_object *entry, const char *key)
{
	const size_t front = strlen(key) + 1;
	hash_t expected;
	size_t len;

	if (entry->len_bytes < front + sizeof(expected))
		return "it is not complete";
	len = entry->len_bytes - sizeof(expected);
	memcpy(&expected, entry->bytes + len, sizeof(expected));
	if (hash(entry->bytes, len) != expected)
		return "it is damaged";
	if (memcmp(entry->bytes, key, front) != 0)
		return "it is of another program";
	entry->len_bytes = len - front;
	memmove(entry->bytes, entry->bytes + front, entry->len_bytes);
	return NULL;
}

/* Read an entry, if it is one of ours. NULL: it is. */
static const char *read_entry(int fd, const char *key, struct jit_object *ret)
{
	struct stat st;
	const char *why;
	int rc;

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no file";
	why = find_stranger(&st);
	if (why != NULL)
		return why;
	rc = jit_read(fd, ret);
	if (rc < 0)
		return strerror(-rc);
	why = unwrap(ret, key);
	if (why != NULL)
		free(ret->bytes);
	return why;
}

bool jit_cache_get(int cache, const char *key, struct gen_error *note,
		   struct jit_object *ret_object)
{
	const struct name name = name_of(key);
	const int fd = openat(cache, name.text,
			      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	const char *why;

	if (fd < 0 && errno == ENOENT)
		return false;
	why = fd < 0 ? strerror(errno) : read_entry(fd, key, ret_object);
	if (fd >= 0)
		close(fd);
	if (why == NULL)
		return true;
	gen_error_set(note, "'%s' in the cache is not used: %s", name.text,
		      why);
	return false;
}

/* ---- put ----------------------------------------------------------------- */

static int write_entry(int fd, const char *key, const struct jit_object *object)
{
	const size_t front = strlen(key) + 1;
	const size_t len = front + object->len_bytes;
	uint8_t *bytes = malloc(len + sizeof(hash_t));
	hash_t h;
	int rc;

	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, key, front);
	memcpy(bytes + front, object->bytes, object->len_bytes);
	h = hash(bytes, len);
	memcpy(bytes + len, &h, sizeof(h));
	rc = jit_write(fd, bytes, len + sizeof(h));
	free(bytes);
	return rc;
}

/* A name that no other process takes. */
static int temporary_name(const struct name *name, struct name *ret)
{
	uint64_t x;

	if (getrandom(&x, sizeof(x), 0) != sizeof(x))
		return -errno;
	snprintf(ret->text, sizeof(ret->text), "%.32s.%016" PRIx64, name->text,
		 x);
	return 0;
}

static int put(int cache, const struct name *name, const char *key,
	       const struct jit_object *object)
{
	struct name temporary;
	int fd, rc = temporary_name(name, &temporary);

	if (rc < 0)
		return rc;
	fd = openat(cache, temporary.text,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	rc = write_entry(fd, key, object);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc == 0 && renameat(cache, temporary.text, cache, name->text) < 0)
		rc = -errno;
	if (rc < 0)
		unlinkat(cache, temporary.text, 0);
	return rc;
}

void jit_cache_put(int cache, const char *key, const struct jit_object *object,
		   struct gen_error *note)
{
	const struct name name = name_of(key);
	const int rc = put(cache, &name, key, object);

	if (rc < 0)
		gen_error_set(note, "cannot write '%s' to the cache: %s",
			      name.text, strerror(-rc));
}
