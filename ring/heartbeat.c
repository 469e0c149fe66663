#include "ring/slot.h"

#include "ring/bytes.h"
#include "ring/checksum.h"

#include <assert.h>

/* Byte offsets; then size in bytes. FORMAT.md 3.3. */
enum {
	OFF_MAGIC = 0,     /* 8 */
	OFF_CHECKSUM = 8,  /* 8  of bytes [16, 48) */
	OFF_ROLE = 16,     /* 4 */
	OFF_RESERVED = 20, /* 4 */
	OFF_EPOCH = 24,    /* 8 */
	OFF_COUNTER = 32,  /* 8 */
	OFF_TIME = 40,     /* 8 */
};

static_assert(OFF_EPOCH == OFF_RESERVED + 4, "no gap");
static_assert((int)HEARTBEAT_BYTES == (int)OFF_TIME + 8, "no gap");

static const uint8_t magic[8] = { 'B', 'R', 'B', 'E', 'A', 'T', '\n', 0 };

static uint64_t heartbeat_checksum(const uint8_t *buf, uint64_t seed)
{
	return checksum(buf + OFF_ROLE, HEARTBEAT_BYTES - OFF_ROLE, seed);
}

void heartbeat_encode(const struct heartbeat *h, uint64_t seed,
		      uint8_t buf[HEARTBEAT_BYTES])
{
	memset(buf, 0, HEARTBEAT_BYTES);
	memcpy(buf + OFF_MAGIC, magic, sizeof(magic));
	put_le32(buf + OFF_ROLE, h->role);
	put_le64(buf + OFF_EPOCH, h->epoch);
	put_le64(buf + OFF_COUNTER, h->counter);
	put_le64(buf + OFF_TIME, h->time_ns);
	put_le64(buf + OFF_CHECKSUM, heartbeat_checksum(buf, seed));
}

int heartbeat_decode(const uint8_t buf[HEARTBEAT_BYTES], uint64_t seed,
		     struct heartbeat *ret)
{
	if (memcmp(buf + OFF_MAGIC, magic, sizeof(magic)) != 0 ||
	    get_le64(buf + OFF_CHECKSUM) != heartbeat_checksum(buf, seed))
		return -RING_ERR_SLOT;
	*ret = (struct heartbeat){
		.role = get_le32(buf + OFF_ROLE),
		.epoch = get_le64(buf + OFF_EPOCH),
		.counter = get_le64(buf + OFF_COUNTER),
		.time_ns = get_le64(buf + OFF_TIME),
	};
	return 0;
}
