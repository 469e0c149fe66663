/*
 * journal run: each operation is performed by a command, which gets it on its
 * standard input and says with exit code 0 that it is done. What fails is tried
 * again; a signal ends the run between two commands.
 */
#include "tools/doc.h"
#include "tools/framing.h"
#include "tools/journal_call.h"
#include "tools/progress.h"
#include "tools/report.h"
#include "tools/runner.h"
#include "tools/stop.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>

enum { SLICE_MS = 200, NS_PER_MS = 1000000 };

struct journal_run {
	struct call *call;
	char **command;

	/* options */
	struct journal_options options;
	struct option_wait retry;
	bool batch;
	bool once;

	struct journal *j;
	int stop_fd;
	atomic_int spawn_error; /* the command can't be run at all */

	/* Of the thread that performs. */
	struct output input;
	uint64_t done, bytes;
	uint64_t lost;       /* operations that damage has taken */
	uint64_t lost_until; /* losses before this position were told */
	bool lost_some;
	struct progress progress;
};

/* ---- performing: in a thread of the journal ------------------------------ */

static void note_failure(const struct journal_run *run,
			 const struct journal_op *op, int status)
{
	const char *name = run->command[0];

	if (status < 0)
		report_note("'%s': operation %" PRIu64 ": cannot run '%s': %s",
			    run->call->path, op->number, name,
			    ring_strerror(status));
	else
		report_note("'%s': operation %" PRIu64
			    ": '%s' ended with exit code %d",
			    run->call->path, op->number, name, status);
}

/* Waiting does not make a command that is not there appear. */
static bool is_final(int status)
{
	return status == -ENOENT || status == -EACCES || status == -ENOEXEC;
}

/* Run the command with what is gathered. Whether that is performed. */
static bool run_command(struct journal_run *run, const struct journal_op *first)
{
	const int status = runner_run(run->command, &run->input);

	if (status == 0)
		return true;
	progress_clear(&run->progress);
	note_failure(run, first, status);
	if (is_final(status))
		run->spawn_error = status;
	return false;
}

static void count_done(struct journal_run *run, const struct journal_op *op)
{
	run->done++;
	run->bytes += op->len_bytes;
	progress_tick(&run->progress, run->done, run->bytes);
}

static int perform_batch(void *ctx, const struct journal_op *ops, size_t count)
{
	struct journal_run *run = ctx;

	if (stop_requested(run->stop_fd))
		return 0;
	for (size_t i = 0; i < count; i++) {
		const int rc = frame_write(&run->input, FRAMING_LENGTH,
					   ops[i].bytes, ops[i].len_bytes);

		if (rc < 0) {
			run->input.fill = 0;
			return rc;
		}
	}
	if (!run_command(run, ops))
		return 0;
	for (size_t i = 0; i < count; i++)
		count_done(run, &ops[i]);
	return (int)count;
}

static int perform_each(void *ctx, const struct journal_op *ops, size_t count)
{
	struct journal_run *run = ctx;
	size_t i = 0;

	while (i < count && !stop_requested(run->stop_fd)) {
		const struct journal_op *op = &ops[i];
		const int rc =
			output_append(&run->input, op->bytes, op->len_bytes);

		if (rc < 0)
			return i > 0 ? (int)i : rc;
		if (!run_command(run, op))
			break;
		count_done(run, op);
		i++;
	}
	return (int)i;
}

/* Nothing is run again that can't be, nor behind a signal. */
static enum journal_verdict judge_failure(void *ctx,
					  const struct journal_poison *poison)
{
	const struct journal_run *run = ctx;

	(void)poison;
	return run->spawn_error != 0 || stop_requested(run->stop_fd)
		       ? JOURNAL_STOP
		       : JOURNAL_RETRY;
}

/* Told each time that reading passes over it; said once. */
static void on_lost(void *ctx, const struct ring_loss *loss)
{
	struct journal_run *run = ctx;

	if (loss->next <= run->lost_until)
		return;
	run->lost_until = loss->next;
	if (loss->items == 0 && loss->is_repaired)
		return;
	run->lost_some = true;
	run->lost += loss->items;
	progress_clear(&run->progress);
	report_loss(run->call->path, loss);
}

/* ---- the run ------------------------------------------------------------ */

/* Sleep a slice, or until a signal. 0, or the journal's error. */
static int wait_slice(struct journal_run *run)
{
	struct pollfd look = { .fd = run->stop_fd, .events = POLLIN };
	struct journal_stats stats;

	(void)poll(&look, 1, SLICE_MS);
	(void)journal_stats(run->j, &stats);
	return stats.failed;
}

