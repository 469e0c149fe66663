#include "tests/gen_sweep/gen_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LOG_BYTES = 64 };

/* The linker hands a call no context: this is all there is. */
static struct {
	struct gen_call_plan plan;
	bool is_armed;
	pid_t pid; /* what a copy of this process calls does not count */
	bool was_met;
	unsigned count; /* of calls since it is */
	long blocks;
	char log[LOG_BYTES];
	size_t logged;
} now;

void gen_calls_begin(const struct gen_call_plan *plan)
{
	now.plan = *plan;
	now.count = 0;
	now.was_met = false;
	now.is_armed = true;
	now.pid = getpid();
}

bool gen_calls_end(void)
{
	now.is_armed = false;
	return now.was_met;
}

long gen_calls_blocks(void)
{
	return now.blocks;
}

const char *gen_calls_log(void)
{
	return now.log;
}

void gen_calls_forget(void)
{
	now.logged = 0;
	memset(now.log, 0, sizeof(now.log));
}

/* ---- the decision ------------------------------------------------------- */

static void note_call(char letter)
{
	if (now.logged < sizeof(now.log) - 1)
		now.log[now.logged++] = letter;
}

static bool is_due(void)
{
	now.count++;
	return now.count == now.plan.at ||
	       (now.plan.persists && now.count > now.plan.at);
}

static bool fails(int error)
{
	if (!now.is_armed || getpid() != now.pid ||
	    (now.plan.memory_only && error != ENOMEM) || !is_due())
		return false;
	now.was_met = true;
	errno = error;
	return true;
}

/* ---- memory ------------------------------------------------------------- */

static void *counted(void *block)
{
	now.blocks += block != NULL;
	return block;
}

void *__real_malloc(size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_malloc(size_t len)
{
	return fails(ENOMEM) ? NULL : counted(__real_malloc(len));
}

void *__real_calloc(size_t count, size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_calloc(size_t count, size_t len)
{
	return fails(ENOMEM) ? NULL : counted(__real_calloc(count, len));
}

void *__real_aligned_alloc(size_t align, size_t len);
void *__wrap_aligned_alloc(size_t align, size_t len);
void *__wrap_aligned_alloc(size_t align, size_t len)
{
	return fails(ENOMEM) ? NULL : counted(__real_aligned_alloc(align, len));
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
	return fails(ENOMEM) ? NULL : counted(__real_strdup(text));
}

char *__real_strndup(const char *text, size_t len);
char *__wrap_strndup(const char *text, size_t len);
char *__wrap_strndup(const char *text, size_t len)
{
	return fails(ENOMEM) ? NULL : counted(__real_strndup(text, len));
}

void *__real_realloc(void *block, size_t len);
void *__wrap_realloc(void *block, size_t len);
void *__wrap_realloc(void *block, size_t len)
{
	void *grown;

	if (fails(ENOMEM))
		return NULL;
	grown = __real_realloc(block, len);
	return block == NULL ? counted(grown) : grown;
}

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
	now.blocks -= block != NULL;
	__real_free(block);
}

void gen_calls_free(void *block)
{
	__real_free(block);
}

/* ---- files and processes ------------------------------------------------ */

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	note_call('w');
	return fails(now.plan.error) ? -1 : __real_write(fd, bytes, len);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	note_call('f');
	return fails(now.plan.error) ? -1 : __real_fsync(fd);
}

int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to,
		     unsigned flags);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to,
		     unsigned flags);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to,
		     unsigned flags)
{
	note_call('r');
	return fails(now.plan.error)
		       ? -1
		       : __real_renameat2(from_dir, from, to_dir, to, flags);
}

int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...)
{
	unsigned mode = 0;
	va_list args;

	if ((flags & O_CREAT) != 0) {
		va_start(args, flags);
		mode = va_arg(args, unsigned);
		va_end(args);
	}
	return fails(now.plan.error) ? -1
				     : __real_openat(dir, path, flags, mode);
}

/* To unlock a file can't fail in a way that anybody could mend. */
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
	struct flock *lock = NULL;
	va_list args;

	if (command != F_GETFL) {
		va_start(args, command);
		lock = va_arg(args, struct flock *);
		va_end(args);
	}
	if ((command != F_OFD_SETLK || lock->l_type != F_UNLCK) &&
	    fails(now.plan.error))
		return -1;
	return __real_fcntl(fd, command, lock);
}

int __real_pipe2(int ends[2], int flags);
int __wrap_pipe2(int ends[2], int flags);
int __wrap_pipe2(int ends[2], int flags)
{
	return fails(now.plan.error) ? -1 : __real_pipe2(ends, flags);
}

int __real_pidfd_open(pid_t pid, unsigned flags);
int __wrap_pidfd_open(pid_t pid, unsigned flags);
int __wrap_pidfd_open(pid_t pid, unsigned flags)
{
	return fails(now.plan.error) ? -1 : __real_pidfd_open(pid, flags);
}

void *__real_mmap(void *at, size_t len, int protection, int flags, int fd,
		  off_t offset);
void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd,
		  off_t offset);
void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd,
		  off_t offset)
{
	return fails(now.plan.error)
		       ? MAP_FAILED
		       : __real_mmap(at, len, protection, flags, fd, offset);
}

/* Of the generator's, it is only clone(2), with zeros. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	if (number != SYS_clone)
		abort();
	return fails(now.plan.error)
		       ? -1
		       : __real_syscall(number, 0L, 0L, 0L, 0L, 0L);
}
