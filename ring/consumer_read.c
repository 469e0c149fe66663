/* Stepping from item to item through what is visible; and seeking. */
#include "ring/consumer.h"

#include <assert.h>

/* ---- stepping ----------------------------------------------------------- */

/* The reader met damage in what is visible: *step becomes a hole. */
static int pass_here(struct ring_consumer *c, struct chain_step *step)
{
	const struct chain_rules r = consumer_rules(c);
	struct resumption found;
	int rc = consumer_pass_damage(c, &c->reader, step, &found);

	if (rc < 0)
		return rc;
	assert(found.start == c->reader.position);
	*step = resume_step(&r, &found.hole);
	consumer_tell_loss(c, &c->reader, step, false);
	return 0;
}

/* Step over the record at the reader, which is visible. */
static int step_reader(struct ring_consumer *c, struct chain_step *ret_step)
{
	const struct chain_rules r = consumer_rules(c);
	int rc = scan_look(&c->window, &r, &c->reader, ret_step);

	if (rc < 0)
		return consumer_fail(c, rc, "cannot read");
	if (ret_step->verdict == CHAIN_BAD) {
		rc = consumer_look_again(c, &c->reader, ret_step);
		if (rc == -RING_ERR_DAMAGED)
			rc = pass_here(c, ret_step);
		if (rc < 0)
			return rc;
	} else if (ret_step->verdict == CHAIN_HOLE) {
		consumer_tell_loss(c, &c->reader, ret_step, true);
	}
	chain_accept(&c->reader, ret_step);
	return 0;
}

/*
 * Commits behind an item belong to it: so the position after the last item of
 * all is where the producer goes on, and nothing of it holds space.
 */
static void skip_commits(struct ring_consumer *c)
{
	const struct chain_rules r = consumer_rules(c);

	while (c->reader.position < c->visible) {
		struct chain_step step;

		/* Reading more might drop the item, which is lent. What is
		 * bad here is met, and judged, by the next call. */
		if (!scan_resident(&c->window, &r, &c->reader, &step) ||
		    step.verdict <= CHAIN_ITEM)
			return;
		chain_accept(&c->reader, &step);
	}
}

static void fill_item(const struct ring_consumer *c,
		      const struct chain_step *step, struct ring_item *item)
{
	const uint8_t *body =
		window_at(&c->window, c->last_item) + RECORD_HEADER_BYTES;

	*item = (struct ring_item){
		.position = c->last_item,
		.next = c->reader.position,
		.sequence = step->record.sequence,
		.time_ns = step->record.time_ns,
		.meta = body,
		.meta_bytes = step->record.meta_bytes,
		.data = body + step->record.meta_bytes,
		.data_bytes = step->record.body_bytes - step->record.meta_bytes,
		.type = step->record.type,
	};
}

/* Step to and over the next item. */
static int next_item(struct ring_consumer *c, struct chain_step *ret_step)
{
	const uint64_t from = c->reader.position;

	for (;;) {
		const uint64_t forgotten = c->forgotten;
		struct chain before;
		int rc;

		if (c->reader.position < from) {
			/* What was on sight may be gone. */
			rc = consumer_seek(c, from);
			if (rc < 0)
				return rc;
		}
		c->window.keep = c->reader.position;
		if (c->reader.position >= c->visible) {
			rc = consumer_extend_visible(c);
			if (rc < 0)
				return rc;
			continue;
		}
		before = c->reader;
		rc = step_reader(c, ret_step);
		if (rc == -RING_ERR_EMPTY && c->forgotten != forgotten)
			continue; /* what was read ahead is forgotten */
		if (rc < 0)
			return rc;
		if (ret_step->verdict == CHAIN_ITEM) {
			c->before_item = before;
			c->last_item = before.position;
			return 0;
		}
		if (before.position <= c->empty_until)
			c->empty_until = c->reader.position;
	}
}

int consumer_next(struct ring_consumer *c, struct ring_item *ret_item)
{
	struct chain_step step;
	int rc = next_item(c, &step);

	if (rc < 0)
		return rc;
	skip_commits(c);
	fill_item(c, &step, ret_item);
	return 0;
}

void consumer_unread(struct ring_consumer *c)
{
	assert(c->last_item != RING_POSITION_NONE);
	c->reader = c->before_item;
}

/* ---- where to read ------------------------------------------------------ */

void consumer_rewind(struct ring_consumer *c)
{
	const uint64_t start =
		segments_skip_gap(&c->producer.segments, c->slot.position);

	chain_from_cursor(&c->reader, start, c->slot.sequence);
	c->empty_until = start;
	c->visible = start;
	c->unproven.end = 0;
	raise_mark(&c->farthest, start);
	if (c->farthest == start)
		c->farthest_sequence = c->slot.sequence;
	c->last_item = RING_POSITION_NONE;
}

static bool is_here(struct ring_consumer *c, uint64_t position)
{
	if (c->last_item != RING_POSITION_NONE && position == c->last_item) {
		c->reader = c->before_item;
		return true;
	}
	return position == c->reader.position;
}

/* What was given on sight is no more, and something else stands there. */
static bool is_replaced(const struct ring_consumer *c, uint64_t position)
{
	return position > c->given_again && position <= c->gone &&
	       c->reader.epoch > c->gone_epoch;
}

/* From the cursor on, record by record. */
static int walk_to(struct ring_consumer *c, uint64_t position)
{
	consumer_rewind(c);
	while (c->reader.position < position) {
		const uint64_t forgotten = c->forgotten;
		struct chain_step step;
		int rc;

		c->window.keep = c->reader.position;
		rc = c->reader.position < c->visible
			     ? step_reader(c, &step)
			     : consumer_extend_visible(c);
		if (rc == -RING_ERR_EMPTY && c->forgotten != forgotten)
			continue; /* what was read ahead is forgotten */
		if (rc == -RING_ERR_EMPTY &&
		    (position <= c->farthest || position <= c->shown))
			return rc; /* it was seen; just now it can't be proved */
		if (rc == -RING_ERR_EMPTY)
			return volume_refuse(&c->volume, -RING_ERR_FUTURE,
					     position);
		if (rc < 0)
			return rc;
	}
	if (c->reader.position != position)
		return volume_refuse(&c->volume, -RING_ERR_BOUNDARY, position);
	return is_replaced(c, position)
		       ? volume_refuse(&c->volume, -RING_ERR_FUTURE, position)
		       : 0;
}

int consumer_seek(struct ring_consumer *c, uint64_t position)
{
	int rc;

	if (position == RING_POSITION_NONE)
		position = c->slot.position;
	if (position < c->empty_from)
		return volume_refuse(&c->volume, -RING_ERR_RELEASED, position);
	if (position < c->slot.position)
		position = c->slot.position;
	position = segments_skip_gap(&c->producer.segments, position);
	if (is_here(c, position))
		return 0;
	rc = walk_to(c, position);
	if (rc < 0)
		consumer_rewind(c);
	return rc;
}
