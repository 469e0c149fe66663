/*
 * Formatting a device. The superblocks come last, each flushed on its own, so
 * that a crash at any point leaves no ring; and the ring that was there before
 * is made invalid first (DESIGN.md, "Create").
 */
#include "ring/bytes.h"
#include "ring/export.h"
#include "ring/format.h"
#include "ring/role.h"
#include "ring/text.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

enum {
	DEFAULT_BLOCK = 4096,
	DEFAULT_SLOTS = 8,
	DEFAULT_HEARTBEAT_MS = 500,
	FIRST_EPOCH = 1,
};

/* ---- geometry ----------------------------------------------------------- */

/* Why a ring of `size` bytes can't have this geometry. */
static int bad_geometry(const struct volume *v, const struct geometry *g,
			uint64_t size)
{
	const uint64_t least = g->data_offset + geometry_least_data(g);

	if (!is_power_of_two(g->block_bytes) ||
	    g->block_bytes < GEOMETRY_BLOCK_MIN ||
	    g->block_bytes > GEOMETRY_BLOCK_MAX)
		return volume_fail(v, -EINVAL, NULL,
				   "blocks of %u bytes: not a power of two "
				   "from %d to %d",
				   g->block_bytes, GEOMETRY_BLOCK_MIN,
				   GEOMETRY_BLOCK_MAX);
	if (g->cursor_slots > RING_CURSORS_MAX)
		return volume_fail(v, -EINVAL, NULL,
				   "%u cursor slots: at most %d",
				   g->cursor_slots, RING_CURSORS_MAX);
	if (g->max_item > GEOMETRY_ITEM_MAX)
		return volume_fail(v, -EINVAL, NULL,
				   "items of %llu bytes: at most %llu",
				   (unsigned long long)g->max_item,
				   (unsigned long long)GEOMETRY_ITEM_MAX);
	return volume_fail(v, -EINVAL, NULL,
			   "too small: %u cursor slots, blocks of %u and "
			   "batches of %llu bytes need %llu bytes, there are "
			   "%llu",
			   g->cursor_slots, g->block_bytes,
			   (unsigned long long)g->max_batch,
			   (unsigned long long)least, (unsigned long long)size);
}

static uint32_t slots_wanted(const struct ring_create_options *create)
{
	if (create->cursor_slots != 0)
		return create->cursor_slots;
	return create->consumer_count > DEFAULT_SLOTS
		       ? (uint32_t)create->consumer_count
		       : DEFAULT_SLOTS;
}

static int plan_geometry(struct volume *v,
			 const struct ring_create_options *create)
{
	struct geometry *g = &v->superblock.geometry;
	const uint64_t size = create->size_bytes != 0 ? create->size_bytes
						      : v->io->size_bytes;

	if (size > v->io->size_bytes)
		return volume_fail(v, -RING_ERR_TRUNCATED, NULL,
				   "%llu bytes wanted, there are %llu: %s",
				   (unsigned long long)size,
				   (unsigned long long)v->io->size_bytes,
				   ring_strerror(RING_ERR_TRUNCATED));
	*g = (struct geometry){
		.block_bytes = create->block_bytes,
		.cursor_slots = slots_wanted(create),
		.padded = create->padded,
		.max_item = create->max_item_bytes,
		.max_batch = create->max_batch_bytes,
	};
	if (g->block_bytes == 0)
		g->block_bytes = v->io->sector_bytes > DEFAULT_BLOCK
					 ? v->io->sector_bytes
					 : DEFAULT_BLOCK;
	if (g->block_bytes < v->io->sector_bytes)
		return volume_fail(v, -RING_ERR_BLOCK_SIZE, NULL,
				   "blocks of %u bytes, sectors of %u: %s",
				   g->block_bytes, v->io->sector_bytes,
				   ring_strerror(RING_ERR_BLOCK_SIZE));
	if (create->consumer_count > g->cursor_slots)
		return volume_fail(v, -EINVAL, NULL,
				   "%zu consumers do not fit %u cursor slots",
				   create->consumer_count, g->cursor_slots);
	if (g->cursor_slots > RING_CURSORS_MAX ||
	    !is_power_of_two(g->block_bytes))
		return bad_geometry(v, g, size);
	g->data_offset = geometry_data_offset(g);
	if (size > g->data_offset)
		g->data_bytes =
			round_down(size - g->data_offset, g->block_bytes);
	geometry_set_defaults(g);
	g->max_batch = round_up(g->max_batch, g->block_bytes);
	return geometry_is_valid(g) ? 0 : bad_geometry(v, g, size);
}

