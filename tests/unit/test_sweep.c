/*
 * Goal: whatever the system refuses, and whenever, a public call says so,
 * leaks nothing, and leaves the ring as it was or as it should be.
 * Method: a table with every function of rings and journals that the library
 * exports (test_gen_sweep.c has the generator's), each at work
 * in a ring that makes it work. The N-th call of the system fails, N = 1, 2,
 * 3... until the public call meets no failure: with EIO, with ENOSPC, with
 * half a transfer, and for lack of memory, once and from then on.
 * tests/sweep/sweep.c judges.
 */
#include "tests/sweep/fail_calls.h"
#include "tests/sweep/sweep.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the call gave, to compare with what it gives when nothing fails. */
static void say(struct scene *s, const char *format, uint64_t value)
{
	const size_t len = strlen(s->said);

	snprintf(s->said + len, sizeof(s->said) - len, format, value);
}

enum { WAIT_MS = 5 };

/* ---- create and erase --------------------------------------------------- */

static int call_create(struct scene *s)
{
	const struct ring_create_options create = scene_small_ring(s);

	return ring_create(s->f->path, &create, &s->options);
}

static int call_create_sparse(struct scene *s)
{
	struct ring_create_options create = scene_small_ring(s);

	create.sparse = true;
	return ring_create(s->f->path, &create, &s->options);
}

static int call_create_forced(struct scene *s)
{
	struct ring_create_options create = scene_small_ring(s);

	create.force = true;
	return ring_create(s->f->path, &create, &s->options);
}

static int call_erase(struct scene *s)
{
	return ring_erase(s->f->path, false, &s->options);
}

static int call_erase_forced(struct scene *s)
{
	return ring_erase(s->f->path, true, &s->options);
}

/* ---- the producer ------------------------------------------------------- */

static int attach_producer(struct scene *s)
{
	struct ring_producer_state state;
	const int rc =
		ring_producer_attach(s->f->path, &s->options, &s->p, &state);

	if (rc == 0)
		say(s, "%" PRIu64 " pushed", state.pushed_items);
	return rc;
}

static int call_producer_takeover(struct scene *s)
{
	s->options.takeover = true;
	return attach_producer(s);
}

static int call_producer_beating(struct scene *s)
{
	s->options.heartbeat_thread = true;
	return attach_producer(s);
}

static int call_producer_brought(struct scene *s)
{
	const int rc = attach_producer(s);

	if (rc == 0)
		s->io = NULL; /* the handle's now */
	return rc;
}

static int call_producer_detach(struct scene *s)
{
	return ring_producer_detach(s->p);
}

static int call_producer_free(struct scene *s)
{
	ring_producer_free(s->p);
	s->p = NULL;
	return 0;
}

static int call_push(struct scene *s)
{
	return fixture_try_push(s->p, "l m");
}

static int call_publish(struct scene *s)
{
	return fixture_try_publish(s->p, "l m");
}

static int call_publish_wrapping(struct scene *s)
{
	return fixture_try_publish(s->p, scene_letters('y', SCENE_WRAPPING));
}

static int call_producer_advance(struct scene *s)
{
	return ring_producer_advance(s->p, s->position, NULL);
}

static int call_discard(struct scene *s)
{
	return ring_producer_discard(s->p, NULL);
}

static int call_claim(struct scene *s)
{
	struct ring_claim claim;

	return ring_producer_claim(s->p, 1, 0, 0, &claim);
}

static int call_trim(struct scene *s)
{
	return ring_producer_trim(s->p, 0);
}

static int call_abort(struct scene *s)
{
	return ring_producer_abort(s->p);
}

static int call_commit(struct scene *s)
{
	return ring_producer_commit(s->p, RING_COMMIT_PUBLISH, NULL, NULL);
}

static int call_producer_state(struct scene *s)
{
	struct ring_producer_state state;
	const int rc = ring_producer_state(s->p, &state);

	if (rc == 0)
		say(s, "suspended: %" PRIu64, state.suspended);
	return rc;
}

static int call_producer_wait(struct scene *s)
{
	return ring_producer_wait(s->p, WAIT_MS);
}

static int call_producer_fd(struct scene *s)
{
	const int rc = ring_producer_fd(s->p);

	return rc < 0 ? rc : 0;
}

