/*
 * The guard is a copy of this process that is nobody's child to wait(2) for, in
 * a session of its own so that what is sent to a terminal or a group passes it
 * by. Only calls that are safe in a signal handler are made there: another
 * thread may have held any lock when the copy was made.
 */
#include "generator/tail_guard.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the copy is given. */
struct watch {
	struct file_tail *tail;
	struct tail_file file;
	int host_fd;  /* a pidfd of the process that it watches */
	int ready_fd; /* is told when it does, with 0, or why it can't */
};

/* ---- in the guard ------------------------------------------------------- */

/* The lowest of the descriptors that it needs, from `from` on; INT_MAX: there
 * is none. */
static int lowest_from(const struct watch *w, int from)
{
	const int fds[] = { w->file.fd, w->file.place_fd, w->host_fd,
			    w->ready_fd };
	int lowest = INT_MAX;

	for (int i = 0; i < 4; i++)
		if (fds[i] >= from && fds[i] < lowest)
			lowest = fds[i];
	return lowest;
}

/* What else the other process had open, others may wait to see closed. */
static int close_the_rest(const struct watch *w)
{
	int from = 0, kept = lowest_from(w, 0), rc = 0;

	while (kept != INT_MAX && rc == 0) {
		if (kept > from)
			rc = close_range((unsigned)from, (unsigned)kept - 1, 0);
		from = kept + 1;
		kept = lowest_from(w, from);
	}
	if (rc == 0)
		rc = close_range((unsigned)from, UINT_MAX, 0);
	return rc < 0 ? -errno : 0;
}

/* Until all its threads are gone: no write is under way then. */
static void wait_for_the_end(int host_fd)
{
	struct pollfd host = { .fd = host_fd, .events = POLLIN };
	int n;

	do
		n = poll(&host, 1, -1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(1); /* it will be missed, and replaced */
}

/* Signals are blocked here. */
_Noreturn static void guard(const struct watch *w)
{
	int rc;

	setsid();
	prctl(PR_SET_NAME, "tail-guard", 0, 0, 0);
	rc = close_the_rest(w);
	if (write(w->ready_fd, &rc, sizeof(rc)) != sizeof(rc) || rc < 0)
		_exit(1);
	close(w->ready_fd);
	wait_for_the_end(w->host_fd);
	file_tail_undo(w->tail, w->file);
	_exit(0);
}

/* ---- starting it -------------------------------------------------------- */

/* As fork(), but only who asks for it hears of its end, and no handler of this
 * process runs there. 0: this is the copy. */
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
	if (pid < 0) /* -EAGAIN would mean that it is worth waiting */
		pid = errno == EAGAIN ? -EUSERS : -errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return (pid_t)pid;
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

/* Before it is ready, a signal to this process' group would hit it. */
static int wait_until_ready(pid_t pid, int fd)
{
	int rc = -ECHILD;
	ssize_t n;

	do
		n = read(fd, &rc, sizeof(rc));
	while (n < 0 && errno == EINTR);
	if (rc < 0)
		reap(pid);
	return rc;
}

/* The pid of a guard that is ready; -errno. */
static pid_t start_copy(struct watch *w)
{
	int ends[2], rc;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	w->ready_fd = ends[1];
	pid = copy_process();
	if (pid == 0)
		guard(w);
	close(ends[1]);
	rc = pid < 0 ? pid : wait_until_ready(pid, ends[0]);
	close(ends[0]);
	return rc < 0 ? rc : pid;
}

static int start(struct tail_guard *g)
{
	struct watch w = { .tail = g->tail, .file = g->file };
	pid_t pid;

	w.host_fd = pidfd_open(getpid(), 0);
	if (w.host_fd < 0)
		return -errno;
	pid = start_copy(&w);
	close(w.host_fd);
	if (pid < 0)
		return pid;
	g->pid_fd = pidfd_open(pid, 0);
	if (g->pid_fd < 0) {
		const int rc = -errno;

		kill(pid, SIGKILL);
		reap(pid);
		return rc;
	}
	g->pid = pid;
	return 0;
}

int tail_guard_start(struct tail_guard *g, struct tail_file file)
{
	void *map;
	int rc;

	assert(g->tail == NULL);
	map = mmap(NULL, sizeof(*g->tail), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED) /* -EAGAIN: too much memory is locked */
		return errno == EAGAIN ? -ENOMEM : -errno;
	*g = (struct tail_guard){ .file = file, .tail = map };
	rc = start(g);
	if (rc < 0) {
		munmap(map, sizeof(*g->tail));
		*g = (struct tail_guard){ .pid = 0 };
	}
	return rc;
}

/* ---- while it is there --------------------------------------------------- */

static bool is_there(const struct tail_guard *g)
{
	struct pollfd end = { .fd = g->pid_fd, .events = POLLIN };

	/* A signal may interrupt it, and tells nothing. */
	return g->pid != 0 && poll(&end, 1, 0) <= 0;
}

/* It has ended, or is about to, if there was one. */
static void forget(struct tail_guard *g)
{
	if (g->pid == 0)
		return;
	reap(g->pid);
	close(g->pid_fd);
	g->pid = 0;
}

int tail_guard_keep(struct tail_guard *g)
{
	if (is_there(g))
		return 0;
	forget(g);
	return start(g);
}

void tail_guard_stop(struct tail_guard *g)
{
	if (g->tail == NULL)
		return;
	if (g->pid != 0)
		pidfd_send_signal(g->pid_fd, SIGKILL, NULL, 0);
	forget(g);
	munmap(g->tail, sizeof(*g->tail));
	*g = (struct tail_guard){ .pid = 0 };
}
