/*
 * What the producer knows and says beside the stream: its slot, the fence, the
 * cursors' positions and requests.
 */
#include "ring/producer.h"

#include "ring/cursors.h"

#include <assert.h>

int producer_fail(struct ring_producer *p, int rc, const char *what)
{
	assert(rc < 0);
	if (p->failed == 0)
		p->failed = volume_fail(&p->volume, rc, NULL, "%s: %s", what,
					ring_strerror(rc));
	return p->failed;
}

/* ---- space -------------------------------------------------------------- */

struct slowest producer_slowest_cursor(const struct ring_producer *p)
{
	struct slowest s = { .index = p->peers.count, .position = UINT64_MAX };

	for (unsigned i = 1; i < p->peers.count; i++) {
		uint64_t position, sequence;

		if (p->slot.replies[i].membership != MEMBER_JOINED)
			continue;
		peer_position(&p->peers.list[i], &p->slot.replies[i], &position,
			      &sequence);
		if (position < s.position)
			s = (struct slowest){ i, position };
	}
	return s;
}

uint64_t producer_least_checkpoint(const struct ring_producer *p)
{
	return p->checkpoints[0] < p->checkpoints[1] ? p->checkpoints[0]
						     : p->checkpoints[1];
}

/*
 * What cursors hold that work without durability, beside a producer with: a
 * power loss takes them back to where they flushed last, or to where our own
 * durable slot says that they were.
 */
static uint64_t least_told(const struct ring_producer *p)
{
	uint64_t least = UINT64_MAX;

	if (p->volume.skips_flush)
		return least;
	for (unsigned i = 1; i < p->peers.count; i++)
		if (p->slot.replies[i].membership == MEMBER_JOINED &&
		    p->peers.list[i].seen.header.is_volatile &&
		    p->told[i] < least)
			least = p->told[i];
	return least;
}

uint64_t producer_reusable(const struct ring_producer *p)
{
	const uint64_t cursors = producer_slowest_cursor(p).position;
	const uint64_t own = producer_least_checkpoint(p);
	const uint64_t tail = cursors < own ? cursors : own;
	const uint64_t told = least_told(p);

	return told < tail ? told : tail;
}

/* ---- the slot ----------------------------------------------------------- */

int producer_settle(struct ring_producer *p)
{
	int rc;

	if (!p->sealing)
		return 0;
	p->sealing = false;
	rc = p->volume.io->ops->wait(p->volume.io, &p->seal_batch);
	return rc < 0 ? producer_fail(p, rc, "cannot write the sealed mark")
		      : 0;
}

int producer_run(struct ring_producer *p, struct ring_io_batch *batch,
		 const char *what)
{
	int rc = producer_settle(p);

	if (rc < 0)
		return rc;
	rc = ring_io_run(p->volume.io, batch);
	return rc < 0 ? producer_fail(p, rc, what) : 0;
}

/* Replies repeat what is known of the cursors: evidence against lost slots. */
static void refresh_replies(struct ring_producer *p)
{
	for (unsigned i = 1; i < p->peers.count; i++) {
		struct reply *r = &p->slot.replies[i];

		if (r->membership == MEMBER_JOINED)
			peer_position(&p->peers.list[i], r, &r->position,
				      &r->sequence);
	}
}

void producer_add_slot_write(struct ring_producer *p,
			     struct ring_io_batch *batch)
{
	refresh_replies(p);
	p->slot.checkpoint = p->now;
	p->writer.is_volatile = p->durable < p->now.position;
	role_add_write_producer(&p->writer, &p->volume, batch, &p->slot);
}

void producer_slot_is_flushed(struct ring_producer *p)
{
	if (p->writer.flushed_generation != p->writer.generation)
		for (unsigned i = 1; i < p->peers.count; i++)
			p->told[i] = p->slot.replies[i].position;
	role_writer_flushed(&p->writer);
	p->checkpoints[p->writer.copy] = p->slot.checkpoint.position;
}

void producer_slot_is_visible(struct ring_producer *p)
{
	/* A kill leaves the newer copy: the other one holds no space. */
	p->checkpoints[0] = p->checkpoints[1] = p->slot.checkpoint.position;
}

static int write_slot(struct ring_producer *p, bool flush)
{
	struct ring_io_batch batch = { .flush = flush };
	int rc = producer_settle(p); /* it uses the slot's buffer */

	if (rc < 0)
		return rc;
	producer_add_slot_write(p, &batch);
	rc = producer_run(p, &batch, "cannot write the producer's slot");
	if (rc < 0)
		return rc;
	if (flush)
		producer_slot_is_flushed(p);
	else
		producer_slot_is_visible(p);
	return 0;
}

int producer_checkpoint(struct ring_producer *p)
{
	return write_slot(p, !p->volume.skips_flush);
}

int producer_checkpoint_durably(struct ring_producer *p)
{
	struct ring_io_batch flush = { .flush = true };
	int rc = p->volume.skips_flush ? producer_run(p, &flush, "cannot flush")
				       : 0;

	if (rc < 0)
		return rc;
	p->durable = p->now.position;
	return write_slot(p, true);
}

