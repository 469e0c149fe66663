#include "tests/bench/gen_speed.h"

#include "tests/bench/bench.h"
#include "tests/bench/hand_row.h"
#include "tools/measure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- time ---------------------------------------------------------------- */

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

struct stopwatch {
	double clock_us, cpu_us;
};

static struct stopwatch stopwatch_start(void)
{
	return (struct stopwatch){ measure_now_us(), cpu_us() };
}

static bool is_over(const struct stopwatch *w, double budget_us)
{
	return measure_now_us() - w->clock_us >= budget_us;
}

static double rate_of(const struct stopwatch *w, double done, bool is_by_clock)
{
	const double us = is_by_clock ? measure_now_us() - w->clock_us
				      : cpu_us() - w->cpu_us;

	return done / us * 1e6;
}

/* ---- a generator --------------------------------------------------------- */

static int make_schema(const struct gen_speed *how, struct gen_schema **ret)
{
	struct gen_error error = { 0 };
	int rc =
		gen_schema_parse(how->schema, strlen(how->schema), &error, ret);

	if (rc < 0) {
		bench_error("'%s': %s", how->schema, error.text);
		return rc;
	}
	for (size_t i = 0; how->words != NULL && how->words[i] != NULL; i++) {
		rc = gen_schema_field(*ret, how->words[i], &error);
		if (rc < 0) {
			bench_error("'%s': %s", how->words[i], error.text);
			gen_schema_free(*ret);
			return rc;
		}
	}
	return 0;
}

struct speed {
	const struct gen_speed *how;
	struct gen_schema *schema;
	struct generator *g;
};

static void speed_close(void *state)
{
	struct speed *s = state;

	gen_free(s->g);
	gen_schema_free(s->schema);
	free(s);
}

static int speed_open(const struct contestant *c, const char *dir,
		      void **ret_state)
{
	struct speed *s = calloc(1, sizeof(*s));
	struct gen_error error = { 0 };
	int rc;

	(void)dir;
	if (s == NULL)
		return -ENOMEM;
	s->how = c->how;
	rc = make_schema(s->how, &s->schema);
	if (rc < 0) {
		free(s);
		return rc;
	}
	rc = gen_create(s->schema, &s->how->options, &error, &s->g);
	if (rc < 0)
		bench_error("%s: %s", c->name, error.text);
	if (rc == 0 && gen_engine_note(s->g) != NULL) {
		bench_error("%s: skipped: %s", c->name, gen_engine_note(s->g));
		rc = CONTEST_SKIPPED;
	}
	if (rc == 0)
		*ret_state = s;
	else
		speed_close(s);
	return rc;
}

static int speed_slice(void *state, double budget_us, double *ret_values)
{
	const struct gen_demand demand = { .values = UINT64_MAX };
	struct speed *s = state;
	const struct stopwatch watch = stopwatch_start();
	double done = 0;

	do {
		struct gen_batch batch;
		const int rc = gen_next(s->g, &demand, &batch);

		if (rc < 0) {
			bench_error("gen: %s", strerror(-rc));
			return rc;
		}
		done += (double)(s->how->counts_bytes ? batch.len_bytes
						      : batch.values);
	} while (!is_over(&watch, budget_us));
	ret_values[0] = rate_of(&watch, done, s->how->is_by_clock);
	return 0;
}

const struct contestant_ops gen_speed = {
	.open = speed_open,
	.slice = speed_slice,
	.close = speed_close,
};

/* ---- by hand ------------------------------------------------------------- */

enum {
	SEED = 1,
	BLOCKS = 4, /* at a time: as many bytes as a generator's buffer has */
	ROWS = BLOCKS * 1024,
};

struct hand {
	uint64_t block;
	uint8_t bytes[(ROWS + 1) * HAND_ROW_BYTES];
};

/* The first rows are what a generator makes. */
static int compare(struct hand *h, struct generator *g)
{
	const size_t len = hand_rows(SEED, 0, BLOCKS, h->bytes);
	size_t at = 0;

	for (uint64_t n = 0; n < ROWS;) {
		const struct gen_demand demand = { .values = ROWS - n };
		struct gen_batch batch;
		const int rc = gen_next(g, &demand, &batch);

		if (rc < 0)
			return rc;
		if (batch.len_bytes > len - at ||
		    memcmp(batch.bytes, h->bytes + at, batch.len_bytes) != 0)
			return -EILSEQ;
		at += batch.len_bytes;
		n += batch.values;
	}
	return at == len ? 0 : -EILSEQ;
}

static int check_hand(struct hand *h)
{
	static const struct gen_speed how = {
		.schema = HAND_ROW_SCHEMA,
		.words = hand_row_words,
		.options = { .encoding = "row-binary", .seed = SEED },
	};
	struct gen_schema *schema;
	struct generator *g;
	int rc = make_schema(&how, &schema);

	if (rc < 0)
		return rc;
	rc = gen_create(schema, &how.options, NULL, &g);
	if (rc == 0)
		rc = compare(h, g);
	if (rc < 0)
		bench_error("hand: not what a generator makes: %s",
			    strerror(-rc));
	else
		gen_free(g);
	gen_schema_free(schema);
	return rc;
}

static int hand_open(const struct contestant *c, const char *dir,
		     void **ret_state)
{
	struct hand *h = calloc(1, sizeof(*h));
	int rc;

	(void)c;
	(void)dir;
	if (h == NULL)
		return -ENOMEM;
	rc = check_hand(h);
	if (rc < 0)
		free(h);
	else
		*ret_state = h;
	return rc;
}

static int hand_slice(void *state, double budget_us, double *ret_values)
{
	struct hand *h = state;
	const struct stopwatch watch = stopwatch_start();
	double rows = 0;

	do {
		hand_rows(SEED, h->block, BLOCKS, h->bytes);
		/* Somebody might look at the bytes. */
		__asm__ volatile("" : : "r"(h->bytes) : "memory");
		h->block += BLOCKS;
		rows += ROWS;
	} while (!is_over(&watch, budget_us));
	ret_values[0] = rate_of(&watch, rows, false);
	return 0;
}

const struct contestant_ops hand_speed = {
	.open = hand_open,
	.slice = hand_slice,
	.close = free,
};
