/*
 * Goal: producer and consumers on any image attach or say why not, deliver
 * only what is valid, write only what is theirs, and do not contradict
 * ring_check().
 * Method: edits of a good ring, sealed or not, on a disk in memory with a
 * margin behind it. What each call may write is compared with the image
 * before; items are verified once more from FORMAT.md.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/good_ring.h"
#include "tests/lib/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	HOST = 1,
	ROLES_OFFSET = 131072,
	CURSORS = 2,
	ITEMS_MAX = 512,
	HEARTBEAT_MAX_MS = 10000,
};

/* Of the input's second byte. */
enum {
	CONSUMERS_FIRST = 1,
	NO_PRODUCER = 2,
	TAKEOVER = 4,
	FORMER_IS_OFF = 8,
	ADVANCE = 16,
};

/* What one cursor was given. */
struct given {
	struct ring_consumer *consumer;
	uint64_t checksums[ITEMS_MAX];
	uint64_t positions[ITEMS_MAX];
	unsigned count;
	int end;          /* what ended the last look */
	bool is_in_doubt; /* its cursor's sequence number is made up */
};

struct run {
	struct mem_disk *disk;
	struct fake_system system;
	const struct ring_image *image;
	unsigned how;
	bool is_clean; /* said ring_check() last */
	struct ring_info info;
	int info_result;
	struct ring_producer *producer;
	struct given given[CURSORS];
	uint8_t *before; /* the disk, to compare with */
};

static struct ring_options options_of(struct run *r)
{
	return (struct ring_options){
		.io = mem_disk_open(r->disk),
		.system = &r->system.system,
		.takeover = (r->how & TAKEOVER) != 0,
		.former_is_off = (r->how & FORMER_IS_OFF) != 0,
	};
}

/* ---- what is written ---------------------------------------------------- */

static void remember(struct run *r)
{
	memcpy(r->before, mem_disk_bytes(r->disk), r->image->len);
}

static void require_same(const struct run *r, uint64_t from, uint64_t to)
{
	fuzz_require(memcmp(r->before + from, mem_disk_bytes(r->disk) + from,
			    to - from) == 0,
		     "nobody writes what is not his");
}

/* Neither superblocks, nor behind the ring. */
static void require_in_ring(const struct run *r)
{
	require_same(r, 0, ROLES_OFFSET);
	require_same(r, r->info.ring_bytes, r->image->len);
}

static void require_data_same(const struct run *r)
{
	require_same(r, r->info.data_offset_bytes, r->info.ring_bytes);
}

/* ---- the checker -------------------------------------------------------- */

static void ignore_finding(void *ctx, const struct ring_finding *finding)
{
	(void)ctx;
	(void)finding;
}

/* Its verdict now: an attach may have put a mark above what was in doubt. */
static void check(struct run *r)
{
	struct ring_options options = options_of(r);
	const int rc = ring_check("memory", &options, ignore_finding, NULL);

	ring_io_close(options.io);
	r->is_clean = rc == 0;
}

/* ---- codes -------------------------------------------------------------- */

/* No ring that ring_check() calls clean may give these. */
static bool is_damage(int rc)
{
	return rc == -RING_ERR_DAMAGED || rc == -RING_ERR_SLOT ||
	       rc == -RING_ERR_SUPERBLOCK || rc == -RING_ERR_TRUNCATED;
}

static void require_code(const struct run *r, int rc)
{
	fuzz_require(rc <= -RING_ERR_BASE || rc >= 0 || rc == -EINVAL,
		     "a code of the ring's own: storage does not fail");
	fuzz_require(!r->is_clean || !is_damage(rc),
		     "what is clean is not damaged");
}

/* ---- consumers ---------------------------------------------------------- */

static void read_stream(const struct run *r, uint64_t position, uint8_t *buf,
			size_t len)
{
	const uint8_t *data =
		mem_disk_bytes(r->disk) + r->info.data_offset_bytes;

	for (size_t i = 0; i < len; i++)
		buf[i] = data[(position + i) % r->info.data_bytes];
}

