/*
 * LMDB: numbered values, appended, one transaction for each batch, synced as
 * it is by default. Pages of items that were cleared are used again, so that
 * the file need not grow, which would cost it more.
 */
#include "tests/bench/store.h"

#include "tests/bench/bench.h"

#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>

enum { MAP_BYTES = 1 << 30 };

struct lmdb_store {
	const struct workload *w;
	uint8_t *payload;
	MDB_env *env;
	MDB_dbi items;
	MDB_dbi positions;
	size_t next;     /* key of the next item */
	size_t position; /* that of the next to drain */
	struct tally tally;
};

static int failed(int rc)
{
	bench_error("lmdb: %s", mdb_strerror(rc));
	return -EIO;
}

static void lmdb_close(void *store)
{
	struct lmdb_store *s = store;

	mdb_env_close(s->env);
	free(s->payload);
	free(s);
}

static int open_items(struct lmdb_store *s)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(s->env, NULL, 0, &txn);

	if (rc != 0)
		return rc;
	rc = mdb_dbi_open(txn, "items", MDB_CREATE | MDB_INTEGERKEY, &s->items);
	if (rc == 0)
		rc = mdb_dbi_open(txn, "positions", MDB_CREATE, &s->positions);
	if (rc == 0)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return rc;
}

static int open_env(struct lmdb_store *s, const char *dir)
{
	int rc = mdb_env_create(&s->env);

	if (rc == 0)
		rc = mdb_env_set_mapsize(s->env, MAP_BYTES);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(s->env, 2);
	if (rc == 0)
		rc = mdb_env_open(s->env, dir, 0, 0600);
	return rc == 0 ? open_items(s) : rc;
}

static int lmdb_open(const struct workload *w, const char *dir,
		     void **ret_store)
{
	struct lmdb_store *s = calloc(1, sizeof(*s));
	int rc = ENOMEM;

	if (s == NULL)
		return -ENOMEM;
	s->w = w;
	s->payload = store_payload(w);
	if (s->payload != NULL)
		rc = open_env(s, dir);
	if (rc != 0) {
		lmdb_close(s);
		return failed(rc);
	}
	*ret_store = s;
	return 0;
}

/* Into the page itself: no copy besides. */
static int append(struct lmdb_store *s, MDB_txn *txn, size_t i)
{
	MDB_val key = { sizeof(s->next), &s->next };
	MDB_val value = { s->w->item_bytes, NULL };
	int rc = mdb_put(txn, s->items, &key, &value, MDB_APPEND | MDB_RESERVE);

	if (rc != 0)
		return rc;
	memcpy(value.mv_data, s->payload + i * s->w->item_bytes,
	       s->w->item_bytes);
	s->next++;
	return 0;
}

typedef int work_fn(struct lmdb_store *s, MDB_txn *txn);

/* Do some work in a transaction, durable on return. */
static int transact(struct lmdb_store *s, work_fn *work)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(s->env, NULL, 0, &txn);

	if (rc != 0)
		return failed(rc);
	rc = work(s, txn);
	if (rc == 0)
		rc = mdb_txn_commit(txn);
	else
		mdb_txn_abort(txn);
	return rc == 0 ? 0 : failed(rc);
}

static int append_batch(struct lmdb_store *s, MDB_txn *txn)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->w->batch_items; i++)
		rc = append(s, txn, i);
	return rc;
}

static int lmdb_put(void *store)
{
	return transact(store, append_batch);
}

static int drop_items(struct lmdb_store *s, MDB_txn *txn)
{
	return mdb_drop(txn, s->items, 0);
}

static int lmdb_clear(void *store)
{
	return transact(store, drop_items);
}

/* ---- draining ----------------------------------------------------------- */

static int store_position(struct lmdb_store *s, MDB_txn *txn)
{
	MDB_val key = { 1, "p" };
	MDB_val value = { sizeof(s->position), &s->position };

	return mdb_put(txn, s->positions, &key, &value, 0);
}

/* Behind it comes the next item, whether or not this one stays. */
static int finish_item(struct lmdb_store *s, MDB_cursor *cursor)
{
	s->position++;
	return s->w->keeps ? 0 : mdb_cursor_del(cursor, 0);
}

/* Up to step_items from the position on. */
static int scan(struct lmdb_store *s, MDB_cursor *cursor)
{
	const size_t end = s->tally.items + s->w->step_items;
	MDB_val key = { sizeof(s->position), &s->position }, value;
	int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);

	while (rc == 0) {
		tally_add(&s->tally, value.mv_data, value.mv_size);
		rc = finish_item(s, cursor);
		if (rc != 0 || s->tally.items == end)
			break;
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* One transaction. Where items go, the first one left is the position. */
static int drain_step(struct lmdb_store *s, MDB_txn *txn)
{
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(txn, s->items, &cursor);

	if (rc != 0)
		return rc;
	rc = scan(s, cursor);
	mdb_cursor_close(cursor);
	return rc == 0 && s->w->keeps ? store_position(s, txn) : rc;
}

static int lmdb_drain(void *store, struct tally *t)
{
	struct lmdb_store *s = store;
	int rc = 0;

	s->tally = (struct tally){ 0 };
	while (rc == 0 && s->position < s->next)
		rc = transact(s, drain_step);
	*t = s->tally;
	return rc;
}

static int lmdb_rewind(void *store)
{
	struct lmdb_store *s = store;

	if (!s->w->keeps)
		return store_fill(&store_lmdb, s, s->w);
	s->position = 0;
	return transact(s, store_position);
}

const struct store_ops store_lmdb = {
	.open = lmdb_open,
	.put = lmdb_put,
	.clear = lmdb_clear,
	.drain = lmdb_drain,
	.rewind = lmdb_rewind,
	.close = lmdb_close,
};
