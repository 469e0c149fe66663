/*
 * A file that has a name when it is complete, and not before: what is written
 * is flushed before it is renamed, and the directory after. A file that is
 * appended to has its name all the time; what could not be written as a whole
 * is cut off again.
 */
#include "generator/error.h"
#include "generator/output_name.h"
#include "generator/sink.h"
#include "generator/writer.h"
#include "ring/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct sink_file {
	struct gen_sink sink;
	char *path;
	struct output_name name;
	char now[OUTPUT_NAME_BYTES]; /* the open file's name */
	struct writer writer;        /* its fd is -1 between two files */
	bool has_name;               /* it is appended to */
	bool was_cut;
};

static int fail_path(struct sink_file *s, int rc, const char *what)
{
	return gen_sink_fail(&s->sink, rc, "cannot %s '%s': %s", what, s->path,
			     strerror(-rc));
}

/* ---- opening ------------------------------------------------------------ */

/* The file to append to; -ENOENT: there is none. A FIFO without a reader is
 * an error, not something to wait for. */
static int open_existing(struct sink_file *s)
{
	int fd = openat(s->name.dir_fd, s->name.base,
			O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	memcpy(s->now, s->name.base, strlen(s->name.base) + 1);
	s->has_name = true;
	return fd;
}

static int open_new(struct sink_file *s)
{
	s->has_name = false;
	return output_name_make(&s->name, s->now);
}

static int keep(struct sink_file *s, int fd)
{
	const struct tail_file file = { .fd = fd,
					.place_fd = -1,
					.is_shared = s->has_name };
	const int rc = fd < 0 ? fd : writer_init(&s->writer, file);

	return rc < 0 ? fail_path(s, rc, "open") : 0;
}

/* A name that is taken, though by a link to nothing: the complete file could
 * not have it. */
static bool is_taken(const struct sink_file *s)
{
	struct stat st;

	return fstatat(s->name.dir_fd, s->name.base, &st,
		       AT_SYMLINK_NOFOLLOW) == 0;
}

static int open_first(struct sink_file *s)
{
	int fd = output_name_open(&s->name, s->path);

	if (fd == 0)
		fd = open_existing(s);
	if (fd == -ENOENT && s->name.dir_fd >= 0 && !is_taken(s))
		fd = open_new(s);
	return keep(s, fd);
}

/* ---- writing ------------------------------------------------------------ */

static int file_write(struct gen_sink *sink, const struct gen_batch *batch)
{
	struct sink_file *s = (struct sink_file *)sink;
	int rc = s->writer.file.fd < 0 ? keep(s, open_new(s)) : 0;
	char buf[WRITER_TEXT_BYTES];

	if (rc < 0)
		return rc;
	rc = writer_write(&s->writer, batch->bytes, batch->len_bytes);
	if (rc == -EAGAIN)
		return gen_sink_fail(sink, rc, "'%s': %s", s->path,
				     writer_waits_for(&s->writer, buf));
	return rc < 0 ? fail_path(s, rc, "write to") : 0;
}

static int file_guard(struct gen_sink *sink)
{
	struct sink_file *s = (struct sink_file *)sink;
	const int rc = writer_guard(&s->writer);

	return rc < 0 ? fail_path(s, rc, "start a process to guard") : 0;
}

static int file_wait_fd(struct gen_sink *sink, short *ret_events)
{
	return writer_wait_fd(&((struct sink_file *)sink)->writer, ret_events);
}

/* ---- ends --------------------------------------------------------------- */

/* What the open file is called from now on. */
static int give_name(struct sink_file *s)
{
	if (!s->was_cut && s->has_name)
		return 0;
	return output_name_give(&s->name, s->now, s->was_cut);
}

/* The open file is complete. */
static int end_file(struct sink_file *s)
{
	int rc;

	/* What is no file has no names, and nothing to flush. */
	if (s->writer.file.fd < 0 || !s->writer.is_file)
		return 0;
	if (fsync(s->writer.file.fd) < 0)
		return fail_path(s, -errno, "flush");
	rc = give_name(s);
	if (rc < 0)
		return fail_path(s, rc, "rename to");
	writer_release(&s->writer);
	close(s->writer.file.fd);
	s->writer.file.fd = -1;
	return 0;
}

static int file_cut(struct gen_sink *sink)
{
	struct sink_file *s = (struct sink_file *)sink;

	s->was_cut = true;
	return end_file(s);
}

static int file_close(struct gen_sink *sink)
{
	return end_file((struct sink_file *)sink);
}

static void file_free(struct gen_sink *sink)
{
	struct sink_file *s = (struct sink_file *)sink;

	writer_release(&s->writer);
	if (s->writer.file.fd >= 0)
		close(s->writer.file.fd);
	output_name_close(&s->name);
	free(s->path);
	free(s);
}

static const struct gen_sink_ops file_ops = {
	.write = file_write,
	.guard = file_guard,
	.cut = file_cut,
	.close = file_close,
	.wait_fd = file_wait_fd,
	.free = file_free,
};

RING_EXPORT int gen_sink_file(const char *path, struct gen_error *ret_error,
			      struct gen_sink **ret_sink)
{
	struct sink_file *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return gen_error_no_memory(ret_error);
	s->sink.ops = &file_ops;
	s->writer.file.fd = -1;
	s->name.dir_fd = -1;
	s->path = strdup(path);
	if (s->path == NULL) {
		free(s);
		return gen_error_no_memory(ret_error);
	}
	rc = open_first(s);
	if (rc < 0) {
		if (ret_error != NULL)
			*ret_error = s->sink.error;
		file_free(&s->sink);
		return rc;
	}
	*ret_sink = &s->sink;
	return 0;
}
