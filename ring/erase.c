#include "ring/export.h"
#include "ring/format.h"
#include "ring/snapshot.h"

#include <errno.h>

static int check_empty(const char *path, const struct ring_options *options,
		       const struct volume *v)
{
	struct ring_options look = { 0 };
	struct ring_info info;
	int rc;

	if (options != NULL)
		look = *options;
	rc = ring_info(path, &look, &info);
	if (rc < 0)
		return rc;
	if (info.tail < info.exposed || info.exposed_items < info.pushed_items)
		return volume_fail(v, -RING_ERR_NOT_EMPTY, NULL,
				   "%llu bytes in use: %s",
				   (unsigned long long)info.used_bytes,
				   ring_strerror(RING_ERR_NOT_EMPTY));
	return 0;
}

/* Superblocks first: without them the slots mean nothing. */
static int wipe(struct volume *v)
{
	const struct geometry *g = &v->superblock.geometry;
	const size_t len = GEOMETRY_SUPERBLOCK_B;
	uint8_t *zeros = volume_alloc(v, len);
	int rc;

	if (zeros == NULL)
		return -ENOMEM;
	rc = format_invalidate(v, zeros);
	for (uint64_t at = GEOMETRY_ROLES_OFFSET;
	     rc == 0 && at < g->data_offset; at += len)
		rc = volume_write(v, at, zeros, len);
	if (rc == 0)
		rc = volume_flush(v);
	volume_release(v, zeros, len);
	return rc < 0 ? volume_fail(v, rc, NULL, "cannot write: %s",
				    ring_strerror(rc))
		      : 0;
}

RING_EXPORT int ring_erase(const char *path, bool force,
			   const struct ring_options *options)
{
	struct volume v;
	int rc = volume_open(&v, path, options, false);

	if (rc < 0)
		return rc;
	rc = format_claim(&v, FORMAT_CARE_NONE); /* it is known */
	if (rc == 0 && !force)
		rc = check_empty(path, options, &v);
	if (rc == 0)
		rc = wipe(&v);
	volume_explain(&v, rc, "cannot erase");
	format_release(&v);
	volume_abandon(&v);
	return rc;
}
