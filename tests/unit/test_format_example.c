/*
 * Goal: the worked example of FORMAT.md 8 is what the code reads and writes.
 * Method: take dumps and tables from docs/FORMAT.md (below the directory that
 * tests run in, the root of the sources). Each row of a table must be in the
 * dump; the dump must decode to the tables' values; encoding these must give
 * the dump again; and a ring made so on a disk in memory must show it.
 */
#include "ring/chain.h"
#include "ring/checksum.h"
#include "ring/ring.h"
#include "tests/lib/image.h"
#include "tests/lib/mem_disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum {
	IMAGE_BYTES = 512,
	ROWS_MAX = 64,
	TEXT_MAX = 64,
	SUPERBLOCK_ROWS = 19, /* of the document: none may get lost */
	BLOCK_ROWS = 30,
	ITEM_AT = 0, /* in the dump of the data area */
	COMMIT_AT = 56,
	SEEDS = 2,
};

/* ---- what the document says --------------------------------------------- */

struct row {
	size_t offset, size;
	bool is_text;
	char text[TEXT_MAX];
	uint64_t value;
};

/* A section with a dump and tables of what is in it. */
struct part {
	const char *heading;
	uint64_t device_offset; /* of the dump */
	uint8_t image[IMAGE_BYTES];
	size_t len;
	bool repeats; /* a '*' was read */
	struct row rows[ROWS_MAX];
	unsigned count;
	uint64_t seeds[SEEDS]; /* that the text names */
	unsigned seed_count;
};

static struct part superblock_part = { .heading = "### 8.1 " };
static struct part block_part = { .heading = "### 8.2 " };

/* Lines that are left out equal the one before. */
static void fill_to(struct part *p, size_t at)
{
	assert_true(at <= IMAGE_BYTES);
	assert_true(at == p->len || (p->repeats && p->len >= 16));
	for (; p->len < at; p->len += 16)
		memcpy(p->image + p->len, p->image + p->len - 16, 16);
	p->repeats = false;
}

static void read_dump_line(struct part *p, const char *line)
{
	char *rest;
	const uint64_t offset = strtoull(line, &rest, 16);

	if (p->len == 0)
		p->device_offset = offset;
	fill_to(p, (size_t)(offset - p->device_offset));
	if (*rest == '\n')
		return; /* the end of the dump */
	assert_true(p->len + 16 <= IMAGE_BYTES);
	for (unsigned i = 0; i < 16; i++)
		p->image[p->len++] = (uint8_t)strtoul(rest, &rest, 16);
}

static void read_value(struct row *row, const char *text)
{
	char *rest;

	row->is_text = *text == '"';
	if (row->is_text) {
		assert_int_equal(sscanf(text, "\"%63[^\"]\"", row->text), 1);
		return;
	}
	row->value = strtoull(text, &rest, 0);
	assert_true(rest > text);
	assert_string_equal(rest, " |\n");
}

/* | offset | size | field | value | */
static void read_table_line(struct part *p, const char *line)
{
	struct row *row = &p->rows[p->count];
	const char *value = strrchr(line, '|');

	if (sscanf(line, "| %zu | %zu |", &row->offset, &row->size) != 2)
		return; /* the head */
	assert_true(p->count < ROWS_MAX - 1);
	do
		value--;
	while (*value != '|');
	read_value(row, value + 2);
	p->count++;
}

static void read_seed(struct part *p, const char *text)
{
	assert_true(p->seed_count < SEEDS);
	p->seeds[p->seed_count++] = strtoull(text, NULL, 16);
}

static void read_line(struct part *p, const char *line)
{
	const char *seed = strstr(line, "is 0x");

	if (strcmp(line, "    *\n") == 0)
		p->repeats = true;
	else if (strncmp(line, "    0", 5) == 0)
		read_dump_line(p, line + 4);
	else if (line[0] == '|')
		read_table_line(p, line);
	else if (seed != NULL)
		read_seed(p, seed + 3);
}

