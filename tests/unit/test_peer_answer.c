/*
 * Goal: the producer's answers to the operator and the cursors, FORMAT.md 3.1
 * and 3.2.
 * Method: a ring with an operator and three cursors; each row changes what
 * one of them says, or was answered before, and states the reply to come. An
 * answer given is stable: asked again, it changes nothing.
 */
#include "ring/cursors.h"
#include "ring/peers.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { COUNT = 4, END = 9000, END_SEQUENCE = 90 };

/*
 * [0] the operator, [1] "a", a member at 5000 (its reply says 4000), [2] "b",
 * a member at 6000, [3] a slot that was never used.
 */
struct scene {
	struct peer peers[COUNT];
	struct reply replies[COUNT];
};

static struct scene usual(void)
{
	return (struct scene){
		.peers = {
			{ .role = 1, .state = CURSOR_FREE },
			{ .role = 2, .state = CURSOR_ATTACHED, .name = "a",
			  .incarnation = 101, .position = 5000,
			  .sequence = 50 },
			{ .role = 3, .state = CURSOR_MEMBER, .name = "b",
			  .incarnation = 102, .position = 6000,
			  .sequence = 60 },
			{ .role = 4, .state = CURSOR_FREE, .incarnation = 3 },
		},
		.replies = {
			{ 0 },
			{ 101, 0, 4000, 40, MEMBER_JOINED },
			{ 102, 0, 6000, 60, MEMBER_JOINED },
			{ 0 },
		},
	};
}

static bool answer(struct scene *s, unsigned i)
{
	const struct answer_context context = {
		.replies = s->replies,
		.peers = s->peers,
		.count = COUNT,
		.end_position = END,
		.end_sequence = END_SEQUENCE,
	};

	return peer_answer(&context, i, &s->replies[i]);
}

struct answer_case {
	const char *name;
	unsigned i; /* who asks */
	void (*change)(struct scene *s);
	struct reply expected;
};

/* ---- joining ------------------------------------------------------------ */

static void joins(struct scene *s)
{
	s->peers[3].state = CURSOR_JOINING;
	s->peers[3].incarnation = 777;
	memcpy(s->peers[3].name, "c", 2);
}

static void joins_oldest(struct scene *s)
{
	joins(s);
	s->peers[3].join_oldest = true;
}

static void joins_oldest_is_in_reply(struct scene *s)
{
	joins_oldest(s);
	s->peers[1].position = 3000; /* behind what was already held */
}

static void joins_oldest_is_unknown(struct scene *s)
{
	joins_oldest(s);
	s->peers[1].state = 0; /* its slot has not been read */
}

static void joins_oldest_after_leave(struct scene *s)
{
	joins_oldest(s);
	s->replies[1].membership = MEMBER_LEFT;
}

static void joins_oldest_alone(struct scene *s)
{
	joins_oldest_after_leave(s);
	s->replies[2].membership = MEMBER_LEFT;
}

static void joins_with_taken_name(struct scene *s)
{
	joins(s);
	memcpy(s->peers[3].name, "b", 2);
}

static void joins_with_name_of_one_that_left(struct scene *s)
{
	joins_with_taken_name(s);
	s->replies[2].membership = MEMBER_LEFT;
}

static void joins_with_name_of_one_refused(struct scene *s)
{
	joins_with_taken_name(s);
	s->replies[2].membership = MEMBER_REFUSED;
}

static void joins_with_longer_name(struct scene *s)
{
	joins(s);
	memcpy(s->peers[3].name, "bb", 3);
}

static void joins_again(struct scene *s)
{
	joins(s);
	s->replies[3] = (struct reply){ 776, 5, 100, 1, MEMBER_LEFT };
}

static void joins_again_after_refusal(struct scene *s)
{
	joins(s);
	s->replies[3] = (struct reply){ .incarnation = 776,
					.membership = MEMBER_REFUSED };
}

static void was_refused(struct scene *s)
{
	/* The name is free by now, but the answer was given. */
	joins(s);
	s->replies[3] = (struct reply){ .incarnation = 777,
					.membership = MEMBER_REFUSED };
}

static void was_joined(struct scene *s)
{
	joins_oldest(s);
	s->replies[3] = (struct reply){ 777, 0, 8000, 80, MEMBER_JOINED };
}

static void joins_suspending(struct scene *s)
{
	joins(s);
	s->peers[3].request_id = 31;
	s->peers[3].wants_suspend = true;
}

static void joins_with_old_request(struct scene *s)
{
	joins_suspending(s);
	s->replies[3] = (struct reply){ 776, 31, 100, 1, MEMBER_LEFT };
}

