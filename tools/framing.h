#ifndef TOOLS_FRAMING_H
#define TOOLS_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How items are told apart in a stream of bytes. */
enum framing {
	FRAMING_LINES,  /* each ends in a newline */
	FRAMING_NUL,    /* each ends in a NUL */
	FRAMING_LENGTH, /* each follows its length: 32 bits, little-endian */
	FRAMING_NONE,   /* they are not: only to be written */
};

/* Option readers: *ret is an enum framing. Only what writes takes "none". */
const char *framing_option(const char *text, void *ret);
const char *framing_option_out(const char *text, void *ret);

/* ---- reading ------------------------------------------------------------ */

enum frame_result {
	FRAME_OK,
	FRAME_NONE,      /* more input is needed */
	FRAME_TOO_BIG,   /* above max_bytes; *ret_frame tells its length */
	FRAME_TRUNCATED, /* the input ended inside a frame */
};

/* A frame of the input. */
struct frame {
	uint64_t offset; /* of its first byte, in the input */
	size_t len_bytes;
	bool is_partial; /* too big already, and its end is not yet read */
};

/* Owns its buffer. Offsets are in the input, which the buffer is a window of */
struct frame_reader {
	enum framing framing;
	uint64_t max_bytes; /* most of one frame */
	bool ended;         /* end of input was read */
	uint8_t *buf;
	size_t size;       /* of the buffer */
	size_t size_max;   /* it grows up to here */
	uint64_t start;    /* offset of the buffer's first byte */
	uint64_t kept;     /* from here on bytes may still be asked for */
	uint64_t parsed;   /* up to here frames are taken */
	uint64_t searched; /* up to here there is no delimiter */
	uint64_t fill;     /* up to here input is read */
};

/* Frames of at most max_bytes; keep_bytes: as much may be taken before it is
 * dropped. 0, or -ENOMEM. */
int frame_reader_init(struct frame_reader *r, enum framing framing,
		      uint64_t max_bytes, uint64_t keep_bytes);
void frame_reader_release(struct frame_reader *r);

/* Read once from fd: blocks as fd does. 0, or -errno. At the end `ended` is
 * set. */
int frame_reader_fill(struct frame_reader *r, int fd);

/* Take the next whole frame. */
enum frame_result frame_reader_next(struct frame_reader *r,
				    struct frame *ret_frame);

/* Give the frame back that was taken last; the next one is it again. */
void frame_reader_put_back(struct frame_reader *r, const struct frame *frame);

/* The bytes of a frame that was taken and not dropped; valid until fill(). */
const uint8_t *frame_reader_bytes(const struct frame_reader *r,
				  const struct frame *frame);

/* Forget the bytes of every frame taken. */
void frame_reader_drop_taken(struct frame_reader *r);

/* ---- writing ------------------------------------------------------------ */

struct output;

/* Append a frame. 0; -ENOMEM; -EMSGSIZE for what no length can say. */
int frame_write(struct output *out, enum framing framing, const void *data,
		size_t len_bytes);

#endif
