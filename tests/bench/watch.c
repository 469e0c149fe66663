#include "tests/bench/watch.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { EVENT_BYTES = 4096 };

int watch_open(const char *path)
{
	const int fd = inotify_init1(IN_CLOEXEC);
	int rc;

	if (fd < 0)
		return -errno;
	rc = inotify_add_watch(fd, path, IN_MODIFY) < 0 ? -errno : fd;
	if (rc < 0)
		close(fd);
	return rc;
}

int watch_sleep(int watch_fd, int timeout_ms)
{
	struct pollfd look = { .fd = watch_fd, .events = POLLIN };
	char events[EVENT_BYTES];
	int count = 1; /* a read alone waits for ever */

	if (timeout_ms >= 0)
		count = poll(&look, 1, timeout_ms);
	if (count == 0)
		return 0;
	if (count < 0 || read(watch_fd, events, sizeof(events)) < 0)
		return -errno;
	return 0;
}