static int read_document(void **state)
{
	FILE *f = fopen("docs/FORMAT.md", "re");
	struct part *part = NULL;
	char line[256];

	(void)state;
	if (f == NULL) {
		print_error("cannot open 'docs/FORMAT.md': run this from the "
			    "root of the sources\n");
		return -1;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#')
			part = NULL;
		if (strncmp(line, superblock_part.heading, 8) == 0)
			part = &superblock_part;
		if (strncmp(line, block_part.heading, 8) == 0)
			part = &block_part;
		if (part != NULL)
			read_line(part, line);
	}
	fclose(f);
	return 0;
}

/* The one row of that offset. */
static const struct row *row_at(const struct part *p, size_t offset)
{
	const struct row *found = NULL;

	for (unsigned i = 0; i < p->count; i++) {
		if (p->rows[i].offset != offset)
			continue;
		assert_null(found);
		found = &p->rows[i];
	}
	assert_non_null(found);
	return found;
}

static uint64_t value_at(const struct part *p, size_t offset)
{
	assert_false(row_at(p, offset)->is_text);
	return row_at(p, offset)->value;
}

static const char *text_at(const struct part *p, size_t offset)
{
	assert_true(row_at(p, offset)->is_text);
	return row_at(p, offset)->text;
}

/* ---- tables against dumps ----------------------------------------------- */

static void assert_row(const struct part *p, const struct row *row)
{
	const size_t len = strlen(row->text);

	if (!row->is_text) {
		assert_int_equal(
			image_get(p->image, row->offset, (unsigned)row->size),
			row->value);
		return;
	}
	assert_true(len <= row->size);
	assert_memory_equal(p->image + row->offset, row->text, len);
	for (size_t i = len; i < row->size; i++)
		assert_int_equal(p->image[row->offset + i], 0);
}

/* What no row speaks of is 0. */
static void assert_part(const struct part *p, unsigned rows)
{
	uint8_t rest[IMAGE_BYTES];

	assert_int_equal(p->len, IMAGE_BYTES);
	assert_int_equal(p->count, rows);
	memcpy(rest, p->image, sizeof(rest));
	for (unsigned i = 0; i < p->count; i++) {
		assert_row(p, &p->rows[i]);
		memset(rest + p->rows[i].offset, 0, p->rows[i].size);
	}
	for (unsigned i = 0; i < IMAGE_BYTES; i++)
		assert_int_equal(rest[i], 0);
}

static void test_tables_are_in_dumps(void **state)
{
	(void)state;
	assert_part(&superblock_part, SUPERBLOCK_ROWS);
	assert_part(&block_part, BLOCK_ROWS);
}

/* ---- superblock --------------------------------------------------------- */

static struct superblock superblock_of_document(void)
{
	const struct part *p = &superblock_part;
	struct superblock s = {
		.geometry = {
			.block_bytes = (uint32_t)value_at(p, 48),
			.cursor_slots = (uint32_t)value_at(p, 52),
			.padded = value_at(p, 24) != 0,
			.data_offset = value_at(p, 56),
			.data_bytes = value_at(p, 64),
			.max_item = value_at(p, 80),
			.max_batch = value_at(p, 88),
		},
		.heartbeat_ms = (uint32_t)value_at(p, 96),
		.created_ns = value_at(p, 104),
	};

	image_put(s.uuid, (struct image_field){ 0, 8, value_at(p, 32) });
	image_put(s.uuid, (struct image_field){ 8, 8, value_at(p, 40) });
	strcpy(s.queue, text_at(p, 112));
	strcpy(s.label, text_at(p, 176));
	return s;
}

static void test_superblock(void **state)
{
	const struct superblock want = superblock_of_document();
	uint8_t image[IMAGE_BYTES];
	struct superblock got;

	(void)state;
	assert_int_equal(superblock_part.device_offset, 0);
	assert_int_equal(superblock_decode(superblock_part.image, 0, &got), 0);
	assert_memory_equal(got.uuid, want.uuid, sizeof(got.uuid));
	assert_memory_equal(&got.geometry, &want.geometry,
			    sizeof(got.geometry));
	assert_int_equal(got.heartbeat_ms, want.heartbeat_ms);
	assert_int_equal(got.created_ns, want.created_ns);
	assert_string_equal(got.queue, want.queue);
	assert_string_equal(got.label, want.label);
	assert_int_equal(superblock_ring_bytes(&got),
			 value_at(&superblock_part, 72));

	superblock_encode(&want, 0, image);
	assert_memory_equal(image, superblock_part.image, sizeof(image));
}

