#include "ring/role.h"

#include "ring/bytes.h"

#include <assert.h>
#include <errno.h>

int role_reader_init(struct role_reader *r, struct volume *v)
{
	/* Only the part of a copy that can hold a slot is read. */
	r->stride = v->sector_len;
	r->len = r->stride * ROLE_COPIES;
	r->buf = volume_alloc(v, r->len);
	return r->buf == NULL ? -ENOMEM : 0;
}

void role_reader_release(struct role_reader *r, struct volume *v)
{
	volume_release(v, r->buf, r->len);
	r->buf = NULL;
}

static unsigned first_copy(uint64_t epoch, unsigned pair)
{
	return (unsigned)((epoch + pair) % ROLE_PAIRS) * 2;
}

static uint8_t *copy_at(const struct role_reader *r, unsigned copy)
{
	return r->buf + copy * r->stride;
}

/* Copies that follow each other on the device and in memory need one read. */
static void add_read(struct ring_io_batch *batch, struct ring_io_op op)
{
	struct ring_io_op *last =
		batch->count > 0 ? &batch->ops[batch->count - 1] : NULL;

	if (last != NULL && last->kind == RING_IO_READ &&
	    last->offset_bytes + last->len_bytes == op.offset_bytes &&
	    (uint8_t *)last->buf + last->len_bytes == op.buf) {
		last->len_bytes += op.len_bytes;
		return;
	}
	assert(batch->count < RING_IO_BATCH_MAX);
	batch->ops[batch->count++] = op;
}

void role_add_reads(const struct role_reader *r, const struct volume *v,
		    struct ring_io_batch *batch, uint32_t role, uint64_t epoch,
		    unsigned pairs)
{
	for (unsigned i = 0; i < pairs * 2; i++) {
		const unsigned copy = first_copy(epoch, i / 2) + i % 2;

		add_read(batch,
			 (struct ring_io_op){
				 .kind = RING_IO_READ,
				 .offset_bytes = geometry_slot_offset(
					 &v->superblock.geometry, role, copy),
				 .buf = copy_at(r, copy),
				 .len_bytes = r->stride });
	}
}

static uint64_t copy_seed(const struct volume *v, uint32_t role, unsigned copy)
{
	return volume_seed(
		v, geometry_slot_offset(&v->superblock.geometry, role, copy));
}

static bool is_newer(const struct slot_header *a, const struct slot_header *b)
{
	if (a->epoch != b->epoch)
		return a->epoch > b->epoch;
	return a->generation > b->generation;
}

int role_decode_producer(const struct role_reader *r, const struct volume *v,
			 const struct role_found *found,
			 struct producer_slot *ret)
{
	return producer_slot_decode(copy_at(r, found->copy),
				    copy_seed(v, ROLE_PRODUCER, found->copy),
				    ret);
}

int role_decode_cursor(const struct role_reader *r, const struct volume *v,
		       const struct role_found *found, struct cursor_slot *ret)
{
	const uint32_t role = found->header.role;

	return cursor_slot_decode(copy_at(r, found->copy),
				  copy_seed(v, role, found->copy), role, ret);
}

/* A header alone may be in order in a slot that is not: FORMAT.md 3. */
static bool decode_copy(const struct role_reader *r, const struct volume *v,
			uint32_t role, unsigned copy, struct slot_header *ret)
{
	const struct role_found found = { .copy = copy, .header.role = role };
	struct producer_slot producer;
	struct cursor_slot cursor;

	if (role == ROLE_PRODUCER) {
		if (role_decode_producer(r, v, &found, &producer) < 0)
			return false;
		*ret = producer.header;
	} else {
		if (role_decode_cursor(r, v, &found, &cursor) < 0)
			return false;
		*ret = cursor.header;
	}
	return !ret->is_volatile || volume_same_boot(v, ret);
}

/* Look at one pair; count what is not valid in it. */
static unsigned find_in_pair(const struct role_reader *r,
			     const struct volume *v, uint32_t role,
			     unsigned first, struct role_found *best)
{
	unsigned invalid = 0;

	for (unsigned copy = first; copy < first + 2; copy++) {
		struct slot_header h;

		if (!decode_copy(r, v, role, copy, &h)) {
			invalid++;
			continue;
		}
		if (best->copy == ROLE_COPIES || is_newer(&h, &best->header)) {
			best->copy = copy;
			best->header = h;
		}
	}
	return invalid;
}

int role_find(const struct role_reader *r, const struct volume *v,
	      uint32_t role, uint64_t epoch, unsigned pairs,
	      struct role_found *ret)
{
	struct role_found best = { .copy = ROLE_COPIES };

	for (unsigned i = 0; i < pairs; i++) {
		unsigned invalid =
			find_in_pair(r, v, role, first_copy(epoch, i), &best);

		best.invalid += invalid;
		best.pair_is_damaged |= invalid == 2;
	}
	*ret = best;
	return best.copy == ROLE_COPIES || best.pair_is_damaged ? -RING_ERR_SLOT
								: 0;
}

bool role_copy_is_valid(const struct role_reader *r, const struct volume *v,
			uint32_t role, unsigned copy)
{
	struct slot_header h;

	return decode_copy(r, v, role, copy, &h);
}

bool role_copy_is_lasting(const struct role_reader *r, const struct volume *v,
			  uint32_t role, unsigned copy)
{
	struct slot_header h;

	return decode_copy(r, v, role, copy, &h) && !h.is_volatile;
}

static bool may_be_stale(const struct volume *v, const struct slot_header *h)
{
	return v->io->buffered && !h->buffered;
}