static void gave_up_joining(struct scene *s)
{
	/* Just when it was answered: the slot is free, the reply says no. */
	joins(s);
	s->peers[3].state = CURSOR_FREE;
	s->replies[3] = (struct reply){ 777, 0, 9000, 90, MEMBER_JOINED };
}

static void operator_joins(struct scene *s)
{
	s->peers[0].state = CURSOR_JOINING;
}

/* ---- leaving ------------------------------------------------------------ */

static void leaves(struct scene *s)
{
	s->peers[2].state = CURSOR_LEAVING;
}

static void last_leaves(struct scene *s)
{
	leaves(s);
	s->replies[1].membership = MEMBER_LEFT;
}

static void has_left(struct scene *s)
{
	leaves(s);
	s->replies[2].membership = MEMBER_LEFT;
}

static void leaves_in_other_incarnation(struct scene *s)
{
	leaves(s);
	s->peers[2].incarnation = 103;
}

static void refused_one_leaves(struct scene *s)
{
	leaves(s);
	s->replies[2].membership = MEMBER_REFUSED;
}

static void last_is_free(struct scene *s)
{
	last_leaves(s);
	s->peers[2].state = CURSOR_FREE;
}

/* ---- requests ----------------------------------------------------------- */

static void suspends(struct scene *s)
{
	s->peers[1].request_id = 41;
	s->peers[1].wants_suspend = true;
}

static void suspends_again(struct scene *s)
{
	suspends(s);
	s->replies[1].acked_request = 40;
}

static void resumes(struct scene *s)
{
	s->peers[1].request_id = 42;
	s->replies[1].acked_request = 41;
}

static void was_acknowledged(struct scene *s)
{
	suspends(s);
	s->replies[1].acked_request = 41;
}

static void request_is_gone(struct scene *s)
{
	s->replies[1].acked_request = 41;
}

static void is_unknown(struct scene *s)
{
	suspends(s);
	s->peers[1].state = 0;
}

static void is_other_incarnation(struct scene *s)
{
	suspends(s);
	s->peers[1].incarnation = 100;
}

static void operator_suspends(struct scene *s)
{
	s->peers[0].request_id = 51;
	s->peers[0].wants_suspend = true;
}

static void operator_has_an_incarnation(struct scene *s)
{
	operator_suspends(s);
	s->peers[0].incarnation = 9;
}

static void leaves_and_resumes(struct scene *s)
{
	leaves(s);
	s->peers[2].request_id = 61;
}

