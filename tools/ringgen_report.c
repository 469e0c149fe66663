#include "tools/ringgen_report.h"

#include "tools/cmd.h"
#include "tools/doc.h"
#include "tools/human.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { TEXT_BYTES = 640, BAR_CELLS = 20, RATE_BYTES = 32 };

static void say(const char *format, va_list args)
{
	fputs("ringgen: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int ringgen_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	fputs("Try 'ringgen --help'.\n", stderr);
	return EXIT_USAGE;
}

int ringgen_error(const struct ringgen_options *o, const char *format, ...)
{
	char text[TEXT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "ringgen: %s\n", text);
	if (o->json)
		doc_print(json_pack("{s:{s:o}}", "error", "text",
				    doc_text(text)));
	return EXIT_ERROR;
}

void ringgen_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

void ringgen_note(const struct ringgen_options *o, const char *format, ...)
{
	va_list args;

	if (o->quiet)
		return;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

/* ---- while it goes ------------------------------------------------------ */

void ringgen_display_init(struct ringgen_display *d,
			  const struct ringgen_options *o, uint64_t now_ns)
{
	*d = (struct ringgen_display){ .o = o, .start_ns = now_ns };
	meter_init(&d->meter, now_ns);
	progress_init(&d->progress, "generated");
	if (o->quiet || o->count < 0)
		d->progress.enabled = false;
}

uint64_t ringgen_display_due_ns(const struct ringgen_display *d)
{
	const uint64_t meter_ns = meter_due_ns(&d->meter);

	if (!d->progress.enabled || d->progress.next_ns > meter_ns)
		return meter_ns;
	return d->progress.next_ns;
}

static const char *rate_text(char buf[RATE_BYTES], double rate)
{
	if (rate < 0)
		return "-";
	snprintf(buf, RATE_BYTES, rate < 100 ? "%.2f" : "%.0f", rate);
	return buf;
}

static void print_rates(const struct ringgen_display *d, const char *why)
{
	const struct meter_rates rates = meter_rates(&d->meter);
	char text[METER_WINDOWS + 1][RATE_BYTES];

	fprintf(stderr,
		"%sRates: 10s: %s, 1min: %s, 5min: %s, global: %s%s%s\n",
		d->o->prefix, rate_text(text[0], rates.windows[0]),
		rate_text(text[1], rates.windows[1]),
		rate_text(text[2], rates.windows[2]),
		rate_text(text[3], rates.global),
		why != NULL ? "; waiting: " : "", why != NULL ? why : "");
}

/* A bar, and the time that the rest takes if it goes on like this. */
static void show_progress(struct ringgen_display *d, uint64_t now_ns,
			  uint64_t values)
{
	const double done = (double)values / (double)d->o->count;
	const double spent_ns = (double)(now_ns - d->start_ns);
	char bar[BAR_CELLS + 1] = "", left[HUMAN_BYTES];

	if (values == 0 || !progress_due(&d->progress))
		return;
	for (int i = 0; i < BAR_CELLS; i++)
		bar[i] = i < done * BAR_CELLS ? '#' : '.';
	human_duration(left, (uint64_t)(spent_ns / done - spent_ns));
	fprintf(stderr,
		"\r[%s] %3.0f %%, %" PRIu64 " values, %.0f/s, %s left\033[K",
		bar, done * 100, values, (double)values / (spent_ns / 1e9),
		left);
}

void ringgen_display_tick(struct ringgen_display *d, uint64_t now_ns,
			  const struct gen_pump_stats *stats, const char *why)
{
	show_progress(d, now_ns, stats->values);
	if (now_ns < meter_due_ns(&d->meter))
		return;
	meter_sample(&d->meter, now_ns, stats->values);
	/* To wait now and then is no news. */
	if (stats->values != d->told_values)
		why = NULL;
	d->told_values = stats->values;
	if (d->o->quiet)
		return;
	progress_clear(&d->progress);
	print_rates(d, why);
}

int ringgen_display_end(struct ringgen_display *d, uint64_t now_ns,
			const struct gen_pump_stats *stats)
{
	const double seconds = (double)(now_ns - d->start_ns) / 1e9;

	if (!d->o->json)
		return EXIT_OK;
	return doc_print(json_pack(
		"{s:I, s:I, s:I, s:I, s:f}", "values",
		(json_int_t)stats->values, "bytes", (json_int_t)stats->bytes,
		"cuts", (json_int_t)stats->cuts, "seed",
		(json_int_t)d->o->gen.seed, "seconds", seconds));
}
