/*
 * The states after crashes of everything at once: each is a copy of the disk,
 * made at some point of a call, and recovered there. Recoveries are crashed
 * again, two deep.
 */
#include "tests/crash/explore.h"

#include "ring/checksum.h"
#include "tests/crash/branches.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEPTH_MAX = 3,        /* crashes in a row */
	USES_ONE_OF = 8,      /* recoveries that are followed by some laps */
	TAKEOVER_POINTS = 10, /* up to its flush of what was read, about */
	LANDING_POINTS = 6,
	TAKEOVER_FLUSHES = 2, /* that came before what it read was flushed */
};

struct explorer *explorer_new(void)
{
	struct explorer *e = calloc(1, sizeof(*e));

	if (e == NULL)
		abort();
	e->world = calloc(1, sizeof(*e->world));
	if (e->world == NULL)
		abort();
	return e;
}

void explorer_free(struct explorer *e)
{
	for (unsigned i = 0; i < PATH_STEPS; i++)
		states_release(&e->states[i]);
	free(e->world);
	free(e);
}

/* ---- the way here ------------------------------------------------------- */

bool explorer_wants(const struct explorer *e, const struct step *s)
{
	const struct step *r;

	if (e->replay == NULL)
		return true;
	if (e->path.count >= e->replay->count)
		return false;
	r = &e->replay->steps[e->path.count];
	return r->point == s->point && r->kind == s->kind && r->how == s->how &&
	       r->n == s->n;
}

void explorer_push(struct explorer *e, const struct step *s)
{
	e->path.steps[e->path.count++] = *s;
}

void explorer_pop(struct explorer *e)
{
	e->path.count--;
}

void explorer_say(const struct explorer *e, const char *format, ...)
{
	va_list args;

	if (e->replay == NULL)
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

static void print_replay(const struct explorer *e)
{
	char text[160];

	path_text(&e->path, text, sizeof(text));
	printf("  --replay '%s:%s.%s:%s'%s\n", e->shape->name, e->start,
	       e->word, e->path.count == 0 ? "0:process" : text,
	       e->lies ? " --lying-disk" : "");
}

void explorer_violation(struct explorer *e, const char *text)
{
	if (e->census->violations++ < 5 || e->replay != NULL) {
		printf("violation: %s\n", text);
		print_replay(e);
		fflush(stdout);
	}
}

void explorer_known(struct explorer *e, enum known_limit limit,
		    const char *text)
{
	e->census->known[limit]++;
	if (e->told == NULL || !atomic_exchange(&e->told[limit], true)) {
		printf("known: %s: %s\n", census_known_text(limit), text);
		print_replay(e);
		fflush(stdout);
	}
}

static void say_state(const struct explorer *e, const char *what,
		      const struct sim_disk *d, const struct states *s)
{
	if (e->replay == NULL)
		return;
	printf("%s", what);
	for (size_t i = 0; s != NULL && i < s->dirty.count; i++) {
		const uint64_t at =
			(uint64_t)s->dirty.list[i].atom * d->sector_bytes;

		printf("\n  atom at offset %llu: ", (unsigned long long)at);
		if (s->choice[i] == SIM_GARBAGE)
			printf("garbage");
		else
			printf("version %u of 0..%u", s->choice[i],
			       s->dirty.list[i].count - 1);
	}
	printf("\n");
}

/* ---- counting ----------------------------------------------------------- */

static bool has_step(const struct path *p, enum step_kind kind)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->steps[i].kind == kind)
			return true;
	return false;
}

static bool is_power(const struct step *s)
{
	return s->kind == STEP_POWER || s->kind == STEP_UNPLUG;
}

static void count_two(struct explorer *e, const struct step *a,
		      const struct step *b)
{
	struct census *c = e->census;

	if (a->kind == STEP_LOOK)
		c->kinds[KIND_LOOK] += is_power(b);
	else if (a->kind == STEP_GHOST)
		c->kinds[KIND_GHOST_POWER] += is_power(b);
	else if (a->kind == STEP_PROCESS && is_power(b))
		c->kinds[b->point == POINT_RECOVERED ? KIND_PROCESS_RECOVERED
						     : KIND_PROCESS_POWER]++;
	else if (is_power(a))
		c->kinds[is_power(b) ? KIND_POWER_POWER : KIND_POWER_PROCESS]++;
}

