/*
 * Goal: the simulated disk keeps its promises (tests/lib/sim_disk.h), for every
 * crash test stands on them.
 * Method: a few atoms, each write a letter, in all the situations named there.
 */
#include "tests/lib/sim_disk.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ATOM = 512, ATOMS = 4, RUNS = 64 };

struct scene {
	struct sim_disk disk;
	struct ring_io *io;
	uint8_t *buf; /* all atoms */
};

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	sim_disk_init(&s->disk, ATOM * ATOMS);
	s->io = sim_disk_open(&s->disk);
	s->buf = aligned_alloc(RING_IO_ALIGN, RING_IO_ALIGN);
	*state = s;
	return s->buf == NULL;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	ring_io_close(s->io);
	sim_disk_release(&s->disk);
	free(s->buf);
	free(s);
	return 0;
}

static void be_direct(struct scene *s)
{
	ring_io_close(s->io);
	s->disk.buffered = false;
	s->io = sim_disk_open(&s->disk);
}

/* A batch that writes letters to the first atoms: "ab" to 0 and 1. */
static struct ring_io_batch writing(struct scene *s, const char *letters)
{
	struct ring_io_batch b = { .count = 1 };

	for (size_t i = 0; letters[i] != '\0'; i++)
		memset(s->buf + i * ATOM, letters[i], ATOM);
	b.ops[0] = (struct ring_io_op){ .kind = RING_IO_WRITE,
					.buf = s->buf,
					.len_bytes = strlen(letters) * ATOM };
	return b;
}

static int put(struct scene *s, const char *letters, bool flush)
{
	struct ring_io_batch b = writing(s, letters);

	b.flush = flush;
	return ring_io_run(s->io, &b);
}

static int flush(struct ring_io *io)
{
	struct ring_io_batch b = { .flush = true };

	return ring_io_run(io, &b);
}

/* What a reader sees, a letter an atom; '.' is zero. */
static void get(struct ring_io *io, char *ret)
{
	uint8_t *buf = aligned_alloc(RING_IO_ALIGN, RING_IO_ALIGN);
	struct ring_io_batch b = { .count = 1 };

	b.ops[0] = (struct ring_io_op){ .buf = buf, .len_bytes = ATOMS * ATOM };
	assert_int_equal(ring_io_run(io, &b), 0);
	for (unsigned i = 0; i < ATOMS; i++)
		ret[i] = buf[i * ATOM] == 0 ? '.' : (char)buf[i * ATOM];
	ret[ATOMS] = '\0';
	free(buf);
}

static void assert_seen(struct ring_io *io, const char *letters)
{
	char seen[ATOMS + 1];

	get(io, seen);
	assert_string_equal(seen, letters);
}

/* What a cut leaves, chosen by seed. */
static void cut(struct scene *s, uint64_t seed, char *ret)
{
	struct sim_disk left;
	struct ring_io *io;

	sim_disk_after_cut(&s->disk, seed, &left);
	io = sim_disk_open(&left);
	get(io, ret);
	ring_io_close(io);
	sim_disk_release(&left);
}

static void assert_left(struct scene *s, uint64_t seed, const char *letters)
{
	char left[ATOMS + 1];

	cut(s, seed, left);
	assert_string_equal(left, letters);
}

/* ---- flushes ------------------------------------------------------------ */

static void test_flush_covers_what_was_complete(void **state)
{
	struct scene *s = *state;

	assert_int_equal(put(s, "ab", false), 0);
	assert_left(s, 0, "....");
	assert_left(s, 1, "ab..");
	assert_int_equal(flush(s->io), 0);
	for (uint64_t seed = 0; seed < RUNS; seed++)
		assert_left(s, seed, "ab..");
}

