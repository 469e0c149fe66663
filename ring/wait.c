#include "ring/wait.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

void waiter_init(struct waiter *w, struct volume *v)
{
	*w = (struct waiter){
		.volume = v,
		.watch_fd = -1,
		.timer_fd = -1,
		.epoll_fd = -1,
		.backoff_ns = v->poll_min_ns,
	};
}

void waiter_arm(struct waiter *w)
{
	struct ring_io *io = w->volume->io;
	int fd;

	if (w->armed)
		return;
	fd = io->ops->watch(io);
	w->watch_fd = fd >= 0 ? fd : -1;
	w->armed = true;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void waiter_close(struct waiter *w)
{
	if (w->volume == NULL)
		return;
	close_fd(&w->epoll_fd);
	close_fd(&w->timer_fd);
	close_fd(&w->watch_fd);
	w->volume = NULL;
}

static int start_timer(struct waiter *w)
{
	const uint64_t ns = w->volume->poll_max_ns;
	const struct timespec period = { .tv_sec = (time_t)(ns / NS_PER_S),
					 .tv_nsec = (long)(ns % NS_PER_S) };
	const struct itimerspec every = { .it_interval = period,
					  .it_value = period };

	w->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (w->timer_fd < 0)
		return -errno;
	return timerfd_settime(w->timer_fd, 0, &every, NULL) < 0 ? -errno : 0;
}

static int add_to_epoll(struct waiter *w, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (fd < 0)
		return 0;
	return epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno
								     : 0;
}

int waiter_fd(struct waiter *w)
{
	int rc;

	if (w->epoll_fd >= 0)
		return w->epoll_fd;
	waiter_arm(w);
	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll_fd < 0)
		return -errno;
	rc = start_timer(w);
	if (rc == 0)
		rc = add_to_epoll(w, w->timer_fd);
	if (rc == 0)
		rc = add_to_epoll(w, w->watch_fd);
	if (rc == 0)
		return w->epoll_fd;
	close_fd(&w->timer_fd);
	close_fd(&w->epoll_fd);
	return rc;
}

static void read_away(int fd)
{
	char buf[4096];

	/* Nonblocking: it ends with EAGAIN at the latest. */
	while (fd >= 0 && read(fd, buf, sizeof(buf)) == (ssize_t)sizeof(buf))
		;
}

void waiter_drain(struct waiter *w)
{
	read_away(w->watch_fd);
	read_away(w->timer_fd);
}

void waiter_reset(struct waiter *w)
{
	w->backoff_ns = w->volume->poll_min_ns;
}

void waiter_sleep(struct waiter *w, uint64_t max_ns)
{
	const struct ring_system *system = w->volume->system;
	const uint64_t ns = w->backoff_ns < max_ns ? w->backoff_ns : max_ns;

	w->backoff_ns *= 2;
	if (w->backoff_ns > w->volume->poll_max_ns)
		w->backoff_ns = w->volume->poll_max_ns;
	if (w->watch_fd >= 0) {
		const struct timespec t = { .tv_sec = (time_t)(ns / NS_PER_S),
					    .tv_nsec = (long)(ns % NS_PER_S) };
		struct pollfd p = { .fd = w->watch_fd, .events = POLLIN };

		/* EINTR is a spurious wake-up like any other. */
		(void)ppoll(&p, 1, &t, NULL);
		return;
	}
	system->sleep_ns(system->ctx, ns);
}

struct deadline deadline_in(const struct volume *v, int timeout_ms)
{
	return (struct deadline){
		.never = timeout_ms < 0,
		.at_ns =
			v->system->monotonic_ns(v->system->ctx) +
			(timeout_ms > 0 ? (uint64_t)timeout_ms * NS_PER_MS : 0),
	};
}

uint64_t deadline_left_ns(const struct volume *v, const struct deadline *d)
{
	const uint64_t now = v->system->monotonic_ns(v->system->ctx);

	if (d->never)
		return UINT64_MAX;
	return d->at_ns > now ? d->at_ns - now : 0;
}
