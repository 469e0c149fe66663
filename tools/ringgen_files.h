#ifndef TOOLS_RINGGEN_FILES_H
#define TOOLS_RINGGEN_FILES_H

#include <stddef.h>

/* A text file as a whole; the caller's to free, with a NUL behind it. -errno,
 * -EFBIG: larger than a schema may be. */
int ringgen_file_read(const char *path, char **ret_text, size_t *ret_len);

/*
 * Call fn for each line of a file that is neither blank nor a comment (#),
 * without the blanks around it, until it returns anything but 0: that is the
 * result. -errno.
 */
typedef int ringgen_line_fn(void *ctx, const char *line);
int ringgen_file_lines(const char *path, ringgen_line_fn *fn, void *ctx);

#endif
