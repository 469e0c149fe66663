#include "tests/crash/world.h"

#include "ring/consumer.h"
#include "ring/producer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOST = 1, BOOT = 1, BATCH_BLOCKS = 5, HEADER = RECORD_HEADER_BYTES };

#define SHAPE(block, mode, padded, io, direct, cursors)                     \
	{                                                                   \
#block "-" mode "-" io "-" #cursors, block, padded, direct, \
			cursors, RING_DELIVER_DURABLE                       \
	}
#define SHAPES_OF(block, mode, padded)                            \
	SHAPE(block, mode, padded, "buffered", false, 1),         \
		SHAPE(block, mode, padded, "buffered", false, 3), \
		SHAPE(block, mode, padded, "direct", true, 1),    \
		SHAPE(block, mode, padded, "direct", true, 3)

const struct shape shapes[] = {
	SHAPES_OF(512, "packed", false),
	SHAPES_OF(512, "padded", true),
	SHAPES_OF(4096, "packed", false),
	SHAPES_OF(4096, "padded", true),
	{ "512-packed-buffered-1-visible", 512, false, false, 1,
	  RING_DELIVER_VISIBLE },
	{ "512-packed-direct-1-visible", 512, false, true, 1,
	  RING_DELIVER_VISIBLE },
	{ 0 },
};

const char *const world_names[MODEL_CURSORS] = { "a", "b", "c" };

struct world_sizes world_sizes(const struct shape *shape)
{
	struct geometry g = {
		.block_bytes = shape->block,
		.cursor_slots = shape->cursors,
		.padded = shape->padded,
		.max_batch = BATCH_BLOCKS * shape->block,
	};

	g.max_item = g.max_batch - geometry_commit_room(&g) - HEADER;
	return (struct world_sizes){ geometry_least_data(&g), g.max_item,
				     g.max_batch };
}

void world_wrong(struct world *w, const char *what, int rc)
{
	if (w->wrong[0] == '\0')
		snprintf(w->wrong, sizeof(w->wrong), "%s: %s %s", what,
			 rc == 0 ? "" : ring_error_name(rc),
			 rc == 0 ? "" : w->faults[0].text);
}

static int told(struct world *w, int rc)
{
	census_code(w->census, rc);
	return rc;
}

/* ---- opening ------------------------------------------------------------ */

void world_create(const struct shape *shape, struct sim_disk *ret)
{
	const struct world_sizes sizes = world_sizes(shape);
	struct geometry g = { .block_bytes = shape->block,
			      .cursor_slots = shape->cursors };
	const struct ring_create_options create = {
		.block_bytes = shape->block,
		.cursor_slots = shape->cursors,
		.consumers = world_names,
		.consumer_count = shape->cursors,
		.max_item_bytes = sizes.max_item,
		.max_batch_bytes = sizes.max_batch,
		.padded = shape->padded,
	};
	struct fake_system system;
	struct ring_options o = { .system = &system.system };
	int rc;

	fake_system_init(&system, HOST, BOOT);
	system.random_seed = 1;
	g.data_offset = geometry_data_offset(&g);
	sim_disk_init(ret, g.data_offset + sizes.data_bytes);
	/* A device of large sectors for large blocks. */
	sim_disk_set_atom(ret, shape->block);
	ret->buffered = !shape->direct;
	o.io = sim_disk_open(ret);
	rc = ring_create("sim", &create, &o);
	ring_io_close(o.io);
	if (rc < 0) {
		fprintf(stderr, "crashtest: cannot create %s: %s\n",
			shape->name, ring_error_name(rc));
		exit(2);
	}
	sim_disk_flush(ret, 0, false);
	ret->watch_from = g.data_offset;
}

static void fill_consumed(struct world *w, unsigned i)
{
	w->next[i] = w->expected.before.consumed[i];
	w->read_to[i] = RING_POSITION_NONE;
}

int world_attach_producer(struct world *w, struct ring_producer_state *ret)
{
	struct ring_options o = { .io = sim_disk_open(&w->disk),
				  .system = &w->producer_system.system,
				  .fault = &w->faults[0] };
	struct ring_producer *p = NULL;
	int rc;

	if (!w->producer_is_attached)
		w->producer_io = o.io; /* it may be killed within */
	rc = told(w, ring_producer_attach("sim", &o, &p, ret));
	if (rc < 0) {
		if (!w->producer_is_attached)
			w->producer_io = NULL;
		ring_io_close(o.io);
		return rc;
	}
	ring_producer_free(w->producer);
	w->producer = p;
	w->producer_io = o.io;
	w->producer_is_attached = true;
	return 0;
}

