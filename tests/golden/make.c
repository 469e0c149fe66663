/*
 * Makes the golden images of tests/golden/: rings as format version 1 has them,
 * valid and damaged. They are frozen: run it to add one, never to replace one
 * (make.sh takes care). Each row of the table says how an image is made:
 * through the public API on a disk in memory, then by hand.
 * Usage: make DIRECTORY; writes DIRECTORY/NAME.ring for each row.
 *
 * Item number N holds the text "item N", and some more to vary its length; one
 * that is discarded later, "gone N".
 */
#include "ring/ring.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/image.h"
#include "tests/lib/mem_disk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CURSORS_MAX = 3,
	RECORDS_MAX = 512,
	BODY_MAX = 2000,
	SLOTS = 131072,
	STRIDE = 4096,
	COPIES = 9, /* of a role, its heartbeat counted */
	SUPERBLOCK_B = 65536,
};

static const char *const names[CURSORS_MAX] = { "a", "b", "c" };

struct scene {
	struct fake_system system;
	struct ring_fault fault;
	struct mem_disk *disk;
	size_t bytes;
	uint32_t block;
	unsigned cursors;
	bool is_buffered; /* through a page cache: no seals are written */
	struct ring_producer *p;
	struct ring_consumer *c[CURSORS_MAX];
	struct ring_info info;
	struct ring_record_view records[RECORDS_MAX];
	unsigned record_count;
	uint8_t *image; /* the disk's */
};

static void must(const struct scene *s, int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "%s: %s %s\n", what, ring_strerror(rc), s->fault.text);
	exit(1);
}

static struct ring_options options(struct scene *s)
{
	struct ring_io *io = mem_disk_open(s->disk);

	io->buffered = s->is_buffered;
	return (struct ring_options){ .io = io,
				      .system = &s->system.system,
				      .takeover = true,
				      .client = "golden",
				      .fault = &s->fault };
}

/* ---- making ------------------------------------------------------------- */

/* Not of the fake system: the same on every run. */
static int fixed_random(void *ctx, void *buf, size_t len)
{
	static uint64_t state = 7;

	(void)ctx;
	for (size_t i = 0; i < len; i++) {
		state = state * UINT64_C(6364136223846793005) + 1;
		((uint8_t *)buf)[i] = (uint8_t)(state >> 56);
	}
	return 0;
}

static void attach(struct scene *s)
{
	struct ring_options o = options(s);

	must(s, ring_producer_attach("mem", &o, &s->p, NULL), "attach");
	for (unsigned i = 0; i < s->cursors; i++) {
		o = options(s);
		must(s,
		     ring_consumer_attach("mem", names[i], &o, &s->c[i], NULL),
		     "attach");
	}
}

static void detach(struct scene *s)
{
	ring_producer_free(s->p);
	for (unsigned i = 0; i < s->cursors; i++)
		ring_consumer_free(s->c[i]);
	s->p = NULL;
	memset(s->c, 0, sizeof(s->c));
}

struct shape {
	uint32_t block;
	bool padded;
	unsigned cursors;
};

static void begin(struct scene *s, struct shape shape)
{
	const struct ring_create_options create = {
		.block_bytes = shape.block,
		.padded = shape.padded,
		.cursor_slots = shape.cursors,
		.consumers = names,
		.consumer_count = shape.cursors,
		.max_item_bytes = BODY_MAX,
		.heartbeat_ms = 10,
		.label = "golden",
		.size_bytes = 327680 + (shape.block == 512 ? 16384 : 65536),
	};
	struct ring_options o;

	fake_system_init(&s->system, 1, 1);
	s->system.system.random = fixed_random;
	s->system.others_died = true;
	s->bytes = create.size_bytes;
	s->block = shape.block;
	s->cursors = shape.cursors;
	s->disk = mem_disk_new(s->bytes, 512);
	s->image = mem_disk_bytes(s->disk);
	o = options(s);
	must(s, ring_create("mem", &create, &o), "create");
	ring_io_close(o.io);
	attach(s);
}

static uint64_t next_number(struct scene *s)
{
	struct ring_producer_state state;

	must(s, ring_producer_state(s->p, &state), "state");
	return state.pushed_items;
}

static uint64_t next_position(struct scene *s)
{
	struct ring_producer_state state;

	must(s, ring_producer_state(s->p, &state), "state");
	return state.pushed;
}

