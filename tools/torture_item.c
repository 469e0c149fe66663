#include "tools/torture_item.h"

#include "tools/torture_draw.h"

#include <assert.h>
#include <string.h>

enum { BARE_ONCE_IN = 8 };

static struct torture_draw draw_of(const struct torture_item *item)
{
	const uint64_t seed = torture_draw_seed(item->seed, item->sequence);

	return (struct torture_draw){ torture_draw_seed(seed, item->call) };
}

static void fill(struct torture_draw *d, uint8_t *buf, size_t len_bytes)
{
	while (len_bytes > 0) {
		const uint64_t value = torture_draw(d);
		const size_t n =
			len_bytes < sizeof(value) ? len_bytes : sizeof(value);

		memcpy(buf, &value, n);
		buf += n;
		len_bytes -= n;
	}
}

void torture_item_make(const struct torture_item *item, uint8_t *buf,
		       struct ring_entry *ret_entry)
{
	struct torture_draw d = draw_of(item);
	const uint64_t numbers[] = { item->sequence, item->call };
	struct ring_entry entry = { .meta = buf };

	static_assert(sizeof(numbers) == TORTURE_META_BYTES, "two numbers");
	/* Some have no metadata, so that some have nothing at all in them. */
	if (!torture_draw_once_in(&d, BARE_ONCE_IN))
		entry.meta_bytes = TORTURE_META_BYTES;
	entry.data = buf + entry.meta_bytes;
	entry.data_bytes = torture_draw_size(&d, item->max_bytes + 1);
	entry.type = (uint16_t)torture_draw(&d);
	memcpy(buf, numbers, entry.meta_bytes);
	fill(&d, buf + entry.meta_bytes, entry.data_bytes);
	*ret_entry = entry;
}

static bool is_same(const struct ring_entry *want, const struct ring_item *got)
{
	return got->type == want->type && got->meta_bytes == want->meta_bytes &&
	       got->data_bytes == want->data_bytes &&
	       (want->meta_bytes == 0 ||
		memcmp(got->meta, want->meta, want->meta_bytes) == 0) &&
	       (want->data_bytes == 0 ||
		memcmp(got->data, want->data, want->data_bytes) == 0);
}

enum torture_match torture_item_compare(const struct torture_item *item,
					uint8_t *buf,
					const struct ring_item *got)
{
	struct torture_item claimed = *item;
	struct ring_entry want;
	uint64_t numbers[2];

	torture_item_make(item, buf, &want);
	if (is_same(&want, got))
		return TORTURE_SAME;
	if (got->meta_bytes != sizeof(numbers))
		return TORTURE_DAMAGED;
	/* What does it say itself that it is? */
	memcpy(numbers, got->meta, sizeof(numbers));
	claimed.sequence = numbers[0];
	claimed.call = numbers[1];
	torture_item_make(&claimed, buf, &want);
	return is_same(&want, got) ? TORTURE_OTHER : TORTURE_DAMAGED;
}
