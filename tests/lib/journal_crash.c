#include "tests/lib/journal_crash.h"

#include "journal/state.h"
#include "tests/lib/draw.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/journal_record.h"
#include "tests/lib/sim_disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SECTOR = 512,
	RING_BYTES = 270336,
	OPS = 96,
	OP_BYTES = 1500,
	NESTED_ONE_OF = 24,
	TURNS_MAX = 400,
};

/* ---- what was pushed, and may have been done ----------------------------- */

struct expected {
	uint32_t tags[OPS];
	bool may_skip[OPS]; /* on_poison said so */
	unsigned acked;     /* operations whose push has returned */
	unsigned flying;    /* ... of one that has not */
	unsigned synced;    /* below, a waiter was told that they are done */
};

/* How perform is to behave, the next time. */
enum mood { MOOD_WORKS, MOOD_FAILS, MOOD_HALF, MOOD_ERROR_AFTER, MOOD_SKIPS };

/* A process: a journal, and what it performs with. */
struct process {
	struct journal_crash *c;
	struct expected *expected;
	struct sim_disk *disk;
	struct sim_disk *record;
	struct ring_io *record_io;
	unsigned records;
	enum mood mood;
	struct fake_system system;
	struct journal *j;
};

static size_t op_len(uint32_t tag)
{
	return tag % 7 == 0 ? OP_BYTES - tag % 100 : 4 + tag % 40;
}

static void op_fill(uint32_t tag, uint8_t *bytes)
{
	struct draw d = { tag };

	for (size_t i = 0; i < op_len(tag); i++)
		bytes[i] = (uint8_t)draw_u64(&d);
	memcpy(bytes, &tag, sizeof(tag));
}

static bool op_is(const struct journal_op *op, uint32_t tag)
{
	uint8_t bytes[OP_BYTES];

	if (op->len_bytes != op_len(tag))
		return false;
	op_fill(tag, bytes);
	return memcmp(bytes, op->bytes, op->len_bytes) == 0;
}

static void wrong(struct journal_crash *c, const char *what, uint64_t value)
{
	if (c->violations++ == 0)
		snprintf(c->text, sizeof(c->text),
			 "%s (%llu), seed %llu, calls '%s', point %llu", what,
			 (unsigned long long)value, (unsigned long long)c->seed,
			 c->made, (unsigned long long)c->points);
}

/* ---- performing --------------------------------------------------------- */

static int perform(void *ctx, const struct journal_op *ops, size_t count)
{
	struct process *p = ctx;
	const enum mood mood = p->mood;
	int rc;

	p->mood = MOOD_WORKS;
	for (size_t i = 0; i < count; i++)
		if (ops[i].number >= OPS ||
		    !op_is(&ops[i], p->expected->tags[ops[i].number]))
			wrong(p->c, "not what was pushed", ops[i].number);
	if (mood == MOOD_FAILS || mood == MOOD_SKIPS) {
		p->mood = mood == MOOD_SKIPS ? mood : MOOD_WORKS;
		return -EIO;
	}
	if (mood == MOOD_HALF)
		count /= 2;
	rc = count == 0
		     ? 0
		     : journal_record_add(p->record_io, p->records, ops, count);
	p->records += (unsigned)count;
	if (rc < 0 || mood == MOOD_ERROR_AFTER)
		return -EIO;
	p->c->performed += count;
	return (int)count;
}

static enum journal_verdict on_poison(void *ctx,
				      const struct journal_poison *poison)
{
	struct process *p = ctx;

	if (p->mood != MOOD_SKIPS)
		return JOURNAL_RETRY;
	p->mood = MOOD_WORKS;
	p->expected->may_skip[poison->op.number] = true;
	return JOURNAL_SKIP;
}

/* ---- processes ----------------------------------------------------------- */

static int open_disk(void *ctx, struct ring_io **ret_io)
{
	struct process *p = ctx;

	*ret_io = sim_disk_open(p->disk);
	return 0;
}

