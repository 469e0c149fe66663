#include "tests/bench/histogram.h"

#include "tests/bench/bench.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

enum {
	PER_OCTAVE = 4,
	BUCKETS = 32 * PER_OCTAVE, /* from 1 us on */
	BAR_CHARS = 40,
	PATH_BYTES = 4200,
};

static const double printed_percent = 0.1;

/* How many samples of each column are in each bucket, in percent. */
struct counted {
	double percent[BUCKETS][HISTOGRAM_COLUMNS_MAX];
};

static unsigned bucket_of(double us)
{
	const double bucket = us < 1 ? 0 : log2(us) * PER_OCTAVE;

	return bucket < BUCKETS - 1 ? (unsigned)bucket : BUCKETS - 1;
}

static double bucket_us(unsigned bucket)
{
	return exp2((double)bucket / PER_OCTAVE);
}

static void count(const struct histogram *h, struct counted *ret)
{
	*ret = (struct counted){ 0 };
	for (unsigned c = 0; c < h->count; c++) {
		const struct samples *s = h->columns[c];

		for (size_t i = 0; i < s->count; i++)
			ret->percent[bucket_of(s->list[i])][c] +=
				100 / (double)s->count;
	}
}

/* A line for each bucket that has more than this of some column. */
static bool has_more(const double *percent, double than)
{
	double most = 0;

	for (unsigned c = 0; c < HISTOGRAM_COLUMNS_MAX; c++)
		most = percent[c] > most ? percent[c] : most;
	return most > than;
}

/* ---- for people --------------------------------------------------------- */

static void print_bar(const char *name, double percent, FILE *out)
{
	const int chars = (int)(percent / 100 * BAR_CHARS + 0.5);

	fprintf(out, " %-10s %6.2f%% ", name, percent);
	for (int i = 0; i < chars; i++)
		fputc('#', out);
	fputc('\n', out);
}

void histogram_print(const struct histogram *h, FILE *out)
{
	struct counted counted;

	count(h, &counted);
	fprintf(out,
		"%s: how many from as many us on (lines of more than "
		"%.1f%%)\n",
		h->title, printed_percent);
	for (unsigned b = 0; b < BUCKETS; b++) {
		if (!has_more(counted.percent[b], printed_percent))
			continue;
		for (unsigned c = 0; c < h->count; c++) {
			if (c == 0)
				fprintf(out, "%8.0f", bucket_us(b));
			else
				fprintf(out, "%8s", "");
			print_bar(h->names[c], counted.percent[b][c], out);
		}
	}
	fputc('\n', out);
	fflush(out);
}

/* ---- for a picture ------------------------------------------------------ */

static void write_table(const struct histogram *h, FILE *file)
{
	struct counted counted;

	count(h, &counted);
	fprintf(file, "\"%s: percent by us\"", h->title);
	for (unsigned c = 0; c < h->count; c++)
		fprintf(file, " %s", h->names[c]);
	fputc('\n', file);
	for (unsigned b = 0; b < BUCKETS; b++) {
		if (!has_more(counted.percent[b], 0))
			continue;
		fprintf(file, "\"%.0f\"", bucket_us(b));
		for (unsigned c = 0; c < h->count; c++)
			fprintf(file, " %g", counted.percent[b][c]);
		fputc('\n', file);
	}
}

static int failed(const char *path)
{
	bench_error("cannot write '%s': %s", path, strerror(errno));
	return -EIO;
}

int histogram_write(const struct histogram *h, const char *out,
		    const char *name)
{
	char path[PATH_BYTES];
	FILE *file;
	bool is_bad;

	snprintf(path, sizeof(path), "%s/bench", out);
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return failed(path);
	snprintf(path, sizeof(path), "%s/bench/%s.dat", out, name);
	file = fopen(path, "w");
	if (file == NULL)
		return failed(path);
	write_table(h, file);
	is_bad = ferror(file) != 0;
	if (fclose(file) != 0 || is_bad)
		return failed(path);
	return 0;
}
