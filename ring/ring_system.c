/*
 * The operating system as the library sees it. Everything is looked up at
 * each call: nothing is cached, so a fork needs no care.
 */
#include "ring/ring_system.h"

#include "ring/checksum.h"
#include "ring/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum {
	NS_PER_S = 1000000000,
	MMAP_MIN_BYTES = 65536,
	HUGE_PAGE_BYTES = 2 * 1024 * 1024,
	ID_BYTES = 16,
	STAT_FIELD_STATE = 3,  /* proc(5) */
	STAT_FIELD_START = 22, /* likewise: starttime */
};

struct process_status {
	char state;
	uint64_t start_ticks; /* since boot */
};

/* ---- time and chance ---------------------------------------------------- */

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now = { 0 };

	clock_gettime(id, &now); /* can't fail for the two used here */
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint64_t system_wall_ns(void *ctx)
{
	(void)ctx;
	return clock_ns(CLOCK_REALTIME);
}

static uint64_t system_monotonic_ns(void *ctx)
{
	(void)ctx;
	return clock_ns(CLOCK_MONOTONIC);
}

static void system_sleep_ns(void *ctx, uint64_t ns)
{
	struct timespec left = { .tv_sec = (time_t)(ns / NS_PER_S),
				 .tv_nsec = (long)(ns % NS_PER_S) };

	(void)ctx;
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

static int system_random(void *ctx, void *buf, size_t len_bytes)
{
	uint8_t *at = buf;

	(void)ctx;
	while (len_bytes > 0) {
		ssize_t got = getrandom(at, len_bytes, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		at += got;
		len_bytes -= (size_t)got;
	}
	return 0;
}

/* ---- identity ----------------------------------------------------------- */

/* A short file as text, NUL at its end. 0, or -errno. */
static int read_text(const char *path, char *ret_text, size_t size_bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;
	int rc = 0;

	if (fd < 0)
		return -errno;
	do {
		got = read(fd, ret_text, size_bytes - 1);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		rc = -errno;
	else
		ret_text[got] = '\0';
	close(fd);
	return rc;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* 32 hex digits; dashes between bytes are skipped, as in a UUID. */
static bool parse_id(const char *text, uint8_t *ret_id)
{
	for (size_t i = 0; i < ID_BYTES; i++) {
		while (*text == '-')
			text++;

		const int high = hex_value(text[0]);
		const int low = high < 0 ? -1 : hex_value(text[1]);

		if (low < 0)
			return false;
		ret_id[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return *text == '\0' || *text == '\n';
}

static int read_id(const char *path, uint8_t *ret_id)
{
	char text[64];
	uint8_t id[ID_BYTES];
	int rc = read_text(path, text, sizeof(text));

	if (rc < 0)
		return rc;
	if (!parse_id(text, id))
		return -EINVAL;
	memcpy(ret_id, id, ID_BYTES);
	return 0;
}

/*
 * For a host without a machine id: the same after each boot, but also the same
 * on two hosts of one name, which then take each other for themselves. Hosts
 * that share a device need machine ids or different names.
 */
static int id_from_host_name(uint8_t *ret_id)
{
	struct utsname names;

	if (uname(&names) < 0)
		return -errno;
	for (unsigned half = 0; half < 2; half++) {
		const uint64_t hash =
			checksum(names.nodename, strlen(names.nodename), half);

		for (unsigned i = 0; i < 8; i++)
			ret_id[8 * half + i] = (uint8_t)(hash >> (8 * i));
	}
	return 0;
}

/*
 * What follows the program's name in the status of a process, the third field
 * of proc(5). The name may itself hold blanks and parentheses: look for its
 * last one. 0, or -errno.
 */
static int read_status(const char *path, struct process_status *ret)
{
	char text[1024];
	int rc = read_text(path, text, sizeof(text));

	if (rc < 0)
		return rc;

	const char *at = strrchr(text, ')');

	if (at == NULL || at[1] != ' ')
		return -EINVAL;
	at += 2;
	ret->state = *at;
	for (unsigned i = STAT_FIELD_STATE; at != NULL && i < STAT_FIELD_START;
	     i++) {
		at = strchr(at, ' ');
		if (at != NULL)
			at++;
	}
	if (at == NULL || hex_value(*at) < 0)
		return -EINVAL;
	ret->start_ticks = strtoull(at, NULL, 10);
	return 0;
}

static bool system_is_running(void *ctx, uint64_t pid, uint64_t start_ticks)
{
	struct process_status status;
	char path[64];
	int rc;

	(void)ctx;
	snprintf(path, sizeof(path), "/proc/%llu/stat",
		 (unsigned long long)pid);
	rc = read_status(path, &status);
	if (rc == -ENOENT || rc == -ESRCH)
		return false;
	/* Of what can't be read, believe that it lives. */
	return rc < 0 || (status.start_ticks == start_ticks &&
			  status.state != 'Z' && status.state != 'X');
}

static int system_identity(void *ctx, struct ring_identity *ret)
{
	struct ring_identity id = { .pid = (uint64_t)getpid() };
	struct process_status status;
	int rc = read_id("/etc/machine-id", id.host_id);

	(void)ctx;
	if (rc < 0)
		rc = id_from_host_name(id.host_id);
	if (rc < 0)
		return rc;
	rc = read_id("/proc/sys/kernel/random/boot_id", id.boot_id);
	if (rc < 0)
		return rc;
	rc = read_status("/proc/self/stat", &status);
	if (rc < 0)
		return rc;
	id.start_ticks = status.start_ticks;
	*ret = id;
	return 0;
}

/* ---- memory ------------------------------------------------------------- */

static size_t round_up(size_t value, size_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Large mappings are whole huge pages: direct I/O gets along with a fraction
 * of the work per byte, and is twice as fast (docs/PERFORMANCE.md). */
static size_t mapped_bytes(size_t len_bytes)
{
	return round_up(len_bytes, len_bytes >= HUGE_PAGE_BYTES
					   ? HUGE_PAGE_BYTES
					   : page_bytes());
}

/* mmap() aligns to a page; for more, map more and give the ends back. */
static void *map_aligned(size_t len_bytes, size_t align_bytes)
{
	const size_t len = mapped_bytes(len_bytes);
	size_t extra = align_bytes > page_bytes() ? align_bytes : 0;
	uint8_t *mem;

	if (len >= HUGE_PAGE_BYTES && extra < HUGE_PAGE_BYTES)
		extra = HUGE_PAGE_BYTES;
	if (len < len_bytes || len + extra < len)
		return NULL;
	mem = mmap(NULL, len + extra, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return NULL;
	if (extra == 0)
		return mem;

	const size_t head = round_up((uintptr_t)mem, extra) - (uintptr_t)mem;

	if (head > 0)
		munmap(mem, head);
	if (head < extra)
		munmap(mem + head + len, extra - head);
	if (len >= HUGE_PAGE_BYTES) /* where there are none, it goes without */
		(void)madvise(mem + head, len, MADV_HUGEPAGE);
	return mem + head;
}

static void *system_alloc(void *ctx, size_t len_bytes, size_t align_bytes)
{
	size_t len;
	void *mem;

	(void)ctx;
	/* Pages come zeroed, and go back to the system when released. */
	if (len_bytes >= MMAP_MIN_BYTES)
		return map_aligned(len_bytes, align_bytes);

	len = round_up(len_bytes > 0 ? len_bytes : 1, align_bytes);
	mem = aligned_alloc(align_bytes, len);
	if (mem != NULL)
		memset(mem, 0, len);
	return mem;
}

static void system_release(void *ctx, void *mem, size_t len_bytes)
{
	(void)ctx;
	if (mem == NULL)
		return;
	if (len_bytes >= MMAP_MIN_BYTES)
		munmap(mem, mapped_bytes(len_bytes));
	else
		free(mem);
}

RING_EXPORT const struct ring_system *ring_system_default(void)
{
	static const struct ring_system system = {
		.wall_ns = system_wall_ns,
		.monotonic_ns = system_monotonic_ns,
		.sleep_ns = system_sleep_ns,
		.random = system_random,
		.identity = system_identity,
		.is_running = system_is_running,
		.alloc = system_alloc,
		.release = system_release,
	};

	return &system;
}