static int call_producer_debug_info(struct scene *s)
{
	char text[16];

	return ring_producer_debug_info(s->p, text, sizeof(text)) > 0 ? 0 : -1;
}

/* ---- the consumer ------------------------------------------------------- */

static int attach_consumer(struct scene *s)
{
	struct ring_consumer_state state;
	const int rc = ring_consumer_attach(s->f->path, "a", &s->options, &s->c,
					    &state);

	if (rc == 0)
		say(s, "%" PRIu64 " consumed", state.items);
	return rc;
}

static int call_consumer_takeover(struct scene *s)
{
	s->options.takeover = true;
	return attach_consumer(s);
}

static int call_consumer_brought(struct scene *s)
{
	const int rc = attach_consumer(s);

	if (rc == 0)
		s->io = NULL;
	return rc;
}

static int call_consumer_detach(struct scene *s)
{
	return ring_consumer_detach(s->c);
}

static int call_consumer_free(struct scene *s)
{
	ring_consumer_free(s->c);
	s->c = NULL;
	return 0;
}

static int call_pop(struct scene *s)
{
	struct ring_item item;
	const int rc = ring_consumer_pop(s->c, RING_POSITION_NONE, &item);

	if (rc == 0)
		say(s, "item %" PRIu64, item.sequence);
	return rc;
}

static int note_item(void *ctx, const struct ring_item *item)
{
	say(ctx, "item %" PRIu64 " ", item->sequence);
	return 0;
}

static int call_fold(struct scene *s)
{
	return ring_consumer_fold(s->c, RING_POSITION_NONE, NULL, note_item, s,
				  NULL);
}

static int call_consumer_advance(struct scene *s)
{
	return ring_consumer_advance(s->c, s->position, NULL);
}

static int call_suspend(struct scene *s)
{
	return ring_consumer_suspend(s->c);
}

static int call_resume(struct scene *s)
{
	return ring_consumer_resume(s->c);
}

static int call_consumer_state(struct scene *s)
{
	struct ring_consumer_state state;
	const int rc = ring_consumer_state(s->c, &state);

	if (rc == 0)
		say(s, "acked: %" PRIu64, state.suspend_acked);
	return rc;
}

static int call_consumer_wait(struct scene *s)
{
	return ring_consumer_wait(s->c, WAIT_MS);
}

static int call_consumer_fd(struct scene *s)
{
	const int rc = ring_consumer_fd(s->c);

	return rc < 0 ? rc : 0;
}

static int call_consumer_debug_info(struct scene *s)
{
	char text[16];

	return ring_consumer_debug_info(s->c, text, sizeof(text)) > 0 ? 0 : -1;
}

/* ---- from outside ------------------------------------------------------- */

static int call_member_add(struct scene *s)
{
	return ring_member_add(s->f->path, "c", RING_JOIN_OLDEST,
			       SCENE_ANSWER_MS, &s->options);
}

static int call_member_remove(struct scene *s)
{
	return ring_member_remove(s->f->path, "c", SCENE_ANSWER_MS,
				  &s->options);
}

static int call_operator_suspend(struct scene *s)
{
	return ring_operator_suspend(s->f->path, 0, &s->options);
}

static int call_operator_suspend_and_wait(struct scene *s)
{
	return ring_operator_suspend(s->f->path, SCENE_ANSWER_MS, &s->options);
}

static int call_operator_resume_and_wait(struct scene *s)
{
	return ring_operator_resume(s->f->path, SCENE_ANSWER_MS, &s->options);
}

static int call_info(struct scene *s)
{
	struct ring_info info;
	const int rc = ring_info(s->f->path, &s->options, &info);

	if (rc < 0)
		return rc;
	say(s, "end %" PRIu64, info.end);
	say(s, ", %" PRIu64 " items", info.pushed_items);
	for (unsigned i = 0; i < info.cursor_count; i++) {
		say(s, ", %" PRIu64, info.cursors[i].items);
		say(s, " and %" PRIu64 " more", info.cursors[i].backlog_items);
	}
	return 0;
}

static int note_record(void *ctx, const struct ring_record_view *record)
{
	say(ctx, "%" PRIu64 " ", record->position);
	return 0;
}

