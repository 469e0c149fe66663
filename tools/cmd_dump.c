#include "tools/cmd.h"
#include "tools/doc.h"
#include "tools/hexdump.h"
#include "tools/human.h"
#include "tools/options.h"
#include "tools/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct dump {
	struct call *call;
	uint64_t from;
	uint64_t count; /* of records; 0: no limit */
	uint64_t done;
	bool hex;
};

static const char *kind_name(enum ring_record_kind kind)
{
	switch (kind) {
	case RING_RECORD_ITEM:
		return "item";
	case RING_RECORD_COMMIT:
		return "commit";
	case RING_RECORD_HOLE:
		return "hole";
	}
	return "?";
}

static json_t *commit_doc(const struct ring_record_view *r)
{
	return json_pack("{s:I, s:I, s:I}", "exposed", (json_int_t)r->exposed,
			 "durable", (json_int_t)r->durable, "from",
			 (json_int_t)r->from);
}

static json_t *record_doc(const struct ring_record_view *r)
{
	json_t *doc = json_pack(
		"{s:I, s:I, s:I, s:s, s:b, s:o, s:I, s:I, s:i, s:I, s:I}",
		"position", (json_int_t)r->position, "next",
		(json_int_t)r->next, "offset", (json_int_t)r->offset_bytes,
		"kind", kind_name(r->kind), "valid", r->valid, "checksum",
		doc_hex(r->checksum), "epoch", (json_int_t)r->epoch, "sequence",
		(json_int_t)r->sequence, "type", (int)r->type, "length",
		(json_int_t)r->body_bytes, "meta_length",
		(json_int_t)r->meta_bytes);

	doc_set_time(doc, "time", r->time_ns);
	if (r->kind == RING_RECORD_COMMIT)
		json_object_update_new(doc, commit_doc(r));
	return doc;
}

static json_t *damaged_doc(const struct ring_record_view *r)
{
	return json_pack("{s:I, s:I, s:b, s:b, s:s}", "position",
			 (json_int_t)r->position, "offset",
			 (json_int_t)r->offset_bytes, "valid", false, "damaged",
			 r->damaged, "code", ring_error_name(r->code));
}

static int print_doc(const struct dump *dump, const struct ring_record_view *r)
{
	json_t *doc = r->valid ? record_doc(r) : damaged_doc(r);

	if (dump->hex && r->valid)
		doc_set_bytes(doc, "body", r->body, r->body_bytes);
	return doc_print_line(doc) == EXIT_OK ? 0 : -ENOMEM;
}

static void print_line(const struct dump *dump,
		       const struct ring_record_view *r)
{
	char buf[HUMAN_BYTES];

	if (!r->valid) {
		printf("%" PRIu64 " offset=%" PRIu64 " %s: %s\n", r->position,
		       r->offset_bytes, r->damaged ? "DAMAGED" : "end",
		       ring_strerror(r->code));
		return;
	}
	printf("%" PRIu64 " %-6s type=%" PRIu16 " epoch=%" PRIu64
	       " seq=%" PRIu64 " length=%zu meta=%zu",
	       r->position, kind_name(r->kind), r->type, r->epoch, r->sequence,
	       r->body_bytes, r->meta_bytes);
	if (r->kind == RING_RECORD_COMMIT)
		printf(" exposed=%" PRIu64 " durable=%" PRIu64, r->exposed,
		       r->durable);
	if (r->kind == RING_RECORD_HOLE)
		printf(" until=%" PRIu64, r->next);
	printf(" checksum=ok time=%s\n", human_time(buf, r->time_ns));
	if (dump->hex)
		hexdump(r->body, r->body_bytes);
}

static int on_record(void *ctx, const struct ring_record_view *record)
{
	struct dump *dump = ctx;
	int rc = 0;

	if (dump->call->json)
		rc = print_doc(dump, record);
	else
		print_line(dump, record);
	if (rc < 0)
		return rc;
	if (ferror(stdout))
		return -EIO;
	dump->done++;
	return dump->done == dump->count;
}

int cmd_dump(struct call *call)
{
	struct dump dump = { .call = call };
	const struct option_spec specs[] = {
		{ "from", "POS", "start at this position (default: oldest)",
		  option_number, &dump.from },
		{ "count", "N", "stop after N records", option_count,
		  &dump.count },
		{ "hex", NULL, "show the bytes of each record", NULL,
		  &dump.hex },
		{ 0 },
	};
	int rc;

	call->stream = true;
	rc = options_parse(call, specs);
	if (rc != OPTIONS_RUN)
		return rc;
	rc = ring_walk(call->path, &call->ring, dump.from, on_record, &dump);
	/* That stdout failed is told at the end, for every command. */
	if (ferror(stdout))
		return EXIT_OK;
	return rc < 0 ? report_code(call, rc) : EXIT_OK;
}