static void test_flush_of_another_spares_what_is_in_flight(void **state)
{
	struct scene *s = *state;
	struct ring_io_batch b;
	struct ring_io *other;

	be_direct(s);
	other = sim_disk_open(&s->disk);
	b = writing(s, "ab");
	assert_int_equal(s->io->ops->start(s->io, &b), 0);
	assert_int_equal(flush(other), 0);
	assert_left(s, 0, "....");
	assert_int_equal(s->io->ops->wait(s->io, &b), 0);
	assert_left(s, 0, "....");
	assert_int_equal(flush(other), 0);
	assert_left(s, 0, "ab..");
	ring_io_close(other);
}

/* A batch that writes a letter to the last atom, and one that flushes. */
static struct ring_io_batch writing_last(struct scene *s, char letter)
{
	const size_t at = (ATOMS - 1) * ATOM;
	struct ring_io_batch b = { .count = 1 };

	memset(s->buf + at, letter, ATOM);
	b.ops[0] = (struct ring_io_op){ .kind = RING_IO_WRITE,
					.offset_bytes = at,
					.buf = s->buf + at,
					.len_bytes = ATOM };
	return b;
}

/* Each of the atoms of a batch in flight is old or new by itself, whatever the
 * other batch of the io does. */
static void assert_first_two_are_open(struct scene *s, const char *rest)
{
	char left[ATOMS + 1];
	unsigned mixes = 0;

	for (uint64_t seed = 0; seed < RUNS; seed++) {
		cut(s, seed, left);
		assert_string_equal(left + 2, rest);
		assert_true(left[0] == '.' || left[0] == 'a');
		assert_true(left[1] == '.' || left[1] == 'b');
		mixes |= 1u << ((left[0] == 'a') + 2 * (left[1] == 'b'));
	}
	assert_int_equal(mixes, 15);
}

static void check_flush_spares_the_other_batch(struct scene *s)
{
	struct ring_io_batch open = writing(s, "ab");
	struct ring_io_batch b = writing_last(s, 'z');

	assert_int_equal(s->io->ops->start(s->io, &open), 0);
	b.flush = true;
	assert_int_equal(ring_io_run(s->io, &b), 0);
	assert_first_two_are_open(s, ".z");
	assert_int_equal(flush(s->io), 0); /* nor does a later one */
	assert_first_two_are_open(s, ".z");
	assert_int_equal(s->io->ops->wait(s->io, &open), 0);
	assert_first_two_are_open(s, ".z");
	assert_int_equal(flush(s->io), 0);
	for (uint64_t seed = 0; seed < RUNS; seed++)
		assert_left(s, seed, "ab.z");
}

static void test_flush_spares_the_other_batch(void **state)
{
	check_flush_spares_the_other_batch(*state);
}

static void test_flush_spares_the_other_batch_direct(void **state)
{
	be_direct(*state);
	check_flush_spares_the_other_batch(*state);
}

/* The batch that flushes is waited for last, and began before: its flush is
 * issued by then, and covers what was complete. */
static void test_flush_of_the_first_batch(void **state)
{
	struct scene *s = *state;
	struct ring_io_batch first, second;

	be_direct(s);
	first = writing(s, "ab");
	first.flush = true;
	second = writing_last(s, 'z');
	assert_int_equal(s->io->ops->start(s->io, &first), 0);
	assert_int_equal(s->io->ops->start(s->io, &second), 0);
	assert_left(s, 0, "....");
	assert_left(s, 1, "ab.z");
	assert_int_equal(s->io->ops->wait(s->io, &first), 0);
	assert_left(s, 0, "ab..");
	assert_int_equal(s->io->ops->wait(s->io, &second), 0);
	assert_left(s, 0, "ab..");
	assert_left(s, 1, "ab.z");
	assert_seen(s->io, "ab.z");
}

/* The later of two versions is flushed: the first one can't come back. */
static void test_flush_takes_the_newest(void **state)
{
	struct scene *s = *state;

	assert_int_equal(put(s, "a", false), 0);
	assert_int_equal(put(s, "b", false), 0);
	assert_int_equal(flush(s->io), 0);
	for (uint64_t seed = 0; seed < RUNS; seed++)
		assert_left(s, seed, "b...");
}

