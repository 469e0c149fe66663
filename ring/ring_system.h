#ifndef RING_RING_SYSTEM_H
#define RING_RING_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who runs this code; what the owner records on the device hold. */
struct ring_identity {
	uint8_t host_id[16];  /* /etc/machine-id */
	uint8_t boot_id[16];  /* new at each boot of the kernel */
	uint64_t pid;         /* never 0 */
	uint64_t start_ticks; /* when that process started, since boot */
};

/*
 * What the library wants from its surroundings besides storage. Tests inject
 * their own; NULL in an options struct means the operating system's. Every
 * member is required. All may be called from any thread that uses a handle.
 */
struct ring_system {
	void *ctx;                           /* passed to each function */
	uint64_t (*wall_ns)(void *ctx);      /* since 1970 */
	uint64_t (*monotonic_ns)(void *ctx); /* never goes back */
	void (*sleep_ns)(void *ctx, uint64_t ns);
	/* Fill buf with unpredictable bytes. 0, or -errno. */
	int (*random)(void *ctx, void *buf, size_t len_bytes);
	/* 0, or -errno. */
	int (*identity)(void *ctx, struct ring_identity *ret);
	/*
	 * Whether that process of this host and boot still runs. One that has
	 * ended and was not waited for yet does not.
	 */
	bool (*is_running)(void *ctx, uint64_t pid, uint64_t start_ticks);
	/* Zeroed memory aligned to align_bytes (a power of two), or NULL. */
	void *(*alloc)(void *ctx, size_t len_bytes, size_t align_bytes);
	void (*release)(void *ctx, void *mem, size_t len_bytes);
};

/* The operating system's. Static storage. */
const struct ring_system *ring_system_default(void);

#ifdef __cplusplus
}
#endif

#endif
