/*
 * Goal: at the end of a file there are whole batches only, whatever the process
 * that puts them there dies of, and nothing of anybody else's is taken away.
 * The guard is in nobody's way: no child to wait for, nothing held open, gone
 * with its sink.
 * Method: a process stops at each point of a batch and dies there; what the
 * file is once nobody has it locked. Sinks of each kind: which have a guard.
 */
#include "generator/tail_guard.h"
#include "tests/lib/gen_scene.h"
#include "tests/lib/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum {
	PATH_BYTES = 128,
	OLD_BYTES = 10,
	BATCH_BYTES = 100,
	PATIENCE_MS = 10000, /* for what happens at once */
};

/* ---- a file ------------------------------------------------------------- */

struct place {
	char dir[64];
	char file[PATH_BYTES];
};

static int open_end(const struct place *p)
{
	const int fd = open(p->file, O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static struct tail_file own(int fd)
{
	return (struct tail_file){ .fd = fd,
				   .place_fd = -1,
				   .is_shared = true };
}

static void put(int fd, size_t len)
{
	char bytes[2 * BATCH_BYTES];

	memset(bytes, 'x', sizeof(bytes));
	assert_true(len <= sizeof(bytes));
	assert_int_equal(write(fd, bytes, len), len);
}

static void place_make(struct place *p)
{
	int fd;

	snprintf(p->dir, sizeof(p->dir), "/tmp/tail_guard.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->file, sizeof(p->file), "%s/a", p->dir);
	fd = open(p->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	put(fd, OLD_BYTES);
	close(fd);
}

static void place_remove(const struct place *p)
{
	unlink(p->file);
	assert_int_equal(rmdir(p->dir), 0);
}

static off_t size_of(const struct place *p)
{
	struct stat st;

	assert_int_equal(stat(p->file, &st), 0);
	return st.st_size;
}

static void pause_ms(void)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	nanosleep(&ms, NULL);
}

/* Once nobody has it locked. */
static off_t settled_size(const struct place *p)
{
	const int fd = open_end(p);
	struct file_tail tail = { 0 };
	int left_ms = PATIENCE_MS;
	off_t size;

	while (file_tail_begin(&tail, own(fd), 0) == -EAGAIN && left_ms-- > 0)
		pause_ms();
	assert_true(left_ms > 0);
	size = size_of(p);
	file_tail_end(&tail, own(fd));
	close(fd);
	return size;
}

/* ---- a process that dies ------------------------------------------------ */

enum death {
	BY_KILL,
	BY_GROUP_KILL,
	BY_SIGNAL,
	BY_EXIT,
	KILLED_BUT_A_COPY,
	KILLED_AFTER_ITS_GUARD, /* which was replaced */
};

struct death_case {
	const char *name;
	enum death death;
	bool is_ended;       /* the batch is forgotten by then */
	size_t batch_bytes;  /* of BATCH_BYTES, are there by then */
	size_t others_bytes; /* that somebody put behind them */
	off_t left_bytes;    /* of all that */
};

static const struct death_case death_cases[] = {
	{ "nothing of it", BY_KILL, false, 0, 0, 0 },
	{ "one byte", BY_KILL, false, 1, 0, 0 },
	{ "all but one", BY_KILL, false, BATCH_BYTES - 1, 0, 0 },
	{ "all of it", BY_KILL, false, BATCH_BYTES, 0, BATCH_BYTES },
	{ "it is over", BY_KILL, true, BATCH_BYTES, 0, BATCH_BYTES },
	{ "it is over, and others went on", BY_KILL, true, BATCH_BYTES, 7,
	  BATCH_BYTES + 7 },
	/* They do not lock. */
	{ "others behind a part", BY_KILL, false, 40, 7, 47 },
	{ "others behind the whole", BY_KILL, false, BATCH_BYTES, 7,
	  BATCH_BYTES + 7 },
	{ "its group is killed", BY_GROUP_KILL, false, 40, 0, 0 },
	{ "a signal", BY_SIGNAL, false, 40, 0, 0 },
	{ "it leaves without a word", BY_EXIT, false, 40, 0, 0 },
	{ "a copy of it lives on", KILLED_BUT_A_COPY, false, 40, 0, 0 },
	{ "its guard went first", KILLED_AFTER_ITS_GUARD, false, 40, 0, 0 },
};

/* It has all descriptors of this process, and ends when the test does: then
 * nobody has the other end of `life_fd`. */
static void leave_a_copy(int life_fd)
{
	const pid_t pid = fork();
	char none;

	if (pid < 0)
		_exit(1);
	if (pid > 0)
		return;
	setsid();
	(void)!read(life_fd, &none, sizeof(none));
	_exit(0);
}

static void lose_guard(struct tail_guard *g)
{
	const pid_t lost = g->pid;

	if (kill(lost, SIGKILL) < 0)
		_exit(1);
	for (int i = 0; g->pid == lost && i < PATIENCE_MS; i++) {
		if (tail_guard_keep(g) < 0)
			_exit(1);
		pause_ms();
	}
}

_Noreturn static void die(enum death death)
{
	switch (death) {
	case BY_KILL:
	case KILLED_BUT_A_COPY:
	case KILLED_AFTER_ITS_GUARD:
		kill(getpid(), SIGKILL);
		break;
	case BY_GROUP_KILL:
		kill(0, SIGKILL);
		break;
	case BY_SIGNAL:
		signal(SIGTERM, SIG_DFL);
		kill(getpid(), SIGTERM);
		break;
	case BY_EXIT:
		break;
	}
	_exit(0);
}

_Noreturn static void live_and_die(const struct place *p,
				   const struct death_case *row, int life_fd)
{
	const int fd = open_end(p);
	struct tail_guard g = { 0 };

	/* So that the group is no one else's. */
	if (setpgid(0, 0) < 0 || tail_guard_start(&g, own(fd)) < 0 ||
	    file_tail_begin(g.tail, own(fd), BATCH_BYTES) < 0)
		_exit(1);
	put(fd, row->batch_bytes);
	if (row->is_ended)
		file_tail_end(g.tail, own(fd));
	put(open_end(p), row->others_bytes);
	if (row->death == KILLED_BUT_A_COPY)
		leave_a_copy(life_fd);
	if (row->death == KILLED_AFTER_ITS_GUARD)
		lose_guard(&g);
	die(row->death);
}

static void test_death(void **state)
{
	const struct death_case *row = *state;
	int status, life[2];
	struct place p;
	pid_t pid;

	place_make(&p);
	assert_int_equal(pipe(life), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(life[1]);
		live_and_die(&p, row, life[0]);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) != 0);
	assert_int_equal(settled_size(&p), OLD_BYTES + row->left_bytes);
	close(life[0]);
	close(life[1]);
	place_remove(&p);
}

/* Who goes on through the descriptor that the process was given, once the guard
 * is done, finds the end. (At the same time: test_file_tail.c.) */
static void test_place(void **state)
{
	int place_fd, status;
	struct place p;
	char last;
	pid_t pid;

	(void)state;
	place_make(&p);
	place_fd = open(p.file, O_RDWR | O_CLOEXEC);
	assert_int_equal(lseek(place_fd, 0, SEEK_END), OLD_BYTES);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct tail_file file = own(open(p.file, O_WRONLY));
		struct tail_guard g = { 0 };

		file.place_fd = place_fd;
		if (tail_guard_start(&g, file) < 0 ||
		    file_tail_begin(g.tail, file, BATCH_BYTES) < 0)
			_exit(1);
		put(file.fd, 40);
		die(BY_KILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(settled_size(&p), OLD_BYTES);
	assert_int_equal(write(place_fd, "!", 1), 1);
	assert_int_equal(pread(place_fd, &last, 1, OLD_BYTES), 1);
	assert_int_equal(last, '!');
	close(place_fd);
	place_remove(&p);
}

/* ---- the guard itself ---------------------------------------------------- */

/* Whether this process has a child that wait() would, or would not, tell of. */
static bool has_child(int also)
{
	const pid_t pid = waitpid(-1, NULL, WNOHANG | also);

	assert_true(pid == 0 || (pid == -1 && errno == ECHILD));
	return pid == 0;
}

/* A file and its guard. Its descriptor. */
static int guarded_make(struct place *p, struct tail_guard *g)
{
	int fd;

	place_make(p);
	fd = open_end(p);
	assert_int_equal(tail_guard_start(g, own(fd)), 0);
	return fd;
}

static void test_is_nobodys_child(void **state)
{
	struct tail_guard g = { 0 };
	struct place p;
	int fd;

	(void)state;
	fd = guarded_make(&p, &g);
	assert_false(has_child(0));
	assert_true(has_child(__WALL));
	tail_guard_stop(&g);
	assert_false(has_child(__WALL));
	tail_guard_stop(&g); /* there is none any more */
	close(fd);
	place_remove(&p);
}

/* Pipes with descriptors below, between and behind its own. */
static void test_holds_nothing_open(void **state)
{
	enum { PIPES = 3, HIGH = 200 };
	int ends[PIPES][2], first_fd, fd, fd_up;
	struct tail_guard g = { 0 };
	struct place p;

	(void)state;
	place_make(&p);
	first_fd = open_end(&p);
	fd = -1;
	for (int i = 0; i < PIPES; i++) {
		assert_int_equal(pipe(ends[i]), 0);
		if (i == 0) /* the file goes between this pipe and the next */
			fd = dup(first_fd);
	}
	fd_up = fcntl(ends[2][1], F_DUPFD_CLOEXEC, HIGH);
	assert_true(fd_up >= HIGH);
	close(ends[2][1]);
	ends[2][1] = fd_up;
	assert_int_equal(tail_guard_start(&g, own(fd)), 0);
	for (int i = 0; i < PIPES; i++) {
		struct pollfd look = { .fd = ends[i][0] };

		close(ends[i][1]);
		assert_int_equal(poll(&look, 1, PATIENCE_MS), 1);
		assert_int_equal(look.revents, POLLHUP);
		close(ends[i][0]);
	}
	tail_guard_stop(&g);
	close(fd);
	close(first_fd);
	place_remove(&p);
}

/* A copy of this process: it has all that this one has. */
static pid_t copy_start(void)
{
	const pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static void copy_stop(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_ends_while_a_copy_lives(void **state)
{
	struct tail_guard g = { 0 };
	struct place p;
	pid_t pid;
	int fd;

	(void)state;
	fd = guarded_make(&p, &g);
	pid = copy_start();
	tail_guard_stop(&g);
	copy_stop(pid);
	assert_false(has_child(__WALL));
	close(fd);
	place_remove(&p);
}

/* A guard that could not be replaced at once is so later, and the process' own
 * children and descriptors stay what they are. */
static void test_replaced_later(void **state)
{
	/* As many as are taken in any case: poll(2) wants its own. */
	struct rlimit before, none = { .rlim_cur = 3 };
	struct tail_guard g = { 0 };
	int fd, rc = 0, left_ms = PATIENCE_MS;
	struct place p;
	pid_t pid;

	(void)state;
	fd = guarded_make(&p, &g);
	pid = copy_start();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(kill(g.pid, SIGKILL), 0);
	while (rc == 0 && left_ms-- > 0) {
		pause_ms();
		rc = tail_guard_keep(&g);
	}
	assert_int_equal(rc, -EMFILE);
	assert_int_equal(tail_guard_keep(&g), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(tail_guard_keep(&g), 0);
	assert_true(has_child(0));
	tail_guard_stop(&g);
	copy_stop(pid);
	assert_int_equal(close(fd), 0);
	place_remove(&p);
}

/* The signals of a guarded process are its own. */
static void test_signals_stay_as_they_were(void **state)
{
	sigset_t before, after;
	struct tail_guard g = { 0 };
	struct place p;
	int fd;

	(void)state;
	place_make(&p);
	fd = open_end(&p);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &before), 0);
	assert_int_equal(tail_guard_start(&g, own(fd)), 0);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &after), 0);
	for (int signal = 1; signal < SIGRTMIN; signal++)
		assert_int_equal(sigismember(&before, signal),
				 sigismember(&after, signal));
	tail_guard_stop(&g);
	close(fd);
	place_remove(&p);
}

/* ---- sinks -------------------------------------------------------------- */

enum target { TO_EXISTING, TO_NEW, TO_FILE_FD, TO_PIPE, TO_NOTHING };

struct target_case {
	const char *name;
	enum target target;
	uint64_t max_count;
	bool has_guard;
	bool has_guard_later; /* after two values */
};

static const struct target_case target_cases[] = {
	{ "a file that exists", TO_EXISTING, 0, true, true },
	{ "until it is rotated", TO_EXISTING, 1, true, false },
	{ "a new one has no name yet", TO_NEW, 0, false, false },
	{ "a descriptor of a file", TO_FILE_FD, 0, true, true },
	{ "a pipe", TO_PIPE, 0, false, false },
	{ "nothing", TO_NOTHING, 0, false, false },
};

static int open_target(const struct place *p, enum target target, int fd,
		       struct gen_sink **ret_sink)
{
	char path[PATH_BYTES + 8];

	switch (target) {
	case TO_EXISTING:
	case TO_NEW:
		snprintf(path, sizeof(path), "%s%s", p->file,
			 target == TO_NEW ? ".new" : "");
		return gen_sink_file(path, NULL, ret_sink);
	case TO_FILE_FD:
	case TO_PIPE:
		return gen_sink_fd(fd, ret_sink);
	case TO_NOTHING:
		return gen_sink_discard(ret_sink);
	}
	return -EINVAL;
}

static void remove_targets(const struct place *p)
{
	static const char *const ends[] = { ".new", ".0", ".1", ".2" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		char path[PATH_BYTES + 16];

		snprintf(path, sizeof(path), "%s%s", p->file, ends[i]);
		unlink(path);
	}
	place_remove(p);
}

static void test_target(void **state)
{
	const struct target_case *row = *state;
	const struct gen_pump_options pump = { .rate_limit = 1,
					       .has_count = true,
					       .count = 3,
					       .max_count = row->max_count };
	struct gen_step step;
	struct gen_scene s;
	struct place p;
	int ends[2], fd;

	place_make(&p);
	assert_int_equal(pipe(ends), 0);
	fd = row->target == TO_FILE_FD ? open_end(&p) : ends[1];
	gen_scene_init(&s, NULL);
	assert_int_equal(open_target(&p, row->target, fd, &s.sink), 0);
	assert_int_equal(gen_sink_guard(s.sink, NULL), 0);
	assert_int_equal(has_child(__WALL), row->has_guard);
	gen_scene_pump(&s, &pump);
	for (uint64_t now_s = 1; now_s <= 2; now_s++)
		assert_int_equal(
			gen_pump_step(s.pump, now_s * 1000000000, &step, NULL),
			0);
	assert_int_equal(has_child(__WALL), row->has_guard_later);
	gen_scene_finish(&s);
	gen_scene_release(&s);
	assert_false(has_child(__WALL));
	close(ends[0]);
	close(ends[1]);
	remove_targets(&p);
}

struct lock_case {
	const char *name;
	enum target target;
};

/* Also of who shares the sink's descriptor. */
static const struct lock_case lock_cases[] = {
	{ "a file", TO_EXISTING },
	{ "a descriptor of a file", TO_FILE_FD },
};

/* While another has the file locked nothing is written; then it is. */
static void test_locked(void **state)
{
	const struct gen_pump_options two = { .has_count = true, .count = 2 };
	const struct lock_case *row = *state;
	struct file_tail tail = { 0 };
	struct gen_error error;
	struct gen_step step;
	struct gen_scene s;
	struct place p;
	int fd;

	place_make(&p);
	fd = open_end(&p);
	gen_scene_init(&s, NULL);
	assert_int_equal(open_target(&p, row->target, fd, &s.sink), 0);
	assert_int_equal(gen_sink_guard(s.sink, NULL), 0);
	gen_scene_pump(&s, &two);
	assert_int_equal(file_tail_begin(&tail, own(fd), 1), 0);
	for (uint64_t now_ns = 1; now_ns < 10; now_ns++) {
		assert_int_equal(gen_pump_step(s.pump, now_ns, &step, &error),
				 0);
		assert_false(step.is_done);
		assert_true(step.is_full);
		assert_non_null(strstr(error.text, "locked"));
		assert_int_equal(step.fd, -1);
		assert_in_range(step.until_ns, now_ns + 1, now_ns + 1000000);
	}
	assert_int_equal(size_of(&p), OLD_BYTES);
	file_tail_end(&tail, own(fd));
	gen_scene_finish(&s);
	gen_scene_release(&s);
	assert_int_equal(size_of(&p), OLD_BYTES + 2 * SCENE_VALUE_BYTES);
	close(fd);
	place_remove(&p);
}

int main(void)
{
	const struct rows tables[] = {
		{ "dies", test_death, death_cases, sizeof(death_cases),
		  sizeof(death_cases[0]) },
		{ "guards", test_target, target_cases, sizeof(target_cases),
		  sizeof(target_cases[0]) },
		{ "locked", test_locked, lock_cases, sizeof(lock_cases),
		  sizeof(lock_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_is_nobodys_child),
		cmocka_unit_test(test_holds_nothing_open),
		cmocka_unit_test(test_ends_while_a_copy_lives),
		cmocka_unit_test(test_replaced_later),
		cmocka_unit_test(test_signals_stay_as_they_were),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
