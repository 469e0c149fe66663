#ifndef TESTS_CRASH_WORKLOAD_H
#define TESTS_CRASH_WORKLOAD_H

#include "tests/crash/world.h"

/*
 * Workloads are words over an alphabet of calls:
 *
 *   0 1      push an item of that many bytes
 *   a b c    push one of a block less its header, less 1, 0, plus 1
 *   s m      push one of three blocks less its header, the greatest of all
 *   A P M    advance; publish an item, the greatest there may be
 *   O C      each consumer pops; each advances behind what it popped
 *   S R      the last consumer asks to suspend, to resume
 *   D T      the producer detaches; a producer attaches
 *   d t      likewise the first consumer
 *   x        calls that must be refused
 *   E        (to prepare only) consumers take everything
 */
enum { WORKLOAD_LETTERS = 19, WORKLOAD_MAX = 5 };
extern const char workload_alphabet[WORKLOAD_LETTERS + 1];

/* A ring that has some history, so that ends and wraps fall anywhere. */
struct start {
	const char *name;
	unsigned laps;    /* of the data area, by small publishes */
	unsigned eighths; /* of a block left before the wrap, at most; 0: any */
	const char
		*first; /* letters before the processes of a workload attach */
	const char *then; /* and after */
};

enum { STARTS = 9 };
extern const struct start starts[STARTS];

struct prepared {
	struct sim_disk disk;
	struct judge_expected expected;
};

/* Make the image of a start. */
void workload_prepare(const struct shape *shape, const struct start *start,
		      struct census *census, struct prepared *ret);

/* The words of a length, in order: the n-th. Their number. */
uint64_t workload_count(unsigned length);
void workload_word(unsigned length, uint64_t n, char *ret);

/* How the last letter of a word must be played by a single process. */
bool workload_is_producers(char letter);

#endif
