#ifndef TOOLS_RINGGEN_REPORT_H
#define TOOLS_RINGGEN_REPORT_H

#include "tools/meter.h"
#include "tools/progress.h"
#include "tools/ringgen_options.h"

/* What ringgen says: all of it on stderr, but for the document of --json. */

/* A wrong command line. Returns the exit code. */
int ringgen_usage(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* Something failed. Returns the exit code. */
int ringgen_error(const struct ringgen_options *o, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Something that is not as it should be, and goes on. */
void ringgen_warn(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* Something worth knowing. */
void ringgen_note(const struct ringgen_options *o, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* How it goes, while it does. */
struct ringgen_display {
	const struct ringgen_options *o;
	struct meter meter;
	struct progress progress;
	uint64_t start_ns;
	uint64_t told_values; /* by the last line of rates */
};

void ringgen_display_init(struct ringgen_display *d,
			  const struct ringgen_options *o, uint64_t now_ns);

/* When it wants to be called next. */
uint64_t ringgen_display_due_ns(const struct ringgen_display *d);

/* Show what is due. `why`: what is waited for, or NULL. */
void ringgen_display_tick(struct ringgen_display *d, uint64_t now_ns,
			  const struct gen_pump_stats *stats, const char *why);

/* It is over: the document of --json. An exit code. */
int ringgen_display_end(struct ringgen_display *d, uint64_t now_ns,
			const struct gen_pump_stats *stats);

#endif
