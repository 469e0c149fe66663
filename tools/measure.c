#include "tools/measure.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

double measure_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int samples_init(struct samples *s, size_t cap)
{
	*s = (struct samples){ .list = calloc(cap, sizeof(*s->list)) };
	if (s->list == NULL)
		return -ENOMEM;
	s->cap = cap;
	return 0;
}

void samples_release(struct samples *s)
{
	free(s->list);
	*s = (struct samples){ .list = NULL };
}

void samples_add(struct samples *s, double value)
{
	assert(s->count < s->cap);
	s->list[s->count++] = value;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void samples_sort(struct samples *s)
{
	qsort(s->list, s->count, sizeof(*s->list), compare);
}

double samples_percentile(const struct samples *s, double p)
{
	assert(s->count > 0);
	return s->list[(size_t)((double)(s->count - 1) * p)];
}
