/* Opening storage: what is it, how must it be used, and which engine fits. */
#include "ring/io_common.h"

#include "ring/export.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SECTOR_MIN_BYTES = 512,
	SECTOR_MAX_BYTES = 65536,
	DIRECT_SECTOR_BYTES = 4096,   /* where the system doesn't say */
	TRANSFER_MAX_BYTES = 1 << 30, /* io_uring's lengths have 32 bits */
	PATH_SHOWN_MAX = 100,
};

struct engine {
	enum ring_io_engine id;
	const char *name;
	ring_io_engine_new *make;
};

/* Those that the automatic choice tries, in this order. */
static const struct engine engines[] = {
	{ RING_IO_URING, "io_uring", ring_io_uring_new },
	{ RING_IO_AIO, "aio", ring_io_aio_new },
	{ RING_IO_POSIX, "posix", ring_io_posix_new },
};

enum { ENGINE_COUNT = sizeof(engines) / sizeof(engines[0]) };

struct opening {
	const char *path;
	struct ring_io_options options;
	struct ring_io_base base;
	bool is_block_device;
};

/* ---- faults ------------------------------------------------------------- */

/* Fill the fault: "<doing> '<path>': <cause>". Returns rc. */
static int fail(const struct opening *o, int rc, const char *doing,
		const char *cause)
{
	struct ring_fault *fault = o->options.fault;
	const size_t len = strlen(o->path);
	const bool is_long = len > PATH_SHOWN_MAX;

	if (fault == NULL)
		return rc;
	*fault = (struct ring_fault){ .code = rc };

	/* A long path is cut at its start, or the cause would not fit. */
	snprintf(fault->text, sizeof(fault->text), "%s '%s%s': %s", doing,
		 is_long ? "..." : "",
		 is_long ? o->path + len - PATH_SHOWN_MAX : o->path, cause);
	return rc;
}

static int fail_os(const struct opening *o, int rc, const char *doing)
{
	return fail(o, rc, doing, ring_strerror(rc));
}

/* ---- what is it --------------------------------------------------------- */

static int check_kind(struct opening *o, const struct stat *st)
{
	if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
		return fail(o, -ENOTSUP, "cannot use",
			    "neither a regular file nor a block device");
	o->is_block_device = S_ISBLK(st->st_mode);
	return 0;
}

/* Before open(), which can wait (a FIFO) or do things (a tape). */
static int check_path(struct opening *o)
{
	struct stat st;

	if (stat(o->path, &st) < 0)
		return fail_os(o, -errno, "cannot open");
	return check_kind(o, &st);
}

static bool wants_direct(const struct opening *o)
{
	if (o->options.mode == RING_IO_MODE_AUTO)
		return o->is_block_device;
	return o->options.mode == RING_IO_DIRECT;
}

static int open_path(struct opening *o)
{
	const bool direct = wants_direct(o);
	int flags = O_CLOEXEC;
	struct stat st;

	flags |= o->options.read_only ? O_RDONLY : O_RDWR;
	flags |= direct ? O_DIRECT : 0;
	o->base.fd = open(o->path, flags);
	if (o->base.fd < 0)
		return fail_os(o, -errno,
			       direct && errno == EINVAL
				       ? "cannot use direct I/O on"
				       : "cannot open");
	if (fstat(o->base.fd, &st) < 0)
		return fail_os(o, -errno, "cannot stat");
	o->base.io.buffered = !direct;
	o->base.io.read_only = o->options.read_only;
	return check_kind(o, &st); /* it may be another file by now */
}

/* ---- how must it be used ------------------------------------------------ */

/* The unit of direct I/O on a regular file. -EINVAL: there is none. */
static int direct_file_sector(int fd, uint32_t *ret_bytes)
{
	*ret_bytes = DIRECT_SECTOR_BYTES;
#ifdef STATX_DIOALIGN
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &st) < 0)
		return 0;
	if ((st.stx_mask & STATX_DIOALIGN) == 0)
		return 0;
	if (st.stx_dio_offset_align == 0 ||
	    st.stx_dio_mem_align > RING_IO_ALIGN)
		return -EINVAL;
	*ret_bytes = st.stx_dio_offset_align > st.stx_dio_mem_align
			     ? st.stx_dio_offset_align
			     : st.stx_dio_mem_align;
#else
	(void)fd;
#endif
	return 0;
}

