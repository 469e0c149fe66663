#include "tests/crash/workers.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 64 };

/* One worker, and what it said so far. */
struct worker {
	pid_t pid;
	int fd;
	uint8_t *said;
	size_t len, cap;
};

static void *must(void *mem)
{
	if (mem == NULL)
		abort();
	return mem;
}

/* ---- in a worker -------------------------------------------------------- */

static void say(int fd, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	while (len > 0) {
		const ssize_t n = write(fd, at, len);

		if (n < 0)
			_exit(2);
		at += n;
		len -= (size_t)n;
	}
}

/* A census, the number of states, the states. */
static void say_result(int fd, const struct census *c,
		       const struct state_set *seen)
{
	uint64_t *list = must(malloc((seen->count + 1) * sizeof(*list)));
	uint64_t count = 0;

	for (size_t i = 0; i < seen->cap; i++)
		if (seen->slots[i] != 0)
			list[count++] = seen->slots[i];
	say(fd, c, sizeof(*c));
	say(fd, &count, sizeof(count));
	say(fd, list, count * sizeof(*list));
	free(list);
}

static _Noreturn void work(int fd, atomic_uint *next, unsigned units,
			   workers_fn *fn, void *ctx)
{
	unsigned unit;

	while ((unit = atomic_fetch_add(next, 1)) < units) {
		struct census census = { 0 };
		struct state_set seen = { 0 };

		fn(ctx, unit, &census, &seen);
		say_result(fd, &census, &seen);
		state_set_release(&seen);
	}
	_exit(0);
}

/* ---- above them --------------------------------------------------------- */

static void listen_to(struct worker *w)
{
	ssize_t n;

	if (w->len == w->cap) {
		w->cap = w->cap * 2 + 65536;
		w->said = must(realloc(w->said, w->cap));
	}
	n = read(w->fd, w->said + w->len, w->cap - w->len);
	if (n > 0) {
		w->len += (size_t)n;
		return;
	}
	close(w->fd);
	w->fd = -1;
}

static void listen_to_all(struct worker *list, unsigned jobs)
{
	for (;;) {
		struct pollfd polls[JOBS_MAX];
		unsigned open = 0;

		for (unsigned i = 0; i < jobs; i++) {
			polls[i] = (struct pollfd){ list[i].fd, POLLIN, 0 };
			open += list[i].fd >= 0;
		}
		if (open == 0)
			return;
		if (poll(polls, jobs, -1) < 0 && errno != EINTR)
			abort();
		for (unsigned i = 0; i < jobs; i++)
			if (polls[i].revents != 0)
				listen_to(&list[i]);
	}
}

static size_t take(const struct worker *w, size_t at, void *ret, size_t len)
{
	if (at + len > w->len)
		abort();
	memcpy(ret, w->said + at, len);
	return at + len;
}

static void add_up(const struct worker *w, struct census *census,
		   struct state_set *seen)
{
	size_t at = 0;

	while (at < w->len) {
		struct census c;
		uint64_t count, hash;

		at = take(w, at, &c, sizeof(c));
		at = take(w, at, &count, sizeof(count));
		census_add(census, &c);
		while (count-- > 0) {
			at = take(w, at, &hash, sizeof(hash));
			(void)state_set_add(seen, hash);
		}
	}
}

static bool has_ended_well(const struct worker *w)
{
	int status;

	return waitpid(w->pid, &status, 0) == w->pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static void start(struct worker *w, atomic_uint *next, unsigned units,
		  workers_fn *fn, void *ctx)
{
	int fds[2];

	if (pipe(fds) < 0)
		abort();
	w->pid = fork();
	if (w->pid < 0)
		abort();
	if (w->pid == 0) {
		close(fds[0]);
		work(fds[1], next, units, fn, ctx);
	}
	close(fds[1]);
	w->fd = fds[0];
}

void *workers_share(size_t len)
{
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		abort();
	return mem;
}

bool workers_run(unsigned jobs, unsigned units, workers_fn *fn, void *ctx,
		 struct census *ret_census, struct state_set *ret_seen)
{
	struct worker list[JOBS_MAX] = { 0 };
	atomic_uint *next = workers_share(sizeof(*next));
	bool ok = true;

	atomic_init(next, 0);
	if (jobs > JOBS_MAX)
		jobs = JOBS_MAX;
	for (unsigned i = 0; i < jobs; i++)
		start(&list[i], next, units, fn, ctx);
	listen_to_all(list, jobs);
	for (unsigned i = 0; i < jobs; i++) {
		ok &= has_ended_well(&list[i]);
		if (ok)
			add_up(&list[i], ret_census, ret_seen);
		free(list[i].said);
	}
	munmap(next, sizeof(*next));
	return ok;
}
