#include "ring/slot_codec.h"

#include "ring/bytes.h"
#include "ring/checksum.h"
#include "ring/text.h"

#include <assert.h>

/* Byte offsets; then size in bytes. */
enum {
	OFF_MAGIC = 0,       /* 8  */
	OFF_CHECKSUM = 8,    /* 8  of bytes [16, bytes) */
	OFF_BYTES = 16,      /* 4  */
	OFF_ROLE = 20,       /* 4  */
	OFF_EPOCH = 24,      /* 8  */
	OFF_GENERATION = 32, /* 8  */
	OFF_SEALED = 40,     /* 8  */
	OFF_STATE = 48,      /* 4  */
	OFF_FLAGS = 52,      /* 4  */
	OFF_TIME = 56,       /* 8  */
	OFF_HOST_ID = 64,    /* 16 */
	OFF_BOOT_ID = 80,    /* 16 */
	OFF_PID = 96,        /* 8  */
	OFF_START = 104,     /* 8  */
	OFF_CLIENT = 112,    /* 64 */
};

static_assert(OFF_EPOCH == OFF_ROLE + 4, "no gap");
static_assert(OFF_STATE == OFF_SEALED + 8, "no gap");
static_assert(OFF_HOST_ID == OFF_TIME + 8, "no gap");
static_assert(OFF_PID == OFF_BOOT_ID + 16, "no gap");
static_assert(OFF_CLIENT == OFF_START + 8, "no gap");
static_assert(SLOT_HEADER_BYTES == OFF_CLIENT + RING_NAME_BYTES, "no gap");

enum {
	FLAG_BUFFERED = 1,
	FLAG_OWES_GAP = 2,
	FLAG_CLOSED = 4,
	FLAG_SKIPS_FLUSH = 8,
	FLAG_VOLATILE = 16,
};

static const uint8_t magic_producer[8] = { 'B', 'R', 'S', 'L',
					   'O', 'T', 'P', '\n' };
static const uint8_t magic_cursor[8] = {
	'B', 'R', 'S', 'L', 'O', 'T', 'C', '\n'
};

static const uint8_t *magic_of(uint32_t role)
{
	return role == ROLE_PRODUCER ? magic_producer : magic_cursor;
}

static uint32_t flags_of(const struct slot_header *h)
{
	return (h->buffered ? FLAG_BUFFERED : 0) |
	       (h->owes_gap ? FLAG_OWES_GAP : 0) |
	       (h->is_closed ? FLAG_CLOSED : 0) |
	       (h->skips_flush ? FLAG_SKIPS_FLUSH : 0) |
	       (h->is_volatile ? FLAG_VOLATILE : 0);
}

void slot_header_encode(const struct slot_header *h, uint8_t *buf)
{
	memset(buf, 0, slot_bytes(h->role));
	memcpy(buf + OFF_MAGIC, magic_of(h->role), sizeof(magic_producer));
	put_le32(buf + OFF_BYTES, slot_bytes(h->role));
	put_le32(buf + OFF_ROLE, h->role);
	put_le64(buf + OFF_EPOCH, h->epoch);
	put_le64(buf + OFF_GENERATION, h->generation);
	put_le64(buf + OFF_SEALED, h->sealed_generation);
	put_le32(buf + OFF_STATE, h->state);
	put_le32(buf + OFF_FLAGS, flags_of(h));
	put_le64(buf + OFF_TIME, h->time_ns);
	memcpy(buf + OFF_HOST_ID, h->owner.host_id, sizeof(h->owner.host_id));
	memcpy(buf + OFF_BOOT_ID, h->owner.boot_id, sizeof(h->owner.boot_id));
	put_le64(buf + OFF_PID, h->owner.pid);
	put_le64(buf + OFF_START, h->owner.start_ticks);
	text_put(buf + OFF_CLIENT, RING_NAME_BYTES, h->client);
}

void slot_seal(uint8_t *buf, uint32_t role, uint64_t seed)
{
	put_le64(buf + OFF_CHECKSUM,
		 checksum(buf + OFF_BYTES, slot_bytes(role) - OFF_BYTES, seed));
}

static void header_fields(const uint8_t *buf, struct slot_header *ret)
{
	const uint32_t flags = get_le32(buf + OFF_FLAGS);

	*ret = (struct slot_header){
		.role = get_le32(buf + OFF_ROLE),
		.epoch = get_le64(buf + OFF_EPOCH),
		.generation = get_le64(buf + OFF_GENERATION),
		.sealed_generation = get_le64(buf + OFF_SEALED),
		.state = get_le32(buf + OFF_STATE),
		.buffered = (flags & FLAG_BUFFERED) != 0,
		.owes_gap = (flags & FLAG_OWES_GAP) != 0,
		.is_closed = (flags & FLAG_CLOSED) != 0,
		.skips_flush = (flags & FLAG_SKIPS_FLUSH) != 0,
		.is_volatile = (flags & FLAG_VOLATILE) != 0,
		.time_ns = get_le64(buf + OFF_TIME),
		.owner.pid = get_le64(buf + OFF_PID),
		.owner.start_ticks = get_le64(buf + OFF_START),
	};
	memcpy(ret->owner.host_id, buf + OFF_HOST_ID, 16);
	memcpy(ret->owner.boot_id, buf + OFF_BOOT_ID, 16);
	memcpy(ret->client, buf + OFF_CLIENT, sizeof(ret->client));
}

int slot_header_decode(const uint8_t *buf, uint64_t seed, uint32_t role,
		       struct slot_header *ret)
{
	if (memcmp(buf + OFF_MAGIC, magic_of(role), sizeof(magic_cursor)) != 0)
		return -RING_ERR_SLOT;
	if (get_le32(buf + OFF_BYTES) != slot_bytes(role))
		return -RING_ERR_SLOT;
	if (get_le64(buf + OFF_CHECKSUM) !=
	    checksum(buf + OFF_BYTES, slot_bytes(role) - OFF_BYTES, seed))
		return -RING_ERR_SLOT;
	if (get_le32(buf + OFF_ROLE) != role ||
	    get_le64(buf + OFF_SEALED) > get_le64(buf + OFF_GENERATION) ||
	    !text_is_terminated(buf + OFF_CLIENT, RING_NAME_BYTES))
		return -RING_ERR_SLOT;
	header_fields(buf, ret);
	return 0;
}

void cookie_encode(const struct cookie *c, uint8_t *len_field,
		   uint8_t *bytes_field)
{
	put_le32(len_field, c->len_bytes);
	memcpy(bytes_field, c->bytes, c->len_bytes);
}

bool cookie_decode(const uint8_t *len_field, const uint8_t *bytes_field,
		   uint32_t max_bytes, struct cookie *ret)
{
	const uint32_t len = get_le32(len_field);

	if (len > max_bytes)
		return false;
	ret->len_bytes = len;
	memcpy(ret->bytes, bytes_field, len);
	return true;
}
