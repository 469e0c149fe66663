/*
 * Goal: whatever the system refuses, and whenever, each call of the generator
 * says so and why, leaks nothing, and leaves behind no file that looks
 * complete.
 * Method: a table with every gen_ function that the library exports. The N-th
 * call of the system fails, N = 1, 2, 3... until the public call meets no
 * failure: for lack of memory, of space, and of a working device, once and
 * from then on. tests/gen_sweep/gen_calls.c stands between the two.
 */
#include "generator/generator.h"
#include "ring/ring.h"
#include "tests/gen_sweep/gen_calls.h"
#include "tests/lib/rows.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { PATH_BYTES = 512, NEVER = 100000 };

/* ---- a run --------------------------------------------------------------- */

struct run {
	char dir[64];
	char file[PATH_BYTES];
	char ring[PATH_BYTES];
	struct gen_schema *schema;
	struct generator *g;
	struct gen_sink *sink;
	struct gen_pump *pump;
	struct gen_error error;
	bool asks_why; /* the call has been given the error */
};

static const char text[] = "{a: u64; b: {s: string?; v: (u8; float)[3]}[];"
			   "c: [x u16 | y char | z]; d: i128?}";

static void need(int rc)
{
	if (rc < 0)
		fail_msg("%s", ring_strerror(rc));
}

/* Where a call is to explain its failure. */
static struct gen_error *why(struct run *r)
{
	r->asks_why = true;
	return &r->error;
}

/* Of a field with words: it owns memory. */
static const char word[] = "a=enum:1,2,3";

static int parse(struct run *r)
{
	return gen_schema_parse(text, sizeof(text) - 1, why(r), &r->schema);
}

static int field(struct run *r)
{
	return gen_schema_field(r->schema, word, why(r));
}

static int create(struct run *r)
{
	const struct gen_options options = { .encoding = "row-binary" };

	return gen_create(r->schema, &options, why(r), &r->g);
}

static int open_file(struct run *r)
{
	return gen_sink_file(r->file, why(r), &r->sink);
}

static int open_ring(struct run *r)
{
	return gen_sink_ring(r->ring, NULL, 0, why(r), &r->sink);
}

static int make_pump(struct run *r)
{
	const struct gen_pump_options options = {
		.has_count = true,
		.count = 5000,
		.stutter = 0.5,
		.max_count = 2000,
	};

	return gen_pump_create(r->g, r->sink, &options, why(r), &r->pump);
}

/* All of it; a ring takes it all. */
static int step(struct run *r)
{
	struct gen_step s = { .is_done = false };
	int rc = 0;

	for (unsigned i = 0; rc == 0 && !s.is_done && i < NEVER; i++)
		rc = gen_pump_step(r->pump, 1, &s, why(r));
	return rc;
}

static int next(struct run *r)
{
	const struct gen_demand demand = { .values = 3000, .wants_ends = true };
	struct gen_batch batch;

	return gen_next(r->g, &demand, &batch);
}

/* ---- what there is before the call -------------------------------------- */

static void with_schema(struct run *r)
{
	need(parse(r));
}

static void with_generator(struct run *r)
{
	with_schema(r);
	need(field(r));
	need(create(r));
}

static void with_discard(struct run *r)
{
	with_generator(r);
	need(gen_sink_discard(&r->sink));
}

static void with_file(struct run *r)
{
	with_generator(r);
	need(open_file(r));
	need(make_pump(r));
}

