#ifndef BENCH_SCRATCH_H
#define BENCH_SCRATCH_H

#include <stddef.h>

/* Directories for the files of a benchmark. 0, or -errno after it was said. */

/* A new one of the name `prefix`XXXXXX, whose name is put in place. */
int scratch_make(const char *prefix, char *ret_dir, size_t dir_bytes);

/* One below another. */
int scratch_make_in(const char *parent, const char *name, char *ret_dir,
		    size_t dir_bytes);

/* Away with it and all it holds. */
void scratch_remove(const char *dir);

#endif
