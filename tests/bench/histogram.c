#include "tests/bench/histogram.h"

#include "tests/bench/out_file.h"

#include <math.h>
#include <stdbool.h>

enum {
	PER_OCTAVE = 4,
	BUCKETS = 32 * PER_OCTAVE, /* from 1 us on */
	BAR_CHARS = 10,
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
		most = fmax(most, percent[c]);
	return most > than;
}

/* ---- for people --------------------------------------------------------- */

static double greatest(const struct counted *counted)
{
	double most = 0;

	for (unsigned b = 0; b < BUCKETS; b++)
		for (unsigned c = 0; c < HISTOGRAM_COLUMNS_MAX; c++)
			most = fmax(most, counted->percent[b][c]);
	return most;
}

/* The longest bar is that of the greatest of all. */
static void print_line(const struct histogram *h, const double *percent,
		       double most, FILE *out)
{
	for (unsigned c = 0; c < h->count; c++) {
		const int chars = (int)(percent[c] / most * BAR_CHARS + 0.5);

		fprintf(out, "%7.2f %-*.*s", percent[c], BAR_CHARS, chars,
			"##########");
	}
	fputc('\n', out);
}

static void print_names(const struct histogram *h, FILE *out)
{
	fprintf(out, "      us");
	for (unsigned c = 0; c < h->count; c++)
		fprintf(out, "   %-15s", h->names[c]);
	fputc('\n', out);
}

void histogram_print(const struct histogram *h, FILE *out)
{
	struct counted counted;
	double most;

	count(h, &counted);
	most = greatest(&counted);
	fprintf(out,
		"%s: percent that took so long, or up to a fifth longer "
		"(if above %.1f)\n",
		h->title, printed_percent);
	print_names(h, out);
	for (unsigned b = 0; b < BUCKETS; b++) {
		if (!has_more(counted.percent[b], printed_percent))
			continue;
		fprintf(out, "%8.0f", bucket_us(b));
		print_line(h, counted.percent[b], most, out);
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

int histogram_write(const struct histogram *h, const char *out,
		    const char *name)
{
	char file_name[128];
	struct out_file f;
	int rc;

	snprintf(file_name, sizeof(file_name), "%s.dat", name);
	rc = out_file_open(&f, out, file_name);
	if (rc < 0)
		return rc;
	write_table(h, f.file);
	return out_file_close(&f);
}
