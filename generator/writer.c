#include "generator/writer.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* What a pipe that polls writable takes without blocking. */
	PIECE_BYTES = 4096,
	/* Linux writes no more than that in one call. */
	CALL_BYTES = 0x7ffff000,
};

void writer_init(struct writer *w, int fd)
{
	struct stat st;

	*w = (struct writer){ .fd = fd };
	w->is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool would_block(const struct writer *w)
{
	struct pollfd look = { .fd = w->fd, .events = POLLOUT };

	/* An error shows in the write that follows. */
	return !w->is_file && poll(&look, 1, 0) == 0;
}

/* Write what goes without waiting, in one call. */
static int write_piece(struct writer *w, const uint8_t *bytes, size_t len_bytes)
{
	const size_t most = w->is_file ? CALL_BYTES : PIECE_BYTES;
	ssize_t n;

	if (would_block(w))
		return -EAGAIN;
	n = write(w->fd, bytes, len_bytes < most ? len_bytes : most);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	w->done_bytes += (size_t)n;
	return 0;
}

int writer_write(struct writer *w, const uint8_t *bytes, size_t len_bytes)
{
	while (w->done_bytes < len_bytes) {
		const int rc = write_piece(w, bytes + w->done_bytes,
					   len_bytes - w->done_bytes);

		if (rc < 0)
			return rc;
	}
	w->done_bytes = 0;
	return 0;
}
