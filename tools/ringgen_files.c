#include "tools/ringgen_files.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 16 << 20, FIRST_BYTES = 4096 };

/* Have space for more, and for a NUL. */
static int grow(char **text, size_t *size)
{
	const size_t more = *size == 0 ? FIRST_BYTES : *size * 2;
	char *grown;

	if (more > TEXT_MAX)
		return -EFBIG;
	grown = realloc(*text, more);
	if (grown == NULL)
		return -ENOMEM;
	*text = grown;
	*size = more;
	return 0;
}

static int read_all(FILE *file, char **text, size_t *ret_len)
{
	size_t size = 0, len = 0;

	for (;;) {
		const int rc = len + 1 >= size ? grow(text, &size) : 0;
		size_t n;

		if (rc < 0)
			return rc;
		n = fread(*text + len, 1, size - len - 1, file);
		len += n;
		if (n == 0)
			break;
	}
	if (ferror(file))
		return errno != 0 ? -errno : -EIO;
	(*text)[len] = '\0';
	*ret_len = len;
	return 0;
}

int ringgen_file_read(const char *path, char **ret_text, size_t *ret_len)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	int rc;

	if (file == NULL)
		return -errno;
	errno = 0;
	rc = read_all(file, &text, ret_len);
	fclose(file);
	if (rc < 0)
		free(text);
	else
		*ret_text = text;
	return rc;
}

/* Cut off the blanks around; NULL: nothing else is left, or a comment. */
static const char *trim(char *line)
{
	char *end;

	while (isspace((unsigned char)*line))
		line++;
	end = line + strlen(line);
	while (end > line && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return *line == '\0' || *line == '#' ? NULL : line;
}

int ringgen_file_lines(const char *path, ringgen_line_fn *fn, void *ctx)
{
	char *text, *rest, *line;
	size_t len;
	int rc = ringgen_file_read(path, &text, &len);

	if (rc < 0)
		return rc;
	rest = text;
	while (rc == 0 && (line = strsep(&rest, "\n")) != NULL) {
		const char *word = trim(line);

		if (word != NULL)
			rc = fn(ctx, word);
	}
	free(text);
	return rc;
}
