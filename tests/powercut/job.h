#ifndef TESTS_POWERCUT_JOB_H
#define TESTS_POWERCUT_JOB_H

#include "tests/lib/draw.h"
#include "tests/powercut/host.h"
#include "tests/powercut/ledger.h"

/* What the storage's end looks like to the caller of the program. */
enum {
	EXIT_DONE = 0,
	EXIT_WRONG = 1, /* a promise is broken, or an error that can't be */
	EXIT_USAGE = 2,
	EXIT_STORAGE = 3, /* the power is gone */
	EXIT_FENCED = 4,
};

/* One run of the program: a command and what it was given. */
struct job {
	const char *path;
	const char *ledger_path;
	struct ledger *ledger;
	struct host host;
	struct draw draw;
	struct ring_options options;
	struct ring_fault fault;
	uint64_t until;       /* go on until the counter of this role is here */
	uint32_t block_bytes; /* create only, as the next two */
	uint64_t size_bytes;
	bool padded;
};

/* What a call that failed means for the exit code; damage is counted. */
int job_end(struct job *job, int rc, const char *what);

/*
 * Attach, and compare what the ring says with the ledger. 0 or a negative
 * code; a broken promise is only counted.
 */
int producer_begin(struct job *job, struct ring_producer **ret_p,
		   struct ring_producer_state *ret_state);
int consumer_begin(struct job *job, struct ring_consumer **ret_c,
		   struct ring_consumer_state *ret_state);

/* The commands. They return the exit code. */
int job_produce(struct job *job);
int job_consume(struct job *job);
int job_verify(struct job *job);
int job_stale(struct job *job);

#endif
