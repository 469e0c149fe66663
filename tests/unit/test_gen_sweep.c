/*
 * Goal: whatever the system refuses, and whenever, each call of the generator
 * says so and why, leaks nothing, and leaves behind no file that looks
 * complete.
 * Method: a table with every gen_ function that the library exports. The N-th
 * call of the system fails, N = 1, 2, 3... until the public call meets no
 * failure: for lack of memory, of space, and of a working device, once and
 * from then on. The linker puts what is below between the two (see Makefile).
 */
#include "generator/generator.h"
#include "ring/ring.h"
#include "tests/lib/rows.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { PATH_BYTES = 512, NEVER = 100000, LOG_BYTES = 64 };

/* ---- between the library and the system --------------------------------- */

static struct {
	unsigned at;      /* the call that fails; 0: none */
	unsigned count;   /* of calls since */
	bool persists;    /* so do all after it */
	bool memory_only; /* nothing else fails */
	int error;        /* of what is no memory */
	bool was_met;
	long blocks; /* of memory that are not released */

	/* What was asked of files: w(rite), f(lush), r(ename). */
	char log[LOG_BYTES];
	size_t logged;
} now;

static void note_call(char letter)
{
	if (now.logged < sizeof(now.log) - 1)
		now.log[now.logged++] = letter;
}

static bool fails(int error)
{
	if (now.at == 0 || (now.memory_only && error != ENOMEM))
		return false;
	now.count++;
	if (now.count != now.at && !(now.persists && now.count > now.at))
		return false;
	now.was_met = true;
	errno = error;
	return true;
}

static void *counted(void *block)
{
	now.blocks += block != NULL;
	return block;
}

void *__real_malloc(size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_malloc(size_t len)
{
	return fails(ENOMEM) ? NULL : counted(__real_malloc(len));
}

void *__real_calloc(size_t count, size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_calloc(size_t count, size_t len)
{
	return fails(ENOMEM) ? NULL : counted(__real_calloc(count, len));
}

void *__real_aligned_alloc(size_t align, size_t len);
void *__wrap_aligned_alloc(size_t align, size_t len);
void *__wrap_aligned_alloc(size_t align, size_t len)
{
	return fails(ENOMEM) ? NULL : counted(__real_aligned_alloc(align, len));
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
	return fails(ENOMEM) ? NULL : counted(__real_strdup(text));
}

char *__real_strndup(const char *text, size_t len);
char *__wrap_strndup(const char *text, size_t len);
char *__wrap_strndup(const char *text, size_t len)
{
	return fails(ENOMEM) ? NULL : counted(__real_strndup(text, len));
}

void *__real_realloc(void *block, size_t len);
void *__wrap_realloc(void *block, size_t len);
void *__wrap_realloc(void *block, size_t len)
{
	void *grown;

	if (fails(ENOMEM))
		return NULL;
	grown = __real_realloc(block, len);
	return block == NULL ? counted(grown) : grown;
}

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
	now.blocks -= block != NULL;
	__real_free(block);
}

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	note_call('w');
	return fails(now.error) ? -1 : __real_write(fd, bytes, len);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	note_call('f');
	return fails(now.error) ? -1 : __real_fsync(fd);
}

int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to,
		     unsigned flags);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to,
		     unsigned flags);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to,
		     unsigned flags)
{
	note_call('r');
	return fails(now.error)
		       ? -1
		       : __real_renameat2(from_dir, from, to_dir, to, flags);
}

int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...)
{
	unsigned mode = 0;
	va_list args;

	if ((flags & O_CREAT) != 0) {
		va_start(args, flags);
		mode = va_arg(args, unsigned);
		va_end(args);
	}
	return fails(now.error) ? -1 : __real_openat(dir, path, flags, mode);
}

/* To unlock a file can't fail in a way that anybody could mend. */
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
	const bool locks = command == F_OFD_SETLK;
	struct flock *lock;
	va_list args;

	va_start(args, command);
	lock = va_arg(args, struct flock *);
	va_end(args);
	if ((!locks || lock->l_type != F_UNLCK) && fails(now.error))
		return -1;
	return __real_fcntl(fd, command, lock);
}

int __real_socketpair(int domain, int type, int protocol, int ends[2]);
int __wrap_socketpair(int domain, int type, int protocol, int ends[2]);
int __wrap_socketpair(int domain, int type, int protocol, int ends[2])
{
	return fails(now.error)
		       ? -1
		       : __real_socketpair(domain, type, protocol, ends);
}

void *__real_mmap(void *at, size_t len, int protection, int flags, int fd,
		  off_t offset);
void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd,
		  off_t offset);
void *__wrap_mmap(void *at, size_t len, int protection, int flags, int fd,
		  off_t offset)
{
	return fails(now.error)
		       ? MAP_FAILED
		       : __real_mmap(at, len, protection, flags, fd, offset);
}

/* Of the generator's, it is only clone(2), with zeros. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	if (number != SYS_clone)
		fail_msg("system call %ld", number);
	return fails(now.error) ? -1
				: __real_syscall(number, 0L, 0L, 0L, 0L, 0L);
}

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
		__real_free(entries[i]);
	}
	__real_free(entries);
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
	const long blocks = now.blocks;
	char done[PATH_BYTES];
	struct run r;
	int rc;

	begin(&r, row->memory_only);
	if (row->enter != NULL)
		row->enter(&r);
	r.asks_why = false;
	r.error.text[0] = '\0';
	now.count = 0;
	now.was_met = false;
	now.persists = plan->persists;
	now.error = plan->error;
	now.memory_only = row->memory_only;
	now.at = at;
	rc = row->call(&r);
	now.at = 0;
	end(&r, done);
	if (now.was_met && rc >= 0)
		fail_msg("%s: call %u fails, and nothing is said", plan->name,
			 at);
	if (now.was_met && r.asks_why && r.error.text[0] == '\0')
		fail_msg("%s: call %u fails, and nobody says why", plan->name,
			 at);
	if (now.was_met && rc != -ENOMEM && rc != -plan->error)
		fail_msg("%s: call %u: %s", plan->name, at, ring_strerror(rc));
	if (!now.was_met) {
		assert_int_equal(rc, 0);
		assert_string_equal(done, row->done);
	}
	/* What has a name came in order; the last may have got it before the
	 * directory was flushed. */
	if (strncmp(done, row->done, strlen(done)) != 0)
		fail_msg("%s: call %u: '%s' are there", plan->name, at, done);
	if (now.blocks != blocks)
		fail_msg("%s: call %u: %ld blocks are lost", plan->name, at,
			 now.blocks - blocks);
	return now.was_met;
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
	now.logged = 0;
	need(step(&r));
	now.log[now.logged] = '\0';
	end(&r, done);
	assert_string_equal(now.log, "wfrfwfrf");
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
