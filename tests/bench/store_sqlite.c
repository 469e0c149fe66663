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
	sqlite3_stmt *select;
	sqlite3_stmt *update;
	sqlite3_stmt *delete;
	sqlite3_int64 position; /* id of the last item drained */
	struct tally tally;
};

/*
 * Pages that suit the items, and a checkpoint each 16 MiB: both measured to be
 * better than the defaults.
 */
static const char small_pages[] = "pragma page_size = 4096;"
				  "pragma wal_autocheckpoint = 4096;";
static const char large_pages[] = "pragma page_size = 65536;"
				  "pragma wal_autocheckpoint = 256;";

/* The last three lines make both files as large as they become, as with the others:
 * a file that grows costs more at each commit. */
static const char set_up[] =
	"pragma locking_mode = exclusive;"
	"pragma journal_mode = wal;"
	"pragma synchronous = full;"
	"pragma mmap_size = 1073741824;"
	"create table items (id integer primary key, data blob not null);"
	"create table positions (position integer not null);"
	"insert into positions values (0);"
	"insert into items (data) values (zeroblob(16777216));"
	"delete from items;"
	"pragma wal_checkpoint(restart);";

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
	sqlite3_finalize(s->select);
	sqlite3_finalize(s->update);
	sqlite3_finalize(s->delete);
	sqlite3_close(s->db);
	free(s->payload);
	free(s);
}

static int prepare(struct sqlite_store *s, const char *sql, sqlite3_stmt **ret)
{
	return sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
				  ret, NULL);
}

static int prepare_all(struct sqlite_store *s)
{
	int rc = prepare(s, "begin immediate", &s->begin);

	if (rc == SQLITE_OK)
		rc = prepare(s, "commit", &s->commit);
	if (rc == SQLITE_OK)
		rc = prepare(s, "insert into items (data) values (?)",
			     &s->insert);
	if (rc == SQLITE_OK)
		rc = prepare(s,
			     "select id, data from items where id > ? "
			     "order by id limit ?",
			     &s->select);
	if (rc == SQLITE_OK)
		rc = prepare(s, "update positions set position = ?",
			     &s->update);
	if (rc == SQLITE_OK)
		rc = prepare(s, "delete from items where id <= ?", &s->delete);
	return rc;
}

static int execute(struct sqlite_store *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

static int open_db(struct sqlite_store *s, const char *dir)
{
	const bool is_small = s->w->item_bytes < 4096;
	char path[PATH_BYTES];
	int rc;

	snprintf(path, sizeof(path), "%s/db", dir);
	rc = sqlite3_open(path, &s->db);
	if (rc == SQLITE_OK)
		rc = execute(s, is_small ? small_pages : large_pages);
	if (rc == SQLITE_OK)
		rc = execute(s, set_up);
	return rc == SQLITE_OK ? prepare_all(s) : rc;
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
	int rc = execute(s, "delete from items");

	return rc == SQLITE_OK ? 0 : failed(s);
}

/* ---- draining ----------------------------------------------------------- */

/* Run a statement whose one parameter is the position. */
static int run_with_position(struct sqlite_store *s, sqlite3_stmt *statement)
{
	int rc = sqlite3_bind_int64(statement, 1, s->position);

	return rc == SQLITE_OK ? run(statement) : rc;
}

/* Up to step_items behind the position. */
static int scan(struct sqlite_store *s)
{
	const void *data;
	int rc;

	sqlite3_bind_int64(s->select, 1, s->position);
	sqlite3_bind_int64(s->select, 2, (sqlite3_int64)s->w->step_items);
	while ((rc = sqlite3_step(s->select)) == SQLITE_ROW) {
		s->position = sqlite3_column_int64(s->select, 0);
		data = sqlite3_column_blob(s->select, 1);
		tally_add(&s->tally, data,
			  (size_t)sqlite3_column_bytes(s->select, 1));
	}
	sqlite3_reset(s->select);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* One transaction. Where items go, the first one left is the position. */
static int drain_step(struct sqlite_store *s)
{
	int rc = run(s->begin);

	if (rc == SQLITE_OK)
		rc = scan(s);
	if (rc == SQLITE_OK)
		rc = run_with_position(s, s->w->keeps ? s->update : s->delete);
	return rc == SQLITE_OK ? run(s->commit) : rc;
}

static int sqlite_drain(void *store, struct tally *t)
{
	struct sqlite_store *s = store;
	const size_t all = s->w->batch_items * s->w->backlog_batches;

	s->tally = (struct tally){ 0 };
	for (size_t i = 0; i < all; i += s->w->step_items) {
		if (drain_step(s) != SQLITE_OK)
			return failed(s);
	}
	*t = s->tally;
	return 0;
}

static int sqlite_rewind(void *store)
{
	struct sqlite_store *s = store;

	s->position = 0; /* an empty table numbers from the start */
	if (!s->w->keeps)
		return store_fill(&store_sqlite, s, s->w);
	return run_with_position(s, s->update) == SQLITE_OK ? 0 : failed(s);
}

const struct store_ops store_sqlite = {
	.open = sqlite_open,
	.put = sqlite_put,
	.clear = sqlite_clear,
	.drain = sqlite_drain,
	.rewind = sqlite_rewind,
	.close = sqlite_close,
};
