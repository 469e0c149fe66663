#include "tools/cmd.h"
#include "tools/deadline.h"
#include "tools/doc.h"
#include "tools/info_doc.h"
#include "tools/options.h"
#include "tools/report.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char wait_help[] =
	"wait as long for the producer's answer (default: 10)";
static const uint64_t wait_default_ns = 10000000000;

static int wait_ms(const struct option_wait *wait)
{
	struct deadline deadline =
		deadline_after(wait->given ? wait->ns : wait_default_ns);

	return deadline_left_ms(&deadline, INT_MAX);
}

/* What the membership call returned, told; `done` names what was asked. */
static int print_result(struct call *call, int rc, const char *done)
{
	if (rc == -RING_ERR_TIMEOUT)
		return report_text(call, rc,
				   "'%s': the producer has not answered yet; "
				   "the request stands, ask again",
				   call->path);
	if (rc < 0)
		return report_code(call, rc);
	if (!call->json)
		return EXIT_OK;
	return doc_print(json_pack("{s:o, s:o, s:b}", "path",
				   doc_text(call->path), "consumer",
				   doc_text(call->operand), done, true));
}

static const char *read_join(const char *text, void *ret)
{
	enum ring_join *ret_join = ret;

	if (strcmp(text, "end") == 0)
		*ret_join = RING_JOIN_END;
	else if (strcmp(text, "oldest") == 0)
		*ret_join = RING_JOIN_OLDEST;
	else
		return "must be end or oldest";
	return NULL;
}

int cmd_consumer_add(struct call *call)
{
	enum ring_join at = RING_JOIN_END;
	struct option_wait wait = { .given = false };
	const struct option_spec specs[] = {
		{ "at", "WHERE", "start at the end (default) or the oldest",
		  read_join, &at },
		option_for_wait(&wait, wait_help),
		option_takeover(call),
		{ 0 },
	};
	int rc = options_parse(call, specs);

	if (rc != OPTIONS_RUN)
		return rc;
	rc = ring_member_add(call->path, call->operand, at, wait_ms(&wait),
			     &call->ring);
	return print_result(call, rc, "added");
}

int cmd_consumer_remove(struct call *call)
{
	struct option_wait wait = { .given = false };
	const struct option_spec specs[] = {
		option_for_wait(&wait, wait_help),
		option_takeover(call),
		{ 0 },
	};
	int rc = options_parse(call, specs);

	if (rc != OPTIONS_RUN)
		return rc;
	rc = ring_member_remove(call->path, call->operand, wait_ms(&wait),
				&call->ring);
	return print_result(call, rc, "removed");
}

static void print_list(const struct ring_info *info)
{
	printf("%-16s %4s %20s %14s %16s  %s\n", "NAME", "SLOT", "POSITION",
	       "ITEMS BEHIND", "BYTES BEHIND", "OWNER");
	for (unsigned i = 0; i < info->cursor_count; i++) {
		const struct ring_cursor_info *c = &info->cursors[i];

		printf("%-16s %4u %20" PRIu64 " %14" PRIu64 " %16" PRIu64
		       "  %s\n",
		       c->name, c->slot, c->position, c->backlog_items,
		       c->backlog_bytes,
		       c->owner.attached ? c->owner.client : "-");
	}
}

static int print_list_json(const struct call *call,
			   const struct ring_info *info)
{
	return doc_print(json_pack("{s:o, s:o}", "path", doc_text(call->path),
				   "consumers", info_doc_consumers(info)));
}

int cmd_consumer_list(struct call *call)
{
	static const struct option_spec none[] = { { 0 } };
	struct ring_info info;
	int rc = options_parse(call, none);

	if (rc != OPTIONS_RUN)
		return rc;
	rc = ring_info(call->path, &call->ring, &info);
	if (rc < 0)
		return report_code(call, rc);
	if (call->json)
		return print_list_json(call, &info);
	print_list(&info);
	return EXIT_OK;
}
