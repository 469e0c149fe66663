/*
 * What an item takes of the processor: time, instructions, allocations. A
 * program of its own does the work (tests/hot/hot.c), so that its allocations
 * can be counted and valgrind can count its instructions.
 */
#include "tests/bench/bench.h"

#include <errno.h>
#include <jansson.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BATCHES = 200,        /* for the time */
	COUNTED_BATCHES = 20, /* for the instructions: valgrind is slow */
	COUNTED_ITEMS = COUNTED_BATCHES * 1000,
	PATH_BYTES = 4200,
	COMMAND_BYTES = 6 * PATH_BYTES,
	LINE_BYTES = 4096,
};

/* What the program is told to do. */
struct work {
	const char *what;
	double allocations; /* an item, of the last run */
};

struct worker {
	struct work *work;
	char program[PATH_BYTES];
	char path[PATH_BYTES];
};

/* Beside this one. */
static int find_program(char *ret_path)
{
	char self[PATH_BYTES] = "";
	const ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len < 0)
		return -errno;
	snprintf(ret_path, PATH_BYTES, "%s/hot", dirname(self));
	return access(ret_path, X_OK) < 0 ? -errno : 0;
}

/* ---- time and allocations ----------------------------------------------- */

/* The document that a command prints. NULL after it was said why. */
static json_t *run_command(const char *command)
{
	char line[LINE_BYTES] = "";
	FILE *out = popen(command, "re");
	json_t *doc = NULL;

	if (out != NULL && fgets(line, sizeof(line), out) != NULL)
		doc = json_loads(line, 0, NULL);
	if (out == NULL || pclose(out) != 0 || doc == NULL) {
		bench_error("cpu: failed: %s", command);
		json_decref(doc);
		return NULL;
	}
	return doc;
}

static double member(const json_t *doc, const char *name)
{
	return json_number_value(json_object_get(doc, name));
}

static int worker_slice(void *state, double budget_us, double *ret_values)
{
	struct worker *w = state;
	char command[COMMAND_BYTES];
	json_t *doc;
	double items;

	(void)budget_us; /* a run takes as long as it takes */
	snprintf(command, sizeof(command), "'%s' %s '%s' %d", w->program,
		 w->work->what, w->path, BATCHES);
	doc = run_command(command);
	if (doc == NULL)
		return -EIO;
	items = member(doc, "items");
	ret_values[0] = member(doc, "cpu_ns") / items;
	w->work->allocations = member(doc, "allocations") / items;
	json_decref(doc);
	return 0;
}

static int worker_open(const struct contestant *c, const char *dir,
		       void **ret_state)
{
	struct worker *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL)
		return -ENOMEM;
	w->work = (struct work *)c->how;
	snprintf(w->path, sizeof(w->path), "%s/hot", dir);
	rc = find_program(w->program);
	if (rc < 0) {
		bench_error("cpu: no program '%s'", w->program);
		free(w);
		return rc;
	}
	*ret_state = w;
	return 0;
}

static void worker_close(void *state)
{
	free(state);
}

static const struct contestant_ops worker_ops = {
	.open = worker_open,
	.slice = worker_slice,
	.close = worker_close,
};

static int measure_time(struct bench *b, const char *row, struct work *bare,
			struct work *ring)
{
	static const struct metric cpu = { "cpu", "ns/item", false };
	const struct contestant list[] = {
		{ "bare", PART_LIMIT, &worker_ops, bare },
		{ "ring", PART_RING, &worker_ops, ring },
	};
	const struct contest contest = {
		.row = row,
		.metrics = &cpu,
		.metric_count = 1,
		.contestants = list,
		.contestant_count = 2,
	};

	return contest_run(b, &contest);
}

/* ---- instructions ------------------------------------------------------- */

/* What callgrind counted, in its file. */
static double read_summary(const char *path)
{
	char line[LINE_BYTES];
	double count = 0;
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "summary: %lf", &count) == 1)
			break;
	fclose(file);
	return count;
}

/* *ret: an item; 0: it was skipped, and said why. */
static int count_instructions(struct bench *b, const struct work *work,
			      double *ret)
{
	char command[COMMAND_BYTES], program[PATH_BYTES], path[PATH_BYTES + 32];
	json_t *doc;

	*ret = 0;
	if (system("command -v valgrind >/dev/null") != 0) {
		bench_error("cpu: instructions skipped: no valgrind here");
		return 0;
	}
	if (find_program(program) < 0)
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/callgrind", b->dir);
	snprintf(command, sizeof(command),
		 "valgrind -q --tool=callgrind --toggle-collect=hot_work "
		 "--callgrind-out-file='%s' '%s' %s '%s/hot' %d",
		 path, program, work->what, b->dir, COUNTED_BATCHES);
	doc = run_command(command);
	if (doc == NULL)
		return -EIO;
	json_decref(doc);
	*ret = read_summary(path) / COUNTED_ITEMS;
	unlink(path);
	return 0;
}

/* ---- the row ------------------------------------------------------------ */

static int add_count(struct bench *b, const char *row,
		     const struct metric *metric, double value)
{
	struct result r = { .metric = *metric, .rounds = 1, .count = 1 };

	snprintf(r.row, sizeof(r.row), "%s", row);
	r.entries[0] =
		(struct result_entry){ .name = "ring",
				       .part = PART_RING,
				       .value = { value, value, value } };
	return bench_add(b, &r);
}

static int measure(struct bench *b, const char *row, struct work *bare,
		   struct work *ring)
{
	static const struct metric count = { "instructions", "1/item", false };
	static const struct metric heap = { "allocations", "1/item", false };
	double instructions;
	int rc;

	if (!bench_wants(b, row))
		return 0;
	rc = measure_time(b, row, bare, ring);
	if (rc == 0)
		rc = add_count(b, row, &heap, ring->allocations);
	if (rc == 0)
		rc = count_instructions(b, ring, &instructions);
	if (rc < 0 || instructions <= 0)
		return rc;
	return add_count(b, row, &count, instructions);
}

int row_cpu(struct bench *b)
{
	struct work publish = { .what = "publish" }, write = { "write", 0 };
	struct work drain = { .what = "drain" }, read = { "read", 0 };
	const int rc = measure(b, "cpu/publish-1000", &write, &publish);

	return rc < 0 ? rc : measure(b, "cpu/drain-100", &read, &drain);
}
