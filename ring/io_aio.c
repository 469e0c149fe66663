/* The engine on Linux native AIO, for direct I/O where io_uring is refused. */
#include "ring/io_common.h"

#include <assert.h>
#include <errno.h>
#include <libaio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* What this engine keeps of a batch under way, beside the base's run. */
struct aio_run {
	struct iocb iocbs[RING_IO_BATCH_MAX];
	bool is_complete; /* but for its flush */
};

struct aio_io {
	struct ring_io_base base; /* first: a ring_io * is an aio_io * */
	io_context_t context;
	struct aio_run runs[RING_IO_UNDER_WAY_MAX];
};

enum { EVENTS_MAX = RING_IO_UNDER_WAY_MAX * RING_IO_BATCH_MAX };

static struct aio_io *to_aio(struct ring_io *io)
{
	return (struct aio_io *)(void *)io;
}

static struct aio_run *own_run(struct aio_io *aio,
			       const struct ring_io_run *run)
{
	return &aio->runs[run - aio->base.runs];
}

static struct iocb *prepare(struct aio_io *aio, struct ring_io_run *run,
			    unsigned i)
{
	const struct ring_io_op rest = ring_io_rest(&aio->base, run, i);
	const long long offset = (long long)rest.offset_bytes;
	struct iocb *iocb = &own_run(aio, run)->iocbs[i];

	if (rest.kind == RING_IO_WRITE)
		io_prep_pwrite(iocb, aio->base.fd, rest.buf, rest.len_bytes,
			       offset);
	else
		io_prep_pread(iocb, aio->base.fd, rest.buf, rest.len_bytes,
			      offset);
	iocb->data = run;
	return iocb;
}

/* Submit what is left of each operation. 0, or -errno if not all of it. */
static int submit_round(struct aio_io *aio, struct ring_io_run *run)
{
	struct iocb *list[RING_IO_BATCH_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < run->batch->count; i++)
		if (ring_io_in_round(run, i))
			list[count++] = prepare(aio, run, i);
	for (unsigned at = 0; at < count;) {
		int rc = io_submit(aio->context, (long)(count - at), list + at);

		if (rc == -EINTR)
			continue;
		if (rc <= 0)
			return rc < 0 ? rc : -EIO;
		at += (unsigned)rc;
		run->in_flight += (unsigned)rc;
	}
	return 0;
}

static void account(struct aio_io *aio, const struct io_event *event)
{
	struct ring_io_run *run = event->data;

	assert(run->in_flight > 0);
	ring_io_account(&aio->base, run,
			(unsigned)(event->obj - own_run(aio, run)->iocbs),
			(ssize_t)event->res);
	run->in_flight--;
}

/* Until the run has nothing in flight; the other's completions come by. */
static void reap_round(struct aio_io *aio, const struct ring_io_run *run)
{
	struct io_event events[EVENTS_MAX];

	while (run->in_flight > 0) {
		int count = io_getevents(aio->context, (long)run->in_flight,
					 EVENTS_MAX, events, NULL);

		if (count == -EINTR)
			continue;
		if (count < 0) {
			ring_io_pause();
			continue;
		}
		for (int i = 0; i < count; i++)
			account(aio, &events[i]);
	}
}

static bool has_write(const struct ring_io_batch *batch)
{
	for (unsigned i = 0; i < batch->count; i++)
		if (batch->ops[i].kind == RING_IO_WRITE)
			return true;
	return false;
}

/* Until every operation has ended. */
static void complete(struct aio_io *aio, struct ring_io_run *run)
{
	reap_round(aio, run);
	while (ring_io_needs_round(run)) {
		ring_io_note(run, submit_round(aio, run));
		reap_round(aio, run);
	}

	/*
	 * Alone of the engines this one raises no inotify event when it
	 * writes; a change of the time stamps does. Where that fails, others
	 * only notice later, when they poll.
	 */
	if (has_write(run->batch))
		(void)futimens(aio->base.fd, NULL);
	own_run(aio, run)->is_complete = true;
}

static int aio_start(struct ring_io *io, struct ring_io_batch *batch)
{
	struct aio_io *aio = to_aio(io);
	struct ring_io_run *run;
	int rc = ring_io_begin(&aio->base, batch, &run);

	if (rc < 0)
		return rc;
	own_run(aio, run)->is_complete = false;
	rc = submit_round(aio, run);
	if (rc < 0 && run->in_flight == 0) {
		ring_io_end(run);
		return rc;
	}
	ring_io_note(run, rc);

	/* Nobody may wait for a write without a flush for a long time, but
	 * those whom it concerns must hear of it. */
	if (!batch->flush && has_write(batch))
		complete(aio, run);
	return 0;
}

static int aio_wait(struct ring_io *io, struct ring_io_batch *batch)
{
	struct aio_io *aio = to_aio(io);
	struct ring_io_run *run = ring_io_find_run(&aio->base, batch);

	if (run == NULL)
		return 0;
	if (!own_run(aio, run)->is_complete)
		complete(aio, run);

	/* As a call: not every file system has an asynchronous one. */
	ring_io_flush(&aio->base, run);
	return ring_io_end(run);
}

static void aio_close(struct ring_io *io)
{
	struct aio_io *aio = to_aio(io);

	ring_io_wait_for_all(&aio->base);
	io_destroy(aio->context);
	ring_io_base_release(&aio->base);
	free(aio);
}

static const struct ring_io_ops aio_ops = {
	.start = aio_start,
	.wait = aio_wait,
	.drop_cache = ring_io_drop_cache,
	.lock = ring_io_lock,
	.is_locked = ring_io_is_locked,
	.unlock = ring_io_unlock,
	.watch = ring_io_watch,
	.size = ring_io_size,
	.close = aio_close,
};

int ring_io_aio_new(const struct ring_io_base *base, struct ring_io **ret_io)
{
	struct aio_io *aio = calloc(1, sizeof(*aio));
	int rc;

	if (aio == NULL)
		return -ENOMEM;
	rc = io_setup(EVENTS_MAX, &aio->context);
	if (rc < 0) {
		free(aio);
		return rc;
	}
	aio->base = *base;
	aio->base.io.ops = &aio_ops;
	*ret_io = &aio->base.io;
	return 0;
}
