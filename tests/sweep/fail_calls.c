#include "tests/sweep/fail_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/types.h>

/* The linker hands a call no context: this is all there is. */
static _Thread_local struct {
	struct fail_plan plan;
	struct fail_report report;
	unsigned count;
	bool is_armed;
	bool is_paused;
} now;

static size_t unit_bytes = 1;
static bool watches_are_refused;

void fail_set_unit(size_t bytes)
{
	unit_bytes = bytes;
}

void fail_watches(bool are_refused)
{
	watches_are_refused = are_refused;
}

void fail_begin(const struct fail_plan *plan)
{
	now.plan = *plan;
	now.report = (struct fail_report){ 0 };
	now.count = 0;
	now.is_paused = false;
	now.is_armed = true;
}

struct fail_report fail_end(void)
{
	now.is_armed = false;
	return now.report;
}

void fail_pause(void)
{
	now.is_paused = true;
}

void fail_resume(void)
{
	now.is_paused = false;
}

/* ---- the decision ------------------------------------------------------- */

enum answer { ANSWER_TRUE, ANSWER_HALF, ANSWER_ERROR };

/* What becomes of the call number `past` after the first that is met. */
static enum answer answer_of(const struct fail_plan *plan, unsigned past)
{
	const unsigned errors_from = plan->is_short ? 1 : 0;

	if (plan->is_short && (past == 0 || plan->error == 0))
		return past == 0 || plan->persists ? ANSWER_HALF : ANSWER_TRUE;
	return past == errors_from || plan->persists ? ANSWER_ERROR
						     : ANSWER_TRUE;
}

static enum answer ask(const char *call, enum fail_kind kind)
{
	if (!now.is_armed || now.is_paused || (now.plan.kinds & kind) == 0)
		return ANSWER_TRUE;
	now.count++;
	if (now.count < now.plan.at)
		return ANSWER_TRUE;
	if (!now.report.was_met) {
		now.report.was_met = true;
		now.report.call = call;
		now.report.kind = kind;
	}
	return answer_of(&now.plan, now.count - now.plan.at);
}

/* Calls that transfer nothing can't be short. */
static bool fails(const char *call, enum fail_kind kind)
{
	if (now.plan.is_short || ask(call, kind) != ANSWER_ERROR)
		return false;
	errno = now.plan.error;
	return true;
}

static size_t half_of(size_t len)
{
	return len / 2 / unit_bytes * unit_bytes;
}

/* How much of a transfer to do; -1: none, it fails. */
static ssize_t part_of(const char *call, enum fail_kind kind, size_t len)
{
	enum answer answer;

	if (now.plan.is_short && !now.report.was_met && half_of(len) == 0)
		return (ssize_t)len;
	answer = ask(call, kind);
	if (answer == ANSWER_HALF && half_of(len) > 0)
		return (ssize_t)half_of(len);
	if (answer != ANSWER_ERROR)
		return (ssize_t)len;
	errno = now.plan.error;
	return -1;
}

/* ---- transfers ---------------------------------------------------------- */

ssize_t __real_pread(int fd, void *buf, size_t len, off_t offset);
ssize_t __wrap_pread(int fd, void *buf, size_t len, off_t offset);

ssize_t __wrap_pread(int fd, void *buf, size_t len, off_t offset)
{
	const ssize_t part = part_of("pread", FAIL_READ, len);

	return part < 0 ? -1 : __real_pread(fd, buf, (size_t)part, offset);
}

ssize_t __real_pwrite(int fd, const void *buf, size_t len, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *buf, size_t len, off_t offset);

ssize_t __wrap_pwrite(int fd, const void *buf, size_t len, off_t offset)
{
	const ssize_t part = part_of("pwrite", FAIL_WRITE, len);

	return part < 0 ? -1 : __real_pwrite(fd, buf, (size_t)part, offset);
}

/* ---- what flushes or allocates ------------------------------------------ */

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

int __wrap_fdatasync(int fd)
{
	now.report.flushes++;
	return fails("fdatasync", FAIL_WRITE) ? -1 : __real_fdatasync(fd);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
	now.report.flushes++;
	return fails("fsync", FAIL_WRITE) ? -1 : __real_fsync(fd);
}

int __real_ftruncate(int fd, off_t len);
int __wrap_ftruncate(int fd, off_t len);

int __wrap_ftruncate(int fd, off_t len)
{
	return fails("ftruncate", FAIL_WRITE) ? -1 : __real_ftruncate(fd, len);
}

int __real_fallocate(int fd, int mode, off_t offset, off_t len);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t len);

int __wrap_fallocate(int fd, int mode, off_t offset, off_t len)
{
	return fails("fallocate", FAIL_WRITE)
		       ? -1
		       : __real_fallocate(fd, mode, offset, len);
}

/* ---- looking and holding ------------------------------------------------ */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

int __wrap_open(const char *path, int flags, ...)
{
	unsigned mode = 0;
	va_list args;

	if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {
		va_start(args, flags);
		mode = va_arg(args, unsigned);
		va_end(args);
	}
	return fails("open", FAIL_LOOK) ? -1 : __real_open(path, flags, mode);
}

