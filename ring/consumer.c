#include "ring/consumer.h"

#include "ring/bytes.h"
#include "ring/cursors.h"
#include "ring/export.h"

#include <stdio.h>
#include <string.h>

int consumer_fail(struct ring_consumer *c, int rc, const char *what)
{
	if (c->failed == 0)
		c->failed = volume_fail(&c->volume, rc, NULL, "%s: %s", what,
					ring_strerror(rc));
	return c->failed;
}

static int alive(const struct ring_consumer *c)
{
	return c->attached ? c->failed
			   : volume_refuse(&c->volume, -RING_ERR_DETACHED, 0);
}

/* ---- the slot ----------------------------------------------------------- */

int consumer_settle(struct ring_consumer *c)
{
	int rc;

	if (!c->sealing)
		return 0;
	c->sealing = false;
	rc = c->volume.io->ops->wait(c->volume.io, &c->seal_batch);
	return rc < 0 ? consumer_fail(c, rc, "cannot write the sealed mark")
		      : 0;
}

static int write_slot(struct ring_consumer *c, bool flush)
{
	struct ring_io_batch batch = { .flush = flush };
	int rc = consumer_settle(c);

	if (rc < 0)
		return rc;
	role_add_write_cursor(&c->writer, &c->volume, &batch, &c->slot);
	role_add_fence_reads(&c->reader_own, &c->volume, &c->writer,
			     ROLE_FENCE_BOTH, &batch);
	rc = ring_io_run(c->volume.io, &batch);
	if (rc < 0)
		return consumer_fail(c, rc, "cannot write the cursor's slot");
	if (role_is_fenced(&c->reader_own, &c->volume, &c->writer))
		return consumer_fail(c, -RING_ERR_FENCED,
				     "cannot go on as this consumer");
	return 0;
}

/* What lies before the position may only have been visible: that first. */
static int make_position_durable(struct ring_consumer *c)
{
	int rc = consumer_settle(c);

	if (rc < 0 || !c->writer.is_volatile)
		return rc;
	rc = volume_flush(&c->volume);
	if (rc < 0)
		return consumer_fail(c, rc, "cannot flush");
	c->writer.is_volatile = false;
	return 0;
}

int consumer_store(struct ring_consumer *c)
{
	int rc = make_position_durable(c);

	if (rc == 0)
		rc = write_slot(c, true);
	if (rc < 0)
		return rc;
	role_writer_flushed(&c->writer);
	c->slot.sealed_position = c->slot.position;
	c->slot.sealed_sequence = c->slot.sequence;
	return 0;
}

int consumer_seal(struct ring_consumer *c, bool always)
{
	int rc = consumer_settle(c);

	if (rc < 0)
		return rc;
	if (!always && c->volume.io->buffered &&
	    volume_flush_proves(&c->volume, &c->producer.header))
		return 0;
	if (c->writer.flushed_generation == c->slot.header.sealed_generation)
		return 0; /* the last write says it all */
	c->seal_batch = (struct ring_io_batch){ 0 };
	role_add_write_cursor(&c->writer, &c->volume, &c->seal_batch, &c->slot);
	rc = c->volume.io->ops->start(c->volume.io, &c->seal_batch);
	if (rc < 0)
		return consumer_fail(c, rc, "cannot write the sealed mark");
	c->sealing = true;
	return 0;
}

/* ---- reading ------------------------------------------------------------ */

static int move_cursor(struct ring_consumer *c, uint64_t position,
		       uint64_t sequence);

/* Whether the cursor may go where the reader stands. */
static int may_move(struct ring_consumer *c)
{
	return consumer_skips_flush(c) ? 0 : consumer_prove(c);
}

/* Space that holds no items is given back without being asked. */
static int release_empty(struct ring_consumer *c)
{
	const uint32_t block = c->volume.superblock.geometry.block_bytes;
	int rc;

	/* Whole blocks are what can be used again. */
	if (round_down(c->empty_until, block) <=
		    round_down(c->slot.position, block) ||
	    c->empty_until != c->reader.position)
		return 0;
	rc = may_move(c);
	if (rc < 0)
		return rc;
	return move_cursor(c, c->empty_until, c->reader.next_sequence);
}

static int beat(struct ring_consumer *c)
{
	const int rc = beat_tick(&c->beat);

	return rc < 0 ? consumer_fail(c, rc, "cannot write the heartbeat") : 0;
}

/* What every call begins with that works on the device. */
static int begin_call(struct ring_consumer *c)
{
	int rc = alive(c);

	if (rc == 0)
		rc = consumer_settle(c);
	return rc == 0 ? beat(c) : rc;
}

