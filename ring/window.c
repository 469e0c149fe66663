#include "ring/window.h"

#include "ring/bytes.h"

#include <assert.h>
#include <errno.h>

/*
 * A waiting consumer looks at a block or two again and again; one that drains
 * reads on and on. So reads start small and grow. What comes from the page
 * cache should still be in the processor's when it is parsed.
 */
enum {
	CHUNK_MIN = 16 << 10,
	CHUNK_MAX_BUFFERED = 1 << 20,
	CHUNK_MAX_DIRECT = 2 << 20,
	CHUNK_GROWTH = 4,
};

static uint32_t block_bytes(const struct window *w)
{
	return w->volume->superblock.geometry.block_bytes;
}

static size_t chunk_min(const struct window *w)
{
	return CHUNK_MIN > block_bytes(w) ? CHUNK_MIN : block_bytes(w);
}

static size_t chunk_max(const struct window *w)
{
	return w->volume->io->buffered ? CHUNK_MAX_BUFFERED : CHUNK_MAX_DIRECT;
}

int window_init(struct window *w, struct volume *v)
{
	const struct geometry *g = &v->superblock.geometry;

	*w = (struct window){ .volume = v };
	/* A batch may begin anywhere in the first block and a chunk follow. */
	w->cap = g->max_batch + 2 * g->block_bytes + chunk_max(w);
	if (w->cap > g->data_bytes)
		w->cap = (size_t)g->data_bytes; /* a lap is all there is */
	w->buf = volume_alloc(v, w->cap);
	window_reset(w);
	return w->buf == NULL ? -ENOMEM : 0;
}

/* ---- reading ahead ------------------------------------------------------ */

/* What was read ahead, if that succeeded, belongs to the window now. */
static void take_ahead(struct window *w)
{
	struct ring_io *io = w->volume->io;

	if (w->ahead_len == 0)
		return;
	if (io->ops->wait(io, &w->ahead) == 0) {
		w->len += w->ahead_len;
		w->loads++;
	}
	w->ahead_len = 0;
}

static void drop_ahead(struct window *w)
{
	const size_t len = w->len;

	take_ahead(w);
	w->len = len;
}

void window_release(struct window *w)
{
	if (w->volume != NULL) {
		drop_ahead(w);
		volume_release(w->volume, w->buf, w->cap);
	}
	w->buf = NULL;
}

/* ---- what is in memory -------------------------------------------------- */

void window_reset(struct window *w)
{
	drop_ahead(w);
	w->start = 0;
	w->len = 0;
	w->checked_start = w->checked_end = 0;
	w->flushed_end = 0;
	w->chunk = chunk_min(w);
}

/* Make `position`'s block the first one, keeping what is behind it. */
static void slide_to(struct window *w, uint64_t position)
{
	const uint64_t start = round_down(position, block_bytes(w));
	size_t drop;

	if (window_resident(w, start) == 0 && start != w->start + w->len) {
		window_reset(w);
		w->start = start;
		return;
	}
	drop = (size_t)(start - w->start);
	memmove(w->buf, w->buf + drop, w->len - drop);
	w->start = start;
	w->len -= drop;
}

static struct ring_io_batch read_behind(const struct window *w, size_t len)
{
	struct ring_io_batch batch = { 0 };

	volume_add_stream(w->volume, &batch, RING_IO_READ, w->start + w->len,
			  w->buf + w->len, len);
	return batch;
}

static int drop_cached(struct ring_io *io, const struct ring_io_batch *batch)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < batch->count; i++)
		rc = io->ops->drop_cache(io, batch->ops[i].offset_bytes,
					 batch->ops[i].len_bytes);
	return rc;
}

