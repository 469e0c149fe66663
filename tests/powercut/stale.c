/*
 * Whether two devices are what two hosts have: one storage, two caches. A
 * write through the first, flushed, must be seen by a direct read of the
 * second and not by a buffered one that has the block in its cache.
 */
#include "tests/powercut/job.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 4096 };

struct sight {
	int fd;
	off_t offset;
	uint8_t *buf;
};

static int open_last_block(const char *path, int flags, struct sight *ret)
{
	off_t size;

	ret->fd = open(path, flags | O_RDWR | O_CLOEXEC);
	if (ret->fd < 0)
		return -1;
	size = lseek(ret->fd, 0, SEEK_END);
	ret->buf = aligned_alloc(BLOCK, BLOCK);
	ret->offset = size - BLOCK;
	return size < BLOCK || ret->buf == NULL ? -1 : 0;
}

static void release(struct sight *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->buf);
}

/* The byte that fills the block; -1 for an error. */
static int look(const struct sight *s)
{
	if (pread(s->fd, s->buf, BLOCK, s->offset) != BLOCK)
		return -1;
	return s->buf[0];
}

static int put(const struct sight *s, int byte)
{
	memset(s->buf, byte, BLOCK);
	if (pwrite(s->fd, s->buf, BLOCK, s->offset) != BLOCK)
		return -1;
	return fdatasync(s->fd);
}

int job_stale(struct job *job)
{
	const char *const first = job->path;
	const char *const second = job->ledger_path;
	struct sight writer = { .fd = -1 };
	struct sight direct = { .fd = -1 };
	struct sight cached = { .fd = -1 };
	int rc = EXIT_WRONG;

	if (open_last_block(first, O_DIRECT, &writer) < 0 ||
	    open_last_block(second, O_DIRECT, &direct) < 0 ||
	    open_last_block(second, 0, &cached) < 0)
		perror("stale");
	else if (put(&writer, 1) < 0 || look(&cached) != 1 ||
		 put(&writer, 2) < 0)
		fprintf(stderr, "the devices do not share a storage\n");
	else if (look(&direct) != 2)
		fprintf(stderr, "a direct read sees an old block\n");
	else if (look(&cached) != 1)
		fprintf(stderr, "a buffered read is not stale: one cache\n");
	else
		rc = EXIT_DONE;
	release(&writer);
	release(&direct);
	release(&cached);
	return rc;
}
