#include "tests/bench/scratch.h"

#include "tests/bench/bench.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OPEN_DIRS = 8 };

int scratch_make(const char *prefix, char *ret_dir, size_t dir_bytes)
{
	snprintf(ret_dir, dir_bytes, "%sXXXXXX", prefix);
	if (mkdtemp(ret_dir) != NULL)
		return 0;
	bench_error("cannot make '%s': %s", ret_dir, strerror(errno));
	return -errno;
}

int scratch_make_in(const char *parent, const char *name, char *ret_dir,
		    size_t dir_bytes)
{
	snprintf(ret_dir, dir_bytes, "%s/%s", parent, name);
	if (mkdir(ret_dir, 0700) == 0)
		return 0;
	bench_error("cannot make '%s': %s", ret_dir, strerror(errno));
	return -errno;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	if (remove(path) < 0)
		bench_error("cannot remove '%s': %s", path, strerror(errno));
	return 0;
}

void scratch_remove(const char *dir)
{
	nftw(dir, remove_one, OPEN_DIRS, FTW_DEPTH | FTW_PHYS);
}
