#include "tests/lib/crash_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const char *const names[RIG_CURSORS] = { "a", "b" };

enum { SMALL = 16 << 10 };

const struct rig_shape rig_small = { .name = "small",
				     .data_bytes = SMALL,
				     .item_bytes = 700 };
const struct rig_shape rig_small_direct = { .name = "small, direct",
					    .data_bytes = SMALL,
					    .item_bytes = 700,
					    .direct = true };
const struct rig_shape rig_small_padded = { .name = "small, padded",
					    .data_bytes = SMALL,
					    .item_bytes = 700,
					    .padded = true };
const struct rig_shape rig_big = { .name = "big items",
				   .data_bytes = SMALL,
				   .item_bytes = 12000,
				   .max_item = 12000 };
const struct rig_shape rig_big_padded = { .name = "big items, padded",
					  .data_bytes = SMALL,
					  .item_bytes = 12000,
					  .max_item = 12000,
					  .padded = true };

/* The judge says what he found here. */
static char finding[400];

static void fill(const struct rig *r, uint64_t sequence, uint8_t *buf)
{
	uint64_t state = sequence;

	for (uint32_t i = 0; i < r->shape.item_bytes; i++)
		buf[i] = (uint8_t)(sim_random(&state) >> 13);
}

static unsigned cursors(const struct rig_shape *shape)
{
	return shape->cursors != 0 ? shape->cursors : 1;
}

void rig_init(struct rig *r, const struct rig_shape *shape)
{
	const struct ring_create_options create = {
		.block_bytes = shape->block != 0 ? shape->block : 512,
		.cursor_slots = RIG_CURSORS,
		.consumers = names,
		.consumer_count = cursors(shape),
		.padded = shape->padded,
		.max_item_bytes = shape->max_item,
	};
	struct rig_host h;
	int rc;

	*r = (struct rig){ .shape = *shape };
	sim_disk_init(&r->disk, RIG_DATA_OFFSET + shape->data_bytes);
	r->disk.buffered = !shape->direct;
	rig_host(&h, &r->disk, 1);
	rc = ring_create("sim", &create, &h.options);
	ring_io_close(&h.io.io);
	if (rc != 0)
		fail_msg("create: %s", h.fault.text);
}

void rig_release(struct rig *r)
{
	sim_disk_release(&r->disk);
}

/* ---- hosts -------------------------------------------------------------- */

void rig_host(struct rig_host *h, struct sim_disk *d, uint8_t number)
{
	memset(h, 0, sizeof(*h));
	fake_system_init(&h->system, number, 1);
	fail_io_init(&h->io, sim_disk_open(d));
	h->io.is_alone = true;
	h->options = (struct ring_options){ .io = &h->io.io,
					    .system = &h->system.system,
					    .fault = &h->fault,
					    .takeover = true };
}

struct ring_producer *rig_producer(struct rig_host *h, struct sim_disk *d,
				   uint8_t number)
{
	struct ring_producer *p = NULL;

	rig_host(h, d, number);
	if (ring_producer_attach("sim", &h->options, &p, NULL) != 0)
		fail_msg("%s", h->fault.text);
	return p;
}

struct ring_consumer *rig_consumer(struct rig_host *h, struct sim_disk *d,
				   uint8_t number, const char *name)
{
	struct ring_consumer *c = NULL;

	rig_host(h, d, number);
	if (ring_consumer_attach("sim", name, &h->options, &c, NULL) != 0)
		fail_msg("%s", h->fault.text);
	return c;
}

int rig_try_producer(struct sim_disk *d, uint8_t number)
{
	struct ring_producer *p = NULL;
	struct rig_host h;
	int rc;

	rig_host(&h, d, number);
	rc = ring_producer_attach("sim", &h.options, &p, NULL);
	if (rc == 0)
		ring_producer_free(p);
	else
		ring_io_close(&h.io.io);
	return rc;
}

void rig_kill_producer(struct rig_host *h, struct ring_producer *p)
{
	fail_io_cut(&h->io);
	ring_producer_free(p);
}

void rig_kill_consumer(struct rig_host *h, struct ring_consumer *c)
{
	fail_io_cut(&h->io);
	ring_consumer_free(c);
}

/* ---- calls that promise ------------------------------------------------- */

typedef int publish_fn(struct ring_producer *p,
		       const struct ring_entry *entries, size_t count,
		       const struct ring_cookie *cookie,
		       uint64_t *ret_position);

