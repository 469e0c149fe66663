#include "generator/sink.h"
#include "generator/writer.h"
#include "ring/export.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sink_fd {
	struct gen_sink sink;
	struct writer writer;
};

static int fail_fd(struct sink_fd *s, int rc, const char *what)
{
	if (s->writer.fd == STDOUT_FILENO)
		return gen_sink_fail(&s->sink, rc,
				     "cannot %s standard output: %s", what,
				     strerror(-rc));
	return gen_sink_fail(&s->sink, rc, "cannot %s descriptor '%d': %s",
			     what, s->writer.fd, strerror(-rc));
}

static int fd_write(struct gen_sink *sink, const struct gen_batch *batch)
{
	struct sink_fd *s = (struct sink_fd *)sink;
	const int rc = writer_write(&s->writer, batch->bytes, batch->len_bytes);

	return rc == 0 || rc == -EAGAIN ? rc : fail_fd(s, rc, "write to");
}

static int fd_guard(struct gen_sink *sink)
{
	struct sink_fd *s = (struct sink_fd *)sink;
	const int rc = writer_guard(&s->writer);

	return rc < 0 ? fail_fd(s, rc, "guard the end of") : 0;
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
	writer_release(&((struct sink_fd *)sink)->writer);
	free(sink);
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
	int rc;

	if (s == NULL)
		return -ENOMEM;
	s->sink.ops = &fd_ops;
	rc = writer_init(&s->writer, fd);
	if (rc < 0) {
		free(s);
		return rc;
	}
	*ret_sink = &s->sink;
	return 0;
}
