/*
 * journal push: whole frames from standard input become operations, as many at
 * a time as can be read. What is pushed is durable; what is not is counted, so
 * that a caller knows from which one on to start again.
 */
#include "tools/batch.h"
#include "tools/deadline.h"
#include "tools/doc.h"
#include "tools/framing.h"
#include "tools/journal_call.h"
#include "tools/progress.h"
#include "tools/report.h"
#include "tools/stop.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	BATCH_OPS = 1024,
	BATCH_BYTES = 64 * 1024, /* so that little room is enough */
	SLICE_MS = 200,          /* how late a signal may be noticed */
};

struct journal_push {
	struct call *call;

	/* options */
	struct journal_options options;
	enum framing framing;
	struct option_wait wait;

	struct journal *j;
	int stop_fd;
	struct frame_reader reader;
	struct batch batch;
	struct frame frame; /* what batch_gather() was about */
	struct journal_op *ops;
	uint64_t pushed;
	uint64_t bytes;
	struct progress progress;
};

/* ---- errors ------------------------------------------------------------- */

static void set_detail(struct journal_push *run)
{
	run->call->detail =
		json_pack("{s:I, s:I}", "pushed", (json_int_t)run->pushed,
			  "bytes", (json_int_t)run->bytes);
}

/* How far it came is part of each error. */
static int finish_error(const struct journal_push *run, int exit_code)
{
	if (!run->call->json)
		report_note("%" PRIu64 " operations are pushed", run->pushed);
	return exit_code;
}

static int report_journal(struct journal_push *run, int code)
{
	set_detail(run);
	return finish_error(run, journal_call_report(run->call, run->j, code));
}

static int report_stdin(struct journal_push *run, int code)
{
	set_detail(run);
	return finish_error(run, report_text(run->call, code,
					     "cannot read standard input: %s",
					     ring_strerror(code)));
}

static int report_frame(struct journal_push *run, enum frame_result result)
{
	int rc;

	set_detail(run);
	if (result == FRAME_TRUNCATED)
		rc = report_text(run->call, -EBADMSG,
				 "input ends inside the operation that starts "
				 "at byte %" PRIu64,
				 run->reader.parsed);
	else
		rc = report_text(run->call, -RING_ERR_TOO_BIG,
				 "operation %" PRIu64
				 " of the input is too big: the journal takes "
				 "at most %" PRIu64 " bytes",
				 run->pushed + 1, run->reader.max_bytes);
	return finish_error(run, rc);
}

/* ---- the loop ----------------------------------------------------------- */

static void fill_ops(struct journal_push *run)
{
	const struct ring_entry *entries =
		batch_entries(&run->batch, &run->reader);

	for (size_t i = 0; i < run->batch.count; i++) {
		run->ops[i] = (struct journal_op){
			.bytes = entries[i].data,
			.len_bytes = entries[i].data_bytes,
		};
		run->bytes += entries[i].data_bytes;
	}
}

static bool is_wait(int rc)
{
	return rc == -RING_ERR_FULL || rc == -RING_ERR_SUSPENDED;
}

/* Each try waits a slice; together they are as long as the whole wait. */
static void cut_wait(struct journal_push *run)
{
	const uint32_t slice_ms =
		run->wait.given ? deadline_slice_ms(run->wait.ns, SLICE_MS)
				: SLICE_MS;

	run->options.push_timeout_ms = slice_ms;
	run->options.push_never_waits = slice_ms == 0;
}

static int push_batch(struct journal_push *run)
{
	struct deadline give_up = run->wait.given ? deadline_after(run->wait.ns)
						  : deadline_never();
	const uint64_t before = run->bytes;
	int rc;

	fill_ops(run);
	do {
		rc = journal_push_many(run->j, run->ops, run->batch.count,
				       NULL);
	} while (is_wait(rc) && !deadline_passed(&give_up) &&
		 !stop_requested(run->stop_fd));
	if (rc < 0) {
		run->bytes = before;
		return rc;
	}
	run->pushed += run->batch.count;
	progress_tick(&run->progress, run->pushed, run->bytes);
	batch_clear(&run->batch);
	frame_reader_drop_taken(&run->reader);
	return 0;
}

/* Sleep until there is input or a signal, and read. */
static int wait_for_input(struct journal_push *run)
{
	struct pollfd look[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = run->stop_fd, .events = POLLIN },
	};
	const int n = poll(look, 2, -1);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return look[0].revents == 0 || look[1].revents != 0
		       ? 0
		       : frame_reader_fill(&run->reader, STDIN_FILENO);
}

/* Returns an exit code: EXIT_OK at the end of the input. */
static int push_all(struct journal_push *run)
{
	for (;;) {
		const enum frame_result result =
			batch_gather(&run->batch, &run->reader, &run->frame);
		int rc;

		if (run->batch.count > 0) {
			rc = push_batch(run);
			if (rc < 0)
				return report_journal(run, rc);
			continue;
		}
		if (result == FRAME_TOO_BIG || result == FRAME_TRUNCATED)
			return report_frame(run, result);
		if (run->reader.ended || stop_requested(run->stop_fd))
			return EXIT_OK;
		rc = wait_for_input(run);
		if (rc < 0)
			return report_stdin(run, rc);
	}
}

/* ---- around it ---------------------------------------------------------- */

static int init_buffers(struct journal_push *run)
{
	struct batch_limits limits;
	struct ring_info info;
	int rc = ring_info(run->call->path, &run->call->ring, &info);

	if (rc < 0)
		return rc;
	limits = batch_limits_of(&info, BATCH_OPS);
	if (limits.bytes > BATCH_BYTES)
		limits.bytes = BATCH_BYTES;
	run->ops = calloc(BATCH_OPS, sizeof(*run->ops));
	rc = run->ops == NULL ? -ENOMEM : batch_init(&run->batch, limits);
	if (rc == 0)
		rc = frame_reader_init(&run->reader, run->framing,
				       info.max_item_bytes,
				       limits.bytes + info.max_item_bytes);
	return rc;
}

static int print_result(const struct journal_push *run)
{
	if (!run->call->json)
		return EXIT_OK;
	return doc_print(json_pack(
		"{s:o, s:I, s:I}", "path", doc_text(run->call->path), "pushed",
		(json_int_t)run->pushed, "bytes", (json_int_t)run->bytes));
}

static int run_started(struct journal_push *run)
{
	int rc = init_buffers(run);

	if (rc < 0)
		return report_code(run->call, rc);
	progress_init(&run->progress, "pushed");
	rc = push_all(run);
	progress_clear(&run->progress);
	return rc == EXIT_OK ? print_result(run) : rc;
}

int cmd_journal_push(struct call *call)
{
	struct journal_push run = {
		.call = call,
		.options = { .sides = JOURNAL_PUSHES },
	};
	const struct option_spec specs[] = {
		{ "framing", "HOW", "lines (default), nul or length",
		  framing_option, &run.framing },
		option_for_wait(&run.wait,
				"wait as long for space (default: for ever)"),
		journal_option_size(&run.options),
		option_takeover(call),
		{ 0 },
	};
	int rc = options_parse(call, specs);

	if (rc != OPTIONS_RUN)
		return rc;
	run.stop_fd = stop_open();
	if (run.stop_fd < 0)
		return report_code(call, run.stop_fd);
	cut_wait(&run);
	rc = journal_call_start(call, &run.options, NULL, NULL, &run.j);
	if (rc == 0)
		rc = run_started(&run);
	journal_free(run.j);
	batch_release(&run.batch);
	frame_reader_release(&run.reader);
	free(run.ops);
	return rc;
}
