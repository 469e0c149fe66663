/*
 * consume: fold a batch of items into memory, write it all out, and only then
 * advance. Whatever kills the command before that leaves the position where
 * it was: items are delivered again, never skipped.
 */
#include "tools/cmd.h"
#include "tools/deadline.h"
#include "tools/framing.h"
#include "tools/item_doc.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/progress.h"
#include "tools/report.h"
#include "tools/stop.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum {
	BATCH_ITEMS = 1000,
	BATCH_BYTES = 1024 * 1024,
	SLICE_MS = 200,  /* how late a signal may be noticed */
	PROOF_MS = 1000, /* how long items on sight may wait for it */
	PROOF_SLICE_MS = 1,
};

struct consume {
	struct call *call;

	/* options */
	const char *consumer;
	enum framing framing;
	uint64_t count; /* 0: as many as there are */
	bool follow;
	bool peek;
	struct option_wait wait;

	struct ring_consumer *c;
	int stop_fd;
	struct output out;
	int out_error;     /* of the output, not of the ring */
	uint64_t position; /* of the next item */
	uint64_t items;    /* written and advanced over, as the next */
	uint64_t bytes;
	uint64_t batch_items; /* in `out` */
	uint64_t batch_bytes;
	struct deadline idle; /* when to give up waiting for an item */
	struct progress progress;
	uint64_t lost_until; /* losses before this position were told */
	bool lost_some;
};

static void restart_idle(struct consume *run)
{
	if (run->follow && !run->wait.given)
		run->idle = deadline_never();
	else
		run->idle = deadline_after(run->wait.ns);
}

static int on_item(void *ctx, const struct ring_item *item)
{
	struct consume *run = ctx;

	if (run->out_error < 0)
		return run->out_error; /* of a loss before it */
	if (run->call->json)
		run->out_error = item_doc_write(&run->out, item);
	else
		run->out_error = frame_write(&run->out, run->framing,
					     item->data, item->data_bytes);
	run->batch_items++;
	run->batch_bytes += item->data_bytes;
	return run->out_error;
}

/*
 * Told each time that reading passes over it; said once, and with --json in its
 * place among the items. That a repair left out a stretch which held no item
 * is no loss.
 */
static void on_lost(void *ctx, const struct ring_loss *loss)
{
	struct consume *run = ctx;

	if (loss->next <= run->lost_until)
		return;
	run->lost_until = loss->next;
	if (loss->items == 0 && loss->is_repaired)
		return;
	run->lost_some = true;
	if (run->call->json)
		run->out_error = loss_doc_write(&run->out, loss);
	progress_clear(&run->progress);
	report_loss(run->call->path, loss);
}

/*
 * Items delivered on sight may still lack what proves them durable; a producer
 * that lives gives it soon.
 */
static int advance(struct consume *run, uint64_t position)
{
	const struct deadline proof =
		deadline_after((uint64_t)PROOF_MS * 1000000);
	struct pollfd stop = { .fd = run->stop_fd, .events = POLLIN };
	int rc;

	for (;;) {
		rc = ring_consumer_advance(run->c, position, NULL);
		if (rc != -RING_ERR_EMPTY)
			return rc;
		if (deadline_passed(&proof))
			return -RING_ERR_TIMEOUT;
		if (poll(&stop, 1, PROOF_SLICE_MS) > 0)
			return -ECANCELED;
	}
}

/* Write a batch out, then make it consumed. */
static int deliver(struct consume *run, uint64_t position)
{
	int rc;

	run->out_error = output_flush(&run->out, run->stop_fd);
	if (run->out_error < 0)
		return run->out_error;
	if (!run->peek) {
		rc = advance(run, position);
		if (rc < 0)
			return rc;
	}
	run->position = position;
	run->items += run->batch_items;
	run->bytes += run->batch_bytes;
	progress_tick(&run->progress, run->items, run->bytes);
	return 0;
}

static int consume_batch(struct consume *run)
{
	struct ring_fold_limits limits = {
		.items = BATCH_ITEMS,
		.bytes = BATCH_BYTES,
	};
	uint64_t position;
	int rc;

	if (run->count != 0 && run->count - run->items < limits.items)
		limits.items = run->count - run->items;
	run->batch_items = 0;
	run->batch_bytes = 0;
	rc = ring_consumer_fold(run->c, run->position, &limits, on_item, run,
				&position);
	if (rc == -RING_ERR_EMPTY && run->lost_until > run->position) {
		/* A loss with no item behind it is told, and done with. */
		const int told = deliver(run, run->lost_until);

		return told < 0 ? told : rc;
	}
	return rc < 0 ? rc : deliver(run, position);
}

