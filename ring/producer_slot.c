#include "ring/slot_codec.h"

#include "ring/bytes.h"

#include <assert.h>

/* Byte offsets behind the slot header; then size in bytes. */
enum {
	OFF_EPOCH_START = 176,      /* 8    */
	OFF_CHECKPOINT = 184,       /* 8    */
	OFF_EXPOSED = 192,          /* 8    */
	OFF_EXPOSED_SEQUENCE = 200, /* 8    */
	OFF_NEXT_SEQUENCE = 208,    /* 8    */
	OFF_TIME = 216,             /* 8    */
	OFF_COOKIE_BYTES = 224,     /* 4    */
	OFF_SEGMENT_COUNT = 228,    /* 4    */
	OFF_RESERVED_1 = 232,       /* 8    */
	OFF_COOKIE = 240,           /* 256  */
	OFF_RESERVED_2 = 496,       /* 16   */
	OFF_SEGMENTS = 512,         /* 24 x 32 */
	OFF_REPLIES = 1280,         /* 65 x 40 */
	OFF_RESERVED_3 = 3880,      /* 216  */
	SEGMENT_BYTES = 32,
	REPLY_BYTES = 40,
};

static_assert((int)OFF_EPOCH_START == (int)SLOT_HEADER_BYTES, "no gap");
static_assert(OFF_COOKIE_BYTES == OFF_TIME + 8, "no gap");
static_assert(OFF_COOKIE == OFF_RESERVED_1 + 8, "no gap");
static_assert((int)OFF_RESERVED_2 == (int)OFF_COOKIE + RING_COMMIT_COOKIE_MAX,
	      "no gap");
static_assert(OFF_SEGMENTS == OFF_RESERVED_2 + 16, "no gap");
static_assert((int)OFF_REPLIES ==
		      (int)OFF_SEGMENTS + SEGMENTS_MAX * (int)SEGMENT_BYTES,
	      "no gap");
static_assert((int)OFF_RESERVED_3 ==
		      (int)OFF_REPLIES + SLOT_REPLIES * (int)REPLY_BYTES,
	      "no gap");
static_assert((int)SLOT_PRODUCER_BYTES == (int)OFF_RESERVED_3 + 216, "no gap");

static void encode_checkpoint(const struct checkpoint *c, uint8_t *buf)
{
	put_le64(buf + OFF_CHECKPOINT, c->position);
	put_le64(buf + OFF_EXPOSED, c->exposed);
	put_le64(buf + OFF_EXPOSED_SEQUENCE, c->exposed_sequence);
	put_le64(buf + OFF_NEXT_SEQUENCE, c->next_sequence);
	put_le64(buf + OFF_TIME, c->time_ns);
}

static void encode_segments(const struct segments *s, uint8_t *buf)
{
	put_le64(buf + OFF_EPOCH_START, s->epoch_start);
	put_le32(buf + OFF_SEGMENT_COUNT, s->count);
	for (unsigned i = 0; i < s->count; i++) {
		uint8_t *p = buf + OFF_SEGMENTS + i * SEGMENT_BYTES;

		put_le64(p, s->list[i].start);
		put_le64(p + 8, s->list[i].end);
		put_le64(p + 16, s->list[i].first_epoch);
		put_le64(p + 24, s->list[i].last_epoch);
	}
}

static void encode_reply(const struct reply *r, uint8_t *p)
{
	put_le64(p, r->incarnation);
	put_le64(p + 8, r->acked_request);
	put_le64(p + 16, r->position);
	put_le64(p + 24, r->sequence);
	put_le32(p + 32, r->membership);
}

void producer_slot_encode(const struct producer_slot *s, uint64_t seed,
			  uint8_t buf[SLOT_PRODUCER_BYTES])
{
	assert(s->header.role == ROLE_PRODUCER);
	assert(segments_are_valid(&s->segments));
	assert(s->cookie.len_bytes <= RING_COMMIT_COOKIE_MAX);

	slot_header_encode(&s->header, buf);
	encode_checkpoint(&s->checkpoint, buf);
	encode_segments(&s->segments, buf);
	cookie_encode(&s->cookie, buf + OFF_COOKIE_BYTES, buf + OFF_COOKIE);
	for (unsigned i = 0; i < SLOT_REPLIES; i++)
		encode_reply(&s->replies[i],
			     buf + OFF_REPLIES + i * REPLY_BYTES);
	slot_seal(buf, ROLE_PRODUCER, seed);
}

static bool decode_checkpoint(const uint8_t *buf, struct checkpoint *c)
{
	*c = (struct checkpoint){
		.position = get_le64(buf + OFF_CHECKPOINT),
		.exposed = get_le64(buf + OFF_EXPOSED),
		.exposed_sequence = get_le64(buf + OFF_EXPOSED_SEQUENCE),
		.next_sequence = get_le64(buf + OFF_NEXT_SEQUENCE),
		.time_ns = get_le64(buf + OFF_TIME),
	};
	return c->exposed <= c->position && c->position < INT64_MAX &&
	       c->position % 8 == 0 && c->exposed_sequence <= c->next_sequence;
}

static bool decode_segments(const uint8_t *buf, struct segments *s)
{
	s->epoch_start = get_le64(buf + OFF_EPOCH_START);
	s->count = get_le32(buf + OFF_SEGMENT_COUNT);
	if (s->count > SEGMENTS_MAX)
		return false;
	for (unsigned i = 0; i < s->count; i++) {
		const uint8_t *p = buf + OFF_SEGMENTS + i * SEGMENT_BYTES;

		s->list[i] = (struct segment){
			.start = get_le64(p),
			.end = get_le64(p + 8),
			.first_epoch = get_le64(p + 16),
			.last_epoch = get_le64(p + 24),
		};
	}
	return segments_are_valid(s);
}

static bool decode_reply(const uint8_t *p, struct reply *r)
{
	const uint32_t membership = get_le32(p + 32);

	*r = (struct reply){
		.incarnation = get_le64(p),
		.acked_request = get_le64(p + 8),
		.position = get_le64(p + 16),
		.sequence = get_le64(p + 24),
		.membership = (enum membership)membership,
	};
	return membership <= MEMBER_REFUSED && r->position < INT64_MAX &&
	       r->position % 8 == 0;
}

int producer_slot_decode(const uint8_t buf[SLOT_PRODUCER_BYTES], uint64_t seed,
			 struct producer_slot *ret)
{
	struct producer_slot s;

	if (slot_header_decode(buf, seed, ROLE_PRODUCER, &s.header) < 0)
		return -RING_ERR_SLOT;
	if (s.header.state < PRODUCER_DETACHED ||
	    s.header.state > PRODUCER_ATTACHED)
		return -RING_ERR_SLOT;
	if (!decode_checkpoint(buf, &s.checkpoint) ||
	    !decode_segments(buf, &s.segments) ||
	    s.checkpoint.position < s.segments.epoch_start ||
	    s.header.epoch < s.segments.list[s.segments.count - 1].last_epoch ||
	    !cookie_decode(buf + OFF_COOKIE_BYTES, buf + OFF_COOKIE,
			   RING_COMMIT_COOKIE_MAX, &s.cookie))
		return -RING_ERR_SLOT;
	for (unsigned i = 0; i < SLOT_REPLIES; i++)
		if (!decode_reply(buf + OFF_REPLIES + i * REPLY_BYTES,
				  &s.replies[i]))
			return -RING_ERR_SLOT;
	*ret = s;
	return 0;
}
