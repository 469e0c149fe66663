#include "ring/superblock.h"

#include "ring/bytes.h"
#include "ring/checksum.h"
#include "ring/text.h"

#include <assert.h>

/* Byte offsets; then size in bytes. */
enum {
	OFF_MAGIC = 0,         /* 8   */
	OFF_VERSION = 8,       /* 4   */
	OFF_BYTES = 12,        /* 4   */
	OFF_COMPAT = 16,       /* 8   */
	OFF_INCOMPAT = 24,     /* 8   */
	OFF_UUID = 32,         /* 16  */
	OFF_BLOCK_BYTES = 48,  /* 4   */
	OFF_CURSOR_SLOTS = 52, /* 4   */
	OFF_DATA_OFFSET = 56,  /* 8   */
	OFF_DATA_BYTES = 64,   /* 8   */
	OFF_RING_BYTES = 72,   /* 8   */
	OFF_MAX_ITEM = 80,     /* 8   */
	OFF_MAX_BATCH = 88,    /* 8   */
	OFF_HEARTBEAT = 96,    /* 4   */
	OFF_RESERVED_1 = 100,  /* 4   */
	OFF_CREATED = 104,     /* 8   */
	OFF_QUEUE = 112,       /* 64  */
	OFF_LABEL = 176,       /* 256 */
	OFF_RESERVED_2 = 432,  /* 72  */
	OFF_CHECKSUM = 504,    /* 8   of bytes [0, 504) */
};

static_assert(OFF_UUID == OFF_INCOMPAT + 8, "no gap");
static_assert(OFF_BLOCK_BYTES == OFF_UUID + 16, "no gap");
static_assert(OFF_DATA_OFFSET == OFF_CURSOR_SLOTS + 4, "no gap");
static_assert(OFF_HEARTBEAT == OFF_MAX_BATCH + 8, "no gap");
static_assert(OFF_CREATED == OFF_RESERVED_1 + 4, "no gap");
static_assert(OFF_QUEUE == OFF_CREATED + 8, "no gap");
static_assert(OFF_LABEL == OFF_QUEUE + RING_NAME_BYTES, "no gap");
static_assert(OFF_RESERVED_2 == OFF_LABEL + RING_LABEL_BYTES, "no gap");
static_assert(OFF_CHECKSUM == OFF_RESERVED_2 + 72, "no gap");
static_assert(SUPERBLOCK_BYTES == OFF_CHECKSUM + 8, "checksum is last");

static const uint8_t magic[8] = { 'B', 'L', 'K', 'R', 'I', 'N', 'G', '\n' };

enum { VERSION = 1 };

#define INCOMPAT_PADDED UINT64_C(1)
#define INCOMPAT_KNOWN  INCOMPAT_PADDED

uint64_t superblock_ring_bytes(const struct superblock *s)
{
	return s->geometry.data_offset + s->geometry.data_bytes;
}

void superblock_encode(const struct superblock *s, uint64_t copy_offset,
		       uint8_t buf[SUPERBLOCK_BYTES])
{
	const struct geometry *g = &s->geometry;

	assert(geometry_is_valid(g));
	assert(s->heartbeat_ms > 0);

	memset(buf, 0, SUPERBLOCK_BYTES);
	memcpy(buf + OFF_MAGIC, magic, sizeof(magic));
	put_le32(buf + OFF_VERSION, VERSION);
	put_le32(buf + OFF_BYTES, SUPERBLOCK_BYTES);
	put_le64(buf + OFF_INCOMPAT, g->padded ? INCOMPAT_PADDED : 0);
	memcpy(buf + OFF_UUID, s->uuid, sizeof(s->uuid));
	put_le32(buf + OFF_BLOCK_BYTES, g->block_bytes);
	put_le32(buf + OFF_CURSOR_SLOTS, g->cursor_slots);
	put_le64(buf + OFF_DATA_OFFSET, g->data_offset);
	put_le64(buf + OFF_DATA_BYTES, g->data_bytes);
	put_le64(buf + OFF_RING_BYTES, superblock_ring_bytes(s));
	put_le64(buf + OFF_MAX_ITEM, g->max_item);
	put_le64(buf + OFF_MAX_BATCH, g->max_batch);
	put_le32(buf + OFF_HEARTBEAT, s->heartbeat_ms);
	put_le64(buf + OFF_CREATED, s->created_ns);
	text_put(buf + OFF_QUEUE, RING_NAME_BYTES, s->queue);
	text_put(buf + OFF_LABEL, RING_LABEL_BYTES, s->label);
	put_le64(buf + OFF_CHECKSUM, checksum(buf, OFF_CHECKSUM, copy_offset));
}

static void decode_fields(const uint8_t *buf, struct superblock *s)
{
	*s = (struct superblock){
		.geometry = {
			.block_bytes = get_le32(buf + OFF_BLOCK_BYTES),
			.cursor_slots = get_le32(buf + OFF_CURSOR_SLOTS),
			.padded = (get_le64(buf + OFF_INCOMPAT) &
				   INCOMPAT_PADDED) != 0,
			.data_offset = get_le64(buf + OFF_DATA_OFFSET),
			.data_bytes = get_le64(buf + OFF_DATA_BYTES),
			.max_item = get_le64(buf + OFF_MAX_ITEM),
			.max_batch = get_le64(buf + OFF_MAX_BATCH),
		},
		.heartbeat_ms = get_le32(buf + OFF_HEARTBEAT),
		.created_ns = get_le64(buf + OFF_CREATED),
	};
	memcpy(s->uuid, buf + OFF_UUID, sizeof(s->uuid));
	memcpy(s->queue, buf + OFF_QUEUE, sizeof(s->queue));
	memcpy(s->label, buf + OFF_LABEL, sizeof(s->label));
}

int superblock_decode(const uint8_t buf[SUPERBLOCK_BYTES], uint64_t copy_offset,
		      struct superblock *ret)
{
	struct superblock s;

	if (memcmp(buf + OFF_MAGIC, magic, sizeof(magic)) != 0)
		return -RING_ERR_NOT_A_RING;
	if (get_le32(buf + OFF_VERSION) != VERSION)
		return -RING_ERR_VERSION;
	if (get_le32(buf + OFF_BYTES) != SUPERBLOCK_BYTES ||
	    get_le64(buf + OFF_CHECKSUM) !=
		    checksum(buf, OFF_CHECKSUM, copy_offset))
		return -RING_ERR_SUPERBLOCK;
	if ((get_le64(buf + OFF_INCOMPAT) & ~INCOMPAT_KNOWN) != 0)
		return -RING_ERR_FEATURE;

	decode_fields(buf, &s);
	if (!geometry_is_valid(&s.geometry) || s.heartbeat_ms == 0 ||
	    get_le64(buf + OFF_RING_BYTES) != superblock_ring_bytes(&s))
		return -RING_ERR_SUPERBLOCK;
	if (!text_is_terminated(buf + OFF_QUEUE, RING_NAME_BYTES) ||
	    !text_is_terminated(buf + OFF_LABEL, RING_LABEL_BYTES))
		return -RING_ERR_SUPERBLOCK;
	*ret = s;
	return 0;
}
