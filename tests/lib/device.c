/*
 * Loop devices are made with autoclear and hold their backing file by a
 * descriptor only, so the kernel removes both when the last descriptor is
 * closed, however the process ends. Files and zram devices are listed, and
 * removed at exit and on the usual deadly signals, with functions that a
 * signal handler may call. A zram device can't be removed while it is open, as
 * after a failed test: each one has a guardian, a process that removes it when
 * the one that made it is gone.
 */
#include "tests/lib/device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LISTED_MAX = 64,
	LOOP_TRIES = 16,
	GUARDIAN_TRIES = 100,
	GUARDIAN_DELAY_US = 50000,
};

#define ZRAM_CONTROL "/sys/class/zram-control/"

struct cleanup {
	bool is_used;
	char unlink_path[DEVICE_PATH_BYTES]; /* "": none */
	char reset_path[64];                 /* of a zram device; "": none */
	char remove_id[16];
	int guardian_fd; /* a byte into it sends the guardian home */
};

/* A signal handler and atexit() can't be handed a pointer. */
static struct cleanup listed[LISTED_MAX];
static pid_t listing_pid;

/* ---- cleaning up -------------------------------------------------------- */

/* Only calls that are safe in a signal handler. */
static bool write_text(const char *path, const char *text)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}

static bool remove_zram(const struct cleanup *c)
{
	(void)write_text(c->reset_path, "1");
	if (!write_text(ZRAM_CONTROL "hot_remove", c->remove_id))
		return false;

	/* Its number may be somebody else's from now on. */
	if (c->guardian_fd >= 0) {
		(void)!write(c->guardian_fd, "x", 1);
		close(c->guardian_fd);
	}
	return true;
}

static void clean_up(struct cleanup *c)
{
	if (!c->is_used)
		return;
	if (c->unlink_path[0] != '\0')
		unlink(c->unlink_path);
	if (c->remove_id[0] != '\0' && !remove_zram(c))
		return; /* still open; a later try, or the guardian */
	c->is_used = false;
}

static void clean_up_all(void)
{
	if (getpid() != listing_pid)
		return; /* a child that exits */
	for (unsigned i = 0; i < LISTED_MAX; i++)
		clean_up(&listed[i]);
}

static void on_deadly_signal(int signum)
{
	clean_up_all();
	raise(signum); /* SA_RESETHAND: dies now */
}

static void install_handlers(void)
{
	static const int deadly[] = { SIGABRT, SIGHUP, SIGINT, SIGTERM };
	const struct sigaction action = { .sa_handler = on_deadly_signal,
					  .sa_flags = (int)SA_RESETHAND };

	if (listing_pid == getpid())
		return;
	listing_pid = getpid();
	memset(listed, 0, sizeof(listed)); /* a child starts its own list */
	atexit(clean_up_all);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		sigaction(deadly[i], &action, NULL);
}

static struct cleanup *list_cleanup(void)
{
	install_handlers();
	for (unsigned i = 0; i < LISTED_MAX; i++) {
		if (!listed[i].is_used) {
			listed[i] = (struct cleanup){ .is_used = true,
						      .guardian_fd = -1 };
			return &listed[i];
		}
	}
	fprintf(stderr, "more than %d test devices at a time\n", LISTED_MAX);
	abort();
}

/* ---- files -------------------------------------------------------------- */

/* Say why not. Always false. */
__attribute__((format(printf, 2, 3))) static bool
refuse(char *ret_reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ret_reason, DEVICE_REASON_BYTES, format, args);
	va_end(args);
	return false;
}

static bool is_tmpfs(const char *directory)
{
	struct statfs fs;

	return statfs(directory, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

/* Where files of this kind can be made; NULL: nowhere. */
static const char *find_directory(bool on_tmpfs)
{
	const char *const candidates[] = { getenv("TMPDIR"), "build", ".",
					   "/var/tmp", "/dev/shm" };

	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]);
	     i++) {
		const char *directory = candidates[i];

		if (directory != NULL && access(directory, W_OK) == 0 &&
		    is_tmpfs(directory) == on_tmpfs)
			return directory;
	}
	return NULL;
}

