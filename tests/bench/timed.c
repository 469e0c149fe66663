#include "tests/bench/timed.h"

#include "tests/bench/bench.h"
#include "tests/bench/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES_MAX = 1 << 14 };

struct runner {
	const struct timed *timed;
	void *it; /* what timed->ops->open() made */
	struct samples times_us;
	bool is_warm;
};

const struct metric timed_metrics[TIMED_METRICS] = {
	{ "p50", "us", false },
	{ "p99", "us", false },
};

static void runner_close(void *state)
{
	struct runner *r = state;

	if (r->it != NULL)
		r->timed->ops->close(r->it);
	samples_release(&r->times_us);
	free(r);
}

static int runner_open(const struct contestant *c, const char *dir,
		       void **ret_state)
{
	struct runner *r = calloc(1, sizeof(*r));
	int rc = -ENOMEM;

	if (r == NULL)
		return rc;
	r->timed = c->how;
	if (samples_init(&r->times_us, SAMPLES_MAX) == 0)
		rc = r->timed->ops->open(r->timed->how, dir, &r->it);
	if (rc != 0) {
		runner_close(r);
		return rc;
	}
	*ret_state = r;
	return 0;
}

/* The first slice only warms up. */
static void keep(struct runner *r)
{
	struct samples *all = r->timed->keep;

	for (size_t i = 0; all != NULL && r->is_warm && i < r->times_us.count &&
			   all->count < all->cap;
	     i++)
		samples_add(all, r->times_us.list[i]);
	r->is_warm = true;
}

static int runner_slice(void *state, double budget_us, double *ret_values)
{
	struct runner *r = state;
	const double end_us = measure_now_us() + budget_us;

	r->times_us.count = 0;
	do {
		double us;
		int rc = r->timed->ops->once(r->it, &us);

		if (rc < 0)
			return rc;
		samples_add(&r->times_us, us);
	} while (measure_now_us() < end_us &&
		 r->times_us.count < r->times_us.cap);
	keep(r);
	samples_sort(&r->times_us);
	ret_values[0] = samples_percentile(&r->times_us, 0.5);
	ret_values[1] = samples_percentile(&r->times_us, 0.99);
	return 0;
}

const struct contestant_ops timed_contestant = {
	.open = runner_open,
	.slice = runner_slice,
	.close = runner_close,
};

/* ---- the bare file ------------------------------------------------------ */

static int raw_open(const void *how, const char *dir, void **ret_it)
{
	return store_raw.open(how, dir, ret_it);
}

static int raw_once(void *it, double *ret_us)
{
	const double start_us = measure_now_us();
	const int rc = store_raw.put(it);

	*ret_us = measure_now_us() - start_us;
	return rc;
}

static void raw_close(void *it)
{
	store_raw.close(it);
}

const struct timed_ops timed_raw = {
	.open = raw_open,
	.close = raw_close,
	.once = raw_once,
};
