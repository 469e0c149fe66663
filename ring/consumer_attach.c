/*
 * Becoming a consumer: find the cursor by name, take its role, begin a new
 * epoch of its slot, so that a former owner's late writes change nothing.
 */
#include "ring/consumer.h"

#include "ring/cursors.h"
#include "ring/export.h"
#include "ring/text.h"

#include <errno.h>

static int allocate(struct ring_consumer *c)
{
	struct volume *v = &c->volume;
	int rc = role_reader_init(&c->reader_own, v);

	if (rc == 0)
		rc = role_reader_init(&c->reader_producer, v);
	if (rc == 0)
		rc = window_init(&c->window, v);
	return rc;
}

static void release(struct ring_consumer *c)
{
	struct volume *v = &c->volume;

	/* A seal may be under way, also behind a failure: it uses a buffer. */
	(void)consumer_settle(c);
	beat_stop(&c->beat);
	waiter_close(&c->waiter);
	window_release(&c->window);
	role_writer_release(&c->writer, v);
	role_reader_release(&c->reader_producer, v);
	role_reader_release(&c->reader_own, v);
}

/* The slot holds less than the producer saw durable: a write of it is lost. */
static void heal_position(struct ring_consumer *c)
{
	const struct reply *reply =
		&c->producer.replies[reply_index(c->slot.header.role)];

	if (c->slot.position >= reply->position ||
	    c->slot.sequence > reply->sequence)
		return;
	c->slot.position = reply->position;
	c->slot.sequence = reply->sequence;
}

static int begin_epoch(struct ring_consumer *c)
{
	const struct slot_header *h = &c->slot.header;
	int rc;

	if (h->epoch >= INT64_MAX || h->generation >= INT64_MAX)
		return volume_fail(&c->volume, -RING_ERR_EXHAUSTED, NULL,
				   "cannot begin an epoch: %s",
				   ring_strerror(RING_ERR_EXHAUSTED));
	role_writer_begin(&c->writer, &c->volume, &c->reader_own, h);
	c->slot.header.state = CURSOR_ATTACHED;
	c->slot.header.skips_flush = c->volume.skips_flush;
	role_set_owner(&c->volume, &c->slot.header);
	heal_position(c);
	rc = consumer_store(c);
	/* Once more, so that either copy alone is this epoch's. */
	return rc == 0 ? consumer_store(c) : rc;
}

static int take_role(struct ring_consumer *c, uint32_t role)
{
	struct volume *v = &c->volume;
	struct owner_claim claim;
	int rc = owner_claim(v, &c->reader_own, role, &claim);

	if (rc < 0)
		return rc;
	rc = role_writer_init(&c->writer, v, role);
	if (rc == 0)
		rc = role_load_cursor(&c->reader_own, v, role, &c->slot);
	if (rc == 0)
		rc = owner_recheck(v, &c->slot.header, &claim);
	if (rc == 0)
		rc = role_load_producer(&c->reader_producer, v, &c->producer);
	if (rc == 0 && !cursor_is_member(&c->slot, &c->producer))
		rc = volume_fail(v, -RING_ERR_NO_CONSUMER, NULL,
				 "the consumer has not joined: %s",
				 ring_strerror(RING_ERR_NO_CONSUMER));
	if (rc == 0)
		rc = begin_epoch(c);
	if (rc == 0)
		rc = owner_confirm(v, &c->reader_own, &c->writer, &claim);
	if (rc == 0)
		rc = beat_start(&c->beat, v, role, c->writer.epoch);
	if (rc < 0)
		v->io->ops->unlock(v->io, role);
	return rc;
}

static int open_cursor(struct ring_consumer *c, const char *name)
{
	uint32_t role;
	int rc = allocate(c);

	if (rc < 0)
		return volume_fail(&c->volume, rc, NULL, "out of memory");
	if (!name_is_valid(name))
		return volume_fail(&c->volume, -RING_ERR_NAME, NULL,
				   "bad consumer name: %s",
				   ring_strerror(RING_ERR_NAME));
	rc = cursor_find(&c->volume, &c->reader_own, name, &role);
	return rc < 0 ? rc : take_role(c, role);
}

static void begin_reading(struct ring_consumer *c)
{
	c->attached = true;
	consumer_rewind(c);
	c->empty_from = c->slot.position;
	(void)consumer_refresh(c);
	/* A cursor's position is evidence, and durable. */
	if (c->marked < c->reader.position)
		c->marked = c->reader.position;
}

RING_EXPORT int ring_consumer_attach(const char *path, const char *name,
				     const struct ring_options *options,
				     struct ring_consumer **ret_consumer,
				     struct ring_consumer_state *ret_state)
{
	const struct ring_system *s = options != NULL && options->system != NULL
					      ? options->system
					      : ring_system_default();
	struct ring_consumer *c = s->alloc(s->ctx, sizeof(*c), RING_IO_ALIGN);
	int rc;

	if (c == NULL)
		return volume_no_handle(path, options);
	rc = volume_open(&c->volume, path, options, false);
	if (rc < 0)
		goto out_handle;
	waiter_init(&c->waiter, &c->volume);
	rc = open_cursor(c, name != NULL ? name : "default");
	if (rc < 0)
		goto out_volume;
	begin_reading(c);
	if (ret_state != NULL)
		consumer_fill_state(c, ret_state);
	*ret_consumer = c;
	return 0;

out_volume:
	volume_explain(&c->volume, rc, "cannot become the consumer");
	release(c);
	volume_abandon(&c->volume);
out_handle:
	s->release(s->ctx, c, sizeof(*c));
	return rc;
}

static int write_farewell(struct ring_consumer *c)
{
	int rc = consumer_settle(c);

	if (rc < 0)
		return rc;
	c->slot.header.state = CURSOR_MEMBER;
	role_clear_owner(&c->slot.header);
	rc = consumer_store(c);
	if (rc == 0)
		rc = consumer_seal(c, true);
	if (rc == 0)
		rc = consumer_settle(c);
	return rc;
}

RING_EXPORT int ring_consumer_detach(struct ring_consumer *c)
{
	int rc;

	if (!c->attached)
		return volume_refuse(&c->volume, -RING_ERR_DETACHED, 0);
	c->attached = false;
	/* A fenced or broken owner has nothing to say about the cursor. */
	rc = c->failed < 0 ? 0 : write_farewell(c);
	release(c);
	volume_close(&c->volume);
	return rc;
}

RING_EXPORT void ring_consumer_free(struct ring_consumer *c)
{
	const struct ring_system *s;

	if (c == NULL)
		return;
	s = c->volume.system;
	if (c->attached)
		(void)ring_consumer_detach(c);
	s->release(s->ctx, c, sizeof(*c));
}
