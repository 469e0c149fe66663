/*
 * What may be believed of what was read. The order of reads is that of rule R8
 * (DESIGN.md, "Reading"):
 *
 *   D1  the producer's slot: the evidence by which damage is told from the end
 *   D2  the data
 *   D3  if no mark proves it durable: a flush, issued after the data was read;
 *       not if items are delivered on sight
 *   D4  the producer's slot again: only if the epoch is unchanged may what was
 *       read be believed
 */
#include "ring/consumer.h"

static struct reply *my_reply(struct ring_consumer *c)
{
	return &c->producer.replies[reply_index(c->slot.header.role)];
}

/* ---- the producer's slot ------------------------------------------------ */

/* Positions that somebody vouches for: FORMAT.md 6. */
static void take_evidence(struct ring_consumer *c)
{
	raise_mark(&c->evidence, c->producer.checkpoint.position);
	if (!c->producer.header.is_volatile)
		raise_mark(&c->marked, c->producer.checkpoint.position);
	for (unsigned i = 1; i < SLOT_REPLIES; i++)
		if (c->producer.replies[i].membership == MEMBER_JOINED)
			raise_mark(&c->seen, c->producer.replies[i].position);
	raise_mark(&c->evidence, c->seen);
}

/*
 * What was read ahead under the former epoch may have been discarded since.
 * The reader itself stands in what was proven; at most a gap lies before it.
 */
static void pass_gap(struct ring_consumer *c)
{
	struct chain *reader = &c->reader;
	const uint64_t at =
		segments_skip_gap(&c->producer.segments, reader->position);

	c->last_item = RING_POSITION_NONE;
	if (reader->batch == reader->position)
		reader->batch = at;
	if (reader->end == reader->position)
		reader->end = at;
	if (c->empty_until == reader->position)
		c->empty_until = at;
	reader->position = at;
}

/* Unless it went on on sight: then it starts anew at the cursor. */
static void forget_epoch(struct ring_consumer *c)
{
	window_reset(&c->window);
	c->forgotten++;
	if (c->unproven.end != 0) {
		raise_mark(&c->gone, c->shown);
		c->gone_epoch = c->unproven.epoch;
		c->given_again = 0;
		consumer_rewind(c);
	} else {
		pass_gap(c);
	}
	if (c->producer.header.state != PRODUCER_RECOVERING)
		c->shown = 0;
}

static int read_slots(struct ring_consumer *c, struct producer_slot *ret)
{
	struct ring_io_batch batch = { 0 };
	struct volume *v = &c->volume;
	struct role_found found;
	int rc = role_drop_stale(v, ROLE_PRODUCER, &c->producer.header);

	if (rc < 0)
		return consumer_fail(c, rc, "cannot drop cached slots");
	role_add_reads(&c->reader_producer, v, &batch, ROLE_PRODUCER,
		       c->producer.header.epoch, 2);
	role_add_fence_reads(&c->reader_own, v, &c->writer, ROLE_FENCE_NEXT,
			     &batch);
	rc = ring_io_run(v->io, &batch);
	if (rc < 0)
		return consumer_fail(c, rc, "cannot read the slots");
	/* Not beside them: a device may tell of its reads only when it has
	 * done all of them, and nothing would be left to parse beside. */
	window_read_ahead(&c->window);
	if (role_is_fenced(&c->reader_own, v, &c->writer))
		return consumer_fail(c, -RING_ERR_FENCED,
				     "cannot go on as this consumer");
	rc = role_find(&c->reader_producer, v, ROLE_PRODUCER,
		       c->producer.header.epoch, 2, &found);
	if (rc == 0)
		rc = role_decode_producer(&c->reader_producer, v, &found, ret);
	if (rc < 0 || found.header.epoch != c->producer.header.epoch)
		/* A new epoch, or some later one: find the newest of all. */
		rc = role_load_producer(&c->reader_producer, v, ret);
	return rc;
}

