#ifndef TESTS_CRASH_EXPLORE_H
#define TESTS_CRASH_EXPLORE_H

#include "tests/crash/path.h"
#include "tests/crash/states.h"
#include "tests/crash/workload.h"

#include <stdatomic.h>

/* How much of a workload's states to visit. */
struct effort {
	unsigned cuts;   /* power cuts at each point */
	unsigned nested; /* a crash in one of so many points of recoveries */
	unsigned alone;  /* points at which single processes die */
};

/* Visits the crash states of workloads of one shape. */
struct explorer {
	const struct shape *shape;
	struct census *census;
	struct state_set *seen;
	struct effort effort;
	struct draw draw;
	bool lies;         /* the disk does, about flushes */
	atomic_bool *told; /* known limits shown by some worker; NULL: tell */

	/* To reproduce one state only: the way there. NULL: all of them. */
	const struct path *replay;
	bool replayed; /* it was met */

	/* The workload, and the way to the present state. */
	const struct prepared *prepared;
	const char *start;
	const char *then; /* letters before the word */
	const char *word;
	struct path path;
	struct world *world;
	unsigned points; /* of the word's last letter, so far */
	struct states states[PATH_STEPS];
	unsigned long flushes_before_landing; /* of a take-over */
};

struct explorer *explorer_new(void);
void explorer_free(struct explorer *e);

/* Run one word after a start and visit what effort and replay say. */
void explore(struct explorer *e, const struct start *start,
	     const struct prepared *prepared, const char *word);

/* ---- between explore.c and alone.c -------------------------------------- */

/* Whether step s is to be taken now: always, or only as the replay says. */
bool explorer_wants(const struct explorer *e, const struct step *s);

void explorer_push(struct explorer *e, const struct step *s);
void explorer_pop(struct explorer *e);

/* Whose power goes: mostly that of all. */
enum step_kind explorer_power(struct explorer *e);

/* Crash a copy of the disk as *s says, recover it, judge. */
void explorer_take(struct explorer *e, struct sim_disk *d,
		   const struct judge_expected *x, const struct step *s);

/* A line for who replays one state. */
__attribute__((format(printf, 2, 3))) void
explorer_say(const struct explorer *e, const char *format, ...);

/* Print what is wrong, and how to see it again. */
void explorer_violation(struct explorer *e, const char *text);

/* Attach to the prepared ring and do all letters but the last. */
void explorer_open_world(struct explorer *e);

/* Recover the copy of a disk that a crash leaves, and judge it. */
struct recovery {
	const struct judge_expected *expected;
	unsigned host;
	unsigned boot;
	bool takeover;
	unsigned land_at; /* point at which all in flight completes; 0: never */
};
void explorer_recover(struct explorer *e, struct sim_disk *child,
		      const struct recovery *r);

/* Single processes die, or wake too late: runs of their own. */
void explore_alone(struct explorer *e);

/* Count a limit that DESIGN.md states; the first of each is told. */
void explorer_known(struct explorer *e, enum known_limit limit,
		    const char *text);

#endif
