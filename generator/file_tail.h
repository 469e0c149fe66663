#ifndef GENERATOR_FILE_TAIL_H
#define GENERATOR_FILE_TAIL_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The end of a regular file, where a batch of whole values is being put. What
 * goes wrong takes the part that is there away again. GENERATOR.md 4.2.
 *
 * Between begin and end the file is locked, for the open file description: who
 * has a copy of the descriptor has the lock as well.
 */
struct file_tail {
	_Atomic uint64_t start_bytes; /* the file's size before the batch */
	_Atomic uint64_t end_bytes;   /* and behind it; no more: no batch */
};

/* Lock the file, and say where the batch goes. -EAGAIN: another holds the
 * lock; -errno. */
int file_tail_begin(struct file_tail *t, int fd, size_t len_bytes);

/* The batch is whole, or taken back: forget it, and unlock. */
void file_tail_end(struct file_tail *t, int fd);

/* Take back what is there of the batch, if it is not the whole. */
void file_tail_undo(const struct file_tail *t, int fd);

#endif
