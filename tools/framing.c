/*
 * The buffer of a reader, and the offsets in the input that it holds:
 *
 *     | dropped | frames taken | not yet parsed | room |
 *   start     kept          parsed             fill
 *
 * Taken frames stay until they are dropped, for the caller publishes from
 * here. The buffer starts small and grows only while input needs it.
 */
#include "tools/framing.h"

#include "tools/option_word.h"
#include "tools/output.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	LENGTH_BYTES = 4,
	FIRST_BYTES = 1024 * 1024,
	ROOM_MIN_BYTES = 64 * 1024,
};

static const char *const words[] = {
	[FRAMING_LINES] = "lines",
	[FRAMING_NUL] = "nul",
	[FRAMING_LENGTH] = "length",
	[FRAMING_NONE] = "none",
};

static bool find(const char *text, enum framing last, enum framing *ret)
{
	const int found = option_word(text, words, (unsigned)last + 1);

	if (found >= 0)
		*ret = (enum framing)found;
	return found >= 0;
}

const char *framing_option(const char *text, void *ret)
{
	return find(text, FRAMING_LENGTH, ret) ? NULL
					       : "must be lines, nul or length";
}

const char *framing_option_out(const char *text, void *ret)
{
	return find(text, FRAMING_NONE, ret)
		       ? NULL
		       : "must be lines, nul, length or none";
}

/* ---- reading ------------------------------------------------------------ */

int frame_reader_init(struct frame_reader *r, enum framing framing,
		      uint64_t max_bytes, uint64_t keep_bytes)
{
	*r = (struct frame_reader){
		.framing = framing,
		.max_bytes = max_bytes,
		.size = FIRST_BYTES,
		.size_max =
			max_bytes + keep_bytes + LENGTH_BYTES + ROOM_MIN_BYTES,
	};
	if (r->size_max < FIRST_BYTES)
		r->size_max = FIRST_BYTES;
	r->buf = malloc(r->size);
	return r->buf == NULL ? -ENOMEM : 0;
}

void frame_reader_release(struct frame_reader *r)
{
	free(r->buf);
	r->buf = NULL;
}

/* Bytes in the buffer from an offset to the end of what is read. */
static size_t bytes_from(const struct frame_reader *r, uint64_t offset)
{
	return (size_t)(r->fill - offset);
}

static const uint8_t *at(const struct frame_reader *r, uint64_t offset)
{
	return r->buf + (offset - r->start);
}

static size_t room(const struct frame_reader *r)
{
	return r->size - bytes_from(r, r->start);
}

static void compact(struct frame_reader *r)
{
	memmove(r->buf, at(r, r->kept), bytes_from(r, r->kept));
	r->start = r->kept;
}

static int make_room(struct frame_reader *r)
{
	size_t size = r->size;
	uint8_t *buf;

	if (room(r) < ROOM_MIN_BYTES)
		compact(r);
	if (room(r) >= ROOM_MIN_BYTES || size == r->size_max)
		return 0;
	size = size > r->size_max / 2 ? r->size_max : size * 2;
	buf = realloc(r->buf, size);
	if (buf == NULL)
		return -ENOMEM;
	r->buf = buf;
	r->size = size;
	return 0;
}

int frame_reader_fill(struct frame_reader *r, int fd)
{
	int rc = make_room(r);
	ssize_t n;

	if (rc < 0)
		return rc;
	/* Else the end of input could not be told: more was kept than said. */
	assert(room(r) > 0);
	do {
		n = read(fd, r->buf + bytes_from(r, r->start), room(r));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n == 0)
		r->ended = true;
	r->fill += (uint64_t)n;
	return 0;
}

const uint8_t *frame_reader_bytes(const struct frame_reader *r,
				  const struct frame *frame)
{
	return at(r, frame->offset);
}

void frame_reader_drop_taken(struct frame_reader *r)
{
	r->kept = r->parsed;
}

void frame_reader_put_back(struct frame_reader *r, const struct frame *frame)
{
	r->parsed = frame->offset;
	if (r->framing == FRAMING_LENGTH)
		r->parsed -= LENGTH_BYTES;
	r->searched = r->parsed;
}

/* Take a frame, and `tail` bytes of framing behind it. */
static enum frame_result take(struct frame_reader *r, const struct frame *frame,
			      size_t tail, struct frame *ret)
{
	*ret = *frame;
	if (frame->len_bytes > r->max_bytes)
		return FRAME_TOO_BIG;
	r->parsed = frame->offset + frame->len_bytes + tail;
	r->searched = r->parsed;
	return FRAME_OK;
}

static uint32_t get_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static enum frame_result next_by_length(struct frame_reader *r,
					struct frame *ret)
{
	size_t have = bytes_from(r, r->parsed);
	struct frame frame = { .offset = r->parsed + LENGTH_BYTES };

	if (have == 0)
		return FRAME_NONE;
	if (have < LENGTH_BYTES)
		return r->ended ? FRAME_TRUNCATED : FRAME_NONE;
	frame.len_bytes = get_le32(at(r, r->parsed));
	if (frame.len_bytes <= r->max_bytes &&
	    have - LENGTH_BYTES < frame.len_bytes)
		return r->ended ? FRAME_TRUNCATED : FRAME_NONE;
	return take(r, &frame, 0, ret);
}

static enum frame_result next_by_delimiter(struct frame_reader *r,
					   struct frame *ret)
{
	int delimiter = r->framing == FRAMING_NUL ? '\0' : '\n';
	const uint8_t *end = memchr(at(r, r->searched), delimiter,
				    bytes_from(r, r->searched));
	struct frame frame = { .offset = r->parsed };

	if (end != NULL) {
		frame.len_bytes = (size_t)(end - at(r, r->parsed));
		return take(r, &frame, 1, ret);
	}
	r->searched = r->fill;
	frame.len_bytes = bytes_from(r, r->parsed);
	frame.is_partial = !r->ended;
	if (frame.len_bytes > r->max_bytes || (r->ended && frame.len_bytes > 0))
		return take(r, &frame, 0, ret);
	return FRAME_NONE;
}

enum frame_result frame_reader_next(struct frame_reader *r,
				    struct frame *ret_frame)
{
	if (r->framing == FRAMING_LENGTH)
		return next_by_length(r, ret_frame);
	return next_by_delimiter(r, ret_frame);
}

/* ---- writing ------------------------------------------------------------ */

static int write_length(struct output *out, size_t len_bytes)
{
	uint8_t head[LENGTH_BYTES];

	if (len_bytes > UINT32_MAX)
		return -EMSGSIZE;
	for (unsigned i = 0; i < LENGTH_BYTES; i++)
		head[i] = (uint8_t)(len_bytes >> (8 * i));
	return output_append(out, head, sizeof(head));
}

int frame_write(struct output *out, enum framing framing, const void *data,
		size_t len_bytes)
{
	int rc = 0;

	if (framing == FRAMING_LENGTH)
		rc = write_length(out, len_bytes);
	if (rc == 0)
		rc = output_append(out, data, len_bytes);
	if (rc == 0 && framing == FRAMING_LINES)
		rc = output_append(out, "\n", 1);
	if (rc == 0 && framing == FRAMING_NUL)
		rc = output_append(out, "", 1);
	return rc;
}