int __real_stat(const char *path, struct stat *ret);
int __wrap_stat(const char *path, struct stat *ret);

int __wrap_stat(const char *path, struct stat *ret)
{
	return fails("stat", FAIL_LOOK) ? -1 : __real_stat(path, ret);
}

int __real_fstat(int fd, struct stat *ret);
int __wrap_fstat(int fd, struct stat *ret);

int __wrap_fstat(int fd, struct stat *ret)
{
	return fails("fstat", FAIL_LOOK) ? -1 : __real_fstat(fd, ret);
}

/* Only locks are asked for, so the argument is a pointer. */
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);

int __wrap_fcntl(int fd, int command, ...)
{
	va_list args;
	void *lock;

	va_start(args, command);
	lock = va_arg(args, void *);
	va_end(args);
	return fails("fcntl", FAIL_LOOK) ? -1 : __real_fcntl(fd, command, lock);
}

int __real_posix_fadvise(int fd, off_t offset, off_t len, int advice);
int __wrap_posix_fadvise(int fd, off_t offset, off_t len, int advice);

int __wrap_posix_fadvise(int fd, off_t offset, off_t len, int advice)
{
	return fails("posix_fadvise", FAIL_LOOK)
		       ? errno
		       : __real_posix_fadvise(fd, offset, len, advice);
}

ssize_t __real_getrandom(void *buf, size_t len, unsigned flags);
ssize_t __wrap_getrandom(void *buf, size_t len, unsigned flags);

ssize_t __wrap_getrandom(void *buf, size_t len, unsigned flags)
{
	return fails("getrandom", FAIL_LOOK)
		       ? -1
		       : __real_getrandom(buf, len, flags);
}

int __real_inotify_init1(int flags);
int __wrap_inotify_init1(int flags);

int __wrap_inotify_init1(int flags)
{
	if (watches_are_refused) {
		errno = EMFILE;
		return -1;
	}
	return fails("inotify_init1", FAIL_LOOK) ? -1
						 : __real_inotify_init1(flags);
}

int __real_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask);

int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	return fails("inotify_add_watch", FAIL_LOOK)
		       ? -1
		       : __real_inotify_add_watch(fd, path, mask);
}

int __real_epoll_create1(int flags);
int __wrap_epoll_create1(int flags);

int __wrap_epoll_create1(int flags)
{
	return fails("epoll_create1", FAIL_LOOK) ? -1
						 : __real_epoll_create1(flags);
}

int __real_epoll_ctl(int fd, int op, int other, struct epoll_event *event);
int __wrap_epoll_ctl(int fd, int op, int other, struct epoll_event *event);

int __wrap_epoll_ctl(int fd, int op, int other, struct epoll_event *event)
{
	return fails("epoll_ctl", FAIL_LOOK)
		       ? -1
		       : __real_epoll_ctl(fd, op, other, event);
}

int __real_timerfd_create(int clock, int flags);
int __wrap_timerfd_create(int clock, int flags);

int __wrap_timerfd_create(int clock, int flags)
{
	return fails("timerfd_create", FAIL_LOOK)
		       ? -1
		       : __real_timerfd_create(clock, flags);
}

int __real_timerfd_settime(int fd, int flags, const struct itimerspec *value,
			   struct itimerspec *ret_old);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *value,
			   struct itimerspec *ret_old);

int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *value,
			   struct itimerspec *ret_old)
{
	return fails("timerfd_settime", FAIL_LOOK)
		       ? -1
		       : __real_timerfd_settime(fd, flags, value, ret_old);
}

int __real_pthread_create(pthread_t *ret, const pthread_attr_t *attr,
			  void *(*fn)(void *), void *arg);
int __wrap_pthread_create(pthread_t *ret, const pthread_attr_t *attr,
			  void *(*fn)(void *), void *arg);

int __wrap_pthread_create(pthread_t *ret, const pthread_attr_t *attr,
			  void *(*fn)(void *), void *arg)
{
	return fails("pthread_create", FAIL_LOOK)
		       ? errno
		       : __real_pthread_create(ret, attr, fn, arg);
}

/* ---- memory ------------------------------------------------------------- */

void *__real_calloc(size_t count, size_t len);
void *__wrap_calloc(size_t count, size_t len);

void *__wrap_calloc(size_t count, size_t len)
{
	return fails("calloc", FAIL_MEMORY) ? NULL : __real_calloc(count, len);
}

void *__real_aligned_alloc(size_t align, size_t len);
void *__wrap_aligned_alloc(size_t align, size_t len);

void *__wrap_aligned_alloc(size_t align, size_t len)
{
	return fails("aligned_alloc", FAIL_MEMORY)
		       ? NULL
		       : __real_aligned_alloc(align, len);
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);

char *__wrap_strdup(const char *text)
{
	return fails("strdup", FAIL_MEMORY) ? NULL : __real_strdup(text);
}