/* Whether it started. Zero *p before, but for disks and expectations. */
static bool process_start(struct process *p)
{
	const struct journal_options o = {
		.batch_ops = 3,
		.batch_bytes = 4096,
		.push_never_waits = true,
		.poison_after = 1,
		.on_poison = on_poison,
		.ring = { .system = &p->system.system },
		.open = open_disk,
		.open_ctx = p,
	};
	int rc;

	p->record_io = sim_disk_open(p->record);
	p->records = journal_record_read(p->record)->count;
	rc = journal_open("sim", &o, perform, p, &p->j);
	if (rc < 0)
		wrong(p->c, "it does not start", (uint64_t)-rc);
	return rc == 0;
}

static void process_stop(struct process *p)
{
	journal_free(p->j);
	ring_io_close(p->record_io);
	p->j = NULL;
	p->record_io = NULL;
}

/* One turn, and time enough for a retry before it. */
static enum action turn(struct process *p)
{
	struct plan plan;

	p->system.monotonic_ns += UINT64_C(6000000000);
	plan = journal_turn(p->j);
	journal_keep(p->j);
	return plan.action;
}

static void drain(struct process *p)
{
	unsigned turns = 0;

	while (journal_sync(p->j, NULL, 0) == -RING_ERR_TIMEOUT &&
	       turns++ < TURNS_MAX)
		if (turn(p) == ACTION_END)
			break;
	if (journal_sync(p->j, NULL, 0) != 0)
		wrong(p->c, "it does not go on", turns);
}

static int push(struct process *p, unsigned count, struct draw *draw)
{
	uint8_t bytes[2][OP_BYTES]; /* not static either */
	struct expected *x = p->expected;
	struct journal_op ops[2];
	int rc;

	if (x->acked + count > OPS)
		return 0;
	for (unsigned i = 0; i < count; i++) {
		const uint32_t tag = (uint32_t)draw_u64(draw) | 1;

		x->tags[x->acked + i] = tag;
		op_fill(tag, bytes[i]);
		ops[i] = (struct journal_op){ .bytes = bytes[i],
					      .len_bytes = op_len(tag) };
	}
	x->flying = count;
	rc = journal_push_many(p->j, ops, count, NULL);
	x->flying = 0;
	if (rc == 0)
		x->acked += count;
	else if (rc != -RING_ERR_FULL)
		wrong(p->c, "push", (uint64_t)-rc);
	return rc;
}

/* ---- judging ------------------------------------------------------------- */

/* The first time that each is performed is in order: up to which is it? */
static unsigned performed_below(struct journal_crash *c,
				const struct expected *x,
				const struct journal_record *r)
{
	unsigned next = 0;

	for (unsigned i = 0; i < r->count; i++) {
		const struct journal_entry e = journal_record_at(r, i);

		if (e.number >= x->acked + x->flying ||
		    e.tag != x->tags[e.number]) {
			wrong(c, "performed and never pushed", e.number);
			return next;
		}
		while (next < e.number && x->may_skip[next])
			next++;
		if (e.number > next)
			wrong(c, "performed before an earlier one", e.number);
		if (e.number == next)
			next++;
	}
	while (next < OPS && x->may_skip[next])
		next++;
	return next;
}

/* The skips of a journal are of those that were never performed, and maybe of
 * some that were, but failed after that. */
static bool skips_are_right(const struct expected *x,
			    const struct journal_record *r, uint64_t skipped)
{
	bool seen[OPS] = { 0 };
	uint64_t least = 0, most = 0;

	for (unsigned i = 0; i < r->count; i++)
		if (journal_record_at(r, i).number < OPS)
			seen[journal_record_at(r, i).number] = true;
	for (unsigned i = 0; i < x->acked; i++) {
		least += !seen[i];
		most += !seen[i] || x->may_skip[i];
	}
	return skipped >= least && skipped <= most;
}

