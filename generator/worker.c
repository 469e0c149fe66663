#include "generator/worker.h"

#include "generator/generator.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

/* ---- making: the thread alone -------------------------------------------- */

/* Room for part_bytes at first, then for twice as much. */
static int grow(struct part *part, size_t part_bytes)
{
	const size_t twice = 2 * part->room_bytes;
	size_t more = part->bytes == NULL ? part_bytes : twice;
	uint8_t *grown;

	if (part->room_bytes == GEN_VALUE_MAX)
		return -EMSGSIZE;
	if (more > GEN_VALUE_MAX)
		more = GEN_VALUE_MAX;
	grown = realloc(part->bytes, more + GEN_SLACK);
	if (grown == NULL)
		return -ENOMEM;
	part->bytes = grown;
	part->room_bytes = more;
	return 0;
}

static int reserve(const struct worker *w, struct part *part)
{
	if (w->doing.wants_ends && part->ends == NULL) {
		part->ends = calloc(w->share.chunk_values, sizeof(*part->ends));
		if (part->ends == NULL)
			return -ENOMEM;
	}
	return part->bytes == NULL ? grow(part, w->share.part_bytes) : 0;
}

/* Values up to row_end, at least one, at the beginning of the part. */
static int make(struct worker *w, struct part *part, uint64_t row_end)
{
	struct gen_run run = { .row = w->row };
	int rc = 0;

	while (rc == 0 && run.row == w->row) {
		run.rng = w->rng;
		run.begin = run.p = part->bytes;
		run.end = part->bytes + part->room_bytes;
		run.ends = part->has_ends ? part->ends : NULL;
		maker_make(&w->maker, &run, row_end);
		if (run.row == w->row)
			rc = grow(part, w->share.part_bytes);
	}
	part->values = run.row - w->row;
	part->len_bytes = (size_t)(run.p - run.begin);
	w->row = run.row;
	w->rng = run.rng;
	return rc;
}

static void begin_chunk(struct worker *w, uint64_t row)
{
	w->row = row;
	w->chunk_end = row + w->share.chunk_values;
}

/* The values before the first one wanted have to be made, too: it is their
 * stream that it goes on with. */
static void make_part(struct worker *w, struct part *part)
{
	part->has_ends = w->doing.wants_ends;
	part->rc = reserve(w, part);
	while (part->rc == 0 && w->row < w->doing.from)
		part->rc = make(w, part, w->doing.from);
	if (part->rc == 0)
		part->rc = make(w, part, w->chunk_end);
	part->is_last = w->row == w->chunk_end;
	w->is_failed = part->rc < 0;
	if (part->is_last)
		begin_chunk(w, w->chunk_end - w->share.chunk_values +
				       w->share.step_values);
}

/* ---- handing over: under the lock ---------------------------------------- */

static bool may_make(const struct worker *w, unsigned known_orders)
{
	if (w->orders != known_orders)
		return true;
	return w->orders != 0 && !w->is_failed &&
	       w->made - w->taken < WORKER_PARTS;
}

static void take_order(struct worker *w)
{
	w->doing = w->order;
	w->is_failed = false;
	begin_chunk(w, w->doing.begin);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	unsigned known_orders = 0;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		struct part *part;

		while (!w->is_ending && !may_make(w, known_orders))
			pthread_cond_wait(&w->is_told, &w->lock);
		if (w->is_ending)
			break;
		if (w->orders != known_orders)
			take_order(w);
		known_orders = w->orders;
		part = &w->parts[w->made % WORKER_PARTS];
		pthread_mutex_unlock(&w->lock);
		make_part(w, part);
		pthread_mutex_lock(&w->lock);
		if (w->orders == known_orders) {
			w->made++;
			pthread_cond_signal(&w->is_made);
		}
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

void worker_tell(struct worker *w, const struct worker_order *order)
{
	pthread_mutex_lock(&w->lock);
	w->order = *order;
	w->orders++;
	w->made = w->taken = 0;
	pthread_cond_signal(&w->is_told);
	pthread_mutex_unlock(&w->lock);
}

const struct part *worker_wait(struct worker *w)
{
	const struct part *ret;

	pthread_mutex_lock(&w->lock);
	while (w->made == w->taken)
		pthread_cond_wait(&w->is_made, &w->lock);
	ret = &w->parts[w->taken % WORKER_PARTS];
	pthread_mutex_unlock(&w->lock);
	return ret;
}

void worker_give_back(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->taken++;
	pthread_cond_signal(&w->is_told);
	pthread_mutex_unlock(&w->lock);
}

/* ---- start and end ------------------------------------------------------- */

/* Signals are for the threads that the program made itself. */
static int start_thread(struct worker *w)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = -pthread_create(&w->thread, NULL, worker_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static void release(struct worker *w)
{
	pthread_cond_destroy(&w->is_made);
	pthread_cond_destroy(&w->is_told);
	pthread_mutex_destroy(&w->lock);
	maker_release(&w->maker);
	for (unsigned i = 0; i < WORKER_PARTS; i++) {
		free(w->parts[i].bytes);
		free(w->parts[i].ends);
	}
}

int worker_start(struct worker *w, const struct worker_share *share,
		 const struct maker *like)
{
	int rc;

	*w = (struct worker){ .share = *share };
	rc = maker_init(&w->maker, like->program, like->compiled, like->seed);
	if (rc < 0)
		return rc;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->is_made, NULL);
	pthread_cond_init(&w->is_told, NULL);
	rc = start_thread(w);
	if (rc < 0)
		release(w);
	w->is_running = rc == 0;
	return rc;
}

void worker_end(struct worker *w)
{
	if (!w->is_running)
		return;
	pthread_mutex_lock(&w->lock);
	w->is_ending = true;
	pthread_cond_signal(&w->is_told);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	release(w);
	w->is_running = false;
}
