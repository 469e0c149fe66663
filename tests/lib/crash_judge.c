#include "tests/lib/crash_judge.h"

#include "ring/geometry.h"
#include "ring/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAPS_ITEMS = 24, LAPS_BYTES = 200, RESUME_TRIES = 6, ALIVE_TRIES = 8 };

/* One recovery. */
struct trial {
	struct crash_judge *judge;
	struct sim_disk *disk;
	struct fake_system system;
	struct ring_fault fault;
	struct ring_producer *producer;
	struct ring_producer_state state; /* as recovered */
	struct model model;               /* what was found to be there */
	uint64_t info_pushed, info_exposed;
	struct geometry geometry;
	bool is_in_motion; /* writes were in flight when it began */
};

__attribute__((format(printf, 3, 4))) static bool wrong(struct trial *t, int rc,
							const char *format, ...)
{
	struct crash_judge *j = t->judge;
	char what[160];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (j->fault == JUDGE_FINE)
		j->fault = JUDGE_WRONG;
	snprintf(j->text, sizeof(j->text), "%s%s%s %s", what,
		 rc != 0 ? ": " : "", rc != 0 ? ring_error_name(rc) : "",
		 rc != 0 ? t->fault.text : "");
	return false;
}

static int told(struct trial *t, int rc)
{
	const struct judge_watcher *w = t->judge->watcher;

	if (w != NULL && w->on_code != NULL)
		w->on_code(w->ctx, rc);
	return rc;
}

static struct ring_options options(struct trial *t)
{
	return (struct ring_options){
		.io = sim_disk_open_on(t->disk, t->judge->host,
				       t->disk->buffered),
		.system = &t->system.system,
		.takeover = t->judge->takeover,
		.fault = &t->fault,
	};
}

/* ---- reading only ------------------------------------------------------- */

static void keep_finding(void *ctx, const struct ring_finding *f)
{
	char *text = ctx;

	if (f->severity >= RING_WARN && text[0] == '\0')
		snprintf(text, 120, "%s", f->text);
}

/* I9: after a crash nothing is damaged. */
static bool checker_is_content(struct trial *t)
{
	struct ring_options o = options(t);
	char text[120] = "";
	const int rc = ring_check("sim", &o, keep_finding, text);

	ring_io_close(o.io);
	return rc == 0 || wrong(t, rc < 0 ? rc : 0, "I9 check: %s", text);
}

static bool read_info(struct trial *t)
{
	struct ring_options o = options(t);
	struct ring_info info;
	const int rc = ring_info("sim", &o, &info);

	ring_io_close(o.io);
	if (rc < 0)
		return wrong(t, rc, "I5 info");
	t->geometry = (struct geometry){ .block_bytes = info.block_bytes,
					 .padded = info.padded,
					 .data_bytes = info.data_bytes };
	t->info_pushed = info.pushed_items;
	t->info_exposed = info.exposed_items;
	return true;
}

/* ---- recovery ----------------------------------------------------------- */

static bool is_it(struct trial *t, const struct model *m)
{
	if (m->pushed != t->state.pushed_items ||
	    m->exposed != t->state.exposed_items)
		return false;
	t->model = *m;
	return true;
}

/* I1, I2, I4: what is there is what was before or after the call. */
static bool state_is_known(struct trial *t)
{
	const struct judge_expected *e = t->judge->expected;

	if (!is_it(t, &e->after) && !is_it(t, &e->before))
		return wrong(t, 0,
			     "I1 a state that never was: %" PRIu64
			     " pushed, %" PRIu64 " exposed",
			     t->state.pushed_items, t->state.exposed_items);
	if (t->state.exposed_items < e->seen)
		return wrong(t, 0, "I4 item %" PRIu64 " was seen and is gone",
			     e->seen - 1);
	return true;
}

/* While something is in flight, two looks may differ. */
static bool agrees_with_info(struct trial *t)
{
	return t->is_in_motion ||
	       (t->info_pushed == t->state.pushed_items &&
		t->info_exposed == t->state.exposed_items) ||
	       wrong(t, 0,
		     "I5 recovered %" PRIu64 "/%" PRIu64
		     ", the reader before it saw %" PRIu64 "/%" PRIu64,
		     t->state.pushed_items, t->state.exposed_items,
		     t->info_pushed, t->info_exposed);
}

