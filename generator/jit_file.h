#ifndef GENERATOR_JIT_FILE_H
#define GENERATOR_JIT_FILE_H

#include <stddef.h>
#include <stdint.h>

/* A file's content: of a shared object, for one. */
struct jit_object {
	uint8_t *bytes; /* to be freed */
	size_t len_bytes;
};

/* Write all of it. 0 or -errno. */
int jit_write(int fd, const void *bytes, size_t len_bytes);

/* Read a file whole; a NUL follows what it has. -errno; -EFBIG: it is larger
 * than any shared object of ours; -ENOMEM. */
int jit_read(int fd, struct jit_object *ret);

#endif
