/*
 * Goal: the lines of rates come every ten seconds and say the reason of a wait
 * when nothing was taken since the last one, and only then.
 * Method: the test's clock; what is printed is caught in a file.
 */
#include "tools/ringgen_report.h"

#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { TICKS = 4, TEXT_BYTES = 1024 };

static const uint64_t tick_ns = UINT64_C(10000000000);

struct tick {
	uint64_t values; /* by then */
	bool is_full;
};

struct rates_case {
	const char *name;
	bool quiet;
	struct tick ticks[TICKS]; /* every ten seconds */
	const char *text;
};

static const struct rates_case rates_cases[] = {
	{ "steady",
	  false,
	  { { 10, false }, { 20, false } },
	  "P: Rates: 10s: 1.00, 1min: -, 5min: -, global: 1.00\n"
	  "P: Rates: 10s: 1.00, 1min: -, 5min: -, global: 1.00\n" },
	{ "full now and then",
	  false,
	  { { 10, true }, { 20, true } },
	  "P: Rates: 10s: 1.00, 1min: -, 5min: -, global: 1.00\n"
	  "P: Rates: 10s: 1.00, 1min: -, 5min: -, global: 1.00\n" },
	{ "full from the start",
	  false,
	  { { 0, true } },
	  "P: Rates: 10s: 0.00, 1min: -, 5min: -, global: 0.00;"
	  " waiting: it is locked\n" },
	{ "full for a while",
	  false,
	  { { 10, false }, { 10, true }, { 10, true }, { 400, true } },
	  "P: Rates: 10s: 1.00, 1min: -, 5min: -, global: 1.00\n"
	  "P: Rates: 10s: 0.00, 1min: -, 5min: -, global: 0.50;"
	  " waiting: it is locked\n"
	  "P: Rates: 10s: 0.00, 1min: -, 5min: -, global: 0.33;"
	  " waiting: it is locked\n"
	  "P: Rates: 10s: 39.00, 1min: -, 5min: -, global: 10.00\n" },
	{ "nothing due",
	  false,
	  { { 10, false }, { 10, false } },
	  "P: Rates: 10s: 1.00, 1min: -, 5min: -, global: 1.00\n"
	  "P: Rates: 10s: 0.00, 1min: -, 5min: -, global: 0.50\n" },
	{ "quiet", true, { { 10, true }, { 10, true } }, "" },
};

/* Until release: what goes to stderr. */
struct caught {
	FILE *file;
	int stderr_fd;
};

static void caught_begin(struct caught *c)
{
	c->file = tmpfile();
	assert_non_null(c->file);
	c->stderr_fd = dup(STDERR_FILENO);
	assert_true(c->stderr_fd >= 0);
	assert_true(dup2(fileno(c->file), STDERR_FILENO) >= 0);
}

static void caught_end(struct caught *c, char text[TEXT_BYTES])
{
	size_t len;

	fflush(stderr);
	assert_true(dup2(c->stderr_fd, STDERR_FILENO) >= 0);
	close(c->stderr_fd);
	rewind(c->file);
	len = fread(text, 1, TEXT_BYTES - 1, c->file);
	text[len] = '\0';
	fclose(c->file);
}

static void test_rates(void **state)
{
	const struct rates_case *row = *state;
	const struct ringgen_options o = {
		.count = -1, .prefix = "P: ", .quiet = row->quiet
	};
	struct ringgen_display display;
	char text[TEXT_BYTES];
	struct caught caught;
	unsigned count = TICKS;

	while (count > 1 && row->ticks[count - 1].values == 0)
		count--;
	caught_begin(&caught);
	ringgen_display_init(&display, &o, tick_ns);
	for (unsigned i = 0; i < count; i++) {
		const struct tick *t = &row->ticks[i];
		const struct gen_pump_stats stats = { .values = t->values };
		const char *why = t->is_full ? "it is locked" : NULL;
		const uint64_t now_ns = (i + 2) * tick_ns;

		ringgen_display_tick(&display, now_ns - 1, &stats, why);
		ringgen_display_tick(&display, now_ns, &stats, why);
	}
	caught_end(&caught, text);
	assert_string_equal(text, row->text);
}

int main(void)
{
	const struct rows tables[] = {
		{ "rates", test_rates, rates_cases, sizeof(rates_cases),
		  sizeof(rates_cases[0]) },
	};

	return rows_run(tables, ARRAY_SIZE(tables));
}
