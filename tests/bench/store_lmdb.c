/*
 * LMDB: numbered values, appended, one transaction for each batch, synced as
 * it is by default.
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
	size_t next; /* key of the next item */
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

static int lmdb_put(void *store)
{
	struct lmdb_store *s = store;
	MDB_txn *txn;
	int rc = mdb_txn_begin(s->env, NULL, 0, &txn);

	if (rc != 0)
		return failed(rc);
	for (size_t i = 0; rc == 0 && i < s->w->batch_items; i++)
		rc = append(s, txn, i);
	if (rc == 0)
		rc = mdb_txn_commit(txn);
	else
		mdb_txn_abort(txn);
	return rc == 0 ? 0 : failed(rc);
}

static int lmdb_clear(void *store)
{
	struct lmdb_store *s = store;
	MDB_txn *txn;
	int rc = mdb_txn_begin(s->env, NULL, 0, &txn);

	if (rc != 0)
		return failed(rc);
	rc = mdb_drop(txn, s->items, 0);
	if (rc == 0)
		rc = mdb_txn_commit(txn);
	else
		mdb_txn_abort(txn);
	return rc == 0 ? 0 : failed(rc);
}

const struct store_ops store_lmdb = {
	.open = lmdb_open,
	.put = lmdb_put,
	.clear = lmdb_clear,
	.close = lmdb_close,
};
