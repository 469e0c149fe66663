#include "ring/owner.h"

#include <errno.h>
#include <string.h>

enum {
	WATCH_INTERVALS = 2,
	LAST_IO_PAUSE_NS = 1000 * 1000,
	LAST_IO_PAUSES = 5000,
};

enum owner_verdict owner_judge(const struct slot_header *h,
			       const struct ring_identity *self)
{
	if (h->owner.pid == 0)
		return OWNER_NONE;
	if (memcmp(h->owner.host_id, self->host_id, 16) != 0)
		return OWNER_OTHER_HOST;
	if (memcmp(h->owner.boot_id, self->boot_id, 16) != 0)
		return OWNER_REBOOTED;
	return OWNER_NONE;
}

static const char *role_text(uint32_t role)
{
	return role == ROLE_PRODUCER   ? "the producer"
	       : role == ROLE_OPERATOR ? "the operator"
				       : "the consumer";
}

static int owned_fault(struct volume *v, struct role_reader *r, uint32_t role)
{
	struct role_found found;
	unsigned long long pid = 0;

	if (role_read(r, v, role, &found) == 0)
		pid = found.header.owner.pid;
	return volume_fail(v, -RING_ERR_OWNED, NULL,
			   "cannot become %s: process %llu is: %s",
			   role_text(role), pid, ring_strerror(RING_ERR_OWNED));
}

struct pulse {
	uint64_t epoch;
	uint64_t generation;
	uint64_t counter;
};

static int read_pulse(struct volume *v, struct role_reader *r, uint32_t role,
		      struct pulse *ret)
{
	const struct geometry *g = &v->superblock.geometry;
	struct role_found found;
	int rc;

	/* The other host writes past this one's page cache. */
	rc = v->io->ops->drop_cache(v->io, geometry_slot_offset(g, role, 0),
				    GEOMETRY_ROLE_STRIDES *
					    geometry_slot_stride(g));
	if (rc == 0)
		rc = role_read(r, v, role, &found);
	if (rc == 0)
		rc = beat_read(v, role, &ret->counter);
	if (rc < 0)
		return rc;
	ret->epoch = found.header.epoch;
	ret->generation = found.header.generation;
	return 0;
}

/* 0 if the owner gave no sign of life for two intervals. */
static int watch(struct volume *v, struct role_reader *r, uint32_t role)
{
	const uint64_t interval_ns =
		(uint64_t)v->superblock.heartbeat_ms * 1000000;
	struct pulse before, after;
	int rc = read_pulse(v, r, role, &before);

	if (rc < 0)
		return rc;
	v->system->sleep_ns(v->system->ctx, WATCH_INTERVALS * interval_ns);
	rc = read_pulse(v, r, role, &after);
	if (rc < 0)
		return rc;
	if (memcmp(&before, &after, sizeof(before)) != 0)
		return volume_fail(v, -RING_ERR_ALIVE, NULL,
				   "cannot become %s: %s", role_text(role),
				   ring_strerror(RING_ERR_ALIVE));
	return 0;
}

static int read_slot_fault(const struct volume *v, uint32_t role, int rc)
{
	return volume_fail(v, rc, NULL, "cannot read the slot of %s: %s",
			   role_text(role), ring_strerror(rc));
}

static int settle(struct volume *v, struct role_reader *r, uint32_t role,
		  struct owner_claim *claim)
{
	struct role_found found;
	enum owner_verdict verdict;
	int rc = role_read(r, v, role, &found);

	if (rc < 0)
		return read_slot_fault(v, role, rc);
	verdict = owner_judge(&found.header, &v->self);
	*claim = (struct owner_claim){
		.from_other_host = verdict == OWNER_OTHER_HOST,
		.needs_confirmation = memcmp(found.header.owner.host_id,
					     v->self.host_id, 16) != 0,
		.judged = found.header,
	};
	if (verdict == OWNER_OTHER_HOST && !v->takeover)
		return volume_fail(v, -RING_ERR_OTHER_HOST, NULL,
				   "cannot become %s: %s", role_text(role),
				   ring_strerror(RING_ERR_OTHER_HOST));
	return verdict == OWNER_NONE ? 0 : watch(v, r, role);
}

