#ifndef RING_WINDOW_H
#define RING_WINDOW_H

#include "ring/volume.h"

#include <assert.h>

/*
 * A stretch of the stream in memory, read in large chunks, so that many
 * records are parsed per read. It remembers which of its bytes passed their
 * checks, and which a flush has covered since they were read. With direct I/O
 * it reads ahead: the next chunk is under way while this one is parsed.
 */
struct window {
	struct volume *volume;
	uint8_t *buf;
	size_t cap;     /* holds the largest batch */
	uint64_t start; /* position of buf[0]; at a block boundary */
	size_t len;     /* bytes resident */
	uint64_t checked_start, checked_end; /* positions; passed here */
	uint64_t flushed_end; /* positions below were read before a flush */
	uint64_t loads;       /* grows with each read of data */
	size_t chunk;         /* of the next read; grows while it goes on */
	uint64_t keep;        /* bytes from here on are dropped last */
	bool from_storage;    /* drop cached copies before each read (R13) */
	uint64_t ahead_to;    /* positions below are worth reading ahead */
	size_t ahead_len;     /* being read behind the last byte; 0: nothing */
	struct ring_io_batch ahead;
};

int window_init(struct window *w, struct volume *v);
void window_release(struct window *w);

/* Bytes resident at `position`; 0 if it is not in the window. */
static inline size_t window_resident(const struct window *w, uint64_t position)
{
	if (position < w->start || position >= w->start + w->len)
		return 0;
	return (size_t)(w->start + w->len - position);
}

static inline const uint8_t *window_at(const struct window *w,
				       uint64_t position)
{
	assert(position >= w->start);
	assert(position <= w->start + w->len);
	return w->buf + (position - w->start);
}

/*
 * See to it that at least len_bytes (at most the largest batch) at `position`
 * are resident. Earlier bytes may be dropped (those before w->keep first), and
 * pointers into the window with them. 0, or the error of the read.
 */
int window_need(struct window *w, uint64_t position, size_t len_bytes);

/*
 * Start to read what comes behind the last byte, up to w->ahead_to; earlier
 * bytes may be dropped for it, but none from w->keep on. Through the page cache
 * the kernel does that better. An error is met again by whoever needs it.
 */
void window_read_ahead(struct window *w);

/*
 * Drop what the page cache holds of the blocks that begin in [from, to), at
 * most a lap. What is in the window stays. Only to be kind to those who write
 * there: it may fail.
 */
void window_drop_cached(struct window *w, uint64_t from, uint64_t to);

/* Forget everything from the block of `position` on: read it again. */
void window_forget(struct window *w, uint64_t position);

/* Forget everything. */
void window_reset(struct window *w);

/* Bytes [from, to) passed their checks; adjoining ranges grow together. */
void window_set_checked(struct window *w, uint64_t from, uint64_t to);

/* How many bytes from `position` on passed before. */
static inline uint64_t window_checked(const struct window *w, uint64_t position)
{
	if (position < w->checked_start || position >= w->checked_end)
		return 0;
	return w->checked_end - position;
}

/* A flush that began after the last read has completed. */
void window_set_flushed(struct window *w);

#endif