static void with_appended(struct run *r)
{
	const int fd = open(r->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
	with_file(r);
}

static void with_guard(struct run *r)
{
	with_appended(r);
	need(gen_sink_guard(r->sink, NULL));
}

static void with_ring(struct run *r)
{
	with_generator(r);
	need(open_ring(r));
	need(make_pump(r));
}

/* ---- calls without a result --------------------------------------------- */

static int free_schema(struct run *r)
{
	gen_schema_free(r->schema);
	r->schema = NULL;
	return 0;
}

static int free_generator(struct run *r)
{
	gen_free(r->g);
	r->g = NULL;
	return 0;
}

static int free_sink(struct run *r)
{
	gen_sink_free(r->sink);
	r->sink = NULL;
	return 0;
}

static int free_pump(struct run *r)
{
	gen_pump_free(r->pump);
	r->pump = NULL;
	return 0;
}

static int print(struct run *r)
{
	char buf[256];

	return gen_schema_print(r->schema, buf, sizeof(buf)) > 0 ? 0 : -EINVAL;
}

static int seek(struct run *r)
{
	return gen_seek(r->g, 12345);
}

static int note(struct run *r)
{
	return gen_engine_note(r->g) == NULL ? 0 : -EINVAL;
}

static int encoding_name(struct run *r)
{
	(void)r;
	return gen_encoding_name(0) != NULL ? 0 : -EINVAL;
}

static int open_discard(struct run *r)
{
	return gen_sink_discard(&r->sink);
}

static int open_fd(struct run *r)
{
	return gen_sink_fd(STDERR_FILENO, &r->sink);
}

static int guard(struct run *r)
{
	return gen_sink_guard(r->sink, why(r));
}

static int stop(struct run *r)
{
	gen_pump_stop(r->pump);
	return 0;
}

static int stats(struct run *r)
{
	struct gen_pump_stats s;

	gen_pump_stats(r->pump, &s);
	return s.values == 0 ? 0 : -EINVAL;
}

/* ---- the sweep ---------------------------------------------------------- */

struct sweep_row {
	const char *name; /* the function, or "function: situation" */
	void (*enter)(struct run *r);
	int (*call)(struct run *r);
	bool memory_only; /* its I/O is swept elsewhere */
	const char *done; /* complete files, when nothing fails */
};

static const struct sweep_row rows[] = {
	{ "gen_schema_parse", NULL, parse, false, "" },
	{ "gen_schema_free", with_schema, free_schema, false, "" },
	{ "gen_schema_field", with_schema, field, false, "" },
	{ "gen_schema_print", with_schema, print, false, "" },
	{ "gen_create", with_schema, create, false, "" },
	{ "gen_free", with_generator, free_generator, false, "" },
	{ "gen_next", with_generator, next, false, "" },
	{ "gen_seek", with_generator, seek, false, "" },
	{ "gen_engine_note", with_generator, note, false, "" },
	{ "gen_encoding_name", NULL, encoding_name, false, "" },
	{ "gen_sink_discard", NULL, open_discard, false, "" },
	{ "gen_sink_fd", NULL, open_fd, false, "" },
	{ "gen_sink_file", NULL, open_file, false, "" },
	{ "gen_sink_ring", NULL, open_ring, true, "" },
	{ "gen_sink_guard", with_appended, guard, false, "" },
	{ "gen_sink_free", with_file, free_sink, false, "" },
	{ "gen_pump_create", with_discard, make_pump, false, "" },
	{ "gen_pump_free", with_file, free_pump, false, "" },
	{ "gen_pump_stop", with_file, stop, false, "" },
	{ "gen_pump_stats", with_file, stats, false, "" },
	{ "gen_pump_step: a file", with_file, step, false, "a.0 a.1 a.2 " },
	{ "gen_pump_step: appended", with_appended, step, false,
	  "a.0 a.1 a.2 " },
	{ "gen_pump_step: appended, with a guard", with_guard, step, false,
	  "a.0 a.1 a.2 " },
	{ "gen_pump_step: a ring", with_ring, step, true, "" },
};

static void begin(struct run *r, bool has_ring)
{
	const struct ring_create_options ring = { .size_bytes = 4 << 20,
						  .sparse = true };

	*r = (struct run){ .dir = "/tmp/gen_sweep.XXXXXX" };
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->file, sizeof(r->file), "%s/a", r->dir);
	snprintf(r->ring, sizeof(r->ring), "%s/ring", r->dir);
	if (has_ring)
		need(ring_create(r->ring, &ring, NULL));
}

