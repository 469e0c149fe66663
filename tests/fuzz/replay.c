/*
 * The main() of a target where there is no libFuzzer: run it once on each
 * file given, or in each directory. Prints a file before it runs it: the last
 * one printed is the one that failed.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int fail(const char *path)
{
	printf("cannot read '%s': %s\n", path, strerror(errno));
	return -1;
}

/* An allocation as long as the input: the sanitizer sees one byte too many. */
static int run_bytes(FILE *file, size_t len_bytes)
{
	uint8_t *data = malloc(len_bytes > 0 ? len_bytes : 1);
	int rc = -1;

	if (data != NULL && fread(data, 1, len_bytes, file) == len_bytes)
		rc = LLVMFuzzerTestOneInput(data, len_bytes);
	free(data);
	return rc;
}

static int run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	int rc = -1;

	if (file == NULL)
		return fail(path);
	printf("%s\n", path);
	fflush(stdout);
	if (fstat(fileno(file), &st) == 0)
		rc = run_bytes(file, (size_t)st.st_size);
	fclose(file);
	return rc < 0 ? fail(path) : 1;
}

/* In the order of their names. The number of files, or -1. */
static int run_directory(const char *path)
{
	struct dirent **entries;
	const int count = scandir(path, &entries, is_file, alphasort);
	int rc = count;

	for (int i = 0; i < count; i++) {
		char file[4096];

		snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		if (rc >= 0 && run_file(file) < 0)
			rc = -1;
		free(entries[i]);
	}
	if (count < 0)
		return fail(path);
	free(entries);
	return rc;
}

static int run_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return fail(path);
	return S_ISDIR(st.st_mode) ? run_directory(path) : run_file(path);
}

int main(int argc, char **argv)
{
	int inputs = 0;

	for (int i = 1; i < argc; i++) {
		const int rc = run_path(argv[i]);

		if (rc < 0)
			return 1;
		inputs += rc;
	}
	printf("%d inputs replayed\n", inputs);
	return inputs > 0 ? 0 : 1;
}