static int write_items(struct rig *r, struct ring_producer *p, unsigned count,
		       publish_fn *fn)
{
	static uint8_t bodies[RIG_BATCH_MAX][RIG_ITEM_MAX];
	struct ring_entry entries[RIG_BATCH_MAX];

	assert_true(count <= RIG_BATCH_MAX);
	assert_true(r->shape.item_bytes <= RIG_ITEM_MAX);
	for (unsigned i = 0; i < count; i++) {
		fill(r, r->pushed.least + i, bodies[i]);
		entries[i] = (struct ring_entry){ .data = bodies[i],
						  .data_bytes =
							  r->shape.item_bytes };
	}
	return fn(p, entries, count, NULL, NULL);
}

/* The end of a call: it happened, or it may have, or surely it did not. */
static void settle(struct rig_range *range, uint64_t after, int rc)
{
	if (rc == 0)
		range->least = range->most = after;
	else if (rc == -RING_ERR_FULL || rc == -RING_ERR_SUSPENDED)
		range->most = range->least;
}

static bool is_one_of(const struct rig_range *range, uint64_t value)
{
	return value == range->least || value == range->most;
}

int rig_publish(struct rig *r, struct ring_producer *p, unsigned count)
{
	const uint64_t after = r->pushed.least + count;
	int rc;

	r->pushed.most = r->exposed.most = after;
	rc = write_items(r, p, count, ring_producer_publish);
	settle(&r->pushed, after, rc);
	settle(&r->exposed, after, rc);
	return rc;
}

int rig_push(struct rig *r, struct ring_producer *p, unsigned count)
{
	const uint64_t after = r->pushed.least + count;
	int rc;

	r->pushed.most = after;
	rc = write_items(r, p, count, ring_producer_push);
	settle(&r->pushed, after, rc);
	return rc;
}

int rig_expose(struct rig *r, struct ring_producer *p)
{
	int rc;

	r->exposed.most = r->pushed.least;
	rc = ring_producer_advance(p, RING_POSITION_NONE, NULL);
	settle(&r->exposed, r->pushed.least, rc);
	return rc;
}

void rig_mark(struct ring_producer *p)
{
	struct ring_producer_state s;

	assert_int_equal(ring_producer_state(p, &s), 0);
}

int rig_adopt(struct rig *r, struct ring_producer *p)
{
	struct ring_producer_state s;
	const int rc = ring_producer_state(p, &s);

	if (rc < 0)
		return rc;
	assert_true(is_one_of(&r->pushed, s.pushed_items));
	assert_true(is_one_of(&r->exposed, s.exposed_items));
	r->pushed = (struct rig_range){ s.pushed_items, s.pushed_items };
	r->exposed = (struct rig_range){ s.exposed_items, s.exposed_items };
	return 0;
}

int rig_take(struct rig *r, struct ring_consumer *c, unsigned count)
{
	uint64_t at = RING_POSITION_NONE;
	struct ring_item item;
	uint64_t taken = 0;
	int rc;

	while (taken < count && ring_consumer_pop(c, at, &item) == 0) {
		at = item.next;
		taken++;
	}
	if (taken == 0)
		return -RING_ERR_EMPTY;
	r->consumed.most = item.sequence + 1;
	rc = ring_consumer_advance(c, at, NULL);
	settle(&r->consumed, item.sequence + 1, rc);
	return rc;
}

struct reading {
	const struct rig *rig;
	uint64_t count, next;
	const char *wrong;
};

static int compare(void *ctx, const struct ring_item *item)
{
	static uint8_t expected[RIG_ITEM_MAX];
	struct reading *reading = ctx;
	const struct rig *r = reading->rig;

	fill(r, item->sequence, expected);
	if (reading->count++ > 0 && item->sequence != reading->next)
		reading->wrong = "items are missing between others";
	if (item->data_bytes != r->shape.item_bytes ||
	    memcmp(item->data, expected, item->data_bytes) != 0)
		reading->wrong = "an item is not what was pushed";
	reading->next = item->sequence + 1;
	return 0;
}

uint64_t rig_read(const struct rig *r, struct ring_consumer *c, uint64_t from,
		  const char **ret_wrong)
{
	struct reading reading = { .rig = r };
	int rc;

	do {
		rc = ring_consumer_fold(c, from, NULL, compare, &reading,
					&from);
	} while (rc == 0 && reading.wrong == NULL);
	*ret_wrong = reading.wrong;
	if (rc != -RING_ERR_EMPTY && reading.wrong == NULL)
		*ret_wrong = ring_error_name(rc);
	return reading.count;
}

/* ---- the judge ---------------------------------------------------------- */

static const char *say(const char *what, const char *more)
{
	snprintf(finding, sizeof(finding), "%s: %s", what, more);
	return finding;
}