/* A take-over needs room for its gap (DESIGN.md 8), and what the former owner
 * still has in flight is a sign of life. */
static bool is_refused(const struct trial *t, int rc)
{
	return t->judge->takeover &&
	       (rc == -RING_ERR_TAKEOVERS ||
		(rc == -RING_ERR_ALIVE && t->is_in_motion));
}

static int attach(struct trial *t)
{
	struct ring_options o = options(t);
	const int rc = told(
		t, ring_producer_attach("sim", &o, &t->producer, &t->state));

	if (rc < 0)
		ring_io_close(o.io);
	return rc;
}

static bool recover(struct trial *t)
{
	const int rc = attach(t);

	if (is_refused(t, rc)) {
		t->judge->refused = true;
		return false;
	}
	return rc == 0 || wrong(t, rc, "I6 attach");
}

static void tell_recovered(struct trial *t)
{
	const struct crash_judge *j = t->judge;
	struct judge_expected now = { .before = t->model,
				      .after = t->model,
				      .seen = j->expected->seen };

	if (j->watcher == NULL || j->watcher->on_recovered == NULL)
		return;
	/* Cursors, and what they asked, stand as before. */
	for (unsigned i = 0; i < j->cursors; i++) {
		now.before.consumed[i] = j->expected->before.consumed[i];
		now.after.consumed[i] = j->expected->after.consumed[i];
		now.before.suspended[i] = j->expected->before.suspended[i];
		now.after.suspended[i] = j->expected->after.suspended[i];
	}
	j->watcher->on_recovered(j->watcher->ctx, t->disk, &now);
}

/* I5: a second recovery finds what the first one found. */
static bool is_idempotent(struct trial *t)
{
	const struct ring_producer_state first = t->state;
	int rc;

	ring_producer_free(t->producer);
	t->producer = NULL;
	rc = attach(t);
	if (is_refused(t, rc))
		return true;
	if (rc < 0)
		return wrong(t, rc, "I5 second attach");
	return (first.pushed_items == t->state.pushed_items &&
		first.exposed_items == t->state.exposed_items &&
		first.suspended == t->state.suspended) ||
	       wrong(t, 0, "I5 a second recovery finds another state");
}

/* ---- suspension: I7 ----------------------------------------------------- */

static bool stays_silent(struct trial *t)
{
	const struct judge_expected *e = t->judge->expected;
	const struct ring_entry entry = { .data = "", .data_bytes = 0 };
	bool held = false;
	int rc;

	for (unsigned i = 0; i < t->judge->cursors; i++)
		held |= e->before.suspended[i] && e->after.suspended[i];
	if (!held)
		return true;
	rc = told(t, ring_producer_push(t->producer, &entry, 1, NULL, NULL));
	if (rc == -RING_ERR_SUSPENDED && t->disk->watched == 0)
		return true;
	t->judge->fault = JUDGE_NOT_SUSPENDED;
	return wrong(t, rc,
		     "I7 suspended and acknowledged, yet %lu writes to data",
		     t->disk->watched);
}

/* ---- consumers ---------------------------------------------------------- */

struct reading {
	const struct model *model;
	uint64_t next;
	bool wrong;
};

static int compare_item(void *ctx, const struct ring_item *item)
{
	struct reading *r = ctx;
	uint8_t expected[MODEL_BODY_MAX];
	const struct model_item *want;

	r->wrong = true;
	if (item->sequence != r->next || item->sequence >= r->model->pushed)
		return -EIO;
	want = model_item(r->model, item->sequence);
	if (item->data_bytes != want->len)
		return -EIO;
	model_fill(want, expected);
	if (memcmp(item->data, expected, want->len) != 0)
		return -EIO;
	r->wrong = false;
	r->next++;
	return 0;
}

/* I1, I2, I8: from its position on, everything exposed, byte for byte. */
static bool reads_it_all(struct trial *t, struct ring_consumer *c,
			 uint64_t from)
{
	struct reading r = { .model = &t->model, .next = from };
	uint64_t end = RING_POSITION_NONE;
	int rc = told(t, ring_consumer_fold(c, RING_POSITION_NONE, NULL,
					    compare_item, &r, &end));

	if (r.wrong)
		return wrong(t, 0, "I1 item %" PRIu64 " is another one",
			     r.next);
	if (rc < 0 && rc != -RING_ERR_EMPTY)
		return wrong(t, rc, "I1 read at item %" PRIu64, r.next);
	if (r.next != t->model.exposed)
		return wrong(t, 0, "I1 read up to item %" PRIu64 " of %" PRIu64,
			     r.next, t->model.exposed);
	if (end == RING_POSITION_NONE)
		return true;
	rc = told(t, ring_consumer_advance(c, end, NULL));
	return rc == 0 || wrong(t, rc, "I6 advance of the consumer");
}