/* What every reading call begins and ends with. */
static int begin_read(struct ring_consumer *c, uint64_t from)
{
	int rc = begin_call(c);

	if (rc < 0)
		return rc;
	waiter_drain(&c->waiter);
	return consumer_seek(c, from);
}

static int found_nothing(struct ring_consumer *c)
{
	int rc = release_empty(c);

	if (rc == 0)
		rc = consumer_seal(c, false);
	return rc < 0 ? rc : -RING_ERR_EMPTY;
}

/* The caller has the item before `next`, as it stands there now. */
static void gave(struct ring_consumer *c, uint64_t next)
{
	raise_mark(&c->given_again, next);
}

RING_EXPORT int ring_consumer_pop(struct ring_consumer *c, uint64_t from,
				  struct ring_item *ret_item)
{
	int rc = begin_read(c, from);

	if (rc == 0)
		rc = consumer_next(c, ret_item);
	if (rc == 0)
		gave(c, ret_item->next);
	return rc == -RING_ERR_EMPTY ? found_nothing(c) : rc;
}

static bool limit_is_reached(const struct ring_fold_limits *limits,
			     const struct ring_fold_limits *given)
{
	return limits != NULL &&
	       ((limits->items > 0 && given->items >= limits->items) ||
		(limits->bytes > 0 && given->bytes >= limits->bytes));
}

/* Whether one more item of that size would be too much. */
static bool exceeds(const struct ring_fold_limits *limits,
		    const struct ring_fold_limits *given,
		    const struct ring_item *item)
{
	return limits != NULL && limits->bytes > 0 && given->items > 0 &&
	       given->bytes + item->data_bytes + item->meta_bytes >
		       limits->bytes;
}

RING_EXPORT int ring_consumer_fold(struct ring_consumer *c, uint64_t from,
				   const struct ring_fold_limits *limits,
				   ring_fold_fn *fn, void *ctx,
				   uint64_t *ret_position)
{
	struct ring_fold_limits given = { 0 };
	uint64_t last = RING_POSITION_NONE;
	int rc = begin_read(c, from);

	while (rc == 0 && !limit_is_reached(limits, &given)) {
		struct ring_item item;

		rc = consumer_next(c, &item);
		if (rc < 0)
			break;
		if (exceeds(limits, &given, &item)) {
			consumer_unread(c);
			break;
		}
		rc = fn(ctx, &item);
		if (rc < 0)
			return rc;
		gave(c, item.next);
		last = item.next;
		given.items++;
		given.bytes += item.data_bytes + item.meta_bytes;
	}
	if (given.items > 0) {
		/* Whatever ended it is met again by the next call. */
		if (ret_position != NULL)
			*ret_position = last;
		return 0;
	}
	return rc == -RING_ERR_EMPTY ? found_nothing(c) : rc;
}

/* ---- advancing ---------------------------------------------------------- */

static int store_position(struct ring_consumer *c)
{
	if (!consumer_skips_flush(c))
		return consumer_store(c);
	c->writer.is_volatile = true;
	return write_slot(c, false);
}

static int move_cursor(struct ring_consumer *c, uint64_t position,
		       uint64_t sequence)
{
	int rc;

	c->slot.position = position;
	c->slot.sequence = sequence;
	rc = store_position(c);
	if (rc < 0)
		return rc;
	c->empty_until = position;
	if (position > c->farthest && !c->writer.is_volatile) {
		/* Across a gap: what is exposed ends before it. */
		c->farthest = position;
		c->farthest_sequence = sequence;
	}
	volume_trace(&c->volume, RING_TRACE_CONSUMER, true, position,
		     c->slot.name);
	return consumer_seal(c, false);
}

static int set_cookie(struct ring_consumer *c, const struct ring_cookie *from)
{
	struct cookie *to = &c->slot.cookie;

	if (from == NULL)
		return 0;
	if (from->len_bytes > RING_CURSOR_COOKIE_MAX)
		return volume_fail(&c->volume, -RING_ERR_TOO_BIG, NULL,
				   "a cookie of %zu bytes: %s", from->len_bytes,
				   ring_strerror(RING_ERR_TOO_BIG));
	to->len_bytes = (uint32_t)from->len_bytes;
	if (from->len_bytes > 0)
		memcpy(to->bytes, from->bytes, from->len_bytes);
	return 0;
}

