#include "tests/powercut/ledger.h"

#include "tests/lib/draw.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- the file ----------------------------------------------------------- */

static struct ledger *map(const char *path, int flags)
{
	const int fd = open(path, flags | O_RDWR | O_CLOEXEC, 0600);
	void *mem = MAP_FAILED;

	if (fd < 0)
		return NULL;
	if ((flags & O_CREAT) == 0 || ftruncate(fd, sizeof(struct ledger)) == 0)
		mem = mmap(NULL, sizeof(struct ledger), PROT_READ | PROT_WRITE,
			   MAP_SHARED, fd, 0);
	close(fd);
	return mem == MAP_FAILED ? NULL : mem;
}

struct ledger *ledger_create(const char *path, uint64_t seed)
{
	struct ledger *l = map(path, O_CREAT | O_TRUNC);

	if (l != NULL)
		l->seed = seed;
	return l;
}

struct ledger *ledger_open(const char *path)
{
	return map(path, 0);
}

/* ---- items -------------------------------------------------------------- */

/* Many small ones, some empty, some of several blocks. */
static size_t draw_size(struct draw *d)
{
	static const uint64_t limits[] = { 1,   100,  100,  100,
					   100, 2000, 2000, 12000 };
	const uint64_t limit =
		limits[draw_below(d, sizeof(limits) / sizeof(limits[0]))];

	return (size_t)draw_below(d, limit);
}

void ledger_make_item(const struct ledger *l, uint64_t number, uint32_t try,
		      struct ledger_item *ret_item)
{
	struct draw d = { l->seed ^ (number << 24) ^ try };
	struct ledger_item *item = ret_item;
	const size_t len = draw_size(&d);
	const uint64_t try64 = try;

	assert(len <= sizeof(item->data));
	for (size_t i = 0; i < len; i++)
		item->data[i] = (uint8_t)draw_u64(&d);
	memcpy(item->meta, &number, 8);
	memcpy(item->meta + 8, &try64, 8);
	item->entry = (struct ring_entry){
		.data = item->data,
		.data_bytes = len,
		.meta = item->meta,
		.meta_bytes = LEDGER_META_BYTES,
		.type = (uint16_t)(number & 0xffff),
	};
}

void ledger_next_item(struct ledger *l, uint64_t number,
		      struct ledger_item *ret_item)
{
	const uint32_t try = atomic_fetch_add(&l->last_try, 1) + 1;

	assert(number < LEDGER_ITEMS_MAX);
	atomic_store(&l->tries[number], try);
	ledger_make_item(l, number, try, ret_item);
}

/* ---- what went wrong ---------------------------------------------------- */

void ledger_lose(struct ledger *l, uint64_t items, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("lost: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	atomic_fetch_add(&l->lost, items);
}

static bool is_equal(const struct ring_entry *e, const struct ring_item *item)
{
	return item->type == e->type && item->data_bytes == e->data_bytes &&
	       item->meta_bytes == e->meta_bytes &&
	       memcmp(item->meta, e->meta, e->meta_bytes) == 0 &&
	       (e->data_bytes == 0 ||
		memcmp(item->data, e->data, e->data_bytes) == 0);
}

static void reordered(struct ledger *l, uint64_t number, uint64_t other)
{
	fprintf(stderr, "reordered: item %" PRIu64 " in place of %" PRIu64 "\n",
		other, number);
	atomic_fetch_add(&l->reordered, 1);
}

bool ledger_check_item(struct ledger *l, uint64_t number,
		       const struct ring_item *item)
{
	const uint32_t try = atomic_load(&l->tries[number]);
	struct ledger_item expected;
	uint64_t says[2] = { UINT64_MAX, 0 };

	if (item->sequence > number) {
		ledger_lose(l, item->sequence - number,
			    "items from %" PRIu64 " to %" PRIu64, number,
			    item->sequence - 1);
		return false;
	}
	if (item->sequence < number) {
		reordered(l, number, item->sequence);
		return false;
	}
	ledger_make_item(l, number, try, &expected);
	if (is_equal(&expected.entry, item)) {
		atomic_fetch_add(&l->total_verified, 1);
		return true;
	}
	if (item->meta_bytes == LEDGER_META_BYTES)
		memcpy(says, item->meta, sizeof(says));
	if (says[0] != number)
		reordered(l, number, says[0]);
	else
		ledger_lose(l, 1,
			    "item %" PRIu64 " has other content (it says try "
			    "%" PRIu64 ", %u was the last)",
			    number, says[1], try);
	return false;
}

/* ---- spans -------------------------------------------------------------- */

bool ledger_check_span(struct ledger *l, const struct span *span,
		       uint64_t value, const char *what)
{
	const uint64_t acked = atomic_load(&span->acked);
	const uint64_t tried = atomic_load(&span->tried);

	if (value < acked)
		ledger_lose(l, acked - value,
			    "%s: %" PRIu64 " were acknowledged, %" PRIu64
			    " are there",
			    what, acked, value);
	else if (value > tried)
		ledger_lose(l, value - tried,
			    "%s: %" PRIu64 " were tried, %" PRIu64 " are there",
			    what, tried, value);
	return acked <= value && value <= tried;
}

void ledger_settle(struct span *span, uint64_t value)
{
	atomic_store(&span->tried, value);
	atomic_store(&span->acked, value);
}

/* ---- tenures ------------------------------------------------------------ */

void ledger_take(struct tenure *tenure, unsigned host, uint64_t found)
{
	atomic_store(&tenure->found, found);
	atomic_store(&tenure->host, host);
}

bool ledger_holds(const struct tenure *tenure, unsigned host)
{
	return atomic_load(&tenure->host) == host;
}

void ledger_late(struct ledger *l, const struct tenure *tenure, uint64_t value,
		 const char *what)
{
	const uint64_t found = atomic_load(&tenure->found);

	if (value > found)
		ledger_lose(l, value - found,
			    "%s: %" PRIu64 " were acknowledged after a "
			    "take-over that found %" PRIu64,
			    what, value, found);
}
