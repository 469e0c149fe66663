/*
 * What befalls single processes while the others live: each is a run of the
 * workload of its own, up to some point of its last call.
 */
#include "tests/crash/explore.h"

#include "ring/producer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ZOMBIE_HOST = 1,
	TAKEOVER_POINTS = 18, /* of an attach on another host, about */
	LOOKS = 3,            /* power cuts after a look */
	LONG_NS = 2000000000, /* more than any heartbeat interval */
};

/* One such run. */
struct lone {
	struct explorer *e;
	struct world *w;
	struct step step;
	unsigned points;
	bool happened;

	/* The one who takes over. */
	struct fake_system system;
	struct ring_fault fault;
	struct ring_producer *heir;
	struct ring_producer_state found;
	struct model model; /* when it had attached */
	int heir_rc;
	bool both_attached; /* the former one was within its attach */
	bool heir_is_fenced;
	int sleeper_rc; /* of what the former producer did meanwhile */
};

static void wrong(struct lone *l, const char *what, int rc)
{
	char text[320];

	snprintf(text, sizeof(text), "%s %s %s", what,
		 rc == 0 ? "" : ring_error_name(rc),
		 rc == 0 ? "" : l->fault.text);
	explorer_violation(l->e, text);
}

static bool is_state(const struct ring_producer_state *s, const struct model *m)
{
	return s->pushed_items == m->pushed && s->exposed_items == m->exposed;
}

/* Which of the two it is; NULL: neither. */
static const struct model *which(const struct judge_expected *x,
				 const struct ring_producer_state *s)
{
	return is_state(s, &x->after)    ? &x->after
	       : is_state(s, &x->before) ? &x->before
					 : NULL;
}

/* From now on it is known which. */
static void settle_on(struct judge_expected *x, const struct model *m)
{
	const struct model pushed = *m;

	for (unsigned i = 0; i < 2; i++) {
		struct model *to = i == 0 ? &x->before : &x->after;

		to->pushed = pushed.pushed;
		to->exposed = pushed.exposed;
		memcpy(to->items, pushed.items, sizeof(to->items));
	}
}

/* All processes die afterwards; what is there must be what is known. */
static void judge_the_rest(struct lone *l, bool on_other_host)
{
	struct world *w = l->w;
	const struct recovery r = { .expected = &w->expected,
				    .host = on_other_host ? ZOMBIE_HOST : 0,
				    .boot = 1,
				    .takeover = on_other_host };
	struct sim_disk child;

	l->e->census->visited++;
	sim_disk_after_kill(&w->disk, &child);
	explorer_recover(l->e, &child, &r);
	sim_disk_release(&child);
}

/* ---- a process dies ----------------------------------------------------- */

static unsigned asker(const struct lone *l)
{
	const char letter = l->e->word[strlen(l->e->word) - 1];

	return letter == 'S' || letter == 'R' ? l->w->shape->cursors - 1 : 0;
}

static void everybody_reads(struct lone *l)
{
	for (unsigned i = 0; i < l->w->shape->cursors; i++)
		if (l->w->consumer_is_attached[i])
			world_read_out(l->w, i);
}

static void replace_producer(struct lone *l)
{
	struct world *w = l->w;
	struct ring_producer_state s;
	const struct model *m;
	int rc;

	ring_producer_free(w->producer);
	w->producer = NULL;
	rc = world_attach_producer(w, &s);
	if (rc < 0) {
		world_wrong(w, "I6 attach beside living consumers", rc);
		return;
	}
	m = which(&w->expected, &s);
	if (m == NULL || s.exposed_items < w->expected.seen) {
		world_wrong(w, "I1 a state that never was", 0);
		return;
	}
	settle_on(&w->expected, m);
}

static void replace_consumer(struct lone *l)
{
	struct world *w = l->w;
	struct judge_expected *x = &w->expected;
	const unsigned i = asker(l);
	struct ring_consumer_state s;
	int rc;

	ring_consumer_free(w->consumers[i]);
	w->consumers[i] = NULL;
	rc = world_attach_consumer(w, i);
	if (rc == 0)
		rc = ring_consumer_state(w->consumers[i], &s);
	if (rc < 0) {
		world_wrong(w, "I6 attach beside a living producer", rc);
		return;
	}
	if (s.items != x->before.consumed[i] && s.items != x->after.consumed[i])
		world_wrong(w, "I3 the cursor is elsewhere", 0);
	x->before.consumed[i] = x->after.consumed[i] = s.items;
	x->before.suspended[i] &= x->after.suspended[i];
	x->after.suspended[i] = x->before.suspended[i];
	w->next[i] = s.items;
}

