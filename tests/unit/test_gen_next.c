/*
 * Goal: the values of a generator, and their bytes, do not depend on how they
 * are asked for: not on the room, the number, whether ends are wanted, or where
 * gen_seek() begins. Nothing is written behind a room.
 * Method: all values of a type are made once, in memory of the generator's.
 * Other generators of the same seed are asked in each way for the same.
 */
#include "generator/generator.h"
#include "tests/lib/draw.h"
#include "tests/lib/gen_parsed.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum {
	VALUES = 3000, /* of more than two blocks */
	ROOM_MAX = 300,
	GUARD = 128, /* bytes behind a room */
};

struct next_case {
	const char *name, *schema, *encoding;
	unsigned threads;
};

static const struct next_case next_cases[] = {
	{ "a byte", "u8", "row-binary", 0 },
	{ "words", "{a:u8?;b:u64;c:u8[5]}", "ringbuf", 0 },
	{ "a row",
	  "{id:u64;ts:u64;user:string;amount:float;tag:u16?;flags:u8[5]}",
	  "row-binary", 0 },
	{ "no bytes", "u64", "null", 0 },
	{ "larger than most rooms", "u8[200]", "row-binary", 0 },
	{ "larger than each room", "u64?[40]", "ringbuf", 0 },
	{ "of all sizes", "{n:u8;kids:this[]}", "row-binary", 0 },
	{ "of all sizes, in words", "(string?;this?)[]", "ringbuf", 0 },
	{ "of a text", "{a:u64;b:string[]}", "row-binary", 0 },
	{ "threads", "{a:u64;b:string[]}", "row-binary", 3 },
};

/* ---- what is right ------------------------------------------------------- */

/* All the values, and how far a generator has come in them. */
struct truth {
	const struct next_case *row;
	struct gen_schema *schema;
	uint8_t *bytes;
	uint64_t ends[VALUES];
	uint64_t next; /* the number of the value that comes next */
};

static struct generator *create(const struct truth *t)
{
	const struct gen_options options = {
		.encoding = t->row->encoding,
		.seed = 7,
		.threads = t->row->threads,
	};
	struct gen_error error = { 0 };
	struct generator *ret;

	if (gen_create(t->schema, &options, &error, &ret) < 0)
		fail_msg("%s", error.text);
	return ret;
}

static uint64_t begin_of(const struct truth *t, uint64_t number)
{
	return number > 0 ? t->ends[number - 1] : 0;
}

/* One value after the other, each in a call. */
static void truth_make(struct truth *t)
{
	const struct gen_demand demand = { .values = 1 };
	struct generator *g = create(t);
	struct gen_batch batch;

	for (uint64_t i = 0; i < VALUES; i++) {
		const uint64_t begin = begin_of(t, i);

		assert_int_equal(gen_next(g, &demand, &batch), 0);
		assert_int_equal(batch.values, 1);
		t->ends[i] = begin + batch.len_bytes;
		t->bytes = realloc(t->bytes, t->ends[i] + 1);
		assert_non_null(t->bytes);
		if (batch.len_bytes > 0)
			memcpy(t->bytes + begin, batch.bytes, batch.len_bytes);
	}
	gen_free(g);
}

static int set_up(struct truth *t, const struct next_case *row)
{
	*t = (struct truth){ .row = row };
	t->schema = gen_parsed(row->schema);
	truth_make(t);
	return 0;
}

static void tear_down(struct truth *t)
{
	gen_schema_free(t->schema);
	free(t->bytes);
}

/* ---- questions ----------------------------------------------------------- */

static void check_ends(const struct truth *t, const struct gen_batch *batch)
{
	for (uint64_t i = 0; i < batch->values; i++)
		assert_int_equal(batch->ends[i] + begin_of(t, t->next),
				 t->ends[t->next + i]);
}

/* What comes next, and goes on behind it. */
static void check_batch(struct truth *t, const struct gen_demand *demand,
			const struct gen_batch *batch)
{
	const uint64_t begin = begin_of(t, t->next);

	assert_true(batch->values <= demand->values);
	assert_true(batch->values <= VALUES - t->next);
	assert_int_equal(batch->len_bytes,
			 begin_of(t, t->next + batch->values) - begin);
	if (batch->len_bytes > 0)
		assert_memory_equal(batch->bytes, t->bytes + begin,
				    batch->len_bytes);
	if (demand->wants_ends)
		check_ends(t, batch);
	else
		assert_null(batch->ends);
	t->next += batch->values;
}