static bool is_complete(const char *name)
{
	return strncmp(name, "a.", 2) == 0 && strstr(name, ".tmp") == NULL;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Release everything. The rotated files that were there go to `done`. */
static void end(struct run *r, char done[PATH_BYTES])
{
	struct dirent **entries;
	int count;

	gen_pump_free(r->pump);
	gen_sink_free(r->sink);
	gen_free(r->g);
	gen_schema_free(r->schema);
	count = scandir(r->dir, &entries, NULL, by_name);
	done[0] = '\0';
	for (int i = 0; i < count; i++) {
		char path[PATH_BYTES];

		snprintf(path, sizeof(path), "%.63s/%s", r->dir,
			 entries[i]->d_name);
		unlink(path);
		if (is_complete(entries[i]->d_name))
			snprintf(done + strlen(done), PATH_BYTES - strlen(done),
				 "%s ", entries[i]->d_name);
		gen_calls_free(entries[i]);
	}
	gen_calls_free(entries);
	rmdir(r->dir);
}

struct plan {
	const char *name;
	int error;
	bool persists;
};

static const struct plan plans[] = {
	{ "no space, once", ENOSPC, false },
	{ "no space, from then on", ENOSPC, true },
	{ "I/O error, once", EIO, false },
	{ "I/O error, from then on", EIO, true },
};

/* Fail call number `at`. Whether there was one. */
static bool run_once(const struct sweep_row *row, const struct plan *plan,
		     unsigned at)
{
	const struct gen_call_plan calls = { .at = at,
					     .persists = plan->persists,
					     .memory_only = row->memory_only,
					     .error = plan->error };
	const long blocks = gen_calls_blocks();
	char done[PATH_BYTES];
	struct run r;
	bool was_met;
	int rc;

	begin(&r, row->memory_only);
	if (row->enter != NULL)
		row->enter(&r);
	r.asks_why = false;
	r.error.text[0] = '\0';
	gen_calls_begin(&calls);
	rc = row->call(&r);
	was_met = gen_calls_end();
	end(&r, done);
	if (was_met && rc >= 0)
		fail_msg("%s: call %u fails, and nothing is said", plan->name,
			 at);
	if (was_met && r.asks_why && r.error.text[0] == '\0')
		fail_msg("%s: call %u fails, and nobody says why", plan->name,
			 at);
	if (was_met && rc != -ENOMEM && rc != -plan->error)
		fail_msg("%s: call %u: %s", plan->name, at, ring_strerror(rc));
	if (!was_met) {
		assert_int_equal(rc, 0);
		assert_string_equal(done, row->done);
	}
	/* What has a name came in order; the last may have got it before the
	 * directory was flushed. */
	if (strncmp(done, row->done, strlen(done)) != 0)
		fail_msg("%s: call %u: '%s' are there", plan->name, at, done);
	if (gen_calls_blocks() != blocks)
		fail_msg("%s: call %u: %ld blocks are lost", plan->name, at,
			 gen_calls_blocks() - blocks);
	return was_met;
}

static void test_row(void **state)
{
	const struct sweep_row *row = *state;

	for (size_t i = 0; i < ARRAY_SIZE(plans); i++) {
		unsigned at = 1;

		while (run_once(row, &plans[i], at))
			assert_in_range(++at, 1, NEVER);
	}
}

/* ---- the order ---------------------------------------------------------- */

/* A file is flushed before it is renamed, and its directory after. */
static void test_flushed_before_and_after(void **state)
{
	const struct gen_pump_options pump = { .has_count = true,
					       .count = 3,
					       .max_count = 2 };
	char done[PATH_BYTES];
	struct run r;

	(void)state;
	begin(&r, false);
	with_generator(&r);
	need(open_file(&r));
	need(gen_pump_create(r.g, r.sink, &pump, NULL, &r.pump));
	gen_calls_forget();
	need(step(&r));
	end(&r, done);
	assert_string_equal(gen_calls_log(), "wfrfwfrf");
}

/* ---- nothing is left out ------------------------------------------------ */

static bool is_in_table(const char *function)
{
	const size_t len = strlen(function);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strncmp(rows[i].name, function, len) == 0 &&
		    (rows[i].name[len] == '\0' || rows[i].name[len] == ':'))
			return true;
	return false;
}

/* ring/libblkring.map exports by a pattern: ask what came of it. */
static void test_every_function_is_swept(void **state)
{
	char self[PATH_BYTES], command[2 * PATH_BYTES], function[128];
	const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	unsigned count = 0;
	FILE *nm;

	(void)state;
	assert_true(n > 0);
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(command, sizeof(command),
		 "nm -D --defined-only '%s/../libblkring.so' |"
		 " sed -n 's/.* T \\(gen_\\)/\\1/p'",
		 self);
	nm = popen(command, "r");
	assert_non_null(nm);
	while (fscanf(nm, "%127[^@\n]%*[^\n]\n", function) == 1) {
		count++;
		if (!is_in_table(function))
			fail_msg("no row for %s()", function);
	}
	assert_int_equal(pclose(nm), 0);
	assert_in_range(count, 20, ARRAY_SIZE(rows));
}

int main(void)
{
	const struct rows tables[] = {
		{ "sweep", test_row, rows, sizeof(rows), sizeof(rows[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_function_is_swept),
		cmocka_unit_test(test_flushed_before_and_after),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