/* "item N", and N mod 7 times 20 bytes more. */
static size_t fill(char *buf, const char *word, uint64_t number)
{
	size_t len = (size_t)sprintf(buf, "%s %" PRIu64, word, number);

	for (unsigned i = 0; i < number % 7 * 20; i++)
		buf[len++] = (char)('a' + i % 26);
	return len;
}

static void store(struct scene *s, const char *word, unsigned count,
		  bool publish)
{
	char bodies[16][BODY_MAX];
	struct ring_entry entries[16];
	const uint64_t number = next_number(s);

	for (unsigned i = 0; i < count; i++)
		entries[i] = (struct ring_entry){
			.data = bodies[i],
			.data_bytes = fill(bodies[i], word, number + i),
		};
	must(s,
	     publish ? ring_producer_publish(s->p, entries, count, NULL, NULL)
		     : ring_producer_push(s->p, entries, count, NULL, NULL),
	     "store");
}

static void publish(struct scene *s, unsigned count)
{
	store(s, "item", count, true);
}

static void push(struct scene *s, unsigned count)
{
	store(s, "item", count, false);
}

static void push_and_discard(struct scene *s, unsigned count)
{
	store(s, "gone", count, false);
	must(s, ring_producer_discard(s->p, NULL), "discard");
}

static void consume(struct scene *s, unsigned i, unsigned count)
{
	uint64_t position = RING_POSITION_NONE;
	struct ring_item item;

	for (unsigned n = 0; n < count; n++) {
		must(s, ring_consumer_pop(s->c[i], position, &item), "pop");
		position = item.next;
	}
	must(s, ring_consumer_advance(s->c[i], position, NULL), "advance");
}

/* Another host takes over, without a farewell of the former one. */
static void take_over(struct scene *s)
{
	struct mem_disk *after = mem_disk_new(s->bytes, 512);

	memcpy(mem_disk_bytes(after), s->image, s->bytes);
	detach(s);
	mem_disk_free(s->disk);
	s->disk = after;
	s->image = mem_disk_bytes(after);
	s->system.self.host_id[0]++;
	attach(s);
}

/* Three batches, of which a has taken the first. */
static void some(struct scene *s)
{
	publish(s, 3);
	publish(s, 4);
	publish(s, 3);
	consume(s, 0, 3);
}

/* More than once around. */
static void some_laps(struct scene *s)
{
	for (unsigned n = 0; n < 60; n++) {
		publish(s, 5);
		for (unsigned i = 0; i < s->cursors; i++)
			if (n > 4)
				consume(s, i, 5);
	}
}

/* What is held lies at the end of the data area and at its start. */
static void across(struct scene *s)
{
	struct ring_producer_state state;
	const uint64_t data = s->block == 512 ? 16384 : 65536;

	do {
		publish(s, 2);
		for (unsigned i = 0; i < s->cursors; i++)
			consume(s, i, 2);
		must(s, ring_producer_state(s->p, &state), "state");
	} while (state.pushed % data < data - 500);
	for (unsigned i = 0; i < 5; i++)
		publish(s, 3);
}

/* ---- looking, to know where things are ---------------------------------- */

static int add_record(void *ctx, const struct ring_record_view *v)
{
	struct scene *s = ctx;

	if (s->record_count == RECORDS_MAX)
		exit(1);
	s->records[s->record_count++] = *v;
	return 0;
}

static void end(struct scene *s)
{
	struct ring_options o;

	detach(s);
	o = options(s);
	must(s, ring_info("mem", &o, &s->info), "info");
	must(s, ring_walk("mem", &o, RING_POSITION_NONE, add_record, s),
	     "walk");
	ring_io_close(o.io);
}

/* The n-th record of a kind that is held. */
static uint64_t record(const struct scene *s, enum ring_record_kind kind,
		       unsigned n)
{
	for (unsigned i = 0; i < s->record_count; i++)
		if (s->records[i].kind == kind && n-- == 0)
			return s->records[i].offset_bytes;
	exit(1);
}

static uint64_t item(const struct scene *s, unsigned n)
{
	return record(s, RING_RECORD_ITEM, n);
}

static uint64_t commit(const struct scene *s, unsigned n)
{
	return record(s, RING_RECORD_COMMIT, n);
}

/* ---- damaging ----------------------------------------------------------- */

static void flip(struct scene *s, uint64_t offset)
{
	s->image[offset] ^= 0x20;
}

static void zero(struct scene *s, uint64_t offset, uint64_t len)
{
	memset(s->image + offset, 0, len);
}

