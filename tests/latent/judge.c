#include "tests/latent/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *verdict_text(enum verdict verdict)
{
	static const char *const texts[VERDICTS] = {
		[VERDICT_CORRECT] = "correct", [VERDICT_NOTED] = "noted",
		[VERDICT_END] = "end",         [VERDICT_BACK] = "back",
		[VERDICT_DAMAGE] = "damage",   [VERDICT_ERROR] = "error",
		[VERDICT_WRONG] = "WRONG",
	};

	return texts[verdict];
}

__attribute__((format(printf, 3, 4))) static void
decide(struct judgement *ret, enum verdict verdict, const char *format, ...)
{
	va_list args;

	ret->verdict = verdict;
	va_start(args, format);
	vsnprintf(ret->text, sizeof(ret->text), format, args);
	va_end(args);
}

/* ---- a disk that forgets ------------------------------------------------ */

enum { BOOT = 2, UNDO_MAX = 256 };

struct bench {
	struct tap tap;
	struct fake_system system;
	struct ring_fault fault;
	struct mem_disk *disk;
	struct past_write undo[UNDO_MAX];
	unsigned undo_count;
};

static void keep_old(void *ctx, const struct ring_io_op *op)
{
	struct bench *b = ctx;
	struct past_write *w = &b->undo[b->undo_count++];

	if (b->undo_count > UNDO_MAX)
		abort();
	*w = (struct past_write){ .offset = op->offset_bytes,
				  .len = op->len_bytes,
				  .data = malloc(op->len_bytes) };
	if (w->data == NULL)
		abort();
	memcpy(w->data, mem_disk_bytes(b->disk) + w->offset, w->len);
}

/*
 * The same machine after a reboot, as when a latent fault is found. It may take
 * over: a detach can be what was lost.
 */
static void bench_begin(struct bench *b, struct story *s)
{
	b->disk = s->disk;
	b->undo_count = 0;
	b->fault = (struct ring_fault){ 0 };
	b->tap = (struct tap){ .disk = s->disk,
			       .before_write = keep_old,
			       .ctx = b,
			       .buffered = s->shape->buffered };
	fake_system_init(&b->system, s->host, BOOT);
}

static void bench_end(struct bench *b)
{
	while (b->undo_count > 0) {
		struct past_write *w = &b->undo[--b->undo_count];

		memcpy(mem_disk_bytes(b->disk) + w->offset, w->data, w->len);
		free(w->data);
	}
}

static struct ring_options options_of(struct bench *b)
{
	return (struct ring_options){ .io = tap_open(&b->tap),
				      .system = &b->system.system,
				      .fault = &b->fault,
				      .takeover = true };
}

/* Damage was reported at `position`: is it there? */
static void decide_damage(struct judgement *ret, const struct expectation *e,
			  uint64_t position)
{
	if (e->truth == TRUTH_DAMAGE && position != e->bad)
		decide(ret, VERDICT_WRONG, "damage at %llu, it is at %llu",
		       (unsigned long long)position,
		       (unsigned long long)e->bad);
	else
		decide(ret, VERDICT_DAMAGE, "damage at %llu",
		       (unsigned long long)position);
}

/* ---- the checker -------------------------------------------------------- */

struct checking {
	const struct expectation *expected;
	struct judgement *judgement;
};

/* The first finding of damage counts: what follows may come of it. */
static void take_finding(void *ctx, const struct ring_finding *f)
{
	const struct checking *c = ctx;
	struct judgement *j = c->judgement;

	if (j->verdict > VERDICT_NOTED)
		return;
	if (f->severity == RING_DAMAGE && f->position != 0)
		decide_damage(j, c->expected, f->position);
	else if (f->severity == RING_DAMAGE)
		decide(j, VERDICT_DAMAGE, "%s", f->text);
	else
		decide(j, VERDICT_NOTED, "%s", f->text);
}

