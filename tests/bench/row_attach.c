/*
 * How long an attach takes, and how much it reads, when the producer of a full
 * ring was killed at work; it shall be the same for rings of any size. The
 * kill comes when the checkpoint, from where the recovery walks, is as far
 * behind as it gets.
 */
#include "ring/ring.h"
#include "tests/bench/bench.h"
#include "tests/bench/victim.h"
#include "tools/measure.h"
#include "tools/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { ROUNDS = 5, GIB_SHIFT = 30, PATH_BYTES = 4200 };

static const uint64_t room_bytes = 20 << 20; /* for one victim */
static const uint64_t spare_bytes = 1 << GIB_SHIFT;

/* Sizes in GiB; all are compared with the first. */
static const unsigned sizes[] = { 1, 4, 10 };

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

/* What was measured on a ring of one size. */
struct subject {
	char row[64];
	char path[PATH_BYTES];
	uint64_t size_bytes;
	double time_ms[ROUNDS];
	double read_mib[ROUNDS];
	bool is_done;
};

/* ---- a ring that is full ------------------------------------------------ */

static int fill(struct ring_producer *p)
{
	int rc = 0;

	while (rc == 0) {
		struct ring_claim claim;

		for (unsigned i = 0; rc == 0 && i < VICTIM_BATCH; i++)
			rc = ring_producer_claim(p, VICTIM_ITEM_BYTES, 0, 0,
						 &claim);
		if (rc == 0)
			rc = ring_producer_commit(p, RING_COMMIT_PUBLISH, NULL,
						  NULL);
	}
	return rc == -RING_ERR_FULL ? 0 : rc;
}

/* With direct I/O, so that gigabytes needn't go through memory. */
static int make_full(const struct subject *s, struct ring_fault *fault)
{
	const struct ring_create_options create = {
		.size_bytes = s->size_bytes,
		.sparse = true,
		.force = true, /* it is new, and needn't be looked through */
	};
	const struct ring_options options = { .mode = RING_IO_DIRECT,
					      .fault = fault };
	struct ring_producer *p;
	int rc = ring_create(s->path, &create, &options);

	if (rc == 0)
		rc = ring_producer_attach(s->path, &options, &p, NULL);
	if (rc < 0)
		return rc;
	rc = fill(p);
	ring_producer_free(p);
	return rc;
}

static int take(void *ctx, const struct ring_item *item)
{
	(void)ctx;
	(void)item;
	return 0;
}

/* As much room as a victim needs; the rest stays full. */
static int make_room(const struct subject *s, const struct ring_options *o)
{
	const struct ring_fold_limits limits = { .bytes = room_bytes };
	struct ring_consumer *c;
	uint64_t position;
	int rc = ring_consumer_attach(s->path, NULL, o, &c, NULL);

	if (rc < 0)
		return rc;
	rc = ring_consumer_fold(c, RING_POSITION_NONE, &limits, take, NULL,
				&position);
	if (rc == 0)
		rc = ring_consumer_advance(c, position, NULL);
	ring_consumer_free(c);
	return rc;
}

/* ---- an attach ---------------------------------------------------------- */

/* What this process has read so far, from the page cache or from disk. */
static uint64_t bytes_read(void)
{
	unsigned long long bytes = 0;
	FILE *file = fopen("/proc/self/io", "re");

	if (file == NULL)
		return 0;
	if (fscanf(file, "rchar: %llu", &bytes) != 1)
		bytes = 0;
	fclose(file);
	return bytes;
}

static int drop_cache(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -errno;
	rc = fdatasync(fd) < 0 ? -errno : 0;
	if (rc == 0)
		rc = -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
	return rc;
}

static int attach(struct subject *s, unsigned round,
		  const struct ring_options *o)
{
	struct ring_producer *p;
	uint64_t before;
	double start_us;
	int rc = drop_cache(s->path);

	if (rc < 0)
		return rc;
	before = bytes_read();
	start_us = measure_now_us();
	rc = ring_producer_attach(s->path, o, &p, NULL);
	s->time_ms[round] = (measure_now_us() - start_us) / 1e3;
	s->read_mib[round] = (double)(bytes_read() - before) / (1 << 20);
	if (rc == 0)
		ring_producer_free(p);
	return rc;
}

static int run_rounds(struct bench *b, struct subject *s,
		      struct ring_fault *fault)
{
	const struct ring_options options = { .fault = fault };
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < ROUNDS; i++) {
		bench_progress(s->row, i, ROUNDS);
		rc = make_room(s, &options);
		if (rc == 0)
			rc = victim_die(s->path);
		if (rc == 0)
			rc = attach(s, i, &options);
		if (rc == 0 && stop_requested(b->stop_fd))
			rc = -ECANCELED;
	}
	bench_progress(NULL, 0, 0);
	return rc;
}

/* ---- the row ------------------------------------------------------------ */

static bool fits(const struct bench *b, const struct subject *s)
{
	struct statvfs fs;

	if (statvfs(b->dir, &fs) < 0)
		return false;
	if ((uint64_t)fs.f_bavail * fs.f_frsize >= s->size_bytes + spare_bytes)
		return true;
	bench_error("%s: skipped: too little space on the disk", s->row);
	return false;
}

static int measure(struct bench *b, struct subject *s)
{
	struct ring_fault fault = { 0 };
	int rc;

	if (!fits(b, s))
		return 0;
	bench_progress(s->row, 0, ROUNDS);
	rc = make_full(s, &fault);
	if (rc == 0)
		rc = run_rounds(b, s, &fault);
	unlink(s->path);
	s->is_done = rc == 0;
	if (rc < 0)
		bench_error("%s: %s", s->row,
			    fault.code == rc ? fault.text : ring_strerror(rc));
	return rc;
}

static struct result_entry entry_of(const char *name, enum part part,
				    const double *values)
{
	return (struct result_entry){ .name = name,
				      .part = part,
				      .value = spread_of(values, ROUNDS) };
}

static int add_result(struct bench *b, const struct subject *s,
		      const struct metric *metric, const double *values,
		      const double *of_first)
{
	struct result r = { .metric = *metric, .rounds = ROUNDS, .count = 1 };

	snprintf(r.row, sizeof(r.row), "%s", s->row);
	r.entries[0] = entry_of("ring", PART_RING, values);
	if (of_first != NULL) {
		r.entries[1] = entry_of("smallest", PART_BESIDE, of_first);
		r.entries[1].ratio = spread_of_ratios(values, of_first, ROUNDS);
		r.count = 2;
	}
	return bench_add(b, &r);
}

static int add_results(struct bench *b, const struct subject *s,
		       const struct subject *first)
{
	static const struct metric time = { "time", "ms", false };
	static const struct metric read = { "read", "MiB", false };
	const bool is_first = s == first || !first->is_done;
	int rc = add_result(b, s, &time, s->time_ms,
			    is_first ? NULL : first->time_ms);

	return rc < 0 ? rc
		      : add_result(b, s, &read, s->read_mib,
				   is_first ? NULL : first->read_mib);
}

int row_attach(struct bench *b)
{
	struct subject subjects[SIZES] = { 0 };
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < SIZES; i++) {
		struct subject *s = &subjects[i];

		s->size_bytes = (uint64_t)sizes[i] << GIB_SHIFT;
		snprintf(s->row, sizeof(s->row), "attach/%uGiB", sizes[i]);
		snprintf(s->path, sizeof(s->path), "%s/full", b->dir);
		if (bench_wants(b, s->row))
			rc = measure(b, s);
		if (rc == 0 && s->is_done)
			rc = add_results(b, s, &subjects[0]);
	}
	return rc;
}
