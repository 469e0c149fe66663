#include "generator/sink.h"
#include "generator/writer.h"
#include "ring/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_BYTES = 32 };

struct sink_fd {
	struct gen_sink sink;
	int fd;     /* the caller's */
	int own_fd; /* of the same file; -1: there is none */
	char name[NAME_BYTES];
	struct writer writer;
};

/* ---- the file ----------------------------------------------------------- */

/* A description of its own, for the lock and the offset: who has the descriptor
 * from the same parent shares its description. */
static int open_again(int fd, int flags)
{
	const int kept = O_APPEND | O_DIRECT | O_DSYNC | O_SYNC;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, (flags & kept) | O_WRONLY | O_CLOEXEC);
}

/* Where a file can't be opened again, the caller's descriptor must do. */
static int use_own(struct sink_fd *s)
{
	const int flags = fcntl(s->fd, F_GETFL);

	if (flags < 0)
		return -errno;
	s->own_fd = open_again(s->fd, flags);
	if (s->own_fd < 0)
		return 0;
	s->writer.file.fd = s->own_fd;
	s->writer.file.place_fd = (flags & O_APPEND) != 0 ? -1 : s->fd;
	return 0;
}

/* ---- what it does -------------------------------------------------------- */

static int fd_write(struct gen_sink *sink, const struct gen_batch *batch)
{
	struct sink_fd *s = (struct sink_fd *)sink;
	const int rc = writer_write(&s->writer, batch->bytes, batch->len_bytes);
	char buf[WRITER_TEXT_BYTES];

	if (rc == -EAGAIN)
		return gen_sink_fail(sink, rc, "%s: %s", s->name,
				     writer_waits_for(&s->writer, buf));
	return rc < 0 ? gen_sink_fail(sink, rc, "cannot write to %s: %s",
				      s->name, strerror(-rc))
		      : 0;
}

static int fd_guard(struct gen_sink *sink)
{
	struct sink_fd *s = (struct sink_fd *)sink;
	const int rc = writer_guard(&s->writer);

	return rc < 0 ? gen_sink_fail(sink, rc,
				      "cannot start a process to guard %s: %s",
				      s->name, strerror(-rc))
		      : 0;
}

static int fd_wait_fd(struct gen_sink *sink, short *ret_events)
{
	return writer_wait_fd(&((struct sink_fd *)sink)->writer, ret_events);
}

static int fd_close(struct gen_sink *sink)
{
	(void)sink; /* the descriptor is the caller's */
	return 0;
}

static void fd_free(struct gen_sink *sink)
{
	struct sink_fd *s = (struct sink_fd *)sink;

	writer_release(&s->writer);
	if (s->own_fd >= 0)
		close(s->own_fd);
	free(s);
}

static const struct gen_sink_ops fd_ops = {
	.write = fd_write,
	.guard = fd_guard,
	.close = fd_close,
	.wait_fd = fd_wait_fd,
	.free = fd_free,
};

RING_EXPORT int gen_sink_fd(int fd, struct gen_sink **ret_sink)
{
	struct sink_fd *s = calloc(1, sizeof(*s));
	const struct tail_file file = { .fd = fd,
					.place_fd = -1,
					.is_shared = true };
	int rc;

	if (s == NULL)
		return -ENOMEM;
	s->sink.ops = &fd_ops;
	s->fd = fd;
	s->own_fd = -1;
	if (fd == STDOUT_FILENO)
		snprintf(s->name, sizeof(s->name), "standard output");
	else
		snprintf(s->name, sizeof(s->name), "descriptor '%d'", fd);
	rc = writer_init(&s->writer, file);
	if (rc == 0 && s->writer.is_file)
		rc = use_own(s);
	if (rc < 0) {
		fd_free(&s->sink);
		return rc;
	}
	*ret_sink = &s->sink;
	return 0;
}