int role_drop_stale(struct volume *v, uint32_t role,
		    const struct slot_header *seen)
{
	const struct geometry *g = &v->superblock.geometry;

	if (!may_be_stale(v, seen))
		return 0;
	return v->io->ops->drop_cache(v->io, geometry_slot_offset(g, role, 0),
				      ROLE_COPIES * geometry_slot_stride(g));
}

static int read_all(struct role_reader *r, struct volume *v, uint32_t role,
		    struct role_found *ret)
{
	struct ring_io_batch batch = { 0 };
	int rc;

	role_add_reads(r, v, &batch, role, 0, ROLE_PAIRS);
	rc = ring_io_run(v->io, &batch);
	return rc < 0 ? rc : role_find(r, v, role, 0, ROLE_PAIRS, ret);
}

int role_read(struct role_reader *r, struct volume *v, uint32_t role,
	      struct role_found *ret)
{
	int rc = read_all(r, v, role, ret);

	if ((rc < 0 && rc != -RING_ERR_SLOT) || ret->copy == ROLE_COPIES ||
	    !may_be_stale(v, &ret->header))
		return rc;
	rc = role_drop_stale(v, role, &ret->header);
	return rc < 0 ? rc : read_all(r, v, role, ret);
}

static int slot_fault(const struct volume *v, uint32_t role, int rc)
{
	const struct geometry *g = &v->superblock.geometry;
	const struct fault_place place = {
		.offset_bytes = geometry_slot_offset(g, role, 0),
		.length_bytes = ROLE_COPIES * geometry_slot_stride(g),
	};

	if (role == ROLE_PRODUCER)
		return volume_fail(v, rc, &place,
				   "cannot read the producer's slot: %s",
				   ring_strerror(rc));
	return volume_fail(v, rc, &place, "cannot read cursor slot %d: %s",
			   (int)role - ROLE_CURSOR_0, ring_strerror(rc));
}

/*
 * Two reads in a row may each catch another copy half-written; a third that
 * still finds nothing has found damage.
 */
enum { LOAD_TRIES = 3 };

int role_load_producer(struct role_reader *r, struct volume *v,
		       struct producer_slot *ret)
{
	int rc = -RING_ERR_SLOT;

	for (unsigned i = 0; i < LOAD_TRIES && rc == -RING_ERR_SLOT; i++) {
		struct role_found found;

		rc = role_read(r, v, ROLE_PRODUCER, &found);
		if (rc == 0)
			rc = role_decode_producer(r, v, &found, ret);
	}
	return rc < 0 ? slot_fault(v, ROLE_PRODUCER, rc) : 0;
}

int role_load_cursor(struct role_reader *r, struct volume *v, uint32_t role,
		     struct cursor_slot *ret)
{
	int rc = -RING_ERR_SLOT;

	for (unsigned i = 0; i < LOAD_TRIES && rc == -RING_ERR_SLOT; i++) {
		struct role_found found;

		rc = role_read(r, v, role, &found);
		if (rc == 0)
			rc = role_decode_cursor(r, v, &found, ret);
	}
	return rc < 0 ? slot_fault(v, role, rc) : 0;
}

int role_durable_producer(const struct role_reader *r, const struct volume *v,
			  const struct producer_slot *newest,
			  struct producer_slot *ret)
{
	uint64_t best = 0;

	for (unsigned copy = 0; copy < ROLE_COPIES; copy++) {
		const struct role_found found = { .copy = copy };
		struct producer_slot slot;

		if (role_decode_producer(r, v, &found, &slot) < 0 ||
		    slot.header.epoch != newest->header.epoch ||
		    slot.header.generation > newest->header.sealed_generation ||
		    slot.header.generation <= best)
			continue;
		best = slot.header.generation;
		*ret = slot;
	}
	return best > 0 ? 0 : -RING_ERR_EMPTY;
}

const char *role_damage_hint(const struct slot_header *producer)
{
	return producer->skips_flush
		       ? "; the ring was last written without durability: if "
			 "its host was restarted since, repair it or create "
			 "it anew"
		       : "";
}

/* ---- the fence ---------------------------------------------------------- */

static bool is_other_owner(const struct slot_header *h,
			   const struct ring_identity *self)
{
	return h->owner.pid != 0 && memcmp(&h->owner, self, sizeof(*self)) != 0;
}

bool role_is_fenced(const struct role_reader *r, const struct volume *v,
		    const struct role_writer *w)
{
	for (unsigned i = 0; i < 2 * ROLE_FENCE_PAIRS; i++) {
		const unsigned copy = first_copy(w->epoch, i / 2) + i % 2;
		struct slot_header h;

		/* Torn by a write under way: the next look tells. */
		if (slot_header_decode(copy_at(r, copy),
				       copy_seed(v, w->role, copy), w->role,
				       &h) < 0)
			continue;
		if (h.epoch > w->epoch ||
		    (h.epoch == w->epoch && is_other_owner(&h, &v->self)))
			return true;
	}
	return false;
}

void role_add_fence_reads(const struct role_reader *r, const struct volume *v,
			  const struct role_writer *w,
			  struct ring_io_batch *batch)
{
	role_add_reads(r, v, batch, w->role, w->epoch, ROLE_FENCE_PAIRS);
}

int role_check_fence(const struct role_reader *r, struct volume *v,
		     const struct role_writer *w)
{
	struct ring_io_batch batch = { 0 };
	int rc;

	role_add_fence_reads(r, v, w, &batch);
	rc = ring_io_run(v->io, &batch);
	if (rc == 0 && role_is_fenced(r, v, w))
		rc = -RING_ERR_FENCED;
	return rc;
}