static void test_a_lying_disk_flushes_nothing(void **state)
{
	struct scene *s = *state;

	s->disk.lies = true;
	assert_int_equal(put(s, "a", true), 0);
	assert_seen(s->io, "a...");
	assert_left(s, 0, "....");
}

/* ---- cuts --------------------------------------------------------------- */

/* Each of the 2 x 3 states of two atoms, and no other. */
static void test_every_version_independently(void **state)
{
	struct scene *s = *state;
	struct sim_dirty_list dirty = { 0 };
	char met[256] = "";

	assert_int_equal(put(s, "ax", false), 0);
	assert_int_equal(put(s, "b", false), 0);
	sim_disk_dirty(&s->disk, &dirty);
	assert_int_equal(dirty.count, 2);
	assert_int_equal(dirty.list[0].count, 3);
	assert_int_equal(dirty.list[1].count, 2);
	for (uint8_t i = 0; i < 6; i++) {
		const uint8_t choice[2] = { i % 3, i / 3 };
		struct sim_disk left;
		struct ring_io *io;
		char seen[ATOMS + 1];

		sim_disk_cut(&s->disk, &dirty, choice, &left);
		assert_true(left.image_hash ==
			    sim_disk_cut_hash(&s->disk, &dirty, choice));
		io = sim_disk_open(&left);
		get(io, seen);
		ring_io_close(io);
		sim_disk_release(&left);
		assert_null(strstr(met, seen));
		strcat(met, seen);
	}
	assert_string_equal(met, "....a...b....x..ax..bx..");
	sim_dirty_release(&dirty);
}

static void test_garbage(void **state)
{
	struct scene *s = *state;
	const uint8_t choice[1] = { SIM_GARBAGE };
	struct sim_dirty_list dirty = { 0 };
	struct sim_disk left;
	uint8_t atom[ATOM];

	assert_int_equal(put(s, "a", false), 0);
	sim_disk_dirty(&s->disk, &dirty);
	sim_disk_cut(&s->disk, &dirty, choice, &left);
	sim_disk_peek(&left, 0, atom, ATOM);
	assert_true(memcmp(atom, atom + 1, ATOM - 1) != 0);
	sim_disk_release(&left);
	sim_dirty_release(&dirty);
}

static void test_a_kill_loses_nothing_and_makes_nothing_durable(void **state)
{
	struct scene *s = *state;
	struct ring_io_batch b;
	struct sim_disk killed;
	struct ring_io *io;

	be_direct(s);
	b = writing(s, "ab");
	assert_int_equal(s->io->ops->start(s->io, &b), 0);
	sim_disk_after_kill(&s->disk, &killed);
	assert_int_equal(s->io->ops->wait(s->io, &b), 0);
	io = sim_disk_open(&killed);
	assert_seen(io, "ab..");
	ring_io_close(io);
	sim_disk_release(&killed);
	assert_left(s, 0, "....");
}

/* ---- hosts -------------------------------------------------------------- */

/* In flight, another one sees any mix, and what was seen stays visible. */
static void test_in_flight_is_seen_as_any_mix(void **state)
{
	struct scene *s = *state;
	unsigned mixed = 0;

	be_direct(s);
	for (unsigned run = 0; run < RUNS; run++) {
		struct sim_disk copy;
		struct ring_io *writer, *other;
		struct ring_io_batch b = writing(s, "ab");
		char first[ATOMS + 1], then[ATOMS + 1];

		sim_disk_copy(&s->disk, &copy);
		copy.rng = run;
		writer = sim_disk_open_on(&copy, 0, false);
		other = sim_disk_open_on(&copy, 1, false);
		assert_int_equal(writer->ops->start(writer, &b), 0);
		get(other, first);
		get(other, then);
		mixed += (first[0] == 'a') != (first[1] == 'b');
		assert_true(first[0] == '.' || then[0] == 'a');
		assert_true(first[1] == '.' || then[1] == 'b');
		assert_int_equal(writer->ops->wait(writer, &b), 0);
		assert_seen(other, "ab..");
		ring_io_close(other);
		ring_io_close(writer);
		sim_disk_release(&copy);
	}
	assert_in_range(mixed, 1, RUNS - 1);
}