/* What a waiter was told of is not performed once more. */
static void check_repeated(struct journal_crash *c, const struct expected *x,
			   const struct journal_record *r, unsigned from)
{
	for (unsigned i = from; i < r->count; i++) {
		const struct journal_entry e = journal_record_at(r, i);

		if (e.number < x->synced)
			wrong(c, "synced, and performed again", e.number);
		for (unsigned k = 0; k < from; k++)
			c->repeated +=
				journal_record_at(r, k).number == e.number;
	}
}

/* The push that was under way has happened as a whole, or not at all. */
static void settle(struct process *p)
{
	struct expected *x = p->expected;
	const uint64_t pushed = p->j->end_number;

	if (pushed == x->acked + x->flying)
		x->acked += x->flying;
	else if (pushed != x->acked)
		wrong(p->c, "acknowledged, and not there", pushed);
	x->flying = 0;
}

static void finish(struct process *p, unsigned entries_before)
{
	struct journal_crash *c = p->c;
	const struct expected *x = p->expected;
	struct draw draw = { c->seed };
	const struct journal_record *record;
	struct journal_stats stats;

	settle(p);
	drain(p);
	check_repeated(c, x, journal_record_read(p->record), entries_before);
	(void)push(p, 1, &draw);
	drain(p);
	record = journal_record_read(p->record);
	if (performed_below(c, x, record) < x->acked)
		wrong(c, "acknowledged, and never performed", record->count);
	(void)journal_stats(p->j, &stats);
	if (!skips_are_right(x, record, stats.skipped))
		wrong(c, "skipped without a record", stats.skipped);
	c->skipped += stats.skipped;
}

/* ---- crashes ------------------------------------------------------------- */

struct crash {
	struct journal_crash *c;
	struct draw draw;
	struct process *p; /* that will be hit */
	bool may_nest;
};

static void crash_point(void *ctx, struct sim_disk *disk);

static void watch(struct process *p, sim_point_fn *point, struct crash *crash)
{
	p->disk->point = p->record->point = point;
	p->disk->point_ctx = p->record->point_ctx = crash;
}

/* A new process on what is left of both disks. */
static void recover(struct crash *crash, struct sim_disk *disk,
		    struct sim_disk *record, bool power)
{
	struct expected x = *crash->p->expected;
	struct process p = {
		.c = crash->c, .expected = &x, .disk = disk, .record = record
	};
	struct crash again = { .c = crash->c,
			       .draw = { draw_u64(&crash->draw) },
			       .p = &p };
	const struct journal_record *found;
	unsigned entries;

	crash->c->states++;
	found = journal_record_read(record);
	entries = found->count;
	if (performed_below(crash->c, &x, found) < x.synced)
		wrong(crash->c, "synced, and not performed", x.synced);
	fake_system_init(&p.system, 1, power ? 2 : 1);
	p.system.self.pid++;
	if (crash->may_nest && draw_below(&crash->draw, NESTED_ONE_OF) == 0) {
		crash->c->nested++;
		watch(&p, crash_point, &again);
	}
	if (process_start(&p)) {
		watch(&p, NULL, NULL);
		finish(&p, entries);
	}
	watch(&p, NULL, NULL);
	process_stop(&p);
}

static void cut(struct crash *crash, uint64_t seed, uint64_t record_seed)
{
	struct sim_disk disk, record;

	sim_disk_after_cut(crash->p->disk, seed, &disk);
	sim_disk_after_cut(crash->p->record, record_seed, &record);
	recover(crash, &disk, &record, true);
	sim_disk_release(&disk);
	sim_disk_release(&record);
}

static void kill_it(struct crash *crash)
{
	struct sim_disk disk, record;

	sim_disk_after_kill(crash->p->disk, &disk);
	sim_disk_after_kill(crash->p->record, &record);
	recover(crash, &disk, &record, false);
	sim_disk_release(&disk);
	sim_disk_release(&record);
}

