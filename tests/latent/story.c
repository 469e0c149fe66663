#include "tests/latent/story.h"

#include "tests/lib/draw.h"
#include "tests/lib/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 48, ITEM = 1, COMMIT = 2, TAKEOVER_HOST = 2, BATCH_ITEMS = 8 };

const char *const story_cursor_names[STORY_CURSORS] = { "c0", "c1", "c2" };

static void must(const struct story *s, int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "%s: the scene itself fails: %s: %s (%s)\n", s->name,
		what, ring_error_name(rc), s->fault.text);
	abort();
}

static void *grown(void *list, size_t count, size_t *cap, size_t element)
{
	if (count < *cap)
		return list;
	*cap = *cap * 2 + 64;
	list = realloc(list, *cap * element);
	if (list == NULL)
		abort();
	return list;
}

static void *copy_of(const void *bytes, size_t len)
{
	void *copy = malloc(len);

	if (copy == NULL)
		abort();
	return memcpy(copy, bytes, len);
}

/* ---- places ------------------------------------------------------------- */

uint64_t story_copy_offset(const struct story *s, uint32_t role, unsigned copy)
{
	return STORY_ROLES_OFFSET + (role * 9 + copy) * s->stride;
}

size_t story_slot_bytes(uint32_t role)
{
	return role == 0 ? 4096 : 512;
}

uint64_t story_offset(const struct story *s, uint64_t position)
{
	return s->data_offset + position % s->data_bytes;
}

/* Bytes of the stream, which may go on at the start of the data area. */
static void read_stream(const struct story *s, uint64_t position, uint8_t *buf,
			size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = s->bytes[story_offset(s, position + i)];
}

bool story_record_stands(const struct story *s, const struct stream_record *r)
{
	const uint64_t left = s->data_bytes - r->position % s->data_bytes;
	const size_t first = r->len < left ? r->len : (size_t)left;

	return memcmp(s->bytes + story_offset(s, r->position), r->bytes,
		      first) == 0 &&
	       memcmp(s->bytes + s->data_offset, r->bytes + first,
		      r->len - first) == 0;
}

/* ---- what was written --------------------------------------------------- */

static void note_write(void *ctx, const struct ring_io_op *op)
{
	struct story *s = ctx;

	s->writes = grown(s->writes, s->write_count, &s->write_cap,
			  sizeof(*s->writes));
	s->writes[s->write_count++] = (struct past_write){
		.offset = op->offset_bytes,
		.len = op->len_bytes,
		.data = copy_of(op->buf, op->len_bytes),
	};
}

static bool note_record(struct story *s, uint64_t position, uint64_t batch)
{
	uint8_t header[HEADER + 48];
	struct stream_record r = { .position = position, .batch = batch };

	read_stream(s, position, header, sizeof(header));
	r.len = HEADER + image_get(header, 16, 4);
	r.end = position + (r.len + 7) / 8 * 8;
	r.is_commit = header[12] == COMMIT;
	r.epoch = image_get(header, 24, 8);
	r.sequence = image_get(header, 32, 8);
	if (r.is_commit) {
		const uint64_t block =
			s->shape->padded ? s->shape->block_bytes : 8;

		r.end = (r.end + block - 1) / block * block;
		r.exposed_sequence = image_get(header, 56, 8);
		r.durable = image_get(header, 72, 8);
	}
	r.bytes = malloc(r.len);
	if (r.bytes == NULL || (header[12] != COMMIT && header[12] != ITEM))
		abort();
	read_stream(s, position, r.bytes, r.len);
	s->records = grown(s->records, s->record_count, &s->record_cap,
			   sizeof(*s->records));
	s->records[s->record_count++] = r;
	s->end = r.end;
	return r.is_commit;
}

/* Each call that writes to the stream writes one batch: up to its commit. */
static void note_batch(struct story *s)
{
	const uint64_t batch = s->end;
	const struct stream_record *commit;

	while (!note_record(s, s->end, batch))
		;
	commit = &s->records[s->record_count - 1];
	if (commit->sequence != s->pushed ||
	    commit->exposed_sequence != s->exposed)
		abort(); /* the commit says something else than the call */
	/* With direct I/O each commit is followed by a seal. */
	s->is_marked = !s->shape->buffered;
}

/* ---- begin and end ------------------------------------------------------ */