int world_attach_consumer(struct world *w, unsigned i)
{
	struct ring_options o = { .io = sim_disk_open(&w->disk),
				  .system = &w->consumer_systems[i].system,
				  .deliver = w->shape->deliver,
				  .fault = &w->faults[1 + i] };
	struct ring_consumer *c = NULL;
	int rc;

	if (!w->consumer_is_attached[i])
		w->consumer_ios[i] = o.io;
	rc = told(w, ring_consumer_attach("sim", world_names[i], &o, &c, NULL));
	if (rc < 0) {
		if (!w->consumer_is_attached[i])
			w->consumer_ios[i] = NULL;
		ring_io_close(o.io);
		return rc;
	}
	ring_consumer_free(w->consumers[i]);
	w->consumers[i] = c;
	w->consumer_ios[i] = o.io;
	w->consumer_is_attached[i] = true;
	fill_consumed(w, i);
	return 0;
}

void world_open(struct world *w, const struct shape *shape,
		const struct sim_disk *disk,
		const struct judge_expected *expected)
{
	struct census *census = w->census;
	struct ring_producer_state s;
	int rc;

	*w = (struct world){ .shape = shape,
			     .census = census,
			     .expected = *expected,
			     .next_tag = 1000 };
	sim_disk_copy(disk, &w->disk);
	fake_system_init(&w->producer_system, HOST, BOOT);
	w->producer_system.random_seed = 2;
	rc = world_attach_producer(w, &s);
	for (unsigned i = 0; i < shape->cursors && rc == 0; i++) {
		fake_system_init(&w->consumer_systems[i], HOST, BOOT);
		w->consumer_systems[i].random_seed = 3 + i;
		rc = world_attach_consumer(w, i);
	}
	if (rc < 0)
		world_wrong(w, "attach to the prepared ring", rc);
}

void world_close(struct world *w)
{
	w->disk.point = NULL;
	for (unsigned i = 0; i < w->shape->cursors; i++)
		ring_consumer_free(w->consumers[i]);
	ring_producer_free(w->producer);
	sim_disk_release(&w->disk);
}

uint64_t world_end(const struct world *w)
{
	return w->producer_is_attached ? w->producer->now.position : 0;
}

/* ---- the producer's calls ----------------------------------------------- */

static bool is_limit(int rc)
{
	return rc == -RING_ERR_FULL || rc == -RING_ERR_SUSPENDED ||
	       rc == -RING_ERR_TOO_BIG || rc == -RING_ERR_DETACHED;
}

/* A call has returned: what it was to change has come true, or has not. */
static void done(struct world *w, const char *what, int rc)
{
	struct judge_expected *e = &w->expected;

	w->last_rc = told(w, rc);
	if (rc == 0)
		e->before = e->after;
	else if (is_limit(rc))
		e->after = e->before;
	else if (!w->is_cut)
		world_wrong(w, what, rc);
}

static struct model_item new_item(struct world *w, uint64_t len)
{
	const struct model_item item = { w->next_tag++, (uint32_t)len };

	model_push(&w->expected.after, item);
	return item;
}

static void push(struct world *w, uint64_t len)
{
	static uint8_t body[MODEL_BODY_MAX];
	const struct model_item item = new_item(w, len);
	const struct ring_entry e = { .data = body, .data_bytes = len };

	model_fill(&item, body);
	done(w, "push", ring_producer_push(w->producer, &e, 1, NULL, NULL));
}

static void publish(struct world *w, uint64_t len)
{
	static uint8_t body[MODEL_BODY_MAX];
	const struct model_item item = new_item(w, len);
	const struct ring_entry e = { .data = body, .data_bytes = len };

	model_fill(&item, body);
	w->expected.after.exposed = w->expected.after.pushed;
	done(w, "publish",
	     ring_producer_publish(w->producer, &e, 1, NULL, NULL));
}

static void advance(struct world *w)
{
	w->expected.after.exposed = w->expected.after.pushed;
	done(w, "advance",
	     ring_producer_advance(w->producer, RING_POSITION_NONE, NULL));
}

static void detach(struct world *w)
{
	done(w, "detach", ring_producer_detach(w->producer));
	w->producer_is_attached = false;
	w->producer_io = NULL; /* closed */
}

