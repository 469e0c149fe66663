/*
 * repair: plan by default; --apply does it. With --backup the bytes that are
 * overwritten are kept first, and --restore puts them back.
 */
#include "tools/backup.h"
#include "tools/cmd.h"
#include "tools/doc.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/restore.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Items of these numbers are lost. */
struct span {
	uint64_t first;
	uint64_t end;
};

struct repair {
	struct call *call;
	bool apply;
	const char *backup_path; /* NULL: none */
	const char *restore_path;

	struct backup_writer backup;
	int backup_error;
	unsigned possible;
	unsigned left; /* steps that are not possible */
	struct span *lost;
	size_t lost_count;
	json_t *steps; /* with --json, else NULL */
};

/* ---- what is lost ------------------------------------------------------- */

/*
 * A step may take in what a step before it left out, when more damage shows
 * that what lies between them can't be told either.
 */
static int add_lost(struct repair *r, struct span span)
{
	struct span *grown;
	size_t kept = 0;

	if (span.first == span.end)
		return 0;
	for (size_t i = 0; i < r->lost_count; i++) {
		const struct span other = r->lost[i];

		if (other.end < span.first || span.end < other.first) {
			r->lost[kept++] = other;
			continue;
		}
		span.first =
			span.first < other.first ? span.first : other.first;
		span.end = span.end > other.end ? span.end : other.end;
	}
	grown = realloc(r->lost, (kept + 1) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	grown[kept] = span;
	r->lost = grown;
	r->lost_count = kept + 1;
	return 0;
}

static uint64_t lost_items(const struct repair *r)
{
	uint64_t items = 0;

	for (size_t i = 0; i < r->lost_count; i++)
		items += r->lost[i].end - r->lost[i].first;
	return items;
}

/* ---- telling the steps -------------------------------------------------- */

static const char *what_name(enum ring_repair_what what)
{
	switch (what) {
	case RING_REPAIR_SUPERBLOCK:
		return "superblock";
	case RING_REPAIR_SLOT:
		return "slot";
	case RING_REPAIR_STREAM:
		return "stream";
	}
	return "?";
}

static json_t *step_doc(const struct ring_repair_step *step)
{
	return json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:o}", "what",
			 what_name(step->what), "possible", step->is_possible,
			 "offset", (json_int_t)step->offset_bytes, "length",
			 (json_int_t)step->length_bytes, "position",
			 (json_int_t)step->position, "first_lost",
			 (json_int_t)step->first_lost, "lost",
			 (json_int_t)step->lost_items, "text",
			 doc_text(step->text));
}

static void print_step(const struct repair *r,
		       const struct ring_repair_step *step)
{
	printf("%s: %s (offset %" PRIu64 ", %" PRIu64 " bytes",
	       !step->is_possible ? "left"
	       : r->apply         ? "repair"
				  : "plan",
	       step->text, step->offset_bytes, step->length_bytes);
	if (step->position != 0)
		printf(", position %" PRIu64, step->position);
	puts(")");
}

static int on_step(void *ctx, const struct ring_repair_step *step)
{
	struct repair *r = ctx;

	r->possible += step->is_possible;
	r->left += !step->is_possible;
	if (r->steps == NULL)
		print_step(r, step);
	else
		json_array_append_new(r->steps, step_doc(step));
	if (!step->is_possible)
		return 0;
	return add_lost(r,
			(struct span){ step->first_lost,
				       step->first_lost + step->lost_items });
}

/* ---- keeping what is overwritten ---------------------------------------- */

static int create_backup(struct repair *r)
{
	struct ring_info info = { .device_bytes = 0 };

	/* It may be too damaged for more than its name and size. */
	(void)ring_info(r->call->path, &r->call->ring, &info);
	return backup_create(&r->backup, r->backup_path, info.uuid,
			     info.device_bytes);
}

static int save(void *ctx, uint64_t offset_bytes, const void *bytes,
		size_t len_bytes)
{
	struct repair *r = ctx;
	int rc = r->backup.fd >= 0 ? 0 : create_backup(r);

	if (rc == 0)
		rc = backup_append(&r->backup, offset_bytes, bytes, len_bytes);
	r->backup_error = rc;
	return rc;
}

/* ---- the result --------------------------------------------------------- */

static int exit_code(const struct repair *r)
{
	if (r->left > 0 || (r->possible > 0 && !r->apply))
		return EXIT_DAMAGE;
	return EXIT_OK;
}

static int print_result(const struct repair *r)
{
	const char *path = r->call->path;
	const int rc = exit_code(r);
	json_t *doc;

	if (!r->call->json) {
		printf("'%s': %u step%s %s, %" PRIu64 " items lost, %u left\n",
		       path, r->possible, r->possible == 1 ? "" : "s",
		       r->apply ? "done" : "to do", lost_items(r), r->left);
		return rc;
	}
	doc = json_pack("{s:o, s:b, s:i, s:i, s:I, s:O}", "path",
			doc_text(path), "applied", r->apply, "possible",
			(int)r->possible, "left", (int)r->left, "lost",
			(json_int_t)lost_items(r), "steps", r->steps);
	return doc_print(doc) == EXIT_OK ? rc : EXIT_ERROR;
}

static int report_failure(struct repair *r, int rc)
{
	if (r->call->json)
		r->call->detail = json_pack("{s:O}", "steps", r->steps);
	if (r->backup_error < 0)
		return report_text(r->call, rc,
				   "'%s': cannot keep what would be "
				   "overwritten in '%s': %s",
				   r->call->path, r->backup_path,
				   ring_strerror(rc));
	return report_code(r->call, rc);
}

/* ---- the command -------------------------------------------------------- */

static int run_repair(struct repair *r)
{
	const struct ring_repair_options how = {
		.apply = r->apply,
		.save = r->backup_path != NULL ? save : NULL,
	};
	int rc;

	if (r->call->json)
		r->steps = json_array();
	rc = ring_repair(r->call->path, &r->call->ring, &how, on_step, r);
	/* A step that is not possible has said what a code would say. */
	if ((rc == -RING_ERR_SLOT || rc == -RING_ERR_DAMAGED) && r->left > 0)
		rc = 0;
	rc = rc < 0 ? report_failure(r, rc) : print_result(r);
	backup_close(&r->backup);
	json_decref(r->steps);
	free(r->lost);
	return rc;
}

static int check_usage(const struct repair *r)
{
	if (r->restore_path != NULL && (r->apply || r->backup_path != NULL ||
					r->call->ring.on_damage != 0))
		return report_usage(r->call,
				    "option '--restore' undoes a repair: no "
				    "other option goes with it");
	if (r->backup_path != NULL && !r->apply)
		return report_usage(r->call,
				    "option '--backup' needs '--apply'");
	return OPTIONS_RUN;
}

int cmd_repair(struct call *call)
{
	struct repair r = { .call = call, .backup.fd = -1 };
	const struct option_spec specs[] = {
		{ "apply", NULL, "do it; without, only plan", NULL, &r.apply },
		option_on_damage(call),
		{ "backup", "FILE", "keep in FILE what is overwritten",
		  option_text, &r.backup_path },
		{ "restore", "FILE", "undo a repair from its backup",
		  option_text, &r.restore_path },
		option_takeover(call),
		{ 0 },
	};
	int rc = options_parse(call, specs);

	if (rc == OPTIONS_RUN)
		rc = check_usage(&r);
	if (rc != OPTIONS_RUN)
		return rc;
	if (r.restore_path != NULL)
		return restore_backup(call, r.restore_path);
	return run_repair(&r);
}
