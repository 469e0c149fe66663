/*
 * Time, and sleeping. All times are those of the injected clock. A thread of
 * the journal sleeps in poll(), so that the ring can wake it as well as this
 * process; a caller sleeps on a condition. With a system that is not the
 * operating system's both sleep through that, a slice at a time.
 */
#include "journal/state.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000, SLICE_NS = 10 * JOURNAL_NS_PER_MS };

uint64_t journal_now_ns(const struct journal *j)
{
	return j->system->monotonic_ns(j->system->ctx);
}

uint64_t journal_after_ms(const struct journal *j, uint64_t ms)
{
	return journal_now_ns(j) + ms * JOURNAL_NS_PER_MS;
}

static bool is_real(const struct journal *j)
{
	return j->system == ring_system_default();
}

static uint64_t left_ns(const struct journal *j, uint64_t until_ns)
{
	const uint64_t now = journal_now_ns(j);

	return until_ns > now ? until_ns - now : 0;
}

static void sleep_slice(const struct journal *j, uint64_t until_ns)
{
	const uint64_t left = left_ns(j, until_ns);

	j->system->sleep_ns(j->system->ctx, left < SLICE_NS ? left : SLICE_NS);
}

/* ---- bells -------------------------------------------------------------- */

int bell_init(struct bell *b)
{
	b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return b->fd < 0 ? -errno : 0;
}

void bell_release(struct bell *b)
{
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
}

void bell_ring(struct bell *b)
{
	const uint64_t one = 1;

	if (!b->is_awaited)
		return;
	b->is_awaited = false;
	/* It can't be full: it rings once for each nap. */
	(void)!write(b->fd, &one, sizeof(one));
}

static int poll_timeout_ms(const struct journal *j, uint64_t until_ns)
{
	const uint64_t left = left_ns(j, until_ns);

	if (until_ns == PLAN_NEVER)
		return -1;
	if (left / JOURNAL_NS_PER_MS >= INT_MAX)
		return INT_MAX;
	return (int)((left + JOURNAL_NS_PER_MS - 1) / JOURNAL_NS_PER_MS);
}

void journal_nap(struct journal *j, struct bell *b, int ring_fd,
		 uint64_t until_ns)
{
	struct pollfd look[] = { { .fd = b->fd, .events = POLLIN },
				 { .fd = ring_fd, .events = POLLIN } };
	uint64_t rung;

	if (!is_real(j)) {
		sleep_slice(j, until_ns);
		return;
	}
	/* Interrupted is a spurious wake-up like any other. */
	(void)poll(look, 2, poll_timeout_ms(j, until_ns));
	(void)!read(b->fd, &rung, sizeof(rung));
}

/* ---- conditions --------------------------------------------------------- */

static struct timespec real_time_in(uint64_t ns)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ns += (uint64_t)t.tv_nsec;
	t.tv_sec += (time_t)(ns / NS_PER_S);
	t.tv_nsec = (long)(ns % NS_PER_S);
	return t;
}

void journal_await(struct journal *j, pthread_cond_t *cond,
		   pthread_mutex_t *lock, uint64_t until_ns)
{
	struct timespec t;

	if (!is_real(j)) {
		pthread_mutex_unlock(lock);
		sleep_slice(j, until_ns);
		pthread_mutex_lock(lock);
	} else if (until_ns == PLAN_NEVER) {
		pthread_cond_wait(cond, lock);
	} else {
		t = real_time_in(left_ns(j, until_ns));
		pthread_cond_timedwait(cond, lock, &t);
	}
}

bool journal_is_callback(const struct journal *j)
{
	return j->is_performing && pthread_equal(j->calls_from, pthread_self());
}