static int call_walk(struct scene *s)
{
	return ring_walk(s->f->path, &s->options, RING_POSITION_NONE,
			 note_record, s);
}

static void note_finding(void *ctx, const struct ring_finding *finding)
{
	say(ctx, "%" PRIu64 " ", (uint64_t)finding->severity);
}

static int call_check(struct scene *s)
{
	return ring_check(s->f->path, &s->options, note_finding, s);
}

static int note_step(void *ctx, const struct ring_repair_step *step)
{
	struct scene *s = ctx;

	snprintf(s->said, sizeof(s->said), "%s", step->text);
	return 0;
}

static int repair(struct scene *s, bool apply)
{
	const struct ring_repair_options how = { .apply = apply };

	return ring_repair(s->f->path, &s->options, &how, note_step, s);
}

static int call_repair_plan(struct scene *s)
{
	return repair(s, false);
}

static int call_repair(struct scene *s)
{
	return repair(s, true);
}

/* ---- storage ------------------------------------------------------------ */

static int call_io_open(struct scene *s)
{
	const struct ring_io_options options = { .engine = RING_IO_POSIX,
						 .fault = &s->f->fault };

	return ring_io_open(s->f->path, &options, &s->io);
}

/* Write back what is there; read both ends of it. */
static int call_io_run(struct scene *s)
{
	static _Alignas(4096) uint8_t buf[3][4096];
	struct ring_io_batch batch = {
		.ops = { { RING_IO_WRITE, 0, buf[0], sizeof(buf[0]) },
			 { RING_IO_READ, 4096, buf[1], sizeof(buf[1]) },
			 { RING_IO_READ, 65536, buf[2], sizeof(buf[2]) } },
		.count = 3,
		.flush = true,
	};

	fail_pause();
	fixture_read(s->f, 0, buf[0], sizeof(buf[0]));
	fail_resume();
	return ring_io_run(s->io, &batch);
}

static int call_io_close(struct scene *s)
{
	ring_io_close(s->io);
	s->io = NULL;
	return 0;
}

static int call_engine_from_name(struct scene *s)
{
	enum ring_io_engine engine;

	(void)s;
	return ring_io_engine_from_name("posix", &engine);
}

static int call_error_name(struct scene *s)
{
	(void)s;
	return strcmp(ring_error_name(-EIO), "EIO");
}

static int call_strerror(struct scene *s)
{
	(void)s;
	return strcmp(ring_strerror(-RING_ERR_TIMEOUT), "timed out");
}

static int call_is_retry(struct scene *s)
{
	(void)s;
	return !ring_error_is_retry(-RING_ERR_EMPTY);
}

static int call_system_default(struct scene *s)
{
	(void)s;
	return ring_system_default() == NULL;
}

/* ---- the table ---------------------------------------------------------- */

/* ---- the journal, but for its threads ------------------------------------ */

static int call_journal_start(struct scene *s)
{
	const int rc = scene_open_journal(s);

	if (rc == 0)
		say(s, "%" PRIu64 " to perform", s->j->end_number);
	return rc;
}

static int call_journal_turn(struct scene *s)
{
	struct journal_stats stats;

	(void)journal_turn(s->j);
	journal_stats(s->j, &stats);
	say(s, "%" PRIu64 " performed", stats.performed);
	return stats.failed;
}

static int call_journal_push(struct scene *s)
{
	return journal_push(s->j, "l", 1, NULL);
}

static int call_journal_push_many(struct scene *s)
{
	const struct journal_op ops[] = { { "l", 1, 0 }, { "m", 1, 0 } };

	return journal_push_many(s->j, ops, 2, NULL);
}

static int call_journal_flush(struct scene *s)
{
	return journal_flush(s->j, NULL);
}

static int call_journal_sync(struct scene *s)
{
	return journal_sync(s->j, NULL, 0);
}

static int call_journal_stats(struct scene *s)
{
	struct journal_stats stats;

	return journal_stats(s->j, &stats);
}

static int call_journal_shutdown(struct scene *s)
{
	return journal_shutdown(s->j);
}

static int call_journal_free(struct scene *s)
{
	journal_free(s->j);
	s->j = NULL;
	return 0;
}

