/* The ring, with a consumer in the same process to make room again. */
#include "tests/bench/store.h"

#include "ring/ring.h"
#include "tests/bench/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4300 };

struct ring_store {
	const struct workload *w;
	uint8_t *payload;
	struct ring_entry *entries; /* into the payload */
	struct ring_producer *producer;
	struct ring_consumer *consumer;
	struct ring_fault fault;
};

/* The fault says more, where there is one. */
static const char *text_of(const struct ring_store *s, int rc)
{
	return s->fault.code == rc ? s->fault.text : ring_strerror(rc);
}

static int failed(const struct ring_store *s, int rc)
{
	bench_error("ring: %s", text_of(s, rc));
	return rc;
}

static void ring_store_close(void *store)
{
	struct ring_store *s = store;

	ring_producer_free(s->producer);
	ring_consumer_free(s->consumer);
	free(s->entries);
	free(s->payload);
	free(s);
}

static int prepare_entries(struct ring_store *s)
{
	const struct workload *w = s->w;

	s->payload = store_payload(w);
	s->entries = calloc(w->batch_items, sizeof(*s->entries));
	if (s->payload == NULL || s->entries == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < w->batch_items; i++) {
		s->entries[i].data = s->payload + i * w->item_bytes;
		s->entries[i].data_bytes = w->item_bytes;
	}
	return 0;
}

static int make_ring(struct ring_store *s, const char *dir)
{
	const struct ring_create_options create = {
		.size_bytes = s->w->file_bytes,
	};
	const struct ring_options options = {
		.engine = s->w->engine,
		.mode = s->w->mode,
		.fault = &s->fault,
	};
	char path[PATH_BYTES];
	int rc;

	snprintf(path, sizeof(path), "%s/ring", dir);
	rc = ring_create(path, &create, &options);
	if (rc == 0)
		rc = ring_producer_attach(path, &options, &s->producer, NULL);
	if (rc == 0)
		rc = ring_consumer_attach(path, NULL, &options, &s->consumer,
					  NULL);
	return rc;
}

static int ring_store_clear(void *store);

/*
 * Once round, with as many bytes at once as the bare file is filled with:
 * attaching drops what is cached, and it is the first lap that has to find
 * memory for it again.
 */
static int go_round(struct ring_store *s)
{
	const struct ring_entry entry = {
		.data = s->payload,
		.data_bytes = store_batch_bytes(s->w),
	};
	size_t left = s->w->file_bytes / entry.data_bytes;

	while (left > 0) {
		int rc = ring_producer_publish(s->producer, &entry, 1, NULL,
					       NULL);

		if (rc == 0)
			left--;
		else if (rc == -RING_ERR_FULL)
			rc = ring_store_clear(s);
		if (rc < 0)
			return rc;
	}
	return ring_store_clear(s);
}

static int ring_store_open(const struct workload *w, const char *dir,
			   void **ret_store)
{
	struct ring_store *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return -ENOMEM;
	s->w = w;
	rc = prepare_entries(s);
	if (rc == 0)
		rc = make_ring(s, dir);
	if (rc == 0)
		rc = go_round(s);
	if (rc < 0) {
		rc = store_open_failed(w, "ring", rc, text_of(s, rc));
		ring_store_close(s);
		return rc;
	}
	*ret_store = s;
	return 0;
}

static int put_claimed(struct ring_store *s)
{
	for (size_t i = 0; i < s->w->batch_items; i++) {
		struct ring_claim claim;
		int rc = ring_producer_claim(s->producer, s->w->item_bytes, 0,
					     0, &claim);

		if (rc < 0)
			return rc;
		memcpy(claim.data, s->entries[i].data, s->w->item_bytes);
	}
	return ring_producer_commit(s->producer, RING_COMMIT_PUBLISH, NULL,
				    NULL);
}

static int ring_store_put(void *store)
{
	struct ring_store *s = store;
	int rc = s->w->claims
			 ? put_claimed(s)
			 : ring_producer_publish(s->producer, s->entries,
						 s->w->batch_items, NULL, NULL);

	return rc < 0 ? failed(s, rc) : 0;
}

static int take(void *ctx, const struct ring_item *item)
{
	tally_add(ctx, item->data, item->data_bytes);
	return 0;
}

/* Fold and advance until nothing is left. */
static int consume(struct ring_store *s, struct tally *t)
{
	const struct ring_fold_limits limits = { .items = s->w->step_items };
	uint64_t position;
	int rc;

	do {
		rc = ring_consumer_fold(s->consumer, RING_POSITION_NONE,
					&limits, take, t, &position);
		if (rc == 0)
			rc = ring_consumer_advance(s->consumer, position, NULL);
	} while (rc == 0);
	return rc == -RING_ERR_EMPTY ? 0 : failed(s, rc);
}

static int ring_store_clear(void *store)
{
	struct tally ignored = { 0 };

	return consume(store, &ignored);
}

static int ring_store_drain(void *store, struct tally *t)
{
	return consume(store, t);
}

/* What is consumed is gone: it has to be published again. */
static int ring_store_rewind(void *store)
{
	struct ring_store *s = store;

	return store_fill(&store_ring, s, s->w);
}

const struct store_ops store_ring = {
	.open = ring_store_open,
	.put = ring_store_put,
	.clear = ring_store_clear,
	.drain = ring_store_drain,
	.rewind = ring_store_rewind,
	.close = ring_store_close,
};
