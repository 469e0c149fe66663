#include "tests/sweep/scene.h"

#include "tests/sweep/fail_calls.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
	RING_BYTES = 344064, /* 16 KiB of data behind the slots of 3 cursors */
	MAX_ITEM = 4000,
	MAX_BATCH = 8192,
};

static const char *const members[] = { "a", "b" };

struct ring_create_options scene_small_ring(const struct scene *s)
{
	return (struct ring_create_options){
		.size_bytes = RING_BYTES,
		.block_bytes = s->options.mode == RING_IO_DIRECT ? 4096 : 512,
		.cursor_slots = 3,
		.max_item_bytes = MAX_ITEM,
		.max_batch_bytes = MAX_BATCH,
		.consumers = members,
		.consumer_count = ARRAY_SIZE(members),
	};
}

/* ---- handles of any scene ------------------------------------------------- */

static void must(const struct scene *s, int rc)
{
	if (rc < 0)
		fail_msg("%s: %s", ring_error_name(rc), s->f->fault.text);
}

struct ring_producer *scene_producer(struct scene *s)
{
	struct ring_producer *p = NULL;
	const int rc = ring_producer_attach(s->f->path, &s->options, &p, NULL);

	if (rc < 0)
		fail_msg("%s: %s", ring_error_name(rc), s->f->fault.text);
	return p;
}

struct ring_consumer *scene_consumer(struct scene *s, const char *name)
{
	struct ring_consumer *c = NULL;
	const int rc =
		ring_consumer_attach(s->f->path, name, &s->options, &c, NULL);

	if (rc < 0)
		fail_msg("%s: %s", ring_error_name(rc), s->f->fault.text);
	return c;
}

static int perform_all(void *ctx, const struct journal_op *ops, size_t count)
{
	(void)ctx;
	(void)ops;
	return (int)count;
}

int scene_open_journal(struct scene *s)
{
	const struct journal_options o = { .ring = s->options,
					   .consumer = "a" };

	return journal_open(s->f->path, &o, perform_all, s, &s->j);
}

void scene_enter_journal(struct scene *s)
{
	must(s, scene_open_journal(s));
}

void scene_leave(struct scene *s)
{
	journal_free(s->j);
	s->j = NULL;
	ring_producer_free(s->p);
	ring_consumer_free(s->c);
	s->p = NULL;
	s->c = NULL;
}

void scene_crash(struct scene *s)
{
	static const struct fail_plan all = {
		.kinds = FAIL_READ | FAIL_WRITE,
		.error = EIO,
		.persists = true,
		.at = 1,
	};

	fail_begin(&all);
	scene_leave(s);
	fail_end();
}

/* ---- rings -------------------------------------------------------------- */

/* All that is visible, for both consumers. */
static void take_all(struct scene *s)
{
	for (unsigned i = 0; i < ARRAY_SIZE(members); i++) {
		struct ring_consumer *c = scene_consumer(s, members[i]);

		fixture_take_all(c);
		ring_consumer_free(c);
	}
}

void scene_make_no_file(struct scene *s)
{
	assert_int_equal(unlink(s->f->path), 0);
}

void scene_make_empty_file(struct scene *s)
{
	(void)s; /* the fixture's */
}

void scene_make_data(struct scene *s)
{
	static const char text[1024] = "somebody's";

	fixture_write(s->f, 4096, text, sizeof(text));
}

void scene_make_new(struct scene *s)
{
	const struct ring_create_options create = scene_small_ring(s);

	assert_int_equal(unlink(s->f->path), 0);
	must(s, ring_create(s->f->path, &create, &s->options));
}

/* "a b c" are consumed, "d e f" visible, "g h" and "i" pushed. */
void scene_make_used(struct scene *s)
{
	scene_make_new(s);
	s->p = scene_producer(s);
	fixture_publish(s->p, "a b c");
	take_all(s);
	fixture_publish(s->p, "d e f");
	fixture_push(s->p, "g h");
	fixture_push(s->p, "i");
	scene_leave(s);
}

/* Both sides were killed. */
void scene_make_crashed(struct scene *s)
{
	scene_make_used(s);
	s->p = scene_producer(s);
	s->c = scene_consumer(s, "a");
	fixture_push(s->p, "j k");
	scene_crash(s);
}

/* Likewise, on another host. */
void scene_make_foreign(struct scene *s)
{
	scene_make_used(s);
	fake_system_init(&s->system, 2, 1);
	s->p = scene_producer(s);
	s->c = scene_consumer(s, "a");
	fixture_push(s->p, "j k");
	scene_crash(s);
}

const char *scene_letters(char c, size_t count)
{
	static char text[MAX_ITEM + 1];

	memset(text, c, count);
	text[count] = '\0';
	return text;
}

/* An item of SCENE_WRAPPING bytes reaches across the end of the data area. */
void scene_make_before_wrap(struct scene *s)
{
	scene_make_new(s);
	s->p = scene_producer(s);
	for (unsigned i = 0; i < 14; i++) {
		fixture_publish(s->p, scene_letters('x', 900));
		take_all(s);
	}
	scene_leave(s);
}

