#include "tests/bench/result.h"

#include "tests/bench/target.h"
#include "tools/measure.h"

#include <assert.h>
#include <math.h>
#include <string.h>

struct spread spread_of(const double *values, size_t count)
{
	double list[RESULT_ROUNDS_MAX];
	struct samples s = { .list = list, .cap = RESULT_ROUNDS_MAX };

	for (size_t i = 0; i < count; i++)
		samples_add(&s, values[i]);
	samples_sort(&s);
	return (struct spread){
		.median = samples_percentile(&s, 0.5),
		.min = samples_percentile(&s, 0),
		.max = samples_percentile(&s, 1),
	};
}

struct spread spread_of_ratios(const double *values, const double *to,
			       size_t count)
{
	double list[RESULT_ROUNDS_MAX];

	assert(count <= RESULT_ROUNDS_MAX);
	for (size_t i = 0; i < count; i++)
		list[i] = values[i] / to[i];
	return spread_of(list, count);
}

static bool is_better(const struct result *r, const struct result_entry *a,
		      const struct result_entry *b)
{
	if (r->metric.more_is_better)
		return a->value.median > b->value.median;
	return a->value.median < b->value.median;
}

static const struct result_entry *best_of(const struct result *r,
					  enum part part)
{
	const struct result_entry *best = NULL;

	for (size_t i = 0; i < r->count; i++) {
		const struct result_entry *e = &r->entries[i];

		if (e->part == part && (best == NULL || is_better(r, e, best)))
			best = e;
	}
	return best;
}

const struct result_entry *result_ring(const struct result *r)
{
	return best_of(r, PART_RING);
}

const struct result_entry *result_limit(const struct result *r)
{
	return best_of(r, PART_LIMIT);
}

const struct result_entry *result_best_peer(const struct result *r)
{
	return best_of(r, PART_PEER);
}

const struct result_entry *result_named(const struct result *r,
					const char *name)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->entries[i].name, name) == 0)
			return &r->entries[i];
	}
	return NULL;
}

double result_ratio(const struct result *r, const struct result_entry *other)
{
	const struct result_entry *ring = result_ring(r);

	if (ring == NULL || other == NULL)
		return NAN;
	return ring->value.median / other->value.median;
}

/* ---- for people --------------------------------------------------------- */

static const char *const part_names[] = {
	[PART_LIMIT] = "limit",
	[PART_RING] = "ring",
	[PART_PEER] = "peer",
	[PART_BESIDE] = "beside",
};

/* Rates have many digits, and no exponent then. */
static void print_value(double value, FILE *out)
{
	fprintf(out, value < 1e5 ? " %12.5g" : " %12.0f", value);
}

static void print_entry(const struct result *r, const struct result_entry *e,
			FILE *out)
{
	fprintf(out, "  %-6s %-16s", part_names[e->part], e->name);
	print_value(e->value.median, out);
	print_value(e->value.min, out);
	print_value(e->value.max, out);
	if (e->part != PART_RING && result_ring(r) != NULL)
		fprintf(out, "   %6.2f  (%.2f to %.2f)", result_ratio(r, e),
			e->ratio.min, e->ratio.max);
	fprintf(out, "\n");
}

static void print_verdicts(const struct result *r, FILE *out)
{
	struct verdict verdicts[TARGETS_OF_RESULT_MAX];
	const size_t count = target_verdicts(r, verdicts);
	char text[128];

	for (size_t i = 0; i < count; i++) {
		const struct verdict *v = &verdicts[i];

		target_text(r, v->target, text, sizeof(text));
		fprintf(out, "  target %s: ", text);
		fprintf(out, v->reached < 1e5 ? "%.4g" : "%.0f", v->reached);
		fprintf(out, ", %s\n", v->met ? "met" : "NOT MET");
	}
}

void result_print(const struct result *r, FILE *out)
{
	fprintf(out, "%s: %s in %s, %u round%s\n", r->row, r->metric.name,
		r->metric.unit, r->rounds, r->rounds == 1 ? "" : "s");
	fprintf(out, "  %-23s %12s %12s %12s   ring to it (rounds)\n", "",
		"median", "min", "max");
	for (size_t i = 0; i < r->count; i++)
		print_entry(r, &r->entries[i], out);
	print_verdicts(r, out);
	fprintf(out, "\n");
	fflush(out);
}

/* ---- for programs ------------------------------------------------------- */

static json_t *median_doc(const struct result_entry *e)
{
	return e == NULL ? json_null() : json_real(e->value.median);
}

static json_t *name_doc(const struct result_entry *e)
{
	return e == NULL ? json_null() : json_string(e->name);
}

/* JSON has no NAN: jansson makes NULL of it, which is no member at all. */
static json_t *number_doc(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *peers_doc(const struct result *r)
{
	json_t *doc = json_object();

	for (size_t i = 0; i < r->count; i++) {
		if (r->entries[i].part == PART_PEER)
			json_object_set_new(doc, r->entries[i].name,
					    median_doc(&r->entries[i]));
	}
	return doc;
}

static json_t *entry_doc(const struct result_entry *e)
{
	return json_pack("{s:s, s:f, s:f, s:f, s:o, s:o}", "part",
			 part_names[e->part], "median", e->value.median, "min",
			 e->value.min, "max", e->value.max, "ratio_min",
			 number_doc(e->ratio.min), "ratio_max",
			 number_doc(e->ratio.max));
}

static json_t *entries_doc(const struct result *r)
{
	json_t *doc = json_object();

	for (size_t i = 0; i < r->count; i++)
		json_object_set_new(doc, r->entries[i].name,
				    entry_doc(&r->entries[i]));
	return doc;
}

static json_t *targets_doc(const struct result *r)
{
	struct verdict verdicts[TARGETS_OF_RESULT_MAX];
	const size_t count = target_verdicts(r, verdicts);
	json_t *doc = json_array();
	char text[128];

	for (size_t i = 0; i < count; i++) {
		target_text(r, verdicts[i].target, text, sizeof(text));
		json_array_append_new(doc, json_pack("{s:s, s:f, s:b}",
						     "target", text, "reached",
						     verdicts[i].reached, "met",
						     verdicts[i].met));
	}
	return doc;
}

json_t *result_doc(const struct result *r)
{
	const struct result_entry *limit = result_limit(r);
	const struct result_entry *peer = result_best_peer(r);

	return json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:i, s:o, s:o}",
		"row", r->row, "metric", r->metric.name, "unit", r->metric.unit,
		"ring", median_doc(result_ring(r)), "limit", median_doc(limit),
		"peers", peers_doc(r), "ratio_to_limit",
		number_doc(result_ratio(r, limit)), "ratio_to_best_peer",
		number_doc(result_ratio(r, peer)), "limit_is", name_doc(limit),
		"best_peer", name_doc(peer), "rounds", (int)r->rounds,
		"entries", entries_doc(r), "targets", targets_doc(r));
}