static void count_kind(struct explorer *e)
{
	const struct path *p = &e->path;
	const struct step *last = &p->steps[p->count - 1];
	struct census *c = e->census;

	if (last->how == 'g')
		c->kinds[KIND_GARBAGE]++;
	if (p->count > 1) {
		count_two(e, last - 1, last);
		return;
	}
	c->kinds[KIND_PROCESS] += last->kind == STEP_PROCESS;
	c->kinds[KIND_POWER] += last->kind == STEP_POWER;
	c->kinds[KIND_UNPLUG] += last->kind == STEP_UNPLUG;
	c->kinds[KIND_GHOST] += last->kind == STEP_GHOST;
}

/* Whether nobody saw it yet: the disk, and what may be expected of it. */
static bool is_new(struct explorer *e, uint64_t disk_hash,
		   const struct judge_expected *x)
{
	const uint64_t hash = disk_hash ^ checksum(x, sizeof(*x), 1);

	return state_set_add(e->seen, hash) || e->replay != NULL;
}

/* Of a disk that may yet lose something. */
static uint64_t live_hash(const struct sim_disk *d)
{
	uint64_t hash = d->image_hash;

	for (size_t i = 0; i < d->version_count; i++)
		hash += d->versions[i].hash * (2 + d->versions[i].is_complete);
	return hash;
}

/* ---- recovery ----------------------------------------------------------- */

struct level {
	struct explorer *e;
	const struct recovery *recovery;
	unsigned points;
};

enum step_kind explorer_power(struct explorer *e)
{
	return draw_below(&e->draw, 4) == 0 ? STEP_UNPLUG : STEP_POWER;
}

/* A crash in one of so many points; more often soon after something landed. */
static unsigned one_in(const struct explorer *e, unsigned point)
{
	const struct step *last = &e->path.steps[e->path.count - 1];

	if (last->kind == STEP_GHOST && point > last->n &&
	    point <= last->n + LANDING_POINTS)
		return 2;
	return e->effort.nested;
}

/* A crash inside a recovery, some of the time. */
static void consider_crash(struct explorer *e, struct sim_disk *d,
			   const struct judge_expected *x, unsigned point)
{
	struct step s = { .point = point, .kind = STEP_PROCESS };
	struct states *states = &e->states[e->path.count];

	if (e->path.count >= DEPTH_MAX)
		return;
	if (e->replay != NULL) {
		if (e->path.count < e->replay->count &&
		    e->replay->steps[e->path.count].point == point)
			explorer_take(e, d, x,
				      &e->replay->steps[e->path.count]);
		return;
	}
	if (draw_below(&e->draw, one_in(e, point)) != 0)
		return;
	if (draw_below(&e->draw, 5) != 0) {
		s.kind = explorer_power(e);
		states_of(states, d);
		states_draw(states, &e->draw, &s.how, &s.n);
	}
	explorer_take(e, d, x, &s);
}

static void nested_point(void *ctx, struct sim_disk *d)
{
	struct level *l = ctx;

	if (++l->points == l->recovery->land_at) {
		sim_disk_complete(d);
		l->e->flushes_before_landing = d->flushes;
	}
	consider_crash(l->e, d, l->recovery->expected, l->points);
}

static void recovered(void *ctx, struct sim_disk *d,
		      const struct judge_expected *expected)
{
	struct level *l = ctx;

	consider_crash(l->e, d, expected, POINT_RECOVERED);
}

static void on_code(void *ctx, int rc)
{
	struct level *l = ctx;

	census_code(l->e->census, rc);
}

static bool loses_power(const struct path *p)
{
	return has_step(p, STEP_POWER) || has_step(p, STEP_UNPLUG);
}

/*
 * Whether a take-over read a batch that the disk was not done with when it
 * flushed what it had read, and the power went after that.
 */
static bool in_flight_was_lost(const struct explorer *e)
{
	return has_step(&e->path, STEP_GHOST) && loses_power(&e->path) &&
	       e->flushes_before_landing > TAKEOVER_FLUSHES;
}

