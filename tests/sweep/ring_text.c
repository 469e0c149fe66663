#include "tests/sweep/ring_text.h"

#include "tests/lib/fake_system.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Whoever may have joined. */
static const char *const names[] = { "a", "b", "c" };

struct look {
	struct fixture *f;
	struct fake_system system;
	struct ring_options options;
	struct ring_producer *p;
	struct ring_consumer *consumers[ARRAY_SIZE(names)];
	char *text;
	size_t len;
};

static void say(struct look *l, const char *text)
{
	const size_t n = strlen(text);

	assert_true(l->len + n < RING_TEXT_BYTES);
	memcpy(l->text + l->len, text, n + 1);
	l->len += n;
}

static void must(const struct look *l, int rc, const char *what)
{
	if (rc < 0)
		fail_msg("%s: %s: %s; so far '%s'", what, ring_error_name(rc),
			 l->f->fault.text, l->text);
}

static void note_damage(void *ctx, const struct ring_finding *finding)
{
	char *text = ctx;

	if (finding->severity == RING_DAMAGE && text[0] == '\0')
		snprintf(text, 128, "%s: %s", ring_error_name(finding->code),
			 finding->text);
}

static void check(const struct look *l)
{
	char damage[128] = "";
	const int rc = ring_check(l->f->path, &l->options, note_damage, damage);

	must(l, rc, "check");
	if (damage[0] != '\0')
		fail_msg("check: %s", damage);
}

/* ---- items -------------------------------------------------------------- */

struct words {
	struct look *look;
	uint64_t next_sequence;
	bool has_hole;
};

/* An item of many letters, all the same, is told as "letter*count". */
static int say_word(void *ctx, const struct ring_item *item)
{
	struct words *w = ctx;
	const char *data = item->data;
	char text[64];

	w->has_hole |= item->sequence != w->next_sequence;
	w->next_sequence = item->sequence + 1;
	for (size_t i = 1; i < item->data_bytes; i++)
		if (data[i] != data[0])
			fail_msg("an item is not what was written");
	snprintf(text, sizeof(text), " %c*%zu", data[0], item->data_bytes);
	say(w->look, text);
	return 0;
}

static uint64_t say_items(struct look *l, struct ring_consumer *c,
			  uint64_t from, uint64_t *sequence)
{
	struct words words = { .look = l, .next_sequence = *sequence };
	int rc;

	do {
		rc = ring_consumer_fold(c, from, NULL, say_word, &words, &from);
	} while (rc == 0);
	if (rc != -RING_ERR_EMPTY)
		must(l, rc, "fold");
	assert_false(words.has_hole);
	*sequence = words.next_sequence;
	return from;
}

/* ---- the ring ----------------------------------------------------------- */

static void say_requests(struct look *l)
{
	struct ring_info info;

	must(l, ring_info(l->f->path, &l->options, &info), "info");
	if (info.operator_requested)
		say(l, "suspended by operator; ");
	for (unsigned i = 0; i < info.cursor_count; i++)
		if (info.cursors[i].joined &&
		    info.cursors[i].suspend_requested) {
			say(l, "suspended by ");
			say(l, info.cursors[i].name);
			say(l, "; ");
		}
}

/* The producer first: it answers what is asked, and stands for all hosts. */
static void attach(struct look *l)
{
	must(l, ring_producer_attach(l->f->path, &l->options, &l->p, NULL),
	     "attach as producer");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		const int rc =
			ring_consumer_attach(l->f->path, names[i], &l->options,
					     &l->consumers[i], NULL);

		if (rc == -RING_ERR_NO_CONSUMER)
			continue;
		must(l, rc, "attach as consumer");
	}
}

static void look_as_producer(struct look *l, bool suspended)
{
	struct ring_producer_state state;

	must(l, ring_producer_state(l->p, &state), "state of the producer");
	assert_int_equal(state.suspended, suspended);
}

static void resume_all(struct look *l)
{
	struct ring_consumer_state state;
	struct ring_producer_state ps;

	must(l, ring_operator_resume(l->f->path, 0, &l->options), "resume");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (l->consumers[i] == NULL)
			continue;
		/* With direct I/O an answer counts from the next mark on. */
		for (unsigned look = 0; look < 3; look++) {
			must(l, ring_consumer_state(l->consumers[i], &state),
			     "state");
			if (state.suspend_acked)
				break;
			must(l, ring_producer_state(l->p, &ps), "state");
		}
		must(l, ring_consumer_resume(l->consumers[i]), "resume");
	}
	look_as_producer(l, false);
}

/* Visible, then pending, then one more item that is published just now. */
static void say_streams(struct look *l)
{
	uint64_t from[ARRAY_SIZE(names)] = { 0 };
	uint64_t sequence[ARRAY_SIZE(names)] = { 0 };

	for (unsigned round = 0; round < 3; round++) {
		if (round == 1)
			must(l, ring_producer_advance(l->p, 0, NULL), "expose");
		if (round == 2)
			must(l, fixture_try_publish(l->p, "z"), "publish");
		for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
			struct ring_consumer_state state;

			if (l->consumers[i] == NULL)
				continue;
			must(l, ring_consumer_state(l->consumers[i], &state),
			     "state");
			if (round == 0)
				sequence[i] = state.items;
			say(l, names[i]);
			say(l, ":");
			from[i] = say_items(l, l->consumers[i], from[i],
					    &sequence[i]);
			say(l, round == 2 ? "." : "; ");
			if (from[i] != RING_POSITION_NONE)
				must(l,
				     ring_consumer_advance(l->consumers[i],
							   from[i], NULL),
				     "advance");
		}
	}
}

static void detach(struct look *l)
{
	must(l, ring_producer_detach(l->p), "detach");
	ring_producer_free(l->p);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (l->consumers[i] == NULL)
			continue;
		must(l, ring_consumer_detach(l->consumers[i]), "detach");
		ring_consumer_free(l->consumers[i]);
	}
	assert_int_equal(l->system.live, 0);
}

static bool is_a_ring(struct look *l)
{
	struct ring_info info;
	struct stat st;

	if (stat(l->f->path, &st) < 0) {
		say(l, "no file");
		return false;
	}
	if (ring_info(l->f->path, &l->options, &info) == -RING_ERR_NOT_A_RING) {
		say(l, "no ring");
		return false;
	}
	return true;
}

void ring_text(struct fixture *f, enum ring_io_mode mode,
	       char ret_text[RING_TEXT_BYTES])
{
	struct look l = { .f = f, .text = ret_text };

	ret_text[0] = '\0';
	fake_system_init(&l.system, 1, 1);
	l.system.others_died = true;
	l.options = fixture_options(f);
	l.options.system = &l.system.system;
	l.options.mode = mode;
	l.options.takeover = true;
	if (!is_a_ring(&l))
		return;
	check(&l);
	say_requests(&l);
	attach(&l);
	resume_all(&l);
	say_streams(&l);
	detach(&l);
}
