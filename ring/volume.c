#include "ring/volume.h"

#include "ring/bytes.h"
#include "ring/checksum.h"
#include "ring/text.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum { POLL_MIN_MS = 1, POLL_MAX_MS = 100, NS_PER_MS = 1000000 };

void *volume_alloc(struct volume *v, size_t len)
{
	return v->system->alloc(v->system->ctx, len, RING_IO_ALIGN);
}

void volume_release(struct volume *v, void *mem, size_t len)
{
	if (mem != NULL)
		v->system->release(v->system->ctx, mem, len);
}

static int transfer(struct volume *v, enum ring_io_kind kind,
		    struct ring_io_op op)
{
	struct ring_io_batch batch = { .ops = { op }, .count = 1 };

	batch.ops[0].kind = kind;
	return ring_io_run(v->io, &batch);
}

int volume_read(struct volume *v, uint64_t offset, void *buf, size_t len)
{
	return transfer(v, RING_IO_READ,
			(struct ring_io_op){ .offset_bytes = offset,
					     .buf = buf,
					     .len_bytes = len });
}

int volume_write(struct volume *v, uint64_t offset, void *buf, size_t len)
{
	return transfer(v, RING_IO_WRITE,
			(struct ring_io_op){ .offset_bytes = offset,
					     .buf = buf,
					     .len_bytes = len });
}

int volume_flush(struct volume *v)
{
	struct ring_io_batch batch = { .flush = true };

	return ring_io_run(v->io, &batch);
}

static void add_op(struct ring_io_batch *batch, struct ring_io_op op)
{
	assert(batch->count < RING_IO_BATCH_MAX);
	batch->ops[batch->count++] = op;
}

void volume_add_stream(const struct volume *v, struct ring_io_batch *batch,
		       enum ring_io_kind kind, uint64_t start, void *buf,
		       size_t len)
{
	const struct geometry *g = &v->superblock.geometry;
	const uint64_t until_wrap = geometry_until_wrap(g, start);
	const size_t first = len < until_wrap ? len : (size_t)until_wrap;

	assert(len <= g->data_bytes);
	add_op(batch,
	       (struct ring_io_op){ .kind = kind,
				    .offset_bytes = geometry_offset(g, start),
				    .buf = buf,
				    .len_bytes = first });
	if (first < len)
		add_op(batch,
		       (struct ring_io_op){ .kind = kind,
					    .offset_bytes = g->data_offset,
					    .buf = (uint8_t *)buf + first,
					    .len_bytes = len - first });
}

uint64_t volume_seed(const struct volume *v, uint64_t place)
{
	return checksum_seed(v->superblock.uuid, place);
}

int volume_fail(const struct volume *v, int code,
		const struct fault_place *place, const char *format, ...)
{
	struct ring_fault *fault = v->fault;
	int used;
	va_list args;

	if (fault == NULL)
		return code;
	*fault = (struct ring_fault){ .code = code };
	if (place != NULL) {
		fault->position = place->position;
		fault->offset_bytes = place->offset_bytes;
		fault->length_bytes = place->length_bytes;
	}
	used = snprintf(fault->text, sizeof(fault->text), "'%s': ", v->path);
	va_start(args, format);
	if (used >= 0 && (size_t)used < sizeof(fault->text))
		vsnprintf(fault->text + used,
			  sizeof(fault->text) - (size_t)used, format, args);
	va_end(args);
	return code;
}

int volume_refuse(const struct volume *v, int code, uint64_t position)
{
	const struct fault_place place = { .position = position };

	return volume_fail(v, code, &place, "%s", ring_strerror(code));
}

int volume_explain(const struct volume *v, int rc, const char *doing)
{
	if (rc < 0 && !ring_error_is_retry(rc) && v->fault != NULL &&
	    v->fault->code != rc)
		volume_fail(v, rc, NULL, "%s: %s", doing, ring_strerror(rc));
	return rc;
}

