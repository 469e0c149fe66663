/*
 * Whether storage holds nothing at all, so that a ring may be made there
 * without asking. Stricter than ring_create(), which passes over old bytes on a
 * device: a ring whose superblocks are lost looks like those, and is not to be
 * destroyed by who only wanted to use it.
 */
#include "journal/state.h"

#include <errno.h>
#include <stdio.h>

enum {
	CHUNK_BYTES = 1 << 20,
	/* More than superblocks and slots of any ring take; of a file,
	 * ring_create() sees the rest. */
	HEAD_BYTES = 64 << 20,
};

static bool is_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static int occupied(const char *path, uint64_t offset, struct ring_fault *f)
{
	const int rc = -RING_ERR_OCCUPIED;

	if (f != NULL) {
		*f = (struct ring_fault){ .code = rc, .offset_bytes = offset };
		snprintf(f->text, sizeof(f->text),
			 "'%.100s' is no ring, and not empty: data at offset "
			 "%llu: "
			 "%s",
			 path, (unsigned long long)offset, ring_strerror(rc));
	}
	return rc;
}

/* 0: nothing but zeros; the offset of a chunk that holds more in *ret. */
static int scan(struct ring_io *io, uint8_t *buf, uint64_t *ret_offset)
{
	const uint64_t size =
		io->size_bytes < HEAD_BYTES ? io->size_bytes : HEAD_BYTES;
	const uint64_t end = size - size % io->sector_bytes;

	for (uint64_t at = 0; at < end; at += CHUNK_BYTES) {
		const uint64_t left = end - at;
		const size_t len =
			left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
		struct ring_io_batch batch = {
			.ops = { { RING_IO_READ, at, buf, len } },
			.count = 1,
		};
		const int rc = ring_io_run(io, &batch);

		*ret_offset = at;
		if (rc < 0)
			return rc;
		if (!is_zero(buf, len))
			return -RING_ERR_OCCUPIED;
	}
	return 0;
}

static int scan_io(const char *path, struct ring_io *io,
		   const struct ring_options *options)
{
	const struct ring_system *s = options->system;
	uint8_t *buf = s->alloc(s->ctx, CHUNK_BYTES, RING_IO_ALIGN);
	uint64_t offset = 0;
	int rc = buf == NULL ? -ENOMEM : scan(io, buf, &offset);

	if (buf != NULL)
		s->release(s->ctx, buf, CHUNK_BYTES);
	return rc == -RING_ERR_OCCUPIED ? occupied(path, offset, options->fault)
					: rc;
}

int journal_is_blank(const char *path, const struct ring_options *options)
{
	const struct ring_io_options how = {
		.engine = options->engine,
		.mode = options->mode,
		.read_only = true,
		.fault = options->fault,
	};
	struct ring_io *io = options->io;
	int rc = io != NULL ? 0 : ring_io_open(path, &how, &io);

	if (rc == 0)
		rc = scan_io(path, io, options);
	if (options->io == NULL)
		ring_io_close(io);
	return rc;
}
