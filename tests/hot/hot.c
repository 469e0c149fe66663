/*
 * The hot path alone, to count what it takes: a program of its own, so that
 * its allocations can be counted and valgrind can look at it.
 *
 *     hot publish|drain|write|read FILE BATCHES
 *
 * Publishes batches of 1000 items of 100 bytes, or drains as many; write and
 * read do the same with as many bytes of a bare file. FILE is made, and must
 * not be there. Prints {"items": N, "cpu_ns": N, "allocations": N}: processor
 * time and allocations of hot_work() alone.
 */
#include "ring/ring.h"
#include "tests/bench/call.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	ITEM_BYTES = 100,
	BATCH = 1000,
	BATCH_BYTES = BATCH * ITEM_BYTES,
	ADVANCE_EVERY = 10
};

static const uint64_t ring_bytes = 256 << 20;

struct hot {
	const char *path;
	unsigned batches;
	struct ring_entry entries[BATCH];
	char bytes[BATCH_BYTES];
	uint64_t items;

	/* one of: */
	struct ring_producer *producer;
	struct ring_consumer *consumer;
	uint64_t from;
	int fd;
};

/* ---- allocations: of the library, and behind its back --------------------- */

void *__libc_malloc(size_t len);
void *__libc_calloc(size_t count, size_t len);
void *__libc_realloc(void *mem, size_t len);
void *__libc_memalign(size_t align, size_t len);

void *malloc(size_t len);
void *calloc(size_t count, size_t len);
void *realloc(void *mem, size_t len);
void *aligned_alloc(size_t align, size_t len);

static uint64_t allocations;

void *malloc(size_t len)
{
	allocations++;
	return __libc_malloc(len);
}

void *calloc(size_t count, size_t len)
{
	allocations++;
	return __libc_calloc(count, len);
}

void *realloc(void *mem, size_t len)
{
	allocations++;
	return __libc_realloc(mem, len);
}

void *aligned_alloc(size_t align, size_t len)
{
	allocations++;
	return __libc_memalign(align, len);
}

static void *system_alloc(void *ctx, size_t len_bytes, size_t align_bytes)
{
	const struct ring_system *system = ring_system_default();

	(void)ctx;
	allocations++;
	return system->alloc(system->ctx, len_bytes, align_bytes);
}

static struct ring_options options(struct ring_system *system)
{
	*system = *ring_system_default();
	system->alloc = system_alloc;
	return (struct ring_options){ .system = system };
}

/* ---- work --------------------------------------------------------------- */

static int publish(struct hot *h)
{
	const int rc = ring_producer_publish(h->producer, h->entries, BATCH,
					     NULL, NULL);

	h->items += BATCH;
	return rc;
}

static int count(void *ctx, const struct ring_item *item)
{
	struct hot *h = ctx;

	h->items += item->data_bytes == ITEM_BYTES;
	return 0;
}

/* A batch; every tenth time all of them are let go, durably. */
static int drain(struct hot *h)
{
	const struct ring_fold_limits limits = { .items = BATCH };
	int rc = ring_consumer_fold(h->consumer, h->from, &limits, count, h,
				    &h->from);

	if (rc == 0 && h->items % (ADVANCE_EVERY * BATCH) == 0)
		rc = ring_consumer_advance(h->consumer, h->from, NULL);
	return rc;
}

static int write_bare(struct hot *h)
{
	int rc = call_result(write(h->fd, h->bytes, BATCH_BYTES), BATCH_BYTES);

	if (rc == 0)
		rc = call_flush(h->fd);
	if (rc == 0)
		h->items += BATCH;
	return rc;
}

static int read_bare(struct hot *h)
{
	const int rc =
		call_result(read(h->fd, h->bytes, BATCH_BYTES), BATCH_BYTES);

	if (rc == 0)
		h->items += BATCH;
	return rc;
}

typedef int work_fn(struct hot *h);

/* valgrind counts from here on; so it must be a function of its own. */
__attribute__((noinline)) int hot_work(struct hot *h, work_fn *work);

