/*
 * Goal: whatever part of a ring is damaged, a repair leaves a ring that works,
 * gives no item that was not published, and loses no more than it says.
 * Method: a random ring is built, with a model of every item beside it; one to
 * five random stretches of it are damaged; on copies of it each way to repair
 * is planned, done, undone, interrupted and done again. Then the ring is
 * checked, read out by every consumer and used for some laps. TEST_SEED is the
 * first seed, TEST_RUNS the number of rings.
 */
#include "ring/ring.h"
#include "tests/lib/draw.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/mem_disk.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum {
	CURSORS = 3,
	ITEMS_MAX = 2048,
	BODY_MAX = 1400,
	RECORDS_MAX = 8192,
	RUNS = 60, /* by default */
	OPS = 90,
	SPOTS_MAX = 5,
	UNDO_MAX = 512,
	REFUSED = -4999, /* of a save function that refuses */
	SECTOR = 512,
};

static const char *const names[CURSORS] = { "a", "b", "c" };

struct body {
	size_t len;
	uint8_t *bytes;
};

/* What an undamaged ring holds, as ring_walk() gives it. */
struct record {
	uint64_t position, next, end; /* of its bytes */
	enum ring_record_kind kind;
	uint64_t sequence, exposed, from;
	bool is_damaged;
};

struct run {
	uint64_t seed;
	struct draw draw;
	struct fake_system system;
	struct ring_fault fault;
	struct ring_create_options create;
	size_t disk_bytes;
	bool is_buffered; /* as if through a page cache: no seals */
	struct mem_disk *disk;
	struct ring_producer *producer;
	struct ring_consumer *consumers[CURSORS];

	/* the model */
	struct body items[ITEMS_MAX]; /* by sequence number */
	uint64_t pushed, exposed;
	uint64_t consumed[CURSORS];

	/* before and after the damage */
	uint8_t *good, *bad;
	struct ring_info info;
	struct record records[RECORDS_MAX];
	unsigned record_count;
	bool only_data; /* is damaged */
	bool must_give[ITEMS_MAX];
	char story[2048];
	const char *moment;
	enum ring_on_damage policy;
};

/* Over all runs: what was reached. */
static struct {
	unsigned long rings, repairs, steps, holes, slots, superblocks;
	unsigned long impossible, given, lost, lost_whole, interrupted;
} reached;

/* ---- telling ------------------------------------------------------------ */

static const char *policy_name(enum ring_on_damage policy)
{
	static const char *const text[] = { "stop", "skip", "truncate" };

	return text[policy];
}

