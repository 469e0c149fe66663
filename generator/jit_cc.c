#include "generator/jit_cc.h"

#include "generator/error.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nothing may be contracted: both engines make the same doubles. */
const char *const jit_cc_flags[] = {
	"-O2",   "-std=gnu11", "-ffp-contract=off", "-w", "-shared",
	"-fPIC", NULL,
};

enum { FLAGS = sizeof(jit_cc_flags) / sizeof(jit_cc_flags[0]) - 1 };

enum { SOURCE, OBJECT, MESSAGES, FILES };

static const char *const names[FILES] = {
	"program.c",
	"program.so",
	"messages",
};

/* A directory for one compilation, and the files in it. */
struct workshop {
	char dir[24];
	char files[FILES][40];
};

static int workshop_open(struct workshop *w)
{
	strcpy(w->dir, "/tmp/blkring-XXXXXX");
	if (mkdtemp(w->dir) == NULL)
		return -errno;
	for (int i = 0; i < FILES; i++)
		snprintf(w->files[i], sizeof(w->files[i]), "%s/%s", w->dir,
			 names[i]);
	return 0;
}

static void workshop_close(struct workshop *w)
{
	for (int i = 0; i < FILES; i++)
		unlink(w->files[i]);
	rmdir(w->dir);
}

static int write_source(const struct workshop *w, const char *text)
{
	const int fd = open(w->files[SOURCE],
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return -errno;
	rc = jit_write(fd, text, strlen(text));
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

static int read_file(const char *path, struct jit_object *ret)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -errno;
	rc = jit_read(fd, ret);
	close(fd);
	return rc;
}

/* ---- run it -------------------------------------------------------------- */

/* It gets no terminal, and signals as a new program expects them, whatever this
 * process does with its own. */
static int start(const struct workshop *w, char *const *argv, pid_t *ret_pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, w->files[MESSAGES],
					 O_WRONLY | O_CREAT | O_EXCL, 0600);
	posix_spawn_file_actions_adddup2(&files, 1, 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawnp(ret_pid, argv[0], &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return -rc;
}

/* 0: it ended well, or nobody can tell, since this process ignores SIGCHLD:
 * then its object, or that there is none, tells. */
static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno == ECHILD ? 0 : -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EINVAL;
}

static int run(const struct workshop *w, const char *compiler, pid_t *ret_pid)
{
	char *argv[1 + FLAGS + 3 + 1];
	size_t n = 0;

	argv[n++] = (char *)compiler;
	for (size_t i = 0; i < FLAGS; i++)
		argv[n++] = (char *)jit_cc_flags[i];
	argv[n++] = (char *)"-o";
	argv[n++] = (char *)w->files[OBJECT];
	argv[n++] = (char *)w->files[SOURCE];
	argv[n] = NULL;
	return start(w, argv, ret_pid);
}

/* ---- its result ---------------------------------------------------------- */

static int failed(const struct workshop *w, const char *compiler,
		  struct gen_error *ret_why)
{
	struct jit_object said = { 0 };
	const char *text = "";

	if (read_file(w->files[MESSAGES], &said) == 0)
		text = (const char *)said.bytes;
	gen_error_set(ret_why, "'%s' failed: %.*s", compiler,
		      (int)strcspn(text, "\n"), text);
	free(said.bytes);
	return -EINVAL;
}

static int compile(const struct workshop *w, const struct jit_source *source,
		   struct gen_error *ret_why, struct jit_object *ret_object)
{
	pid_t pid;
	int rc = write_source(w, source->text);

	if (rc < 0)
		return gen_error_set(ret_why, "cannot write '%s': %s",
				     w->files[SOURCE], strerror(-rc));
	rc = run(w, source->compiler, &pid);
	if (rc < 0)
		return gen_error_set(ret_why, "cannot run '%s': %s",
				     source->compiler, strerror(-rc));
	if (wait_for(pid) < 0)
		return failed(w, source->compiler, ret_why);
	rc = read_file(w->files[OBJECT], ret_object);
	if (rc < 0)
		return gen_error_set(ret_why, "cannot read '%s': %s",
				     w->files[OBJECT], strerror(-rc));
	return 0;
}

int jit_cc(const struct jit_source *source, struct gen_error *ret_why,
	   struct jit_object *ret_object)
{
	struct workshop w;
	int rc = workshop_open(&w);

	if (rc < 0)
		return gen_error_set(ret_why, "cannot make '%s': %s", w.dir,
				     strerror(-rc));
	rc = compile(&w, source, ret_why, ret_object);
	workshop_close(&w);
	return rc;
}
