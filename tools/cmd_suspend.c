/* suspend and resume: as a consumer, or as the operator beside all of them. */
#include "tools/cmd.h"
#include "tools/deadline.h"
#include "tools/doc.h"
#include "tools/options.h"
#include "tools/report.h"

#include <limits.h>
#include <poll.h>

/* Between two looks for the acknowledgement. */
enum { POLL_MS = 20 };

struct ask {
	struct call *call;
	bool suspend; /* else resume */
	const char *consumer;
	struct option_wait wait;
	struct deadline deadline;
};

static void pause_a_little(void)
{
	poll(NULL, 0, POLL_MS);
}

/* 0 would mean: don't wait. */
static int timeout_ms(const struct ask *ask)
{
	int left_ms = deadline_left_ms(&ask->deadline, INT_MAX);

	if (!ask->wait.given)
		return 0;
	return left_ms > 0 ? left_ms : 1;
}

static int ask_as_operator(const struct ask *ask)
{
	const struct call *call = ask->call;
	int rc;

	for (;;) {
		rc = ask->suspend
			     ? ring_operator_suspend(
				       call->path, timeout_ms(ask), &call->ring)
			     : ring_operator_resume(call->path, timeout_ms(ask),
						    &call->ring);
		if (rc != -RING_ERR_UNACKED || deadline_passed(&ask->deadline))
			return rc;
		pause_a_little();
	}
}

static int request(const struct ask *ask, struct ring_consumer *c)
{
	int rc;

	for (;;) {
		rc = ask->suspend ? ring_consumer_suspend(c)
				  : ring_consumer_resume(c);
		if (rc != -RING_ERR_UNACKED || deadline_passed(&ask->deadline))
			return rc;
		pause_a_little();
	}
}

/* Looks, for wait() would return at once while there are items to read. */
static int await_answer(const struct ask *ask, struct ring_consumer *c)
{
	struct ring_consumer_state state;
	int rc;

	for (;;) {
		rc = ring_consumer_state(c, &state);
		if (rc < 0 || state.suspend_acked)
			return rc;
		if (deadline_passed(&ask->deadline))
			return -RING_ERR_TIMEOUT;
		pause_a_little();
	}
}

static int ask_as_consumer(const struct ask *ask)
{
	struct ring_consumer *c;
	int rc = ring_consumer_attach(ask->call->path, ask->consumer,
				      &ask->call->ring, &c, NULL);

	if (rc < 0)
		return rc;
	rc = request(ask, c);
	if (rc == 0 && ask->wait.given)
		rc = await_answer(ask, c);
	ring_consumer_free(c);
	return rc;
}

static int print_result(const struct ask *ask, int rc)
{
	const char *verb = ask->suspend ? "suspend" : "resume";

	if (rc == -RING_ERR_TIMEOUT)
		return report_text(ask->call, rc,
				   "'%s': %s is requested and not yet "
				   "acknowledged",
				   ask->call->path, verb);
	if (rc < 0)
		return report_code(ask->call, rc);
	if (!ask->call->json)
		return EXIT_OK;
	return doc_print(
		json_pack("{s:o, s:s, s:o}", "path", doc_text(ask->call->path),
			  "requested", verb, "acknowledged",
			  ask->wait.given ? json_true() : json_null()));
}

static int run(struct ask *ask)
{
	const struct option_spec specs[] = {
		{ "consumer", "NAME",
		  "ask as this consumer (default: as the operator)",
		  option_text, &ask->consumer },
		option_for_wait(&ask->wait,
				"wait as long for the producer's answer"),
		option_takeover(ask->call),
		{ 0 },
	};
	int rc = options_parse(ask->call, specs);

	if (rc != OPTIONS_RUN)
		return rc;
	ask->deadline = deadline_after(ask->wait.ns);
	rc = ask->consumer == NULL ? ask_as_operator(ask)
				   : ask_as_consumer(ask);
	return print_result(ask, rc);
}

int cmd_suspend(struct call *call)
{
	struct ask ask = { .call = call, .suspend = true };

	return run(&ask);
}

int cmd_resume(struct call *call)
{
	struct ask ask = { .call = call, .suspend = false };

	return run(&ask);
}
