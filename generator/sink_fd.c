#include "generator/sink.h"
#include "generator/writer.h"
#include "ring/export.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sink_fd {
	struct gen_sink sink;
	struct writer writer;
};

static int fd_write(struct gen_sink *sink, const struct gen_batch *batch)
{
	struct sink_fd *s = (struct sink_fd *)sink;
	const int rc = writer_write(&s->writer, batch->bytes, batch->len_bytes);

	if (rc == 0 || rc == -EAGAIN)
		return rc;
	if (s->writer.fd == STDOUT_FILENO)
		return gen_sink_fail(sink, rc,
				     "cannot write to standard output: %s",
				     strerror(-rc));
	return gen_sink_fail(sink, rc, "cannot write to descriptor '%d': %s",
			     s->writer.fd, strerror(-rc));
}

static int fd_wait_fd(struct gen_sink *sink, short *ret_events)
{
	*ret_events = POLLOUT;
	return ((struct sink_fd *)sink)->writer.fd;
}

static int fd_close(struct gen_sink *sink)
{
	(void)sink; /* the descriptor is the caller's */
	return 0;
}

static void fd_free(struct gen_sink *sink)
{
	free(sink);
}

static const struct gen_sink_ops fd_ops = {
	.write = fd_write,
	.close = fd_close,
	.wait_fd = fd_wait_fd,
	.free = fd_free,
};

RING_EXPORT int gen_sink_fd(int fd, struct gen_sink **ret_sink)
{
	struct sink_fd *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	s->sink.ops = &fd_ops;
	writer_init(&s->writer, fd);
	*ret_sink = &s->sink;
	return 0;
}
