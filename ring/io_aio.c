/* The engine on Linux native AIO, for direct I/O where io_uring is refused. */
#include "ring/io_common.h"

#include <errno.h>
#include <libaio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct aio_io {
	struct ring_io_base base; /* first: a ring_io * is an aio_io * */
	io_context_t context;
	struct iocb iocbs[RING_IO_BATCH_MAX];
	unsigned in_flight;
	bool is_complete; /* the batch under way, but for its flush */
};

static struct aio_io *to_aio(struct ring_io *io)
{
	return (struct aio_io *)(void *)io;
}

static void prepare(struct aio_io *aio, unsigned i)
{
	const struct ring_io_op rest = ring_io_rest(&aio->base, i);
	const long long offset = (long long)rest.offset_bytes;
	struct iocb *iocb = &aio->iocbs[i];

	if (rest.kind == RING_IO_WRITE)
		io_prep_pwrite(iocb, aio->base.fd, rest.buf, rest.len_bytes,
			       offset);
	else
		io_prep_pread(iocb, aio->base.fd, rest.buf, rest.len_bytes,
			      offset);
}

/* Submit what is left of each operation. 0, or -errno if not all of it. */
static int submit_round(struct aio_io *aio)
{
	struct iocb *list[RING_IO_BATCH_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < aio->base.batch->count; i++) {
		if (!ring_io_in_round(&aio->base, i))
			continue;
		prepare(aio, i);
		list[count++] = &aio->iocbs[i];
	}
	for (unsigned at = 0; at < count;) {
		int rc = io_submit(aio->context, (long)(count - at), list + at);

		if (rc == -EINTR)
			continue;
		if (rc <= 0)
			return rc < 0 ? rc : -EIO;
		at += (unsigned)rc;
		aio->in_flight += (unsigned)rc;
	}
	return 0;
}

static void reap_round(struct aio_io *aio)
{
	struct io_event events[RING_IO_BATCH_MAX];

	while (aio->in_flight > 0) {
		int count = io_getevents(aio->context, (long)aio->in_flight,
					 (long)aio->in_flight, events, NULL);

		if (count == -EINTR)
			continue;
		if (count < 0) {
			ring_io_pause();
			continue;
		}
		for (int i = 0; i < count; i++)
			ring_io_account(&aio->base,
					(unsigned)(events[i].obj - aio->iocbs),
					(ssize_t)events[i].res);
		aio->in_flight -= (unsigned)count;
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
static void complete(struct aio_io *aio)
{
	struct ring_io_base *base = &aio->base;

	reap_round(aio);
	while (ring_io_needs_round(base)) {
		ring_io_note(base, submit_round(aio));
		reap_round(aio);
	}

	/*
	 * Alone of the engines this one raises no inotify event when it
	 * writes; a change of the time stamps does. Where that fails, others
	 * only notice later, when they poll.
	 */
	if (has_write(base->batch))
		(void)futimens(base->fd, NULL);
	aio->is_complete = true;
}

static int aio_start(struct ring_io *io, struct ring_io_batch *batch)
{
	struct aio_io *aio = to_aio(io);
	int rc = ring_io_begin(&aio->base, batch);

	if (rc < 0)
		return rc;
	aio->is_complete = false;
	rc = submit_round(aio);
	if (rc < 0 && aio->in_flight == 0) {
		ring_io_end(&aio->base);
		return rc;
	}
	ring_io_note(&aio->base, rc);

	/* Nobody may wait for a write without a flush for a long time, but
	 * those whom it concerns must hear of it. */
	if (!batch->flush && has_write(batch))
		complete(aio);
	return 0;
}

static int aio_wait(struct ring_io *io)
{
	struct aio_io *aio = to_aio(io);
	struct ring_io_base *base = &aio->base;

	if (base->batch == NULL)
		return 0;
	if (!aio->is_complete)
		complete(aio);

	/* As a call: not every file system has an asynchronous one. */
	if (base->batch->flush && base->result == 0)
		ring_io_flush(base);
	return ring_io_end(base);
}

static void aio_close(struct ring_io *io)
{
	struct aio_io *aio = to_aio(io);

	(void)aio_wait(io);
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
	rc = io_setup(RING_IO_BATCH_MAX, &aio->context);
	if (rc < 0) {
		free(aio);
		return rc;
	}
	aio->base = *base;
	aio->base.io.ops = &aio_ops;
	*ret_io = &aio->base.io;
	return 0;
}
