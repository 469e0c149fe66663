/*
 * An nbdkit plugin: a disk with a volatile write cache, whose power can be cut.
 *
 * A read sees every write. A flush hardens what was complete when it came. At
 * SIGUSR1 the power goes: each atom (512 or 4096 bytes) ends at any version
 * from its durable one to the newest issued, chosen by seed and independent of
 * the others, in the file behind; then the process is gone. A write is issued
 * in two halves with a pause between, so that it can be cut, or read, halfway.
 *
 * Two hosts are two connections with different export names. Writes of the
 * export "a" can be held back: they sit in the storage's queue, and land later
 * even if their host has died meanwhile.
 */
#define NBDKIT_API_VERSION 2

#include <nbdkit-plugin.h>

#include "tests/powercut/medium.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define THREAD_MODEL NBDKIT_THREAD_MODEL_PARALLEL

enum {
	HOLD_POLL_US = 2000,
};

struct disk {
	const char *path;
	uint64_t seed;
	uint64_t pause_us; /* at most, between the halves of a write */
	int64_t lies;      /* flushes are answered and not done */

	const char *hold_path; /* hold writes back while this file exists */
	char *held_path;       /* exists until what was held back has landed */
	uint64_t hold_from;
	uint64_t hold_to;

	pthread_mutex_t lock; /* of all below */
	struct medium medium;
	struct draw draw; /* of pauses */
	uint64_t writes;
	uint64_t held; /* held back, or not landed yet */
};

struct host {
	bool can_be_held;
};