/* It is a sealed record of the stream; its checksum. */
static uint64_t require_item(const struct run *r, const struct ring_item *item)
{
	const size_t body = item->meta_bytes + item->data_bytes;
	uint8_t *record = malloc(48 + body);
	uint64_t checksum;

	fuzz_require(body <= r->info.max_item_bytes, "an item is not too big");
	fuzz_require(record != NULL, "there is memory");
	read_stream(r, item->position, record, 48 + body);
	checksum = image_get(record, 0, 8);
	fuzz_require(record[12] == 1 && image_get(record, 16, 4) == body &&
			     image_get(record, 20, 4) == item->meta_bytes,
		     "an item is an item");
	fuzz_require(image_get(record, 32, 8) == item->sequence,
		     "its sequence number is that of the record");
	fuzz_require(image_xxh3(record + 8, 40 + body,
				image_seed(r->info.uuid, item->position)) ==
			     checksum,
		     "an item has its checksum");
	fuzz_require(memcmp(record + 48, item->meta, item->meta_bytes) == 0 &&
			     memcmp(record + 48 + item->meta_bytes, item->data,
				    item->data_bytes) == 0,
		     "its bytes are those of the image");
	free(record);
	return checksum;
}

/* Look from the cursor's position to the end. Also whether what was given
 * before is given again. */
static void look(struct run *r, struct given *g)
{
	struct ring_item item = { .next = RING_POSITION_NONE };
	uint64_t sequence = 0;
	unsigned count = 0;

	while ((g->end = ring_consumer_pop(g->consumer, item.next, &item)) ==
	       0) {
		const uint64_t checksum = require_item(r, &item);

		fuzz_require(count < ITEMS_MAX, "a lap is all there is");
		fuzz_require(count == 0 || item.sequence == sequence + 1,
			     "sequence numbers have no holes");
		fuzz_require(item.next >= item.position + 48, "on it goes");
		fuzz_require(count >= g->count ||
				     (g->checksums[count] == checksum &&
				      g->positions[count] == item.position),
			     "what was given stays what it is");
		g->checksums[count] = checksum;
		g->positions[count++] = item.position;
		sequence = item.sequence;
	}
	if (!g->is_in_doubt)
		require_code(r, g->end);
	fuzz_require(count >= g->count || !r->is_clean,
		     "what was given is given again");
	g->count = count;
}

/*
 * ring_check() takes a cursor's sequence number on trust. One that the good
 * ring had not there is met as damage later.
 */
static bool is_in_doubt(const struct run *r,
			const struct ring_consumer_state *state)
{
	const struct ring_image *image = r->image;

	for (unsigned i = 0; i <= image->records; i++)
		if (image->positions[i] == state->position)
			return image->sequences[i] != state->items;
	return true;
}

static void attach_consumers(struct run *r)
{
	remember(r);
	for (unsigned i = 0; i < CURSORS && r->image->cursors[i] != NULL; i++) {
		const struct ring_options options = options_of(r);
		struct ring_consumer_state state;
		struct given *g = &r->given[i];
		const int rc =
			ring_consumer_attach("memory", r->image->cursors[i],
					     &options, &g->consumer, &state);

		require_code(r, rc);
		if (rc < 0)
			ring_io_close(options.io);
		else
			g->is_in_doubt = is_in_doubt(r, &state);
	}
	require_data_same(r);
}

static void look_all(struct run *r)
{
	check(r);
	remember(r);
	for (unsigned i = 0; i < CURSORS; i++)
		if (r->given[i].consumer != NULL)
			look(r, &r->given[i]);
	require_in_ring(r);
	require_data_same(r);
}

/* Consume half of it. */
static void advance(struct given *g)
{
	const unsigned half = g->count / 2;
	int rc;

	if (g->consumer == NULL || half == 0)
		return;
	rc = ring_consumer_advance(g->consumer, g->positions[half], NULL);
	if (rc < 0)
		return;
	g->count -= half;
	memmove(g->positions, g->positions + half,
		g->count * sizeof(g->positions[0]));
	memmove(g->checksums, g->checksums + half,
		g->count * sizeof(g->checksums[0]));
}

/* ---- producer ----------------------------------------------------------- */

