/* RocksDB: numbered keys, one synced write batch for each put. */
#include "tests/bench/store.h"

#include "tests/bench/bench.h"

#include <endian.h>
#include <errno.h>
#include <rocksdb/c.h>
#include <stdlib.h>
#include <string.h>

struct rocks_store {
	const struct workload *w;
	uint8_t *payload;
	rocksdb_t *db;
	rocksdb_options_t *options;
	rocksdb_writeoptions_t *synced;
	rocksdb_writebatch_t *batch;
	rocksdb_flushoptions_t *flush;
	uint64_t next;     /* key of the next item */
	uint64_t position; /* that of the next to drain */
	struct tally tally;
};

/* Keys are big-endian, so that they sort as the numbers do. */
struct key {
	char bytes[sizeof(uint64_t)];
};

static struct key key_of(uint64_t number)
{
	const uint64_t big = htobe64(number);
	struct key key;

	memcpy(key.bytes, &big, sizeof(big));
	return key;
}

/* Takes the text over. */
static int failed(char *text)
{
	bench_error("rocksdb: %s", text);
	rocksdb_free(text);
	return -EIO;
}

static void rocks_close(void *store)
{
	struct rocks_store *s = store;

	if (s->db != NULL)
		rocksdb_close(s->db);
	rocksdb_flushoptions_destroy(s->flush);
	rocksdb_writebatch_destroy(s->batch);
	rocksdb_writeoptions_destroy(s->synced);
	rocksdb_options_destroy(s->options);
	free(s->payload);
	free(s);
}

/* Logs are used again, so that a sync has no growing file to record. */
static void set_options(struct rocks_store *s)
{
	s->options = rocksdb_options_create();
	rocksdb_options_set_create_if_missing(s->options, 1);
	rocksdb_options_set_compression(s->options, rocksdb_no_compression);
	rocksdb_options_set_recycle_log_file_num(s->options, 4);
	s->synced = rocksdb_writeoptions_create();
	rocksdb_writeoptions_set_sync(s->synced, 1);
	s->batch = rocksdb_writebatch_create();
	s->flush = rocksdb_flushoptions_create();
}

static int rocks_open(const struct workload *w, const char *dir,
		      void **ret_store)
{
	struct rocks_store *s = calloc(1, sizeof(*s));
	char *text = NULL;

	if (s == NULL)
		return -ENOMEM;
	s->w = w;
	set_options(s);
	s->payload = store_payload(w);
	if (s->payload != NULL)
		s->db = rocksdb_open(s->options, dir, &text);
	if (s->db == NULL) {
		rocks_close(s);
		return text != NULL ? failed(text) : -ENOMEM;
	}
	*ret_store = s;
	return 0;
}

static int rocks_put(void *store)
{
	struct rocks_store *s = store;
	char *text = NULL;

	rocksdb_writebatch_clear(s->batch);
	for (size_t i = 0; i < s->w->batch_items; i++) {
		const struct key key = key_of(s->next++);

		rocksdb_writebatch_put(s->batch, key.bytes, sizeof(key.bytes),
				       (const char *)s->payload +
					       i * s->w->item_bytes,
				       s->w->item_bytes);
	}
	rocksdb_write(s->db, s->synced, s->batch, &text);
	return text == NULL ? 0 : failed(text);
}

/* Written out and dropped now, so that no work is left for its threads while
 * others are measured. */
static int rocks_clear(void *store)
{
	struct rocks_store *s = store;
	const struct key first = key_of(0), end = key_of(s->next);
	char *text = NULL;

	rocksdb_flush(s->db, s->flush, &text);
	if (text == NULL)
		rocksdb_delete_file_in_range(s->db, first.bytes,
					     sizeof(first.bytes), end.bytes,
					     sizeof(end.bytes), &text);
	return text == NULL ? 0 : failed(text);
}

/* ---- draining ----------------------------------------------------------- */

static int store_position(struct rocks_store *s)
{
	char *text = NULL;

	rocksdb_put(s->db, s->synced, "position", strlen("position"),
		    (const char *)&s->position, sizeof(s->position), &text);
	return text == NULL ? 0 : failed(text);
}

static int delete_items(struct rocks_store *s)
{
	const struct key first = key_of(0), end = key_of(s->position);
	char *text = NULL;

	rocksdb_writebatch_clear(s->batch);
	rocksdb_writebatch_delete_range(s->batch, first.bytes,
					sizeof(first.bytes), end.bytes,
					sizeof(end.bytes));
	rocksdb_write(s->db, s->synced, s->batch, &text);
	return text == NULL ? 0 : failed(text);
}

/* Up to step_items, from where the iterator is. */
static void scan(struct rocks_store *s, rocksdb_iterator_t *i)
{
	const size_t end = s->tally.items + s->w->step_items;
	const char *value;
	size_t len;

	while (s->tally.items < end && rocksdb_iter_valid(i) != 0) {
		value = rocksdb_iter_value(i, &len);
		tally_add(&s->tally, value, len);
		s->position++;
		rocksdb_iter_next(i);
	}
}

static int drain_from(struct rocks_store *s, rocksdb_iterator_t *i)
{
	const struct key first = key_of(s->position);
	int rc = 0;

	rocksdb_iter_seek(i, first.bytes, sizeof(first.bytes));
	while (rc == 0 && rocksdb_iter_valid(i) != 0) {
		scan(s, i);
		rc = s->w->keeps ? store_position(s) : delete_items(s);
	}
	return rc;
}

static int rocks_drain(void *store, struct tally *t)
{
	struct rocks_store *s = store;
	const struct key end = key_of(s->next);
	rocksdb_readoptions_t *options = rocksdb_readoptions_create();
	rocksdb_iterator_t *i;
	int rc;

	s->tally = (struct tally){ 0 };
	rocksdb_readoptions_set_iterate_upper_bound(options, end.bytes,
						    sizeof(end.bytes));
	i = rocksdb_create_iterator(s->db, options);
	rc = drain_from(s, i);
	rocksdb_iter_destroy(i);
	rocksdb_readoptions_destroy(options);
	*t = s->tally;
	return rc;
}

static int rocks_rewind(void *store)
{
	struct rocks_store *s = store;

	if (!s->w->keeps) {
		int rc = rocks_clear(s);

		return rc < 0 ? rc : store_fill(&store_rocksdb, s, s->w);
	}
	s->position = 0;
	return store_position(s);
}

const struct store_ops store_rocksdb = {
	.open = rocks_open,
	.put = rocks_put,
	.clear = rocks_clear,
	.drain = rocks_drain,
	.rewind = rocks_rewind,
	.close = rocks_close,
};