void judge_checker(struct story *s, const struct expectation *e,
		   struct judgement *ret)
{
	struct checking checking = { e, ret };
	struct bench b;
	struct ring_options options;
	int rc;

	decide(ret, VERDICT_CORRECT, "nothing found");
	bench_begin(&b, s);
	options = options_of(&b);
	rc = ring_check("latent", &options, take_finding, &checking);
	ring_io_close(options.io);
	if (rc < 0)
		decide(ret, VERDICT_ERROR, "%s: %s", ring_error_name(rc),
		       b.fault.text);
	if (b.undo_count > 0)
		decide(ret, VERDICT_WRONG, "the checker writes");
	bench_end(&b);
}

/* ---- consumers ---------------------------------------------------------- */

struct reading {
	const struct story *story;
	uint64_t next;
	uint64_t end;                  /* none is visible from there on */
	const struct story_item *last; /* the last of them; NULL: as pushed */
	bool is_wrong;
};

static int compare_item(void *ctx, const struct ring_item *item)
{
	struct reading *r = ctx;
	uint8_t body[STORY_BODY_MAX];
	const struct story_item *want;

	r->is_wrong = true;
	if (item->sequence != r->next || item->sequence >= r->end)
		return -RING_ERR_BASE;
	want = r->last != NULL && r->next == r->end - 1
		       ? r->last
		       : &r->story->items[r->next];
	if (item->data_bytes != want->len || item->meta_bytes != 0)
		return -RING_ERR_BASE;
	story_fill(want, body);
	if (memcmp(item->data, body, want->len) != 0)
		return -RING_ERR_BASE;
	r->is_wrong = false;
	r->next++;
	return 0;
}

static int read_all(struct ring_consumer *c, struct reading *r)
{
	uint64_t at = RING_POSITION_NONE;
	int rc;

	do
		rc = ring_consumer_fold(c, at, NULL, compare_item, r, &at);
	while (rc == 0);
	return rc;
}

static void judge_reading(const struct bench *b, const struct expectation *e,
			  const struct reading *r, int rc, unsigned cursor,
			  struct judgement *ret)
{
	const struct story *s = r->story;
	const unsigned long long next = r->next;

	if (r->is_wrong)
		decide(ret, VERDICT_WRONG, "not item %llu as it was pushed",
		       next);
	else if (r->next < e->exposed)
		decide(ret, VERDICT_WRONG,
		       "only up to item %llu, %llu are good: %s", next,
		       (unsigned long long)e->exposed, ring_error_name(rc));
	else if (rc == -RING_ERR_DAMAGED)
		decide_damage(ret, e, b->fault.position);
	else if (rc != -RING_ERR_EMPTY)
		decide(ret, VERDICT_ERROR, "%s", ring_error_name(rc));
	else if (r->next < s->exposed)
		decide(ret, VERDICT_END, "up to item %llu of %llu", next,
		       (unsigned long long)s->exposed);
	else if (e->first < s->consumed[cursor])
		decide(ret, VERDICT_BACK, "again from item %llu",
		       (unsigned long long)e->first);
	else
		decide(ret, VERDICT_CORRECT, "all up to item %llu", next);
}

static void consume(struct story *s, struct bench *b,
		    const struct expectation *e, unsigned cursor,
		    struct judgement *ret)
{
	struct ring_options options = options_of(b);
	struct reading r = { .story = s, .end = s->exposed };
	struct ring_consumer_state state;
	struct ring_consumer *c;
	int rc = ring_consumer_attach("latent", story_cursor_names[cursor],
				      &options, &c, &state);

	if (rc < 0) {
		ring_io_close(options.io);
		decide(ret, VERDICT_ERROR, "%s: %s", ring_error_name(rc),
		       b->fault.text);
		return;
	}
	r.next = state.items;
	rc = read_all(c, &r);
	if (state.items != e->first)
		decide(ret, VERDICT_WRONG, "begins at item %llu, not %llu",
		       (unsigned long long)state.items,
		       (unsigned long long)e->first);
	else
		judge_reading(b, e, &r, rc, cursor, ret);
	b->tap.is_dead = true;
	ring_consumer_free(c);
	b->tap.is_dead = false;
}