/* The limits of DESIGN.md 10 are not hidden, and not violations either. */
static void wrong(struct explorer *e, const struct crash_judge *j)
{
	if (j->fault == JUDGE_NOT_SUSPENDED && j->takeover)
		explorer_known(e, KNOWN_SUSPEND_MOVED, j->text);
	else if (j->fault == JUDGE_NOT_SUSPENDED && e->shape->direct &&
		 loses_power(&e->path))
		explorer_known(e, KNOWN_SUSPEND, j->text);
	else if (in_flight_was_lost(e))
		explorer_known(e, KNOWN_IN_FLIGHT, j->text);
	else
		explorer_violation(e, j->text);
}

void explorer_recover(struct explorer *e, struct sim_disk *child,
		      const struct recovery *r)
{
	struct level level = { .e = e, .recovery = r };
	const struct judge_watcher watcher = { &level, on_code, recovered };
	struct crash_judge j = {
		.names = world_names,
		.cursors = e->shape->cursors,
		.expected = r->expected,
		.watcher = &watcher,
		.host = r->host,
		.boot = r->boot,
		.takeover = r->takeover,
		.uses_it = (child->image_hash >> 7) % USES_ONE_OF == 0,
	};
	struct fake_system self;
	struct sim_disk seen;

	e->census->states++;
	fake_system_init(&self, (uint8_t)(1 + r->host), (uint8_t)r->boot);
	sim_disk_copy(child, &seen);
	branches_count(&seen, r->host, &self, e->census);
	sim_disk_release(&seen);
	child->point = nested_point;
	child->point_ctx = &level;
	if (!crash_judge(&j, child))
		wrong(e, &j);
	e->census->branches[BRANCH_REFUSED] += j.refused;
	if (e->replay != NULL && e->path.count == e->replay->count) {
		e->replayed = true;
		printf("recovery took %u points: %s\n", level.points,
		       j.refused               ? "refused, as it may be"
		       : j.fault == JUDGE_FINE ? "all is well"
					       : j.text);
	}
}

/* ---- crashes ------------------------------------------------------------ */

static unsigned boots(const struct explorer *e)
{
	unsigned n = 1;

	for (unsigned i = 0; i < e->path.count; i++)
		n += e->path.steps[i].kind == STEP_POWER;
	return n;
}

/* Who recovers: on the host that took over, if one did. */
static struct recovery heir(const struct explorer *e,
			    const struct judge_expected *x)
{
	const bool other = has_step(&e->path, STEP_GHOST) ||
			   has_step(&e->path, STEP_ZOMBIE) ||
			   has_step(&e->path, STEP_WAKE);

	return (struct recovery){ .expected = x,
				  .host = other,
				  .boot = boots(e),
				  .takeover = other };
}

static void crash_power(struct explorer *e, struct sim_disk *d,
			const struct judge_expected *x)
{
	const struct step *s = &e->path.steps[e->path.count - 1];
	struct states *states = &e->states[e->path.count - 1];
	const struct recovery r = heir(e, x);
	struct sim_disk child;
	uint64_t hash;

	states_of(states, d);
	if (!states_choose(states, s->how, s->n))
		return;
	say_state(e, "the power goes; left are", d, states);
	e->census->visited++;
	hash = sim_disk_cut_hash(d, &states->dirty, states->choice) + r.boot;
	if (!is_new(e, hash, x))
		return;
	count_kind(e);
	sim_disk_cut(d, &states->dirty, states->choice, &child);
	explorer_recover(e, &child, &r);
	sim_disk_release(&child);
}

static void crash_process(struct explorer *e, struct sim_disk *d,
			  const struct judge_expected *x)
{
	const struct recovery r = heir(e, x);
	struct sim_disk child;

	say_state(e, "all processes die", d, NULL);
	e->census->visited++;
	sim_disk_after_kill(d, &child);
	if (is_new(e, live_hash(&child) + 100, x)) {
		count_kind(e);
		explorer_recover(e, &child, &r);
	}
	sim_disk_release(&child);
}

static void crash_host(struct explorer *e, struct sim_disk *d,
		       const struct judge_expected *x)
{
	struct recovery r = heir(e, x);
	struct sim_disk child;

	r.land_at = e->path.steps[e->path.count - 1].n;
	e->flushes_before_landing = ULONG_MAX;
	say_state(e, "the host is gone; another takes over", d, NULL);
	e->census->visited++;
	sim_disk_after_host(d, 0, &child);
	if (is_new(e, live_hash(&child) + 200 + r.land_at, x)) {
		count_kind(e);
		explorer_recover(e, &child, &r);
	}
	sim_disk_release(&child);
}

