#ifndef BENCH_CALL_H
#define BENCH_CALL_H

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

/*
 * What system calls came to, for the bare files: 0, or -errno. Inline, as they
 * are a part of what is measured.
 */

/* Of a read or write that returned `n`; a short one is -EIO. */
static inline int call_result(ssize_t n, size_t len_bytes)
{
	if (n < 0)
		return -errno;
	return (size_t)n == len_bytes ? 0 : -EIO;
}

static inline int call_flush(int fd)
{
	return fdatasync(fd) < 0 ? -errno : 0;
}

#endif
