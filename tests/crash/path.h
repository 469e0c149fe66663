#ifndef TESTS_CRASH_PATH_H
#define TESTS_CRASH_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The way to one state: crashes, each at a point of what the one before it was
 * followed by. As text: POINT:STEP[/POINT.STEP]..., for example
 * '3:process/5.power=p2': at the fourth point of the workload's last call all
 * processes die; at the sixth point of the recovery that follows the power
 * goes, and of all that was not durable the first two atoms are kept.
 */
enum step_kind {
	STEP_PROCESS,  /* all processes die */
	STEP_POWER,    /* how, n: what is left (states.h) */
	STEP_UNPLUG,   /* likewise, of the disk alone: the host stays up */
	STEP_LOOK,     /* consumers read on while the producer hangs */
	STEP_GHOST,    /* the host crashes, another takes over; at point n of
			* that the disk ends what it had in its queue */
	STEP_PRODUCER, /* its process dies, the consumers live on */
	STEP_CONSUMER, /* likewise */
	STEP_ZOMBIE,   /* another host takes over, then the call goes on */
	STEP_WAKE,     /* another host takes over; at point n of that the
			* former producer publishes. how: d, b: the heir's I/O
			* is direct, buffered */
	STEP_KINDS,
};

enum {
	POINT_RECOVERED = 9999, /* when recovery is complete: 'r' */
	PATH_STEPS = 4,
};

struct step {
	unsigned point;
	enum step_kind kind;
	char how; /* 0: nothing to choose */
	unsigned n;
};

struct path {
	struct step steps[PATH_STEPS];
	unsigned count;
};

void path_text(const struct path *p, char *buf, size_t len);

/* Whether the text is one. */
bool path_parse(const char *text, struct path *ret);

#endif