static void zero_blocks(struct scene *s, uint64_t offset, unsigned count)
{
	zero(s, offset / s->block * s->block, count * s->block);
}

static void garbage(struct scene *s, uint64_t offset, uint64_t len)
{
	fixed_random(NULL, s->image + offset, len);
}

static uint64_t copy_of(uint32_t role, unsigned copy)
{
	return SLOTS + ((uint64_t)role * COPIES + copy) * STRIDE;
}

/* The copy with the greatest epoch and generation. FORMAT.md 3. */
static unsigned newest(const struct scene *s, uint32_t role)
{
	unsigned best = 0;

	for (unsigned i = 1; i < 8; i++) {
		const uint8_t *a = s->image + copy_of(role, i);
		const uint8_t *b = s->image + copy_of(role, best);
		const uint64_t ea = image_get(a, 24, 8);
		const uint64_t eb = image_get(b, 24, 8);

		if (ea > eb ||
		    (ea == eb && image_get(a, 32, 8) > image_get(b, 32, 8)))
			best = i;
	}
	return best;
}

static void lose_copy(struct scene *s, uint32_t role)
{
	flip(s, copy_of(role, newest(s, role)) + 40);
}

/* How many pairs after the newest. */
static void lose_pair(struct scene *s, uint32_t role, unsigned after)
{
	const unsigned pair = (newest(s, role) / 2 + after) % 4;

	zero(s, copy_of(role, 2 * pair), 2 * STRIDE);
}

static void put_superblock(struct scene *s, size_t offset, unsigned width,
			   uint64_t value)
{
	static const uint64_t places[2] = { 0, SUPERBLOCK_B };

	for (unsigned i = 0; i < 2; i++) {
		uint8_t *sb = s->image + places[i];

		image_put(sb, (struct image_field){ offset, width, value });
		image_put(sb, (struct image_field){
				      504, 8, image_xxh3(sb, 504, places[i]) });
	}
}

/* ---- the images --------------------------------------------------------- */

static void valid_empty(struct scene *s)
{
	end(s);
}

static void valid_some(struct scene *s)
{
	some(s);
	end(s);
}

static void valid_wrapped(struct scene *s)
{
	some_laps(s);
	end(s);
}

static void valid_pushed(struct scene *s)
{
	some(s);
	push(s, 2);
	push(s, 1);
	end(s);
}

static void valid_discarded(struct scene *s)
{
	some(s);
	push_and_discard(s, 3);
	publish(s, 2);
	push_and_discard(s, 1);
	end(s);
}

static void valid_gap(struct scene *s)
{
	some(s);
	take_over(s);
	publish(s, 3);
	end(s);
}

static void valid_suspended(struct scene *s)
{
	struct ring_options o;

	some(s);
	detach(s);
	o = options(s);
	must(s, ring_operator_suspend("mem", 0, &o), "suspend");
	ring_io_close(o.io);
	attach(s);
	end(s);
}

/* As killed processes leave it: the owners are still in their slots. */
static void kill_all(struct scene *s)
{
	struct mem_disk *after = mem_disk_new(s->bytes, 512);

	memcpy(mem_disk_bytes(after), s->image, s->bytes);
	end(s);
	mem_disk_free(s->disk);
	s->disk = after;
	s->image = mem_disk_bytes(after);
}

static void valid_killed(struct scene *s)
{
	some(s);
	kill_all(s);
}

static int keep_going(void *ctx, const struct ring_repair_step *step)
{
	(void)ctx;
	(void)step;
	return 0;
}

/* With the holes of a repair, and items that came after it. */
static void valid_repaired(struct scene *s)
{
	const struct ring_repair_options how = { .apply = true };
	struct ring_options o;

	some(s);
	push_and_discard(s, 2);
	publish(s, 3);
	end(s);
	flip(s, item(s, 4) + 50);
	zero(s, commit(s, 2), 48);
	o = options(s);
	o.on_damage = RING_DAMAGE_SKIP;
	must(s, ring_repair("mem", &o, &how, keep_going, NULL), "repair");
	ring_io_close(o.io);
	attach(s);
	publish(s, 2);
	end(s);
}

/* A payload that is a copy of this ring's own records. */
static void valid_ring_inside(struct scene *s)
{
	struct ring_entry e = { .data_bytes = 600 };

	some(s);
	e.data = s->image + (s->bytes - (s->block == 512 ? 16384 : 65536));
	must(s, ring_producer_publish(s->p, &e, 1, NULL, NULL), "publish");
	publish(s, 2);
	end(s);
}