/* 0: look again. TIMEOUT; -ECANCELED: told to stop; what the ring says. */
static int wait_for_item(struct consume *run)
{
	int rc = -RING_ERR_TIMEOUT;

	while (rc == -RING_ERR_TIMEOUT) {
		if (stop_requested(run->stop_fd))
			return -ECANCELED;
		if (deadline_passed(&run->idle))
			return rc;
		rc = ring_consumer_wait(run->c,
					deadline_left_ms(&run->idle, SLICE_MS));
	}
	return rc;
}

/* Whether what was there is all that was asked for. */
static bool took_what_is_there(const struct consume *run)
{
	return run->count == 0 && !run->follow && run->items > 0;
}

static int consume_all(struct consume *run)
{
	int rc = 0;

	restart_idle(run);
	while (rc == 0 && (run->count == 0 || run->items < run->count)) {
		rc = consume_batch(run);
		if (rc == 0)
			restart_idle(run);
		else if (rc == -RING_ERR_EMPTY && took_what_is_there(run))
			return 0;
		else if (rc == -RING_ERR_EMPTY)
			rc = wait_for_item(run);
		if (rc == 0 && stop_requested(run->stop_fd))
			rc = -ECANCELED;
	}
	return rc;
}

/* Nothing came any more, or a signal: for --follow that is the end. */
static int report_end(struct consume *run, int rc)
{
	const char *why = rc == -RING_ERR_TIMEOUT ? "no item yet" : "stopped";

	if (run->follow && run->count == 0)
		return EXIT_OK;
	if (rc == -RING_ERR_TIMEOUT)
		rc = -RING_ERR_EMPTY;
	if (run->count == 0)
		report_text(run->call, rc, "'%s': %s", run->call->path, why);
	else
		report_text(run->call, rc,
			    "'%s': %s; %" PRIu64 " of %" PRIu64 " items taken",
			    run->call->path, why, run->items, run->count);
	return EXIT_RETRY;
}

static int report_rest(struct consume *run, int rc)
{
	if (rc == 0 ||
	    (rc == -ECANCELED && run->items == run->count && run->count != 0))
		return EXIT_OK;
	if (rc == -ECANCELED || rc == -RING_ERR_TIMEOUT)
		return report_end(run, rc);
	if (run->out_error < 0) {
		report_note("cannot write to standard output: %s",
			    ring_strerror(run->out_error));
		return EXIT_ERROR;
	}
	return report_code(run->call, rc);
}

/* That something was lost weighs more than that there is no more. */
static int report_result(struct consume *run, int rc)
{
	rc = report_rest(run, rc);
	return run->lost_some && (rc == EXIT_OK || rc == EXIT_RETRY)
		       ? EXIT_DAMAGE
		       : rc;
}

static int run_consumer(struct consume *run)
{
	int rc;

	run->stop_fd = stop_open();
	if (run->stop_fd < 0)
		return report_code(run->call, run->stop_fd);
	run->call->ring.heartbeat_thread = true;
	run->call->ring.lost = on_lost;
	run->call->ring.lost_ctx = run;
	rc = ring_consumer_attach(run->call->path, run->consumer,
				  &run->call->ring, &run->c, NULL);
	if (rc < 0)
		return report_code(run->call, rc);
	output_init(&run->out, STDOUT_FILENO);
	progress_init(&run->progress, "consumed");
	/* Items on the same terminal would be overwritten. */
	if (isatty(STDOUT_FILENO))
		run->progress.enabled = false;
	rc = consume_all(run);
	progress_clear(&run->progress);
	rc = report_result(run, rc);
	ring_consumer_free(run->c);
	output_release(&run->out);
	return rc;
}

int cmd_consume(struct call *call)
{
	struct consume run = { .call = call };
	const struct option_spec specs[] = {
		option_consumer(&run.consumer),
		{ "framing", "HOW", "lines (default), nul, length or none",
		  framing_option_out, &run.framing },
		{ "count", "N", "take N items", option_count, &run.count },
		{ "follow", NULL, "go on when there is no item", NULL,
		  &run.follow },
		{ "peek", NULL, "leave the position as it is", NULL,
		  &run.peek },
		option_for_wait(
			&run.wait,
			"for the next item (0; with --follow, for ever)"),
		option_on_damage(call),
		option_deliver(call),
		option_durability(call),
		option_takeover(call),
		{ 0 },
	};
	int rc;

	call->stream = true;
	rc = options_parse(call, specs);
	return rc == OPTIONS_RUN ? run_consumer(&run) : rc;
}
