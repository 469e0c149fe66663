#include "tests/bench/out_file.h"

#include "tests/bench/bench.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int failed(const struct out_file *f)
{
	bench_error("cannot write '%s': %s", f->path, strerror(errno));
	return -EIO;
}

int out_file_open(struct out_file *f, const char *out, const char *name)
{
	snprintf(f->path, sizeof(f->path), "%s/bench", out);
	if (mkdir(f->path, 0777) < 0 && errno != EEXIST)
		return failed(f);
	snprintf(f->path, sizeof(f->path), "%s/bench/%s", out, name);
	f->file = fopen(f->path, "w");
	return f->file == NULL ? failed(f) : 0;
}

int out_file_close(struct out_file *f)
{
	const bool is_bad = ferror(f->file) != 0;

	return fclose(f->file) != 0 || is_bad ? failed(f) : 0;
}
