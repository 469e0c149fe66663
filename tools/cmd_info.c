#include "tools/cmd.h"
#include "tools/doc.h"
#include "tools/human.h"
#include "tools/info_doc.h"
#include "tools/options.h"
#include "tools/report.h"

#include <inttypes.h>
#include <stdio.h>

static const char *or_dash(const char *text)
{
	return text[0] == '\0' ? "-" : text;
}

static void print_identity(const struct ring_info *i)
{
	char buf[HUMAN_BYTES];

	printf("uuid         %s\n", human_uuid(buf, i->uuid));
	printf("queue        %s\n", or_dash(i->queue));
	printf("label        %s\n", or_dash(i->label));
	printf("created      %s\n", human_time(buf, i->created_ns));
}

static void print_geometry(const struct ring_info *i)
{
	char a[HUMAN_BYTES], b[HUMAN_BYTES];

	printf("device       %s, sectors of %" PRIu32 "\n",
	       human_size(a, i->device_bytes), i->sector_bytes);
	printf("ring         %s, blocks of %" PRIu32 ", %s\n",
	       human_size(a, i->ring_bytes), i->block_bytes,
	       i->padded ? "padded" : "packed");
	printf("data         %s at offset %" PRIu64 "\n",
	       human_size(a, i->data_bytes), i->data_offset_bytes);
	printf("limits       item %s, batch %s, consumers %" PRIu32 "\n",
	       human_size(a, i->max_item_bytes),
	       human_size(b, i->max_batch_bytes), i->cursor_slots);
	printf("heartbeat    %" PRIu32 " ms\n", i->heartbeat_ms);
	printf("engine       %s, %s\n", i->engine == NULL ? "?" : i->engine,
	       i->buffered ? "buffered" : "direct");
}

static const char *host_text(const struct ring_owner_info *o)
{
	if (!o->on_this_host)
		return "on another host or boot";
	return o->locked ? "on this host" : "on this host, not running";
}

static void print_owner(const struct ring_owner_info *o, uint64_t now_ns)
{
	const char *durability = o->durability == RING_DURABILITY_PROCESS
					 ? ", without durability"
					 : "";
	char buf[HUMAN_BYTES];

	if (!o->attached) {
		printf("none, epoch %" PRIu64 "%s\n", o->epoch, durability);
		return;
	}
	printf("'%s' pid %" PRIu64 " %s, epoch %" PRIu64 ", written %s ago%s\n",
	       o->client, o->pid, host_text(o), o->epoch,
	       human_age(buf, o->time_ns, now_ns), durability);
}

static void print_positions(const struct ring_info *i)
{
	char buf[HUMAN_BYTES];

	printf("pushed       position %" PRIu64 ", item %" PRIu64 "\n", i->end,
	       i->pushed_items);
	printf("exposed      position %" PRIu64 ", item %" PRIu64 "\n",
	       i->exposed, i->exposed_items);
	printf("tail         position %" PRIu64 "\n", i->tail);
	printf("checkpoint   position %" PRIu64 "\n", i->checkpoint);
	printf("used         %" PRIu64 " bytes (%.1f %%)\n", i->used_bytes,
	       i->data_bytes == 0
		       ? 0.0
		       : 100.0 * (double)i->used_bytes / (double)i->data_bytes);
	printf("free         %" PRIu64 " bytes\n", i->free_bytes);
	printf("last commit  %s\n", human_time(buf, i->last_commit_ns));
}

static const char *suspend_text(bool requested, bool acked)
{
	if (requested)
		return acked ? "suspend, acknowledged" : "suspend, requested";
	return acked ? "running" : "resume, requested";
}

static void print_state(const struct ring_info *i, uint64_t now_ns)
{
	printf("state        %s%s\n", i->suspended ? "suspended" : "running",
	       i->recovering ? ", recovering" : "");
	printf("operator     %s\n",
	       suspend_text(i->operator_requested, i->operator_acked));
	printf("producer     ");
	print_owner(&i->producer, now_ns);
}

static void print_cursor(const struct ring_cursor_info *c, uint64_t now_ns)
{
	char buf[HUMAN_BYTES];

	printf("\nconsumer     '%s', slot %u%s\n", c->name, c->slot,
	       c->joined ? "" : ", not joined");
	printf("  position   %" PRIu64 ", item %" PRIu64 "\n", c->position,
	       c->items);
	printf("  backlog    %" PRIu64 " items, %" PRIu64 " bytes",
	       c->backlog_items, c->backlog_bytes);
	if (c->oldest_ns != 0)
		printf(", oldest %s", human_age(buf, c->oldest_ns, now_ns));
	printf("\n  asks       %s\n",
	       suspend_text(c->suspend_requested, c->suspend_acked));
	printf("  owner      ");
	print_owner(&c->owner, now_ns);
}

static void print_info(const struct ring_info *info)
{
	uint64_t now_ns = human_now_ns();

	print_identity(info);
	print_geometry(info);
	print_positions(info);
	print_state(info, now_ns);
	for (unsigned i = 0; i < info->cursor_count; i++)
		print_cursor(&info->cursors[i], now_ns);
}

/* What damage leaves readable is shown too. */
static int print_damaged(struct call *call, int code,
			 const struct ring_info *info)
{
	if (call->json)
		call->detail = info_doc(info);
	else
		print_info(info);
	return report_code(call, code);
}

int cmd_info(struct call *call)
{
	static const struct option_spec none[] = { { 0 } };
	struct ring_info info = { .engine = NULL };
	int rc = options_parse(call, none);

	if (rc != OPTIONS_RUN)
		return rc;
	rc = ring_info(call->path, &call->ring, &info);
	if (rc == -RING_ERR_DAMAGED)
		return print_damaged(call, rc, &info);
	if (rc < 0)
		return report_code(call, rc);
	if (call->json)
		return info_doc_print(call, &info);
	print_info(&info);
	return EXIT_OK;
}