int consumer_refresh(struct ring_consumer *c)
{
	struct producer_slot now;
	int rc = consumer_settle(c);
	bool same_epoch;

	if (rc == 0)
		rc = read_slots(c, &now);
	if (rc < 0)
		return rc;
	/* What was parsed while it recovered knew nothing of its gap. */
	same_epoch = now.header.epoch == c->producer.header.epoch &&
		     (c->producer.header.state != PRODUCER_RECOVERING ||
		      now.header.state == PRODUCER_RECOVERING);
	c->producer = now;
	/* Direct writes may leave stale pages in the cache. */
	c->window.from_storage = c->volume.io->buffered && !now.header.buffered;
	c->vetted_loads = c->window.loads;
	c->window.ahead_to = now.checkpoint.position;
	take_evidence(c);
	volume_trace(&c->volume, RING_TRACE_PRODUCER, false,
		     now.checkpoint.exposed, "");
	if (!same_epoch)
		forget_epoch(c);
	if (my_reply(c)->incarnation != c->slot.incarnation ||
	    my_reply(c)->membership != MEMBER_JOINED)
		return consumer_fail(c, -RING_ERR_REMOVED,
				     "cannot go on as this consumer");
	return 0;
}

/* ---- proof -------------------------------------------------------------- */

static bool is_proven(const struct ring_consumer *c, uint64_t end)
{
	return end <= c->marked || end <= c->window.flushed_end;
}

int consumer_vet(struct ring_consumer *c)
{
	const uint64_t forgotten = c->forgotten;
	const uint64_t loads = c->window.loads;
	const int rc = consumer_refresh(c);

	if (rc < 0)
		return rc;
	return c->forgotten != forgotten || c->vetted_loads != loads
		       ? -RING_ERR_EMPTY
		       : 0;
}

/*
 * D3 and D4 for a commit that was read and ends at `end`. EMPTY if it can't be
 * believed yet; also when it was forgotten, and the walk must start anew.
 */
static int prove(struct ring_consumer *c, uint64_t end)
{
	bool flushed = false;
	int rc;

	if (is_proven(c, end) && c->vetted_loads == c->window.loads)
		return 0;
	if (!is_proven(c, end) &&
	    volume_flush_proves(&c->volume, &c->producer.header)) {
		rc = volume_flush(&c->volume);
		if (rc < 0)
			return consumer_fail(c, rc, "cannot flush");
		flushed = true;
	}
	rc = consumer_vet(c);
	if (rc < 0)
		return rc;
	if (flushed && c->producer.header.state != PRODUCER_RECOVERING) {
		window_set_flushed(&c->window);
		raise_mark(&c->marked, end);
	}
	return is_proven(c, end) ? 0 : -RING_ERR_EMPTY;
}

bool consumer_skips_flush(const struct ring_consumer *c)
{
	return c->volume.skips_flush &&
	       volume_flush_proves(&c->volume, &c->producer.header);
}

static bool delivers_on_sight(const struct ring_consumer *c)
{
	return c->volume.shows_visible || consumer_skips_flush(c);
}

/* D4 alone: to be seen is enough, unless a recovery decides about it now. */
static int sight(struct ring_consumer *c, uint64_t end)
{
	const int rc = c->vetted_loads == c->window.loads ? 0 : consumer_vet(c);

	if (rc == 0 && !is_proven(c, end) &&
	    c->producer.header.state == PRODUCER_RECOVERING)
		return -RING_ERR_EMPTY;
	return rc;
}

/* It was valid and is durable: no recovery will think otherwise. */
static void believe(struct ring_consumer *c, const struct chain *ahead)
{
	raise_mark(&c->marked, ahead->end);
	raise_mark(&c->evidence, ahead->end);
	if (raise_mark(&c->farthest, ahead->exposed))
		c->farthest_sequence = ahead->exposed_sequence;
	c->unproven.end = 0;
}

int consumer_prove(struct ring_consumer *c)
{
	const struct chain last = c->unproven;
	int rc;

	if (last.end == 0)
		return 0;
	rc = prove(c, last.end);
	if (rc == 0)
		believe(c, &last);
	return rc;
}

int consumer_admit(struct ring_consumer *c, const struct chain *ahead)
{
	return delivers_on_sight(c) ? sight(c, ahead->end)
				    : prove(c, ahead->end);
}

void consumer_note_visible(struct ring_consumer *c, const struct chain *ahead)
{
	c->visible = ahead->exposed;
	if (is_proven(c, ahead->end)) {
		believe(c, ahead);
	} else {
		c->unproven = *ahead;
		raise_mark(&c->shown, ahead->exposed);
	}
}