static int block_device_sector(int fd, uint32_t *ret_bytes)
{
	int bytes;

	if (ioctl(fd, BLKSSZGET, &bytes) < 0)
		return -errno;
	*ret_bytes = (uint32_t)bytes;
	return 0;
}

static int find_sector(struct opening *o)
{
	uint32_t bytes = SECTOR_MIN_BYTES;
	int rc = 0;

	if (o->is_block_device)
		rc = block_device_sector(o->base.fd, &bytes);
	else if (!o->base.io.buffered)
		rc = direct_file_sector(o->base.fd, &bytes);
	if (rc < 0)
		return fail_os(o, rc,
			       o->is_block_device
				       ? "cannot find the sector size of"
				       : "cannot use direct I/O on");
	if (bytes < SECTOR_MIN_BYTES)
		bytes = SECTOR_MIN_BYTES;
	if (bytes > SECTOR_MAX_BYTES || (bytes & (bytes - 1)) != 0)
		return fail(o, -EINVAL, "cannot use",
			    "unsupported sector size");
	o->base.io.sector_bytes = bytes;
	return 0;
}

static int find_geometry(struct opening *o)
{
	int rc = ring_io_size(&o->base.io, &o->base.io.size_bytes);

	if (rc < 0)
		return fail_os(o, rc, "cannot find the size of");
	return find_sector(o);
}

/* ---- which engine ------------------------------------------------------- */

static bool is_candidate(const struct opening *o, const struct engine *engine)
{
	if (o->options.engine != RING_IO_AUTO)
		return engine->id == o->options.engine;

	/*
	 * Direct I/O waits for the device: there the asynchronous engines
	 * start the operations of a batch side by side. Buffered, io_uring
	 * would only hand the flush to a kernel thread, and native AIO is not
	 * asynchronous at all.
	 */
	return !o->base.io.buffered || engine->id == RING_IO_POSIX;
}

/* The first candidate that can be set up. */
static int pick_engine(struct opening *o, struct ring_io **ret_io)
{
	char doing[40] = "cannot choose an engine for";
	int rc = -EINVAL;

	for (unsigned i = 0; i < ENGINE_COUNT; i++) {
		const struct engine *engine = &engines[i];

		if (!is_candidate(o, engine))
			continue;
		o->base.io.engine = engine->name;
		rc = engine->make(&o->base, ret_io);
		if (rc == 0)
			return 0;
		snprintf(doing, sizeof(doing), "cannot set up %s for",
			 engine->name);
	}
	return fail_os(o, rc, doing);
}

/* ---- the public calls --------------------------------------------------- */

static int open_all(struct opening *o, struct ring_io **ret_io)
{
	int rc = check_path(o);

	if (rc < 0)
		return rc;
	rc = open_path(o);
	if (rc < 0)
		return rc;
	rc = find_geometry(o);
	if (rc < 0)
		return rc;
	o->base.path = strdup(o->path);
	if (o->base.path == NULL)
		return fail_os(o, -ENOMEM, "cannot open");
	return pick_engine(o, ret_io);
}

RING_EXPORT int ring_io_open(const char *path,
			     const struct ring_io_options *options,
			     struct ring_io **ret_io)
{
	struct opening o = {
		.path = path,
		.base = { .fd = -1, .transfer_max_bytes = TRANSFER_MAX_BYTES },
	};
	int rc;

	if (options != NULL)
		o.options = *options;
	rc = open_all(&o, ret_io);
	if (rc < 0)
		ring_io_base_release(&o.base);
	return rc;
}

RING_EXPORT int ring_io_engine_from_name(const char *name,
					 enum ring_io_engine *ret)
{
	if (strcmp(name, "auto") == 0) {
		*ret = RING_IO_AUTO;
		return 0;
	}
	for (unsigned i = 0; i < ENGINE_COUNT; i++) {
		if (strcmp(name, engines[i].name) == 0) {
			*ret = engines[i].id;
			return 0;
		}
	}
	return -EINVAL;
}

RING_EXPORT int ring_io_run(struct ring_io *io, struct ring_io_batch *batch)
{
	int rc = io->ops->start(io, batch);

	return rc < 0 ? rc : io->ops->wait(io, batch);
}

RING_EXPORT void ring_io_close(struct ring_io *io)
{
	if (io != NULL)
		io->ops->close(io);
}
