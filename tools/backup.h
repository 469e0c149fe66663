#ifndef TOOLS_BACKUP_H
#define TOOLS_BACKUP_H

#include <stddef.h>
#include <stdint.h>

/*
 * What a repair overwrites, kept in a file so that it can be undone. Lines of
 * text, each ends in its checksum, which also covers those before it:
 *
 *     ringctl-backup 1 UUID DEVICE-BYTES CHECKSUM
 *     OFFSET LENGTH HEX-BYTES CHECKSUM
 *     ...
 *
 * Each line is durable before the bytes it holds are overwritten. So a last
 * line that is torn was never acted on.
 */
struct backup_writer {
	const char *path;
	int fd; /* -1: not yet made */
	uint64_t chain;
};

/* Make the file, which must not exist. 0, or -errno. */
int backup_create(struct backup_writer *w, const char *path,
		  const uint8_t uuid[16], uint64_t device_bytes);

/* 0 when the bytes are kept; -errno. */
int backup_append(struct backup_writer *w, uint64_t offset, const void *bytes,
		  size_t len);

/* Closing what was never made is fine. */
void backup_close(struct backup_writer *w);

struct backup_entry {
	uint64_t offset;
	size_t len;
	uint8_t *bytes;
};

/* The whole of such a file. */
struct backup {
	char uuid[40];
	uint64_t device_bytes;
	size_t count;
	struct backup_entry *entries; /* in the order of the repair */
};

/* NULL, or what is wrong with the file. */
const char *backup_load(struct backup *b, const char *path);

void backup_release(struct backup *b);

#endif
