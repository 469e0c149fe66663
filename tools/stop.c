#include "tools/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* What a shell has made us ignore, as it does in the background, stays so. */
static void add_unless_ignored(sigset_t *set, int number)
{
	struct sigaction action;

	if (sigaction(number, NULL, &action) == 0 &&
	    action.sa_handler != SIG_IGN)
		sigaddset(set, number);
}

int stop_open(void)
{
	sigset_t set;
	int fd;

	/* A closed pipe and a limit of file sizes shall be errors of write(),
	 * not the end. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&set);
	add_unless_ignored(&set, SIGINT);
	add_unless_ignored(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

bool stop_requested(int stop_fd)
{
	struct pollfd look = { .fd = stop_fd, .events = POLLIN };

	/* Never read: so it stays pending, and this true. */
	return poll(&look, 1, 0) == 1;
}

void stop_forget(int stop_fd)
{
	struct signalfd_siginfo one;

	if (stop_requested(stop_fd))
		(void)!read(stop_fd, &one, sizeof(one));
}