int volume_no_handle(const char *path, const struct ring_options *options)
{
	struct volume v = { .fault = options != NULL ? options->fault : NULL };

	snprintf(v.path, sizeof(v.path), "%s", path);
	return volume_fail(&v, -ENOMEM, NULL, "out of memory");
}

void volume_trace(const struct volume *v, enum ring_trace_variable variable,
		  bool is_set, uint64_t value, const char *cursor)
{
	const struct ring_trace_event event = {
		.variable = variable,
		.is_set = is_set,
		.value = value,
		.client = v->client,
		.queue = v->superblock.queue,
		.cursor = cursor,
	};

	if (v->trace != NULL)
		v->trace(v->trace_ctx, &event);
}

void volume_lost(const struct volume *v, const struct ring_loss *loss)
{
	if (v->lost != NULL)
		v->lost(v->lost_ctx, loss);
}

bool volume_same_boot(const struct volume *v, const struct slot_header *h)
{
	return memcmp(h->owner.host_id, v->self.host_id, 16) == 0 &&
	       memcmp(h->owner.boot_id, v->self.boot_id, 16) == 0;
}

bool volume_flush_proves(const struct volume *v, const struct slot_header *h)
{
	if (memcmp(h->owner.host_id, v->self.host_id, 16) != 0)
		return false;
	if (memcmp(h->owner.boot_id, v->self.boot_id, 16) != 0)
		return true;
	return v->io->buffered && h->buffered;
}

static void apply_options(struct volume *v, const struct ring_options *o)
{
	const uint64_t min = o->poll_min_ms ? o->poll_min_ms : POLL_MIN_MS;
	const uint64_t max = o->poll_max_ms ? o->poll_max_ms : POLL_MAX_MS;

	v->takeover = o->takeover;
	v->former_is_off = o->former_is_off;
	v->heartbeat_thread = o->heartbeat_thread;
	v->skips_flush = o->durability == RING_DURABILITY_PROCESS;
	v->shows_visible = o->deliver == RING_DELIVER_VISIBLE;
	v->poll_min_ns = min * NS_PER_MS;
	v->poll_max_ns = (max > min ? max : min) * NS_PER_MS;
	v->on_damage = o->on_damage;
	v->lost = o->lost;
	v->lost_ctx = o->lost_ctx;
	v->trace = o->trace;
	v->trace_ctx = o->trace_ctx;
	v->fault = o->fault;
	v->system = o->system != NULL ? o->system : ring_system_default();
}

static int open_io(struct volume *v, const char *path,
		   const struct ring_options *o, bool read_only)
{
	const struct ring_io_options io_options = {
		.engine = o->engine,
		.mode = o->mode,
		.read_only = read_only,
		.fault = o->fault,
	};
	int rc;

	if (o->io != NULL) {
		v->io = o->io;
		return 0;
	}
	rc = ring_io_open(path, &io_options, &v->io);
	v->owns_io = rc == 0;
	return rc;
}

/* The page cache is what survives a process; direct I/O goes around it. */
static int check_durability(const struct volume *v)
{
	if (!v->skips_flush || v->io->buffered)
		return 0;
	return volume_fail(v, -EINVAL, NULL,
			   "durability off needs the page cache: use buffered "
			   "I/O");
}

