#include "tests/bench/victim.h"

#include "ring/ring.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SMALL_BYTES = 4096,
	SETTLE_ITEMS = 2, /* large ones, until the checkpoint has moved */
	NEAR_BYTES = 256 * 1024,
};

/* How far the checkpoint may fall behind in a ring of a gigabyte and more:
 * DESIGN.md 4. */
static const uint64_t interval_bytes = 16 << 20;

/* ---- in the process ----------------------------------------------------- */

static int publish(struct ring_producer *p, size_t len_bytes,
		   uint64_t *ret_position)
{
	static const char bytes[VICTIM_ITEM_BYTES] = { 1 };
	const struct ring_entry e = { .data = bytes, .data_bytes = len_bytes };

	return ring_producer_publish(p, &e, 1, NULL, ret_position);
}

/* Until the position is so far behind `from`. */
static int publish_until(struct ring_producer *p, size_t len_bytes,
			 uint64_t until)
{
	uint64_t position = 0;
	int rc = 0;

	while (rc == 0 && position < until)
		rc = publish(p, len_bytes, &position);
	return rc;
}

static int approach(const char *path, struct ring_producer *p)
{
	struct ring_info info;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < SETTLE_ITEMS; i++)
		rc = publish(p, VICTIM_ITEM_BYTES, NULL);
	if (rc == 0)
		rc = ring_info(path, NULL, &info);
	if (rc == 0)
		rc = publish_until(p, VICTIM_ITEM_BYTES,
				   info.checkpoint + interval_bytes -
					   2 * VICTIM_ITEM_BYTES);
	return rc < 0 ? rc
		      : publish_until(p, SMALL_BYTES,
				      info.checkpoint + interval_bytes -
					      NEAR_BYTES);
}

static _Noreturn void work(const char *path, int ready_fd)
{
	struct ring_producer *p;
	int rc = ring_producer_attach(path, NULL, &p, NULL);

	if (rc == 0)
		rc = approach(path, p);
	if (rc < 0)
		_exit(EXIT_FAILURE);
	(void)!write(ready_fd, "", 1);
	for (;;)
		(void)publish(p, SMALL_BYTES, NULL);
}

/* ---- here --------------------------------------------------------------- */

static pid_t start(const char *path, int fds[2])
{
	const pid_t parent = getpid();
	const pid_t pid = fork();

	if (pid != 0)
		return pid < 0 ? -errno : pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	close(fds[0]);
	work(path, fds[1]);
}

int victim_die(const char *path)
{
	int fds[2], status = 0;
	pid_t pid;
	char byte;

	if (pipe(fds) < 0)
		return -errno;
	pid = start(path, fds);
	close(fds[1]);
	if (pid > 0) {
		(void)!read(fds[0], &byte, 1); /* or its end */
		kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(fds[0]);
	if (pid < 0)
		return pid;
	return WIFSIGNALED(status) ? 0 : -ECHILD;
}
