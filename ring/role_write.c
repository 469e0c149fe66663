#include "ring/role.h"

#include "ring/bytes.h"

#include <assert.h>
#include <errno.h>

int role_writer_init(struct role_writer *w, struct volume *v, uint32_t role)
{
	*w = (struct role_writer){
		.role = role,
		.len = round_up(slot_bytes(role),
				v->superblock.geometry.block_bytes),
	};
	w->buf = volume_alloc(v, w->len);
	return w->buf == NULL ? -ENOMEM : 0;
}

void role_writer_release(struct role_writer *w, struct volume *v)
{
	volume_release(v, w->buf, w->len);
	w->buf = NULL;
}

void role_writer_begin(struct role_writer *w, const struct volume *v,
		       const struct role_reader *r,
		       const struct slot_header *newest)
{
	unsigned second;

	w->epoch = newest->epoch + 1;
	w->generation = newest->generation;
	/* What an earlier epoch wrote was flushed before this one began. */
	w->flushed_generation = newest->generation;
	second = (unsigned)(w->epoch % ROLE_PAIRS) * 2 + 1;
	w->copy = role_copy_is_lasting(r, v, w->role, second);
	w->copy_is_flushed = true;
	w->is_volatile = false;
}

unsigned role_writer_next_copy(const struct role_writer *w)
{
	return w->copy_is_flushed ? 1 - w->copy : w->copy;
}

/* Returns the offset that the slot goes to. */
static uint64_t stamp(struct role_writer *w, const struct volume *v,
		      struct slot_header *h)
{
	w->copy = role_writer_next_copy(w);
	w->copy_is_flushed = false;
	w->generation++;
	h->role = w->role;
	h->epoch = w->epoch;
	h->generation = w->generation;
	h->sealed_generation = w->flushed_generation;
	h->buffered = v->io->buffered;
	h->is_volatile = w->is_volatile;
	h->time_ns = v->system->wall_ns(v->system->ctx);
	return geometry_slot_offset(&v->superblock.geometry, w->role,
				    (unsigned)(w->epoch % ROLE_PAIRS) * 2 +
					    w->copy);
}

static void add_write(struct role_writer *w, struct ring_io_batch *batch,
		      uint64_t offset)
{
	assert(batch->count < RING_IO_BATCH_MAX);
	batch->ops[batch->count++] =
		(struct ring_io_op){ .kind = RING_IO_WRITE,
				     .offset_bytes = offset,
				     .buf = w->buf,
				     .len_bytes = w->len };
}

void role_add_write_producer(struct role_writer *w, struct volume *v,
			     struct ring_io_batch *batch,
			     struct producer_slot *slot)
{
	const uint64_t offset = stamp(w, v, &slot->header);

	producer_slot_encode(slot, volume_seed(v, offset), w->buf);
	add_write(w, batch, offset);
}

void role_add_write_cursor(struct role_writer *w, struct volume *v,
			   struct ring_io_batch *batch,
			   struct cursor_slot *slot)
{
	const uint64_t offset = stamp(w, v, &slot->header);

	cursor_slot_encode(slot, volume_seed(v, offset), w->buf);
	add_write(w, batch, offset);
}

void role_writer_flushed(struct role_writer *w)
{
	w->copy_is_flushed = true;
	w->flushed_generation = w->generation;
}

void role_set_owner(const struct volume *v, struct slot_header *h)
{
	h->owner = v->self;
	memcpy(h->client, v->client, sizeof(h->client));
}

void role_clear_owner(struct slot_header *h)
{
	h->owner.pid = 0;
	/* Of a producer it still says how the ring was written. */
	if (h->role != ROLE_PRODUCER)
		h->skips_flush = false;
}