/* The one that came anew and those that were there get along. */
static void go_on(struct lone *l)
{
	struct world *w = l->w;

	w->is_cut = false;
	/* Its lock is free when its last I/O has ended. */
	sim_disk_complete(&w->disk);
	if (l->step.kind == STEP_PRODUCER)
		replace_producer(l);
	else
		replace_consumer(l);
	if (w->wrong[0] != '\0')
		return;
	everybody_reads(l);
	if (w->producer_is_attached)
		world_do(w, 'P');
	everybody_reads(l);
}

static void die_here(struct lone *l)
{
	if (l->step.kind == STEP_PRODUCER)
		world_kill_producer(l->w);
	else
		world_kill_consumer(l->w, asker(l));
}

/* ---- a take-over -------------------------------------------------------- */

static int take_over(struct lone *l, bool buffered, bool asks)
{
	struct ring_options o = {
		.io = sim_disk_open_on(&l->w->disk, ZOMBIE_HOST, buffered),
		.system = &l->system.system,
		.takeover = asks,
		.fault = &l->fault,
	};
	const int rc = ring_producer_attach("sim", &o, &l->heir, &l->found);

	census_code(l->e->census, rc);
	explorer_say(l->e, "take-over%s: %s", asks ? "" : " unasked for",
		     rc == 0 ? "done" : ring_error_name(rc));
	if (rc < 0)
		ring_io_close(o.io);
	return rc;
}

/* The heir found a state that may be, and goes on from it. */
static void heir_begins(struct lone *l)
{
	const struct model *m = which(&l->w->expected, &l->found);

	if (m == NULL || l->found.exposed_items < l->w->expected.seen) {
		wrong(l, "I1 a take-over finds a state that never was", 0);
		m = &l->w->expected.before;
	}
	l->model = *m;
	explorer_say(l->e, "the heir found %llu pushed",
		     (unsigned long long)m->pushed);
}

static void heir_publishes(struct lone *l)
{
	const struct model_item item = { 1, 1 };
	uint8_t body[8];
	const struct ring_entry e = { .data = body, .data_bytes = 1 };
	int rc;

	model_fill(&item, body);
	rc = ring_producer_publish(l->heir, &e, 1, NULL, NULL);
	census_code(l->e->census, rc);
	if (rc == 0) {
		model_push(&l->model, item);
		l->model.exposed = l->model.pushed;
	} else if (rc == -RING_ERR_FENCED && l->both_attached) {
		/* It wrote, and was told no success: before or after it. */
		explorer_known(l->e, KNOWN_SAME_MOMENT, "the heir is fenced");
		l->heir_is_fenced = true;
	} else if (rc != -RING_ERR_FULL && rc != -RING_ERR_SUSPENDED) {
		wrong(l, "I6 the heir can't publish:", rc);
	}
}

static bool may_refuse_takeover(int rc)
{
	return rc == -RING_ERR_TAKEOVERS || rc == -RING_ERR_ALIVE ||
	       rc == -RING_ERR_FENCED;
}

/* The former producer tries again: it must learn that it is none. */
static void zombie_tries(struct lone *l)
{
	struct ring_producer_state s;
	int rc;

	if (!l->w->producer_is_attached)
		return;
	rc = ring_producer_state(l->w->producer, &s);
	census_code(l->e->census, rc);
	if (rc == 0)
		wrong(l, "I8 a fenced producer goes on", 0);
}

static void zombie_here(struct lone *l)
{
	l->w->is_cut = true; /* FENCED is what it gets */
	l->both_attached = !l->w->producer_is_attached;
	l->heir_rc = take_over(l, false, true);
	if (l->heir_rc < 0)
		return;
	heir_begins(l);
	heir_publishes(l);
}

