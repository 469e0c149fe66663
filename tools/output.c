#include "tools/output.h"

#include "tools/stop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FIRST_BYTES = 64 * 1024,
	/* What a pipe that polls writable takes without blocking. */
	PIECE_BYTES = 4096,
	/* How long a reader may take once we shall stop. */
	GRACE_MS = 1000,
};

void output_init(struct output *o, int fd)
{
	struct stat st;

	*o = (struct output){ .fd = fd };
	o->is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

void output_release(struct output *o)
{
	free(o->buf);
	o->buf = NULL;
}

static int reserve(struct output *o, size_t len_bytes)
{
	size_t size = o->size == 0 ? FIRST_BYTES : o->size;
	uint8_t *buf;

	if (o->size - o->fill >= len_bytes)
		return 0;
	if (len_bytes > SIZE_MAX / 4 - o->fill)
		return -ENOMEM;
	while (size - o->fill < len_bytes)
		size *= 2;
	buf = realloc(o->buf, size);
	if (buf == NULL)
		return -ENOMEM;
	o->buf = buf;
	o->size = size;
	return 0;
}

int output_append(struct output *o, const void *data, size_t len_bytes)
{
	int rc = reserve(o, len_bytes);

	if (rc < 0 || len_bytes == 0)
		return rc;
	memcpy(o->buf + o->fill, data, len_bytes);
	o->fill += len_bytes;
	return 0;
}

/* Wait until a piece can be written without blocking. 0, or an error. */
static int wait_writable(const struct output *o, int stop_fd)
{
	struct pollfd look[] = {
		{ .fd = o->fd, .events = POLLOUT },
		{ .fd = stop_fd, .events = POLLIN },
	};
	int n = poll(look, 2, -1);

	if (n > 0 && look[0].revents == 0)
		n = poll(look, 1, GRACE_MS);
	if (n == 0)
		return -ECANCELED;
	return n < 0 && errno != EINTR ? -errno : 0;
}

/* Write a piece; *ret is what was written, perhaps 0. */
static int write_piece(const struct output *o, size_t at, size_t *ret)
{
	size_t len_bytes = o->fill - at;
	ssize_t n;

	if (!o->is_file && len_bytes > PIECE_BYTES)
		len_bytes = PIECE_BYTES;
	n = write(o->fd, o->buf + at, len_bytes);
	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return -errno;
	*ret = n < 0 ? 0 : (size_t)n;
	return 0;
}

int output_flush(struct output *o, int stop_fd)
{
	size_t at = 0, written = 0;
	int rc = 0;

	while (rc == 0 && at < o->fill) {
		if (!o->is_file)
			rc = wait_writable(o, stop_fd);
		if (rc == 0)
			rc = write_piece(o, at, &written);
		if (rc == 0)
			at += written;
	}
	o->fill = 0;
	return rc;
}