static void test_another_host_has_a_cache_of_its_own(void **state)
{
	struct scene *s = *state;
	struct ring_io *other = sim_disk_open_on(&s->disk, 1, true);

	assert_seen(other, "....");
	assert_int_equal(put(s, "a", true), 0);
	assert_seen(other, "...."); /* stale */
	assert_int_equal(other->ops->drop_cache(other, 0, ATOM * ATOMS), 0);
	assert_seen(other, "a...");
	ring_io_close(other);
}

/* Nor does its flush write what is dirty here. */
static void test_a_flush_is_of_one_cache(void **state)
{
	struct scene *s = *state;
	struct ring_io *other = sim_disk_open_on(&s->disk, 1, true);

	assert_int_equal(put(s, "a", false), 0);
	assert_int_equal(flush(other), 0);
	assert_left(s, 0, "....");
	ring_io_close(other);
}

static void test_a_host_dies_with_its_cache(void **state)
{
	struct scene *s = *state;
	unsigned kept = 0;

	assert_int_equal(put(s, "a", true), 0);
	assert_int_equal(put(s, "b", false), 0);
	for (unsigned run = 0; run < RUNS; run++) {
		struct sim_disk copy, left;
		char seen[ATOMS + 1];
		struct ring_io *io;

		sim_disk_copy(&s->disk, &copy);
		copy.image_hash = run; /* what the copy's seed is made of */
		sim_disk_after_host(&copy, 0, &left);
		io = sim_disk_open_on(&left, 1, true);
		get(io, seen);
		assert_true(seen[0] == 'a' || seen[0] == 'b');
		kept += seen[0] == 'b';
		ring_io_close(io);
		sim_disk_release(&left);
		sim_disk_release(&copy);
	}
	assert_in_range(kept, 1, RUNS - 1);
}

static void test_locks_are_of_one_host(void **state)
{
	struct scene *s = *state;
	struct ring_io *here = sim_disk_open(&s->disk);
	struct ring_io *there = sim_disk_open_on(&s->disk, 1, true);

	assert_int_equal(s->io->ops->lock(s->io, 3), 0);
	assert_int_equal(s->io->ops->lock(s->io, 3), 0);
	assert_int_equal(here->ops->lock(here, 3), -EAGAIN);
	assert_int_equal(here->ops->is_locked(here, 3), 1);
	assert_int_equal(there->ops->lock(there, 3), 0);
	assert_int_equal(s->io->ops->unlock(s->io, 3), 0);
	assert_int_equal(here->ops->lock(here, 3), 0);
	ring_io_close(here);
	ring_io_close(there);
}

/* ---- failures ----------------------------------------------------------- */

static void test_a_failed_write_arrives_in_part(void **state)
{
	struct scene *s = *state;
	unsigned counts[3] = { 0 };

	for (unsigned run = 0; run < RUNS; run++) {
		char seen[ATOMS + 1];

		assert_int_equal(put(s, "ab", true), 0);
		s->disk.fails[SIM_WRITE] = s->disk.done[SIM_WRITE] + 1;
		assert_int_equal(put(s, "xy", false), -EIO);
		get(s->io, seen);
		counts[(seen[0] == 'x') + (seen[1] == 'y')]++;
	}
	assert_true(counts[0] > 0 && counts[1] > 0 && counts[2] > 0);
}

static void test_a_failed_read(void **state)
{
	struct scene *s = *state;
	struct ring_io_batch b = { .count = 1 };

	b.ops[0] = (struct ring_io_op){ .buf = s->buf, .len_bytes = ATOM };
	s->disk.fails[SIM_READ] = 2;
	assert_int_equal(ring_io_run(s->io, &b), 0);
	assert_int_equal(ring_io_run(s->io, &b), -EIO);
	assert_int_equal(ring_io_run(s->io, &b), 0);
}