/* A second process is refused; after a detach it is the heir. */
static void attach(struct world *w)
{
	const bool owned = w->producer_is_attached;
	const struct model *m = &w->expected.before;
	struct ring_producer_state s;
	const int rc = world_attach_producer(w, &s);

	if (owned && rc == -RING_ERR_OWNED)
		return;
	if (rc < 0 || owned) {
		if (!w->is_cut)
			world_wrong(w, "attach", rc);
		return;
	}
	if (s.pushed_items != m->pushed || s.exposed_items != m->exposed)
		world_wrong(w, "I1 attach after a detach finds another state",
			    0);
}

/* ---- the consumers' calls ----------------------------------------------- */

static bool item_is_right(const struct world *w, unsigned i,
			  const struct ring_item *item)
{
	const struct model *m = &w->expected.after;
	uint8_t expected[MODEL_BODY_MAX];
	const struct model_item *want;

	if (item->sequence != w->next[i] || item->sequence >= m->exposed)
		return false;
	want = model_item(m, item->sequence);
	if (item->data_bytes != want->len)
		return false;
	model_fill(want, expected);
	return memcmp(item->data, expected, want->len) == 0;
}

/* Whether there was an item. */
static bool pop(struct world *w, unsigned i)
{
	struct judge_expected *e = &w->expected;
	struct ring_item item;
	const int rc = told(
		w, ring_consumer_pop(w->consumers[i], w->read_to[i], &item));

	if (rc == -RING_ERR_DETACHED || (rc < 0 && w->is_cut))
		return false;
	if (rc == -RING_ERR_EMPTY) {
		/* With direct I/O it may still wait for a mark. */
		if (!w->shape->direct && w->next[i] < e->before.exposed)
			world_wrong(w, "I1 an exposed item is not given", 0);
		return false;
	}
	if (rc < 0 || !item_is_right(w, i, &item)) {
		world_wrong(w, "I1 pop", rc);
		return false;
	}
	w->read_to[i] = item.next;
	w->next[i] = item.sequence + 1;
	/* On sight, what was given may vanish; the cursor never passes it. */
	if (w->shape->deliver == RING_DELIVER_DURABLE && e->seen < w->next[i])
		e->seen = w->next[i];
	return true;
}

static void consume(struct world *w, unsigned i)
{
	struct judge_expected *e = &w->expected;
	int rc;

	if (w->read_to[i] == RING_POSITION_NONE)
		return;
	e->after.consumed[i] = w->next[i];
	rc = told(w,
		  ring_consumer_advance(w->consumers[i], w->read_to[i], NULL));
	if (rc == 0)
		e->before.consumed[i] = e->after.consumed[i];
	else if (rc == -RING_ERR_DETACHED || rc == -RING_ERR_EMPTY)
		e->after.consumed[i] = e->before.consumed[i];
	else if (!w->is_cut)
		world_wrong(w, "consumer's advance", rc);
}

static void pop_each(struct world *w)
{
	for (unsigned i = 0; i < w->shape->cursors; i++)
		(void)pop(w, i);
}

static void consume_each(struct world *w)
{
	for (unsigned i = 0; i < w->shape->cursors; i++)
		consume(w, i);
}

void world_read_out(struct world *w, unsigned i)
{
	while (pop(w, i))
		;
}

static void answer(struct world *w)
{
	struct ring_producer_state s;
	int rc;

	if (!w->producer_is_attached)
		return;
	rc = told(w, ring_producer_state(w->producer, &s));
	if (rc < 0 && !w->is_cut)
		world_wrong(w, "state", rc);
}

static void drain(struct world *w)
{
	answer(w); /* what it sealed is written then */
	for (unsigned i = 0; i < w->shape->cursors; i++) {
		world_read_out(w, i);
		consume(w, i);
		/* Lets the consumer seal what it wrote. */
		(void)pop(w, i);
	}
	answer(w); /* and the producer knows */
}

static void detach_consumer(struct world *w)
{
	const int rc = told(w, ring_consumer_detach(w->consumers[0]));

	w->consumer_is_attached[0] = false;
	w->consumer_ios[0] = NULL;
	if (rc < 0 && rc != -RING_ERR_DETACHED && !w->is_cut)
		world_wrong(w, "consumer's detach", rc);
}

static void attach_consumer(struct world *w)
{
	const bool owned = w->consumer_is_attached[0];
	const int rc = world_attach_consumer(w, 0);

	if ((owned ? rc != -RING_ERR_OWNED : rc < 0) && !w->is_cut)
		world_wrong(w, "consumer's attach", rc);
}

/* ---- the handshake: the last cursor asks -------------------------------- */

