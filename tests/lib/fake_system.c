#include "tests/lib/fake_system.h"

#include "tests/lib/draw.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { START_NS = 1000000000, TICK_NS = 1000 };

static uint64_t fake_wall_ns(void *ctx)
{
	struct fake_system *s = ctx;

	s->wall_ns += TICK_NS;
	return s->wall_ns;
}

/* It moves at each look, so that every deadline passes in the end. */
static uint64_t fake_monotonic_ns(void *ctx)
{
	struct fake_system *s = ctx;

	s->monotonic_ns += TICK_NS;
	return s->monotonic_ns;
}

static void fake_sleep_ns(void *ctx, uint64_t ns)
{
	struct fake_system *s = ctx;

	s->wall_ns += ns;
	s->monotonic_ns += ns;
	s->slept_ns += ns;
	if (s->on_sleep != NULL)
		s->on_sleep(s->on_sleep_ctx);
}

static int fake_random(void *ctx, void *buf, size_t len_bytes)
{
	struct fake_system *s = ctx;
	struct draw draw = { .state = s->random_seed };

	if (s->random_seed == 0)
		return getrandom(buf, len_bytes, 0) == (ssize_t)len_bytes
			       ? 0
			       : -EIO;
	for (size_t i = 0; i < len_bytes; i++)
		((uint8_t *)buf)[i] = (uint8_t)draw_u64(&draw);
	s->random_seed = draw.state;
	return 0;
}

static int fake_identity(void *ctx, struct ring_identity *ret)
{
	const struct fake_system *s = ctx;

	*ret = s->self;
	return 0;
}

static bool fake_is_running(void *ctx, uint64_t pid, uint64_t start_ticks)
{
	const struct fake_system *s = ctx;

	return !s->others_died ||
	       (pid == s->self.pid && start_ticks == s->self.start_ticks);
}

/* The length stands in front, to compare with what is released. */
static void *fake_alloc(void *ctx, size_t len_bytes, size_t align_bytes)
{
	struct fake_system *s = ctx;
	const size_t whole =
		(len_bytes + 2 * align_bytes - 1) / align_bytes * align_bytes;
	uint8_t *mem;

	s->allocs++;
	if (s->allocs == s->alloc_fails)
		return NULL;
	mem = aligned_alloc(align_bytes, whole + align_bytes);
	if (mem == NULL)
		return NULL;
	memset(mem, 0, whole + align_bytes);
	memcpy(mem, &len_bytes, sizeof(len_bytes));
	memcpy(mem + sizeof(len_bytes), &align_bytes, sizeof(align_bytes));
	s->live++;
	mem += align_bytes;
	memcpy(mem - sizeof(align_bytes), &align_bytes, sizeof(align_bytes));
	return mem;
}

static void fake_release(void *ctx, void *mem, size_t len_bytes)
{
	struct fake_system *s = ctx;
	uint8_t *start = mem;
	size_t align_bytes, len;

	memcpy(&align_bytes, start - sizeof(align_bytes), sizeof(align_bytes));
	start -= align_bytes;
	memcpy(&len, start, sizeof(len));
	s->release_is_wrong |= len != len_bytes;
	s->live--;
	free(start);
}

void fake_system_init(struct fake_system *s, uint8_t host, uint8_t boot)
{
	*s = (struct fake_system){
		.system = { .ctx = s,
			    .wall_ns = fake_wall_ns,
			    .monotonic_ns = fake_monotonic_ns,
			    .sleep_ns = fake_sleep_ns,
			    .random = fake_random,
			    .identity = fake_identity,
			    .is_running = fake_is_running,
			    .alloc = fake_alloc,
			    .release = fake_release },
		.self = { .pid = 1000u + host, .start_ticks = boot },
		.wall_ns = START_NS,
		.monotonic_ns = START_NS,
	};
	memset(s->self.host_id, host, sizeof(s->self.host_id));
	memset(s->self.boot_id, boot, sizeof(s->self.boot_id));
}
