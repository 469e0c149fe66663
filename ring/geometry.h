#ifndef RING_GEOMETRY_H
#define RING_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

/* Where things are, and what fits: pure arithmetic. FORMAT.md 1, 4.1 and 7. */

enum {
	GEOMETRY_SUPERBLOCK_B = 65536, /* offset of the second copy */
	GEOMETRY_ROLES_OFFSET = 131072,
	GEOMETRY_DATA_ALIGN = 65536,
	GEOMETRY_ROLE_STRIDES = 9, /* 8 slot copies and the heartbeat */
	GEOMETRY_BLOCK_MIN = 512,
	GEOMETRY_BLOCK_MAX = 65536,
	GEOMETRY_COMMIT_ROOM = 384, /* one commit with the longest cookie */
};

#define GEOMETRY_ITEM_MAX  (UINT64_C(1) << 30)
#define GEOMETRY_BATCH_MAX (UINT64_C(1) << 31)
#define GEOMETRY_DATA_MAX  (UINT64_C(1) << 56)

enum {
	ROLE_PRODUCER = 0,
	ROLE_OPERATOR = 1,
	ROLE_CURSOR_0 = 2, /* cursor i is role 2 + i */
};

struct geometry {
	uint32_t block_bytes;
	uint32_t cursor_slots;
	bool padded;
	uint64_t data_offset;
	uint64_t data_bytes;
	uint64_t max_item;
	uint64_t max_batch;
};

/* Bytes between two slot copies. */
uint64_t geometry_slot_stride(const struct geometry *g);

/* Offset of slot copy `copy` (0..7), or of the heartbeat (8), of a role. */
uint64_t geometry_slot_offset(const struct geometry *g, uint32_t role,
			      unsigned copy);

/* The least data_offset that leaves room for all roles. */
uint64_t geometry_data_offset(const struct geometry *g);

/* Whether the fields are within FORMAT.md 2 and 7. */
bool geometry_is_valid(const struct geometry *g);

/* Fill max_item and max_batch, where 0, for the given data_bytes. */
void geometry_set_defaults(struct geometry *g);

/* The least data_bytes for the block size, mode, max_item and max_batch. */
uint64_t geometry_least_data(const struct geometry *g);

/* Room that one commit takes at most. */
uint64_t geometry_commit_room(const struct geometry *g);

/* The first position of a new ring. */
uint64_t geometry_first_position(const struct geometry *g);

/* Device offset of a position. */
uint64_t geometry_offset(const struct geometry *g, uint64_t position);

/* Bytes from a position to the physical end of the data area. */
uint64_t geometry_until_wrap(const struct geometry *g, uint64_t position);

/* At least once in so many bytes of the stream the checkpoint moves. */
uint64_t geometry_checkpoint_interval(const struct geometry *g);

/* Where the next batch starts after a commit that ends at `end`. */
uint64_t geometry_commit_end(const struct geometry *g, uint64_t end);

/* What a batch is for decides how much room it must leave. FORMAT.md 7. */
enum geometry_purpose {
	GEOMETRY_LEAVES_NOTHING, /* publish, full advance, discard */
	GEOMETRY_EXPOSES_PART,
	GEOMETRY_PUSHES,
};

/* Whether a batch of batch_bytes at `end` fits, with space free up to tail. */
bool geometry_fits(const struct geometry *g, uint64_t tail, uint64_t end,
		   uint64_t batch_bytes, enum geometry_purpose purpose);

/* Bytes between `end` and the first byte that may not be written. */
uint64_t geometry_free(const struct geometry *g, uint64_t tail, uint64_t end);

#endif
