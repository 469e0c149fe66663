/*
 * produce: gather whole frames from standard input into a batch, publish it,
 * and go on. What is published is durable; what is not is counted, so that a
 * caller knows from which item on to start again.
 */
#include "tools/batch.h"
#include "tools/cmd.h"
#include "tools/deadline.h"
#include "tools/doc.h"
#include "tools/framing.h"
#include "tools/options.h"
#include "tools/publisher.h"
#include "tools/report.h"
#include "tools/stop.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <unistd.h>

enum {
	BATCH_ITEMS = 16384,
	BATCH_ITEMS_MAX = 65536,
	LOOK_MS = 100, /* at the ring, where it has no descriptor */
};

struct produce {
	struct call *call;

	/* options */
	enum framing framing;
	uint64_t batch_items; /* 0: no such option */
	struct option_wait linger;

	struct frame_reader reader;
	struct batch batch;
	struct frame frame; /* what batch_gather() was about */
	struct publisher pub;
	struct deadline linger_until; /* while the batch holds something */
	bool stopped;
};

/* ---- errors ------------------------------------------------------------- */

static void set_detail(struct produce *run)
{
	run->call->detail = json_pack("{s:I, s:I, s:I}", "published",
				      (json_int_t)run->pub.items, "bytes",
				      (json_int_t)run->pub.bytes, "position",
				      (json_int_t)run->pub.position);
}

/* How far it came is part of each error. */
static int finish_error(const struct produce *run, int exit_code)
{
	if (!run->call->json)
		report_note("%" PRIu64 " items are published", run->pub.items);
	return exit_code;
}

static int report_ring(struct produce *run, int code)
{
	set_detail(run);
	return finish_error(run, report_code(run->call, code));
}

static int report_stdin(struct produce *run, int code)
{
	set_detail(run);
	return finish_error(run, report_text(run->call, code,
					     "cannot read standard input: %s",
					     ring_strerror(code)));
}

static int report_frame(struct produce *run, enum frame_result result)
{
	int rc;

	set_detail(run);
	if (result == FRAME_TRUNCATED)
		rc = report_text(run->call, -EBADMSG,
				 "input ends inside the record that starts at "
				 "byte %" PRIu64,
				 run->reader.parsed);
	else
		rc = report_text(run->call, -RING_ERR_TOO_BIG,
				 "record %" PRIu64 " of %s%zu bytes is too big:"
				 " the ring takes at most %" PRIu64,
				 run->pub.items + 1,
				 run->frame.is_partial ? "at least " : "",
				 run->frame.len_bytes, run->reader.max_bytes);
	return finish_error(run, rc);
}

/* ---- the loop ----------------------------------------------------------- */

static int poll_timeout(const struct produce *run)
{
	int limit_ms = ring_producer_fd(run->pub.p) < 0 ? LOOK_MS : -1;

	if (run->batch.count == 0 || !run->linger.given)
		return limit_ms;
	return deadline_left_ms(&run->linger_until, limit_ms);
}

/*
 * Sleep until there is input, a signal, the end of the linger time; or a
 * request to the producer, which is answered. Two kinds of error: *ret_ring
 * tells whether it is the ring's.
 */
static int wait_for_input(struct produce *run, bool *ret_ring)
{
	struct pollfd look[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = run->pub.stop_fd, .events = POLLIN },
		{ .fd = ring_producer_fd(run->pub.p), .events = POLLIN },
	};
	struct ring_producer_state state;
	int n = poll(look, 3, poll_timeout(run));

	*ret_ring = true;
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	run->stopped = look[1].revents != 0;
	if (look[2].revents != 0 || look[2].fd < 0) {
		int rc = ring_producer_state(run->pub.p, &state);

		if (rc < 0)
			return rc;
	}
	*ret_ring = false;
	if (look[0].revents == 0)
		return 0;
	return frame_reader_fill(&run->reader, STDIN_FILENO);
}

/* Whether to publish what is gathered, though more could be waited for. */
static bool is_due(const struct produce *run)
{
	if (run->batch.count == 0)
		return false;
	if (run->batch.full || run->stopped || run->reader.ended)
		return true;
	if (run->linger.given)
		return deadline_passed(&run->linger_until);
	return run->batch_items == 0;
}

static int publish_batch(struct produce *run)
{
	int rc = publisher_publish(&run->pub,
				   batch_entries(&run->batch, &run->reader),
				   run->batch.count);

	batch_clear(&run->batch);
	frame_reader_drop_taken(&run->reader);
	return rc;
}

/* Gather; the linger time runs from the first item on. */
static enum frame_result gather(struct produce *run)
{
	size_t before = run->batch.count;
	enum frame_result result =
		batch_gather(&run->batch, &run->reader, &run->frame);