static void note_acknowledgement(struct world *w, unsigned i)
{
	struct judge_expected *e = &w->expected;
	struct ring_consumer_state s;
	const int rc = told(w, ring_consumer_state(w->consumers[i], &s));

	if (rc < 0) {
		if (rc != -RING_ERR_DETACHED && !w->is_cut)
			world_wrong(w, "consumer's state", rc);
		return;
	}
	e->after.suspended[i] = s.suspend_requested && s.suspend_acked;
	e->before.suspended[i] = e->after.suspended[i];
}

static void ask(struct world *w, bool suspend)
{
	const unsigned i = w->shape->cursors - 1;
	struct ring_consumer *c = w->consumers[i];
	struct judge_expected *e = &w->expected;
	int rc;

	/* Suspending what is suspended changes nothing. */
	e->after.suspended[i] &= suspend;
	rc = told(w,
		  suspend ? ring_consumer_suspend(c) : ring_consumer_resume(c));
	if (rc == -RING_ERR_UNACKED || rc == -RING_ERR_DETACHED)
		e->after.suspended[i] = e->before.suspended[i];
	else if (rc < 0 && !w->is_cut)
		world_wrong(w, "suspend or resume", rc);
	if (rc < 0)
		return;
	e->before.suspended[i] = e->after.suspended[i];
	answer(w);
	note_acknowledgement(w, i);
}

/* ---- calls that must be refused ----------------------------------------- */

static void misuse(struct world *w)
{
	struct ring_options o = { .io = sim_disk_open(&w->disk),
				  .system = &w->consumer_systems[0].system };
	const uint64_t far = UINT64_C(1) << 40;
	struct ring_consumer *c = w->consumers[0];
	struct ring_consumer *nobody = NULL;
	const struct ring_entry big = {
		.data = "", .data_bytes = world_sizes(w->shape).max_item + 1
	};
	struct ring_item item;
	int rc[8];

	rc[0] = ring_producer_push(w->producer, &big, 1, NULL, NULL);
	rc[1] = ring_producer_advance(w->producer, far, NULL);
	rc[2] = ring_producer_wait(w->producer, 0);
	rc[3] = ring_consumer_advance(c, 8, NULL);
	rc[4] = ring_consumer_advance(c, far, NULL);
	rc[5] = ring_consumer_pop(c, c->slot.position + 8, &item);
	rc[6] = ring_consumer_pop(c, RING_POSITION_NONE, &item);
	rc[7] = ring_consumer_attach("sim", "nobody", &o, &nobody, NULL);
	ring_io_close(o.io);
	for (unsigned i = 0; i < 8; i++) {
		told(w, rc[i]);
		if (rc[i] == 0 && i != 2 && i != 6)
			world_wrong(w, "a call that is wrong succeeded", 0);
	}
	if (w->consumer_is_attached[0])
		fill_consumed(w, 0);
}

/* ------------------------------------------------------------------------- */

void world_do(struct world *w, char letter)
{
	const uint64_t block = w->shape->block;

	switch (letter) {
	case '0':
		push(w, 0);
		break;
	case '1':
		push(w, 1);
		break;
	case 'a':
		push(w, block - HEADER - 1);
		break;
	case 'b':
		push(w, block - HEADER);
		break;
	case 'c':
		push(w, block - HEADER + 1);
		break;
	case 's':
		push(w, 3 * block - HEADER);
		break;
	case 'm':
		push(w, world_sizes(w->shape).max_item);
		break;
	case 'A':
		advance(w);
		break;
	case 'P':
		publish(w, 1);
		break;
	case 'M':
		publish(w, world_sizes(w->shape).max_item);
		break;
	case 'O':
		pop_each(w);
		break;
	case 'C':
		consume_each(w);
		break;
	case 'E':
		drain(w);
		break;
	case 'S':
		ask(w, true);
		break;
	case 'R':
		ask(w, false);
		break;
	case 'D':
		detach(w);
		break;
	case 'T':
		attach(w);
		break;
	case 'd':
		detach_consumer(w);
		break;
	case 't':
		attach_consumer(w);
		break;
	case 'x':
		misuse(w);
		break;
	default:
		fprintf(stderr, "crashtest: no letter '%c'\n", letter);
		exit(2);
	}
}

/* ---- what happens to single processes ----------------------------------- */

void world_kill_producer(struct world *w)
{
	if (w->producer_io != NULL)
		sim_io_cut(w->producer_io);
	w->producer_is_attached = false;
	w->is_cut = true;
}

void world_kill_consumer(struct world *w, unsigned i)
{
	if (w->consumer_ios[i] != NULL)
		sim_io_cut(w->consumer_ios[i]);
	w->consumer_is_attached[i] = false;
	w->is_cut = true;
}
