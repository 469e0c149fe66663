#include "tests/bench/target.h"

#include <assert.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct target targets[] = {
	{ "publish-1/*", "p50", TARGET_LIMIT, 1.10, NULL },
	{ "publish-1/*", "p99", TARGET_LIMIT, 2, NULL },
	{ "publish-1000/*", "rate", TARGET_BEST_PEER, 3, NULL },
	{ "publish-1000/*", "rate", TARGET_ABSOLUTE, 5e6, NULL },
	{ "publish-64k/*", "rate", TARGET_LIMIT, 0.85, NULL },
	{ "publish-64k/*", "rate", TARGET_PEER, 2.5, "lmdb" },
	{ "drain-100/buffered", "rate", TARGET_BEST_PEER, 5, NULL },
	{ "drain-100/buffered", "rate", TARGET_ABSOLUTE, 10e6, NULL },
	{ "drain-100/direct", "rate", TARGET_LIMIT, 0.9, NULL },
	{ "drain-64k/buffered", "rate", TARGET_BEST_PEER, 5, NULL },
	{ "drain-64k/direct", "rate", TARGET_LIMIT, 0.9, NULL },
	{ "latency/buffered", "p50", TARGET_LIMIT, 1.3, NULL },
	{ "latency/direct", "p50", TARGET_LIMIT, 2.2, NULL },
	{ "latency/*", "p99", TARGET_LIMIT, 3, NULL },
	{ "nodurable/*-1", "rate", TARGET_ABSOLUTE, 0.3e6, NULL },
	{ "nodurable/*-1000", "rate", TARGET_ABSOLUTE, 10e6, NULL },
	{ "attach/*", "time", TARGET_ABSOLUTE, 200, NULL },
	{ "attach/*", "time", TARGET_PEER, 1.5, "smallest" },
	{ "attach/*", "read", TARGET_PEER, 1.1, "smallest" },
	{ "cpu/*", "allocations", TARGET_ABSOLUTE, 0, NULL },
	{ "scale/consumers", "p50", TARGET_PEER, 1.1, "1-consumer" },
	{ "scale/backlog", "p50", TARGET_PEER, 1.1, "empty" },
	{ "scale/laps", "p50", TARGET_PEER, 1.1, "1-lap" },
	{ "journal/1-thread", "p50", TARGET_LIMIT, 1.2, NULL },
	{ "journal/16-threads", "rate", TARGET_PEER, 6, "1-thread" },
	{ "journal/batches", "batch", TARGET_PEER, 1.01, "1-thread" },
	{ "gen/row-binary", "rate", TARGET_LIMIT, 0.65, NULL },
	{ "gen/jit", "rate", TARGET_LIMIT, 0.95, NULL },
	{ "gen/threads", "rate", TARGET_PEER, 1.8, "1-thread" },
	{ "gen/null", "rate", TARGET_PEER, 1, "row-binary" },
	{ "gen-ring/*", "rate", TARGET_PEER, 0.7, "producer" },
	{ "gen/s-expression", "rate", TARGET_ABSOLUTE, 1e9, NULL },
	{ "gen/csv", "rate", TARGET_ABSOLUTE, 1e9, NULL },
	{ "gen/narrow", "rate", TARGET_ABSOLUTE, 1e9, NULL },
	{ "gen/json", "rate", TARGET_ABSOLUTE, 1e9, NULL },
};

enum { TARGETS = sizeof(targets) / sizeof(targets[0]) };

static bool applies(const struct target *t, const struct result *r)
{
	return fnmatch(t->rows, r->row, 0) == 0 &&
	       strcmp(t->metric, r->metric.name) == 0;
}

static double reached(const struct target *t, const struct result *r)
{
	switch (t->against) {
	case TARGET_LIMIT:
		return result_ratio(r, result_limit(r));
	case TARGET_BEST_PEER:
		return result_ratio(r, result_best_peer(r));
	case TARGET_PEER:
		return result_ratio(r, result_named(r, t->peer));
	case TARGET_ABSOLUTE:
		break;
	}
	return result_ring(r)->value.median;
}

static struct verdict judge(const struct target *t, const struct result *r)
{
	const double value = reached(t, r);

	return (struct verdict){
		.target = t,
		.reached = value,
		.met = r->metric.more_is_better ? value >= t->value
						: value <= t->value,
	};
}

size_t target_verdicts(const struct result *r, struct verdict *ret_verdicts)
{
	size_t count = 0;

	for (size_t i = 0; i < TARGETS && result_ring(r) != NULL; i++) {
		struct verdict v;

		if (!applies(&targets[i], r))
			continue;
		v = judge(&targets[i], r);
		if (isnan(v.reached)) /* there is nothing to compare with */
			continue;
		assert(count < TARGETS_OF_RESULT_MAX);
		ret_verdicts[count++] = v;
	}
	return count;
}

void target_text(const struct result *r, const struct target *target, char *buf,
		 size_t len_bytes)
{
	const char *bound = r->metric.more_is_better ? "at least" : "at most";

	switch (target->against) {
	case TARGET_LIMIT:
		snprintf(buf, len_bytes, "%s %.2fx the limit", bound,
			 target->value);
		break;
	case TARGET_BEST_PEER:
		snprintf(buf, len_bytes, "%s %.2fx the best peer", bound,
			 target->value);
		break;
	case TARGET_PEER:
		snprintf(buf, len_bytes, "%s %.2fx %s", bound, target->value,
			 target->peer);
		break;
	case TARGET_ABSOLUTE:
		snprintf(buf, len_bytes, "%s %.0f %s", bound, target->value,
			 r->metric.unit);
		break;
	}
}
