#ifndef TESTS_DEVICE_H
#define TESTS_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

/* Storage of each kind that a ring may live on, made for one test program. */
enum device_kind {
	DEVICE_FILE,      /* a regular file, not on tmpfs */
	DEVICE_TMPFS,     /* a regular file on tmpfs */
	DEVICE_LOOP_512,  /* a loop device with sectors of 512 bytes */
	DEVICE_LOOP_4096, /* likewise, 4096 bytes */
	DEVICE_ZRAM,      /* a compressed RAM disk */
	DEVICE_KINDS,
};

enum { DEVICE_PATH_BYTES = 512, DEVICE_REASON_BYTES = 640 };

struct device {
	enum device_kind kind;
	char path[DEVICE_PATH_BYTES];
	int hold_fd; /* keeps a loop device; else -1 */
	unsigned zram_id;
};

/* "file", "tmpfs", "loop512", "loop4096", "zram". */
const char *device_kind_name(enum device_kind kind);

bool device_kind_is_block(enum device_kind kind);

/*
 * Make a device of size_bytes (a multiple of 4096), all zero. False where that
 * is not possible: ret_reason says why, to be shown when tests are skipped.
 *
 * What was made goes away with device_remove(), at the latest when the process
 * exits or dies by a signal that can be caught, failed assertions included; a
 * block device even if the process is killed. Children of the process may use
 * a device, and leave it in place when they exit.
 */
bool device_make(enum device_kind kind, uint64_t size_bytes,
		 struct device *ret_device,
		 char ret_reason[DEVICE_REASON_BYTES]);

/* Remove a device. Removing it twice is fine. */
void device_remove(struct device *device);

/*
 * The path of a new, empty file on a real file system (on tmpfs if
 * `on_tmpfs`); removed like a device. False: see device_make().
 */
bool device_make_file(bool on_tmpfs, struct device *ret_device,
		      char ret_reason[DEVICE_REASON_BYTES]);

#endif
