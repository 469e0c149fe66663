#ifndef BENCH_OUT_FILE_H
#define BENCH_OUT_FILE_H

#include <stdio.h>

/* A file for what was found: OUT/bench/NAME. */
struct out_file {
	char path[4200];
	FILE *file;
};

/* Make it, and the directory where there is none yet. Both: 0, or negative
 * after it was said why; after a failure to open there is nothing to close. */
int out_file_open(struct out_file *f, const char *out, const char *name);
int out_file_close(struct out_file *f);

#endif
