/*
 * Goal: the operating system as the library sees it keeps the promises of
 * ring_system.h.
 * Method: a table of sizes and alignments for memory; identity against what
 * the kernel says by other ways.
 */
#include "ring/ring_system.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct ring_system *sys(void)
{
	return ring_system_default();
}

/* ---- memory ------------------------------------------------------------- */

struct alloc_case {
	const char *name;
	size_t len_bytes;
	size_t align_bytes;
};

static const struct alloc_case alloc_cases[] = {
	{ "one byte", 1, 1 },
	{ "no byte", 0, 8 },
	{ "a page", 4096, 4096 },
	{ "not a multiple of the alignment", 5000, 4096 },
	{ "the last from the heap", 65535, 4096 },
	{ "the first mapped", 65536, 4096 },
	{ "mapped, odd length", 65537, 64 },
	{ "mapped, more than page alignment", 1 << 20, 1 << 21 },
	{ "small, more than page alignment", 100, 65536 },
};

static void test_alloc(void **state)
{
	const struct alloc_case *row = *state;

	/* More than once: memory that was used before must be zeroed, too. */
	for (unsigned round = 0; round < 3; round++) {
		uint8_t *mem = sys()->alloc(sys()->ctx, row->len_bytes,
					    row->align_bytes);

		assert_non_null(mem);
		assert_int_equal((uintptr_t)mem % row->align_bytes, 0);
		for (size_t i = 0; i < row->len_bytes; i++)
			assert_int_equal(mem[i], 0);
		memset(mem, 0xff, row->len_bytes);
		sys()->release(sys()->ctx, mem, row->len_bytes);
	}
}

static void test_alloc_that_fails(void **state)
{
	(void)state;
	assert_null(sys()->alloc(sys()->ctx, SIZE_MAX, 4096));
	assert_null(sys()->alloc(sys()->ctx, SIZE_MAX - 4095, 1 << 21));
	assert_null(sys()->alloc(sys()->ctx, SIZE_MAX / 2, 4096));
	sys()->release(sys()->ctx, NULL, 1);
	sys()->release(sys()->ctx, NULL, 1 << 20);
}

/* ---- time and chance ---------------------------------------------------- */

static void test_sleep_lasts_at_least_as_long(void **state)
{
	const uint64_t before = sys()->monotonic_ns(sys()->ctx);

	(void)state;
	sys()->sleep_ns(sys()->ctx, 3000000);
	assert_true(sys()->monotonic_ns(sys()->ctx) - before >= 3000000);
}

static void test_wall_clock_counts_since_1970(void **state)
{
	const uint64_t year_2020_ns = 1577836800ull * 1000000000;

	(void)state;
	assert_true(sys()->wall_ns(sys()->ctx) > year_2020_ns);
}

static void test_random_fills_all_of_it(void **state)
{
	uint8_t seen[1000] = { 0 };
	uint8_t buf[1001];

	/* A byte that is 0 in 32 draws was not filled. */
	(void)state;
	buf[1000] = 0x5a;
	for (unsigned round = 0; round < 32; round++) {
		assert_int_equal(sys()->random(sys()->ctx, buf, 1000), 0);
		for (unsigned i = 0; i < 1000; i++)
			seen[i] |= buf[i];
	}
	for (unsigned i = 0; i < 1000; i++)
		assert_int_not_equal(seen[i], 0);
	assert_int_equal(buf[1000], 0x5a);
}

/* ---- identity ----------------------------------------------------------- */

/* 16 bytes as the kernel prints them: with dashes, in groups. */
static void print_uuid(const uint8_t *id, char ret[40])
{
	size_t at = 0;

	for (unsigned i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			ret[at++] = '-';
		snprintf(ret + at, 3, "%02x", id[i]);
		at += 2;
	}
}

