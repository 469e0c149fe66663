#include "tests/bench/drainer.h"

#include "ring/ring.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void run(drainer_fn *fn, const void *how,
			  struct drainer_said *said)
{
	atomic_store(&said->code, fn(how, said));
	_exit(EXIT_FAILURE);
}

int drainer_start(struct drainer *d, drainer_fn *fn, const void *how)
{
	const pid_t parent = getpid();

	d->said = mmap(NULL, sizeof(*d->said), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (d->said == MAP_FAILED)
		return -errno;
	d->pid = fork();
	if (d->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
		run(fn, how, d->said);
	}
	if (d->pid > 0)
		return 0;
	munmap(d->said, sizeof(*d->said));
	return -errno;
}

void drainer_stop(struct drainer *d)
{
	if (d->pid <= 0)
		return;
	kill(d->pid, SIGKILL);
	while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
		;
	munmap(d->said, sizeof(*d->said));
	d->pid = 0;
}

void drainer_say(struct drainer_said *said, uint64_t items)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	atomic_store(&said->at_ns,
		     (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec);
	atomic_store(&said->items, items);
}

/* ---- a ring ------------------------------------------------------------- */

static int count(void *ctx, const struct ring_item *item)
{
	uint64_t *items = ctx;

	(void)item;
	(*items)++;
	return 0;
}

/* All that is there; and if there is nothing, wait. */
static int take_some(struct ring_consumer *c, uint64_t *items)
{
	uint64_t position;
	int rc = ring_consumer_fold(c, RING_POSITION_NONE, NULL, count, items,
				    &position);

	if (rc == -RING_ERR_EMPTY)
		return ring_consumer_wait(c, -1);
	return rc < 0 ? rc : ring_consumer_advance(c, position, NULL);
}

int drainer_ring(const void *how, struct drainer_said *said)
{
	const struct drainer_ring *ring = how;
	struct ring_consumer *c;
	uint64_t items = 0;
	int rc =
		ring_consumer_attach(ring->path, NULL, ring->options, &c, NULL);

	while (rc == 0) {
		rc = take_some(c, &items);
		if (rc == 0)
			drainer_say(said, items);
	}
	return rc;
}