static int create_file(const char *directory, char *ret_path)
{
	char *absolute = realpath(directory, NULL); /* survives a chdir() */
	int len;

	if (absolute == NULL)
		return -1;
	len = snprintf(ret_path, DEVICE_PATH_BYTES, "%s/blkring-test-XXXXXX",
		       absolute);
	free(absolute);
	if (len >= DEVICE_PATH_BYTES) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return mkostemp(ret_path, O_CLOEXEC);
}

static bool make_file(bool on_tmpfs, uint64_t size_bytes,
		      struct device *ret_device, char *ret_reason)
{
	const char *directory = find_directory(on_tmpfs);
	int fd;

	if (directory == NULL)
		return refuse(ret_reason, "no writable directory %s tmpfs",
			      on_tmpfs ? "on" : "outside of");
	fd = create_file(directory, ret_device->path);
	if (fd < 0)
		return refuse(ret_reason, "cannot create '%s': %s",
			      ret_device->path, strerror(errno));
	memcpy(list_cleanup()->unlink_path, ret_device->path,
	       DEVICE_PATH_BYTES);
	if (size_bytes > 0 && posix_fallocate(fd, 0, (off_t)size_bytes) != 0) {
		close(fd);
		device_remove(ret_device);
		return refuse(ret_reason, "cannot allocate '%s'",
			      ret_device->path);
	}
	close(fd);
	return true;
}

/* ---- loop devices ------------------------------------------------------- */

/* A file without a name, on any file system. */
static int open_backing(uint64_t size_bytes)
{
	const char *directory = find_directory(false);
	char path[DEVICE_PATH_BYTES];
	int fd;

	if (directory == NULL)
		directory = "/dev/shm";
	fd = create_file(directory, path);
	if (fd < 0)
		return -1;
	unlink(path);
	if (posix_fallocate(fd, 0, (off_t)size_bytes) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* One try to bind a free loop device. Its descriptor, or -1. */
static int bind_loop(int control_fd, struct loop_config *config, char *path)
{
	const int number = ioctl(control_fd, LOOP_CTL_GET_FREE);
	int fd;

	if (number < 0)
		return -1;
	snprintf(path, DEVICE_PATH_BYTES, "/dev/loop%d", number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (ioctl(fd, LOOP_CONFIGURE, config) < 0) {
		const int errnum = errno;

		close(fd);
		errno = errnum;
		return -1;
	}
	return fd;
}

static bool make_loop(uint32_t sector_bytes, uint64_t size_bytes,
		      struct device *ret_device, char *ret_reason)
{
	struct loop_config config = { .block_size = sector_bytes };
	const int control_fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int backing_fd;
	int errnum;

	if (control_fd < 0)
		return refuse(ret_reason, "cannot open /dev/loop-control: %s",
			      strerror(errno));
	backing_fd = open_backing(size_bytes);
	if (backing_fd < 0) {
		close(control_fd);
		return refuse(ret_reason, "no space for a backing file");
	}
	config.fd = (uint32_t)backing_fd;
	config.info.lo_flags = LO_FLAGS_AUTOCLEAR;

	/* Another process may take the free one first: then try again. */
	for (unsigned i = 0; i < LOOP_TRIES && ret_device->hold_fd < 0; i++)
		ret_device->hold_fd =
			bind_loop(control_fd, &config, ret_device->path);
	errnum = errno;
	close(backing_fd);
	close(control_fd);
	if (ret_device->hold_fd < 0)
		return refuse(ret_reason, "cannot bind a loop device: %s",
			      strerror(errnum));
	return true;
}

/* ---- zram --------------------------------------------------------------- */

/* Reading hot_add makes a device, and says its number. */
static bool add_zram(unsigned *ret_id)
{
	FILE *f = fopen(ZRAM_CONTROL "hot_add", "re");
	bool ok;

	if (f == NULL)
		return false;
	ok = fscanf(f, "%u", ret_id) == 1;
	fclose(f);
	return ok;
}

/* Wait for the end of the process that made the device; then remove it. */
static void guard(struct cleanup *c, int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 0)
		_exit(0); /* it has removed the device itself */
	for (unsigned i = 0; i < GUARDIAN_TRIES && !remove_zram(c); i++)
		usleep(GUARDIAN_DELAY_US);
	_exit(0);
}

/* Without a guardian the device is still removed as long as it is closed. */
static void start_guardian(struct cleanup *c)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		/* A grandchild, so that nobody's wait() meets it. */
		if (fork() != 0)
			_exit(0);
		setsid(); /* no signal from the terminal */
		signal(SIGTERM, SIG_DFL);
		if (dup2(ends[0], 0) < 0 || close_range(1, ~0u, 0) < 0)
			_exit(1); /* it would keep devices and pipes open */
		guard(c, 0);
	}
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return;
	}
	waitpid(pid, NULL, 0);
	c->guardian_fd = ends[1];
}