static void test_a_failure_is_of_one_batch(void **state)
{
	for (unsigned first = 0; first < 2; first++) {
		struct scene *s = *state;
		struct ring_io_batch good, bad;
		int rc[2];

		good = writing(s, "ab");
		bad = writing_last(s, 'z');
		good.flush = true;
		s->disk.fails[SIM_WRITE] = s->disk.done[SIM_WRITE] + 2;
		assert_int_equal(s->io->ops->start(s->io, &good), 0);
		assert_int_equal(s->io->ops->start(s->io, &bad), 0);
		if (first == 0)
			rc[0] = s->io->ops->wait(s->io, &good);
		rc[1] = s->io->ops->wait(s->io, &bad);
		if (first == 1)
			rc[0] = s->io->ops->wait(s->io, &good);
		assert_int_equal(rc[0], 0);
		assert_int_equal(rc[1], -EIO);
		assert_int_equal(s->io->ops->wait(s->io, &bad), 0);
	}
}

/* Pages are clean afterwards: the next flush passes them over, and until the
 * cache is dropped they show what the disk never got. */
static void test_a_failed_flush_loses_what_the_cache_still_shows(void **state)
{
	struct scene *s = *state;
	char left[ATOMS + 1];
	unsigned lost = 0;

	for (unsigned run = 0; run < RUNS; run++) {
		assert_int_equal(put(s, "a", true), 0);
		assert_int_equal(put(s, "b", false), 0);
		s->disk.fails[SIM_FLUSH] = s->disk.done[SIM_FLUSH] + 1;
		assert_int_equal(flush(s->io), -EIO);
		assert_int_equal(flush(s->io), 0);
		assert_seen(s->io, "b...");
		cut(s, 1, left);
		lost += left[0] == 'a';
		assert_int_equal(s->io->ops->drop_cache(s->io, 0, ATOM), 0);
		assert_seen(s->io, left);
	}
	assert_in_range(lost, 1, RUNS - 1);
}

static void test_a_process_that_is_cut_off(void **state)
{
	struct scene *s = *state;
	struct ring_io_batch b;
	struct ring_io *other;

	be_direct(s);
	other = sim_disk_open(&s->disk);
	b = writing(s, "ab");
	assert_int_equal(s->io->ops->start(s->io, &b), 0);
	sim_io_cut(s->io);
	assert_int_equal(s->io->ops->wait(s->io, &b), -EIO);
	assert_int_equal(flush(other), 0);
	assert_left(s, 0, "...."); /* it still is in flight ... */
	sim_disk_complete(&s->disk);
	assert_seen(other, "ab.."); /* ... until the disk is done with it */
	assert_int_equal(put(s, "c", false), -EIO);
	ring_io_close(other);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_flush_covers_what_was_complete),
		TEST(test_flush_of_another_spares_what_is_in_flight),
		TEST(test_flush_spares_the_other_batch),
		TEST(test_flush_spares_the_other_batch_direct),
		TEST(test_flush_of_the_first_batch),
		TEST(test_flush_takes_the_newest),
		TEST(test_a_lying_disk_flushes_nothing),
		TEST(test_every_version_independently),
		TEST(test_garbage),
		TEST(test_a_kill_loses_nothing_and_makes_nothing_durable),
		TEST(test_in_flight_is_seen_as_any_mix),
		TEST(test_another_host_has_a_cache_of_its_own),
		TEST(test_a_flush_is_of_one_cache),
		TEST(test_a_host_dies_with_its_cache),
		TEST(test_locks_are_of_one_host),
		TEST(test_a_failed_write_arrives_in_part),
		TEST(test_a_failed_read),
		TEST(test_a_failure_is_of_one_batch),
		TEST(test_a_failed_flush_loses_what_the_cache_still_shows),
		TEST(test_a_process_that_is_cut_off),
	};

	return cmocka_run_group_tests_name("sim_disk", tests, NULL, NULL);
}