/* A reply that is the present one: no change is due. */
static const struct answer_case answer_cases[] = {
	{ "joins at the end",
	  3,
	  joins,
	  { 777, 0, END, END_SEQUENCE, MEMBER_JOINED } },
	{ "joins at the oldest",
	  3,
	  joins_oldest,
	  { 777, 0, 5000, 50, MEMBER_JOINED } },
	{ "the oldest is held by a reply",
	  3,
	  joins_oldest_is_in_reply,
	  { 777, 0, 4000, 40, MEMBER_JOINED } },
	{ "the oldest is known by its reply only",
	  3,
	  joins_oldest_is_unknown,
	  { 777, 0, 4000, 40, MEMBER_JOINED } },
	{ "the oldest is none that left",
	  3,
	  joins_oldest_after_leave,
	  { 777, 0, 6000, 60, MEMBER_JOINED } },
	{ "nobody holds an oldest",
	  3,
	  joins_oldest_alone,
	  { 777, 0, END, END_SEQUENCE, MEMBER_JOINED } },
	{ "refused: the name is taken",
	  3,
	  joins_with_taken_name,
	  { 777, 0, 0, 0, MEMBER_REFUSED } },
	{ "the name's owner left",
	  3,
	  joins_with_name_of_one_that_left,
	  { 777, 0, END, END_SEQUENCE, MEMBER_JOINED } },
	{ "the name's owner was refused",
	  3,
	  joins_with_name_of_one_refused,
	  { 777, 0, END, END_SEQUENCE, MEMBER_JOINED } },
	{ "a name with the same start",
	  3,
	  joins_with_longer_name,
	  { 777, 0, END, END_SEQUENCE, MEMBER_JOINED } },
	{ "joins a slot that one left",
	  3,
	  joins_again,
	  { 777, 0, END, END_SEQUENCE, MEMBER_JOINED } },
	{ "joins after a refusal",
	  3,
	  joins_again_after_refusal,
	  { 777, 0, END, END_SEQUENCE, MEMBER_JOINED } },
	{ "a refusal stands",
	  3,
	  was_refused,
	  { 777, 0, 0, 0, MEMBER_REFUSED } },
	{ "an answer stands",
	  3,
	  was_joined,
	  { 777, 0, 8000, 80, MEMBER_JOINED } },
	{ "joins and suspends",
	  3,
	  joins_suspending,
	  { 777, 31, END, END_SEQUENCE, MEMBER_JOINED } },
	{ "joins with a request that was acknowledged",
	  3,
	  joins_with_old_request,
	  { 777, 31, END, END_SEQUENCE, MEMBER_JOINED } },
	{ "gave up joining when it was answered",
	  3,
	  gave_up_joining,
	  { 777, 0, 9000, 90, MEMBER_LEFT } },
	{ "the operator can't join", 0, operator_joins, { 0 } },

	{ "leaves", 2, leaves, { 102, 0, 6000, 60, MEMBER_LEFT } },
	{ "the last one stays",
	  2,
	  last_leaves,
	  { 102, 0, 6000, 60, MEMBER_JOINED } },
	{ "has left", 2, has_left, { 102, 0, 6000, 60, MEMBER_LEFT } },
	{ "not the one that was answered",
	  2,
	  leaves_in_other_incarnation,
	  { 102, 0, 6000, 60, MEMBER_JOINED } },
	{ "was no member",
	  2,
	  refused_one_leaves,
	  { 102, 0, 6000, 60, MEMBER_REFUSED } },
	{ "the last one stays, free or not",
	  2,
	  last_is_free,
	  { 102, 0, 6000, 60, MEMBER_JOINED } },
	{ "leaves and resumes",
	  2,
	  leaves_and_resumes,
	  { 102, 61, 6000, 60, MEMBER_LEFT } },

	{ "suspends", 1, suspends, { 101, 41, 4000, 40, MEMBER_JOINED } },
	{ "suspends again",
	  1,
	  suspends_again,
	  { 101, 41, 4000, 40, MEMBER_JOINED } },
	{ "resumes", 1, resumes, { 101, 42, 4000, 40, MEMBER_JOINED } },
	{ "was acknowledged",
	  1,
	  was_acknowledged,
	  { 101, 41, 4000, 40, MEMBER_JOINED } },
	{ "request is gone",
	  1,
	  request_is_gone,
	  { 101, 41, 4000, 40, MEMBER_JOINED } },
	{ "nothing durable is known of it",
	  1,
	  is_unknown,
	  { 101, 0, 4000, 40, MEMBER_JOINED } },
	{ "request of another incarnation",
	  1,
	  is_other_incarnation,
	  { 101, 0, 4000, 40, MEMBER_JOINED } },
	{ "the operator suspends",
	  0,
	  operator_suspends,
	  { .acked_request = 51 } },
	{ "the operator has no incarnation",
	  0,
	  operator_has_an_incarnation,
	  { .acked_request = 51 } },
};

static bool replies_differ(const struct reply *a, const struct reply *b)
{
	return a->incarnation != b->incarnation ||
	       a->acked_request != b->acked_request ||
	       a->position != b->position || a->sequence != b->sequence ||
	       a->membership != b->membership;
}

static void test_answer(void **state)
{
	const struct answer_case *row = *state;
	struct scene s = usual(), before;
	bool is_due;

	row->change(&s);
	before = s;
	is_due = replies_differ(&before.replies[row->i], &row->expected);
	assert_int_equal(answer(&s, row->i), is_due);
	assert_int_equal(s.replies[row->i].incarnation,
			 row->expected.incarnation);
	assert_int_equal(s.replies[row->i].acked_request,
			 row->expected.acked_request);
	assert_int_equal(s.replies[row->i].position, row->expected.position);
	assert_int_equal(s.replies[row->i].sequence, row->expected.sequence);
	assert_int_equal(s.replies[row->i].membership,
			 row->expected.membership);
	for (unsigned i = 0; i < COUNT; i++)
		if (i != row->i)
			assert_false(replies_differ(&s.replies[i],
						    &before.replies[i]));
	assert_false(answer(&s, row->i));
}

static void test_nothing_is_asked(void **state)
{
	struct scene s = usual();

	(void)state;
	for (unsigned i = 0; i < COUNT; i++)
		assert_false(answer(&s, i));
}

static void test_two_leave_at_once(void **state)
{
	struct scene s = usual();

	/* The second is the last member by then. */
	(void)state;
	s.peers[1].state = CURSOR_LEAVING;
	s.peers[2].state = CURSOR_LEAVING;
	assert_true(answer(&s, 1));
	assert_false(answer(&s, 2));
	assert_int_equal(s.replies[1].membership, MEMBER_LEFT);
	assert_int_equal(s.replies[2].membership, MEMBER_JOINED);
}