static void superblock_a(struct scene *s)
{
	valid_some(s);
	flip(s, 40);
}

static void superblock_b(struct scene *s)
{
	valid_some(s);
	zero(s, SUPERBLOCK_B, 512);
}

static void superblock_both(struct scene *s)
{
	valid_some(s);
	flip(s, 40);
	flip(s, SUPERBLOCK_B + 40);
}

static void version_2(struct scene *s)
{
	valid_some(s);
	put_superblock(s, 8, 4, 2);
}

static void feature_unknown(struct scene *s)
{
	valid_some(s);
	put_superblock(s, 24, 8, 1u << 7);
}

static void truncated(struct scene *s)
{
	valid_some(s);
	s->bytes -= 4096;
}

static void producer_copy(struct scene *s)
{
	valid_some(s);
	lose_copy(s, 0);
}

static void producer_older(struct scene *s)
{
	valid_some(s);
	lose_pair(s, 0, 2);
}

static void producer_newest(struct scene *s)
{
	valid_some(s);
	lose_pair(s, 0, 0);
}

static void operator_copy(struct scene *s)
{
	valid_some(s);
	lose_copy(s, 1);
}

static void operator_older(struct scene *s)
{
	valid_some(s);
	lose_pair(s, 1, 2);
}

static void operator_newest(struct scene *s)
{
	valid_some(s);
	lose_pair(s, 1, 0);
}

static void cursor_copy(struct scene *s)
{
	valid_some(s);
	lose_copy(s, 2);
}

static void cursor_older(struct scene *s)
{
	valid_some(s);
	lose_pair(s, 2, 2);
}

static void cursor_newest(struct scene *s)
{
	valid_some(s);
	lose_pair(s, 2, 0);
}

static void item_header(struct scene *s)
{
	valid_some(s);
	flip(s, item(s, 4) + 32);
}

static void item_body(struct scene *s)
{
	valid_some(s);
	flip(s, item(s, 4) + 50);
}

static void commit_header(struct scene *s)
{
	valid_some(s);
	flip(s, commit(s, 1) + 32);
}

static void commit_body(struct scene *s)
{
	valid_some(s);
	flip(s, commit(s, 1) + 50);
}

static void block_of_item(struct scene *s)
{
	valid_some(s);
	zero_blocks(s, item(s, 5), 1);
}

static void blocks(struct scene *s)
{
	valid_wrapped(s);
	zero_blocks(s, item(s, 9), 3);
}

/* The last block of the data area and the first. */
static void across_the_wrap(struct scene *s)
{
	across(s);
	end(s);
	zero(s, s->bytes - 100, 100);
	zero(s, s->info.data_offset_bytes, 100);
}

/* In what all have consumed: no harm. */
static void consumed_space(struct scene *s)
{
	uint64_t at;

	some(s);
	detach(s);
	s->is_buffered = true;
	attach(s);
	at = s->bytes - 16384 + next_position(s) % 16384;
	publish(s, 4);
	consume(s, 0, 11);
	consume(s, 1, 14);
	kill_all(s);
	flip(s, at + 50);
}

static void at_cursor(struct scene *s)
{
	valid_some(s);
	zero(s, item(s, 3), 48);
}

static void two_places(struct scene *s)
{
	valid_some(s);
	flip(s, item(s, 1) + 50);
	zero(s, item(s, 8), 48);
}

static void garbage_inside(struct scene *s)
{
	valid_wrapped(s);
	garbage(s, item(s, 6) + 16, 1000);
}

static void pushed_commit(struct scene *s)
{
	valid_pushed(s);
	zero(s, commit(s, 3), 48);
}

static void discard_commit(struct scene *s)
{
	valid_discarded(s);
	flip(s, commit(s, 4) + 50);
}

static void ring_inside(struct scene *s)
{
	valid_ring_inside(s);
	zero(s, item(s, 10), 48);
}

static void the_end(struct scene *s)
{
	valid_some(s);
	zero_blocks(s, commit(s, 2), 1);
}

static void everything(struct scene *s)
{
	valid_wrapped(s);
	flip(s, 40);
	lose_pair(s, 1, 2);
	lose_pair(s, 2, 0);
	flip(s, item(s, 2) + 50);
	zero_blocks(s, item(s, 20), 2);
}

