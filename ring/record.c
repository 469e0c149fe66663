#include "ring/record.h"

#include "ring/bytes.h"
#include "ring/checksum.h"

#include <assert.h>

/* Byte offsets; then size in bytes. */
enum {
	OFF_CHECKSUM = 0,     /* 8  of bytes [8, end of body) */
	OFF_HEADER_CHECK = 8, /* 4  of bytes [12, 48) */
	OFF_KIND = 12,        /* 1  */
	OFF_FLAGS = 13,       /* 1  0 */
	OFF_TYPE = 14,        /* 2  */
	OFF_BODY_BYTES = 16,  /* 4  */
	OFF_META_BYTES = 20,  /* 4  */
	OFF_EPOCH = 24,       /* 8  */
	OFF_SEQUENCE = 32,    /* 8  */
	OFF_TIME = 40,        /* 8  of a hole: where the stream goes on */
};

static_assert(OFF_HEADER_CHECK == OFF_CHECKSUM + 8, "no gap");
static_assert(OFF_KIND == OFF_HEADER_CHECK + 4, "no gap");
static_assert(OFF_TYPE == OFF_KIND + 2, "no gap");
static_assert(OFF_KIND == 12 && OFF_FLAGS == 13, "record_looks_like()");
static_assert(OFF_BODY_BYTES == OFF_TYPE + 2, "no gap");
static_assert(OFF_META_BYTES == OFF_BODY_BYTES + 4, "no gap");
static_assert(OFF_EPOCH == OFF_META_BYTES + 4, "no gap");
static_assert(OFF_SEQUENCE == OFF_EPOCH + 8, "no gap");
static_assert(OFF_TIME == OFF_SEQUENCE + 8, "no gap");
static_assert(RECORD_HEADER_BYTES == OFF_TIME + 8, "no gap");

/* In the body of a commit. */
enum {
	OFF_EXPOSED = 0,          /* 8 */
	OFF_EXPOSED_SEQUENCE = 8, /* 8 */
	OFF_FROM = 16,            /* 8 */
	OFF_DURABLE = 24,         /* 8 */
	OFF_BATCH = 32,           /* 8 */
};

static_assert(RECORD_COMMIT_BODY == OFF_BATCH + 8, "no gap");

static uint32_t header_check(const uint8_t *buf, uint64_t seed)
{
	return (uint32_t)checksum(buf + OFF_KIND,
				  RECORD_HEADER_BYTES - OFF_KIND, seed);
}

static uint64_t full_checksum(const uint8_t *buf, uint32_t body_bytes,
			      uint64_t seed)
{
	return checksum(buf + OFF_HEADER_CHECK,
			RECORD_HEADER_BYTES - OFF_HEADER_CHECK + body_bytes,
			seed);
}

void record_frame(uint8_t *buf, const struct record *r)
{
	buf[OFF_KIND] = (uint8_t)r->kind;
	buf[OFF_FLAGS] = 0;
	put_le16(buf + OFF_TYPE, r->type);
	put_le32(buf + OFF_BODY_BYTES, r->body_bytes);
	put_le32(buf + OFF_META_BYTES, r->meta_bytes);
	put_le64(buf + OFF_EPOCH, r->epoch);
	put_le64(buf + OFF_SEQUENCE, r->sequence);
	put_le64(buf + OFF_TIME,
		 r->kind == RECORD_HOLE ? r->hole_end : r->time_ns);
}

void record_seal(uint8_t *buf, const struct record *r, uint64_t seed)
{
	const size_t used = RECORD_HEADER_BYTES + (size_t)r->body_bytes;

	record_frame(buf, r);
	memset(buf + used, 0, record_bytes(r->body_bytes) - used);
	put_le32(buf + OFF_HEADER_CHECK, header_check(buf, seed));
	put_le64(buf + OFF_CHECKSUM, full_checksum(buf, r->body_bytes, seed));
}

void commit_encode(uint8_t *body, const struct commit *c)
{
	put_le64(body + OFF_EXPOSED, c->exposed);
	put_le64(body + OFF_EXPOSED_SEQUENCE, c->exposed_sequence);
	put_le64(body + OFF_FROM, c->from);
	put_le64(body + OFF_DURABLE, c->durable);
	put_le64(body + OFF_BATCH, c->batch);
}

void commit_decode(const uint8_t *body, struct commit *ret)
{
	*ret = (struct commit){
		.exposed = get_le64(body + OFF_EXPOSED),
		.exposed_sequence = get_le64(body + OFF_EXPOSED_SEQUENCE),
		.from = get_le64(body + OFF_FROM),
		.durable = get_le64(body + OFF_DURABLE),
		.batch = get_le64(body + OFF_BATCH),
	};
}

static bool lengths_are_valid(const struct record *r, uint64_t max_item)
{
	if (r->kind == RECORD_ITEM)
		return r->body_bytes <= max_item &&
		       r->meta_bytes <= r->body_bytes;
	if (r->kind == RECORD_HOLE)
		return r->type <= HOLE_SETTLED && r->body_bytes == 0 &&
		       r->meta_bytes == 0;
	return r->type == 0 && r->meta_bytes <= RECORD_COOKIE_MAX &&
	       r->body_bytes == RECORD_COMMIT_BODY + r->meta_bytes;
}

/*
 * Each field by itself, straight to where it is read: this is the reader's
 * innermost loop, and copies of a struct just written stall.
 */
bool record_decode(const uint8_t *buf, uint64_t max_item, struct record *ret)
{
	const uint8_t kind = buf[OFF_KIND];
	const uint64_t time = get_le64(buf + OFF_TIME);

	if (kind < RECORD_ITEM || kind > RECORD_HOLE || buf[OFF_FLAGS] != 0)
		return false;
	ret->kind = (enum record_kind)kind;
	ret->type = get_le16(buf + OFF_TYPE);
	ret->body_bytes = get_le32(buf + OFF_BODY_BYTES);
	ret->meta_bytes = get_le32(buf + OFF_META_BYTES);
	ret->epoch = get_le64(buf + OFF_EPOCH);
	ret->sequence = get_le64(buf + OFF_SEQUENCE);
	ret->time_ns = kind == RECORD_HOLE ? 0 : time;
	ret->hole_end = kind == RECORD_HOLE ? time : 0;
	return lengths_are_valid(ret, max_item);
}

bool record_is_sealed(const uint8_t *buf, const struct record *r, uint64_t seed)
{
	return get_le64(buf + OFF_CHECKSUM) ==
	       full_checksum(buf, r->body_bytes, seed);
}

bool record_header_is_intact(const uint8_t *buf, uint64_t seed)
{
	return get_le32(buf + OFF_HEADER_CHECK) == header_check(buf, seed);
}

uint64_t record_stored_checksum(const uint8_t *buf)
{
	return get_le64(buf + OFF_CHECKSUM);
}