/* Until a signal, an error, or nothing is left. 0, or the journal's error: that
 * we stopped it ourselves is none. */
static int wait_for_end(struct journal_run *run)
{
	int rc;

	while (!stop_requested(run->stop_fd) && run->spawn_error == 0) {
		rc = run->once ? journal_sync(run->j, NULL, SLICE_MS)
			       : wait_slice(run);
		if (rc < 0 && rc != -RING_ERR_TIMEOUT)
			return rc == -ECANCELED ? 0 : rc;
		if (rc == 0 && run->once)
			break;
	}
	return 0;
}

static int print_result(struct journal_run *run)
{
	struct journal_stats stats;

	if (!run->call->json)
		return EXIT_OK;
	(void)journal_stats(run->j, &stats);
	return doc_print(json_pack(
		"{s:o, s:I, s:I, s:I, s:I}", "path", doc_text(run->call->path),
		"performed", (json_int_t)stats.performed, "failures",
		(json_int_t)stats.failures, "lost", (json_int_t)run->lost,
		"next_number", (json_int_t)stats.next_number));
}

/* That something was lost weighs more than that all else is done. */
static int report_result(struct journal_run *run)
{
	const int rc = print_result(run);

	return rc == EXIT_OK && run->lost_some ? EXIT_DAMAGE : rc;
}

static int run_started(struct journal_run *run)
{
	int rc = wait_for_end(run);
	int given_back = journal_shutdown(run->j);

	progress_clear(&run->progress);
	if (rc < 0)
		return journal_call_report(run->call, run->j, rc);
	if (given_back < 0)
		report_note("'%s': cannot detach cleanly, nothing is lost: %s",
			    run->call->path, ring_strerror(given_back));
	if (run->spawn_error != 0)
		return report_text(run->call, run->spawn_error,
				   "'%s': stopped: cannot run '%s': %s",
				   run->call->path, run->command[0],
				   ring_strerror(run->spawn_error));
	return report_result(run);
}

/* What follows "--" is the command's, whatever it looks like. NULL: none. */
static char **take_command(struct call *call)
{
	for (int i = 1; i < call->argc; i++)
		if (strcmp(call->argv[i], "--") == 0) {
			char **command = call->argv + i + 1;

			call->argc = i;
			return *command != NULL ? command : NULL;
		}
	return NULL;
}

/* In whole milliseconds, and 0 is not the default. */
static uint32_t retry_ms(const struct option_wait *retry)
{
	const uint64_t ms = (retry->ns + NS_PER_MS - 1) / NS_PER_MS;

	if (!retry->given)
		return 0;
	if (ms == 0)
		return 1;
	return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

static int run_command_line(struct journal_run *run)
{
	int rc;

	run->stop_fd = stop_open();
	if (run->stop_fd < 0)
		return report_code(run->call, run->stop_fd);
	run->options.retry_interval_ms = retry_ms(&run->retry);
	progress_init(&run->progress, "performed");
	output_init(&run->input, -1);
	run->call->ring.lost = on_lost;
	run->call->ring.lost_ctx = run;
	rc = journal_call_start(run->call, &run->options,
				run->batch ? perform_batch : perform_each, run,
				&run->j);
	if (rc == 0)
		rc = run_started(run);
	journal_free(run->j);
	output_release(&run->input);
	return rc;
}

int cmd_journal_run(struct call *call)
{
	struct journal_run run = {
		.call = call,
		.options = { .sides = JOURNAL_PERFORMS,
			     .poison_after = 1,
			     .on_poison = judge_failure },
	};
	const struct option_spec specs[] = {
		{ "batch", NULL, "several for one command, length-framed", NULL,
		  &run.batch },
		{ "once", NULL, "end when nothing is left", NULL, &run.once },
		{ "retry", "S", "try again after that (default: 5)",
		  option_seconds, &run.retry },
		journal_option_size(&run.options),
		option_on_damage(call),
		option_takeover(call),
		{ 0 },
	};
	int rc;

	run.command = take_command(call);
	rc = options_parse(call, specs);
	if (rc != OPTIONS_RUN)
		return rc;
	if (run.command == NULL)
		return report_usage(call, "no command: '-- COMMAND [ARG]...' "
					  "is missing");
	return run_command_line(&run);
}
