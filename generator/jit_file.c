#include "generator/jit_file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTES_MAX = 64 << 20 };

int jit_write(int fd, const void *bytes, size_t len_bytes)
{
	for (size_t at = 0; at < len_bytes;) {
		const ssize_t n =
			write(fd, (const uint8_t *)bytes + at, len_bytes - at);

		if (n < 0 && errno != EINTR)
			return -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* As much as there is, up to `len`; how much that is. */
static ssize_t read_all(int fd, uint8_t *bytes, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const ssize_t n = pread(fd, bytes + at, len - at, (off_t)at);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		at += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)at;
}

int jit_read(int fd, struct jit_object *ret)
{
	struct stat st;
	uint8_t *bytes;
	ssize_t len;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > BYTES_MAX)
		return -EFBIG;
	bytes = malloc((size_t)st.st_size + 1);
	if (bytes == NULL)
		return -ENOMEM;
	len = read_all(fd, bytes, (size_t)st.st_size);
	if (len < 0) {
		free(bytes);
		return (int)len;
	}
	bytes[len] = '\0';
	*ret = (struct jit_object){ bytes, (size_t)len };
	return 0;
}