static const char *is_neither(const char *what, const struct rig_range *range,
			      uint64_t found)
{
	if (is_one_of(range, found))
		return NULL;
	snprintf(finding, sizeof(finding),
		 "%s items are %llu, promised are %llu or %llu", what,
		 (unsigned long long)found, (unsigned long long)range->least,
		 (unsigned long long)range->most);
	return finding;
}

static void note_finding(void *ctx, const struct ring_finding *f)
{
	if (f->severity >= RING_WARN)
		*(const char **)ctx = say("the checker", f->text);
}

static const char *judge_image(struct sim_disk *d)
{
	struct rig_host h;
	const char *wrong = NULL;
	int rc;

	rig_host(&h, d, RIG_JUDGE);
	rc = ring_check("sim", &h.options, note_finding, &wrong);
	ring_io_close(&h.io.io);
	if (rc < 0)
		return say("check", h.fault.text);
	return wrong;
}

static const char *judge_cursor(const struct rig *r, struct sim_disk *d,
				unsigned i, uint64_t exposed)
{
	struct rig_host h;
	struct ring_consumer_state s;
	struct ring_consumer *c;
	const char *wrong;
	uint64_t count;

	rig_host(&h, d, RIG_JUDGE);
	if (ring_consumer_attach("sim", names[i], &h.options, &c, &s) != 0) {
		wrong = say("consumer", h.fault.text);
		ring_io_close(&h.io.io);
		return wrong;
	}
	count = rig_read(r, c, RING_POSITION_NONE, &wrong);
	if (wrong == NULL && s.items + count != exposed)
		wrong = "not all that is exposed is given";
	else if (wrong != NULL && *wrong == 'D')
		wrong = say("fold", h.fault.text);
	if (wrong == NULL && i == 0)
		wrong = is_neither("consumed", &r->consumed, s.items);
	ring_consumer_free(c);
	return wrong;
}

static const char *judge_producer(const struct rig *r, struct sim_disk *d,
				  struct ring_producer *p)
{
	struct ring_producer_state s;
	const char *wrong;

	/* It also marks what is durable, for consumers with direct I/O. */
	if (ring_producer_state(p, &s) != 0)
		return "no state";
	wrong = is_neither("pushed", &r->pushed, s.pushed_items);
	if (wrong == NULL)
		wrong = is_neither("exposed", &r->exposed, s.exposed_items);
	for (unsigned i = 0; i < cursors(&r->shape) && wrong == NULL; i++)
		wrong = judge_cursor(r, d, i, s.exposed_items);
	return wrong;
}

const char *rig_judge(const struct rig *r, struct sim_disk *d)
{
	const char *wrong = judge_image(d);
	struct ring_producer *p = NULL;
	struct rig_host h;

	if (wrong != NULL)
		return wrong;
	rig_host(&h, d, RIG_JUDGE);
	h.options.former_is_off = true; /* there was a power cut */
	if (ring_producer_attach("sim", &h.options, &p, NULL) != 0) {
		wrong = say("attach", h.fault.text);
		ring_io_close(&h.io.io);
		return wrong;
	}
	wrong = judge_producer(r, d, p);
	ring_producer_free(p);
	return wrong;
}

/* ---- power cuts --------------------------------------------------------- */

static const char *const survivor_names[RIG_SURVIVORS] = {
	[RIG_NOTHING] = "nothing",
	[RIG_ALL] = "all",
	[RIG_FIRST_ATOMS] = "first atoms",
	[RIG_LAST_ATOMS] = "last atoms",
	[RIG_FIRST_HALVES] = "first halves",
	[RIG_NO_SECOND_ATOMS] = "all but second atoms",
	[RIG_SLOTS] = "slots",
	[RIG_DATA] = "the data",
	[RIG_OLDEST] = "the oldest write",
	[RIG_NEWEST] = "the newest write",
};

static bool survives(const struct rig_write *writes, size_t count, size_t i,
		     uint64_t offset, uint32_t atom, enum rig_survivors which)
{
	const struct rig_write *w = &writes[i];
	const uint64_t at = offset - w->offset;

	switch (which) {
	case RIG_NOTHING:
	case RIG_SURVIVORS:
		return false;
	case RIG_ALL:
		return true;
	case RIG_FIRST_ATOMS:
		return at == 0;
	case RIG_LAST_ATOMS:
		return at + atom == w->len;
	case RIG_FIRST_HALVES:
		return at < w->len / 2;
	case RIG_NO_SECOND_ATOMS:
		return at != atom;
	case RIG_SLOTS:
		return w->offset < RIG_DATA_OFFSET;
	case RIG_DATA:
		return w->offset >= RIG_DATA_OFFSET;
	case RIG_OLDEST:
		return i == 0;
	case RIG_NEWEST:
		return i == count - 1;
	}
	return false;
}

