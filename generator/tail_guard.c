/*
 * The guard is a copy of this process that is nobody's child to wait(2) for, in
 * a session of its own so that what is sent to a terminal or a group passes it
 * by. Only calls that are safe in a signal handler are made there: another
 * thread may have held any lock when the copy was made.
 */
#include "generator/tail_guard.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- in the guard ------------------------------------------------------- */

/* What else this process has open, others may wait to see closed. */
static void keep_only(int a, int b)
{
	const unsigned low = (unsigned)(a < b ? a : b);
	const unsigned high = (unsigned)(a < b ? b : a);

	if (low > 0)
		close_range(0, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, UINT_MAX, 0);
}

/* Signals are blocked here. It goes when it is told to, with nothing under way,
 * or when the other process is gone. */
_Noreturn static void guard(const struct file_tail *tail, int fd,
			    const int ends[2])
{
	char word;

	close(ends[1]);
	keep_only(fd, ends[0]);
	setsid();
	prctl(PR_SET_NAME, "tail-guard", 0, 0, 0);
	(void)!send(ends[0], "", 1, MSG_NOSIGNAL);
	(void)!read(ends[0], &word, sizeof(word));
	file_tail_undo(tail, fd);
	_exit(0);
}

/* ---- starting and ending it --------------------------------------------- */

/* As fork(), but that the caller hears of its end only who asks for it, and no
 * handler of this process runs there. 0: this is the copy. */
static pid_t copy_process(void)
{
	sigset_t all, before;
	long pid;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	/* Without a signal to send at its end. */
	pid = syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
	if (pid == 0)
		return 0;
	if (pid < 0)
		pid = -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return (pid_t)pid;
}

static struct file_tail *map_tail(void)
{
	void *map = mmap(NULL, sizeof(struct file_tail), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? NULL : map;
}

static void unmap_tail(struct file_tail *tail)
{
	munmap(tail, sizeof(*tail));
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

/* Until it is ready, it would go with this process' group. */
static int wait_until_ready(pid_t pid, int word_fd)
{
	char word;
	ssize_t n;

	do
		n = read(word_fd, &word, sizeof(word));
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return 0;
	reap(pid);
	return -ECHILD;
}

/* A copy with that tail. Its pid, -errno. */
static pid_t start_copy(struct file_tail *tail, int fd, int ends[2])
{
	const pid_t pid = copy_process();
	int rc;

	if (pid == 0)
		guard(tail, fd, ends);
	close(ends[0]);
	rc = pid < 0 ? pid : wait_until_ready(pid, ends[1]);
	if (rc < 0)
		close(ends[1]);
	return rc < 0 ? rc : pid;
}

static int start_with(struct tail_guard *g, int fd, struct file_tail *tail)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	pid = start_copy(tail, fd, ends);
	if (pid < 0)
		return pid;
	*g = (struct tail_guard){ .pid = pid,
				  .word_fd = ends[1],
				  .tail = tail };
	return 0;
}

int tail_guard_start(struct tail_guard *g, int fd)
{
	struct file_tail *tail = map_tail();
	int rc;

	if (tail == NULL)
		return -errno;
	rc = start_with(g, fd, tail);
	if (rc < 0)
		unmap_tail(tail);
	return rc;
}

void tail_guard_stop(struct tail_guard *g)
{
	if (g->pid == 0)
		return;
	/* A word, as a copy of this process may keep the descriptor open. */
	(void)!send(g->word_fd, "", 1, MSG_NOSIGNAL);
	reap(g->pid);
	close(g->word_fd);
	unmap_tail(g->tail);
	*g = (struct tail_guard){ .pid = 0 };
}