/* What the former owner still has in flight is a sign of life: try again. */
static int attach_cursor(struct trial *t, unsigned i,
			 struct ring_consumer **ret,
			 struct ring_consumer_state *ret_state)
{
	int rc = -RING_ERR_ALIVE;

	for (unsigned n = 0; n < ALIVE_TRIES && rc == -RING_ERR_ALIVE; n++) {
		struct ring_options o = options(t);

		rc = told(t, ring_consumer_attach("sim", t->judge->names[i], &o,
						  ret, ret_state));
		if (rc < 0)
			ring_io_close(o.io);
		if (!t->is_in_motion)
			break;
	}
	return rc;
}

/* I3, I4: a cursor stands where its last or its interrupted advance put it. */
static bool cursor_is_right(struct trial *t, unsigned i)
{
	const struct judge_expected *e = t->judge->expected;
	struct ring_consumer_state s;
	struct ring_consumer *c;
	bool ok;
	const int rc = attach_cursor(t, i, &c, &s);

	if (rc < 0)
		return wrong(t, rc, "I6 attach of consumer %u", i);
	if (s.items != e->before.consumed[i] && s.items != e->after.consumed[i])
		ok = wrong(t, 0, "I3 cursor %u is at item %" PRIu64, i,
			   s.items);
	else if (s.items > t->model.exposed)
		ok = wrong(t, 0,
			   "I4 cursor %u is at item %" PRIu64 " of %" PRIu64, i,
			   s.items, t->model.exposed);
	else
		ok = reads_it_all(t, c, s.items);
	ring_consumer_free(c);
	return ok;
}

static bool cursors_are_right(struct trial *t)
{
	for (unsigned i = 0; i < t->judge->cursors; i++)
		if (!cursor_is_right(t, i))
			return false;
	return true;
}

/* ---- the ring works: I6 ------------------------------------------------- */

/* One round of it: 1 if the ring runs, 0, or an error. */
static int resume_round(struct trial *t, struct ring_consumer *c)
{
	struct ring_consumer_state s;
	struct ring_producer_state ps;
	int rc = told(t, ring_producer_state(t->producer, &ps));

	if (rc == 0)
		rc = told(t, ring_consumer_resume(c));
	if (rc == -RING_ERR_UNACKED)
		rc = 0;
	if (rc == 0)
		rc = told(t, ring_consumer_state(c, &s));
	return rc < 0 ? rc : !s.suspend_requested && s.suspend_acked;
}

/* I7: whoever asked, the handshake converges. */
static bool resume(struct trial *t, struct ring_consumer *c)
{
	int rc = 0;

	for (unsigned n = 0; n < RESUME_TRIES && rc == 0; n++)
		rc = resume_round(t, c);
	return rc > 0 || wrong(t, rc, "I7 the resume is not acknowledged");
}

/* Take what there is; then once more, so that what it sealed is written. */
static bool take_all(struct trial *t, struct ring_consumer *c)
{
	struct ring_item item;
	unsigned empty = 0;
	int rc = 0;

	while (rc == 0 && empty < 2) {
		rc = told(t, ring_consumer_pop(c, RING_POSITION_NONE, &item));
		if (rc == 0)
			rc = told(t, ring_consumer_advance(c, item.next, NULL));
		if (rc == -RING_ERR_EMPTY) {
			empty++;
			rc = 0;
		}
	}
	return rc == 0 || wrong(t, rc, "I6 take");
}

/* What is sealed is written once the next call begins. */
static bool settle(struct trial *t)
{
	struct ring_producer_state s;
	int rc = 0;

	for (unsigned i = 0; i < 2 && rc == 0; i++)
		rc = told(t, ring_producer_state(t->producer, &s));
	return rc == 0 || wrong(t, rc, "I6 state");
}

struct readers {
	struct ring_consumer *list[MODEL_CURSORS];
};