static int story_random(void *ctx, void *buf, size_t len)
{
	struct fake_system *fake = ctx;
	struct story *s =
		(struct story *)(void *)((uint8_t *)fake -
					 offsetof(struct story, system));
	struct draw draw = { .state = s->random };
	uint8_t *bytes = buf;

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)draw_u64(&draw);
	s->random = draw.state;
	return 0;
}

static struct ring_options options_of(struct story *s)
{
	return (struct ring_options){
		.io = tap_open(&s->tap),
		.system = &s->system.system,
		.fault = &s->fault,
		.client = "story",
		.takeover = s->host == TAKEOVER_HOST,
	};
}

static void plan(struct story *s)
{
	const uint64_t roles_end = STORY_ROLES_OFFSET + s->roles * 9 * 4096;

	s->stride = 4096;
	s->data_offset = (roles_end + 65535) / 65536 * 65536;
	s->data_bytes = (uint64_t)s->shape->data_blocks * s->shape->block_bytes;
	s->size = s->data_offset + s->data_bytes;
	s->end = s->data_bytes; /* the first position */
}

static void create(struct story *s)
{
	const struct ring_create_options create = {
		.block_bytes = s->shape->block_bytes,
		.cursor_slots = s->shape->cursors,
		.consumers = story_cursor_names,
		.consumer_count = s->shape->cursors,
		.max_item_bytes = STORY_BODY_MAX,
		.padded = s->shape->padded,
		.force = true, /* no look for other file systems */
	};
	struct ring_options options = options_of(s);

	must(s, ring_create("story", &create, &options), "create");
	ring_io_close(options.io);
}

void story_begin(struct story *s, const struct shape *shape, uint64_t seed)
{
	*s = (struct story){ .shape = shape,
			     .random = seed,
			     .roles = 2 + shape->cursors };
	plan(s);
	s->disk = mem_disk_new(s->size, 512);
	s->bytes = mem_disk_bytes(s->disk);
	s->tap = (struct tap){ .disk = s->disk,
			       .before_write = note_write,
			       .ctx = s,
			       .buffered = shape->buffered };
	story_move_to_host(s, 1);
	create(s);
}

void story_end(struct story *s)
{
	for (unsigned i = 0; i < s->shape->cursors; i++)
		story_kill_consumer(s, i);
	story_kill_producer(s);
	for (size_t i = 0; i < s->record_count; i++)
		s->records[i].is_present =
			story_record_stands(s, &s->records[i]);
}

void story_release(struct story *s)
{
	for (size_t i = 0; i < s->write_count; i++)
		free(s->writes[i].data);
	for (size_t i = 0; i < s->record_count; i++)
		free(s->records[i].bytes);
	free(s->writes);
	free(s->records);
	mem_disk_free(s->disk);
}

/* ---- roles -------------------------------------------------------------- */

void story_move_to_host(struct story *s, uint8_t host)
{
	s->host = host;
	fake_system_init(&s->system, host, 1);
	s->system.system.random = story_random;
}

void story_attach_producer(struct story *s)
{
	struct ring_options options = options_of(s);
	struct ring_producer_state state;

	must(s, ring_producer_attach("story", &options, &s->producer, &state),
	     "attach");
	s->end = state.pushed; /* behind a gap */
}

void story_attach_consumer(struct story *s, unsigned i)
{
	struct ring_options options = options_of(s);

	must(s,
	     ring_consumer_attach("story", story_cursor_names[i], &options,
				  &s->consumers[i], NULL),
	     "attach");
}

void story_detach_producer(struct story *s)
{
	must(s, ring_producer_detach(s->producer), "detach");
	s->is_marked = true;
	for (unsigned i = 0; i < s->shape->cursors; i++)
		s->is_repeated[i] = true;
	ring_producer_free(s->producer);
	s->producer = NULL;
}

void story_detach_consumer(struct story *s, unsigned i)
{
	must(s, ring_consumer_detach(s->consumers[i]), "detach");
	ring_consumer_free(s->consumers[i]);
	s->consumers[i] = NULL;
}

void story_kill_producer(struct story *s)
{
	s->tap.is_dead = true;
	ring_producer_free(s->producer);
	s->producer = NULL;
	s->tap.is_dead = false;
}

void story_kill_consumer(struct story *s, unsigned i)
{
	s->tap.is_dead = true;
	ring_consumer_free(s->consumers[i]);
	s->consumers[i] = NULL;
	s->tap.is_dead = false;
}

