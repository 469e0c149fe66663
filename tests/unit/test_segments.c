/*
 * Goal: which epoch's records are valid where, FORMAT.md 4.3.
 * Method: tables for one layout; turns by hand, up to a full table; then
 * random turns against a model that forgets nothing.
 */
#include "ring/ring_error.h"
#include "ring/segments.h"
#include "tests/lib/draw.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Two take-overs, the second while nothing was written; then attaches. */
static const struct segments sample = {
	.count = 4,
	.list = { { 1000, 2000, 1, 3 },
		  { 3000, 3000, 4, 4 },
		  { 4000, 5000, 5, 6 },
		  { 5000, 0, 8, 10 } },
	.epoch_start = 6000,
};

/* ---- which epochs are allowed ------------------------------------------- */

struct allow_case {
	const char *name;
	uint64_t position;
	uint64_t first, last; /* allowed are these, of 0 to 12; 1, 0: none */
};

static const struct allow_case allow_cases[] = {
	{ "nowhere", 0, 1, 0 },
	{ "before the first", 992, 1, 0 },
	{ "first position", 1000, 1, 3 },
	{ "last of the first segment", 1992, 1, 3 },
	{ "start of the gap", 2000, 1, 0 },
	{ "end of the gap", 2992, 1, 0 },
	{ "empty segment", 3000, 1, 0 },
	{ "second gap", 3008, 1, 0 },
	{ "after the gaps", 4000, 5, 6 },
	{ "before a change without a gap", 4992, 5, 6 },
	{ "at the change", 5000, 8, 9 },
	{ "before the last epoch", 5992, 8, 9 },
	{ "start of the last epoch", 6000, 10, 10 },
	{ "far on", UINT64_C(1) << 62, 10, 10 },
};

static void test_allow(void **state)
{
	const struct allow_case *row = *state;

	for (uint64_t epoch = 0; epoch <= 12; epoch++)
		assert_int_equal(segments_allow(&sample, row->position, epoch),
				 epoch >= row->first && epoch <= row->last);
}

struct gap_case {
	const char *name;
	uint64_t position, expected;
};

static const struct gap_case gap_cases[] = {
	{ "in a segment", 1000, 1000 },
	{ "last of a segment", 1992, 1992 },
	{ "at an end, across two gaps", 2000, 4000 },
	{ "in the first of two gaps", 2504, 4000 },
	{ "in the empty segment between", 3000, 4000 },
	{ "in the second gap", 3504, 4000 },
	{ "at a start", 4000, 4000 },
	{ "where there is no gap", 5000, 5000 },
	{ "in the open segment", 9000, 9000 },
};

static void test_skip_gap(void **state)
{
	const struct gap_case *row = *state;

	assert_int_equal(segments_skip_gap(&sample, row->position),
			 row->expected);
}

/* ---- which lists are in order ------------------------------------------- */

struct valid_case {
	const char *name;
	bool expected;
	unsigned count;
	unsigned at; /* the segment that is changed */
	struct segment change;
	uint64_t epoch_start;
};

static const struct valid_case valid_cases[] = {
	{ "the sample", true, 4, 0, { 1000, 2000, 1, 3 }, 6000 },
	{ "none", false, 0, 0, { 1000, 2000, 1, 3 }, 6000 },
	{ "last is closed", false, 3, 0, { 1000, 2000, 1, 3 }, 6000 },
	{ "more than there is room for",
	  false,
	  25,
	  0,
	  { 1000, 2000, 1, 3 },
	  6000 },
	{ "one is enough", true, 1, 0, { 1000, 0, 1, 3 }, 6000 },
	{ "starts nowhere", false, 4, 0, { 0, 2000, 1, 3 }, 6000 },
	{ "starts between records", false, 4, 0, { 1004, 2000, 1, 3 }, 6000 },
	{ "ends between records", false, 4, 0, { 1000, 2004, 1, 3 }, 6000 },
	{ "ends before it starts", false, 4, 0, { 1000, 992, 1, 3 }, 6000 },
	{ "first is open", false, 4, 0, { 1000, 0, 1, 3 }, 6000 },
	{ "overlaps the next", false, 4, 0, { 1000, 3008, 1, 3 }, 6000 },
	{ "touches the next", true, 4, 0, { 1000, 3000, 1, 3 }, 6000 },
	{ "epochs go back", false, 4, 0, { 1000, 2000, 3, 2 }, 6000 },
	{ "shares an epoch", false, 4, 0, { 1000, 2000, 1, 4 }, 6000 },
	{ "out of order", false, 4, 2, { 2000, 5000, 5, 6 }, 6000 },
	{ "last has an end", false, 4, 3, { 5000, 7000, 8, 10 }, 6000 },
	{ "epoch starts with the last", true, 4, 3, { 5000, 0, 8, 10 }, 5000 },
	{ "epoch starts before the last",
	  false,
	  4,
	  3,
	  { 5000, 0, 8, 10 },
	  4992 },
};

