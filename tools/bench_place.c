#include "tools/bench_place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UNIT = 1024 * 1024, RAW_SHARE = 4 };

/* 0, or -errno. */
static int device_size(const char *path, uint64_t *ret_bytes)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -errno;
	rc = ioctl(fd, BLKGETSIZE64, ret_bytes) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

static int split(struct bench_place *place, uint64_t size_bytes)
{
	if (size_bytes < BENCH_PLACE_LEAST)
		return -RING_ERR_TRUNCATED;
	size_bytes -= size_bytes % UNIT;
	place->raw_bytes = size_bytes / RAW_SHARE;
	place->raw_bytes -= place->raw_bytes % UNIT;
	place->ring_bytes = size_bytes - place->raw_bytes;
	return 0;
}

static int use_device(struct bench_place *place, uint64_t size_bytes)
{
	uint64_t most;
	int rc = device_size(place->path, &most);

	if (rc < 0)
		return rc;
	if (size_bytes == 0)
		size_bytes =
			most < BENCH_PLACE_DEFAULT ? most : BENCH_PLACE_DEFAULT;
	return size_bytes > most ? -RING_ERR_TRUNCATED
				 : split(place, size_bytes);
}

/*
 * The file keeps its name while we measure: there are file systems that skip
 * the flush of one that has none.
 */
static int use_file(struct bench_place *place, int fd, uint64_t size_bytes)
{
	if (fd < 0)
		return -errno;
	close(fd);
	place->is_ours = true;
	return split(place, size_bytes == 0 ? BENCH_PLACE_DEFAULT : size_bytes);
}

static int use_directory(struct bench_place *place, const char *path,
			 uint64_t size_bytes)
{
	const int len = snprintf(place->path, sizeof(place->path),
				 "%s/ringctl-bench.XXXXXX", path);

	if (len >= (int)sizeof(place->path))
		return -ENAMETOOLONG;
	return use_file(place, mkostemp(place->path, O_CLOEXEC), size_bytes);
}

int bench_place_open(struct bench_place *place, const char *path,
		     uint64_t size_bytes)
{
	struct stat st;

	*place = (struct bench_place){ .is_ours = false };
	if (snprintf(place->path, sizeof(place->path), "%s", path) >=
	    (int)sizeof(place->path))
		return -ENAMETOOLONG;
	if (stat(path, &st) < 0)
		return errno != ENOENT
			       ? -errno
			       : use_file(place,
					  open(path,
					       O_RDWR | O_CREAT | O_EXCL |
						       O_CLOEXEC,
					       0666),
					  size_bytes);
	if (S_ISDIR(st.st_mode))
		return use_directory(place, path, size_bytes);
	return S_ISBLK(st.st_mode) ? use_device(place, size_bytes) : -EEXIST;
}

int bench_place_create(struct bench_place *place, bool force,
		       const struct ring_options *options)
{
	const struct ring_create_options create = {
		.size_bytes = place->ring_bytes,
		.force = force,
		.label = "ringctl bench",
	};
	const int rc = ring_create(place->path, &create, options);

	place->has_ring = rc == 0;
	return rc;
}

void bench_place_close(struct bench_place *place,
		       const struct ring_options *options)
{
	if (place->is_ours)
		unlink(place->path);
	else if (place->has_ring)
		(void)ring_erase(place->path, true, options);
}