/* ---- items -------------------------------------------------------------- */

void story_fill(const struct story_item *item, uint8_t *body)
{
	struct draw draw = { .state = item->tag };

	for (uint32_t i = 0; i < item->len; i++)
		body[i] = (uint8_t)draw_u64(&draw);
}

/* Of all lengths: none, a few bytes, and once in a while a block or more. */
static uint32_t length_of(uint32_t tag)
{
	static const uint32_t lengths[] = { 40, 0, 131, 8, 300, 61, 97, 640 };

	return lengths[tag % (sizeof(lengths) / sizeof(lengths[0]))];
}

static void make_items(struct story *s, unsigned count,
		       struct ring_entry *entries,
		       uint8_t bodies[][STORY_BODY_MAX])
{
	if (count > BATCH_ITEMS || s->pushed + count > STORY_ITEMS_MAX)
		abort();
	for (unsigned i = 0; i < count; i++) {
		struct story_item *item = &s->items[s->pushed + i];

		item->tag = s->next_tag++;
		item->len = length_of(item->tag);
		story_fill(item, bodies[i]);
		entries[i] = (struct ring_entry){ .data = bodies[i],
						  .data_bytes = item->len };
	}
}

void story_push(struct story *s, unsigned items)
{
	static const struct ring_cookie cookie = { "pushed", 6 };
	uint8_t bodies[BATCH_ITEMS][STORY_BODY_MAX];
	struct ring_entry entries[BATCH_ITEMS];

	make_items(s, items, entries, bodies);
	must(s, ring_producer_push(s->producer, entries, items, &cookie, NULL),
	     "push");
	s->pushed += items;
	note_batch(s);
}

void story_publish(struct story *s, unsigned items)
{
	uint8_t bodies[BATCH_ITEMS][STORY_BODY_MAX];
	struct ring_entry entries[BATCH_ITEMS];

	make_items(s, items, entries, bodies);
	must(s, ring_producer_publish(s->producer, entries, items, NULL, NULL),
	     "publish");
	s->pushed += items;
	s->exposed = s->pushed;
	note_batch(s);
}

void story_advance(struct story *s)
{
	must(s, ring_producer_advance(s->producer, RING_POSITION_NONE, NULL),
	     "advance");
	s->exposed = s->pushed;
	note_batch(s);
}

void story_discard(struct story *s)
{
	must(s, ring_producer_discard(s->producer, NULL), "discard");
	s->pushed = s->exposed;
	note_batch(s);
}

static int count_item(void *ctx, const struct ring_item *item)
{
	uint64_t *next = ctx;

	*next = item->sequence + 1;
	return 0;
}

void story_consume(struct story *s, unsigned i, unsigned items)
{
	static const struct ring_cookie cookie = { "consumed", 8 };
	const struct ring_fold_limits limits = { .items = items };
	uint64_t position, next = 0;

	must(s,
	     ring_consumer_fold(s->consumers[i], RING_POSITION_NONE, &limits,
				count_item, &next, &position),
	     "fold");
	must(s, ring_consumer_advance(s->consumers[i], position, &cookie),
	     "advance");
	s->consumed[i] = next;
	s->is_repeated[i] = false;
}

/* ---- requests ----------------------------------------------------------- */

void story_suspend(struct story *s, unsigned i)
{
	must(s, ring_consumer_suspend(s->consumers[i]), "suspend");
	story_look(s);
	s->suspended = true;
}

void story_operator_suspend(struct story *s)
{
	struct ring_options options = options_of(s);

	must(s, ring_operator_suspend("story", 0, &options), "suspend");
	ring_io_close(options.io);
	story_look(s);
	s->suspended = true;
}

static bool is_producer_slot(const struct story *s, const struct past_write *w)
{
	return w->offset >= story_copy_offset(s, 0, 0) &&
	       w->offset < story_copy_offset(s, 0, STORY_COPIES);
}

/* It looks at every cursor, and then writes its slot if there is a reason. */
void story_look(struct story *s)
{
	struct ring_producer_state state;
	size_t i = s->write_count;

	must(s, ring_producer_state(s->producer, &state), "state");
	s->is_marked = true;
	while (i < s->write_count && !is_producer_slot(s, &s->writes[i]))
		i++;
	if (i < s->write_count)
		for (unsigned k = 0; k < s->shape->cursors; k++)
			s->is_repeated[k] = true;
}
