#include "tests/lib/journal_rig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_BYTES = 400000, ITEM_MAX = 4000, BATCH_MAX = 8192 };

static void append(char *log, const char *text, size_t len, char end)
{
	const size_t at = strlen(log);

	assert_true(at + len + 2 < RIG_LOG_BYTES);
	memcpy(log + at, text, len);
	log[at + len] = end;
	log[at + len + 1] = '\0';
}

static int next_answer(struct journal_rig *r)
{
	return r->answered < RIG_ANSWERS && r->answers[r->answered] != 0
		       ? r->answers[r->answered++]
		       : r->usual;
}

static void note_call(struct journal_rig *r, const struct journal_op *ops,
		      size_t count)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		append(r->offered, ops[i].bytes, ops[i].len_bytes,
		       i + 1 < count ? ' ' : '|');
		bytes += ops[i].len_bytes;
		assert_int_equal(ops[i].number, ops[0].number + i);
		assert_int_equal((uintptr_t)ops[i].bytes % JOURNAL_ALIGN, 0);
	}
	r->calls++;
	if (r->most_ops < count)
		r->most_ops = count;
	if (r->most_bytes < bytes)
		r->most_bytes = bytes;
}

int journal_rig_perform(void *ctx, const struct journal_op *ops, size_t count)
{
	struct journal_rig *r = ctx;
	const int answer = next_answer(r);

	note_call(r, ops, count);
	if (r->within != NULL)
		r->within(r);
	for (size_t i = 0; i < count && (int)i < answer; i++) {
		append(r->performed, ops[i].bytes, ops[i].len_bytes, ' ');
		assert_true(ops[i].number >= r->next_number);
		r->next_number = ops[i].number + 1;
	}
	return answer;
}

static enum journal_verdict on_poison(void *ctx,
				      const struct journal_poison *poison)
{
	struct journal_rig *r = ctx;
	char text[128];
	const int len = snprintf(text, sizeof(text), "%.*s:%u:%d",
				 (int)poison->op.len_bytes,
				 (const char *)poison->op.bytes,
				 poison->failures, poison->error);

	append(r->poison, text, (size_t)len, ' ');
	return r->verdict;
}

struct journal_rig *journal_rig_new(void **state)
{
	struct fixture *f = *state;
	struct journal_rig *r = fixture_alloc(f, sizeof(*r));

	if (f->path == NULL)
		fixture_file(f);
	r->f = f;
	r->usual = RIG_ALL;
	fake_system_init(&r->system, 1, 1);
	r->options.ring = fixture_options(f);
	r->options.ring.system = &r->system.system;
	r->options.create.size_bytes = FILE_BYTES;
	r->options.create.cursor_slots = 2;
	r->options.create.max_item_bytes = ITEM_MAX;
	r->options.create.max_batch_bytes = BATCH_MAX;
	r->options.on_poison = on_poison;
	return r;
}

int journal_rig_try(struct journal_rig *r)
{
	r->f->fault = (struct ring_fault){ 0 };
	return journal_open(r->f->path, &r->options, journal_rig_perform, r,
			    &r->j);
}

void journal_rig_start(struct journal_rig *r)
{
	const int rc = journal_rig_try(r);

	if (rc != 0)
		fail_msg("%s: %s", ring_error_name(rc), r->f->fault.text);
}

struct journal_rig *journal_rig_started(void **state)
{
	struct journal_rig *r = journal_rig_new(state);

	journal_rig_start(r);
	return r;
}

void journal_rig_stop(struct journal_rig *r)
{
	assert_int_equal(journal_shutdown(r->j), 0);
	journal_free(r->j);
	r->j = NULL;
	assert_int_equal(r->system.live, 0);
}

struct journal_waiter journal_rig_push(struct journal_rig *r, const char *words)
{
	struct journal_waiter waiter = { 0 };

	while (*words != '\0') {
		const size_t len = strcspn(words, " ");
		const int rc = journal_push(r->j, words, len, &waiter);

		if (rc != 0)
			fail_msg("push: %s", ring_error_name(rc));
		words += len;
		words += strspn(words, " ");
	}
	return waiter;
}

struct plan journal_rig_turn(struct journal_rig *r)
{
	struct plan plan;

	do {
		plan = journal_turn(r->j);
	} while (plan.action == ACTION_PERFORM);
	return plan;
}

void journal_rig_pass_ms(struct journal_rig *r, uint64_t ms)
{
	r->system.monotonic_ns += ms * JOURNAL_NS_PER_MS;
	r->system.wall_ns += ms * JOURNAL_NS_PER_MS;
}

unsigned journal_rig_fill(struct journal_rig *r, size_t len)
{
	static char text[ITEM_MAX];
	unsigned count = 0;
	int rc;

	memset(text, 'x', sizeof(text));
	r->j->options.push_never_waits = true;
	while ((rc = journal_push(r->j, text, len, NULL)) == 0)
		count++;
	assert_int_equal(rc, -RING_ERR_FULL);
	r->j->options.push_never_waits = r->options.push_never_waits;
	return count;
}

int journal_rig_push_large(struct journal_rig *r)
{
	static char text[RIG_LARGE];

	memset(text, 'y', sizeof(text));
	return journal_push(r->j, text, sizeof(text), NULL);
}

static void turn_in_sleep(void *ctx)
{
	struct journal_rig *r = ctx;

	(void)journal_turn(r->j);
}

void journal_rig_turn_in_sleep(struct journal_rig *r)
{
	r->system.on_sleep = turn_in_sleep;
	r->system.on_sleep_ctx = r;
}

struct journal_stats journal_rig_stats(struct journal_rig *r)
{
	struct journal_stats stats;

	assert_int_equal(journal_stats(r->j, &stats), 0);
	return stats;
}

/* ---- storage of the caller's -------------------------------------------- */

static int open_storage(void *ctx, struct ring_io **ret_io)
{
	struct rig_storage *s = ctx;
	struct fail_io *io = &s->ios[s->opened++ % RIG_IOS];

	if (s->opened == s->fails_at)
		return -EIO;
	fail_io_init(io, fixture_io(s->f));
	*ret_io = &io->io;
	return 0;
}

struct rig_storage *rig_storage(struct fixture *f,
				struct journal_options *options)
{
	struct rig_storage *s = fixture_alloc(f, sizeof(*s));

	s->f = f;
	options->open = open_storage;
	options->open_ctx = s;
	return s;
}
