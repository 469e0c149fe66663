#ifndef GENERATOR_WORKER_H
#define GENERATOR_WORKER_H

#include "generator/maker.h"

#include <pthread.h>
#include <stdbool.h>

/*
 * A thread that makes values ahead of whoever takes them: a chunk of them, then
 * the chunk so many values further on, and so on. A chunk is several whole
 * blocks. It comes as one part, or as several where it is large. The worker
 * never is more than WORKER_PARTS ahead.
 */

enum { WORKER_PARTS = 2 };

/* Values, one behind the other. Whoever waited for it may read it until it is
 * given back. */
struct part {
	uint8_t *bytes;
	size_t len_bytes;
	size_t room_bytes; /* and GEN_SLACK */
	uint64_t *ends;    /* of each, from `bytes` on */
	bool has_ends;
	uint64_t values; /* at least 1, unless rc says why not */
	bool is_last;    /* of its chunk */
	int rc;
};

/* How a worker cuts its work. */
struct worker_share {
	uint64_t chunk_values; /* whole blocks */
	uint64_t step_values;  /* from one chunk of it to its next */
	size_t part_bytes;     /* a larger value makes its part larger */
};

/* Where it is to go on. */
struct worker_order {
	uint64_t begin; /* of a chunk */
	uint64_t from;  /* values before this one are left out */
	bool wants_ends;
};

struct worker {
	struct worker_share share;
	struct maker maker;

	/* The thread's own: what it makes next. */
	struct worker_order doing;
	uint64_t row, chunk_end;
	struct gen_rng rng; /* behind value `row` - 1 */
	bool is_failed;     /* nothing more comes until the next order */

	/* Parts number taken..made - 1 are ready; the rest are the thread's. */
	pthread_t thread;
	bool is_running;
	pthread_mutex_t lock;
	pthread_cond_t is_made; /* a part is ready */
	pthread_cond_t is_told; /* an order, a part given back, or the end */
	struct part parts[WORKER_PARTS];
	unsigned made, taken;
	struct worker_order order;
	unsigned orders; /* that were given */
	bool is_ending;
};

/* It makes nothing until it has an order. Lends the program. -ENOMEM, -EAGAIN.
 * After a failure there is nothing to be ended. */
int worker_start(struct worker *w, const struct worker_share *share,
		 const struct maker *like);

/* Ends the thread, whatever it is at. What was never started (all zeros) is
 * fine. */
void worker_end(struct worker *w);

/* From now on these values. Parts that were ready are gone. */
void worker_tell(struct worker *w, const struct worker_order *order);

/* The oldest part, as soon as it is ready. */
const struct part *worker_wait(struct worker *w);

/* That part is not needed any more. */
void worker_give_back(struct worker *w);

#endif
