/* May this device be overwritten? G12: nothing is destroyed unasked. */
#include "ring/bytes.h"
#include "ring/format.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCAN_CHUNK = 1 << 20 };

static int occupied(const struct volume *v, uint64_t offset, const char *what)
{
	const struct fault_place place = { .offset_bytes = offset };

	return volume_fail(
		v, -RING_ERR_OCCUPIED, &place, "%s at offset %llu: %s", what,
		(unsigned long long)offset, ring_strerror(RING_ERR_OCCUPIED));
}

/* A filesystem or partition table, as libblkid knows them; 0: none. */
static int probe_signatures(const struct volume *v)
{
	const char *what = "a signature";
	blkid_probe probe;
	int found;

	if (!v->owns_io)
		return 0; /* not behind a path */
	probe = blkid_new_probe_from_filename(v->path);
	if (probe == NULL)
		return 0; /* too small or odd for a filesystem */
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_enable_partitions(probe, 1);
	found = blkid_do_safeprobe(probe);
	if (found == 0) {
		(void)(blkid_probe_lookup_value(probe, "TYPE", &what, NULL) ==
			       0 ||
		       blkid_probe_lookup_value(probe, "PTTYPE", &what, NULL) ==
			       0);
		found = occupied(v, 0, what);
	} else {
		/* 1: nothing; -2: several, which is more than nothing. */
		found = found == -2 ? occupied(v, 0, "several signatures")
			: found == 1
				? 0
				: volume_fail(v, -EIO, NULL,
					      "cannot look for a filesystem: "
					      "%s",
					      ring_strerror(-EIO));
	}
	blkid_free_probe(probe);
	return found;
}

static int scan_for_data(struct volume *v, uint64_t len)
{
	uint8_t *buf = volume_alloc(v, SCAN_CHUNK);
	int rc = buf == NULL ? -ENOMEM : 0;

	if (rc == 0 && len > 0 && len < v->io->sector_bytes)
		rc = occupied(v, 0, "data"); /* too short to be read whole */
	for (uint64_t at = 0; rc == 0 && at < len;) {
		const uint64_t left = round_down(len - at, v->io->sector_bytes);
		const size_t n = left < SCAN_CHUNK ? (size_t)left : SCAN_CHUNK;

		if (n == 0)
			break;
		rc = volume_read(v, at, buf, n);
		if (rc == 0 && !bytes_are_zero(buf, n))
			rc = occupied(v, at, "data");
		at += n;
	}
	volume_release(v, buf, SCAN_CHUNK);
	return rc;
}

/* A copy of a superblock, valid or not. */
static int check_copy(struct volume *v, uint64_t offset)
{
	struct superblock ignored;
	int rc;

	if (offset + v->sector_len > v->io->size_bytes)
		return 0;
	rc = volume_read(v, offset, v->sector, v->sector_len);
	if (rc < 0)
		return volume_fail(v, rc, NULL, "cannot read: %s",
				   ring_strerror(rc));
	return superblock_decode(v->sector, offset, &ignored) ==
			       -RING_ERR_NOT_A_RING
		       ? 0
		       : occupied(v, offset, "the superblock of a ring");
}

/* 1, 0 or -errno. */
static int is_file(const struct volume *v)
{
	struct stat st;

	if (!v->owns_io)
		return 0;
	return stat(v->path, &st) < 0 ? -errno : S_ISREG(st.st_mode);
}

/*
 * A file that holds anything was somebody's. A device is often full of old
 * bytes that mean nothing, and a file that create() made is all its own: only
 * what is recognised counts.
 */
static int check_content(struct volume *v, enum format_care care)
{
	int rc = check_copy(v, 0);

	if (rc == 0)
		rc = check_copy(v, GEOMETRY_SUPERBLOCK_B);
	if (rc == 0)
		rc = probe_signatures(v);
	if (rc == 0 && care == FORMAT_CARE_ALL)
		rc = is_file(v);
	return rc == 1 ? scan_for_data(v, v->io->size_bytes) : rc;
}

static int take_locks(struct volume *v)
{
	for (uint32_t role = 0; role < ROLE_CURSOR_0 + RING_CURSORS_MAX;
	     role++) {
		int rc = v->io->ops->lock(v->io, role);

		if (rc == -EAGAIN)
			return volume_fail(v, -RING_ERR_OWNED, NULL,
					   "the ring there is in use: %s",
					   ring_strerror(RING_ERR_OWNED));
		if (rc < 0)
			return volume_fail(v, rc, NULL, "cannot lock: %s",
					   ring_strerror(rc));
	}
	return 0;
}

void format_release(struct volume *v)
{
	for (uint32_t role = 0; role < ROLE_CURSOR_0 + RING_CURSORS_MAX; role++)
		v->io->ops->unlock(v->io, role);
}

int format_claim(struct volume *v, enum format_care care)
{
	int rc = take_locks(v);

	return rc < 0 || care == FORMAT_CARE_NONE ? rc : check_content(v, care);
}