int volume_open_storage(struct volume *v, const char *path,
			const struct ring_options *options, bool read_only)
{
	static const struct ring_options defaults;
	const struct ring_options *o = options != NULL ? options : &defaults;
	int rc;

	*v = (struct volume){ 0 };
	apply_options(v, o);
	if (v->fault != NULL)
		*v->fault = (struct ring_fault){ 0 }; /* of this opening */
	snprintf(v->path, sizeof(v->path), "%s", path);
	if (!text_is_valid(o->client, sizeof(v->client)))
		return volume_fail(v, -RING_ERR_NAME, NULL,
				   "bad client name: %s",
				   ring_strerror(RING_ERR_NAME));
	text_put(v->client, sizeof(v->client), o->client);
	if (v->heartbeat_thread && o->io != NULL)
		return volume_fail(v, -ENOTSUP, NULL,
				   "no heartbeat thread on storage that the "
				   "caller brought");
	rc = v->system->identity(v->system->ctx, &v->self);
	if (rc < 0)
		return volume_fail(v, rc, NULL,
				   "cannot tell the identity of this host: %s",
				   ring_strerror(rc));
	rc = open_io(v, path, o, read_only);
	if (rc < 0)
		return rc;
	v->sector_len = v->io->sector_bytes > RING_IO_ALIGN
				? v->io->sector_bytes
				: RING_IO_ALIGN;
	v->sector = volume_alloc(v, v->sector_len);
	rc = v->sector == NULL ? volume_fail(v, -ENOMEM, NULL, "out of memory")
			       : check_durability(v);
	if (rc < 0)
		volume_abandon(v);
	return rc;
}

/* Of two reasons why no copy serves, the one that says more. */
static int worse(int a, int b)
{
	return a == -RING_ERR_NOT_A_RING ? b : a;
}

static int read_copy(struct volume *v, uint64_t offset, struct superblock *ret)
{
	int rc;

	if (offset + v->sector_len > v->io->size_bytes)
		return -RING_ERR_NOT_A_RING;
	rc = volume_read(v, offset, v->sector, v->sector_len);
	if (rc < 0)
		return rc;
	return superblock_decode(v->sector, offset, ret);
}

/* Whether the storage can carry the ring that its superblock describes. */
static int check_storage(struct volume *v)
{
	const struct superblock *s = &v->superblock;

	if (s->geometry.block_bytes < v->io->sector_bytes)
		return volume_fail(
			v, -RING_ERR_BLOCK_SIZE, NULL,
			"blocks of %u bytes do not fit sectors of %u: %s",
			s->geometry.block_bytes, v->io->sector_bytes,
			ring_strerror(RING_ERR_BLOCK_SIZE));
	if (superblock_ring_bytes(s) > v->io->size_bytes)
		return volume_fail(
			v, -RING_ERR_TRUNCATED, NULL,
			"the ring spans %llu bytes, the device has %llu: %s",
			(unsigned long long)superblock_ring_bytes(s),
			(unsigned long long)v->io->size_bytes,
			ring_strerror(RING_ERR_TRUNCATED));
	return 0;
}

static bool is_io_error(int rc)
{
	return rc < 0 && rc > -RING_ERR_BASE;
}

int volume_read_superblock(struct volume *v)
{
	static const uint64_t offsets[2] = { 0, GEOMETRY_SUPERBLOCK_B };
	int rc[2];

	for (unsigned i = 2; i-- > 0;) {
		struct superblock s;

		rc[i] = read_copy(v, offsets[i], &s);
		v->copy_is_valid[i] = rc[i] == 0;
		if (rc[i] == 0)
			v->superblock = s;
	}
	if (rc[0] == 0 || rc[1] == 0)
		return check_storage(v);
	if (is_io_error(rc[1]))
		rc[0] = rc[1];
	return volume_fail(v, worse(rc[0], rc[1]), NULL,
			   "cannot read the superblock: %s",
			   ring_strerror(worse(rc[0], rc[1])));
}

int volume_open(struct volume *v, const char *path,
		const struct ring_options *options, bool read_only)
{
	int rc = volume_open_storage(v, path, options, read_only);

	if (rc < 0)
		return rc;
	rc = volume_read_superblock(v);
	if (rc < 0)
		volume_abandon(v);
	return rc;
}

void volume_abandon(struct volume *v)
{
	volume_release(v, v->sector, v->sector_len);
	v->sector = NULL;
	if (v->owns_io)
		ring_io_close(v->io);
	v->io = NULL;
}

void volume_close(struct volume *v)
{
	v->owns_io = v->io != NULL;
	volume_abandon(v);
}