RING_EXPORT int ring_consumer_advance(struct ring_consumer *c,
				      uint64_t position,
				      const struct ring_cookie *cookie)
{
	const bool moves = position > c->slot.position;
	int rc = begin_call(c);

	if (rc < 0)
		return rc;
	if (position == RING_POSITION_NONE)
		return volume_refuse(&c->volume, -RING_ERR_BOUNDARY, position);
	if (position == c->slot.position && cookie == NULL)
		return 0;
	rc = consumer_seek(c, position);
	if (rc == 0)
		rc = may_move(c);
	if (rc == 0)
		rc = set_cookie(c, cookie);
	if (rc == 0)
		rc = move_cursor(c, c->reader.position,
				 c->reader.next_sequence);
	if (rc < 0)
		return rc;
	/* The reader stands at the cursor: the next pop goes on from here. */
	c->last_item = RING_POSITION_NONE;
	if (moves)
		c->empty_from = position;
	return 0;
}

/* ---- suspending --------------------------------------------------------- */

static const struct reply *my_reply(const struct ring_consumer *c)
{
	return &c->producer.replies[reply_index(c->slot.header.role)];
}

/* Nothing to acknowledge is fine, too: the slot may have lost its request. */
static bool is_acked(const struct ring_consumer *c)
{
	return c->slot.request_id == 0 ||
	       c->slot.request_id == my_reply(c)->acked_request;
}

/* Whether the acknowledgement that was read will stay (R4): 1, 0, -errno. */
static int ack_is_durable(struct ring_consumer *c)
{
	struct volume *v = &c->volume;
	struct producer_slot newest, durable;
	int rc;

	if (c->slot.request_id == 0)
		return 1; /* nothing was asked */
	if (volume_flush_proves(v, &c->producer.header)) {
		rc = volume_flush(v);
		return rc < 0 ? rc : 1;
	}
	rc = role_load_producer(&c->reader_producer, v, &newest);
	if (rc < 0)
		return rc;
	rc = role_durable_producer(&c->reader_producer, v, &newest, &durable);
	return rc == 0 && durable.replies[reply_index(c->slot.header.role)]
					  .acked_request == c->slot.request_id;
}

/* Read the acknowledgement, and see whether it is there to stay. */
static int look_for_ack(struct ring_consumer *c)
{
	int rc = consumer_refresh(c);

	if (rc == 0 && !is_acked(c))
		c->acked = false;
	if (rc == 0 && is_acked(c) && !c->acked) {
		rc = ack_is_durable(c);
		c->acked = rc > 0;
	}
	if (rc < 0)
		return consumer_fail(c, rc, "cannot read the slots");
	volume_trace(&c->volume, RING_TRACE_SUSPEND_ACK, false, c->acked,
		     c->slot.name);
	return 0;
}

static int request(struct ring_consumer *c, bool wants_suspend)
{
	const struct ring_system *s = c->volume.system;
	int rc = alive(c);

	if (rc == 0)
		rc = look_for_ack(c);
	if (rc < 0)
		return rc;
	if (c->slot.wants_suspend == wants_suspend)
		return 0;
	if (!c->acked)
		return -RING_ERR_UNACKED;
	do {
		rc = s->random(s->ctx, &c->slot.request_id,
			       sizeof(c->slot.request_id));
		if (rc < 0)
			return consumer_fail(c, rc, "no random numbers");
	} while (c->slot.request_id == 0);
	c->slot.wants_suspend = wants_suspend;
	c->slot.request_generation = c->writer.generation + 1;
	c->acked = false;
	rc = consumer_store(c);
	/* Always: were it in one copy only, a fault there would forget it. */
	if (rc == 0)
		rc = consumer_seal(c, true);
	if (rc == 0)
		volume_trace(&c->volume, RING_TRACE_SUSPEND, true,
			     wants_suspend, c->slot.name);
	return rc;
}

RING_EXPORT int ring_consumer_suspend(struct ring_consumer *c)
{
	return request(c, true);
}

RING_EXPORT int ring_consumer_resume(struct ring_consumer *c)
{
	return request(c, false);
}

/* ---- looking ------------------------------------------------------------ */

static void exposed_known(const struct ring_consumer *c, uint64_t *ret_exposed,
			  uint64_t *ret_sequence)
{
	const struct checkpoint *at = &c->producer.checkpoint;

	*ret_exposed = c->farthest;
	*ret_sequence = c->farthest_sequence;
	if (at->exposed > c->farthest) {
		*ret_exposed = at->exposed;
		*ret_sequence = at->exposed_sequence;
	}
	if (c->unproven.end != 0 && c->unproven.exposed > *ret_exposed) {
		*ret_exposed = c->unproven.exposed;
		*ret_sequence = c->unproven.exposed_sequence;
	}
	if (c->slot.position > *ret_exposed) {
		/* Behind a gap, which a take-over left after the last item. */
		*ret_exposed = c->slot.position;
		*ret_sequence = c->slot.sequence;
	}
}

