#include "tools/cmd.h"
#include "tools/deadline.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/sample.h"
#include "tools/stop.h"
#include "tools/watch_view.h"

#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_DEFAULT = 80, INTERVAL_NS = 1000000000 };

struct watch {
	struct call *call;
	struct option_wait interval;
	uint64_t count; /* of updates; 0: for ever */
	int stop_fd;
	bool screen; /* stdout is a terminal */
	struct sample before;
	struct sample now;
};

static size_t terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return COLUMNS_DEFAULT;
	return size.ws_col;
}

static int show(struct watch *w)
{
	int rc = EXIT_OK;

	if (w->call->json)
		rc = watch_view_json(&w->before, &w->now);
	else if (w->screen)
		watch_view_screen(w->call, &w->before, &w->now,
				  terminal_columns());
	else
		watch_view_line(&w->before, &w->now);
	fflush(stdout);
	return rc;
}

/* Sleep for an interval. True: stop instead. */
static bool sleep_interval(const struct watch *w)
{
	struct pollfd look = { .fd = w->stop_fd, .events = POLLIN };
	struct deadline deadline = deadline_after(w->interval.ns);
	int left_ms;

	while ((left_ms = deadline_left_ms(&deadline, -1)) > 0)
		if (poll(&look, 1, left_ms) > 0)
			return true;
	return stop_requested(w->stop_fd);
}

/* *ret_code: what the ring says, if that is how it ended. */
static int watch_loop(struct watch *w, int *ret_code)
{
	for (uint64_t done = 0; w->count == 0 || done < w->count; done++) {
		int rc;

		if (done > 0 && sleep_interval(w))
			return EXIT_OK;
		w->before = w->now;
		rc = ring_info(w->call->path, &w->call->ring, &w->now.info);
		if (rc < 0) {
			*ret_code = rc;
			return EXIT_ERROR;
		}
		w->now.at_ns = deadline_now_ns();
		rc = show(w);
		/* That stdout failed is told at the end, for every command. */
		if (rc != EXIT_OK || ferror(stdout))
			return rc;
	}
	return EXIT_OK;
}

static int run(struct watch *w)
{
	int code = 0, rc;

	w->screen = isatty(STDOUT_FILENO) && !w->call->json;
	w->stop_fd = stop_open();
	if (w->stop_fd < 0)
		return report_code(w->call, w->stop_fd);
	/* The other screen, without a cursor: so that all is as before after
	 * it. */
	if (w->screen)
		printf("\033[?1049h\033[?25l");
	rc = watch_loop(w, &code);
	if (w->screen)
		printf("\033[?25h\033[?1049l");
	return code < 0 ? report_code(w->call, code) : rc;
}

int cmd_watch(struct call *call)
{
	struct watch w = { .call = call, .interval = { .ns = INTERVAL_NS } };
	const struct option_spec specs[] = {
		{ "interval", "S", "between updates (default: 1)",
		  option_seconds, &w.interval },
		{ "count", "N", "stop after N updates", option_count,
		  &w.count },
		{ 0 },
	};
	int rc;

	call->stream = true;
	rc = options_parse(call, specs);
	return rc == OPTIONS_RUN ? run(&w) : rc;
}