static int call_journal_inspect(struct scene *s)
{
	const struct journal_options o = { .ring = s->options,
					   .consumer = "a" };
	struct journal_status status;
	const int rc = journal_inspect(s->f->path, &o, &status);

	if (rc == 0)
		say(s, "%" PRIu64 " pending", status.pending);
	return rc;
}

enum {
	IDLE = SWEEP_IS_IDLE,
	VOID = SWEEP_IS_VOID,
	NO_FAULT = SWEEP_HAS_NO_FAULT,
	MAY_EMPTY = SWEEP_MAY_EMPTY,
	WATCHES = SWEEP_WATCHES,
	DIRECT = SWEEP_IS_DIRECT,
	ENDS = SWEEP_ENDS_HANDLE,
	COUNTS = SWEEP_COUNTS,
	FAREWELL = SWEEP_SAYS_FAREWELL,
	TWICE = SWEEP_FLUSHES_TWICE,
};

#define SUSPENDED   (-RING_ERR_SUSPENDED)
#define EMPTY       (-RING_ERR_EMPTY)
#define TIMEOUT     (-RING_ERR_TIMEOUT)
#define OCCUPIED    (-RING_ERR_OCCUPIED)
#define NOT_A_RING  (-RING_ERR_NOT_A_RING)
#define NOT_EMPTY   (-RING_ERR_NOT_EMPTY)
#define DETACHED    (-RING_ERR_DETACHED)
#define EXISTS      (-RING_ERR_EXISTS)
#define NO_CONSUMER (-RING_ERR_NO_CONSUMER)

