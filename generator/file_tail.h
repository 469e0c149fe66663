#ifndef GENERATOR_FILE_TAIL_H
#define GENERATOR_FILE_TAIL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A regular file that batches are put at the end of. */
struct tail_file {
	/* Should be of an open file description that nobody else has: for all
	 * who have it have its lock, and move its offset. */
	int fd;

	/* A descriptor that others have, and whose offset says where to go on;
	 * -1: fd's own does, or O_APPEND. */
	int place_fd;

	bool is_shared; /* others know of the file: lock it */
};

/*
 * A batch of whole values that is being put at the end of a file. What goes
 * wrong takes the part that is there away again. GENERATOR.md 4.2.
 */
struct file_tail {
	_Atomic uint64_t start_bytes; /* the file's size before the batch */
	_Atomic uint64_t end_bytes;   /* and behind it; no more: no batch */
};

/* Lock the file, and note where the batch goes, which is to be written to `fd`.
 * -EAGAIN: another holds the lock; -errno. */
int file_tail_begin(struct file_tail *t, struct tail_file file,
		    size_t len_bytes);

/* The batch is there as a whole: forget it, and unlock. */
void file_tail_end(struct file_tail *t, struct tail_file file);

/* Take back what is there of the batch, unless it is the whole, and nothing
 * that others put behind it; forget it, and unlock. */
void file_tail_undo(struct file_tail *t, struct tail_file file);

/* Who holds the lock that file_tail_begin() did not get: a process, or 0 where
 * that is not known. */
long file_tail_lock_holder(struct tail_file file);

#endif
