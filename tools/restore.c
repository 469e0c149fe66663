#include "tools/restore.h"

#include "tools/backup.h"
#include "tools/doc.h"
#include "tools/human.h"
#include "tools/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The producer, the operator, and behind them the cursors: FORMAT.md 3. */
enum { ROLES_BEFORE_CURSORS = 2 };

static int refuse(struct call *call, int code, const char *file,
		  const char *why)
{
	return report_text(call, code, "'%s': cannot restore from '%s': %s",
			   call->path, file, why);
}

/* ---- may it be done? ---------------------------------------------------- */

static bool is_foreign(const struct ring_owner_info *owner)
{
	return owner->attached && !owner->on_this_host;
}

/* Who is on this host, the locks will tell. */
static bool is_used_elsewhere(const struct ring_info *info)
{
	bool used = is_foreign(&info->producer);

	for (unsigned i = 0; i < info->cursor_count; i++)
		used |= is_foreign(&info->cursors[i].owner);
	return used;
}

/* Whether the file is of this ring. An exit code. */
static int check_identity(struct call *call, const char *file,
			  const struct backup *b, struct ring_info *info)
{
	static const uint8_t none[16];
	char id[HUMAN_BYTES];
	int rc = ring_info(call->path, &call->ring, info);

	/* A damaged ring tells who it is, and that is enough. */
	if (rc < 0 && memcmp(info->uuid, none, sizeof(none)) == 0)
		return report_code(call, rc);
	if (strcmp(human_uuid(id, info->uuid), b->uuid) != 0 ||
	    info->device_bytes != b->device_bytes)
		return refuse(call, -EINVAL, file, "it is of another ring");
	if (is_used_elsewhere(info) && !call->ring.takeover)
		return report_code(call, -RING_ERR_OTHER_HOST);
	return EXIT_OK;
}

static int lock_roles(struct ring_io *io, const struct ring_info *info)
{
	int rc = 0;

	for (uint32_t role = 0;
	     rc == 0 && role < ROLES_BEFORE_CURSORS + info->cursor_slots;
	     role++)
		rc = io->ops->lock(io, role);
	return rc == -EAGAIN ? -RING_ERR_OWNED : rc;
}

/* ---- writing back ------------------------------------------------------- */

static int write_entry(struct ring_io *io, const struct backup_entry *e)
{
	struct ring_io_batch batch = { .count = 1, .flush = true };
	void *buf = NULL;
	int rc;

	if (e->offset % io->sector_bytes != 0 ||
	    e->len % io->sector_bytes != 0 || e->len > io->size_bytes ||
	    e->offset > io->size_bytes - e->len)
		return -EINVAL;
	if (posix_memalign(&buf, RING_IO_ALIGN, e->len) != 0)
		return -ENOMEM;
	memcpy(buf, e->bytes, e->len);
	batch.ops[0] = (struct ring_io_op){ .kind = RING_IO_WRITE,
					    .offset_bytes = e->offset,
					    .buf = buf,
					    .len_bytes = e->len };
	rc = ring_io_run(io, &batch);
	free(buf);
	return rc;
}

static int write_back(struct call *call, const struct backup *b,
		      const struct ring_info *info)
{
	const struct ring_io_options options = {
		.engine = call->ring.engine,
		.mode = call->ring.mode,
		.fault = &call->fault,
	};
	struct ring_io *io;
	int rc = ring_io_open(call->path, &options, &io);

	if (rc < 0)
		return rc;
	rc = lock_roles(io, info);
	for (size_t i = b->count; rc == 0 && i-- > 0;)
		rc = write_entry(io, &b->entries[i]);
	ring_io_close(io);
	return rc;
}

/* ---- the whole ---------------------------------------------------------- */

static int print_restored(const struct call *call, size_t count)
{
	if (call->json)
		return doc_print(json_pack("{s:o, s:I}", "path",
					   doc_text(call->path), "restored",
					   (json_int_t)count));
	printf("'%s': %zu change%s undone\n", call->path, count,
	       count == 1 ? "" : "s");
	return EXIT_OK;
}

int restore_backup(struct call *call, const char *file)
{
	struct ring_info info = { .cursor_slots = 0 };
	struct backup b;
	const char *wrong = backup_load(&b, file);
	int rc;

	if (wrong != NULL)
		rc = refuse(call, -EINVAL, file, wrong);
	else
		rc = check_identity(call, file, &b, &info);
	if (wrong == NULL && rc == EXIT_OK) {
		rc = write_back(call, &b, &info);
		rc = rc < 0 ? report_code(call, rc)
			    : print_restored(call, b.count);
	}
	backup_release(&b);
	return rc;
}