static void attach_producer(struct run *r)
{
	const struct ring_options options = options_of(r);
	int rc;

	remember(r);
	rc = ring_producer_attach("memory", &options, &r->producer, NULL);
	require_code(r, rc);
	fuzz_require(rc != -RING_ERR_DAMAGED || r->info_result == rc ||
			     (r->how & CONSUMERS_FIRST) != 0,
		     "a ring without an end has none for info");
	if (rc < 0)
		ring_io_close(options.io);
	require_in_ring(r);
	require_data_same(r);
}

/* Whether it was acknowledged. */
static bool publish(struct run *r)
{
	const struct ring_entry entry = { .data = "fuzz", .data_bytes = 4 };
	int rc;

	if (r->producer == NULL)
		return false;
	remember(r);
	rc = ring_producer_publish(r->producer, &entry, 1, NULL, NULL);
	require_code(r, rc);
	require_in_ring(r);
	if (rc < 0)
		require_data_same(r);
	return rc == 0;
}

/* A consumer that met neither damage nor doubt is given what was published. */
static void require_given(const struct run *r, const unsigned before[CURSORS])
{
	for (unsigned i = 0; i < CURSORS; i++) {
		const struct given *g = &r->given[i];

		if (g->consumer != NULL && r->is_clean && !g->is_in_doubt &&
		    g->end == -RING_ERR_EMPTY)
			fuzz_require(g->count > before[i],
				     "what is acknowledged is given");
	}
}

/* ---- all ---------------------------------------------------------------- */

static void use(struct run *r)
{
	unsigned before[CURSORS];

	if ((r->how & CONSUMERS_FIRST) != 0) {
		attach_consumers(r);
		look_all(r);
	}
	if ((r->how & NO_PRODUCER) == 0)
		attach_producer(r);
	if ((r->how & CONSUMERS_FIRST) == 0)
		attach_consumers(r);
	look_all(r);
	for (unsigned i = 0; i < CURSORS; i++)
		before[i] = r->given[i].count;
	if (publish(r)) {
		look_all(r);
		require_given(r, before);
	}
	for (unsigned i = 0; (r->how & ADVANCE) != 0 && i < CURSORS; i++)
		advance(&r->given[i]);
	look_all(r);
}

static void leave(struct run *r)
{
	remember(r);
	for (unsigned i = 0; i < CURSORS; i++)
		ring_consumer_free(r->given[i].consumer);
	ring_producer_free(r->producer);
	require_in_ring(r);
	require_data_same(r);
	fuzz_require(r->system.live == 0, "all memory is released");
}

/* What it says of the geometry; false: it is no ring. */
static bool read_info(struct run *r)
{
	struct ring_options options = options_of(r);
	const int rc = ring_info("memory", &options, &r->info);

	ring_io_close(options.io);
	r->info_result = rc;
	return rc == 0 || rc == -RING_ERR_DAMAGED;
}

/* Whatever call it is, an image that is no ring is left as it is. */
static void require_refused(struct run *r)
{
	r->info = (struct ring_info){ .data_offset_bytes = 0,
				      .ring_bytes = r->image->len };
	attach_producer(r);
	attach_consumers(r);
	fuzz_require(r->producer == NULL && r->given[0].consumer == NULL,
		     "what info refuses does not attach");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	struct script script = { data, len_bytes };
	const unsigned base = (unsigned)script_number(&script, 1);
	struct run *r = calloc(1, sizeof(*r));
	struct ring_image image;

	fuzz_require(r != NULL, "there is memory");
	r->how = (unsigned)script_number(&script, 1);
	good_ring_take(base, &image);
	ring_image_edit(&image, &script);
	r->image = &image;
	r->disk = good_ring_disk(base);
	memcpy(mem_disk_bytes(r->disk), image.bytes, image.len);
	r->before = malloc(image.len);
	good_ring_system(&r->system, HOST);
	check(r);
	if (read_info(r)) {
		/* It is waited for: in this clock for nothing, but in turns. */
		if (r->info.heartbeat_ms > HEARTBEAT_MAX_MS)
			r->how &= ~(unsigned)TAKEOVER;
		use(r);
	} else {
		require_refused(r);
	}
	leave(r);
	free(r->before);
	free(r);
	return 0;
}
