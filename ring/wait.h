#ifndef RING_WAIT_H
#define RING_WAIT_H

#include "ring/volume.h"

/*
 * Sleep until the other side wrote. inotify tells within one host; polling
 * with back-off is the fallback, and the only way across hosts. Both sides
 * use it in this order, so that no wake-up is lost: drain, look at the
 * device, sleep. Each write after the drain keeps the descriptor readable.
 */
struct waiter {
	struct volume *volume;
	bool armed;   /* the watch was asked for */
	int watch_fd; /* -1: none, poll only */
	int timer_fd; /* -1 until a user asked for a descriptor */
	int epoll_fd; /* of both; -1 likewise */
	uint64_t backoff_ns;
};

void waiter_init(struct waiter *w, struct volume *v);
void waiter_close(struct waiter *w);

/*
 * Before the first drain: watch the device from now on. A handle that never
 * waits is spared the events of its own writes. Cannot fail: without inotify
 * polling remains.
 */
void waiter_arm(struct waiter *w);

/* The descriptor for the user's event loop. -errno. */
int waiter_fd(struct waiter *w);

/* Before looking at the device: forget what has been signalled. */
void waiter_drain(struct waiter *w);

/* Something was found: poll fast again. */
void waiter_reset(struct waiter *w);

/*
 * Sleep until a signal, the back-off or at most max_ns; the back-off doubles.
 * Spurious wake-ups happen.
 */
void waiter_sleep(struct waiter *w, uint64_t max_ns);

/* A deadline on the injected clock; negative timeouts never pass. */
struct deadline {
	bool never;
	uint64_t at_ns;
};
struct deadline deadline_in(const struct volume *v, int timeout_ms);
uint64_t deadline_left_ns(const struct volume *v, const struct deadline *d);

#endif
