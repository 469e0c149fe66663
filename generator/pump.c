/*
 * A pump asks which values are due, has them made, where possible where the
 * sink wants them, and gives them to it. It holds one batch at most: what the
 * sink could not take yet. A batch never goes across a cut, for it is made no
 * larger than what is left until there.
 */
#include "generator/error.h"
#include "generator/rate.h"
#include "generator/sink.h"
#include "generator/stutter.h"
#include "ring/export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STEP_BYTES = 1 << 20,
	FIRST_VALUES = 256,       /* while nobody knows how large they are */
	BATCH_VALUES = 1 << 16,   /* at most */
	STEP_MOVES = 64,          /* also where values have no bytes */
	NO_FD_PAUSE_NS = 1000000, /* where there is nothing to poll */
};

struct gen_pump {
	struct generator *g;
	struct gen_sink *sink;
	struct gen_pump_options options;
	struct rate rate;
	struct stutter stutter;

	bool is_started;
	bool is_stopped;
	bool is_done;
	bool has_paused; /* before this step */
	bool is_dirty;   /* something was taken and not flushed */
	bool must_cut;
	int failed; /* what the sink met first */

	struct gen_batch batch; /* to be taken; no values: none */
	uint8_t *buf;           /* STEP_BYTES, if it is needed */

	struct gen_pump_stats stats;
	uint64_t cut_values, cut_bytes; /* since the last one */
	uint64_t step_bytes;            /* in this step */
};

/* ---- making and releasing ----------------------------------------------- */

static bool has_cuts(const struct gen_pump *p)
{
	return p->options.max_count > 0 || p->options.max_size_bytes > 0;
}

/* With max_count, only that counts. */
static bool cuts_by_size(const struct gen_pump *p)
{
	return p->options.max_count == 0 && p->options.max_size_bytes > 0;
}

/* Whether batches have to end where the pump says, not the generator. */
static bool needs_buf(const struct gen_pump *p)
{
	return p->sink->ops->room == NULL &&
	       (p->stutter.more > 0 || cuts_by_size(p));
}

static int check_options(struct gen_pump *p, struct gen_error *ret_error)
{
	if (rate_init(&p->rate, p->options.rate_limit) < 0)
		return gen_error_set(ret_error, "'%g' is no rate",
				     p->options.rate_limit);
	if (stutter_init(&p->stutter, p->options.stutter) < 0)
		return gen_error_set(ret_error, "'%g' is no stutter",
				     p->options.stutter);
	return 0;
}

RING_EXPORT int gen_pump_create(struct generator *g, struct gen_sink *sink,
				const struct gen_pump_options *options,
				struct gen_error *ret_error,
				struct gen_pump **ret_pump)
{
	struct gen_pump *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return gen_error_no_memory(ret_error);
	p->g = g;
	p->sink = sink;
	p->options = *options;
	rc = check_options(p, ret_error);
	if (rc == 0 && needs_buf(p)) {
		p->buf = malloc(STEP_BYTES);
		if (p->buf == NULL)
			rc = gen_error_no_memory(ret_error);
	}
	if (rc < 0) {
		gen_pump_free(p);
		return rc;
	}
	*ret_pump = p;
	return 0;
}

RING_EXPORT void gen_pump_free(struct gen_pump *pump)
{
	if (pump == NULL)
		return;
	free(pump->buf);
	free(pump);
}

RING_EXPORT void gen_pump_stop(struct gen_pump *pump)
{
	pump->is_stopped = true;
}

RING_EXPORT void gen_pump_stats(const struct gen_pump *pump,
				struct gen_pump_stats *ret)
{
	*ret = pump->stats;
}

/* ---- what is due -------------------------------------------------------- */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Values until the end. */
static uint64_t values_left(const struct gen_pump *p)
{
	if (p->is_stopped)
		return 0;
	return p->options.has_count ? p->options.count - p->stats.values
				    : UINT64_MAX;
}

/* About as many as make a step. */
static uint64_t values_of_step(const struct gen_pump *p)
{
	uint64_t values;

	if (p->stats.values == 0)
		return FIRST_VALUES;
	values = STEP_BYTES / (p->stats.bytes / p->stats.values + 1);
	return values == 0 ? 1 : least(values, BATCH_VALUES);
}

static uint64_t values_due(struct gen_pump *p, uint64_t now_ns)
{
	uint64_t due = least(rate_due(&p->rate, now_ns), values_left(p));

	if (p->options.max_count > 0)
		due = least(due, p->options.max_count - p->cut_values);
	return least(due, values_of_step(p));
}

/* ---- making values ------------------------------------------------------ */

/* The room for values: the sink's, or the pump's own, or none. */
static int find_room(struct gen_pump *p, struct gen_demand *demand)
{
	int rc = 0;

	if (p->sink->ops->room != NULL) {
		rc = p->sink->ops->room(p->sink, &demand->room,
					&demand->room_bytes);
	} else if (p->buf != NULL) {
		demand->room = p->buf;
		demand->room_bytes = STEP_BYTES;
	}
	/* The value that goes past the size is made alone. */
	if (rc == 0 && demand->room != NULL && cuts_by_size(p))
		demand->room_bytes =
			(size_t)least(demand->room_bytes,
				      p->options.max_size_bytes - p->cut_bytes);
	return rc;
}

static int next_batch(struct gen_pump *p, const struct gen_demand *demand)
{
	const int rc = p->stutter.more > 0 ? stutter_next(&p->stutter, p->g,
							  demand, &p->batch)
					   : gen_next(p->g, demand, &p->batch);

	if (rc < 0)
		p->batch.values = 0;
	if (rc == -EMSGSIZE)
		return gen_sink_fail(p->sink, rc,
				     "a value is larger than %zu bytes",
				     GEN_VALUE_MAX);
	return rc;
}

