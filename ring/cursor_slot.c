#include "ring/slot_codec.h"

#include "ring/bytes.h"
#include "ring/text.h"

#include <assert.h>

/* Byte offsets behind the slot header; then size in bytes. */
enum {
	OFF_NAME = 176,               /* 64  */
	OFF_INCARNATION = 240,        /* 8   */
	OFF_POSITION = 248,           /* 8   */
	OFF_SEQUENCE = 256,           /* 8   */
	OFF_SEALED_POSITION = 264,    /* 8   */
	OFF_SEALED_SEQUENCE = 272,    /* 8   */
	OFF_REQUEST_ID = 280,         /* 8   */
	OFF_REQUEST = 288,            /* 4   */
	OFF_JOIN_OLDEST = 292,        /* 4   */
	OFF_REQUEST_GENERATION = 296, /* 8   */
	OFF_STATE_GENERATION = 304,   /* 8   */
	OFF_COOKIE_BYTES = 312,       /* 4   */
	OFF_RESERVED_1 = 316,         /* 4   */
	OFF_COOKIE = 320,             /* 64  */
	OFF_RESERVED_2 = 384,         /* 128 */
};

static_assert((int)OFF_NAME == (int)SLOT_HEADER_BYTES, "no gap");
static_assert((int)OFF_INCARNATION == (int)OFF_NAME + RING_NAME_BYTES,
	      "no gap");
static_assert(OFF_JOIN_OLDEST == OFF_REQUEST + 4, "no gap");
static_assert(OFF_COOKIE == OFF_RESERVED_1 + 4, "no gap");
static_assert((int)OFF_RESERVED_2 == (int)OFF_COOKIE + RING_CURSOR_COOKIE_MAX,
	      "no gap");
static_assert((int)SLOT_CURSOR_BYTES == (int)OFF_RESERVED_2 + 128, "no gap");

void cursor_slot_encode(const struct cursor_slot *s, uint64_t seed,
			uint8_t buf[SLOT_CURSOR_BYTES])
{
	assert(s->header.role >= ROLE_OPERATOR);
	assert(s->sealed_position <= s->position);
	assert(s->cookie.len_bytes <= RING_CURSOR_COOKIE_MAX);

	slot_header_encode(&s->header, buf);
	text_put(buf + OFF_NAME, RING_NAME_BYTES, s->name);
	put_le64(buf + OFF_INCARNATION, s->incarnation);
	put_le64(buf + OFF_POSITION, s->position);
	put_le64(buf + OFF_SEQUENCE, s->sequence);
	put_le64(buf + OFF_SEALED_POSITION, s->sealed_position);
	put_le64(buf + OFF_SEALED_SEQUENCE, s->sealed_sequence);
	put_le64(buf + OFF_REQUEST_ID, s->request_id);
	put_le32(buf + OFF_REQUEST, s->wants_suspend);
	put_le32(buf + OFF_JOIN_OLDEST, s->join_oldest);
	put_le64(buf + OFF_REQUEST_GENERATION, s->request_generation);
	put_le64(buf + OFF_STATE_GENERATION, s->state_generation);
	cookie_encode(&s->cookie, buf + OFF_COOKIE_BYTES, buf + OFF_COOKIE);
	slot_seal(buf, s->header.role, seed);
}

static void decode_fields(const uint8_t *buf, struct cursor_slot *s)
{
	memcpy(s->name, buf + OFF_NAME, sizeof(s->name));
	s->incarnation = get_le64(buf + OFF_INCARNATION);
	s->position = get_le64(buf + OFF_POSITION);
	s->sequence = get_le64(buf + OFF_SEQUENCE);
	s->sealed_position = get_le64(buf + OFF_SEALED_POSITION);
	s->sealed_sequence = get_le64(buf + OFF_SEALED_SEQUENCE);
	s->request_id = get_le64(buf + OFF_REQUEST_ID);
	s->wants_suspend = get_le32(buf + OFF_REQUEST) == 1;
	s->join_oldest = get_le32(buf + OFF_JOIN_OLDEST) == 1;
	s->request_generation = get_le64(buf + OFF_REQUEST_GENERATION);
	s->state_generation = get_le64(buf + OFF_STATE_GENERATION);
}

int cursor_slot_decode(const uint8_t buf[SLOT_CURSOR_BYTES], uint64_t seed,
		       uint32_t role, struct cursor_slot *ret)
{
	struct cursor_slot s;

	if (slot_header_decode(buf, seed, role, &s.header) < 0)
		return -RING_ERR_SLOT;
	if (s.header.state < CURSOR_FREE || s.header.state > CURSOR_LEAVING)
		return -RING_ERR_SLOT;
	if (!text_is_terminated(buf + OFF_NAME, RING_NAME_BYTES) ||
	    get_le32(buf + OFF_REQUEST) > 1 ||
	    get_le32(buf + OFF_JOIN_OLDEST) > 1)
		return -RING_ERR_SLOT;
	decode_fields(buf, &s);
	if (s.sealed_position > s.position || s.sealed_sequence > s.sequence ||
	    s.position >= INT64_MAX || s.position % 8 != 0 ||
	    s.sealed_position % 8 != 0)
		return -RING_ERR_SLOT;
	if (!cookie_decode(buf + OFF_COOKIE_BYTES, buf + OFF_COOKIE,
			   RING_CURSOR_COOKIE_MAX, &s.cookie))
		return -RING_ERR_SLOT;
	*ret = s;
	return 0;
}
