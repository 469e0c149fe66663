#include "tests/bench/plot.h"

#include "tests/bench/out_file.h"

#include <stdbool.h>
#include <string.h>

enum { COLUMNS_MAX = 32 };

/* The results of one picture: those of the row and metric of the first. */
struct picture {
	const struct result *results;
	size_t count;
	const char *columns[COLUMNS_MAX];
	size_t column_count;
};

static size_t name_bytes(const struct result *r)
{
	return strcspn(r->row, "/");
}

static bool belongs(const struct picture *p, const struct result *r)
{
	const struct result *first = p->results;

	return name_bytes(r) == name_bytes(first) &&
	       strncmp(r->row, first->row, name_bytes(r)) == 0 &&
	       strcmp(r->metric.name, first->metric.name) == 0;
}

static void add_column(struct picture *p, const char *name)
{
	for (size_t i = 0; i < p->column_count; i++) {
		if (strcmp(p->columns[i], name) == 0)
			return;
	}
	if (p->column_count < COLUMNS_MAX)
		p->columns[p->column_count++] = name;
}

static void find_columns(struct picture *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct result *r = &p->results[i];

		for (size_t e = 0; belongs(p, r) && e < r->count; e++)
			add_column(p, r->entries[e].name);
	}
}

static void write_line(const struct picture *p, const struct result *r,
		       FILE *file)
{
	const char *variant = r->row + name_bytes(r);

	fprintf(file, "\"%s\"", *variant == '/' ? variant + 1 : r->row);
	for (size_t i = 0; i < p->column_count; i++) {
		const struct result_entry *e = result_named(r, p->columns[i]);

		if (e == NULL)
			fprintf(file, " ?");
		else
			fprintf(file, " %g", e->value.median);
	}
	fprintf(file, "\n");
}

static void write_table(const struct picture *p, FILE *file)
{
	const struct result *first = p->results;

	fprintf(file, "\"%.*s, %s in %s\"", (int)name_bytes(first), first->row,
		first->metric.name, first->metric.unit);
	for (size_t i = 0; i < p->column_count; i++)
		fprintf(file, " %s", p->columns[i]);
	fprintf(file, "\n");
	for (size_t i = 0; i < p->count; i++) {
		if (belongs(p, &p->results[i]))
			write_line(p, &p->results[i], file);
	}
}

static int write_picture(struct picture *p, const char *out)
{
	const struct result *first = p->results;
	char name[128];
	struct out_file f;
	int rc;

	snprintf(name, sizeof(name), "%.*s-%s.dat", (int)name_bytes(first),
		 first->row, first->metric.name);
	rc = out_file_open(&f, out, name);
	if (rc < 0)
		return rc;
	find_columns(p);
	write_table(p, f.file);
	return out_file_close(&f);
}

static bool is_first(const struct result *results, size_t i)
{
	for (size_t before = 0; before < i; before++) {
		const struct picture p = { .results = &results[before] };

		if (belongs(&p, &results[i]))
			return false;
	}
	return true;
}

int plot_write(const struct result *results, size_t count, const char *out)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct picture p = { .results = results + i,
				     .count = count - i };

		if (is_first(results, i))
			rc = write_picture(&p, out);
	}
	return rc;
}
