#include "tools/item_doc.h"

#include "tools/doc.h"
#include "tools/output.h"

#include <errno.h>

static json_t *item_doc(const struct ring_item *item)
{
	json_t *doc = json_pack(
		"{s:I, s:I, s:I, s:i}", "position", (json_int_t)item->position,
		"next", (json_int_t)item->next, "sequence",
		(json_int_t)item->sequence, "type", (int)item->type);

	doc_set_time(doc, "time", item->time_ns);
	doc_set_bytes(doc, "meta", item->meta, item->meta_bytes);
	doc_set_bytes(doc, "data", item->data, item->data_bytes);
	return doc;
}

static json_t *loss_doc(const struct ring_loss *loss)
{
	return json_pack(
		"{s:{s:I, s:I, s:I, s:I, s:b}}", "lost", "position",
		(json_int_t)loss->position, "next", (json_int_t)loss->next,
		"sequence", (json_int_t)loss->sequence, "items",
		(json_int_t)loss->items, "repaired", loss->is_repaired);
}

static int append(const char *text, size_t len_bytes, void *ctx)
{
	return output_append(ctx, text, len_bytes);
}

/* As a line; releases it. */
static int write_line(struct output *out, json_t *doc)
{
	int rc = -ENOMEM;

	if (doc != NULL &&
	    json_dump_callback(doc, append, out, JSON_COMPACT) == 0)
		rc = output_append(out, "\n", 1);
	json_decref(doc);
	return rc;
}

int item_doc_write(struct output *out, const struct ring_item *item)
{
	return write_line(out, item_doc(item));
}

int loss_doc_write(struct output *out, const struct ring_loss *loss)
{
	return write_line(out, loss_doc(loss));
}
