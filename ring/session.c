#include "ring/session.h"

#include <errno.h>

int session_open(struct session *s, const char *path, int timeout_ms,
		 const struct ring_options *options)
{
	int rc;

	*s = (struct session){ 0 };
	rc = volume_open(&s->volume, path, options, false);
	if (rc < 0)
		return rc;
	waiter_init(&s->waiter, &s->volume);
	s->deadline = deadline_in(&s->volume, timeout_ms);
	rc = role_reader_init(&s->reader, &s->volume);
	if (rc == 0)
		rc = role_load_producer(&s->reader, &s->volume, &s->producer);
	return rc < 0 ? session_close(s, rc) : 0;
}

int session_close(struct session *s, int rc)
{
	struct ring_io *io = s->volume.io;

	volume_explain(&s->volume, rc, "cannot go on");
	waiter_close(&s->waiter);
	role_writer_release(&s->writer, &s->volume);
	role_reader_release(&s->reader, &s->volume);
	if (s->has_role)
		io->ops->unlock(io, s->slot.header.role);
	io->ops->unlock(io, LOCK_MEMBERSHIP);
	volume_abandon(&s->volume);
	return rc;
}

int session_take(struct session *s, uint32_t role)
{
	struct volume *v = &s->volume;
	struct owner_claim claim;
	int rc = owner_claim(v, &s->reader, role, &claim);

	s->has_role = rc == 0;
	s->slot.header.role = role;
	if (rc == 0)
		rc = role_load_producer(&s->reader, v, &s->producer);
	if (rc == 0)
		rc = role_load_cursor(&s->reader, v, role, &s->slot);
	if (rc == 0)
		rc = owner_recheck(v, &s->slot.header, &claim);
	if (rc == 0)
		rc = role_writer_init(&s->writer, v, role);
	if (rc == 0)
		role_writer_begin(&s->writer, v, &s->reader, &s->slot.header);
	return rc;
}

static int write_slot(struct session *s, bool flush)
{
	struct ring_io_batch batch = { .flush = flush };
	int rc;

	role_add_write_cursor(&s->writer, &s->volume, &batch, &s->slot);
	rc = ring_io_run(s->volume.io, &batch);
	if (rc < 0)
		return volume_fail(&s->volume, rc, NULL,
				   "cannot write the cursor's slot: %s",
				   ring_strerror(rc));
	if (flush)
		role_writer_flushed(&s->writer);
	return 0;
}

int session_store(struct session *s)
{
	int rc = write_slot(s, true);

	if (rc < 0)
		return rc;
	s->slot.sealed_position = s->slot.position;
	s->slot.sealed_sequence = s->slot.sequence;
	return write_slot(s, false);
}

int session_random(struct session *s, uint64_t *ret_id)
{
	const struct ring_system *system = s->volume.system;

	do {
		int rc = system->random(system->ctx, ret_id, sizeof(*ret_id));

		if (rc < 0)
			return volume_fail(&s->volume, rc, NULL,
					   "no random numbers: %s",
					   ring_strerror(rc));
	} while (*ret_id == 0);
	return 0;
}

/* Become the producer and stop again: both look at all slots. */
static int be_producer(const struct session_wait *wait)
{
	struct ring_options options = { 0 };
	struct ring_producer *p;
	int rc;

	if (wait->options != NULL)
		options = *wait->options;
	options.fault = NULL;
	options.heartbeat_thread = false;
	rc = ring_producer_attach(wait->path, &options, &p, NULL);
	if (rc < 0)
		return rc;
	ring_producer_free(p);
	return 0;
}

static bool somebody_else_produces(int rc)
{
	return rc == -RING_ERR_OWNED || rc == -RING_ERR_OTHER_HOST ||
	       rc == -RING_ERR_ALIVE;
}

/*
 * An answer that was read may be undone by a power loss until a flush, issued
 * after the read, or the producer's own mark covers it (R4). 1, 0 or -errno.
 */
static int is_durable(struct session *s, const struct session_wait *wait)
{
	int rc;

	if (!volume_flush_proves(&s->volume, &s->producer.header)) {
		rc = role_durable_producer(&s->reader, &s->volume, &s->producer,
					   &s->producer);
		return rc == 0 && wait->is_answered(s);
	}
	rc = volume_flush(&s->volume);
	return rc < 0 ? volume_fail(&s->volume, rc, NULL, "cannot flush: %s",
				    ring_strerror(rc))
		      : 1;
}

static int look(struct session *s, const struct session_wait *wait)
{
	int rc;

	waiter_drain(&s->waiter);
	rc = role_load_producer(&s->reader, &s->volume, &s->producer);
	if (rc < 0)
		return rc;
	return wait->is_answered(s) ? is_durable(s, wait) : 0;
}

int session_wait(struct session *s, const struct session_wait *wait)
{
	waiter_arm(&s->waiter);
	for (;;) {
		uint64_t left;
		int rc = look(s, wait);

		if (rc != 0)
			return rc < 0 ? rc : 0;
		if (wait->as_producer && s->volume.owns_io) {
			rc = be_producer(wait);
			if (rc < 0 && !somebody_else_produces(rc))
				return volume_fail(
					&s->volume, rc, NULL,
					"cannot act as the producer: %s",
					ring_strerror(rc));
			rc = look(s, wait);
			if (rc != 0)
				return rc < 0 ? rc : 0;
		}
		left = deadline_left_ns(&s->volume, &s->deadline);
		if (left == 0)
			return -RING_ERR_TIMEOUT;
		waiter_sleep(&s->waiter, left);
	}
}