int owner_recheck(const struct volume *v, const struct slot_header *h,
		  const struct owner_claim *claim)
{
	if (h->epoch == claim->judged.epoch &&
	    h->generation == claim->judged.generation)
		return 0;
	return volume_fail(v, -RING_ERR_ALIVE, NULL,
			   "cannot become %s: another one just did: %s",
			   role_text(h->role), ring_strerror(RING_ERR_ALIVE));
}

/* Somebody may have attached between the judgement and now. */
static int is_still_as_judged(struct volume *v, struct role_reader *r,
			      uint32_t role, const struct owner_claim *claim)
{
	struct role_found found;
	int rc = role_read(r, v, role, &found);

	if (rc < 0)
		return read_slot_fault(v, role, rc);
	return owner_recheck(v, &found.header, claim);
}

int owner_confirm(struct volume *v, struct role_reader *r,
		  const struct role_writer *w, const struct owner_claim *claim)
{
	const uint64_t interval_ns =
		(uint64_t)v->superblock.heartbeat_ms * 1000000;
	int rc;

	if (claim->needs_confirmation)
		v->system->sleep_ns(v->system->ctx, interval_ns);
	rc = role_check_fence(r, v, w);
	return rc < 0 ? volume_fail(v, rc, NULL, "cannot become %s: %s",
				    role_text(w->role), ring_strerror(rc))
		      : 0;
}

/* What a dead process left in the page cache must not vanish later (R13). */
static int use_storage_only(struct volume *v)
{
	int rc = volume_flush(v);

	if (rc == 0)
		rc = v->io->ops->drop_cache(
			v->io, 0, superblock_ring_bytes(&v->superblock));
	if (rc < 0)
		return volume_fail(v, rc, NULL, "cannot flush: %s",
				   ring_strerror(rc));
	return 0;
}

/*
 * The lock lives until the last I/O of its holder is done, which may be a
 * while after the process itself (io_uring ends in the background).
 */
static bool holder_is_gone(struct volume *v, struct role_reader *r,
			   uint32_t role)
{
	const struct ring_system *s = v->system;
	struct role_found found;
	const struct ring_identity *owner = &found.header.owner;

	return role_read(r, v, role, &found) == 0 && owner->pid != 0 &&
	       memcmp(owner->host_id, v->self.host_id, 16) == 0 &&
	       memcmp(owner->boot_id, v->self.boot_id, 16) == 0 &&
	       !s->is_running(s->ctx, owner->pid, owner->start_ticks);
}

/* Take the lock; from a dead process as soon as its last I/O is done. */
static int lock_role(struct volume *v, struct role_reader *r, uint32_t role)
{
	int rc = v->io->ops->lock(v->io, role);

	for (unsigned i = 0; rc == -EAGAIN && i < LAST_IO_PAUSES; i++) {
		if (!holder_is_gone(v, r, role))
			break;
		v->system->sleep_ns(v->system->ctx, LAST_IO_PAUSE_NS);
		rc = v->io->ops->lock(v->io, role);
	}
	return rc;
}

int owner_claim(struct volume *v, struct role_reader *r, uint32_t role,
		struct owner_claim *ret_claim)
{
	int rc = lock_role(v, r, role);

	if (rc == -EAGAIN)
		return owned_fault(v, r, role);
	if (rc < 0)
		return volume_fail(v, rc, NULL, "cannot lock: %s",
				   ring_strerror(rc));
	rc = settle(v, r, role, ret_claim);
	if (rc == 0)
		rc = use_storage_only(v);
	if (rc == 0)
		rc = is_still_as_judged(v, r, role, ret_claim);
	if (rc < 0)
		v->io->ops->unlock(v->io, role);
	return rc;
}