void consumer_fill_state(const struct ring_consumer *c,
			 struct ring_consumer_state *ret)
{
	uint64_t exposed, sequence;

	exposed_known(c, &exposed, &sequence);
	*ret = (struct ring_consumer_state){
		.position = c->slot.position,
		.items = c->slot.sequence,
		.exposed = exposed,
		.backlog_bytes = exposed - c->slot.position,
		.backlog_items = sequence - c->slot.sequence,
		.suspend_requested = c->slot.wants_suspend,
		.suspend_acked = c->acked,
		.suspended = c->slot.request_id != 0 &&
			     c->slot.wants_suspend == c->acked,
		.cookie_bytes = c->slot.cookie.len_bytes,
	};
	memcpy(ret->cookie, c->slot.cookie.bytes, ret->cookie_bytes);
}

RING_EXPORT int ring_consumer_state(struct ring_consumer *c,
				    struct ring_consumer_state *ret_state)
{
	int rc = alive(c);

	if (rc == 0)
		rc = look_for_ack(c);
	if (rc == 0)
		rc = beat(c);
	if (rc < 0)
		return rc;
	consumer_fill_state(c, ret_state);
	rc = cursors_suspend(&c->volume, &c->reader_own, &c->producer,
			     &ret_state->suspended);
	if (rc < 0)
		return consumer_fail(c, rc, "cannot read the slots");
	return consumer_seal(c, false);
}

/* What wait() watches for, besides items. */
struct sight {
	bool acked;
	uint64_t producer_epoch;
};

static struct sight sight_of(const struct ring_consumer *c)
{
	return (struct sight){ is_acked(c), c->producer.header.epoch };
}

/* Whether there is anything that the caller has not seen. */
static int look_for_news(struct ring_consumer *c, const struct sight *before)
{
	struct ring_item item;
	struct sight now;
	int rc;

	/* Look behind the last item, not disturbing where the reader is. */
	rc = consumer_next(c, &item);
	if (rc == 0) {
		consumer_unread(c);
		return 1;
	}
	if (rc == -RING_ERR_DAMAGED || rc == -RING_ERR_BOUNDARY ||
	    rc == -RING_ERR_FUTURE)
		return 1; /* let pop say so */
	if (rc < 0 && rc != -RING_ERR_EMPTY)
		return rc;
	now = sight_of(c);
	if (now.acked != before->acked ||
	    now.producer_epoch != before->producer_epoch)
		return 1;
	rc = found_nothing(c);
	return rc == -RING_ERR_EMPTY ? 0 : rc;
}

RING_EXPORT int ring_consumer_wait(struct ring_consumer *c, int timeout_ms)
{
	const struct sight before = sight_of(c);
	struct deadline deadline;
	int rc = alive(c);

	if (rc < 0)
		return rc;
	deadline = deadline_in(&c->volume, timeout_ms);
	waiter_arm(&c->waiter);
	waiter_reset(&c->waiter);
	for (;;) {
		uint64_t left, due;

		waiter_drain(&c->waiter);
		rc = begin_call(c);
		if (rc == 0)
			rc = look_for_news(c, &before);
		if (rc != 0)
			return rc < 0 ? rc : 0;
		left = deadline_left_ns(&c->volume, &deadline);
		if (left == 0)
			return -RING_ERR_TIMEOUT;
		due = beat_due_ns(&c->beat);
		waiter_sleep(&c->waiter, left < due ? left : due);
	}
}

RING_EXPORT int ring_consumer_fd(struct ring_consumer *c)
{
	int rc = alive(c);

	if (rc < 0)
		return rc;
	rc = waiter_fd(&c->waiter);
	return rc < 0 ? volume_fail(&c->volume, rc, NULL,
				    "cannot make a descriptor: %s",
				    ring_strerror(rc))
		      : rc;
}

RING_EXPORT int ring_consumer_debug_info(struct ring_consumer *c, char *buf,
					 size_t len_bytes)
{
	return snprintf(
		buf, len_bytes,
		"consumer '%s' of '%s' (%s): %s, epoch %llu, position %llu "
		"(item %llu), reader %llu, visible %llu, marked %llu, "
		"evidence %llu, window %llu + %zu, first error %d",
		c->slot.name, c->volume.path, c->volume.superblock.queue,
		c->attached ? "attached" : "detached",
		(unsigned long long)c->writer.epoch,
		(unsigned long long)c->slot.position,
		(unsigned long long)c->slot.sequence,
		(unsigned long long)c->reader.position,
		(unsigned long long)c->visible, (unsigned long long)c->marked,
		(unsigned long long)c->evidence,
		(unsigned long long)c->window.start, c->window.len, c->failed);
}
