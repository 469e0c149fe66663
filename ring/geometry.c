#include "ring/geometry.h"

#include "ring/bytes.h"
#include "ring/record.h"

#include <assert.h>

enum { CHECKPOINT_INTERVAL_MAX = 16 << 20, CHECKPOINTS_PER_LAP = 16 };

static_assert(GEOMETRY_COMMIT_ROOM % 8 == 0, "records are 8-byte aligned");
static_assert((int)GEOMETRY_COMMIT_ROOM >= (int)RECORD_COMMIT_MAX,
	      "room for any commit");
static_assert((int)GEOMETRY_BLOCK_MIN >= (int)RECORD_COMMIT_MAX,
	      "in padded mode any commit fits one block");

uint64_t geometry_slot_stride(const struct geometry *g)
{
	return g->block_bytes < 4096 ? 4096 : g->block_bytes;
}

uint64_t geometry_slot_offset(const struct geometry *g, uint32_t role,
			      unsigned copy)
{
	assert(copy < GEOMETRY_ROLE_STRIDES);
	return GEOMETRY_ROLES_OFFSET + ((uint64_t)role * GEOMETRY_ROLE_STRIDES +
					copy) * geometry_slot_stride(g);
}

uint64_t geometry_data_offset(const struct geometry *g)
{
	return round_up(
		geometry_slot_offset(g, ROLE_CURSOR_0 + g->cursor_slots, 0),
		GEOMETRY_DATA_ALIGN);
}

uint64_t geometry_commit_room(const struct geometry *g)
{
	return g->padded ? g->block_bytes : GEOMETRY_COMMIT_ROOM;
}

static uint64_t least_batch(const struct geometry *g)
{
	return round_up(record_item_bytes(g->max_item) +
				geometry_commit_room(g),
			g->block_bytes);
}

uint64_t geometry_least_data(const struct geometry *g)
{
	return round_up(g->max_batch + 2 * geometry_commit_room(g) +
				g->block_bytes,
			g->block_bytes);
}

bool geometry_is_valid(const struct geometry *g)
{
	const uint32_t block = g->block_bytes;

	if (!is_power_of_two(block) || block < GEOMETRY_BLOCK_MIN ||
	    block > GEOMETRY_BLOCK_MAX)
		return false;
	if (g->cursor_slots < 1 || g->cursor_slots > 64)
		return false;
	if (g->data_bytes >= GEOMETRY_DATA_MAX || g->data_bytes % block != 0)
		return false;
	if (g->data_offset % GEOMETRY_DATA_ALIGN != 0 ||
	    g->data_offset > INT64_MAX - g->data_bytes ||
	    g->data_offset < geometry_data_offset(g))
		return false;
	if (g->max_item > GEOMETRY_ITEM_MAX || g->max_batch % block != 0 ||
	    g->max_batch > GEOMETRY_BATCH_MAX || g->max_batch < least_batch(g))
		return false;
	return g->data_bytes >= geometry_least_data(g);
}

void geometry_set_defaults(struct geometry *g)
{
	const uint64_t quarter = g->data_bytes / 4;

	if (g->max_item == 0)
		g->max_item = quarter < (16u << 20) ? quarter : 16u << 20;
	if (g->max_batch == 0) {
		uint64_t usual = quarter < (2u << 20) ? quarter : 2u << 20;

		g->max_batch = least_batch(g);
		if (g->max_batch < round_down(usual, g->block_bytes))
			g->max_batch = round_down(usual, g->block_bytes);
	}
}

uint64_t geometry_first_position(const struct geometry *g)
{
	return g->data_bytes;
}

uint64_t geometry_offset(const struct geometry *g, uint64_t position)
{
	return g->data_offset + position % g->data_bytes;
}

uint64_t geometry_until_wrap(const struct geometry *g, uint64_t position)
{
	return g->data_bytes - position % g->data_bytes;
}

uint64_t geometry_checkpoint_interval(const struct geometry *g)
{
	const uint64_t part = g->data_bytes / CHECKPOINTS_PER_LAP;

	return part < CHECKPOINT_INTERVAL_MAX ? part : CHECKPOINT_INTERVAL_MAX;
}

uint64_t geometry_commit_end(const struct geometry *g, uint64_t end)
{
	return g->padded ? round_up(end, g->block_bytes) : end;
}

static uint64_t reserve_bytes(const struct geometry *g,
			      enum geometry_purpose purpose)
{
	switch (purpose) {
	case GEOMETRY_PUSHES:
		return 2 * geometry_commit_room(g);
	case GEOMETRY_EXPOSES_PART:
		return geometry_commit_room(g);
	case GEOMETRY_LEAVES_NOTHING:
		break;
	}
	return 0;
}

bool geometry_fits(const struct geometry *g, uint64_t tail, uint64_t end,
		   uint64_t batch_bytes, enum geometry_purpose purpose)
{
	const uint64_t need = batch_bytes + reserve_bytes(g, purpose);

	return round_up(end + need, g->block_bytes) <=
	       round_down(tail, g->block_bytes) + g->data_bytes;
}

uint64_t geometry_free(const struct geometry *g, uint64_t tail, uint64_t end)
{
	const uint64_t limit = round_down(tail, g->block_bytes) + g->data_bytes;

	return limit > end ? limit - end : 0;
}
