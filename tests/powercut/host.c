#include "tests/powercut/host.h"

#include <string.h>

/* Everything but the identity is passed on. */
static const struct ring_system *real(void)
{
	return ring_system_default();
}

static uint64_t host_wall_ns(void *ctx)
{
	(void)ctx;
	return real()->wall_ns(real()->ctx);
}

static uint64_t host_monotonic_ns(void *ctx)
{
	(void)ctx;
	return real()->monotonic_ns(real()->ctx);
}

static void host_sleep_ns(void *ctx, uint64_t ns)
{
	(void)ctx;
	real()->sleep_ns(real()->ctx, ns);
}

static int host_random(void *ctx, void *buf, size_t len_bytes)
{
	(void)ctx;
	return real()->random(real()->ctx, buf, len_bytes);
}

static void *host_alloc(void *ctx, size_t len_bytes, size_t align_bytes)
{
	(void)ctx;
	return real()->alloc(real()->ctx, len_bytes, align_bytes);
}

static void host_release(void *ctx, void *mem, size_t len_bytes)
{
	(void)ctx;
	real()->release(real()->ctx, mem, len_bytes);
}

static int host_identity(void *ctx, struct ring_identity *ret)
{
	const struct host *h = ctx;
	struct ring_identity id;
	int rc = real()->identity(real()->ctx, &id);

	if (rc < 0)
		return rc;
	if (h->number != 0)
		memset(id.host_id, h->number, sizeof(id.host_id));
	if (h->boot != 0)
		memcpy(id.boot_id, &h->boot, sizeof(h->boot));
	*ret = id;
	return 0;
}

static bool host_is_running(void *ctx, uint64_t pid, uint64_t start_ticks)
{
	(void)ctx;
	return real()->is_running(real()->ctx, pid, start_ticks);
}

void host_init(struct host *h, uint8_t number, uint64_t boot)
{
	*h = (struct host){
		.number = number,
		.boot = boot,
		.system = {
			.ctx = h,
			.wall_ns = host_wall_ns,
			.monotonic_ns = host_monotonic_ns,
			.sleep_ns = host_sleep_ns,
			.random = host_random,
			.identity = host_identity,
			.is_running = host_is_running,
			.alloc = host_alloc,
			.release = host_release,
		},
	};
}