static bool all_take(struct trial *t, const struct readers *r)
{
	if (!settle(t))
		return false;
	for (unsigned i = 0; i < t->judge->cursors; i++)
		if (!take_all(t, r->list[i]))
			return false;
	return true;
}

/* How many publishes of one item fit a ring that is empty up to `end`. */
static unsigned publishes_that_fit(const struct trial *t, uint64_t end)
{
	const struct geometry *g = &t->geometry;
	const uint64_t bytes =
		record_item_bytes(LAPS_BYTES) + record_commit_bytes(0);
	const uint64_t tail = end;
	unsigned n = 0;

	for (;; n++) {
		const uint64_t next = geometry_commit_end(g, end + bytes);

		if (!geometry_fits(g, tail, end, next - end,
				   GEOMETRY_LEAVES_NOTHING))
			return n;
		end = next;
	}
}

/* Items until the ring is full: all of the space comes back each time. */
static bool fill_up(struct trial *t, unsigned *ret_count)
{
	const uint8_t body[LAPS_BYTES] = { 7 };
	const struct ring_entry e = { .data = body, .data_bytes = LAPS_BYTES };
	struct ring_producer_state s;
	unsigned fit;
	int rc = told(t, ring_producer_state(t->producer, &s));

	if (rc < 0)
		return wrong(t, rc, "I6 state");
	fit = publishes_that_fit(t, s.pushed);
	*ret_count = 0;
	while ((rc = told(t, ring_producer_publish(t->producer, &e, 1, NULL,
						   NULL))) == 0)
		++*ret_count;
	if (rc != -RING_ERR_FULL)
		return wrong(t, rc, "I6 publish");
	return *ret_count == fit ||
	       wrong(t, 0, "I6 %u items fit an empty ring, not %u", *ret_count,
		     fit);
}

static bool laps_work(struct trial *t, const struct readers *r)
{
	unsigned n = 0, total = 0;

	while (total < LAPS_ITEMS) {
		struct ring_producer_state s;

		if (!all_take(t, r) || !fill_up(t, &n))
			return false;
		total += n;
		if (told(t, ring_producer_state(t->producer, &s)) < 0 ||
		    s.exposed != s.pushed)
			return wrong(t, 0, "I6 the state after a lap");
	}
	return all_take(t, r);
}

static bool works_with(struct trial *t, struct readers *r)
{
	int rc;

	for (unsigned i = 0; i < t->judge->cursors; i++) {
		rc = attach_cursor(t, i, &r->list[i], NULL);
		if (rc < 0)
			return wrong(t, rc, "I6 attach of consumer %u", i);
		if (!resume(t, r->list[i]))
			return false;
	}
	rc = told(t,
		  ring_producer_advance(t->producer, RING_POSITION_NONE, NULL));
	if (rc < 0)
		return wrong(t, rc, "I6 expose what was pushed");
	return laps_work(t, r);
}

static bool works(struct trial *t)
{
	struct readers r = { 0 };
	const bool ok = works_with(t, &r);

	for (unsigned i = 0; i < t->judge->cursors; i++)
		ring_consumer_free(r.list[i]);
	return ok;
}

/* ---- the whole ---------------------------------------------------------- */

static bool try_it(struct trial *t)
{
	struct sim_disk *d = t->disk;
	sim_point_fn *point = d->point;

	d->point = NULL; /* reading only changes nothing */
	if (!checker_is_content(t) || !read_info(t))
		return false;
	d->point = point;
	if (!recover(t))
		return t->judge->refused;
	d->point = NULL;
	if (!state_is_known(t) || !agrees_with_info(t))
		return false;
	tell_recovered(t);
	return stays_silent(t) && (!t->judge->uses_it || is_idempotent(t)) &&
	       cursors_are_right(t) && (!t->judge->uses_it || works(t));
}

bool crash_judge(struct crash_judge *j, struct sim_disk *d)
{
	struct trial *t = calloc(1, sizeof(*t));
	bool ok;

	if (t == NULL)
		abort();
	t->judge = j;
	t->disk = d;
	j->fault = JUDGE_FINE;
	j->refused = false;
	fake_system_init(&t->system, (uint8_t)(1 + j->host), (uint8_t)j->boot);
	t->system.random_seed = 77;
	for (size_t i = 0; i < d->version_count; i++)
		t->is_in_motion |= !d->versions[i].is_complete;
	ok = try_it(t);
	ring_producer_free(t->producer);
	free(t);
	return ok;
}
