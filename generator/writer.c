#include "generator/writer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a pipe that polls writable takes without blocking. */
enum { PIECE_BYTES = 4096 };

int writer_init(struct writer *w, struct tail_file file)
{
	struct stat st;

	*w = (struct writer){ .file = file };
	if (fstat(file.fd, &st) < 0)
		return -errno;
	w->is_file = S_ISREG(st.st_mode);
	return 0;
}

int writer_guard(struct writer *w)
{
	return w->is_file && w->file.is_shared
		       ? tail_guard_start(&w->guard, w->file)
		       : 0;
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
		const ssize_t n = write(fd, bytes + done, len_bytes - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -EIO;
		done += n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

/* All or nothing, as long as somebody is there to take it back. */
static int put_batch(struct writer *w, struct file_tail *tail,
		     const uint8_t *bytes, size_t len_bytes)
{
	int rc = file_tail_begin(tail, w->file, len_bytes);

	if (rc < 0)
		return rc;
	rc = put_all(w->file.fd, bytes, len_bytes);
	if (rc < 0)
		file_tail_undo(tail, w->file);
	else
		file_tail_end(tail, w->file);
	return rc;
}

static int write_file(struct writer *w, const uint8_t *bytes, size_t len_bytes)
{
	int rc;

	if (w->guard.tail == NULL)
		return put_batch(w, &w->tail, bytes, len_bytes);
	rc = tail_guard_keep(&w->guard);
	return rc < 0 ? rc : put_batch(w, w->guard.tail, bytes, len_bytes);
}

/* ---- anything else ------------------------------------------------------ */

static bool would_block(const struct writer *w)
{
	struct pollfd look = { .fd = w->file.fd, .events = POLLOUT };

	/* An error shows in the write that follows. */
	return poll(&look, 1, 0) == 0;
}

/* Write what goes without waiting, in one call. */
static int write_piece(struct writer *w, const uint8_t *bytes, size_t len_bytes)
{
	ssize_t n;

	if (would_block(w))
		return -EAGAIN;
	n = write(w->file.fd, bytes,
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
	return w->is_file ? -1 : w->file.fd;
}

static const char *say_who_locks(const struct writer *w,
				 char buf[WRITER_TEXT_BYTES])
{
	const long pid = file_tail_lock_holder(w->file);

	if (pid == 0)
		return "another process has it locked";
	snprintf(buf, WRITER_TEXT_BYTES, "process %ld has it locked", pid);
	return buf;
}

const char *writer_waits_for(const struct writer *w,
			     char buf[WRITER_TEXT_BYTES])
{
	return w->is_file ? say_who_locks(w, buf) : "its reader takes no more";
}
