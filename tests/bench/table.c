#include "tests/bench/table.h"

#include "tests/bench/out_file.h"
#include "tests/bench/target.h"

/* Three digits, and thousands and millions as k and M. */
static void write_value(double value, FILE *file)
{
	if (value >= 999.5e3)
		fprintf(file, "%.3g M", value / 1e6);
	else if (value >= 9995)
		fprintf(file, "%.3g k", value / 1e3);
	else if (value >= 100)
		fprintf(file, "%.0f", value);
	else
		fprintf(file, "%.3g", value);
}

/* Two columns: what the other reached, and the ring's ratio to it. */
static void write_other(const struct result *r, const struct result_entry *e,
			FILE *file)
{
	if (e == NULL) {
		fprintf(file, " | |");
		return;
	}
	fprintf(file, " %s ", e->name);
	write_value(e->value.median, file);
	fprintf(file, " | %.2f |", result_ratio(r, e));
}

static void write_targets(const struct result *r, FILE *file)
{
	struct verdict verdicts[TARGETS_OF_RESULT_MAX];
	const size_t count = target_verdicts(r, verdicts);
	char text[128];

	for (size_t i = 0; i < count; i++) {
		target_text(r, verdicts[i].target, text, sizeof(text));
		fprintf(file, "%s %s: %s", i == 0 ? "" : ";", text,
			verdicts[i].met ? "met" : "**not met**");
	}
}

static void write_line(const struct result *r, FILE *file)
{
	const struct result_entry *ring = result_ring(r);

	fprintf(file, "| %s %s, %s | ", r->row, r->metric.name, r->metric.unit);
	if (ring != NULL)
		write_value(ring->value.median, file);
	fprintf(file, " |");
	write_other(r, result_limit(r), file);
	write_other(r, result_best_peer(r), file);
	write_targets(r, file);
	fprintf(file, " |\n");
}

int table_write(const struct result *results, size_t count, const char *out)
{
	struct out_file f;
	int rc = out_file_open(&f, out, "table.md");

	if (rc < 0)
		return rc;
	fprintf(f.file, "| row | ring | limit | ratio | best peer | ratio | "
			"targets |\n|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < count; i++)
		write_line(&results[i], f.file);
	return out_file_close(&f);
}