void explorer_take(struct explorer *e, struct sim_disk *d,
		   const struct judge_expected *x, const struct step *s)
{
	explorer_push(e, s);
	switch (s->kind) {
	case STEP_POWER:
	case STEP_UNPLUG:
		crash_power(e, d, x);
		break;
	case STEP_PROCESS:
		crash_process(e, d, x);
		break;
	case STEP_GHOST:
		crash_host(e, d, x);
		break;
	default:
		break;
	}
	explorer_pop(e);
}

/* ---- the points of the last letter -------------------------------------- */

struct point {
	struct explorer *e;
	struct sim_disk *disk;
	unsigned number;
};

static void visit_power(void *ctx, char how, unsigned n)
{
	const struct point *p = ctx;
	const struct step s = { p->number, explorer_power(p->e), how, n };

	explorer_take(p->e, p->disk, &p->e->world->expected, &s);
}

static void visit(const struct point *p, enum step_kind kind, char how,
		  unsigned n)
{
	const struct step s = { p->number, kind, how, n };

	explorer_take(p->e, p->disk, &p->e->world->expected, &s);
}

static void visit_all(struct point *p)
{
	struct explorer *e = p->e;
	struct states *states = &e->states[0];

	states_of(states, p->disk);
	states_each(states, e->effort.cuts, &e->draw, visit_power, p);
	visit(p, STEP_PROCESS, 0, 0);
	if (draw_below(&e->draw, 4) == 0)
		visit(p, STEP_GHOST, 'l',
		      (unsigned)draw_below(&e->draw, TAKEOVER_POINTS));
}

static void at_point(void *ctx, struct sim_disk *d)
{
	struct explorer *e = ctx;
	struct point p = { e, d, e->points++ };

	e->census->points++;
	if (e->replay == NULL)
		visit_all(&p);
	else if (e->replay->steps[0].point == p.number)
		explorer_take(e, d, &e->world->expected, &e->replay->steps[0]);
}

/* In packed mode the block that holds the end is written again: the committed
 * bytes in it are only as safe as the device's atoms. */
static void protect_committed(struct explorer *e)
{
	const struct world *w = e->world;
	const uint64_t end = world_end(w);
	const uint64_t start = end / e->shape->block * e->shape->block;
	const uint64_t lap = world_sizes(e->shape).data_bytes;
	const uint64_t from = w->disk.watch_from + start % lap;

	for (unsigned i = 0; i < PATH_STEPS; i++) {
		e->states[i].committed_from = from;
		e->states[i].committed_to = from + (end - start);
	}
}

static void do_letter(struct explorer *e, char letter)
{
	char text[128];

	world_do(e->world, letter);
	model_text(&e->world->expected.before, e->shape->cursors, text,
		   sizeof(text));
	explorer_say(e, "call '%c': %s", letter, text);
}

void explorer_open_world(struct explorer *e)
{
	struct world *w = e->world;

	w->census = e->census;
	world_open(w, e->shape, &e->prepared->disk, &e->prepared->expected);
	w->disk.lies = e->lies;
	for (const char *c = e->then; *c != '\0'; c++)
		do_letter(e, *c);
	for (const char *c = e->word; c[1] != '\0'; c++)
		do_letter(e, *c);
}

static void run_word(struct explorer *e)
{
	struct world *w = e->world;

	explorer_open_world(e);
	protect_committed(e);
	w->disk.point = at_point;
	w->disk.point_ctx = e;
	world_do(w, e->word[strlen(e->word) - 1]);
	w->disk.point = NULL;
	at_point(e, &w->disk); /* when it has returned */
	if (w->wrong[0] != '\0')
		explorer_violation(e, w->wrong);
	world_close(w);
}

void explore(struct explorer *e, const struct start *start,
	     const struct prepared *prepared, const char *word)
{
	e->start = start->name;
	e->then = start->then;
	e->prepared = prepared;
	e->word = word;
	e->points = 0;
	e->path.count = 0;
	e->census->workloads[strlen(word)]++;
	run_word(e);
	explore_alone(e);
}