/* A room of just its size; what is behind it must stay. */
static void ask_in_room(struct truth *t, struct generator *g,
			struct gen_demand demand)
{
	uint8_t room[ROOM_MAX + GUARD], guard[GUARD];
	struct gen_batch batch;

	memset(guard, 0xee, sizeof(guard));
	memset(room, 0xee, sizeof(room));
	demand.room = room;
	assert_int_equal(gen_next(g, &demand, &batch), 0);
	assert_memory_equal(room + demand.room_bytes, guard, GUARD);
	if (batch.values == 0)
		assert_true(t->ends[t->next] - begin_of(t, t->next) >
			    demand.room_bytes);
	check_batch(t, &demand, &batch);
	if (batch.values > 0)
		return;
	demand.room = NULL;
	demand.values = 1;
	assert_int_equal(gen_next(g, &demand, &batch), 0);
	check_batch(t, &demand, &batch);
}

static void ask(struct truth *t, struct generator *g, struct gen_demand demand)
{
	struct gen_batch batch;

	if (demand.values > VALUES - t->next)
		demand.values = VALUES - t->next;
	if (demand.room_bytes > 0) {
		ask_in_room(t, g, demand);
		return;
	}
	assert_int_equal(gen_next(g, &demand, &batch), 0);
	assert_int_not_equal(batch.values, 0);
	check_batch(t, &demand, &batch);
}

static void ask_all(struct truth *t, struct gen_demand demand)
{
	struct generator *g = create(t);

	t->next = 0;
	while (t->next < VALUES)
		ask(t, g, demand);
	gen_free(g);
}

/* ---- tests --------------------------------------------------------------- */

static void test_rooms(void **state)
{
	struct truth t;

	assert_int_equal(set_up(&t, *state), 0);
	for (size_t room = 1; room <= ROOM_MAX; room++)
		ask_all(&t, (struct gen_demand){ .values = UINT64_MAX,
						 .room_bytes = room,
						 .wants_ends = room % 2 });
	tear_down(&t);
}

static void test_numbers(void **state)
{
	static const uint64_t numbers[] = { 1,    2,    3,    63,   64,  65,
					    1023, 1024, 1025, 2048, 3000 };
	struct truth t;

	assert_int_equal(set_up(&t, *state), 0);
	for (size_t i = 0; i < 2 * sizeof(numbers) / sizeof(numbers[0]); i++)
		ask_all(&t, (struct gen_demand){ .values = numbers[i / 2],
						 .wants_ends = i % 2 });
	tear_down(&t);
}

static struct gen_demand draw_demand(struct draw *d)
{
	const uint64_t most = draw_below(d, 8) == 0 ? VALUES : 70;

	return (struct gen_demand){
		.values = 1 + draw_below(d, most),
		.room_bytes = draw_below(d, 2) * (1 + draw_below(d, ROOM_MAX)),
		.wants_ends = draw_below(d, 2),
	};
}

static void test_all_sorts(void **state)
{
	struct draw d = draw_begin("all sorts");
	struct truth t;

	assert_int_equal(set_up(&t, *state), 0);
	for (int i = 0; i < 100; i++) {
		struct generator *g = create(&t);

		t.next = 0;
		while (t.next < VALUES)
			ask(&t, g, draw_demand(&d));
		gen_free(g);
	}
	tear_down(&t);
}

/* Some questions, then elsewhere. */
static void test_seek(void **state)
{
	static const uint64_t edges[] = { 0, 1, 1023, 1024, 1025, 2047, 2999 };
	struct draw d = draw_begin("seek");
	struct generator *g;
	struct truth t;

	assert_int_equal(set_up(&t, *state), 0);
	g = create(&t);
	for (int i = 0; i < 400; i++) {
		t.next = draw_below(&d, 2) != 0 ? edges[draw_below(&d, 7)]
						: draw_below(&d, VALUES);
		assert_int_equal(gen_seek(g, t.next), 0);
		for (int k = 0; k < 4 && t.next < VALUES; k++)
			ask(&t, g, draw_demand(&d));
	}
	gen_free(g);
	tear_down(&t);
}

#define TABLE next_cases, sizeof(next_cases), sizeof(next_cases[0])

int main(void)
{
	const struct rows tables[] = {
		{ "rooms", test_rooms, TABLE },
		{ "numbers", test_numbers, TABLE },
		{ "all sorts", test_all_sorts, TABLE },
		{ "seek", test_seek, TABLE },
	};

	return rows_run(tables, sizeof(tables) / sizeof(tables[0]));
}