static void after_zombie(struct lone *l)
{
	struct world *w = l->w;

	if (l->heir_rc < 0) {
		if (!may_refuse_takeover(l->heir_rc))
			wrong(l, "I6 take-over:", l->heir_rc);
		return;
	}
	/* Success, and yet the heir does not know of it? */
	if (w->last_rc == 0 && l->found.pushed_items < w->expected.after.pushed)
		wrong(l, "I1 acknowledged, and lost in a take-over", 0);
	zombie_tries(l);
	settle_on(&w->expected, &l->model);
	if (l->heir_is_fenced) {
		model_push(&w->expected.after, (struct model_item){ 1, 1 });
		w->expected.after.exposed = w->expected.after.pushed;
	}
	judge_the_rest(l, true);
}

/* ---- a look while the producer hangs ------------------------------------ */

static void power_after_look(struct lone *l)
{
	struct explorer *e = l->e;
	struct states *states = &e->states[1];
	struct step s = { .point = l->points, .kind = STEP_POWER };
	struct world *w = l->w;

	if (e->replay != NULL) {
		if (e->replay->count > 1 &&
		    e->replay->steps[1].point == s.point)
			explorer_take(e, &w->disk, &w->expected,
				      &e->replay->steps[1]);
		return;
	}
	for (unsigned i = 0; i < LOOKS; i++) {
		s.kind = explorer_power(e);
		states_of(states, &w->disk);
		states_draw(states, &e->draw, &s.how, &s.n);
		explorer_take(e, &w->disk, &w->expected, &s);
	}
}

/* ---- the point ---------------------------------------------------------- */

static void happen(struct lone *l)
{
	switch (l->step.kind) {
	case STEP_PRODUCER:
	case STEP_CONSUMER:
		die_here(l);
		break;
	case STEP_ZOMBIE:
		zombie_here(l);
		break;
	case STEP_LOOK:
		everybody_reads(l);
		break;
	default:
		break;
	}
	l->happened = true;
}

static void lone_point(void *ctx, struct sim_disk *d)
{
	struct lone *l = ctx;
	sim_point_fn *point = d->point;

	d->point = NULL; /* what happens now is no point */
	if (l->points == l->step.point)
		happen(l);
	if (l->happened && l->step.kind == STEP_LOOK)
		power_after_look(l);
	l->points++;
	d->point = point;
}

static void afterwards(struct lone *l)
{
	struct world *w = l->w;

	if (!l->happened)
		return;
	if (l->step.kind == STEP_ZOMBIE) {
		after_zombie(l);
		return;
	}
	if (l->step.kind == STEP_LOOK)
		return;
	go_on(l);
	if (w->wrong[0] == '\0')
		judge_the_rest(l, false);
}

static void count_lone(struct census *c, enum step_kind kind)
{
	c->kinds[KIND_PRODUCER] += kind == STEP_PRODUCER;
	c->kinds[KIND_CONSUMER] += kind == STEP_CONSUMER;
	c->kinds[KIND_ZOMBIE] += kind == STEP_ZOMBIE;
	c->kinds[KIND_WAKE] += kind == STEP_WAKE;
}

static void begin(struct lone *l, struct explorer *e, const struct step *s)
{
	*l = (struct lone){ .e = e, .w = e->world, .step = *s };
	fake_system_init(&l->system, 1 + ZOMBIE_HOST, 1);
	l->system.random_seed = 5;
	explorer_push(e, s);
	explorer_open_world(e);
	l->w->last_rc = -1;
}

static void end(struct lone *l)
{
	if (l->w->wrong[0] != '\0')
		explorer_violation(l->e, l->w->wrong);
	ring_producer_free(l->heir);
	world_close(l->w);
	explorer_pop(l->e);
	l->e->replayed |= l->e->replay != NULL;
	free(l);
}

static struct lone *new_lone(void)
{
	struct lone *l = malloc(sizeof(*l));

	if (l == NULL)
		abort();
	return l;
}

static void run_lone(struct explorer *e, const struct step *s)
{
	struct lone *l = new_lone();

	begin(l, e, s);
	l->w->disk.point = lone_point;
	l->w->disk.point_ctx = l;
	world_do(l->w, e->word[strlen(e->word) - 1]);
	l->w->disk.point = NULL;
	if (l->happened)
		count_lone(e->census, s->kind);
	afterwards(l);
	end(l);
}

/* ---- a call within the take-over ---------------------------------------- */

