#include "tests/lib/ring_model.h"

#include "tests/lib/draw.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void model_fill(const struct model_item *item, uint8_t *buf)
{
	struct draw draw = { .state = item->tag };

	for (uint32_t at = 0; at < item->len; at += 8) {
		const uint64_t word = draw_u64(&draw);
		const uint32_t left = item->len - at;

		memcpy(buf + at, &word, left < 8 ? left : 8);
	}
}

void model_push(struct model *m, struct model_item item)
{
	m->items[m->pushed++ % MODEL_ITEMS] = item;
}

const struct model_item *model_item(const struct model *m, uint64_t sequence)
{
	assert(sequence < m->pushed);
	return &m->items[sequence % MODEL_ITEMS];
}

bool model_is_suspended(const struct model *m)
{
	bool suspended = false;

	for (unsigned i = 0; i < MODEL_CURSORS; i++)
		suspended |= m->suspended[i];
	return suspended;
}

void model_text(const struct model *m, unsigned cursors, char *buf, size_t len)
{
	size_t at = (size_t)snprintf(buf, len,
				     "%" PRIu64 " pushed, %" PRIu64 " exposed",
				     m->pushed, m->exposed);

	for (unsigned i = 0; i < cursors && at < len; i++)
		at += (size_t)snprintf(buf + at, len - at, ", %" PRIu64 "%s",
				       m->consumed[i],
				       m->suspended[i] ? " suspended" : "");
}