static void test_valid(void **state)
{
	const struct valid_case *row = *state;
	struct segments s = sample;

	s.count = row->count;
	s.list[row->at] = row->change;
	s.epoch_start = row->epoch_start;
	assert_int_equal(segments_are_valid(&s), row->expected);
}

/* ---- turns -------------------------------------------------------------- */

static void assert_segment(const struct segments *s, unsigned i,
			   struct segment expected)
{
	assert_true(i < s->count);
	assert_int_equal(s->list[i].start, expected.start);
	assert_int_equal(s->list[i].end, expected.end);
	assert_int_equal(s->list[i].first_epoch, expected.first_epoch);
	assert_int_equal(s->list[i].last_epoch, expected.last_epoch);
}

static void begin(struct segments *s, struct segments_turn turn)
{
	assert_int_equal(segments_begin(s, &turn), 0);
	assert_true(segments_are_valid(s));
	assert_true(segments_allow(s, turn.start, turn.epoch));
	assert_int_equal(s->epoch_start, turn.start);
}

static void test_init(void **state)
{
	struct segments s;

	(void)state;
	memset(&s, 0xee, sizeof(s));
	segments_init(&s, 7, 800);
	assert_true(segments_are_valid(&s));
	assert_int_equal(s.count, 1);
	assert_segment(&s, 0, (struct segment){ 800, 0, 7, 7 });
	assert_int_equal(s.epoch_start, 800);
}

static void test_begin_without_gap(void **state)
{
	struct segments s;

	(void)state;
	segments_init(&s, 1, 800);
	begin(&s, (struct segments_turn){ 2, 912, 912, 800 });
	assert_int_equal(s.count, 2);
	assert_segment(&s, 0, (struct segment){ 800, 912, 1, 1 });
	assert_segment(&s, 1, (struct segment){ 912, 0, 2, 2 });
	assert_false(segments_allow(&s, 912, 1));
	assert_false(segments_allow(&s, 896, 2));
}

static void test_begin_with_gap(void **state)
{
	struct segments s;

	(void)state;
	segments_init(&s, 1, 800);
	begin(&s, (struct segments_turn){ 3, 912, 1600, 800 });
	assert_int_equal(s.count, 2);
	assert_segment(&s, 0, (struct segment){ 800, 912, 1, 1 });
	assert_segment(&s, 1, (struct segment){ 1600, 0, 3, 3 });
	/* Late writes of the former owner are no records. */
	assert_false(segments_allow(&s, 912, 1));
	assert_false(segments_allow(&s, 1600, 1));
	assert_int_equal(segments_skip_gap(&s, 912), 1600);
}

static void test_begin_after_nothing(void **state)
{
	struct segments s;

	/* An epoch that wrote nothing leaves no segment. */
	(void)state;
	segments_init(&s, 1, 800);
	begin(&s, (struct segments_turn){ 2, 800, 800, 800 });
	assert_int_equal(s.count, 1);
	assert_false(segments_allow(&s, 800, 1));
	begin(&s, (struct segments_turn){ 5, 912, 912, 800 });
	begin(&s, (struct segments_turn){ 6, 912, 912, 800 });
	assert_int_equal(s.count, 2);
	assert_false(segments_allow(&s, 912, 5));
	assert_true(segments_allow(&s, 896, 2));
}

static void test_take_overs_in_a_row(void **state)
{
	struct segments s;

	/* Nothing is written between; a reader at 912 goes on at 3000. */
	(void)state;
	segments_init(&s, 1, 800);
	begin(&s, (struct segments_turn){ 2, 912, 1600, 800 });
	begin(&s, (struct segments_turn){ 3, 1600, 2304, 800 });
	begin(&s, (struct segments_turn){ 4, 2304, 3000, 800 });
	assert_int_equal(segments_skip_gap(&s, 912), 3000);
	assert_int_equal(segments_skip_gap(&s, 1600), 3000);
	assert_true(segments_allow(&s, 896, 1));
	assert_false(segments_allow(&s, 1600, 2));
	assert_false(segments_allow(&s, 2304, 3));
}