static void test_geometry(void **state)
{
	const struct superblock s = superblock_of_document();
	struct geometry g = s.geometry;

	/* The sums that the document shows. */
	(void)state;
	assert_int_equal(geometry_data_offset(&g), g.data_offset);
	assert_int_equal(geometry_first_position(&g), 65536);
	assert_int_equal(geometry_offset(&g, 65536), block_part.device_offset);
	g.max_item = 0;
	g.max_batch = 0;
	geometry_set_defaults(&g);
	assert_int_equal(g.max_item, s.geometry.max_item);
	assert_int_equal(g.max_batch, s.geometry.max_batch);
}

/* ---- records ------------------------------------------------------------ */

static struct record record_of_document(size_t at)
{
	const struct part *p = &block_part;

	return (struct record){
		.kind = (enum record_kind)value_at(p, at + 12),
		.type = (uint16_t)value_at(p, at + 14),
		.body_bytes = (uint32_t)value_at(p, at + 16),
		.meta_bytes = (uint32_t)value_at(p, at + 20),
		.epoch = value_at(p, at + 24),
		.sequence = value_at(p, at + 32),
		.time_ns = value_at(p, at + 40),
	};
}

static struct commit commit_of_document(void)
{
	const struct part *p = &block_part;

	return (struct commit){
		.exposed = value_at(p, COMMIT_AT + 48),
		.exposed_sequence = value_at(p, COMMIT_AT + 56),
		.from = value_at(p, COMMIT_AT + 64),
		.durable = value_at(p, COMMIT_AT + 72),
		.batch = value_at(p, COMMIT_AT + 80),
	};
}

static void assert_record(const struct chain_step *step, size_t at)
{
	const struct record want = record_of_document(at);

	assert_int_equal(step->record.kind, want.kind);
	assert_int_equal(step->record.type, want.type);
	assert_int_equal(step->record.body_bytes, want.body_bytes);
	assert_int_equal(step->record.meta_bytes, want.meta_bytes);
	assert_int_equal(step->record.epoch, want.epoch);
	assert_int_equal(step->record.sequence, want.sequence);
	assert_int_equal(step->record.time_ns, want.time_ns);
}

/* A walk from the ring's first position, as the first attach leaves it. */
static void test_walk(void **state)
{
	const struct superblock s = superblock_of_document();
	const struct checkpoint start = { .position = 65536, .exposed = 65536 };
	const uint8_t *image = block_part.image;
	const struct commit want = commit_of_document();
	struct chain_bytes bytes = { image, IMAGE_BYTES, 0 };
	struct segments segments;
	const struct chain_rules rules = { &s, &segments };
	struct chain_step step;
	struct chain chain;
	struct cookie cookie;

	(void)state;
	segments_init(&segments, 2, 65536);
	chain_from_checkpoint(&chain, &start);
	chain_look(&rules, &chain, &bytes, &step);
	assert_int_equal(step.verdict, CHAIN_ITEM);
	assert_record(&step, ITEM_AT);
	chain_accept(&chain, &step);
	assert_int_equal(chain.position, 65592);

	bytes = (struct chain_bytes){ image + COMMIT_AT,
				      IMAGE_BYTES - COMMIT_AT, 0 };
	chain_look(&rules, &chain, &bytes, &step);
	assert_int_equal(step.verdict, CHAIN_EXPOSE);
	assert_record(&step, COMMIT_AT);
	assert_memory_equal(&step.commit, &want, sizeof(want));
	chain_cookie(bytes.buf, &step, &cookie);
	assert_int_equal(cookie.len_bytes, strlen(text_at(&block_part, 144)));
	assert_memory_equal(cookie.bytes, text_at(&block_part, 144),
			    cookie.len_bytes);
	chain_accept(&chain, &step);
	assert_int_equal(chain.end, 65688);
	assert_int_equal(chain.exposed, 65688);
}

