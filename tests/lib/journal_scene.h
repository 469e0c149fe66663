#ifndef TESTS_JOURNAL_SCENE_H
#define TESTS_JOURNAL_SCENE_H

#include "journal/journal.h"
#include "tests/lib/ring_fixture.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A journal with its threads on a ring of a test's, and threads of the test
 * that call it. Its perform can be held up.
 */
enum { THREADS = 8, PUSHES = 150 };

/* An operation: of which thread, and which of its pushes. */
struct seen {
	uint32_t thread, number;
};

struct journal_scene {
	struct fixture *f;
	struct journal_options options;
	struct journal *j;

	/* Perform: what came, in order. */
	struct seen seen[THREADS * PUSHES];
	unsigned count;
	int answer; /* 0: all */
	sem_t entered, leave;
	bool holds;          /* perform waits for `leave` */
	unsigned pushes_own; /* perform pushes so many operations itself */
	unsigned gate;       /* the next write waits for so many in the queue */
};

/* A ring, and options of zeros; nothing is started. */
struct journal_scene *journal_scene_new(void **state);

/* Start and end; asserted to succeed. */
void journal_scene_start(struct journal_scene *s);
void journal_scene_stop(struct journal_scene *s);

struct worker {
	struct journal_scene *s;
	uint32_t thread;
	pthread_t id;
	int rc; /* what its work came to: the main thread asserts */
};

/* Start a thread; wait for it, and have its rc. */
void scene_worker_begin(struct journal_scene *s, struct worker *w,
			uint32_t thread, void *(*work)(void *worker));
int scene_worker_end(struct worker *w);

/* The same of all, those from number `first` on; asserted to end with 0. */
void workers_begin(struct journal_scene *s, struct worker workers[THREADS],
		   uint32_t first, void *(*work)(void *worker));
void workers_end(struct worker workers[THREADS]);

#endif