static _Noreturn void die(const struct run *r, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static _Noreturn void die(const struct run *r, int rc, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fail_msg("TEST_SEED=%" PRIu64 " TEST_RUNS=1, %s, %s: %s (%s, '%s')\n%s",
		 r->seed, policy_name(r->policy), r->moment, text,
		 ring_error_name(rc), r->fault.text, r->story);
	abort();
}

__attribute__((format(printf, 2, 3))) static void tell(struct run *r,
						       const char *format, ...)
{
	const size_t len = strlen(r->story);
	va_list args;

	va_start(args, format);
	vsnprintf(r->story + len, sizeof(r->story) - len, format, args);
	va_end(args);
}

static uint64_t below(struct run *r, uint64_t limit)
{
	return draw_below(&r->draw, limit);
}

static struct ring_options options_of(struct run *r, struct mem_disk *d)
{
	struct ring_io *io = mem_disk_open(d);

	io->buffered = r->is_buffered;
	r->fault = (struct ring_fault){ 0 };
	return (struct ring_options){ .io = io,
				      .system = &r->system.system,
				      .on_damage = r->policy,
				      .fault = &r->fault };
}

/* ---- building a ring ---------------------------------------------------- */

static void attach_producer(struct run *r)
{
	struct ring_options o = options_of(r, r->disk);
	int rc;

	o.takeover = true;
	rc = ring_producer_attach("mem", &o, &r->producer, NULL);
	if (rc == -RING_ERR_TAKEOVERS) {
		/* There is no room for a gap. */
		o.former_is_off = true;
		rc = ring_producer_attach("mem", &o, &r->producer, NULL);
	}
	if (rc < 0)
		die(r, rc, "producer attach");
}

static void attach_consumer(struct run *r, unsigned i)
{
	struct ring_options o = options_of(r, r->disk);
	int rc;

	o.takeover = true;
	rc = ring_consumer_attach("mem", names[i], &o, &r->consumers[i], NULL);
	if (rc < 0)
		die(r, rc, "consumer attach");
}

static void detach_all(struct run *r)
{
	ring_producer_free(r->producer);
	for (unsigned i = 0; i < CURSORS; i++)
		ring_consumer_free(r->consumers[i]);
	r->producer = NULL;
	memset(r->consumers, 0, sizeof(r->consumers));
}

static void set_body(struct run *r, uint64_t sequence, struct body b)
{
	free(r->items[sequence].bytes);
	r->items[sequence] = b;
}

/* Random bytes; now and then a piece of this very ring. */
static struct body draw_body(struct run *r)
{
	struct body b = { .len = below(r, 4) == 0 ? below(r, BODY_MAX)
						  : below(r, 200) };
	const uint64_t data = r->info.data_offset_bytes;

	b.bytes = malloc(b.len + 1);
	assert_non_null(b.bytes);
	for (size_t i = 0; i < b.len; i++)
		b.bytes[i] = (uint8_t)draw_u64(&r->draw);
	if (below(r, 8) == 0)
		memcpy(b.bytes,
		       mem_disk_bytes(r->disk) + data +
			       8 * below(r, (r->disk_bytes - data - b.len) / 8),
		       b.len);
	return b;
}

static void do_store(struct run *r, bool publish)
{
	struct ring_entry entries[6];
	struct body bodies[6];
	const unsigned count = 1 + (unsigned)below(r, 6);
	int rc;

	if (r->pushed + count > ITEMS_MAX)
		return;
	for (unsigned i = 0; i < count; i++) {
		bodies[i] = draw_body(r);
		entries[i] = (struct ring_entry){ .data = bodies[i].bytes,
						  .data_bytes = bodies[i].len };
	}
	rc = publish ? ring_producer_publish(r->producer, entries, count, NULL,
					     NULL)
		     : ring_producer_push(r->producer, entries, count, NULL,
					  NULL);
	if (rc < 0 && rc != -RING_ERR_FULL && rc != -RING_ERR_TOO_BIG)
		die(r, rc, "store");
	for (unsigned i = 0; i < count; i++) {
		if (rc == 0)
			set_body(r, r->pushed + i, bodies[i]);
		else
			free(bodies[i].bytes);
	}
	if (rc == 0)
		r->pushed += count;
	if (rc == 0 && publish)
		r->exposed = r->pushed;
}

static void do_advance(struct run *r)
{
	int rc = ring_producer_advance(r->producer, RING_POSITION_NONE, NULL);

	if (rc < 0)
		die(r, rc, "advance");
	r->exposed = r->pushed;
}

static void do_discard(struct run *r)
{
	int rc = ring_producer_discard(r->producer, NULL);

	if (rc < 0)
		die(r, rc, "discard");
	r->pushed = r->exposed;
}

static void do_consume(struct run *r)
{
	const unsigned i = (unsigned)below(r, CURSORS);
	const uint64_t most = below(r, 24);
	uint64_t position = RING_POSITION_NONE;
	struct ring_item item;
	int rc = 0;

	for (uint64_t n = 0; rc == 0 && n < most; n++) {
		rc = ring_consumer_pop(r->consumers[i], position, &item);
		if (rc != 0)
			break;
		assert_int_equal(item.sequence, r->consumed[i] + n);
		position = item.next;
	}
	if (position == RING_POSITION_NONE)
		return;
	rc = ring_consumer_advance(r->consumers[i], position, NULL);
	if (rc < 0)
		die(r, rc, "consume");
	r->consumed[i] = item.sequence + 1;
}

/* The process ends, or it dies, or another host takes over. */
static void do_attach(struct run *r)
{
	const uint64_t how = below(r, 3);

	if (how == 0)
		r->system.self.host_id[0]++;
	if (how < 2) {
		struct mem_disk *d = mem_disk_new(r->disk_bytes, SECTOR);

		memcpy(mem_disk_bytes(d), mem_disk_bytes(r->disk),
		       r->disk_bytes);
		detach_all(r);
		mem_disk_free(r->disk);
		r->disk = d;
	} else {
		detach_all(r);
	}
	attach_producer(r);
	for (unsigned i = 0; i < CURSORS; i++)
		attach_consumer(r, i);
}

static void step(struct run *r)
{
	switch (below(r, 16)) {
	case 0 ... 2:
		do_store(r, false);
		break;
	case 3 ... 6:
		do_store(r, true);
		break;
	case 7:
		do_advance(r);
		break;
	case 8:
		do_discard(r);
		break;
	case 9:
		if (below(r, 3) == 0)
			do_attach(r);
		break;
	case 10:
		(void)ring_producer_state(r->producer,
					  &(struct ring_producer_state){ 0 });
		break;
	default:
		do_consume(r);
	}
}

static void create_ring(struct run *r)
{
	struct ring_options o;
	int rc;

	r->create = (struct ring_create_options){
		.block_bytes = below(r, 2) == 0 ? 512 : 4096,
		.cursor_slots = CURSORS,
		.consumers = names,
		.consumer_count = CURSORS,
		.max_item_bytes = BODY_MAX,
		.padded = below(r, 2) == 0,
	};
	r->create.size_bytes =
		r->create.block_bytes == 512
			? 327680 + 16384 + 8192 * below(r, 4)
			: 327680 + 4 * 65536 + 65536 * below(r, 2);
	r->create.max_batch_bytes = r->create.block_bytes == 512 ? 8192 : 16384;
	r->disk_bytes = r->create.size_bytes;
	r->is_buffered = below(r, 2) == 0;
	r->disk = mem_disk_new(r->disk_bytes, SECTOR);
	o = options_of(r, r->disk);
	rc = ring_create("mem", &r->create, &o);
	ring_io_close(o.io);
	if (rc < 0)
		die(r, rc, "create");
	tell(r, "%" PRIu64 " bytes, block %u%s%s\n", r->create.size_bytes,
	     r->create.block_bytes, r->create.padded ? ", padded" : "",
	     r->is_buffered ? ", buffered" : "");
}

static int add_record(void *ctx, const struct ring_record_view *v)
{
	struct run *r = ctx;

	assert_true(r->record_count < RECORDS_MAX);
	assert_true(v->valid);
	r->records[r->record_count++] = (struct record){
		.position = v->position,
		.next = v->next,
		.end = v->position + 48 + v->body_bytes +
		       (v->kind == RING_RECORD_COMMIT ? 40 : 0),
		.kind = v->kind,
		.sequence = v->sequence,
		.exposed = v->exposed,
		.from = v->from,
	};
	return 0;
}

static void look_at_good(struct run *r)
{
	struct mem_disk *d = mem_disk_new(r->disk_bytes, SECTOR);
	struct ring_options o = options_of(r, d);
	int rc;

	memcpy(mem_disk_bytes(d), r->good, r->disk_bytes);
	rc = ring_info("mem", &o, &r->info);
	if (rc == 0)
		rc = ring_walk("mem", &o, RING_POSITION_NONE, add_record, r);
	ring_io_close(o.io);
	mem_disk_free(d);
	if (rc < 0)
		die(r, rc, "looking at the undamaged ring");
}

static void build(struct run *r)
{
	const unsigned ops = (unsigned)below(r, OPS);

	r->moment = "build";
	create_ring(r);
	{
		struct ring_options o = options_of(r, r->disk);
		assert_int_equal(ring_info("mem", &o, &r->info), 0);
		ring_io_close(o.io);
	}
	attach_producer(r);
	for (unsigned i = 0; i < CURSORS; i++)
		attach_consumer(r, i);
	for (unsigned i = 0; i < ops; i++)
		step(r);
	if (below(r, 2) == 0)
		detach_all(r);
	memcpy(r->good, mem_disk_bytes(r->disk), r->disk_bytes);
	detach_all(r);
	look_at_good(r);
	tell(r,
	     "pushed %" PRIu64 " exposed %" PRIu64 " consumed %" PRIu64
	     " %" PRIu64 " %" PRIu64 ", tail %" PRIu64 " checkpoint %" PRIu64
	     " end %" PRIu64 "\n",
	     r->pushed, r->exposed, r->consumed[0], r->consumed[1],
	     r->consumed[2], r->info.tail, r->info.checkpoint, r->info.end);
}

/* ---- damage ------------------------------------------------------------- */

static uint64_t offset_of(const struct run *r, uint64_t position)
{
	return r->info.data_offset_bytes + position % r->info.data_bytes;
}

/* A place in the stream that is in use. */
static uint64_t draw_live(struct run *r)
{
	const uint64_t from = r->info.tail;
	const uint64_t len = r->info.end - from;

	return offset_of(r, len == 0 ? from : from + below(r, len));
}

static uint64_t draw_length(struct run *r)
{
	static const uint64_t limits[] = { 1, 8, 64, 512, 2048, 12288 };

	return 1 + below(r, limits[below(r, 6)]);
}

/* As one byte is changed, as blocks are lost, or as they land elsewhere. */
static void spoil(struct run *r, uint64_t at, uint64_t len)
{
	const uint64_t how = below(r, 5);
	uint64_t from;

	if (how >= 3) {
		at = at / SECTOR * SECTOR;
		len = (len + SECTOR - 1) / SECTOR * SECTOR;
	}
	if (at + len > r->disk_bytes)
		len = r->disk_bytes - at;
	from = SECTOR * below(r, (r->disk_bytes - len) / SECTOR + 1);
	tell(r, "  %s %" PRIu64 " bytes at offset %" PRIu64 "\n",
	     how == 0   ? "flip in"
	     : how == 1 ? "noise in"
	     : how == 4 ? "another block in"
			: "zeros in",
	     len, at);
	if (how == 0)
		r->bad[at + below(r, len)] ^= (uint8_t)(1u << below(r, 8));
	else if (how == 1)
		for (uint64_t i = 0; i < len; i++)
			r->bad[at + i] = (uint8_t)draw_u64(&r->draw);
	else if (how == 4)
		memcpy(r->bad + at, r->good + from, len);
	else
		memset(r->bad + at, 0, len);
}

static void spoil_slot(struct run *r)
{
	const uint64_t stride = 4096;
	const uint64_t role = below(r, 2 + CURSORS);
	const uint64_t copy = below(r, 8);
	const uint64_t at = 131072 + (role * 9 + copy) * stride;

	r->only_data = false;
	if (below(r, 2) == 0)
		spoil(r, at + below(r, stride), draw_length(r));
	else {
		tell(r,
		     "  zeros in both copies of pair %" PRIu64
		     " of role %" PRIu64 "\n",
		     copy / 2, role);
		memset(r->bad + 131072 + (role * 9 + copy / 2 * 2) * stride, 0,
		       2 * stride);
	}
}

/*
 * A gap that was laid in a full ring is longer than a hole may be; when the
 * producer's slot is lost, nothing tells that it is a gap.
 */
static bool is_overfull(const struct run *r)
{
	return r->info.end - r->info.tail > r->info.data_bytes;
}

static void do_damage(struct run *r)
{
	const unsigned spots = 1 + (unsigned)below(r, SPOTS_MAX);
	const bool data_only = below(r, 3) != 0;

	r->moment = "damage";
	r->only_data = true;
	memcpy(r->bad, r->good, r->disk_bytes);
	for (unsigned i = 0; i < spots; i++) {
		const uint64_t where =
			below(r, data_only || is_overfull(r) ? 5 : 9);

		if (where < 4) {
			spoil(r, draw_live(r), draw_length(r));
		} else if (where == 4) {
			spoil(r,
			      r->info.data_offset_bytes +
				      below(r, r->info.data_bytes),
			      draw_length(r));
		} else if (where < 8) {
			spoil_slot(r);
		} else {
			r->only_data = false;
			tell(r, "  a superblock\n");
			r->bad[65536 * below(r, 2) + below(r, 512)] ^= 1;
		}
	}
}

/* ---- what a repair may lose --------------------------------------------- */

static bool is_damaged(const struct run *r, const struct record *rec)
{
	for (uint64_t p = rec->position; p < rec->end; p++)
		if (r->good[offset_of(r, p)] != r->bad[offset_of(r, p)])
			return true;
	return false;
}

static uint64_t mark_of(const struct run *r)
{
	uint64_t mark = r->info.checkpoint;

	for (unsigned i = 0; i < r->info.cursor_count; i++)
		if (r->info.cursors[i].position > mark)
			mark = r->info.cursors[i].position;
	return mark;
}

/* The index of the record at which damage reads as the end (R1), or of what
 * lies behind the last one. */
static unsigned find_silent_end(const struct run *r)
{
	const uint64_t mark = mark_of(r);
	uint64_t reached_to = r->info.tail;

	for (unsigned i = 0; i < r->record_count; i++) {
		const struct record *rec = &r->records[i];

		if (rec->is_damaged) {
			/* A hole ends at the mark, if not before. */
			if (reached_to >= mark || rec->position >= mark)
				return i;
			if (i + 1 < r->record_count &&
			    !r->records[i + 1].is_damaged)
				reached_to = rec->next > reached_to
						     ? rec->next
						     : reached_to;
		} else if (rec->kind == RING_RECORD_COMMIT) {
			reached_to = rec->next;
		}
	}
	return r->record_count;
}

/*
 * Items that must be given: not damaged, and neither is any record up to the
 * commit that exposes them, for that one proves that they are visible. When
 * all that follows the damage goes, only those before it.
 */
static void find_must_give(struct run *r)
{
	const unsigned silent = find_silent_end(r);
	bool seen_damage = false;

	memset(r->must_give, 0, sizeof(r->must_give));
	for (unsigned i = 0; i < silent; i++) {
		const struct record *item = &r->records[i];
		unsigned k = i;

		seen_damage |= item->is_damaged;
		if (item->kind != RING_RECORD_ITEM ||
		    (seen_damage && r->policy == RING_DAMAGE_TRUNCATE))
			continue;
		while (k < silent && !r->records[k].is_damaged &&
		       !(r->records[k].kind == RING_RECORD_COMMIT &&
			 r->records[k].exposed > item->position))
			k++;
		if (k < silent && !r->records[k].is_damaged &&
		    r->records[k].from <= item->position)
			r->must_give[item->sequence] = true;
	}
}

/* ---- repairing ---------------------------------------------------------- */

struct undo {
	uint64_t offset;
	size_t len;
	uint8_t *bytes;
};

struct repairing {
	struct run *run;
	unsigned steps, impossible;
	bool slot_is_impossible;
	unsigned saves, refuse_at; /* 0: never */
	struct undo undo[UNDO_MAX];
};

static int count_step(void *ctx, const struct ring_repair_step *step)
{
	struct repairing *p = ctx;

	p->steps += step->is_possible;
	p->impossible += !step->is_possible;
	if (!step->is_possible && step->what == RING_REPAIR_SLOT)
		p->slot_is_impossible = true;
	if (step->is_possible && step->length_bytes == 0)
		die(p->run, 0, "a step without a length: %s", step->text);
	if (getenv("TEST_SHOW") != NULL)
		printf("  %s: %s: lost %" PRIu64 " from %" PRIu64 "\n",
		       policy_name(p->run->policy), step->text,
		       step->lost_items, step->first_lost);
	reached.holes += step->is_possible && step->what == RING_REPAIR_STREAM;
	reached.slots += step->is_possible && step->what == RING_REPAIR_SLOT;
	reached.superblocks += step->what == RING_REPAIR_SUPERBLOCK;
	return 0;
}

static int save(void *ctx, uint64_t offset, const void *bytes, size_t len)
{
	struct repairing *p = ctx;
	struct undo *u = &p->undo[p->saves];

	if (++p->saves == p->refuse_at)
		return REFUSED;
	assert_true(p->saves <= UNDO_MAX);
	*u = (struct undo){ .offset = offset, .len = len };
	u->bytes = malloc(len);
	assert_non_null(u->bytes);
	memcpy(u->bytes, bytes, len);
	return 0;
}

static void forget(struct repairing *p)
{
	for (unsigned i = 0; i < UNDO_MAX; i++)
		free(p->undo[i].bytes);
}

static struct mem_disk *copy_disk(const struct run *r, const uint8_t *bytes)
{
	struct mem_disk *d = mem_disk_new(r->disk_bytes, SECTOR);

	memcpy(mem_disk_bytes(d), bytes, r->disk_bytes);
	return d;
}

static int repair(struct repairing *p, struct mem_disk *d, bool apply)
{
	const struct ring_repair_options how = { .apply = apply, .save = save };
	struct ring_options o = options_of(p->run, d);
	int rc;

	o.takeover = true;
	rc = ring_repair("mem", &o, &how, count_step, p);
	ring_io_close(o.io);
	if (rc >= 0 && (unsigned)rc != p->steps)
		die(p->run, rc, "%d steps returned, %u told", rc, p->steps);
	return rc;
}

static int repair_fresh(struct run *r, struct mem_disk *d, bool apply,
			unsigned *ret_impossible)
{
	struct repairing p = { .run = r };
	int rc = repair(&p, d, apply);

	*ret_impossible = p.impossible;
	forget(&p);
	return rc;
}

static void undo_all(const struct repairing *p, uint8_t *bytes)
{
	for (unsigned i = p->saves; i-- > 0;)
		memcpy(bytes + p->undo[i].offset, p->undo[i].bytes,
		       p->undo[i].len);
}

struct findings {
	struct run *run;
	int damage;
};

/* A warning may stay: a cursor's next attach makes good for a lost write. */
static void count_finding(void *ctx, const struct ring_finding *f)
{
	struct findings *findings = ctx;

	if (f->severity < RING_DAMAGE)
		return;
	findings->damage++;
	tell(findings->run, "finding: %s\n", f->text);
}

static int check(struct run *r, struct mem_disk *d)
{
	struct ring_options o = options_of(r, d);
	struct findings findings = { .run = r };
	int rc = ring_check("mem", &o, count_finding, &findings);

	ring_io_close(o.io);
	return rc < 0 ? rc : findings.damage;
}

/* What holds of every ring that was repaired. */
static void assert_mended(struct run *r, struct mem_disk *d)
{
	unsigned impossible;
	int rc = repair_fresh(r, d, true, &impossible);

	if (rc != 0)
		die(r, rc, "repaired again, there is something to do");
	if (r->policy == RING_DAMAGE_STOP)
		return;
	if (impossible != 0)
		die(r, rc, "repaired, something remains");
	rc = check(r, d);
	if (rc != 0)
		die(r, rc, "repaired, and the checker finds damage");
}

/* ---- reading out -------------------------------------------------------- */

struct reading {
	struct run *run;
	unsigned cursor;
	uint64_t next; /* number expected */
	uint64_t given;
	bool was_given[ITEMS_MAX];
	uint64_t position; /* behind the last one; 0: none yet */
	uint64_t passed;   /* losses before this position were told */
};

static void on_loss(void *ctx, const struct ring_loss *loss)
{
	struct reading *g = ctx;

	if (loss->next <= loss->position)
		die(g->run, 0, "a loss without a length");
	if (loss->next <= g->passed)
		return; /* it is told again when it is read again */
	if (getenv("TEST_SHOW") != NULL)
		printf("  cursor %s: lost [%" PRIu64 ", %" PRIu64 "), %" PRIu64
		       " items from %" PRIu64 "%s\n",
		       names[g->cursor], loss->position, loss->next,
		       loss->items, loss->sequence,
		       loss->is_repaired ? ", repaired" : "");
	g->passed = loss->next;
	if (loss->items > 0 && loss->sequence != g->next)
		die(g->run, 0, "a loss from %" PRIu64 ", not %" PRIu64,
		    loss->sequence, g->next);
	g->next += loss->items;
	reached.lost += loss->items;
}

static void assert_item(struct reading *g, const struct ring_item *item)
{
	struct run *r = g->run;
	const struct body *want;

	if (item->sequence != g->next)
		die(r, 0, "cursor %s: item %" PRIu64 ", not %" PRIu64,
		    names[g->cursor], item->sequence, g->next);
	if (item->sequence >= ITEMS_MAX)
		die(r, 0, "an item that never was");
	want = &r->items[item->sequence];
	if (want->len != item->data_bytes ||
	    (want->len > 0 && memcmp(want->bytes, item->data, want->len) != 0))
		die(r, 0, "cursor %s: item %" PRIu64 " has other bytes",
		    names[g->cursor], item->sequence);
	g->was_given[item->sequence] = true;
	g->next++;
	g->given++;
	g->position = item->next;
	reached.given++;
}

static int read_all(struct reading *g, struct ring_consumer *c)
{
	struct ring_item item;
	int rc;

	while ((rc = ring_consumer_pop(c, g->position, &item)) == 0)
		assert_item(g, &item);
	return rc;
}

/* NULL: its name is lost. */
static struct ring_consumer *attach_reader(struct reading *g,
					   struct mem_disk *d)
{
	struct run *r = g->run;
	struct ring_options o = options_of(r, d);
	struct ring_consumer_state s;
	struct ring_consumer *c;
	int rc;

	o.takeover = true;
	o.lost = on_loss;
	o.lost_ctx = g;
	rc = ring_consumer_attach("mem", names[g->cursor], &o, &c, &s);
	if (rc < 0)
		ring_io_close(o.io);
	if (rc == -RING_ERR_NO_CONSUMER && !r->only_data)
		return NULL;
	if (rc < 0)
		die(r, rc, "consumer %s can't attach", names[g->cursor]);
	if (r->only_data && s.items != r->consumed[g->cursor])
		die(r, rc, "cursor %s is elsewhere", names[g->cursor]);
	if (s.items > r->consumed[g->cursor])
		die(r, rc, "cursor %s went forward: %" PRIu64, names[g->cursor],
		    s.items);
	g->next = s.items;
	return c;
}

static void assert_all_given(const struct reading *g, uint64_t from)
{
	for (uint64_t i = from; i < g->run->exposed; i++)
		if (g->run->must_give[i] && !g->was_given[i])
			die(g->run, 0,
			    "cursor %s: undamaged item %" PRIu64 " is lost",
			    names[g->cursor], i);
}

static void publish_new(struct run *r, struct ring_producer *p,
			uint64_t sequence)
{
	struct body b = draw_body(r);
	const struct ring_entry e = { .data = b.bytes, .data_bytes = b.len };
	int rc = ring_producer_publish(p, &e, 1, NULL, NULL);

	if (rc < 0)
		die(r, rc, "publish after the repair");
	assert_true(sequence < ITEMS_MAX);
	set_body(r, sequence, b);
}

/* Read all there is by all cursors, then some laps. */
static void use(struct run *r, struct mem_disk *d)
{
	struct reading *g = calloc(CURSORS, sizeof(*g));
	struct ring_consumer *c[CURSORS];
	struct ring_producer_state s;
	struct ring_producer *p;
	struct ring_options o = options_of(r, d);
	struct ring_fault fault = { 0 };
	int rc;

	assert_non_null(g);
	o.takeover = true;
	o.fault = &fault;
	rc = ring_producer_attach("mem", &o, &p, &s);
	r->fault = fault;
	if (rc < 0)
		die(r, rc, "producer attach after the repair");
	for (unsigned i = 0; i < CURSORS; i++) {
		uint64_t from;

		g[i].run = r;
		g[i].cursor = i;
		c[i] = attach_reader(&g[i], d);
		if (c[i] == NULL)
			continue;
		from = g[i].next;
		rc = read_all(&g[i], c[i]);
		if (rc != -RING_ERR_EMPTY)
			die(r, rc, "reading cursor %s", names[i]);
		if (r->only_data)
			assert_all_given(&g[i], from);
		if (g[i].next < s.exposed_items || g[i].next > s.pushed_items)
			die(r, 0,
			    "cursor %s: given and lost end at %" PRIu64
			    ", exposed at %" PRIu64 ", pushed %" PRIu64,
			    names[i], g[i].next, s.exposed_items,
			    s.pushed_items);
	}
	/* Of an earlier end the model does not know what was pending. */
	if (s.pushed_items == r->pushed && below(r, 2) == 0)
		rc = ring_producer_advance(p, RING_POSITION_NONE, NULL);
	else
		rc = ring_producer_discard(p, NULL);
	if (rc < 0 && rc != -RING_ERR_FULL)
		die(r, rc, "settling what was pending");
	for (unsigned n = 0; n < 40; n++) {
		for (unsigned i = 0; i < CURSORS; i++) {
			if (c[i] == NULL)
				continue;
			rc = read_all(&g[i], c[i]);
			if (rc != -RING_ERR_EMPTY)
				die(r, rc, "reading on");
			if (g[i].position != 0)
				rc = ring_consumer_advance(c[i], g[i].position,
							   NULL);
			if (rc < 0 && rc != -RING_ERR_EMPTY)
				die(r, rc, "advance after the repair");
			/* What holds no items is given back by looking. */
			rc = read_all(&g[i], c[i]);
			if (rc != -RING_ERR_EMPTY)
				die(r, rc, "looking again");
		}
		if (c[0] == NULL || c[1] == NULL || c[2] == NULL)
			break; /* nobody frees the space of the nameless */
		rc = ring_producer_state(p, &s);
		if (rc < 0)
			die(r, rc, "state");
		publish_new(r, p, s.pushed_items);
	}
	ring_producer_free(p);
	for (unsigned i = 0; i < CURSORS; i++)
		ring_consumer_free(c[i]);
	free(g);
	rc = check(r, d);
	if (rc != 0)
		die(r, rc, "used after the repair, there is damage");
}

/* ---- the three ways ----------------------------------------------------- */

/* A copy of the model's items, to go back to after use(). */
static struct body *keep_items(const struct run *r)
{
	struct body *kept = calloc(ITEMS_MAX, sizeof(*kept));

	assert_non_null(kept);
	for (unsigned i = 0; i < ITEMS_MAX; i++) {
		if (r->items[i].bytes == NULL)
			continue;
		kept[i].len = r->items[i].len;
		kept[i].bytes = malloc(kept[i].len + 1);
		assert_non_null(kept[i].bytes);
		memcpy(kept[i].bytes, r->items[i].bytes, kept[i].len);
	}
	return kept;
}

static void restore_items(struct run *r, struct body *kept)
{
	for (unsigned i = 0; i < ITEMS_MAX; i++)
		set_body(r, i, kept[i]);
	free(kept);
}

static void assert_same(const struct run *r, struct mem_disk *d,
			const char *what)
{
	if (memcmp(mem_disk_bytes(d), r->bad, r->disk_bytes) != 0)
		die(r, 0, "%s", what);
}

/* Interrupted before a write, and done again. */
static void interrupt(struct run *r, unsigned writes)
{
	struct mem_disk *d = copy_disk(r, r->bad);
	struct repairing p = { .run = r };
	unsigned impossible;
	int rc;

	r->moment = "interrupted";
	p.refuse_at = 1 + (unsigned)below(r, writes);
	rc = repair(&p, d, true);
	if (rc != REFUSED)
		die(r, rc, "a refused save does not stop it");
	r->moment = "after an interruption";
	rc = repair_fresh(r, d, true, &impossible);
	if (rc < 0)
		die(r, rc, "a second repair fails");
	assert_mended(r, d);
	if (r->policy != RING_DAMAGE_STOP) {
		struct body *kept = keep_items(r);

		use(r, d);
		restore_items(r, kept);
	}
	forget(&p);
	mem_disk_free(d);
	reached.interrupted++;
}

/* What a repair may refuse. */
static bool is_lost_whole(const struct run *r, int rc,
			  const struct repairing *p)
{
	if (rc == -RING_ERR_SUPERBLOCK || rc == -RING_ERR_NOT_A_RING)
		return !r->only_data;
	if (rc == -RING_ERR_SLOT)
		return p->slot_is_impossible;
	return rc == -RING_ERR_DAMAGED && p->slot_is_impossible &&
	       r->policy == RING_DAMAGE_STOP;
}

static void try_policy(struct run *r, enum ring_on_damage policy)
{
	struct mem_disk *d = copy_disk(r, r->bad);
	struct repairing plan = { .run = r }, done = { .run = r };
	int planned, rc;

	r->policy = policy;
	find_must_give(r);
	if (getenv("TEST_SHOW") != NULL)
		for (unsigned i = 0; i < r->record_count; i++)
			printf("  %s [%" PRIu64 ", %" PRIu64 ") %" PRIu64
			       " kind %d exposed %" PRIu64 "%s%s\n",
			       i == find_silent_end(r) ? "end" : "   ",
			       r->records[i].position, r->records[i].next,
			       r->records[i].sequence, r->records[i].kind,
			       r->records[i].exposed,
			       r->records[i].is_damaged ? " DAMAGED" : "",
			       r->records[i].kind == RING_RECORD_ITEM &&
					       r->must_give[r->records[i]
								    .sequence]
				       ? " must"
				       : "");
	r->moment = "plan";
	planned = repair(&plan, d, false);
	assert_same(r, d, "a plan changes something");
	r->moment = "apply";
	rc = repair(&done, d, true);
	if (rc != planned || done.impossible != plan.impossible)
		die(r, rc, "planned %d, %u; done %d, %u", planned,
		    plan.impossible, rc, done.impossible);
	reached.repairs++;
	reached.impossible += done.impossible;
	if (rc < 0 && !is_lost_whole(r, rc, &done))
		die(r, rc, "repair fails");
	if (rc >= 0) {
		struct mem_disk *u = copy_disk(r, mem_disk_bytes(d));
		struct body *kept;

		reached.steps += (unsigned)rc;
		undo_all(&done, mem_disk_bytes(u));
		assert_same(r, u, "the saved bytes do not undo it");
		mem_disk_free(u);
		r->moment = "again";
		assert_mended(r, d);
		r->moment = "use";
		if (policy != RING_DAMAGE_STOP || done.impossible == 0) {
			kept = keep_items(r);
			use(r, d);
			restore_items(r, kept);
		}
		if (done.saves > 0)
			interrupt(r, done.saves);
	} else {
		reached.lost_whole++;
	}
	forget(&plan);
	forget(&done);
	mem_disk_free(d);
}

/* ---- one ring ----------------------------------------------------------- */

static void run_one(uint64_t seed)
{
	struct run *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->seed = seed;
	r->draw.state = seed;
	r->good = malloc(1 << 20);
	r->bad = malloc(1 << 20);
	assert_true(r->good != NULL && r->bad != NULL);
	fake_system_init(&r->system, 1, 1);
	r->system.others_died = true;
	build(r);
	do_damage(r);
	for (unsigned i = 0; i < r->record_count; i++)
		r->records[i].is_damaged = is_damaged(r, &r->records[i]);
	for (unsigned policy = 0; policy <= RING_DAMAGE_TRUNCATE; policy++)
		try_policy(r, (enum ring_on_damage)policy);
	for (unsigned i = 0; i < ITEMS_MAX; i++)
		free(r->items[i].bytes);
	mem_disk_free(r->disk);
	free(r->good);
	free(r->bad);
	free(r);
	reached.rings++;
}

static void test_random(void **state)
{
	const char *text = getenv("TEST_RUNS");
	const unsigned long runs = text != NULL ? strtoul(text, NULL, 0) : RUNS;
	const struct draw first = draw_begin("repair");

	(void)state;
	for (unsigned long i = 0; i < runs; i++)
		run_one(first.state + i);
	printf("repair: %lu rings, %lu repairs, %lu steps: %lu holes, %lu "
	       "slots, %lu superblocks; %lu impossible; %lu items given, %lu "
	       "lost; %lu can't be repaired, %lu interrupted\n",
	       reached.rings, reached.repairs, reached.steps, reached.holes,
	       reached.slots, reached.superblocks, reached.impossible,
	       reached.given, reached.lost, reached.lost_whole,
	       reached.interrupted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("repair_random", tests, NULL, NULL);
}
