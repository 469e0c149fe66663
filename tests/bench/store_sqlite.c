/*
 * SQLite: a table of numbered blobs, written ahead (WAL) and synced at each
 * commit, by one process that holds the file, with prepared statements.
 */
#include "tests/bench/store.h"

#include "tests/bench/bench.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATH_BYTES = 4300 };

struct sqlite_store {
	const struct workload *w;
	uint8_t *payload;
	sqlite3 *db;
	sqlite3_stmt *begin;
	sqlite3_stmt *commit;
	sqlite3_stmt *insert;
};

static const char set_up[] =
	"pragma locking_mode = exclusive;"
	"pragma journal_mode = wal;"
	"pragma synchronous = full;"
	"create table items (id integer primary key, data blob not null);";

static int failed(const struct sqlite_store *s)
{
	bench_error("sqlite: %s", sqlite3_errmsg(s->db));
	return -EIO;
}

static void sqlite_close(void *store)
{
	struct sqlite_store *s = store;

	sqlite3_finalize(s->begin);
	sqlite3_finalize(s->commit);
	sqlite3_finalize(s->insert);
	sqlite3_close(s->db);
	free(s->payload);
	free(s);
}

static int prepare(struct sqlite_store *s, const char *sql, sqlite3_stmt **ret)
{
	return sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
				  ret, NULL);
}

static int open_db(struct sqlite_store *s, const char *dir)
{
	char path[PATH_BYTES];
	int rc;

	snprintf(path, sizeof(path), "%s/db", dir);
	rc = sqlite3_open(path, &s->db);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->db, set_up, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = prepare(s, "begin immediate", &s->begin);
	if (rc == SQLITE_OK)
		rc = prepare(s, "commit", &s->commit);
	if (rc == SQLITE_OK)
		rc = prepare(s, "insert into items (data) values (?)",
			     &s->insert);
	return rc;
}

static int sqlite_open(const struct workload *w, const char *dir,
		       void **ret_store)
{
	struct sqlite_store *s = calloc(1, sizeof(*s));
	int rc = 0;

	if (s == NULL)
		return -ENOMEM;
	s->w = w;
	s->payload = store_payload(w);
	if (s->payload == NULL)
		rc = -ENOMEM;
	else if (open_db(s, dir) != SQLITE_OK)
		rc = failed(s);
	if (rc < 0) {
		sqlite_close(s);
		return rc;
	}
	*ret_store = s;
	return 0;
}

/* Run to its end a statement that gives no rows. */
static int run(sqlite3_stmt *statement)
{
	int rc = sqlite3_step(statement);

	sqlite3_reset(statement);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int insert(struct sqlite_store *s, size_t i)
{
	int rc = sqlite3_bind_blob(s->insert, 1,
				   s->payload + i * s->w->item_bytes,
				   (int)s->w->item_bytes, SQLITE_STATIC);

	return rc == SQLITE_OK ? run(s->insert) : rc;
}

static int sqlite_put(void *store)
{
	struct sqlite_store *s = store;
	int rc = run(s->begin);

	for (size_t i = 0; rc == SQLITE_OK && i < s->w->batch_items; i++)
		rc = insert(s, i);
	if (rc == SQLITE_OK)
		rc = run(s->commit);
	return rc == SQLITE_OK ? 0 : failed(s);
}

static int sqlite_clear(void *store)
{
	struct sqlite_store *s = store;
	int rc = sqlite3_exec(s->db, "delete from items", NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : failed(s);
}

const struct store_ops store_sqlite = {
	.open = sqlite_open,
	.put = sqlite_put,
	.clear = sqlite_clear,
	.close = sqlite_close,
};
