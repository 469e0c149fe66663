/*
 * What the ring costs beside what the device allows and beside other
 * libraries: measured in turn, in one run, because machines are noisy.
 *
 *     bench [-r ROUNDS] OUT [ROW]
 *
 * Prints what it finds, and leaves OUT/bench.json, OUT/bench/table.md and one
 * table for each plot in OUT/bench/. ROW is a row, or NAME/VARIANT. ROUNDS instead of those of each
 * contest: more are steadier. Exit codes: 0 also when a target isn't met, 3
 * when something could not be measured, 2 for a wrong command line.
 */
#include "tests/bench/bench.h"

#include "tests/bench/machine.h"
#include "tests/bench/plot.h"
#include "tests/bench/scratch.h"
#include "tests/bench/table.h"
#include "tests/bench/target.h"
#include "tools/stop.h"
#include "tools/units.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct row rows[] = {
	{ "publish-1", row_publish_1 },
	{ "publish-1000", row_publish_1000 },
	{ "publish-64k", row_publish_64k },
	{ "drain-100", row_drain_100 },
	{ "drain-64k", row_drain_64k },
	{ "latency", row_latency },
	{ "nodurable", row_nodurable },
	{ "attach", row_attach },
	{ "scale", row_scale },
	{ "size", row_size },
	{ "cpu", row_cpu },
	{ "journal", row_journal },
	{ "gen", row_generator },
	{ "gen-ring", row_generator_ring },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

void bench_error(const char *format, ...)
{
	va_list args;

	fputs("bench: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int bench_failed(const char *who, int rc, const struct ring_fault *fault)
{
	if (fault != NULL && fault->code == rc && fault->text[0] != '\0')
		bench_error("%s: %s: %s", who, ring_strerror(rc), fault->text);
	else
		bench_error("%s: %s", who, ring_strerror(rc));
	return rc;
}

void bench_progress(const char *what, unsigned done, unsigned of)
{
	if (isatty(STDERR_FILENO) != 1)
		return;
	if (what == NULL)
		fputs("\r\033[K", stderr);
	else
		fprintf(stderr, "\r%s: round %u of %u\033[K", what, done + 1,
			of);
}

/* Of the row `name`: all of it, or one of its variants. */
static bool is_of_row(const char *wanted, const char *name)
{
	const size_t len = strlen(name);

	return strncmp(wanted, name, len) == 0 &&
	       (wanted[len] == '\0' || wanted[len] == '/');
}

bool bench_wants(const struct bench *b, const char *row)
{
	return b->wanted == NULL || strcmp(b->wanted, row) == 0 ||
	       (strchr(b->wanted, '/') == NULL && is_of_row(row, b->wanted));
}

int bench_add(struct bench *b, const struct result *r)
{
	struct result *list =
		realloc(b->results, (b->result_count + 1) * sizeof(*list));

	if (list == NULL) {
		bench_error("%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	b->results = list;
	b->results[b->result_count++] = *r;
	result_print(r, stdout);
	return 0;
}

static int run_rows(struct bench *b)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (b->wanted != NULL && !is_of_row(b->wanted, rows[i].name))
			continue;
		if (rows[i].run(b) < 0) {
			bench_error("%s: failed", rows[i].name);
			b->failures++;
		}
		if (stop_requested(b->stop_fd))
			return -EINTR;
	}
	return 0;
}

static void print_summary(const struct bench *b)
{
	struct verdict verdicts[TARGETS_OF_RESULT_MAX];
	unsigned met = 0, all = 0;

	for (size_t i = 0; i < b->result_count; i++) {
		const size_t count = target_verdicts(&b->results[i], verdicts);

		all += (unsigned)count;
		for (size_t t = 0; t < count; t++)
			met += verdicts[t].met;
	}
	printf("bench: %u of %u targets met, %u rows failed\n", met, all,
	       b->failures);
}

static int write_json(const struct bench *b)
{
	json_t *doc = json_array();
	char path[4096];
	int rc;

	for (size_t i = 0; i < b->result_count; i++)
		json_array_append_new(doc, result_doc(&b->results[i]));
	snprintf(path, sizeof(path), "%s/bench.json", b->out);
	rc = json_dump_file(doc, path, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	json_decref(doc);
	if (rc < 0)
		bench_error("cannot write '%s'", path);
	return rc;
}

static int measure(struct bench *b)
{
	char prefix[4000];
	int rc;

	snprintf(prefix, sizeof(prefix), "%s/bench.", b->out);
	rc = scratch_make(prefix, b->dir, sizeof(b->dir));
	if (rc < 0)
		return rc;
	machine_print(b->dir, stdout);
	rc = run_rows(b);
	scratch_remove(b->dir);
	if (rc < 0)
		return rc;
	print_summary(b);
	rc = write_json(b);
	if (rc == 0)
		rc = plot_write(b->results, b->result_count, b->out);
	return rc < 0 ? rc : table_write(b->results, b->result_count, b->out);
}

static bool is_known(const char *wanted)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (is_of_row(wanted, rows[i].name))
			return true;
	}
	return false;
}

/* The command line into *b; false if it is wrong, which it said. */
static bool parse(struct bench *b, int argc, char **argv)
{
	const char *wrong = NULL;
	uint64_t rounds = 0;
	int option;

	while (wrong == NULL && (option = getopt(argc, argv, "r:")) != -1)
		wrong = option == 'r' ? units_count(optarg, &rounds) : "usage";
	if (wrong != NULL || argc - optind < 1 || argc - optind > 2) {
		fprintf(stderr, "usage: bench [-r ROUNDS] OUT [ROW]\n");
		return false;
	}
	b->rounds = (unsigned)rounds;
	b->out = argv[optind];
	b->wanted = argv[optind + 1];
	if (b->wanted == NULL || is_known(b->wanted))
		return true;
	bench_error("no row '%s'", b->wanted);
	return false;
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	int rc;

	if (!parse(&b, argc, argv))
		return 2;
	b.stop_fd = stop_open();
	rc = b.stop_fd < 0 ? b.stop_fd : measure(&b);
	free(b.results);
	return rc < 0 || b.failures > 0 ? 3 : 0;
}
