#include "journal/journal.h"
#include "tools/cmd.h"
#include "tools/doc.h"
#include "tools/human.h"
#include "tools/options.h"
#include "tools/report.h"

#include <inttypes.h>
#include <stdio.h>

static const char *side_text(const struct ring_owner_info *o)
{
	if (!o->attached)
		return "nobody";
	if (!o->on_this_host)
		return "on another host or boot";
	return o->locked ? "running" : "not running";
}

static void print_side(const char *name, const struct ring_owner_info *o)
{
	printf("%-12s %s", name, side_text(o));
	if (o->attached)
		printf(", '%s' pid %" PRIu64, o->client, o->pid);
	printf("\n");
}

static void print_status(const struct journal_status *s)
{
	char buf[HUMAN_BYTES];

	printf("pending      %" PRIu64 " operations, %s%s\n", s->pending,
	       human_size(buf, s->pending_bytes),
	       s->is_full ? ", the ring becomes full" : "");
	if (s->oldest_ns != 0)
		printf("oldest       %s ago\n",
		       human_age(buf, s->oldest_ns, human_now_ns()));
	printf("next         operation %" PRIu64 "\n", s->next_number);
	printf("skipped      %" PRIu64, s->skipped);
	if (s->skipped > 0)
		printf(", last operation %" PRIu64, s->last_number);
	printf("\n");
	print_side("pusher", &s->pusher);
	print_side("performer", &s->performer);
}

static json_t *side_doc(const struct ring_owner_info *o)
{
	return json_pack("{s:b, s:b, s:b, s:o, s:I}", "attached", o->attached,
			 "on_this_host", o->on_this_host, "locked", o->locked,
			 "client", doc_text(o->client), "pid",
			 (json_int_t)o->pid);
}

static int print_json(const struct call *call, const struct journal_status *s)
{
	json_t *doc = json_pack("{s:o, s:I, s:I, s:I, s:I, s:b}", "path",
				doc_text(call->path), "pending",
				(json_int_t)s->pending, "pending_bytes",
				(json_int_t)s->pending_bytes, "next_number",
				(json_int_t)s->next_number, "skipped",
				(json_int_t)s->skipped, "is_full", s->is_full);

	json_object_set_new(doc, "last_skipped",
			    s->skipped > 0
				    ? json_integer((json_int_t)s->last_number)
				    : json_null());
	doc_set_time(doc, "oldest", s->oldest_ns);
	json_object_set_new(doc, "pusher", side_doc(&s->pusher));
	json_object_set_new(doc, "performer", side_doc(&s->performer));
	return doc_print(doc);
}

int cmd_journal_status(struct call *call)
{
	static const struct option_spec none[] = { { 0 } };
	struct journal_options options = { 0 };
	struct journal_status status;
	int rc = options_parse(call, none);

	if (rc != OPTIONS_RUN)
		return rc;
	options.ring = call->ring;
	rc = journal_inspect(call->path, &options, &status);
	if (rc < 0)
		return report_code(call, rc);
	if (call->json)
		return print_json(call, &status);
	print_status(&status);
	return EXIT_OK;
}