static bool somebody_needs_seals(const struct ring_producer *p)
{
	if (p->durable < p->now.position)
		return false; /* a mark that vouches for nothing helps nobody */
	if (!p->volume.io->buffered)
		return true;
	for (unsigned i = 0; i < p->peers.count; i++)
		if (p->peers.list[i].seen.header.state != CURSOR_FREE &&
		    !p->peers.list[i].is_provable)
			return true; /* or who last wrote its slot did */
	return false;
}

int producer_seal(struct ring_producer *p, bool always)
{
	int rc;

	if (!always && !somebody_needs_seals(p))
		return 0;
	if (p->writer.flushed_generation == p->slot.header.sealed_generation &&
	    p->slot.checkpoint.position == p->now.position)
		return 0; /* the last write says it all */
	rc = producer_settle(p);
	if (rc < 0)
		return rc;
	p->seal_batch = (struct ring_io_batch){ 0 };
	producer_add_slot_write(p, &p->seal_batch);
	rc = p->volume.io->ops->start(p->volume.io, &p->seal_batch);
	if (rc < 0)
		return producer_fail(p, rc, "cannot write the sealed mark");
	p->sealing = true;
	return 0;
}

/* ---- looking at the others ---------------------------------------------- */

void producer_add_fence_read(struct ring_producer *p, enum role_fence which,
			     struct ring_io_batch *batch)
{
	role_add_fence_reads(&p->reader, &p->volume, &p->writer, which, batch);
}

int producer_check_fence(struct ring_producer *p)
{
	return role_is_fenced(&p->reader, &p->volume, &p->writer)
		       ? producer_fail(p, -RING_ERR_FENCED,
				       "cannot go on as the producer")
		       : 0;
}

bool producer_answer(struct ring_producer *p)
{
	const struct answer_context context = {
		.replies = p->slot.replies,
		.peers = p->peers.list,
		.count = p->peers.count,
		.end_position =
			segments_skip_gap(&p->slot.segments, p->now.exposed),
		.end_sequence = p->now.exposed_sequence,
	};
	bool changed = false;

	for (unsigned i = 0; i < p->peers.count; i++)
		changed |= peer_answer(&context, i, &p->slot.replies[i]);
	return changed;
}

static void update_suspended(struct ring_producer *p)
{
	bool suspended = false;

	for (unsigned i = 0; i < p->peers.count; i++)
		suspended |= cursor_suspends(&p->peers.list[i].seen,
					     &p->slot.replies[i]);
	if (suspended == p->suspended)
		return;
	p->news++;
	p->suspended = suspended;
	volume_trace(&p->volume, RING_TRACE_SUSPEND_ACK, true, suspended, "");
}

/*
 * FULL is judged by the cursors alone, for the checkpoints are moved when they
 * are in the way. While the ring is suspended space helps nobody: what is news
 * then is the resume.
 */
static void update_space(struct ring_producer *p, uint64_t held)
{
	if (!p->suspended && producer_slowest_cursor(p).position > held)
		p->news++;
}

int producer_answer_requests(struct ring_producer *p, uint64_t held)
{
	const int rc = producer_answer(p) ? producer_checkpoint_durably(p) : 0;

	if (rc < 0)
		return rc;
	update_suspended(p);
	update_space(p, held);
	return 0;
}

static uint64_t monotonic_ns(const struct ring_producer *p)
{
	const struct ring_system *s = p->volume.system;

	return s->monotonic_ns(s->ctx);
}

bool producer_look_is_due(struct ring_producer *p)
{
	uint64_t now;

	if (p->volume.io->buffered && !p->volume.skips_flush)
		return true; /* nothing, beside a flush */
	now = monotonic_ns(p);
	if (p->looked_ns != 0 && now - p->looked_ns < p->volume.poll_min_ns)
		return false;
	p->looked_ns = now;
	return true;
}

int producer_poll(struct ring_producer *p)
{
	struct ring_io_batch batch = { 0 };
	const uint64_t held = producer_slowest_cursor(p).position;
	int rc;

	p->looked_ns = monotonic_ns(p);
	producer_add_fence_read(p, ROLE_FENCE_BOTH, &batch);
	rc = producer_run(p, &batch, "cannot read the producer's slot");
	if (rc == 0)
		rc = producer_check_fence(p);
	if (rc < 0)
		return rc;
	rc = peers_poll(&p->peers);
	if (rc < 0)
		return producer_fail(p, rc, "cannot read the cursors' slots");
	rc = producer_answer_requests(p, held);
	if (rc == 0)
		rc = producer_seal(p, false);
	return rc;
}

int producer_ready(struct ring_producer *p)
{
	int rc;

	if (!p->attached)
		return volume_refuse(&p->volume, -RING_ERR_DETACHED, 0);
	if (p->failed < 0)
		return p->failed;
	if (!p->suspended)
		return 0;
	rc = producer_poll(p); /* it may have been resumed */
	if (rc < 0)
		return rc;
	if (!p->suspended)
		return 0;
	p->news_seen = p->news;
	return -RING_ERR_SUSPENDED;
}