static void crash_point(void *ctx, struct sim_disk *disk)
{
	struct crash *crash = ctx;

	(void)disk;
	watch(crash->p, NULL, NULL); /* what happens now is no point */
	crash->c->points++;
	kill_it(crash);
	cut(crash, 0, 0);
	cut(crash, 1, draw_below(&crash->draw, 2));
	for (unsigned i = 2; i < crash->c->cuts; i++)
		cut(crash, draw_u64(&crash->draw), draw_u64(&crash->draw));
	watch(crash->p, crash_point, crash);
}

/* ---- a run --------------------------------------------------------------- */

/*
 *   p q      push one, two together
 *   t        take a turn
 *   y        learn that all are performed
 *   f h e x  the next perform fails, does half, does it and fails, is skipped
 *   k        the producer is looked after
 *   r        shut down, and start again
 */
static const char letters[] = "ppqttttyfhexxkr";

static void restart(struct process *p)
{
	const enum mood mood = p->mood;

	process_stop(p);
	if (process_start(p))
		p->mood = mood;
}

static void call(struct process *p, char letter, struct draw *draw)
{
	switch (letter) {
	case 'p':
		(void)push(p, 1, draw);
		break;
	case 'q':
		(void)push(p, 2, draw);
		break;
	case 't':
		(void)turn(p);
		break;
	case 'y':
		if (journal_sync(p->j, NULL, 0) == 0)
			p->expected->synced = p->expected->acked;
		break;
	case 'f':
		p->mood = MOOD_FAILS;
		break;
	case 'h':
		p->mood = MOOD_HALF;
		break;
	case 'e':
		p->mood = MOOD_ERROR_AFTER;
		break;
	case 'x':
		p->mood = MOOD_SKIPS;
		break;
	case 'k':
		journal_keep(p->j);
		break;
	case 'r':
		restart(p);
		break;
	default:
		abort();
	}
}

static void draw_word(struct journal_crash *c, struct draw *draw)
{
	const size_t len = 2 + (size_t)draw_below(draw, JOURNAL_CRASH_WORD - 1);

	for (size_t i = 0; i < len; i++)
		c->made[i] = letters[draw_below(draw, sizeof(letters) - 1)];
	c->made[len] = '\0';
}

static void make_disks(struct process *p, struct draw *draw)
{
	const bool buffered = draw_below(draw, 2) == 0;
	const struct ring_create_options create = {
		.block_bytes = SECTOR,
		.cursor_slots = 1,
		.max_item_bytes = OP_BYTES,
		.max_batch_bytes = 8 * SECTOR,
		.padded = draw_below(draw, 2) == 0,
	};
	struct ring_options o = { .system = &p->system.system };
	int rc;

	sim_disk_init(p->disk, RING_BYTES);
	sim_disk_init(p->record,
		      JOURNAL_RECORD_ENTRIES * JOURNAL_RECORD_SECTOR);
	p->disk->buffered = p->record->buffered = buffered;
	o.io = sim_disk_open(p->disk);
	rc = ring_create("sim", &create, &o);
	ring_io_close(o.io);
	if (rc < 0)
		abort();
	sim_disk_flush(p->disk, 0, false);
	p->disk->lies = p->record->lies = p->c->lies;
}

void journal_crash_run(struct journal_crash *c, uint64_t seed)
{
	struct expected x = { 0 };
	struct sim_disk disk, record;
	struct process p = {
		.c = c, .expected = &x, .disk = &disk, .record = &record
	};
	struct crash crash = {
		.c = c, .draw = { seed }, .p = &p, .may_nest = true
	};

	c->seed = seed;
	c->runs++;
	fake_system_init(&p.system, 1, 1);
	make_disks(&p, &crash.draw);
	draw_word(c, &crash.draw);
	if (c->word != NULL)
		snprintf(c->made, sizeof(c->made), "%s", c->word);
	watch(&p, crash_point, &crash);
	if (process_start(&p)) {
		for (const char *l = c->made; *l != '\0' && p.j != NULL; l++) {
			call(&p, *l, &crash.draw);
			crash_point(&crash, &disk); /* it has returned */
		}
	}
	watch(&p, NULL, NULL);
	process_stop(&p);
	sim_disk_release(&disk);
	sim_disk_release(&record);
}
