#include "tests/fuzz/good_ring.h"

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { SECTOR_BYTES = 512, HOST_A = 1, HOST_B = 2 };

/* ---- surroundings ------------------------------------------------------- */

/* The same in each run: images are made anew in each process. */
static int fixed_random(void *ctx, void *buf, size_t len_bytes)
{
	struct fake_system *s = ctx;

	s->wall_ns++;
	for (size_t i = 0; i < len_bytes; i++)
		((uint8_t *)buf)[i] = (uint8_t)(s->wall_ns * 7 + i * 13 + 1);
	return 0;
}

void good_ring_system(struct fake_system *s, uint8_t host)
{
	fake_system_init(s, host, 1);
	s->system.random = fixed_random;
	s->others_died = true;
}

static uint8_t *new_bytes(size_t len)
{
	uint8_t *bytes = malloc(len);

	fuzz_require(bytes != NULL, "there is memory");
	return bytes;
}

/* ---- making good rings -------------------------------------------------- */

/* A ring under construction, and who uses it. */
struct maker {
	struct mem_disk *disk;
	struct fake_system system;
	struct ring_producer *producer;
	struct ring_consumer *consumer;
};

static struct ring_options options_of(struct maker *m)
{
	return (struct ring_options){
		.io = mem_disk_open(m->disk),
		.system = &m->system.system,
		.takeover = true,
	};
}

static void create(struct maker *m, const struct ring_create_options *how)
{
	struct ring_options options = options_of(m);

	fuzz_require(ring_create("memory", how, &options) == 0, "create");
	ring_io_close(options.io);
}

static void attach(struct maker *m)
{
	const struct ring_options options = options_of(m);

	fuzz_require(ring_producer_attach("memory", &options, &m->producer,
					  NULL) == 0,
		     "attach the producer");
}

static void detach(struct maker *m)
{
	ring_producer_free(m->producer);
	ring_consumer_free(m->consumer);
	m->producer = NULL;
	m->consumer = NULL;
}

/* The handles end, but what they would write at their end does not happen. */
static void kill_handles(struct maker *m, uint64_t len)
{
	uint8_t *bytes = new_bytes(len);

	memcpy(bytes, mem_disk_bytes(m->disk), len);
	detach(m);
	memcpy(mem_disk_bytes(m->disk), bytes, len);
	free(bytes);
}

static void attach_consumer(struct maker *m, const char *name)
{
	const struct ring_options options = options_of(m);

	fuzz_require(ring_consumer_attach("memory", name, &options,
					  &m->consumer, NULL) == 0,
		     "attach a consumer");
}

/* A batch of `count` items, the last with `len_bytes` bytes. */
static void publish(struct maker *m, size_t count, size_t len_bytes)
{
	static const uint8_t bytes[8192];
	const struct ring_cookie cookie = { "cookie", count };
	struct ring_entry entries[8];

	for (size_t i = 0; i < count; i++)
		entries[i] = (struct ring_entry){ .data = "some data",
						  .data_bytes = 9,
						  .meta = "meta",
						  .meta_bytes = i,
						  .type = 7 };
	entries[count - 1].data = bytes;
	entries[count - 1].data_bytes = len_bytes;
	fuzz_require(ring_producer_publish(m->producer, entries, count, &cookie,
					   NULL) == 0,
		     "publish");
}

static void push(struct maker *m, size_t len_bytes)
{
	static const uint8_t bytes[8192];
	const struct ring_entry entry = { .data = bytes,
					  .data_bytes = len_bytes };

	fuzz_require(ring_producer_push(m->producer, &entry, 1, NULL, NULL) ==
			     0,
		     "push");
}

/* Consume `count` items. */
static void consume(struct maker *m, unsigned count)
{
	struct ring_item item = { .next = RING_POSITION_NONE };

	for (unsigned i = 0; i < count; i++)
		fuzz_require(ring_consumer_pop(m->consumer, item.next, &item) ==
				     0,
			     "pop");
	fuzz_require(ring_consumer_advance(m->consumer, item.next, NULL) == 0,
		     "advance");
}

/* Laps, so that the stream runs across the end of the data area. */
static void run_laps(struct maker *m, unsigned batches, size_t len_bytes)
{
	for (unsigned i = 0; i < batches; i++) {
		publish(m, 3, len_bytes);
		consume(m, 3);
	}
}

static const struct ring_create_options small = {
	.size_bytes = 262144 + 16384,
	.block_bytes = 512,
	.cursor_slots = 1,
	.label = "small",
};

static void make_fresh(struct maker *m)
{
	create(m, &small);
}

/* It wraps, three items are visible and one is pending. */
static void make_packed(struct maker *m)
{
	create(m, &small);
	attach(m);
	attach_consumer(m, NULL);
	run_laps(m, 7, 2000);
	publish(m, 3, 600);
	push(m, 100);
	detach(m);
}

