#include "tools/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { SIGNALLED = 128, NO_STOP = -1 };

/* Signals that we hold back or ignore are the command's own affair. */
static void set_signals(posix_spawnattr_t *attr)
{
	sigset_t none, usual;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	sigaddset(&usual, SIGXFSZ);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &usual);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK |
					       POSIX_SPAWN_SETSIGDEF);
}

/* With `in` as its standard input. 0, or -errno. */
static int spawn(char *const argv[], int in, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawnattr_init(&attr);
	set_signals(&attr);
	rc = posix_spawnp(ret_pid, argv[0], &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return -rc;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : SIGNALLED + WTERMSIG(status);
}

/* It need not read; but it must not take a part for the whole. */
static void feed(struct output *input, pid_t pid)
{
	const int rc = output_flush(input, NO_STOP);

	if (rc < 0 && rc != -EPIPE)
		kill(pid, SIGKILL);
}

int runner_run(char *const argv[], struct output *input)
{
	int ends[2], rc;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	rc = spawn(argv, ends[0], &pid);
	close(ends[0]);
	input->fd = ends[1];
	if (rc == 0)
		feed(input, pid);
	input->fill = 0;
	close(ends[1]);
	return rc < 0 ? rc : wait_for(pid);
}