static void test_consumed_segments_go(void **state)
{
	struct segments s;

	(void)state;
	segments_init(&s, 1, 800);
	begin(&s, (struct segments_turn){ 2, 912, 1600, 800 });
	/* Someone stands at the end of the first: the gap is still news. */
	begin(&s, (struct segments_turn){ 3, 1704, 1704, 912 });
	assert_int_equal(s.count, 3);
	assert_int_equal(segments_skip_gap(&s, 912), 1600);
	/* Still in the gap. */
	begin(&s, (struct segments_turn){ 4, 1800, 1800, 1592 });
	assert_int_equal(s.count, 4);
	assert_int_equal(segments_skip_gap(&s, 1592), 1600);
	/* All are past it. */
	begin(&s, (struct segments_turn){ 5, 1904, 1904, 1600 });
	assert_int_equal(s.count, 4);
	assert_segment(&s, 0, (struct segment){ 1600, 1704, 2, 2 });
	/* And past everything but the open one. */
	begin(&s, (struct segments_turn){ 6, 2000, 2000, 2000 });
	assert_int_equal(s.count, 2);
	assert_segment(&s, 0, (struct segment){ 1904, 2000, 5, 5 });
}

/* ---- a full table ------------------------------------------------------- */

/* 24 segments of 80 bytes, epochs 1 to 24; a gap of 40 before some. */
static void fill(struct segments *s, bool (*has_gap)(unsigned i))
{
	uint64_t end = 1000;

	segments_init(s, 1, end);
	for (unsigned i = 1; i < SEGMENTS_MAX; i++) {
		end += 80;
		begin(s, (struct segments_turn){ .epoch = i + 1,
						 .end = end,
						 .start = has_gap(i) ? end + 40
								     : end,
						 .tail = 1000 });
		end = s->epoch_start;
	}
	assert_int_equal(s->count, SEGMENTS_MAX);
}

static bool never(unsigned i)
{
	(void)i;
	return false;
}

static bool always(unsigned i)
{
	(void)i;
	return true;
}

static bool but_third(unsigned i)
{
	return i != 3;
}

static void test_merge_oldest(void **state)
{
	struct segments s;

	(void)state;
	fill(&s, never);
	begin(&s, (struct segments_turn){ 30, 2920, 4000, 1000 });
	assert_int_equal(s.count, SEGMENTS_MAX);
	assert_segment(&s, 0, (struct segment){ 1000, 1160, 1, 2 });
	assert_segment(&s, 1, (struct segment){ 1160, 1240, 3, 3 });
	assert_segment(&s, 22, (struct segment){ 2840, 2920, 24, 24 });
	assert_segment(&s, 23, (struct segment){ 4000, 0, 30, 30 });
}

static void test_merge_the_pair_without_a_gap(void **state)
{
	struct segments s, before;

	(void)state;
	fill(&s, but_third);
	before = s;
	begin(&s, (struct segments_turn){ 30, 5000, 6000, 1000 });
	assert_int_equal(s.count, SEGMENTS_MAX);
	assert_segment(&s, 1, before.list[1]);
	assert_segment(&s, 2,
		       (struct segment){ before.list[2].start,
					 before.list[3].end, 3, 4 });
	assert_segment(&s, 3, before.list[4]);
}

static void test_too_many_take_overs(void **state)
{
	struct segments s, before;
	struct segments_turn turn = { 30, 5000, 6000, 1000 };

	(void)state;
	fill(&s, always);
	before = s;
	assert_int_equal(segments_begin(&s, &turn), -RING_ERR_TAKEOVERS);
	assert_memory_equal(&s, &before, sizeof(s));
	/* An attach without a gap finds room: the open one takes it in. */
	turn.start = turn.end;
	begin(&s, turn);
	assert_int_equal(s.count, SEGMENTS_MAX);
	assert_true(segments_allow(&s, 4992, 24));
	assert_false(segments_allow(&s, 4992, 30));
	assert_false(segments_allow(&s, 5000, 24));
	assert_int_equal(segments_skip_gap(&s, 1080), 1120);
	/* So does a take-over when the consumers have caught up. */
	turn = (struct segments_turn){ 31, 5104, 6000, 1120 };
	begin(&s, turn);
	assert_int_equal(s.count, SEGMENTS_MAX);
}

/* ---- random turns against a model --------------------------------------- */

enum { TURNS = 400, ROUNDS = 100, PROBES = 40 };

