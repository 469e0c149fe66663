#ifndef GENERATOR_OUTPUT_NAME_H
#define GENERATOR_OUTPUT_NAME_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The names of an output file in its directory: NAME itself, NAME.tmp and
 * NAME.tmp.2 ... while it is written, NAME.0, NAME.1 ... for what was rotated.
 */
enum { OUTPUT_NAME_BYTES = 512 };

struct output_name {
	int dir_fd;
	char base[OUTPUT_NAME_BYTES / 2];
	bool knows_next;
	uint64_t next; /* number of the next rotated file */
};

/* Open the directory of `path`. -errno; -EISDIR if there is no name in it. */
int output_name_open(struct output_name *n, const char *path);
void output_name_close(struct output_name *n);

/* Make a file that was not there, NAME.tmp or the like. Its name goes to
 * ret_name; the descriptor, or -errno. */
int output_name_make(const struct output_name *n,
		     char ret_name[OUTPUT_NAME_BYTES]);

/*
 * Give the file `from` its name: NAME or, with `is_rotated`, the next number,
 * behind the highest that is there. Never over another file; the new name
 * survives a power loss. -errno, -EEXIST: NAME is there.
 */
int output_name_give(struct output_name *n, const char *from, bool is_rotated);

#endif
