/*
 * ringgen: random values of any type, encoded, at a rate, into a file, a pipe
 * or a ring. datasino's successor, and invoked by that name it takes its
 * environment variables.
 */
#include "tools/cmd.h"
#include "tools/deadline.h"
#include "tools/ringgen_report.h"
#include "tools/ringgen_setup.h"
#include "tools/standard_fds.h"
#include "tools/stop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum {
	NS_PER_S = 1000000000,
	/* A sleep ends so much too late, now and then: who is woken sooner
	 * than that waits awake. At 100 thousand values a second it is one
	 * percent of the window that has to be met. */
	SLEEP_LATE_NS = 100000,
	/* The slack that the kernel may add to a sleep; 0 means its default. */
	TIMER_SLACK_NS = 1,
};

struct run {
	struct ringgen_options o;
	struct ringgen_setup setup;
	struct ringgen_display display;
	int stop_fd;
	bool is_stopped;
	bool is_noted; /* that it waits, stopped */
};

/* ---- waiting ------------------------------------------------------------ */

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void wait_awake(uint64_t until_ns)
{
	while (deadline_now_ns() < until_ns)
		;
}

/* Sleep until then, or until one of the descriptors is ready. */
static void sleep_until(struct run *run, const struct gen_step *step,
			uint64_t ns)
{
	const struct timespec left = { .tv_sec = (time_t)(ns / NS_PER_S),
				       .tv_nsec = (long)(ns % NS_PER_S) };
	struct pollfd look[] = {
		{ .fd = step->fd, .events = step->events },
		{ .fd = run->stop_fd, .events = POLLIN },
	};

	/* What a signal interrupts is looked at again in any case. */
	(void)ppoll(look, 2, &left, NULL);
}

static void wait_for_step(struct run *run, const struct gen_step *step)
{
	const uint64_t now_ns = deadline_now_ns();
	uint64_t until_ns = step->until_ns;

	until_ns = sooner(until_ns, ringgen_display_due_ns(&run->display));
	if (until_ns <= now_ns)
		return;
	if (until_ns - now_ns < SLEEP_LATE_NS)
		wait_awake(until_ns);
	else
		sleep_until(run, step, until_ns - now_ns);
}

/* ---- the loop ----------------------------------------------------------- */

/* The first signal ends it in good order, however long the target takes for
 * what was made: nothing shall be lost. */
static void begin_to_stop(struct run *run)
{
	stop_forget(run->stop_fd);
	run->is_stopped = true;
	gen_pump_stop(run->setup.pump);
}

static int report_step(struct run *run, int rc, const struct gen_error *error)
{
	/* That nobody reads on is how most pipes end. */
	if (rc == -EPIPE && ringgen_to_stdout(&run->o))
		return EXIT_ERROR;
	return ringgen_error(&run->o, "%s", error->text);
}

/* The second signal, while the target takes no more. */
static int give_up(struct run *run)
{
	return ringgen_error(&run->o, "stopped twice, and the target takes no "
				      "more: the last values are lost");
}

/* What a step left to wait for: a full ring, a stalled reader, a lock. */
static void note_waiting(struct run *run, const struct gen_step *step,
			 const struct gen_error *why)
{
	if (run->is_stopped && !run->is_noted && step->is_full)
		ringgen_note(&run->o,
			     "stopping, as soon as the target takes what was "
			     "made; a second signal gives that up (%s)",
			     why->text);
	run->is_noted |= run->is_stopped && step->is_full;
}

static int pump_all(struct run *run)
{
	struct gen_pump_stats stats;
	struct gen_step step = { .fd = -1 };
	struct gen_error error;

	while (!step.is_done) {
		uint64_t now_ns = deadline_now_ns();
		int rc;

		if (!run->is_stopped && stop_requested(run->stop_fd))
			begin_to_stop(run);
		rc = gen_pump_step(run->setup.pump, now_ns, &step, &error);
		if (rc < 0)
			return report_step(run, rc, &error);
		gen_pump_stats(run->setup.pump, &stats);
		ringgen_display_tick(&run->display, now_ns, &stats,
				     step.is_full ? error.text : NULL);
		if (step.is_done || step.until_ns == 0)
			continue;
		if (run->is_stopped && stop_requested(run->stop_fd))
			return give_up(run);
		note_waiting(run, &step, &error);
		wait_for_step(run, &step);
	}
	return EXIT_OK;
}

static int run_pump(struct run *run)
{
	struct gen_pump_stats stats;
	int rc;

	ringgen_display_init(&run->display, &run->o, deadline_now_ns());
	rc = pump_all(run);
	progress_clear(&run->display.progress);
	gen_pump_stats(run->setup.pump, &stats);
	if (rc == EXIT_OK)
		rc = ringgen_display_end(&run->display, deadline_now_ns(),
					 &stats);
	return rc;
}

/* ---- around it ---------------------------------------------------------- */

static int run_generator(struct run *run)
{
	int rc;

	/* Before there are threads, so that none of them takes the signals. */
	run->stop_fd = stop_open();
	if (run->stop_fd < 0)
		return ringgen_error(&run->o, "cannot wait for signals: %s",
				     strerror(-run->stop_fd));
	prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
	rc = ringgen_setup_make(&run->setup, &run->o);
	if (rc == EXIT_OK)
		rc = run_pump(run);
	ringgen_setup_release(&run->setup);
	return rc;
}

/* A full disk shows only here: do not report success. */
static int flush_stdout(int rc)
{
	if (fflush(stdout) == 0)
		return rc;
	fprintf(stderr, "ringgen: cannot write to standard output: %s\n",
		strerror(errno));
	return rc == EXIT_OK ? EXIT_ERROR : rc;
}

int main(int argc, char **argv)
{
	struct run run = { .stop_fd = -1 };
	int rc;

	if (standard_fds_fill() < 0 || argc < 1)
		return EXIT_ERROR;
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("ringgen " BLKRING_VERSION);
		return flush_stdout(EXIT_OK);
	}
	rc = ringgen_options_read(&run.o, argc, argv);
	if (rc == RINGGEN_RUN)
		rc = run_generator(&run);
	return flush_stdout(rc);
}