static void test_two_join_with_one_name(void **state)
{
	struct scene s = usual();

	(void)state;
	s.replies[2].membership = MEMBER_LEFT;
	s.peers[2].state = CURSOR_JOINING;
	s.peers[2].incarnation = 888;
	memcpy(s.peers[2].name, "c", 2);
	joins(&s);
	assert_true(answer(&s, 2));
	assert_true(answer(&s, 3));
	assert_int_equal(s.replies[2].membership, MEMBER_JOINED);
	assert_int_equal(s.replies[3].membership, MEMBER_REFUSED);
}

/* ---- who suspends ------------------------------------------------------- */

struct suspend_case {
	const char *name;
	bool expected;
	unsigned i;
	uint64_t request_id;
	bool wants_suspend;
	uint64_t acked_request;
	enum membership membership;
};

static const struct suspend_case suspend_cases[] = {
	{ "operator", true, 0, 5, true, 5, MEMBER_NONE },
	{ "operator, not acknowledged", false, 0, 5, true, 4, MEMBER_NONE },
	{ "operator, resume", false, 0, 5, false, 5, MEMBER_NONE },
	{ "operator, resume not acknowledged", true, 0, 5, false, 4,
	  MEMBER_NONE },
	{ "operator, runs", false, 0, 0, false, 0, MEMBER_NONE },
	{ "operator, no request", false, 0, 0, true, 0, MEMBER_NONE },
	{ "member", true, 1, 5, true, 5, MEMBER_JOINED },
	{ "member, not acknowledged", false, 1, 5, true, 0, MEMBER_JOINED },
	{ "member, resume", false, 1, 5, false, 5, MEMBER_JOINED },
	{ "member, resume not acknowledged", true, 1, 5, false, 4,
	  MEMBER_JOINED },
	{ "one that never joined", false, 1, 5, true, 5, MEMBER_NONE },
	{ "one that left", false, 1, 5, true, 5, MEMBER_LEFT },
	{ "one that was refused", false, 1, 5, true, 5, MEMBER_REFUSED },
};

static void test_suspends(void **state)
{
	const struct suspend_case *row = *state;
	const struct cursor_slot slot = { .header = { .role = ROLE_OPERATOR +
							      row->i,
						      .state = CURSOR_MEMBER },
					  .incarnation = 1,
					  .request_id = row->request_id,
					  .wants_suspend = row->wants_suspend };
	const struct reply reply = { .incarnation = 1,
				     .acked_request = row->acked_request,
				     .membership = row->membership };

	assert_int_equal(cursor_suspends(&slot, &reply), row->expected);
}

/* ---- whose position counts ---------------------------------------------- */

struct position_case {
	const char *name;
	int state;
	uint64_t incarnation; /* 101 is the one that is answered */
	uint64_t position;    /* the reply says 4000 */
	uint64_t expected;
};

static const struct position_case position_cases[] = {
	{ "member ahead of its reply", CURSOR_MEMBER, 101, 5000, 5000 },
	{ "attached", CURSOR_ATTACHED, 101, 5000, 5000 },
	{ "leaving", CURSOR_LEAVING, 101, 5000, 5000 },
	{ "free", CURSOR_FREE, 101, 5000, 4000 },
	{ "joining", CURSOR_JOINING, 101, 5000, 4000 },
	{ "nothing is known", 0, 101, 5000, 4000 },
	{ "behind its reply", CURSOR_MEMBER, 101, 3000, 4000 },
	{ "another incarnation", CURSOR_MEMBER, 100, 5000, 4000 },
};

static void test_position(void **state)
{
	const struct position_case *row = *state;
	const struct peer peer = { .state = (enum cursor_state)row->state,
				   .incarnation = row->incarnation,
				   .position = row->position,
				   .sequence = row->position / 100 };
	const struct reply reply = { 101, 0, 4000, 40, MEMBER_JOINED };
	uint64_t position, sequence;

	peer_position(&peer, &reply, &position, &sequence);
	assert_int_equal(position, row->expected);
	assert_int_equal(sequence, row->expected / 100);
}

int main(void)
{
	const struct rows tables[] = {
		{ "answers", test_answer, answer_cases, sizeof(answer_cases),
		  sizeof(answer_cases[0]) },
		{ "suspending", test_suspends, suspend_cases,
		  sizeof(suspend_cases), sizeof(suspend_cases[0]) },
		{ "positions", test_position, position_cases,
		  sizeof(position_cases), sizeof(position_cases[0]) },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_asked),
		cmocka_unit_test(test_two_leave_at_once),
		cmocka_unit_test(test_two_join_with_one_name),
	};

	return rows_run(tables, ARRAY_SIZE(tables)) +
	       cmocka_run_group_tests_name("peer_answer", tests, NULL, NULL);
}