static void sleeper_publishes(struct lone *l)
{
	struct world *w = l->w;

	if (l->happened || !w->producer_is_attached)
		return;
	l->happened = true;
	/* It was asleep: its heartbeat is due. */
	w->producer_system.monotonic_ns += LONG_NS;
	w->is_cut = true;
	w->last_rc = -1;
	world_do(w, 'P');
	l->sleeper_rc = w->last_rc;
	explorer_say(l->e, "the former producer publishes: %s",
		     w->last_rc == 0 ? "done" : ring_error_name(w->last_rc));
}

static void wake_point(void *ctx, struct sim_disk *d)
{
	struct lone *l = ctx;

	if (++l->points != l->step.n)
		return;
	d->point = NULL;
	sleeper_publishes(l);
}

static void wake_in_sleep(void *ctx)
{
	sleeper_publishes(ctx);
}

static void after_wake(struct lone *l)
{
	struct world *w = l->w;

	if (l->heir_rc < 0) {
		if (!may_refuse_takeover(l->heir_rc))
			wrong(l, "I6 take-over:", l->heir_rc);
		return;
	}
	heir_begins(l);
	if (l->sleeper_rc == 0 &&
	    l->found.pushed_items < w->expected.after.pushed)
		wrong(l, "I1 acknowledged, and lost in a take-over", 0);
	heir_publishes(l);
	zombie_tries(l);
	settle_on(&w->expected, &l->model);
	judge_the_rest(l, true);
}

static void run_wake(struct explorer *e, const struct step *s)
{
	struct lone *l = new_lone();

	begin(l, e, s);
	world_do(l->w, e->word[strlen(e->word) - 1]);
	l->sleeper_rc = -1;
	if (l->w->producer_is_attached &&
	    take_over(l, s->how == 'b', false) != -RING_ERR_OTHER_HOST)
		wrong(l, "I8 a role was taken without asking", 0);
	if (s->n == 0) {
		l->system.on_sleep = wake_in_sleep;
		l->system.on_sleep_ctx = l;
	}
	l->w->disk.point = wake_point;
	l->w->disk.point_ctx = l;
	l->heir_rc = take_over(l, s->how == 'b', true);
	l->w->disk.point = NULL;
	if (l->happened) {
		count_lone(e->census, s->kind);
		after_wake(l);
	}
	end(l);
}

/* ------------------------------------------------------------------------- */

static void replay_alone(struct explorer *e)
{
	const struct step *s = &e->replay->steps[0];

	if (s->kind == STEP_WAKE)
		run_wake(e, s);
	else if (s->kind >= STEP_LOOK && s->kind != STEP_GHOST)
		run_lone(e, s);
}

static void somebody_dies(struct explorer *e, unsigned point)
{
	const char letter = e->word[strlen(e->word) - 1];
	struct step s = { .point = point, .kind = STEP_CONSUMER };

	if (workload_is_producers(letter)) {
		s.kind = STEP_PRODUCER;
		run_lone(e, &s);
		s.kind = STEP_LOOK;
	}
	if (strchr("SR", letter) != NULL) {
		run_lone(e, &s);
		s.kind = STEP_PRODUCER;
	}
	run_lone(e, &s);
}

/* Two hosts on one ring is for direct I/O: page caches know nothing of each
 * other. The heir may be buffered all the same. */
static void somebody_takes_over(struct explorer *e, unsigned point)
{
	const char letter = e->word[strlen(e->word) - 1];
	struct step s = { .point = point, .kind = STEP_ZOMBIE };

	if (!e->shape->direct)
		return;
	if (workload_is_producers(letter))
		run_lone(e, &s);
	s = (struct step){ .kind = STEP_WAKE,
			   .how = draw_below(&e->draw, 2) == 0 ? 'd' : 'b',
			   .n = (unsigned)draw_below(&e->draw,
						     TAKEOVER_POINTS) };
	run_wake(e, &s);
}

void explore_alone(struct explorer *e)
{
	const unsigned points = e->points;

	if (e->replay != NULL) {
		replay_alone(e);
		return;
	}
	for (unsigned i = 0; i < e->effort.alone; i++) {
		/* A part of effort: now and then. */
		const unsigned point = (unsigned)draw_below(&e->draw, points);

		somebody_dies(e, point);
		somebody_takes_over(e, point);
	}
}