void judge_consumer(struct story *s, const struct expectation *e,
		    unsigned cursor, struct judgement *ret)
{
	struct bench b;

	bench_begin(&b, s);
	consume(s, &b, e, cursor, ret);
	bench_end(&b);
}

/* ---- the producer ------------------------------------------------------- */

static void judge_state(const struct story *s, const struct expectation *e,
			const struct ring_producer_state *state,
			struct judgement *ret)
{
	const unsigned long long pushed = state->pushed_items;
	const unsigned long long exposed = state->exposed_items;

	if (state->pushed_items != e->pushed ||
	    state->exposed_items != e->exposed ||
	    state->suspended != e->suspended)
		decide(ret, VERDICT_WRONG,
		       "finds %llu items, %llu exposed, not %llu and %llu",
		       pushed, exposed, (unsigned long long)e->pushed,
		       (unsigned long long)e->exposed);
	else if (pushed < s->pushed || exposed < s->exposed)
		decide(ret, VERDICT_END, "goes on after item %llu of %llu",
		       pushed, (unsigned long long)s->pushed);
	else if (state->suspended != s->suspended)
		decide(ret, VERDICT_BACK, "forgets that it is suspended");
	else
		decide(ret, VERDICT_CORRECT, "%llu items", pushed);
}

/*
 * What was cut off must not come back: behind what was kept stands the next
 * item, and nothing else.
 */
static void try_out(struct story *s, struct bench *b, struct ring_producer *p,
		    const struct expectation *e, struct judgement *ret)
{
	const struct story_item news = { .tag = 4711, .len = 200 };
	uint8_t body[STORY_BODY_MAX];
	const struct ring_entry entry = { .data = body,
					  .data_bytes = news.len };
	struct reading r = { .story = s, .end = e->pushed + 1, .last = &news };
	struct ring_options options;
	struct ring_consumer_state state;
	struct ring_consumer *c;
	int rc;

	story_fill(&news, body);
	rc = ring_producer_publish(p, &entry, 1, NULL, NULL);
	if (rc == -RING_ERR_FULL || rc == -RING_ERR_SUSPENDED)
		return;
	options = options_of(b);
	if (rc == 0)
		rc = ring_consumer_attach("latent", story_cursor_names[0],
					  &options, &c, &state);
	if (rc < 0) {
		ring_io_close(options.io);
		if (rc != -RING_ERR_SLOT)
			decide(ret, VERDICT_WRONG, "afterwards: %s",
			       ring_error_name(rc));
		return;
	}
	r.next = state.items;
	rc = read_all(c, &r);
	if (r.is_wrong || (rc == -RING_ERR_EMPTY && r.next != r.end))
		decide(ret, VERDICT_WRONG, "afterwards not item %llu",
		       (unsigned long long)r.next);
	ring_consumer_free(c);
}

void judge_producer(struct story *s, const struct expectation *e,
		    bool tries_out, struct judgement *ret)
{
	struct ring_producer_state state;
	struct ring_options options;
	struct ring_producer *p;
	struct bench b;
	int rc;

	bench_begin(&b, s);
	options = options_of(&b);
	rc = ring_producer_attach("latent", &options, &p, &state);
	if (rc < 0) {
		ring_io_close(options.io);
		if (rc == -RING_ERR_DAMAGED)
			decide_damage(ret, e, b.fault.position);
		else
			decide(ret, VERDICT_ERROR, "%s: %s",
			       ring_error_name(rc), b.fault.text);
	} else {
		judge_state(s, e, &state, ret);
		if (tries_out && ret->verdict != VERDICT_WRONG)
			try_out(s, &b, p, e, ret);
		b.tap.is_dead = true;
		ring_producer_free(p);
	}
	bench_end(&b);
}