static const struct sweep_row rows[] = {
	{ "ring_create: a new file", scene_make_no_file, NULL, call_create, 0,
	  OCCUPIED, 0 },
	{ "ring_create: sparse", scene_make_no_file, NULL, call_create_sparse,
	  0, OCCUPIED, 0 },
	{ "ring_create: an empty file", scene_make_empty_file, NULL,
	  call_create, 0, OCCUPIED, MAY_EMPTY },
	{ "ring_create: over a ring", scene_make_used, NULL, call_create_forced,
	  0, 0, MAY_EMPTY },
	{ "ring_create: refused for a ring", scene_make_used, NULL, call_create,
	  OCCUPIED, OCCUPIED, 0 },
	{ "ring_create: refused for data", scene_make_data, NULL, call_create,
	  OCCUPIED, OCCUPIED, 0 },
	{ "ring_create: storage of the caller", scene_make_used,
	  scene_enter_brought, call_create_forced, 0, 0, MAY_EMPTY },
	{ "ring_erase: storage of the caller", scene_make_used,
	  scene_enter_brought, call_erase_forced, 0, NOT_A_RING, 0 },
	{ "ring_erase", scene_make_empty_ring, NULL, call_erase, 0, NOT_A_RING,
	  0 },
	{ "ring_erase: forced", scene_make_used, NULL, call_erase_forced, 0,
	  NOT_A_RING, 0 },
	{ "ring_erase: refused", scene_make_used, NULL, call_erase, NOT_EMPTY,
	  NOT_EMPTY, 0 },

	{ "ring_producer_attach", scene_make_used, NULL, attach_producer, 0, 0,
	  0 },
	{ "ring_producer_attach: after a crash", scene_make_crashed, NULL,
	  attach_producer, 0, 0, 0 },
	{ "ring_producer_attach: direct, after a crash", scene_make_crashed,
	  NULL, attach_producer, 0, 0, DIRECT },
	{ "ring_producer_attach: take-over", scene_make_foreign, NULL,
	  call_producer_takeover, 0, 0, 0 },
	{ "ring_producer_attach: heartbeat thread", scene_make_used, NULL,
	  call_producer_beating, 0, 0, 0 },
	{ "ring_producer_attach: storage of the caller", scene_make_used,
	  scene_enter_brought, call_producer_brought, 0, 0, 0 },
	{ "ring_producer_detach", scene_make_used, scene_enter_producer,
	  call_producer_detach, 0, DETACHED, ENDS },
	{ "ring_producer_detach: direct", scene_make_used,
	  scene_enter_before_part, call_producer_detach, 0, DETACHED,
	  ENDS | DIRECT },
	{ "ring_producer_free", scene_make_used, scene_enter_before_part,
	  call_producer_free, 0, 0, VOID | ENDS | NO_FAULT },
	{ "ring_producer_push", scene_make_used, scene_enter_producer,
	  call_push, 0, 0, 0 },
	{ "ring_producer_push: direct", scene_make_used, scene_enter_producer,
	  call_push, 0, 0, DIRECT },
	{ "ring_producer_publish", scene_make_used, scene_enter_producer,
	  call_publish, 0, 0, 0 },
	{ "ring_producer_publish: direct", scene_make_used,
	  scene_enter_producer, call_publish, 0, 0, DIRECT },
	{ "ring_producer_publish: wraps", scene_make_before_wrap,
	  scene_enter_before_wrap, call_publish_wrapping, 0, 0, 0 },
	{ "ring_producer_publish: the checkpoint is in the way", scene_make_new,
	  scene_enter_before_checkpoint, scene_publish_much, 0, 0, TWICE },
	{ "ring_producer_publish: answers a request", scene_make_used,
	  scene_enter_request, call_publish, 0, SUSPENDED, 0 },
	{ "ring_producer_publish: resumed", scene_make_suspended,
	  scene_enter_resumed, call_publish, 0, 0, 0 },
	{ "ring_producer_publish: suspended", scene_make_suspended,
	  scene_enter_producer, call_publish, SUSPENDED, SUSPENDED, 0 },
	{ "ring_producer_advance", scene_make_used, scene_enter_producer,
	  call_producer_advance, 0, 0, 0 },
	{ "ring_producer_advance: a part", scene_make_used,
	  scene_enter_before_part, call_producer_advance, 0, 0, 0 },
	{ "ring_producer_advance: a part, of an earlier handle",
	  scene_make_used, scene_enter_before_old_part, call_producer_advance,
	  0, 0, 0 },
	{ "ring_producer_discard", scene_make_used, scene_enter_producer,
	  call_discard, 0, 0, 0 },
	{ "ring_producer_claim", scene_make_used, scene_enter_producer,
	  call_claim, 0, 0, IDLE },
	{ "ring_producer_claim: suspended", scene_make_suspended,
	  scene_enter_producer, call_claim, SUSPENDED, SUSPENDED, 0 },
	{ "ring_producer_trim", scene_make_used, scene_enter_claim, call_trim,
	  0, 0, IDLE },
	{ "ring_producer_abort", scene_make_used, scene_enter_claim, call_abort,
	  0, 0, IDLE },
	{ "ring_producer_commit", scene_make_used, scene_enter_claim,
	  call_commit, 0, 0, 0 },
	{ "ring_producer_state: a request", scene_make_used,
	  scene_enter_request, call_producer_state, 0, 0, 0 },
	{ "ring_producer_state: direct", scene_make_used,
	  scene_enter_before_part, call_producer_state, 0, 0, DIRECT },
	{ "ring_producer_wait", scene_make_used, scene_enter_producer,
	  call_producer_wait, TIMEOUT, TIMEOUT, 0 },
	{ "ring_producer_wait: a request", scene_make_used, scene_enter_request,
	  call_producer_wait, 0, TIMEOUT, 0 },
	{ "ring_producer_fd", scene_make_used, scene_enter_producer,
	  call_producer_fd, 0, 0, WATCHES },
	{ "ring_producer_debug_info", scene_make_used, scene_enter_producer,
	  call_producer_debug_info, 0, 0, IDLE },

	{ "ring_consumer_attach", scene_make_used, NULL, attach_consumer, 0, 0,
	  0 },
	{ "ring_consumer_attach: after a crash", scene_make_crashed, NULL,
	  attach_consumer, 0, 0, 0 },
	{ "ring_consumer_attach: direct, after a crash", scene_make_crashed,
	  NULL, attach_consumer, 0, 0, DIRECT },
	{ "ring_consumer_attach: take-over", scene_make_foreign, NULL,
	  call_consumer_takeover, 0, 0, 0 },
	{ "ring_consumer_attach: storage of the caller", scene_make_used,
	  scene_enter_brought, call_consumer_brought, 0, 0, 0 },
	{ "ring_consumer_detach", scene_make_used, scene_enter_consumer,
	  call_consumer_detach, 0, DETACHED, ENDS },
	{ "ring_consumer_detach: direct", scene_make_used,
	  scene_enter_with_taken, call_consumer_detach, 0, DETACHED,
	  ENDS | DIRECT },
	{ "ring_consumer_free", scene_make_used, scene_enter_with_taken,
	  call_consumer_free, 0, 0, VOID | ENDS | NO_FAULT },
	{ "ring_consumer_pop", scene_make_used, scene_enter_consumer, call_pop,
	  0, 0, 0 },
	{ "ring_consumer_pop: of a dead producer", scene_make_crashed,
	  scene_enter_consumer, call_pop, 0, 0, 0 },
	{ "ring_consumer_pop: direct", scene_make_used, scene_enter_consumer,
	  call_pop, 0, 0, DIRECT },
	{ "ring_consumer_pop: nothing there", scene_make_used,
	  scene_enter_with_taken, call_pop, EMPTY, EMPTY, 0 },
	{ "ring_consumer_fold", scene_make_used, scene_enter_consumer,
	  call_fold, 0, 0, 0 },
	{ "ring_consumer_fold: news", scene_make_used, scene_enter_with_news,
	  call_fold, 0, 0, 0 },
	{ "ring_consumer_advance", scene_make_used, scene_enter_before_advance,
	  call_consumer_advance, 0, 0, 0 },
	{ "ring_consumer_advance: direct", scene_make_used,
	  scene_enter_before_advance, call_consumer_advance, 0, 0, DIRECT },
	{ "ring_consumer_suspend", scene_make_used, scene_enter_both,
	  call_suspend, 0, 0, 0 },
	{ "ring_consumer_suspend: direct", scene_make_used, scene_enter_both,
	  call_suspend, 0, 0, DIRECT },
	{ "ring_consumer_resume", scene_make_used, scene_enter_acked,
	  call_resume, 0, 0, 0 },
	{ "ring_consumer_state", scene_make_used, scene_enter_acked,
	  call_consumer_state, 0, 0, 0 },
	{ "ring_consumer_state: direct", scene_make_used, scene_enter_acked,
	  call_consumer_state, 0, 0, DIRECT },
	{ "ring_consumer_wait", scene_make_used, scene_enter_with_taken,
	  call_consumer_wait, TIMEOUT, TIMEOUT, 0 },
	{ "ring_consumer_wait: news", scene_make_used, scene_enter_with_news,
	  call_consumer_wait, 0, 0, 0 },
	{ "ring_consumer_fd", scene_make_used, scene_enter_consumer,
	  call_consumer_fd, 0, 0, WATCHES },
	{ "ring_consumer_debug_info", scene_make_used, scene_enter_consumer,
	  call_consumer_debug_info, 0, 0, IDLE },

	{ "ring_member_add", scene_make_used, NULL, call_member_add, 0, EXISTS,
	  FAREWELL },
	{ "ring_member_add: beside a producer", scene_make_used,
	  scene_enter_beside_producer, call_member_add, 0, EXISTS, 0 },
	{ "ring_member_add: storage of the caller", scene_make_used,
	  scene_enter_brought_beside, call_member_add, 0, EXISTS, 0 },
	{ "ring_member_remove", scene_make_third, NULL, call_member_remove, 0,
	  NO_CONSUMER, FAREWELL },
	{ "ring_member_remove: beside a producer", scene_make_third,
	  scene_enter_beside_producer, call_member_remove, 0, NO_CONSUMER, 0 },
	{ "ring_operator_suspend", scene_make_used, scene_enter_producer,
	  call_operator_suspend, 0, 0, 0 },
	{ "ring_operator_suspend: waits", scene_make_used,
	  scene_enter_beside_producer, call_operator_suspend_and_wait, 0, 0,
	  0 },
	{ "ring_operator_resume: waits", scene_make_used,
	  scene_enter_operator_acked, call_operator_resume_and_wait, 0, 0, 0 },
	{ "ring_info", scene_make_used, NULL, call_info, 0, 0, 0 },
	{ "ring_info: after a crash", scene_make_crashed, NULL, call_info, 0, 0,
	  0 },
	{ "ring_walk", scene_make_used, NULL, call_walk, 0, 0, 0 },
	{ "ring_check", scene_make_used, NULL, call_check, 0, 0, COUNTS },
	{ "ring_repair: a plan", scene_make_damaged, NULL, call_repair_plan, 1,
	  1, 0 },
	{ "ring_repair", scene_make_damaged, NULL, call_repair, 1, 0, 0 },
	{ "ring_check: beside both", scene_make_used, scene_enter_both,
	  call_check, 0, 0, COUNTS },

	{ "journal_start", scene_make_used, NULL, call_journal_start, 0, 0, 0 },
	{ "journal_start: after a crash", scene_make_crashed, NULL,
	  call_journal_start, 0, 0, 0 },
	{ "journal_start: a turn of its thread", scene_make_used,
	  scene_enter_journal, call_journal_turn, 0, 0, NO_FAULT },
	{ "journal_push", scene_make_used, scene_enter_journal,
	  call_journal_push, 0, 0, NO_FAULT },
	{ "journal_push_many", scene_make_used, scene_enter_journal,
	  call_journal_push_many, 0, 0, NO_FAULT },
	{ "journal_flush", scene_make_used, scene_enter_journal,
	  call_journal_flush, 0, 0, IDLE },
	{ "journal_sync", scene_make_used, scene_enter_journal,
	  call_journal_sync, TIMEOUT, 0, IDLE },
	{ "journal_stats", scene_make_used, scene_enter_journal,
	  call_journal_stats, 0, 0, IDLE },
	{ "journal_shutdown", scene_make_used, scene_enter_journal,
	  call_journal_shutdown, 0, 0, FAREWELL | ENDS | NO_FAULT },
	{ "journal_free", scene_make_used, scene_enter_journal,
	  call_journal_free, 0, 0, VOID | ENDS | NO_FAULT },
	{ "journal_inspect", scene_make_used, NULL, call_journal_inspect, 0, 0,
	  0 },

	{ "ring_io_open", scene_make_used, NULL, call_io_open, 0, 0, 0 },
	{ "ring_io_run", scene_make_used, scene_enter_io, call_io_run, 0, 0,
	  NO_FAULT },
	{ "ring_io_close", scene_make_used, scene_enter_io, call_io_close, 0, 0,
	  IDLE },
	{ "ring_io_engine_from_name", scene_make_new, NULL,
	  call_engine_from_name, 0, 0, IDLE },
	{ "ring_error_name", scene_make_new, NULL, call_error_name, 0, 0,
	  IDLE },
	{ "ring_strerror", scene_make_new, NULL, call_strerror, 0, 0, IDLE },
	{ "ring_error_is_retry", scene_make_new, NULL, call_is_retry, 0, 0,
	  IDLE },
	{ "ring_system_default", scene_make_new, NULL, call_system_default, 0,
	  0, IDLE },
};