static int load(struct window *w, size_t len)
{
	struct ring_io *io = w->volume->io;
	struct ring_io_batch batch = read_behind(w, len);
	int rc = w->from_storage ? drop_cached(io, &batch) : 0;

	if (rc == 0)
		rc = ring_io_run(io, &batch);
	if (rc < 0)
		return rc;
	w->len += len;
	w->loads++;
	return 0;
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Bytes to read so that [position, position + len_bytes) is there. */
static size_t missing(const struct window *w, uint64_t position,
		      size_t len_bytes)
{
	return round_up((size_t)(position - w->start) + len_bytes - w->len,
			block_bytes(w));
}

static void make_room(struct window *w, uint64_t position, size_t len_bytes)
{
	const uint64_t block = round_down(position, block_bytes(w));
	const size_t limit = w->cap;
	size_t want;

	if (window_resident(w, block) == 0 && block != w->start + w->len) {
		slide_to(w, position);
		return;
	}
	want = missing(w, position, len_bytes);
	if (want < w->chunk)
		want = w->chunk;
	if (w->len + want > limit && window_resident(w, w->keep) > 0 &&
	    w->keep <= position)
		slide_to(w, w->keep);
	if (w->len + missing(w, position, len_bytes) > limit)
		slide_to(w, position);
}

static int load_for(struct window *w, uint64_t position, size_t len_bytes)
{
	size_t want, room;

	make_room(w, position, len_bytes);
	want = missing(w, position, len_bytes);
	room = w->cap - w->len;
	assert(want <= room);
	if (want < w->chunk)
		want = round_down(min_size(w->chunk, room), block_bytes(w));
	return load(w, want);
}

int window_need(struct window *w, uint64_t position, size_t len_bytes)
{
	int rc = 0;

	if (window_resident(w, position) >= len_bytes)
		return 0;
	assert(len_bytes <= w->volume->superblock.geometry.max_batch);
	take_ahead(w);
	if (window_resident(w, position) < len_bytes)
		rc = load_for(w, position, len_bytes);
	if (rc < 0)
		return rc;
	w->chunk = min_size(w->chunk * CHUNK_GROWTH, chunk_max(w));
	return 0;
}

void window_drop_cached(struct window *w, uint64_t from, uint64_t to)
{
	const uint64_t start = round_up(from, block_bytes(w));
	const uint64_t end = round_up(to, block_bytes(w));
	struct ring_io_batch batch = { 0 };

	if (start >= end)
		return;
	volume_add_stream(w->volume, &batch, RING_IO_READ, start, w->buf,
			  (size_t)(end - start));
	(void)drop_cached(w->volume->io, &batch);
}

void window_read_ahead(struct window *w)
{
	struct ring_io *io = w->volume->io;
	const uint64_t end = w->start + w->len;
	size_t len = w->chunk;

	if (io->buffered || w->len == 0 || w->ahead_len > 0 ||
	    w->ahead_to <= end)
		return;
	if (len > w->ahead_to - end)
		len = round_up((size_t)(w->ahead_to - end), block_bytes(w));
	if (w->len + len > w->cap && window_resident(w, w->keep) > 0)
		slide_to(w, w->keep);
	if (w->len + len > w->cap)
		return;
	w->ahead = read_behind(w, len);
	if (io->ops->start(io, &w->ahead) == 0)
		w->ahead_len = len;
}

void window_forget(struct window *w, uint64_t position)
{
	const uint64_t from = round_down(position, block_bytes(w));

	if (from <= w->start) {
		window_reset(w);
		return;
	}
	drop_ahead(w);
	if (from < w->start + w->len)
		w->len = (size_t)(from - w->start);
	if (w->checked_end > from)
		w->checked_end = from;
	if (w->checked_start > w->checked_end)
		w->checked_start = w->checked_end;
	if (w->flushed_end > from)
		w->flushed_end = from;
	w->chunk = chunk_min(w);
}

void window_set_checked(struct window *w, uint64_t from, uint64_t to)
{
	if (from > w->checked_end || to < w->checked_start) {
		w->checked_start = from;
		w->checked_end = to;
		return;
	}
	if (from < w->checked_start)
		w->checked_start = from;
	if (to > w->checked_end)
		w->checked_end = to;
}

void window_set_flushed(struct window *w)
{
	w->flushed_end = w->start + w->len;
}
