/*
 * ring_repair(): superblocks from each other, slots from what the other roles
 * and the stream say, holes over records that are gone. DESIGN.md, "Repair".
 */
#include "ring/repair.h"

#include "ring/export.h"
#include "ring/owner.h"
#include "ring/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- telling and writing ------------------------------------------------ */

int repair_tell(struct repair *r, const struct ring_repair_step *step,
		const char *format, ...)
{
	struct ring_repair_step told = *step;
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	told.text = text;
	r->steps += told.is_possible;
	return r->fn != NULL ? r->fn(r->ctx, &told) : 0;
}

static int change(struct repair *r, uint64_t offset, const void *before,
		  void *bytes, size_t len)
{
	const struct ring_repair_options *how = r->how;
	struct volume *v = &r->snapshot.volume;
	int rc = 0;

	if (memcmp(before, bytes, len) == 0)
		return 0;
	if (how->save != NULL)
		rc = how->save(r->ctx, offset, before, len);
	if (rc != 0)
		return rc;
	rc = volume_write(v, offset, bytes, len);
	if (rc == 0)
		rc = volume_flush(v);
	return rc < 0 ? volume_fail(
				v, rc,
				&(struct fault_place){ .offset_bytes = offset,
						       .length_bytes = len },
				"cannot write: %s", ring_strerror(rc))
		      : 0;
}

int repair_write(struct repair *r, uint64_t offset, void *bytes, size_t len)
{
	struct volume *v = &r->snapshot.volume;
	void *before;
	int rc;

	if (!r->how->apply)
		return 0;
	before = volume_alloc(v, len);
	if (before == NULL)
		return -ENOMEM;
	rc = volume_read(v, offset, before, len);
	if (rc == 0)
		rc = change(r, offset, before, bytes, len);
	volume_release(v, before, len);
	return rc;
}

/* ---- who may ------------------------------------------------------------ */

static int in_use(struct volume *v)
{
	return volume_fail(v, -RING_ERR_OWNED, NULL, "cannot repair it: %s",
			   ring_strerror(RING_ERR_OWNED));
}

static int claim_role(struct repair *r, uint32_t role)
{
	struct snapshot *s = &r->snapshot;
	struct volume *v = &s->volume;
	struct owner_claim claim;
	int rc;

	if (!r->how->apply) {
		rc = v->io->ops->is_locked(v->io, role);
		return rc > 0 ? in_use(v) : rc;
	}
	rc = owner_claim(v, &s->reader, role, &claim);
	if (rc != -RING_ERR_SLOT)
		return rc;
	/* Its owner can't be read; the lock is what there is. */
	rc = v->io->ops->lock(v->io, role);
	return rc == -EAGAIN ? in_use(v) : rc;
}

/* All roles at once: nobody reads or writes while holes are made. */
static int claim_all(struct repair *r)
{
	struct volume *v = &r->snapshot.volume;
	int rc = 0;

	for (uint32_t role = 0; rc == 0 && role <= r->snapshot.count; role++)
		rc = claim_role(r, role);
	if (rc == 0 && r->how->apply)
		rc = v->io->ops->lock(v->io, LOCK_MEMBERSHIP);
	return rc == -EAGAIN ? in_use(v) : rc;
}

static void release_all(struct repair *r)
{
	struct ring_io *io = r->snapshot.volume.io;

	if (!r->how->apply)
		return;
	for (uint32_t role = 0; role <= r->snapshot.count; role++)
		io->ops->unlock(io, role);
	io->ops->unlock(io, LOCK_MEMBERSHIP);
}

/* ---- superblocks -------------------------------------------------------- */

static int repair_superblock(struct repair *r, unsigned copy)
{
	const uint64_t offset = copy == 0 ? 0 : GEOMETRY_SUPERBLOCK_B;
	const struct ring_repair_step step = {
		.what = RING_REPAIR_SUPERBLOCK,
		.is_possible = true,
		.offset_bytes = offset,
		.length_bytes = SUPERBLOCK_BYTES,
	};
	struct volume *v = &r->snapshot.volume;
	int rc;

	if (v->copy_is_valid[copy])
		return 0;
	rc = repair_tell(r, &step,
			 "superblock copy %c is written anew from the other",
			 "AB"[copy]);
	if (rc == 0)
		rc = volume_read(v, offset, v->sector, v->sector_len);
	if (rc != 0)
		return rc;
	superblock_encode(&v->superblock, offset, v->sector);
	return repair_write(r, offset, v->sector, v->sector_len);
}

/* ---- the whole ---------------------------------------------------------- */

static int repair_all(struct repair *r)
{
	int rc = claim_all(r);

	if (rc == 0)
		rc = repair_superblock(r, 0);
	if (rc == 0)
		rc = repair_superblock(r, 1);
	if (rc == 0)
		rc = repair_slots(r);
	if (rc == 0)
		rc = repair_stream(r);
	volume_explain(&r->snapshot.volume, rc, "cannot repair it");
	release_all(r);
	return rc != 0 ? rc : r->steps;
}

RING_EXPORT int ring_repair(const char *path,
			    const struct ring_options *options,
			    const struct ring_repair_options *how,
			    ring_repair_fn *fn, void *ctx)
{
	static const struct ring_repair_options plan;
	struct repair r = { .how = how != NULL ? how : &plan,
			    .fn = fn,
			    .ctx = ctx };
	int rc = snapshot_open(&r.snapshot, path, options, !r.how->apply);

	if (rc < 0)
		return rc;
	rc = repair_all(&r);
	snapshot_close(&r.snapshot);
	return rc;
}
