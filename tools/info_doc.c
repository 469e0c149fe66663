#include "tools/info_doc.h"

#include "tools/doc.h"

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *owner(const struct ring_owner_info *o)
{
	json_t *doc = json_pack(
		"{s:b, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "attached",
		o->attached, "on_this_host", o->on_this_host, "locked",
		o->locked, "client", doc_text(o->client), "pid", number(o->pid),
		"epoch", number(o->epoch), "heartbeat", number(o->heartbeat),
		"host_id", doc_uuid(o->host_id), "boot_id",
		doc_uuid(o->boot_id));

	doc_set_time(doc, "time", o->time_ns);
	json_object_set_new(doc, "durability",
			    json_string(o->durability == RING_DURABILITY_PROCESS
						? "process"
						: "full"));
	return doc;
}

static json_t *cursor(const struct ring_cursor_info *c)
{
	json_t *doc = json_pack("{s:o, s:i, s:b, s:o, s:o, s:o, s:o}", "name",
				doc_text(c->name), "slot", (int)c->slot,
				"joined", c->joined, "position",
				number(c->position), "items", number(c->items),
				"backlog_bytes", number(c->backlog_bytes),
				"backlog_items", number(c->backlog_items));

	doc_set_time(doc, "oldest", c->oldest_ns);
	json_object_set_new(doc, "suspend_requested",
			    json_boolean(c->suspend_requested));
	json_object_set_new(doc, "suspend_acked",
			    json_boolean(c->suspend_acked));
	doc_set_bytes(doc, "cookie", c->cookie, c->cookie_bytes);
	json_object_set_new(doc, "owner", owner(&c->owner));
	return doc;
}

static json_t *identity(const struct ring_info *i)
{
	json_t *doc =
		json_pack("{s:o, s:o, s:o}", "uuid", doc_uuid(i->uuid), "queue",
			  doc_text(i->queue), "label", doc_text(i->label));

	doc_set_time(doc, "created", i->created_ns);
	return doc;
}

static json_t *geometry(const struct ring_info *i)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:s,"
		" s:b}",
		"device_bytes", number(i->device_bytes), "ring_bytes",
		number(i->ring_bytes), "data_offset_bytes",
		number(i->data_offset_bytes), "data_bytes",
		number(i->data_bytes), "max_item_bytes",
		number(i->max_item_bytes), "max_batch_bytes",
		number(i->max_batch_bytes), "block_bytes",
		number(i->block_bytes), "sector_bytes", number(i->sector_bytes),
		"cursor_slots", number(i->cursor_slots), "heartbeat_ms",
		number(i->heartbeat_ms), "padded", i->padded, "engine",
		i->engine == NULL ? "" : i->engine, "buffered", i->buffered);
}

static json_t *positions(const struct ring_info *i)
{
	json_t *doc = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "end",
		number(i->end), "exposed", number(i->exposed), "pushed_items",
		number(i->pushed_items), "exposed_items",
		number(i->exposed_items), "tail", number(i->tail), "checkpoint",
		number(i->checkpoint), "used_bytes", number(i->used_bytes),
		"free_bytes", number(i->free_bytes));

	doc_set_time(doc, "last_commit", i->last_commit_ns);
	doc_set_bytes(doc, "cookie", i->cookie, i->cookie_bytes);
	return doc;
}

static json_t *state(const struct ring_info *i)
{
	return json_pack("{s:b, s:b, s:b, s:b, s:o}", "recovering",
			 i->recovering, "suspended", i->suspended,
			 "operator_requested", i->operator_requested,
			 "operator_acked", i->operator_acked, "producer",
			 owner(&i->producer));
}

json_t *info_doc_consumers(const struct ring_info *info)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < info->cursor_count; i++)
		json_array_append_new(list, cursor(&info->cursors[i]));
	return list;
}

json_t *info_doc(const struct ring_info *info)
{
	json_t *doc = identity(info);

	json_object_update_new(doc, geometry(info));
	json_object_update_new(doc, positions(info));
	json_object_update_new(doc, state(info));
	json_object_set_new(doc, "consumers", info_doc_consumers(info));
	return doc;
}

int info_doc_print(const struct call *call, const struct ring_info *info)
{
	json_t *doc = json_pack("{s:o}", "path", doc_text(call->path));

	json_object_update_new(doc, info_doc(info));
	return doc_print(doc);
}