int hot_work(struct hot *h, work_fn *work)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < h->batches; i++)
		rc = work(h);
	return rc;
}

static uint64_t cpu_ns(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000 +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

static int measure(struct hot *h, work_fn *work)
{
	const uint64_t allocations_before = allocations;
	const uint64_t before_ns = cpu_ns();
	const int rc = hot_work(h, work);
	const uint64_t ns = cpu_ns() - before_ns;
	const uint64_t count = allocations - allocations_before;

	printf("{\"items\": %llu, \"cpu_ns\": %llu, \"allocations\": %llu}\n",
	       (unsigned long long)h->items, (unsigned long long)ns,
	       (unsigned long long)count);
	return rc;
}

/* ---- around it ---------------------------------------------------------- */

static int prepare_ring(struct hot *h, const struct ring_options *o)
{
	const struct ring_create_options create = { .size_bytes = ring_bytes };
	int rc = ring_create(h->path, &create, o);

	for (unsigned i = 0; i < BATCH; i++)
		h->entries[i] = (struct ring_entry){
			.data = h->bytes + i * ITEM_BYTES,
			.data_bytes = ITEM_BYTES,
		};
	return rc < 0 ? rc
		      : ring_producer_attach(h->path, o, &h->producer, NULL);
}

static int run_publish(struct hot *h)
{
	struct ring_system system;
	const struct ring_options o = options(&system);
	int rc = prepare_ring(h, &o);

	if (rc == 0)
		rc = publish(h); /* the first one is not the hot path */
	h->items = 0;
	if (rc == 0)
		rc = measure(h, publish);
	ring_producer_free(h->producer);
	return rc;
}

static int run_drain(struct hot *h)
{
	struct ring_system system;
	const struct ring_options o = options(&system);
	int rc = prepare_ring(h, &o);

	/* One more at either end: the first look and the last are not the hot
	 * path. */
	for (unsigned i = 0; rc == 0 && i < h->batches + 2; i++)
		rc = publish(h);
	h->from = RING_POSITION_NONE;
	if (rc == 0)
		rc = ring_consumer_attach(h->path, NULL, &o, &h->consumer,
					  NULL);
	if (rc == 0)
		rc = drain(h);
	h->items = 0;
	if (rc == 0)
		rc = measure(h, drain);
	ring_consumer_free(h->consumer);
	ring_producer_free(h->producer);
	return rc;
}

static int run_bare(struct hot *h, work_fn *work)
{
	int rc = 0;

	h->fd = open(h->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (h->fd < 0)
		return -errno;
	for (unsigned i = 0; rc == 0 && i < h->batches; i++)
		rc = write_bare(h);
	h->items = 0;
	if (rc == 0 && lseek(h->fd, 0, SEEK_SET) < 0)
		rc = -errno;
	if (rc == 0)
		rc = measure(h, work);
	close(h->fd);
	return rc;
}

static int run(struct hot *h, const char *what)
{
	if (strcmp(what, "publish") == 0)
		return run_publish(h);
	if (strcmp(what, "drain") == 0)
		return run_drain(h);
	if (strcmp(what, "write") == 0)
		return run_bare(h, write_bare);
	if (strcmp(what, "read") == 0)
		return run_bare(h, read_bare);
	return -EINVAL;
}

int main(int argc, char **argv)
{
	static struct hot h;
	int rc;

	if (argc != 4) {
		fprintf(stderr, "usage: hot publish|drain|write|read FILE "
				"BATCHES\n");
		return 2;
	}
	h.path = argv[2];
	h.batches = (unsigned)strtoul(argv[3], NULL, 10);
	memset(h.bytes, 'h', sizeof(h.bytes));
	rc = run(&h, argv[1]);
	if (rc < 0)
		fprintf(stderr, "hot: %s\n", ring_strerror(rc));
	unlink(h.path);
	return rc < 0 ? 3 : 0;
}
