/*
 * What the ring costs beside what the device allows and beside other
 * libraries: measured in turn, in one run, because machines are noisy.
 *
 *     bench OUT [ROW]
 *
 * Prints what it finds, and leaves OUT/bench.json and one table for each plot
 * in OUT/bench/. ROW is a row, or NAME/VARIANT. Exit codes: 0 also when a
 * target isn't met, 3 when something could not be measured, 2 for a wrong
 * command line.
 */
#include "tests/bench/bench.h"

#include "tests/bench/machine.h"
#include "tests/bench/plot.h"
#include "tests/bench/scratch.h"
#include "tests/bench/target.h"
#include "tools/stop.h"

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
	{ "latency", row_latency },
	{ "nodurable", row_nodurable },
	{ "attach", row_attach },
	{ "scale", row_scale },
	{ "size", row_size },
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

static int write_json(const struct bench *b, const char *out)
{
	json_t *doc = json_array();
	char path[4096];
	int rc;

	for (size_t i = 0; i < b->result_count; i++)
		json_array_append_new(doc, result_doc(&b->results[i]));
	snprintf(path, sizeof(path), "%s/bench.json", out);
	rc = json_dump_file(doc, path, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	json_decref(doc);
	if (rc < 0)
		bench_error("cannot write '%s'", path);
	return rc;
}

static int measure(struct bench *b, const char *out)
{
	char prefix[4000];
	int rc;

	snprintf(prefix, sizeof(prefix), "%s/bench.", out);
	rc = scratch_make(prefix, b->dir, sizeof(b->dir));
	if (rc < 0)
		return rc;
	machine_print(b->dir, stdout);
	rc = run_rows(b);
	scratch_remove(b->dir);
	if (rc < 0)
		return rc;
	print_summary(b);
	rc = write_json(b, out);
	return rc < 0 ? rc : plot_write(b->results, b->result_count, out);
}

static bool is_known(const char *wanted)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (is_of_row(wanted, rows[i].name))
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	int rc;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: bench OUT [ROW]\n");
		return 2;
	}
	b.out = argv[1];
	b.wanted = argv[2];
	if (b.wanted != NULL && !is_known(b.wanted)) {
		bench_error("no row '%s'", b.wanted);
		return 2;
	}
	b.stop_fd = stop_open();
	rc = b.stop_fd < 0 ? b.stop_fd : measure(&b, argv[1]);
	free(b.results);
	return rc < 0 || b.failures > 0 ? 3 : 0;
}