/* nbdkit's callbacks for the configuration carry no context. */
static struct disk disk = {
	.medium = { .fd = -1, .atom_bytes = ATOM_MIN_BYTES },
	.seed = 1,
	.hold_to = UINT64_MAX,
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

/* ---- the cut ------------------------------------------------------------ */

/* The lock is never given back: nothing is answered from here on. */
static void cut_power(struct disk *d)
{
	pthread_mutex_lock(&d->lock);
	_exit(medium_cut(&d->medium) < 0);
}

static void *wait_for_cut(void *arg)
{
	sigset_t set;
	int signum;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (sigwait(&set, &signum) == 0)
		cut_power(arg);
	return NULL;
}

/* ---- configuration ------------------------------------------------------ */

static int parse_u64(const char *key, const char *value, uint64_t *ret)
{
	return nbdkit_parse_uint64_t(key, value, ret);
}

static int config_hold(struct disk *d, const char *value)
{
	d->hold_path = value; /* nbdkit keeps it */
	if (asprintf(&d->held_path, "%s.held", value) < 0) {
		nbdkit_error("out of memory");
		return -1;
	}
	return 0;
}

static int cache_config(const char *key, const char *value)
{
	struct disk *d = &disk;

	if (strcmp(key, "file") == 0) {
		d->path = value;
		return 0;
	}
	if (strcmp(key, "hold") == 0)
		return config_hold(d, value);
	if (strcmp(key, "lies") == 0) {
		d->lies = nbdkit_parse_bool(value);
		return d->lies < 0 ? -1 : 0;
	}
	if (strcmp(key, "atom") == 0)
		return parse_u64(key, value, &d->medium.atom_bytes);
	if (strcmp(key, "seed") == 0)
		return parse_u64(key, value, &d->seed);
	if (strcmp(key, "pause-us") == 0)
		return parse_u64(key, value, &d->pause_us);
	if (strcmp(key, "hold-from") == 0)
		return parse_u64(key, value, &d->hold_from);
	if (strcmp(key, "hold-to") == 0)
		return parse_u64(key, value, &d->hold_to);
	nbdkit_error("unknown parameter '%s'", key);
	return -1;
}

static int cache_config_complete(void)
{
	const struct disk *d = &disk;

	if (d->path == NULL) {
		nbdkit_error("file=PATH is missing");
		return -1;
	}
	if (d->medium.atom_bytes != ATOM_MIN_BYTES &&
	    d->medium.atom_bytes != ATOM_MAX_BYTES) {
		nbdkit_error("atom must be %d or %d", ATOM_MIN_BYTES,
			     ATOM_MAX_BYTES);
		return -1;
	}
	return 0;
}

static int open_file(struct disk *d)
{
	struct stat st;

	d->medium.fd = open(d->path, O_RDWR | O_CLOEXEC);
	if (d->medium.fd < 0 || fstat(d->medium.fd, &st) < 0) {
		nbdkit_error("cannot open '%s': %m", d->path);
		return -1;
	}
	d->medium.size_bytes = (uint64_t)st.st_size;
	if (d->medium.size_bytes == 0 ||
	    d->medium.size_bytes % ATOM_MAX_BYTES != 0) {
		nbdkit_error("'%s': the size must be a multiple of %d", d->path,
			     ATOM_MAX_BYTES);
		return -1;
	}
	return 0;
}

static int cache_get_ready(void)
{
	struct disk *d = &disk;

	if (open_file(d) < 0)
		return -1;
	d->draw.state = d->seed;
	d->medium.draw.state = ~d->seed;
	if (medium_init(&d->medium) < 0) {
		nbdkit_error("out of memory");
		return -1;
	}
	return 0;
}

/* All later threads inherit the blocked signal, so only one meets it. */
static int cache_after_fork(void)
{
	pthread_t id;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	errno = pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (errno == 0)
		errno = pthread_create(&id, NULL, wait_for_cut, &disk);
	if (errno == 0)
		errno = pthread_detach(id);
	if (errno == 0)
		return 0;
	nbdkit_error("cannot start a thread: %m");
	return -1;
}

/* ---- connections -------------------------------------------------------- */

static void *cache_open(int readonly)
{
	struct host *h = calloc(1, sizeof(*h));
	const char *name = nbdkit_export_name();

	(void)readonly;
	if (h == NULL || name == NULL) {
		nbdkit_error("cannot open the export");
		free(h);
		return NULL;
	}
	h->can_be_held = strcmp(name, "a") == 0;
	return h;
}

static void cache_close(void *handle)
{
	free(handle);
}

static int64_t cache_get_size(void *handle)
{
	(void)handle;
	return (int64_t)disk.medium.size_bytes;
}

/* A flush covers the writes of all connections. */
static int cache_can_multi_conn(void *handle)
{
	(void)handle;
	return 1;
}

/* ---- transfers ---------------------------------------------------------- */

static int fail(int errnum)
{
	nbdkit_set_error(errnum);
	return -1;
}

static int cache_pread(void *handle, void *buf, uint32_t count, uint64_t offset,
		       uint32_t flags)
{
	struct disk *d = &disk;
	int rc;

	(void)handle;
	(void)flags;
	pthread_mutex_lock(&d->lock);
	rc = medium_read(&d->medium, buf, count, offset);
	pthread_mutex_unlock(&d->lock);
	return rc < 0 ? fail(EIO) : 0;
}

static int issue(struct disk *d, const struct medium_write *w)
{
	int rc;

	pthread_mutex_lock(&d->lock);
	rc = medium_write(&d->medium, w);
	pthread_mutex_unlock(&d->lock);
	return rc;
}

static void complete(struct disk *d, const struct medium_write *w)
{
	pthread_mutex_lock(&d->lock);
	medium_complete(&d->medium, w);
	pthread_mutex_unlock(&d->lock);
}

/* A new number for a write, and how long it rests between its halves. */
static uint64_t begin_write(struct disk *d, useconds_t *ret_pause_us)
{
	uint64_t id;

	pthread_mutex_lock(&d->lock);
	id = ++d->writes;
	*ret_pause_us = (useconds_t)draw_below(&d->draw, d->pause_us + 1);
	pthread_mutex_unlock(&d->lock);
	return id;
}

static bool must_hold(const struct disk *d, const struct host *h,
		      uint64_t offset)
{
	return d->hold_path != NULL && h->can_be_held &&
	       offset >= d->hold_from && offset < d->hold_to &&
	       access(d->hold_path, F_OK) == 0;
}

static void hold_back(struct disk *d)
{
	int fd;

	pthread_mutex_lock(&d->lock);
	d->held++;
	pthread_mutex_unlock(&d->lock);
	fd = open(d->held_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	while (access(d->hold_path, F_OK) == 0)
		usleep(HOLD_POLL_US);
}

static void note_landed(struct disk *d)
{
	pthread_mutex_lock(&d->lock);
	if (--d->held == 0)
		unlink(d->held_path);
	pthread_mutex_unlock(&d->lock);
}

/* In two halves, or one if it is small; atoms stay whole. */
static int issue_slowly(struct disk *d, const struct medium_write *w,
			useconds_t pause_us)
{
	const size_t atom = d->medium.atom_bytes;
	struct medium_write half = *w;
	int rc;

	half.len = (w->len / 2 + atom - 1) / atom * atom;
	if (half.len > w->len)
		half.len = w->len;
	rc = issue(d, &half);
	if (pause_us > 0)
		usleep(pause_us);
	half.bytes += half.len;
	half.offset += half.len;
	half.len = w->len - half.len;
	return rc == 0 ? issue(d, &half) : rc;
}

static int cache_pwrite(void *handle, const void *buf, uint32_t count,
			uint64_t offset, uint32_t flags)
{
	struct disk *d = &disk;
	struct medium_write w = { .bytes = buf,
				  .len = count,
				  .offset = offset };
	const bool is_held = must_hold(d, handle, offset);
	useconds_t pause_us;

	assert(flags == 0); /* nbdkit turns FUA into a flush */
	if (is_held)
		hold_back(d);
	w.id = begin_write(d, &pause_us);
	if (issue_slowly(d, &w, pause_us) < 0)
		return fail(EIO);
	complete(d, &w);
	if (is_held)
		note_landed(d);
	return 0;
}

static int cache_flush(void *handle, uint32_t flags)
{
	struct disk *d = &disk;
	int rc;

	(void)handle;
	(void)flags;
	if (d->lies)
		return 0;
	pthread_mutex_lock(&d->lock);
	rc = medium_flush(&d->medium);
	pthread_mutex_unlock(&d->lock);
	return rc < 0 ? fail(EIO) : 0;
}

static struct nbdkit_plugin plugin = {
	.name = "volatile-cache",
	.description = "a disk with a volatile write cache; SIGUSR1 cuts it",
	.config = cache_config,
	.config_complete = cache_config_complete,
	.config_help = "file=PATH      the medium\n"
		       "atom=BYTES     512 (default) or 4096\n"
		       "seed=N         what a cut leaves, and pauses\n"
		       "pause-us=N     longest pause within a write\n"
		       "lies=BOOL      answer flushes, do nothing\n"
		       "hold=PATH      while this file exists, hold writes of\n"
		       "               export 'a'; PATH.held exists until\n"
		       "               they have landed\n"
		       "hold-from=N    only those at offsets from here\n"
		       "hold-to=N      to here",
	.get_ready = cache_get_ready,
	.after_fork = cache_after_fork,
	.open = cache_open,
	.close = cache_close,
	.get_size = cache_get_size,
	.can_multi_conn = cache_can_multi_conn,
	.pread = cache_pread,
	.pwrite = cache_pwrite,
	.flush = cache_flush,
};

struct nbdkit_plugin *plugin_init(void);

NBDKIT_REGISTER_PLUGIN(plugin)