/* ---- nothing is left out ------------------------------------------------ */

static bool is_in_table(const char *function)
{
	const size_t len = strlen(function);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strncmp(rows[i].name, function, len) == 0 &&
		    (rows[i].name[len] == '\0' || rows[i].name[len] == ':'))
			return true;
	return false;
}

/* The library of the build that this program belongs to. */
static void library_path(char *ret_path, size_t len)
{
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(n > 0);
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(ret_path, len, "%s/../libblkring.so", self);
}

/* ring/libblkring.map exports by a pattern: ask what came of it. */
static void test_every_function_is_swept(void **state)
{
	char path[600], command[700], function[128];
	unsigned count = 0;
	FILE *nm;

	(void)state;
	library_path(path, sizeof(path));
	snprintf(command, sizeof(command),
		 "nm -D --defined-only '%s' | sed -n 's/.* T //p' | "
		 "grep -v ^gen_",
		 path);
	nm = popen(command, "r");
	assert_non_null(nm);
	while (fscanf(nm, "%127[^@\n]%*[^\n]\n", function) == 1) {
		count++;
		if (!is_in_table(function))
			fail_msg("no row for %s()", function);
	}
	assert_int_equal(pclose(nm), 0);
	assert_in_range(count, 40, ARRAY_SIZE(rows));
}

int main(void)
{
	struct fixture_list list = { 0 };

	fixture_add(&list, "every function is swept",
		    test_every_function_is_swept, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		fixture_add(&list, rows[i].name, sweep_test, &rows[i]);
	return fixture_run("sweep", &list);
}
