#include "tools/bench_reader.h"

#include "tools/measure.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ITEM_BYTES_MAX = 4096,
	ADVANCE_EVERY = 256, /* items; an advance is not measured */
};

/* The item that ends the process has this stamp. */
static const double stamp_last = -1;

/* What the process says: that it is attached, and of each item. */
struct word {
	int code;
	double us;
};

/* ---- in the process ----------------------------------------------------- */

struct child {
	struct ring_consumer *c;
	int pipe_fd;
	uint64_t from; /* the next item is here */
	uint64_t items;
	bool is_last;
};

static void say(const struct child *child, int code, double us)
{
	const struct word word = { code, us };

	/* Nobody there to listen: nothing to be done about it. */
	(void)!write(child->pipe_fd, &word, sizeof(word));
}

static int next_item(struct child *child, struct ring_item *item)
{
	int rc;

	while ((rc = ring_consumer_pop(child->c, child->from, item)) ==
	       -RING_ERR_EMPTY) {
		rc = ring_consumer_wait(child->c, -1);
		if (rc < 0)
			return rc;
	}
	return rc;
}

static int take_item(struct child *child, double *ret_us)
{
	struct ring_item item;
	double stamp_us, now_us;
	int rc = next_item(child, &item);

	if (rc < 0)
		return rc;
	now_us = measure_now_us();
	memcpy(&stamp_us, item.data, sizeof(stamp_us));
	*ret_us = now_us - stamp_us;
	child->from = item.next;
	child->is_last = stamp_us == stamp_last;
	child->items++;
	if (!child->is_last && child->items % ADVANCE_EVERY != 0)
		return 0;
	/* An advance that can't be proven yet asks to be tried again. */
	while ((rc = ring_consumer_advance(child->c, child->from, NULL)) ==
	       -RING_ERR_EMPTY)
		(void)ring_consumer_wait(child->c, 1);
	return rc;
}

static int serve(struct child *child)
{
	double us;
	int rc = 0;

	say(child, 0, 0);
	while (rc == 0 && !child->is_last) {
		rc = take_item(child, &us);
		if (rc == 0)
			say(child, 0, us);
	}
	return rc;
}

static _Noreturn void run_child(int pipe_fd, const char *path, const char *name,
				const struct ring_options *options)
{
	struct child child = { .pipe_fd = pipe_fd, .from = RING_POSITION_NONE };
	int rc = ring_consumer_attach(path, name, options, &child.c, NULL);

	if (rc == 0) {
		rc = serve(&child);
		ring_consumer_free(child.c);
	}
	if (rc < 0)
		say(&child, rc, 0);
	_exit(rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* ---- here --------------------------------------------------------------- */

static int listen_to(const struct bench_reader *r, double *ret_us)
{
	struct word word;
	ssize_t n;

	do
		n = read(r->pipe_fd, &word, sizeof(word));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n < (ssize_t)sizeof(word))
		return -ECHILD; /* it died */
	*ret_us = word.us;
	return word.code;
}

static int fork_child(struct bench_reader *r, int *ret_child_fd)
{
	const pid_t parent = getpid();
	int fds[2], rc = 0;

	if (pipe(fds) < 0)
		return -errno;
	r->pid = fork();
	if (r->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
		close(fds[0]);
		*ret_child_fd = fds[1];
		return 0;
	}
	if (r->pid < 0)
		rc = -errno;
	close(fds[1]);
	if (rc < 0)
		close(fds[0]);
	r->pipe_fd = fds[0];
	return rc;
}

int bench_reader_start(struct bench_reader *r, const char *path,
		       const char *name, const struct ring_options *options)
{
	int child_fd = -1;
	double ignored;
	int rc = fork_child(r, &child_fd);

	if (rc < 0)
		return rc;
	if (r->pid == 0)
		run_child(child_fd, path, name, options);
	rc = listen_to(r, &ignored);
	if (rc < 0)
		bench_reader_kill(r);
	return rc;
}

static int send_stamped(struct bench_reader *r, struct ring_producer *p,
			const struct ring_entry *e, double *ret_us)
{
	const int rc = ring_producer_publish(p, e, 1, NULL, NULL);

	return rc < 0 ? rc : listen_to(r, ret_us);
}

int bench_reader_send(struct bench_reader *r, struct ring_producer *p,
		      size_t len_bytes, double *ret_us)
{
	char item[ITEM_BYTES_MAX] = { 0 };
	const struct ring_entry e = { .data = item, .data_bytes = len_bytes };
	double stamp_us;

	assert(len_bytes >= sizeof(stamp_us));
	assert(len_bytes <= sizeof(item));
	stamp_us = measure_now_us();
	memcpy(item, &stamp_us, sizeof(stamp_us));
	return send_stamped(r, p, &e, ret_us);
}

static int reap(struct bench_reader *r)
{
	int status = 0;

	while (waitpid(r->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	close(r->pipe_fd);
	*r = (struct bench_reader){ .pid = 0 };
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS
		       ? 0
		       : -ECHILD;
}

int bench_reader_finish(struct bench_reader *r, struct ring_producer *p)
{
	const struct ring_entry e = { .data = &stamp_last,
				      .data_bytes = sizeof(stamp_last) };
	double ignored;
	const int rc = send_stamped(r, p, &e, &ignored);

	return rc < 0 ? rc : reap(r);
}

void bench_reader_kill(struct bench_reader *r)
{
	if (r->pid <= 0)
		return;
	kill(r->pid, SIGKILL);
	(void)reap(r);
}