void scene_make_suspended(struct scene *s)
{
	scene_make_used(s);
	s->p = scene_producer(s);
	s->c = scene_consumer(s, "a");
	must(s, ring_consumer_suspend(s->c));
	scene_leave(s);
	s->p = scene_producer(s); /* which answers */
	scene_leave(s);
}

void scene_make_empty_ring(struct scene *s)
{
	scene_make_new(s);
	s->p = scene_producer(s);
	fixture_publish(s->p, "a b c");
	scene_leave(s);
	take_all(s);
}

void scene_make_third(struct scene *s)
{
	scene_make_used(s);
	must(s, ring_member_add(s->f->path, "c", RING_JOIN_OLDEST, 0,
				&s->options));
}

/* ---- handles ------------------------------------------------------------ */

void scene_enter_producer(struct scene *s)
{
	s->p = scene_producer(s);
}

void scene_enter_consumer(struct scene *s)
{
	s->c = scene_consumer(s, "a");
}

void scene_enter_both(struct scene *s)
{
	scene_enter_producer(s);
	scene_enter_consumer(s);
}

void scene_enter_before_wrap(struct scene *s)
{
	const struct ring_info info = fixture_info(s->f);

	assert_true(info.data_bytes - info.end % info.data_bytes <
		    SCENE_WRAPPING);
	scene_enter_producer(s);
}

/* Nearly half of the data area. */
int scene_publish_much(struct scene *s)
{
	static char text[7900];

	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) / 2] = ' ';
	return fixture_try_publish(s->p, text);
}

/* The next as large a batch finds the space free, but below a checkpoint. */
void scene_enter_before_checkpoint(struct scene *s)
{
	scene_enter_producer(s);
	fixture_publish(s->p, scene_letters('x', 1500));
	must(s, scene_publish_much(s));
	take_all(s);
}

/* What is needed to expose a part: where "g h" ends. */
void scene_enter_before_part(struct scene *s)
{
	struct ring_producer_state state;

	scene_enter_producer(s);
	must(s, ring_producer_state(s->p, &state));
	s->position = state.pushed;
	fixture_push(s->p, "j k");
}

/* The same, of a push that the handle has not made itself. */
void scene_enter_before_old_part(struct scene *s)
{
	scene_enter_before_part(s);
	scene_leave(s);
	scene_enter_producer(s);
}

void scene_enter_request(struct scene *s)
{
	scene_enter_both(s);
	must(s, ring_consumer_suspend(s->c));
}

/* The producer was told to go on, and has not looked since. */
void scene_enter_resumed(struct scene *s)
{
	struct ring_consumer_state state;

	scene_enter_both(s);
	must(s, ring_consumer_state(s->c, &state));
	must(s, ring_consumer_resume(s->c));
}

void scene_enter_claim(struct scene *s)
{
	struct ring_claim claim;

	scene_enter_producer(s);
	must(s, ring_producer_claim(s->p, 1, 0, 0, &claim));
	memset(claim.data, 'l', 1);
}

void scene_enter_before_advance(struct scene *s)
{
	struct ring_item item;

	scene_enter_consumer(s);
	item = fixture_pop(s->c, RING_POSITION_NONE);
	s->position = item.next;
}

void scene_enter_with_taken(struct scene *s)
{
	scene_enter_consumer(s);
	fixture_take_all(s->c);
}

/* Data that no look of the consumer has seen yet. */
void scene_enter_with_news(struct scene *s)
{
	scene_enter_both(s);
	fixture_take_all(s->c);
	fixture_publish(s->p, "j k");
}

void scene_enter_acked(struct scene *s)
{
	struct ring_producer_state state;

	scene_enter_request(s);
	must(s, ring_producer_state(s->p, &state));
}

void scene_enter_io(struct scene *s)
{
	const struct ring_io_options options = { .engine = RING_IO_POSIX };

	assert_int_equal(ring_io_open(s->f->path, &options, &s->io), 0);
}

/* Storage that is the caller's until an attach succeeds. */
void scene_enter_brought(struct scene *s)
{
	scene_enter_io(s);
	s->options.io = s->io;
}

/* A producer that looks whenever somebody waits for it. */
static void let_producer_look(void *ctx)
{
	struct scene *s = ctx;
	struct ring_producer_state state;

	fail_pause();
	must(s, ring_producer_state(s->p, &state));
	fail_resume();
}

void scene_enter_beside_producer(struct scene *s)
{
	scene_enter_producer(s);
	s->system.on_sleep = let_producer_look;
	s->system.on_sleep_ctx = s;
}

void scene_enter_brought_beside(struct scene *s)
{
	scene_enter_beside_producer(s);
	scene_enter_brought(s);
}

void scene_enter_operator_acked(struct scene *s)
{
	scene_enter_beside_producer(s);
	must(s,
	     ring_operator_suspend(s->f->path, SCENE_ANSWER_MS, &s->options));
}

void scene_make_damaged(struct scene *s)
{
	scene_make_used(s);
	fixture_flip(s->f, 65536 + 100); /* in copy B */
}
