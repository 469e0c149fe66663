#include "tools/batch.h"

#include <errno.h>
#include <stdlib.h>

enum {
	/* FORMAT.md: 4.2, a record's header and padding; 7, a commit. */
	RECORD_BYTES = 48 + 7,
	COMMIT_BYTES = 384,
};

struct batch_limits batch_limits_of(const struct ring_info *info,
				    uint64_t items)
{
	uint64_t commit_bytes = info->padded ? info->block_bytes : COMMIT_BYTES;
	struct batch_limits limits = { .items = items };

	if (info->max_batch_bytes > commit_bytes)
		limits.bytes = info->max_batch_bytes - commit_bytes;
	return limits;
}

int batch_init(struct batch *batch, struct batch_limits limits)
{
	*batch = (struct batch){ .limits = limits };
	batch->frames = calloc(limits.items, sizeof(*batch->frames));
	batch->entries = calloc(limits.items, sizeof(*batch->entries));
	if (batch->frames != NULL && batch->entries != NULL)
		return 0;
	batch_release(batch);
	return -ENOMEM;
}

void batch_release(struct batch *batch)
{
	free(batch->frames);
	free(batch->entries);
	batch->frames = NULL;
	batch->entries = NULL;
}

/* A first frame always fits: the ring takes any item up to max_item. */
static bool fits(const struct batch *batch, const struct frame *frame)
{
	return batch->count == 0 ||
	       batch->stored_bytes + RECORD_BYTES + frame->len_bytes <=
		       batch->limits.bytes;
}

enum frame_result batch_gather(struct batch *batch, struct frame_reader *reader,
			       struct frame *ret_frame)
{
	enum frame_result result;

	while (!batch->full) {
		result = frame_reader_next(reader, ret_frame);
		if (result != FRAME_OK)
			return result;
		if (!fits(batch, ret_frame)) {
			frame_reader_put_back(reader, ret_frame);
			batch->full = true;
			break;
		}
		batch->frames[batch->count++] = *ret_frame;
		batch->stored_bytes += RECORD_BYTES + ret_frame->len_bytes;
		batch->full = batch->count == batch->limits.items;
	}
	return FRAME_OK;
}

const struct ring_entry *batch_entries(struct batch *batch,
				       const struct frame_reader *reader)
{
	for (size_t i = 0; i < batch->count; i++)
		batch->entries[i] = (struct ring_entry){
			.data = frame_reader_bytes(reader, &batch->frames[i]),
			.data_bytes = batch->frames[i].len_bytes,
		};
	return batch->entries;
}

void batch_clear(struct batch *batch)
{
	batch->count = 0;
	batch->stored_bytes = 0;
	batch->full = false;
}