struct model {
	unsigned count;
	struct segment writer[TURNS + 1]; /* one for each epoch */
	uint64_t end;                     /* of the ring */
	uint64_t tail;
};

/* Who wrote at a position; NULL: nobody. */
static const struct segment *writer_at(const struct model *m, uint64_t p)
{
	for (unsigned i = 0; i < m->count; i++)
		if (p >= m->writer[i].start && p < m->writer[i].end)
			return &m->writer[i];
	return NULL;
}

/* Where the stream goes on for one who stands at p. */
static uint64_t next_written(const struct model *m, uint64_t p)
{
	uint64_t best = m->writer[m->count - 1].start;

	if (writer_at(m, p) != NULL || p >= best)
		return p;
	for (unsigned i = m->count; i-- > 0;) {
		const struct segment *w = &m->writer[i];

		if (w->start >= p && w->end > w->start)
			best = w->start;
	}
	return best;
}

static void probe(const struct model *m, const struct segments *s,
		  struct draw *d)
{
	const uint64_t p =
		m->tail + 8 * draw_below(d, (m->end - m->tail) / 8 + 3);
	const struct segment *w = writer_at(m, p);
	const uint64_t newest = m->count;

	assert_int_equal(segments_skip_gap(s, p), next_written(m, p));
	assert_false(segments_allow(s, p, newest + 1));
	if (w != NULL)
		assert_true(segments_allow(s, p, w->first_epoch));
	else if (p < s->epoch_start)
		for (uint64_t e = 1; e <= newest; e++)
			assert_false(segments_allow(s, p, e));
	if (p >= s->epoch_start)
		for (uint64_t e = 1; e < newest; e++)
			assert_false(segments_allow(s, p, e));
	else
		assert_false(segments_allow(s, p, newest));
}

static void write_some(struct model *m, struct draw *d)
{
	m->end += 8 * draw_below(d, 3) * draw_below(d, 20);
	m->writer[m->count - 1].end = m->end;
	if (draw_below(d, 4) == 0)
		m->tail += 8 * draw_below(d, (m->end - m->tail) / 8 + 1);
}

static void take_turn(struct model *m, struct segments *s, struct draw *d)
{
	const uint64_t gap =
		draw_below(d, 3) == 0 ? 8 * (1 + draw_below(d, 9)) : 0;
	struct segments_turn turn = { .epoch = m->count + 1,
				      .end = m->end,
				      .start = m->end + gap,
				      .tail = m->tail };
	const struct segments before = *s;
	int rc = segments_begin(s, &turn);

	if (rc == -RING_ERR_TAKEOVERS) {
		assert_true(gap > 0);
		assert_memory_equal(s, &before, sizeof(before));
		turn.start = turn.end;
		rc = segments_begin(s, &turn);
	}
	assert_int_equal(rc, 0);
	m->end = turn.start;
	m->writer[m->count++] = (struct segment){ turn.start, turn.start,
						  turn.epoch, turn.epoch };
}

static void test_random_turns(void **state)
{
	struct draw d = draw_begin(__func__);

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct model m = { .count = 1,
				   .writer = { { 800, 800, 1, 1 } },
				   .end = 800,
				   .tail = 800 };
		struct segments s;

		segments_init(&s, 1, 800);
		while (m.count < TURNS) {
			write_some(&m, &d);
			take_turn(&m, &s, &d);
			assert_true(segments_are_valid(&s));
			for (unsigned i = 0; i < PROBES; i++)
				probe(&m, &s, &d);
		}
	}
}

int main(void)
{
	const struct rows tables[] = {
		{ "allowed epochs", test_allow, allow_cases,
		  sizeof(allow_cases), sizeof(allow_cases[0]) },
		{ "gaps", test_skip_gap, gap_cases, sizeof(gap_cases),
		  sizeof(gap_cases[0]) },
		{ "valid lists", test_valid, valid_cases, sizeof(valid_cases),
		  sizeof(valid_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init),
		cmocka_unit_test(test_begin_without_gap),
		cmocka_unit_test(test_begin_with_gap),
		cmocka_unit_test(test_begin_after_nothing),
		cmocka_unit_test(test_take_overs_in_a_row),
		cmocka_unit_test(test_consumed_segments_go),
		cmocka_unit_test(test_merge_oldest),
		cmocka_unit_test(test_merge_the_pair_without_a_gap),
		cmocka_unit_test(test_too_many_take_overs),
		cmocka_unit_test(test_random_turns),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests_name("segments", tests, NULL, NULL);
}