static int plan_identity(struct volume *v,
			 const struct ring_create_options *create)
{
	struct superblock *s = &v->superblock;
	int rc;

	if (!text_is_valid(create->label, RING_LABEL_BYTES) ||
	    !text_is_valid(create->queue, RING_NAME_BYTES))
		return volume_fail(v, -RING_ERR_NAME, NULL,
				   "bad label or queue name: %s",
				   ring_strerror(RING_ERR_NAME));
	text_put(s->label, sizeof(s->label), create->label);
	text_put(s->queue, sizeof(s->queue), create->queue);
	s->heartbeat_ms = create->heartbeat_ms != 0 ? create->heartbeat_ms
						    : DEFAULT_HEARTBEAT_MS;
	s->created_ns = v->system->wall_ns(v->system->ctx);
	rc = v->system->random(v->system->ctx, s->uuid, sizeof(s->uuid));
	return rc < 0 ? volume_fail(v, rc, NULL, "no random numbers: %s",
				    ring_strerror(rc))
		      : 0;
}

/* ---- names -------------------------------------------------------------- */

static const char *const default_name[] = { "default" };

struct names {
	const char *const *list;
	size_t count;
};

static struct names names_of(const struct ring_create_options *create)
{
	if (create->consumers == NULL || create->consumer_count == 0)
		return (struct names){ default_name, 1 };
	return (struct names){ create->consumers, create->consumer_count };
}

static int check_names(const struct volume *v, const struct names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		if (!name_is_valid(names->list[i]))
			return volume_fail(v, -RING_ERR_NAME, NULL,
					   "bad consumer name: %s",
					   ring_strerror(RING_ERR_NAME));
		for (size_t k = 0; k < i; k++)
			if (strcmp(names->list[i], names->list[k]) == 0)
				return volume_fail(
					v, -RING_ERR_EXISTS, NULL,
					"consumer '%s' is named twice",
					names->list[i]);
	}
	return 0;
}

/* ---- slots -------------------------------------------------------------- */

/*
 * All eight copies of a role are written, so that a copy that is not valid
 * later can only be a torn write or damage.
 */