	if (before == 0 && run->batch.count > 0)
		run->linger_until = deadline_after(run->linger.ns);
	return result;
}

/* Returns an exit code: EXIT_OK at the end of the input. */
static int produce_all(struct produce *run)
{
	for (;;) {
		enum frame_result result = gather(run);
		bool is_bad =
			result == FRAME_TOO_BIG || result == FRAME_TRUNCATED;
		bool ring_failed;
		int rc;

		if (is_due(run) || (is_bad && run->batch.count > 0)) {
			rc = publish_batch(run);
			if (rc < 0)
				return report_ring(run, rc);
			continue;
		}
		if (is_bad)
			return report_frame(run, result);
		if (run->reader.ended || run->stopped)
			return EXIT_OK;
		rc = wait_for_input(run, &ring_failed);
		if (rc < 0)
			return ring_failed ? report_ring(run, rc)
					   : report_stdin(run, rc);
	}
}

/* ---- around it ---------------------------------------------------------- */

static int expose_leftover(struct produce *run,
			   const struct ring_producer_state *state)
{
	uint64_t items = state->pushed_items - state->exposed_items;
	int rc;

	if (items == 0)
		return 0;
	rc = publisher_expose(&run->pub);
	if (rc == 0)
		report_note("exposed %" PRIu64 " items that an earlier producer"
			    " had pushed",
			    items);
	return rc;
}

static int print_result(const struct produce *run)
{
	if (!run->call->json)
		return EXIT_OK;
	return doc_print(json_pack("{s:o, s:I, s:I, s:I}", "path",
				   doc_text(run->call->path), "published",
				   (json_int_t)run->pub.items, "bytes",
				   (json_int_t)run->pub.bytes, "position",
				   (json_int_t)run->pub.position));
}

static int run_attached(struct produce *run,
			const struct ring_producer_state *state)
{
	int rc = expose_leftover(run, state);

	run->pub.position = state->pushed;
	if (rc < 0)
		return report_ring(run, rc);
	progress_init(&run->pub.progress, "published");
	rc = produce_all(run);
	progress_clear(&run->pub.progress);
	if (rc != EXIT_OK)
		return rc;
	rc = ring_producer_detach(run->pub.p);
	if (rc < 0)
		report_note("'%s': cannot detach cleanly, nothing is lost: %s",
			    run->call->path, ring_strerror(rc));
	return print_result(run);
}

/* Sized by the ring, and before the role is taken. */
static int init_buffers(struct produce *run)
{
	uint64_t items = run->batch_items == 0 ? BATCH_ITEMS : run->batch_items;
	struct ring_info info;
	int rc = ring_info(run->call->path, &run->call->ring, &info);

	if (rc == 0)
		rc = batch_init(&run->batch, batch_limits_of(&info, items));
	if (rc == 0)
		rc = frame_reader_init(&run->reader, run->framing,
				       info.max_item_bytes,
				       info.max_batch_bytes);
	return rc;
}

static int run_producer(struct produce *run)
{
	struct ring_producer_state state;
	int rc = init_buffers(run);

	if (rc < 0)
		return report_code(run->call, rc);
	run->pub.stop_fd = stop_open();
	if (run->pub.stop_fd < 0)
		return report_code(run->call, run->pub.stop_fd);
	run->call->ring.heartbeat_thread = true;
	rc = ring_producer_attach(run->call->path, &run->call->ring,
				  &run->pub.p, &state);
	if (rc < 0)
		return report_code(run->call, rc);
	rc = run_attached(run, &state);
	ring_producer_free(run->pub.p);
	return rc;
}

int cmd_produce(struct call *call)
{
	struct produce run = { .call = call };
	const struct option_spec specs[] = {
		{ "framing", "HOW", "lines (default), nul or length",
		  framing_option, &run.framing },
		{ "batch", "N", "publish N items together", option_count,
		  &run.batch_items },
		{ "linger", "MS", "wait as long for a batch to fill",
		  option_millis, &run.linger },
		option_for_wait(&run.pub.wait,
				"wait as long for space (default: for ever)"),
		option_durability(call),
		option_takeover(call),
		{ .name = "former-off",
		  .help = "with --takeover: the former host is surely off",
		  .ret = &call->ring.former_is_off },
		{ 0 },
	};
	int rc = options_parse(call, specs);

	if (rc != OPTIONS_RUN)
		return rc;
	if (run.batch_items > BATCH_ITEMS_MAX)
		return report_usage(call, "option '--batch': at most %d",
				    BATCH_ITEMS_MAX);
	run.pub.whole = run.batch_items != 0;
	rc = run_producer(&run);
	batch_release(&run.batch);
	frame_reader_release(&run.reader);
	return rc;
}