static void test_identity(void **state)
{
	struct ring_identity id = { 0 };
	struct ring_identity again = { 0 };
	char expected[64] = "";
	char got[40] = "";
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	(void)state;
	assert_non_null(f);
	assert_non_null(fgets(expected, sizeof(expected), f));
	fclose(f);
	expected[strcspn(expected, "\n")] = '\0';

	assert_int_equal(sys()->identity(sys()->ctx, &id), 0);
	print_uuid(id.boot_id, got);
	assert_string_equal(got, expected);
	assert_int_equal(id.pid, getpid());
	assert_int_not_equal(id.start_ticks, 0);
	assert_memory_not_equal(id.host_id, (uint8_t[16]){ 0 }, 16);

	assert_int_equal(sys()->identity(sys()->ctx, &again), 0);
	assert_memory_equal(&again, &id, sizeof(id));
}

/* The name of a program is part of what the start time is parsed from. */
static void test_identity_with_an_odd_program_name(void **state)
{
	struct ring_identity before = { 0 };
	struct ring_identity after = { 0 };
	const int fd = open("/proc/self/comm", O_RDWR | O_CLOEXEC);
	char name[32] = "";
	ssize_t len;

	(void)state;
	assert_true(fd >= 0);
	len = read(fd, name, sizeof(name));
	assert_true(len > 0);
	assert_int_equal(sys()->identity(sys()->ctx, &before), 0);
	assert_int_equal(write(fd, "a) 1 (b) 2 ", 11), 11);
	assert_int_equal(sys()->identity(sys()->ctx, &after), 0);
	assert_int_equal(write(fd, name, (size_t)len - 1), len - 1);
	close(fd);
	assert_int_equal(after.start_ticks, before.start_ticks);
}

/* A child must not keep what its parent was. */
static void test_identity_after_fork(void **state)
{
	struct ring_identity id = { 0 };
	int status = -1;
	pid_t pid;

	(void)state;
	assert_int_equal(sys()->identity(sys()->ctx, &id), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const int rc = sys()->identity(sys()->ctx, &id);

		_exit(rc == 0 && id.pid == (uint64_t)getpid() ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Field 22 of its status; the name of this program has no blanks. */
static uint64_t start_of(pid_t pid)
{
	unsigned long long ticks = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	for (unsigned field = 1; field < 22; field++)
		assert_int_equal(fscanf(f, "%*s"), 0);
	assert_int_equal(fscanf(f, "%llu", &ticks), 1);
	fclose(f);
	return ticks;
}

/* Ended, then also waited for: it runs in neither case. */
static void test_is_running(void **state)
{
	struct ring_identity self = { 0 };
	siginfo_t ended;
	pid_t pid;

	(void)state;
	assert_int_equal(sys()->identity(sys()->ctx, &self), 0);
	assert_true(sys()->is_running(sys()->ctx, self.pid, self.start_ticks));
	assert_false(
		sys()->is_running(sys()->ctx, self.pid, self.start_ticks + 1));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT),
			 0);
	assert_false(
		sys()->is_running(sys()->ctx, (uint64_t)pid, start_of(pid)));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(sys()->is_running(sys()->ctx, (uint64_t)pid, 0));
}

static int run_alloc_tests(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(alloc_cases)];

	for (size_t i = 0; i < ARRAY_SIZE(alloc_cases); i++)
		tests[i] = (struct CMUnitTest){
			.name = alloc_cases[i].name,
			.test_func = test_alloc,
			.initial_state = (void *)(uintptr_t)&alloc_cases[i],
		};
	return cmocka_run_group_tests_name("alloc", tests, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc_that_fails),
		cmocka_unit_test(test_sleep_lasts_at_least_as_long),
		cmocka_unit_test(test_wall_clock_counts_since_1970),
		cmocka_unit_test(test_random_fills_all_of_it),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_identity_with_an_odd_program_name),
		cmocka_unit_test(test_identity_after_fork),
		cmocka_unit_test(test_is_running),
	};
	int failed = 0;

	failed |= run_alloc_tests();
	failed |= cmocka_run_group_tests_name("system", tests, NULL, NULL);
	return failed != 0;
}