static void make_padded(struct maker *m)
{
	static const char *const names[] = { "default", "other" };
	const struct ring_create_options how = {
		.size_bytes = 327680 + 65536,
		.block_bytes = 4096,
		.cursor_slots = 2,
		.consumers = names,
		.consumer_count = 2,
		.padded = true,
	};

	create(m, &how);
	attach(m);
	attach_consumer(m, "other");
	run_laps(m, 2, 3000);
	publish(m, 2, 10);
	detach(m);
}

/* Producer and consumer are at work: the image is what a kill leaves. */
static void make_killed(struct maker *m)
{
	create(m, &small);
	attach(m);
	attach_consumer(m, NULL);
	run_laps(m, 3, 1000);
	publish(m, 4, 100);
	push(m, 100);
	push(m, 100);
	kill_handles(m, small.size_bytes);
}

/* A gap in the stream, and an item on either side. */
static void make_taken_over(struct maker *m)
{
	create(m, &small);
	attach(m);
	publish(m, 1, 100);
	kill_handles(m, small.size_bytes);
	good_ring_system(&m->system, HOST_B);
	attach(m);
	publish(m, 2, 100);
	detach(m);
}

static void make_suspended(struct maker *m)
{
	struct ring_producer_state state;

	create(m, &small);
	attach(m);
	attach_consumer(m, NULL);
	publish(m, 2, 50);
	consume(m, 1);
	fuzz_require(ring_consumer_suspend(m->consumer) == 0, "suspend");
	fuzz_require(ring_producer_state(m->producer, &state) == 0, "answer");
	detach(m);
}

/* ---- the table of them -------------------------------------------------- */

struct base {
	void (*make)(struct maker *m);
	uint64_t size_bytes; /* of the ring */
	const char *cursors[3];
};

static const struct base bases[] = {
	{ make_packed, 262144 + 16384, { "default" } },
	{ make_killed, 262144 + 16384, { "default" } },
	{ make_padded, 327680 + 65536, { "default", "other" } },
	{ make_taken_over, 262144 + 16384, { "default" } },
	{ make_suspended, 262144 + 16384, { "default" } },
	{ make_fresh, 262144 + 16384, { "default" } },
};

enum { BASES = sizeof(bases) / sizeof(bases[0]) };

static int note_record(void *ctx, const struct ring_record_view *record)
{
	struct ring_image *image = ctx;

	fuzz_require(image->records < RING_IMAGE_RECORDS, "room for records");
	image->positions[image->records] = record->position;
	image->sequences[image->records++] = record->sequence;
	image->positions[image->records] = record->next;
	image->sequences[image->records] =
		record->sequence + (record->kind == RING_RECORD_ITEM);
	return 0;
}

static void read_layout(struct maker *m, struct ring_image *image)
{
	struct ring_options options = options_of(m);
	struct ring_info info;
	int rc = ring_info("memory", &options, &info);

	fuzz_require(rc == 0, "info of a good ring");
	memcpy(image->uuid, info.uuid, sizeof(image->uuid));
	image->data_offset = info.data_offset_bytes;
	image->data_bytes = info.data_bytes;
	image->slot_stride = info.block_bytes < 4096 ? 4096 : info.block_bytes;
	image->roles = 2 + info.cursor_slots;
	image->positions[0] = info.end;
	image->sequences[0] = info.pushed_items;
	rc = ring_walk("memory", &options, RING_POSITION_NONE, note_record,
		       image);
	fuzz_require(rc == 0, "walk of a good ring");
	ring_io_close(options.io);
}

/* What is kept of a base from run to run. */
struct made {
	struct ring_image good;
	uint8_t *scratch;
	struct mem_disk *disk;
};

static void make(const struct base *base, struct made *made)
{
	const uint64_t len = base->size_bytes + RING_IMAGE_MARGIN;
	struct maker m = { .disk = mem_disk_new(len, SECTOR_BYTES) };

	made->disk = m.disk;
	made->scratch = new_bytes(len);
	made->good = (struct ring_image){ .len = len, .bytes = new_bytes(len) };
	memcpy(made->good.cursors, base->cursors, sizeof(base->cursors));
	memset(mem_disk_bytes(m.disk) + base->size_bytes, RING_IMAGE_FILL,
	       RING_IMAGE_MARGIN);
	good_ring_system(&m.system, HOST_A);
	base->make(&m);
	read_layout(&m, &made->good);
	memcpy(made->good.bytes, mem_disk_bytes(m.disk), len);
}

static struct made *find_made(unsigned base)
{
	static struct made all[BASES];
	struct made *made = &all[base % BASES];

	if (made->disk == NULL)
		make(&bases[base % BASES], made);
	return made;
}

void good_ring_take(unsigned base, struct ring_image *ret)
{
	const struct made *made = find_made(base);

	*ret = made->good;
	ret->bytes = made->scratch;
	memcpy(ret->bytes, made->good.bytes, ret->len);
}

struct mem_disk *good_ring_disk(unsigned base)
{
	return find_made(base)->disk;
}