static int write_copies(struct volume *v, uint32_t role, uint8_t *buf,
			void (*encode)(const void *slot, uint64_t seed,
				       uint8_t *buf),
			void *slot)
{
	const struct geometry *g = &v->superblock.geometry;
	const size_t len = geometry_slot_stride(g);
	struct slot_header *h = slot; /* the first member of every slot */

	for (unsigned copy = 0; copy < ROLE_COPIES; copy++) {
		const uint64_t offset = geometry_slot_offset(g, role, copy);
		const bool current = copy / 2 == FIRST_EPOCH;
		int rc;

		h->epoch = current ? FIRST_EPOCH : 0;
		h->generation = h->sealed_generation = current ? 1 : 0;
		encode(slot, volume_seed(v, offset), buf);
		rc = volume_write(v, offset, buf, len);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void encode_producer(const void *slot, uint64_t seed, uint8_t *buf)
{
	producer_slot_encode(slot, seed, buf);
}

static void encode_cursor(const void *slot, uint64_t seed, uint8_t *buf)
{
	cursor_slot_encode(slot, seed, buf);
}

struct formatting {
	uint8_t *buf;
	size_t len;
	struct names names;
	struct producer_slot producer;
};

/* Nobody owns it; but it was this host that wrote it. */
static struct slot_header new_header(const struct volume *v, uint32_t role,
				     uint32_t state)
{
	struct slot_header h = { .role = role,
				 .state = state,
				 .buffered = v->io->buffered };

	role_set_owner(v, &h);
	role_clear_owner(&h);
	return h;
}

static int write_cursors(struct volume *v, struct formatting *f)
{
	const uint32_t count = v->superblock.geometry.cursor_slots;
	const uint64_t first = geometry_first_position(&v->superblock.geometry);

	for (uint32_t i = 0; i <= count; i++) {
		const uint32_t role = ROLE_OPERATOR + i;
		const bool named = i > 0 && i <= f->names.count;
		struct cursor_slot slot = { .header = new_header(v, role,
								 CURSOR_FREE) };
		int rc;

		if (i == 0)
			slot.header.state = CURSOR_MEMBER;
		if (named) {
			slot.header.state = CURSOR_MEMBER;
			slot.incarnation = i;
			slot.position = slot.sealed_position = first;
			text_put(slot.name, sizeof(slot.name),
				 f->names.list[i - 1]);
			f->producer.replies[i] =
				(struct reply){ .incarnation = i,
						.position = first,
						.membership = MEMBER_JOINED };
		}
		rc = write_copies(v, role, f->buf, encode_cursor, &slot);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int write_producer(struct volume *v, struct formatting *f)
{
	const uint64_t first = geometry_first_position(&v->superblock.geometry);
	struct producer_slot *s = &f->producer;

	s->header = new_header(v, ROLE_PRODUCER, PRODUCER_DETACHED);
	s->header.is_closed = true;
	s->checkpoint =
		(struct checkpoint){ .position = first, .exposed = first };
	/* No epoch has written anything: 0 leaves room for all. */
	segments_init(&s->segments, 0, first);
	return write_copies(v, ROLE_PRODUCER, f->buf, encode_producer, s);
}

/* ---- superblocks -------------------------------------------------------- */

/* `buf` is at least GEOMETRY_SUPERBLOCK_B bytes and holds zeros on return. */
static int write_superblock(struct volume *v, uint64_t offset, bool valid,
			    uint8_t *buf)
{
	int rc;

	memset(buf, 0, GEOMETRY_SUPERBLOCK_B);
	if (valid)
		superblock_encode(&v->superblock, offset, buf);
	rc = volume_write(v, offset, buf, GEOMETRY_SUPERBLOCK_B);
	memset(buf, 0, GEOMETRY_SUPERBLOCK_B);
	return rc < 0 ? rc : volume_flush(v);
}

int format_invalidate(struct volume *v, uint8_t *zeros)
{
	int rc = write_superblock(v, 0, false, zeros);

	return rc < 0 ? rc
		      : write_superblock(v, GEOMETRY_SUPERBLOCK_B, false,
					 zeros);
}

static int format(struct volume *v, struct formatting *f)
{
	int rc = format_invalidate(v, f->buf);

	if (rc == 0)
		rc = write_cursors(v, f);
	if (rc == 0)
		rc = write_producer(v, f);
	if (rc == 0)
		rc = volume_flush(v);
	if (rc == 0)
		rc = write_superblock(v, GEOMETRY_SUPERBLOCK_B, true, f->buf);
	if (rc == 0)
		rc = write_superblock(v, 0, true, f->buf);
	return rc < 0 ? volume_fail(v, rc, NULL, "cannot write: %s",
				    ring_strerror(rc))
		      : 0;
}

/* ---- the whole ---------------------------------------------------------- */

/*
 * Reading gigabytes of zeros that this very call made would tell nothing. But
 * somebody may have found the new file and made a ring in it meanwhile.
 */
static enum format_care care_for(const struct ring_create_options *create,
				 const struct format_file *file)
{
	if (create->force)
		return FORMAT_CARE_NONE;
	return file->fd >= 0 ? FORMAT_CARE_SIGNATURES : FORMAT_CARE_ALL;
}

static int create_on(struct volume *v, const struct ring_create_options *create,
		     enum format_care care)
{
	struct formatting f = { .len = GEOMETRY_SUPERBLOCK_B,
				.names = names_of(create) };
	int rc = check_names(v, &f.names);

	if (rc == 0)
		rc = format_claim(v, care);
	if (rc == 0)
		rc = plan_geometry(v, create);
	if (rc == 0)
		rc = plan_identity(v, create);
	if (rc < 0)
		return rc;
	f.buf = volume_alloc(v, f.len);
	if (f.buf == NULL)
		return volume_fail(v, -ENOMEM, NULL, "out of memory");
	rc = format(v, &f);
	volume_release(v, f.buf, f.len);
	return rc;
}

RING_EXPORT int ring_create(const char *path,
			    const struct ring_create_options *create,
			    const struct ring_options *options)
{
	static const struct ring_create_options defaults;
	const bool brings_io = options != NULL && options->io != NULL;
	struct format_file file = { .fd = -1 };
	struct volume v;
	int rc = 0;

	if (create == NULL)
		create = &defaults;
	if (!brings_io)
		rc = format_prepare_file(path, create, options, &file);
	if (rc < 0)
		return rc;
	rc = volume_open_storage(&v, path, options, false);
	if (rc == 0) {
		rc = create_on(&v, create, care_for(create, &file));
		rc = volume_explain(&v, rc, "cannot create");
		format_release(&v);
		volume_abandon(&v);
	}
	return format_finish_file(path, &file, options, rc);
}