static void test_encode(void **state)
{
	const struct superblock s = superblock_of_document();
	const struct record item = record_of_document(ITEM_AT);
	const struct record record = record_of_document(COMMIT_AT);
	const struct commit commit = commit_of_document();
	uint8_t image[IMAGE_BYTES] = { 0 };

	(void)state;
	memcpy(image + 48, text_at(&block_part, 48), 1);
	memcpy(image + 49, text_at(&block_part, 49), 5);
	record_seal(image, &item, checksum_seed(s.uuid, 65536));
	commit_encode(image + COMMIT_AT + 48, &commit);
	memcpy(image + 144, text_at(&block_part, 144), 2);
	record_seal(image + COMMIT_AT, &record, checksum_seed(s.uuid, 65592));
	assert_memory_equal(image, block_part.image, sizeof(image));
}

static void test_seeds(void **state)
{
	const struct superblock s = superblock_of_document();

	(void)state;
	assert_int_equal(block_part.seed_count, SEEDS);
	assert_int_equal(block_part.seeds[0], checksum_seed(s.uuid, 65536));
	assert_int_equal(block_part.seeds[1], checksum_seed(s.uuid, 65592));
}

/* ---- the library at work ------------------------------------------------ */

static uint64_t wall_of_document(void *ctx)
{
	return *(const uint64_t *)ctx;
}

static int uuid_of_document(void *ctx, void *buf, size_t len)
{
	const struct superblock s = superblock_of_document();

	(void)ctx;
	assert_true(len <= sizeof(s.uuid));
	memcpy(buf, s.uuid, len);
	return 0;
}

static void create(const struct ring_options *options)
{
	const struct superblock s = superblock_of_document();
	const struct ring_create_options how = {
		.size_bytes = superblock_ring_bytes(&s),
		.block_bytes = s.geometry.block_bytes,
		.cursor_slots = s.geometry.cursor_slots,
		.heartbeat_ms = s.heartbeat_ms,
		.queue = s.queue,
		.label = s.label,
	};

	assert_int_equal(ring_create("memory", &how, options), 0);
}

static void publish(const struct ring_options *options)
{
	const struct part *p = &block_part;
	const struct ring_entry entry = { text_at(p, 49), 5, text_at(p, 48), 1,
					  (uint16_t)value_at(p, 14) };
	const struct ring_cookie cookie = { text_at(p, 144), 2 };
	struct ring_producer *producer;
	uint64_t position;

	assert_int_equal(
		ring_producer_attach("memory", options, &producer, NULL), 0);
	assert_int_equal(
		ring_producer_publish(producer, &entry, 1, &cookie, &position),
		0);
	assert_int_equal(position, value_at(p, COMMIT_AT + 48));
	ring_producer_free(producer);
}

static void test_library_writes_it(void **state)
{
	const struct superblock s = superblock_of_document();
	struct mem_disk *disk = mem_disk_new(superblock_ring_bytes(&s), 512);
	struct ring_system system = *ring_system_default();
	struct ring_options options = { .system = &system };
	uint64_t now_ns = s.created_ns;

	(void)state;
	system.ctx = &now_ns;
	system.wall_ns = wall_of_document;
	system.random = uuid_of_document;
	options.io = mem_disk_open(disk);
	create(&options);
	now_ns = value_at(&block_part, 40);
	publish(&options); /* closes the io */
	assert_memory_equal(mem_disk_bytes(disk), superblock_part.image,
			    IMAGE_BYTES);
	assert_memory_equal(mem_disk_bytes(disk) + block_part.device_offset,
			    block_part.image, IMAGE_BYTES);
	mem_disk_free(disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_are_in_dumps),
		cmocka_unit_test(test_superblock),
		cmocka_unit_test(test_geometry),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_library_writes_it),
	};

	return cmocka_run_group_tests_name("format example", tests,
					   read_document, NULL);
}
