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

int writer_init(struct writer *w, int fd)
{
	struct stat st;

	*w = (struct writer){ .fd = fd };
	if (fstat(fd, &st) < 0)
		return -errno;
	w->is_file = S_ISREG(st.st_mode);
	return 0;
}

int writer_guard(struct writer *w)
{
	return w->is_file ? tail_guard_start(&w->guard, w->fd) : 0;
}

void writer_release(struct writer *w)
{
	tail_guard_stop(&w->guard);
}

/* ---- a file ------------------------------------------------------------- */

static int put_all(int fd, const uint8_t *bytes, size_t len_bytes)
{
	size_t done = 0;

	while (done < len_bytes) {
		const size_t left = len_bytes - done;
		const ssize_t n = write(fd, bytes + done,
					left < CALL_BYTES ? left : CALL_BYTES);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

/* All or nothing, as long as somebody is there to take it back. */
static int write_file(struct writer *w, const uint8_t *bytes, size_t len_bytes)
{
	struct file_tail *tail = w->guard.pid != 0 ? w->guard.tail : &w->tail;
	int rc = file_tail_begin(tail, w->fd, len_bytes);

	if (rc < 0)
		return rc;
	rc = put_all(w->fd, bytes, len_bytes);
	if (rc < 0)
		file_tail_undo(tail, w->fd);
	file_tail_end(tail, w->fd);
	return rc;
}

/* ---- anything else ------------------------------------------------------ */

static bool would_block(const struct writer *w)
{
	struct pollfd look = { .fd = w->fd, .events = POLLOUT };

	/* An error shows in the write that follows. */
	return poll(&look, 1, 0) == 0;
}

/* Write what goes without waiting, in one call. */
static int write_piece(struct writer *w, const uint8_t *bytes, size_t len_bytes)
{
	ssize_t n;

	if (would_block(w))
		return -EAGAIN;
	n = write(w->fd, bytes,
		  len_bytes < PIECE_BYTES ? len_bytes : PIECE_BYTES);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	w->done_bytes += (size_t)n;
	return 0;
}

static int write_pieces(struct writer *w, const uint8_t *bytes,
			size_t len_bytes)
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

/* ---- both --------------------------------------------------------------- */

int writer_write(struct writer *w, const uint8_t *bytes, size_t len_bytes)
{
	return w->is_file ? write_file(w, bytes, len_bytes)
			  : write_pieces(w, bytes, len_bytes);
}

int writer_wait_fd(const struct writer *w, short *ret_events)
{
	*ret_events = POLLOUT;
	return w->is_file ? -1 : w->fd;
}
