#ifndef TESTS_SWEEP_FAIL_CALLS_H
#define TESTS_SWEEP_FAIL_CALLS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Between the library and the C library: counts what is asked of the system,
 * and fails the N-th time. The linker puts it there (--wrap, see the
 * Makefile); so it sees every call of this program, and counts those that the
 * thread makes which called fail_begin(), until fail_end().
 */
enum fail_kind {
	FAIL_LOOK = 1,   /* open, stat, locks, timers, random numbers */
	FAIL_READ = 2,   /* pread */
	FAIL_WRITE = 4,  /* pwrite, and what allocates or flushes */
	FAIL_MEMORY = 8, /* allocations */
};

struct fail_plan {
	const char *name;
	unsigned kinds; /* which calls count, of enum fail_kind */
	int error;      /* an errno; 0 with is_short: no error follows */

	/*
	 * A transfer is cut in half, and what is transferred is on the medium.
	 * Then the error comes, if there is one. Transfers that are too small
	 * to be cut do not count.
	 */
	bool is_short;
	bool persists; /* all later calls fail, too */
	unsigned at;   /* the first that fails, counted from 1 */
};

struct fail_report {
	bool was_met;
	const char *call; /* that was met first */
	enum fail_kind kind;
	unsigned flushes; /* fdatasync and fsync that were asked for */
};

/* A transfer is cut at a multiple of this. 1 until it is set. */
void fail_set_unit(size_t bytes);

/* No inotify here: whoever waits must poll, so that a test's clock decides. */
void fail_watches(bool are_refused);

void fail_begin(const struct fail_plan *plan);
struct fail_report fail_end(void);

/* Between the two: what is done by others, and never fails. */
void fail_pause(void);
void fail_resume(void);

#endif
