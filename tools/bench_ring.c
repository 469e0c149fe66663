#include "tools/bench_ring.h"

#include "tools/measure.h"

int bench_ring_open(struct bench_ring *r, const char *path, bool has_consumer,
		    const struct ring_options *options)
{
	int rc;

	*r = (struct bench_ring){ .p = NULL };
	rc = ring_producer_attach(path, options, &r->p, NULL);
	if (rc == 0 && has_consumer)
		rc = ring_consumer_attach(path, NULL, options, &r->c, NULL);
	if (rc < 0)
		bench_ring_close(r);
	return rc;
}

void bench_ring_close(struct bench_ring *r)
{
	ring_consumer_free(r->c);
	ring_producer_free(r->p);
	*r = (struct bench_ring){ .p = NULL };
}

/* ---- draining ----------------------------------------------------------- */

static int touch(void *ctx, const struct ring_item *item)
{
	struct bench_ring *r = ctx;

	if (item->data_bytes > 0)
		r->touched += *(const uint8_t *)item->data;
	r->consumed++;
	return 0;
}

/* With direct I/O the last item is proven a moment after it was published. */
static int fold_all(struct bench_ring *r, uint64_t *ret_position)
{
	uint64_t from = RING_POSITION_NONE;

	while (r->consumed < r->published) {
		int rc = ring_consumer_fold(r->c, from, NULL, touch, r, &from);

		if (rc == -RING_ERR_EMPTY)
			rc = ring_consumer_wait(r->c, -1);
		if (rc < 0)
			return rc;
	}
	*ret_position = from;
	return 0;
}

int bench_ring_drain(struct bench_ring *r, double *ret_us)
{
	struct ring_producer_state ignored;
	uint64_t position = RING_POSITION_NONE;
	double start_us;
	int rc = ring_producer_state(r->p, &ignored); /* it seals */

	if (rc < 0 || r->consumed == r->published)
		return rc;
	start_us = measure_now_us();
	rc = fold_all(r, &position);
	if (rc == 0)
		rc = ring_consumer_advance(r->c, position, NULL);
	*ret_us = measure_now_us() - start_us;
	return rc;
}

/* ---- publishing --------------------------------------------------------- */

static int publish(struct bench_ring *r, const struct ring_entry *entries,
		   size_t count, double *ret_us)
{
	const double start_us = measure_now_us();
	const int rc = ring_producer_publish(r->p, entries, count, NULL, NULL);

	*ret_us = measure_now_us() - start_us;
	if (rc == 0)
		r->published += count;
	return rc;
}

int bench_ring_publish(struct bench_ring *r, const struct ring_entry *entries,
		       size_t count, double *ret_us)
{
	double ignored;
	int rc = publish(r, entries, count, ret_us);

	if (rc != -RING_ERR_FULL || r->consumed == r->published)
		return rc;
	rc = bench_ring_drain(r, &ignored);
	return rc < 0 ? rc : publish(r, entries, count, ret_us);
}

int bench_ring_warm(struct bench_ring *r, const void *item, size_t len_bytes)
{
	const struct ring_entry e = { .data = item, .data_bytes = len_bytes };
	double ignored;
	int rc;

	do
		rc = publish(r, &e, 1, &ignored);
	while (rc == 0);
	return rc == -RING_ERR_FULL ? bench_ring_drain(r, &ignored) : rc;
}