static int make_values(struct gen_pump *p, uint64_t values)
{
	struct gen_demand demand = { .values = values };
	int rc = find_room(p, &demand);

	if (rc == 0)
		rc = next_batch(p, &demand);
	if (rc == 0 && p->batch.values == 0) {
		demand = (struct gen_demand){ .values = 1 };
		rc = next_batch(p, &demand);
	}
	return rc;
}

/* ---- moving ------------------------------------------------------------- */

static void count_batch(struct gen_pump *p)
{
	p->stats.values += p->batch.values;
	p->stats.bytes += p->batch.len_bytes;
	p->cut_values += p->batch.values;
	p->cut_bytes += p->batch.len_bytes;
	p->step_bytes += p->batch.len_bytes;
	rate_emit(&p->rate, p->batch.values);
	if (p->options.max_count > 0)
		p->must_cut = p->cut_values >= p->options.max_count;
	else if (p->options.max_size_bytes > 0)
		p->must_cut = p->cut_bytes >= p->options.max_size_bytes;
	p->is_dirty = true;
	p->batch.values = 0;
}

static int give_batch(struct gen_pump *p)
{
	const int rc = p->sink->ops->write(p->sink, &p->batch);

	if (rc == 0)
		count_batch(p);
	return rc;
}

static int cut(struct gen_pump *p)
{
	const int rc =
		p->sink->ops->cut == NULL ? 0 : p->sink->ops->cut(p->sink);

	if (rc < 0)
		return rc;
	p->must_cut = false;
	p->is_dirty = false;
	p->cut_values = p->cut_bytes = 0;
	p->stats.cuts++;
	return 0;
}

static int finish(struct gen_pump *p)
{
	const int rc = p->sink->ops->close(p->sink);

	p->is_done = rc == 0;
	return rc;
}

/* Nothing is due. What lies between two cuts stays together. */
static int flush(struct gen_pump *p)
{
	int rc;

	if (!p->is_dirty || has_cuts(p) || p->sink->ops->flush == NULL)
		return 0;
	rc = p->sink->ops->flush(p->sink);
	p->is_dirty = rc != 0;
	return rc;
}

static bool step_is_over(const struct gen_pump *p)
{
	return p->is_done || p->step_bytes >= STEP_BYTES;
}

/* One move. *ret_pause: there was none to make, for nothing is due. */
static int move(struct gen_pump *p, uint64_t now_ns, bool *ret_pause)
{
	uint64_t due;

	if (p->batch.values > 0)
		return give_batch(p);
	if (p->must_cut)
		return cut(p);
	if (values_left(p) == 0)
		return finish(p);
	due = values_due(p, now_ns);
	if (due > 0)
		return make_values(p, due);
	*ret_pause = true;
	return flush(p);
}

/* ---- steps -------------------------------------------------------------- */

static int begin_step(struct gen_pump *p, uint64_t now_ns)
{
	p->step_bytes = 0;
	if (!p->is_started)
		rate_start(&p->rate, now_ns);
	p->is_started = true;
	if (!p->has_paused || p->sink->ops->attend == NULL)
		return 0;
	return p->sink->ops->attend(p->sink);
}

static int run_step(struct gen_pump *p, uint64_t now_ns, bool *ret_pause)
{
	uint64_t moves = STEP_MOVES;
	int rc;

	p->sink->error.text[0] = '\0'; /* what was waited for */
	rc = begin_step(p, now_ns);
	while (rc == 0 && !*ret_pause && !step_is_over(p) && moves-- > 0)
		rc = move(p, now_ns, ret_pause);
	return rc;
}

/* Say what is worth waiting for. */
static void plan_pause(const struct gen_pump *p, uint64_t now_ns, bool is_full,
		       struct gen_step *step)
{
	const struct gen_sink_ops *ops = p->sink->ops;

	step->until_ns =
		is_full ? UINT64_MAX : rate_next_ns(&p->rate, values_left(p));
	if ((is_full || ops->attend != NULL) && ops->wait_fd != NULL)
		step->fd = ops->wait_fd(p->sink, &step->events);
	if (is_full && step->fd < 0)
		step->until_ns = now_ns + NO_FD_PAUSE_NS;
}

/* Why it failed, or what it waits for. */
static void explain(const struct gen_pump *p, int rc,
		    struct gen_error *ret_error)
{
	if (ret_error == NULL)
		return;
	*ret_error = p->sink->error;
	if (ret_error->text[0] == '\0')
		snprintf(ret_error->text, sizeof(ret_error->text), "%s",
			 strerror(-rc));
}

RING_EXPORT int gen_pump_step(struct gen_pump *pump, uint64_t now_ns,
			      struct gen_step *ret_step,
			      struct gen_error *ret_error)
{
	struct gen_step step = { .fd = -1 };
	bool has_paused = false, is_full;
	int rc = pump->failed;

	if (rc == 0 && !pump->is_done)
		rc = run_step(pump, now_ns, &has_paused);
	is_full = rc == -EAGAIN;
	if (rc < 0)
		explain(pump, rc, ret_error);
	if (rc < 0 && !is_full) {
		pump->failed = rc;
		return rc;
	}
	step.is_done = pump->is_done;
	step.is_full = is_full;
	pump->has_paused = has_paused || is_full;
	if (pump->has_paused)
		plan_pause(pump, now_ns, is_full, &step);
	*ret_step = step;
	return 0;
}