struct row {
	const char *name;
	void (*make)(struct scene *s);
	struct shape shape;
};

/* clang-format off */
static const struct row rows[] = {
	{ "valid-empty-512", valid_empty, { 512, false, 1 } },
	{ "valid-empty-4096-padded", valid_empty, { 4096, true, 3 } },
	{ "valid-some-512", valid_some, { 512, false, 2 } },
	{ "valid-some-512-padded", valid_some, { 512, true, 2 } },
	{ "valid-some-4096", valid_some, { 4096, false, 3 } },
	{ "valid-some-4096-padded", valid_some, { 4096, true, 1 } },
	{ "valid-wrapped-512", valid_wrapped, { 512, false, 2 } },
	{ "valid-wrapped-4096-padded", valid_wrapped, { 4096, true, 2 } },
	{ "valid-pushed", valid_pushed, { 512, false, 2 } },
	{ "valid-discarded", valid_discarded, { 512, false, 2 } },
	{ "valid-gap", valid_gap, { 512, false, 2 } },
	{ "valid-gap-padded", valid_gap, { 512, true, 2 } },
	{ "valid-suspended", valid_suspended, { 512, false, 2 } },
	{ "valid-killed", valid_killed, { 512, false, 2 } },
	{ "valid-repaired", valid_repaired, { 512, false, 2 } },
	{ "valid-ring-inside", valid_ring_inside, { 512, false, 2 } },
	{ "superblock-a", superblock_a, { 512, false, 1 } },
	{ "superblock-b", superblock_b, { 512, false, 1 } },
	{ "superblock-both", superblock_both, { 512, false, 1 } },
	{ "version-2", version_2, { 512, false, 1 } },
	{ "feature-unknown", feature_unknown, { 512, false, 1 } },
	{ "truncated", truncated, { 512, false, 1 } },
	{ "producer-copy", producer_copy, { 512, false, 2 } },
	{ "producer-older", producer_older, { 512, false, 2 } },
	{ "producer-newest", producer_newest, { 512, false, 2 } },
	{ "operator-copy", operator_copy, { 512, false, 2 } },
	{ "operator-older", operator_older, { 512, false, 2 } },
	{ "operator-newest", operator_newest, { 512, false, 2 } },
	{ "cursor-copy", cursor_copy, { 512, false, 2 } },
	{ "cursor-older", cursor_older, { 512, false, 2 } },
	{ "cursor-newest", cursor_newest, { 512, false, 2 } },
	{ "item-header", item_header, { 512, false, 2 } },
	{ "item-body", item_body, { 512, false, 2 } },
	{ "item-body-4096-padded", item_body, { 4096, true, 3 } },
	{ "commit-header", commit_header, { 512, false, 2 } },
	{ "commit-body", commit_body, { 512, false, 2 } },
	{ "block-of-item", block_of_item, { 512, false, 2 } },
	{ "block-of-item-4096", block_of_item, { 4096, false, 2 } },
	{ "blocks", blocks, { 512, false, 2 } },
	{ "blocks-padded", blocks, { 512, true, 2 } },
	{ "across-the-wrap", across_the_wrap, { 512, false, 2 } },
	{ "consumed-space", consumed_space, { 512, false, 2 } },
	{ "at-cursor", at_cursor, { 512, false, 2 } },
	{ "two-places", two_places, { 512, false, 2 } },
	{ "garbage", garbage_inside, { 512, false, 2 } },
	{ "pushed-commit", pushed_commit, { 512, false, 2 } },
	{ "discard-commit", discard_commit, { 512, false, 2 } },
	{ "ring-inside", ring_inside, { 512, false, 2 } },
	{ "the-end", the_end, { 512, false, 2 } },
	{ "everything", everything, { 512, false, 2 } },
};
/* clang-format on */

static void write_image(const struct scene *s, const char *directory,
			const char *name)
{
	char path[512];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s.ring", directory, name);
	out = fopen(path, "wb");
	if (out == NULL || fwrite(s->image, s->bytes, 1, out) != 1 ||
	    fclose(out) != 0) {
		perror(path);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "Usage: make DIRECTORY\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scene *s = calloc(1, sizeof(*s));

		if (s == NULL)
			return 1;
		begin(s, rows[i].shape);
		rows[i].make(s);
		write_image(s, argv[1], rows[i].name);
		mem_disk_free(s->disk);
		free(s);
	}
	return 0;
}