static bool make_zram(uint64_t size_bytes, struct device *ret_device,
		      char *ret_reason)
{
	struct cleanup *cleanup;
	char path[64];
	char text[32];
	unsigned id;

	if (!add_zram(&id))
		return refuse(ret_reason, "cannot add a zram device: %s",
			      strerror(errno));
	ret_device->zram_id = id;
	snprintf(ret_device->path, DEVICE_PATH_BYTES, "/dev/zram%u", id);
	cleanup = list_cleanup();
	snprintf(cleanup->reset_path, sizeof(cleanup->reset_path),
		 "/sys/block/zram%u/reset", id);
	snprintf(cleanup->remove_id, sizeof(cleanup->remove_id), "%u", id);
	start_guardian(cleanup);

	snprintf(path, sizeof(path), "/sys/block/zram%u/disksize", id);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)size_bytes);
	if (!write_text(path, text) || access(ret_device->path, W_OK) < 0) {
		clean_up(cleanup);
		return refuse(ret_reason, "cannot set up %s", ret_device->path);
	}
	return true;
}

/* ---- the public calls --------------------------------------------------- */

const char *device_kind_name(enum device_kind kind)
{
	static const char *const names[DEVICE_KINDS] = {
		"file", "tmpfs", "loop512", "loop4096", "zram",
	};

	return names[kind];
}

bool device_kind_is_block(enum device_kind kind)
{
	return kind != DEVICE_FILE && kind != DEVICE_TMPFS;
}

bool device_make(enum device_kind kind, uint64_t size_bytes,
		 struct device *ret_device,
		 char ret_reason[DEVICE_REASON_BYTES])
{
	*ret_device = (struct device){ .kind = kind, .hold_fd = -1 };
	switch (kind) {
	case DEVICE_FILE:
		return make_file(false, size_bytes, ret_device, ret_reason);
	case DEVICE_TMPFS:
		return make_file(true, size_bytes, ret_device, ret_reason);
	case DEVICE_LOOP_512:
		return make_loop(512, size_bytes, ret_device, ret_reason);
	case DEVICE_LOOP_4096:
		return make_loop(4096, size_bytes, ret_device, ret_reason);
	case DEVICE_ZRAM:
		return make_zram(size_bytes, ret_device, ret_reason);
	case DEVICE_KINDS:
		break;
	}
	return refuse(ret_reason, "no such kind of device");
}

bool device_make_file(bool on_tmpfs, struct device *ret_device,
		      char ret_reason[DEVICE_REASON_BYTES])
{
	*ret_device = (struct device){
		.kind = on_tmpfs ? DEVICE_TMPFS : DEVICE_FILE,
		.hold_fd = -1,
	};
	return make_file(on_tmpfs, 0, ret_device, ret_reason);
}

static bool is_cleanup_of(const struct cleanup *c, const struct device *device)
{
	char id[16];

	if (device->kind != DEVICE_ZRAM)
		return strcmp(c->unlink_path, device->path) == 0;
	snprintf(id, sizeof(id), "%u", device->zram_id);
	return strcmp(c->remove_id, id) == 0;
}

void device_remove(struct device *device)
{
	if (device->hold_fd >= 0) {
		close(device->hold_fd);
		device->hold_fd = -1;
		return;
	}
	for (unsigned i = 0; i < LISTED_MAX; i++)
		if (listed[i].is_used && is_cleanup_of(&listed[i], device))
			clean_up(&listed[i]);
}