/* The newest version of an atom that survives, as an index of its choices. */
static uint8_t choose(const struct sim_disk *d, const struct sim_dirty *atom,
		      enum rig_survivors which)
{
	struct rig_write writes[RIG_WRITES_MAX];
	const size_t count = rig_writes(d, writes);
	uint8_t choice = 0;

	for (size_t i = 0; i < d->version_count; i++) {
		const struct sim_version *v = &d->versions[i];
		size_t k = 0;

		if (v->atom != atom->atom)
			continue;
		while (writes[k].number != v->write)
			k++;
		if (!survives(writes, count, k,
			      (uint64_t)v->atom * d->sector_bytes,
			      d->sector_bytes, which))
			continue;
		for (unsigned n = 0; n < atom->count; n++)
			if (atom->hash[n] == v->hash)
				choice = (uint8_t)n;
	}
	return choice;
}

void rig_cut(const struct sim_disk *d, enum rig_survivors which,
	     struct sim_disk *ret)
{
	struct sim_dirty_list dirty = { 0 };
	uint8_t *choices;

	sim_disk_dirty(d, &dirty);
	choices = calloc(dirty.count + 1, 1);
	assert_non_null(choices);
	for (size_t i = 0; i < dirty.count; i++)
		choices[i] = choose(d, &dirty.list[i], which);
	sim_disk_cut(d, &dirty, choices, ret);
	free(choices);
	sim_dirty_release(&dirty);
}

void rig_assert_cut(struct rig *r, enum rig_survivors which)
{
	struct sim_disk cut;
	const char *wrong;

	rig_cut(&r->disk, which, &cut);
	r->cuts++;
	wrong = rig_judge(r, &cut);
	sim_disk_release(&cut);
	if (wrong != NULL)
		fail_msg("%s: cut %llu, kept %s: %s", r->shape.name,
			 (unsigned long long)r->cuts, survivor_names[which],
			 wrong);
}

void rig_assert_cuts(struct rig *r)
{
	for (unsigned which = 0; which < RIG_SURVIVORS; which++)
		rig_assert_cut(r, which);
}

static void cut_here(void *ctx, struct sim_disk *d)
{
	(void)d;
	rig_assert_cuts(ctx);
}

void rig_watch(struct rig *r)
{
	r->disk.point = cut_here;
	r->disk.point_ctx = r;
}

void rig_unwatch(struct rig *r)
{
	r->disk.point = NULL;
}

void rig_poke(struct sim_disk *d, uint64_t offset, const void *bytes,
	      size_t len)
{
	struct ring_io_batch batch = {
		.ops = { { RING_IO_WRITE, offset, (void *)(uintptr_t)bytes,
			   len } },
		.count = 1,
		.flush = true,
	};
	sim_point_fn *const point = d->point;
	const bool lies = d->lies;
	struct ring_io *io = sim_disk_open(d);

	d->point = NULL;
	d->lies = false;
	assert_int_equal(ring_io_run(io, &batch), 0);
	ring_io_close(io);
	d->point = point;
	d->lies = lies;
}

void rig_flip(struct sim_disk *d, uint64_t offset)
{
	const uint64_t start = offset / d->sector_bytes * d->sector_bytes;
	uint8_t sector[RIG_STRIDE];

	sim_disk_peek(d, start, sector, d->sector_bytes);
	sector[offset - start] ^= 0x10;
	rig_poke(d, start, sector, d->sector_bytes);
}

size_t rig_writes(const struct sim_disk *d,
		  struct rig_write ret[RIG_WRITES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < d->version_count; i++) {
		const struct sim_version *v = &d->versions[i];
		size_t k = 0;

		while (k < count && ret[k].number != v->write)
			k++;
		if (k == count) {
			assert_true(count < RIG_WRITES_MAX);
			ret[count++] = (struct rig_write){
				.number = v->write,
				.offset = (uint64_t)v->atom * d->sector_bytes,
				.is_complete = v->is_complete,
			};
		}
		ret[k].len += d->sector_bytes;
	}
	return count;
}

void rig_write_bytes(const struct sim_disk *d, const struct rig_write *w,
		     uint8_t *buf)
{
	for (size_t i = 0; i < d->version_count; i++) {
		const struct sim_version *v = &d->versions[i];
		const uint64_t offset = (uint64_t)v->atom * d->sector_bytes;

		if (v->write == w->number)
			memcpy(buf + (offset - w->offset), v->data,
			       d->sector_bytes);
	}
}
