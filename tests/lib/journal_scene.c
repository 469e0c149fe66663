#include "tests/lib/journal_scene.h"

#include <errno.h>
#include <string.h>

static int perform(void *ctx, const struct journal_op *ops, size_t count)
{
	struct journal_scene *s = ctx;
	const struct seen own = { THREADS, 0 };

	if (s->holds) {
		sem_post(&s->entered);
		sem_wait(&s->leave);
	}
	if (s->answer != 0)
		return s->answer;
	for (size_t i = 0; i < count; i++)
		if (s->count < THREADS * PUSHES)
			memcpy(&s->seen[s->count++], ops[i].bytes, sizeof(own));
	for (; s->pushes_own > 0; s->pushes_own--)
		if (journal_push(s->j, &own, sizeof(own), NULL) != 0)
			return -EIO;
	return (int)count;
}

struct journal_scene *journal_scene_new(void **state)
{
	struct journal_scene *s = fixture_alloc(*state, sizeof(*s));
	static const struct ring_create_options create = {
		.size_bytes = 400000,
		.cursor_slots = 2,
		.max_item_bytes = 4000,
		.max_batch_bytes = 8192,
	};

	s->f = *state;
	fixture_create(s->f, &create);
	s->options.ring.fault = &s->f->fault;
	sem_init(&s->entered, 0, 0);
	sem_init(&s->leave, 0, 0);
	return s;
}

void journal_scene_start(struct journal_scene *s)
{
	const int rc =
		journal_start(s->f->path, &s->options, perform, s, &s->j);

	if (rc != 0)
		fail_msg("%s: %s", ring_error_name(rc), s->f->fault.text);
}

void journal_scene_stop(struct journal_scene *s)
{
	assert_int_equal(journal_shutdown(s->j), 0);
	journal_free(s->j);
}

void scene_worker_begin(struct journal_scene *s, struct worker *w,
			uint32_t thread, void *(*work)(void *))
{
	*w = (struct worker){ .s = s, .thread = thread, .rc = 99 };
	assert_int_equal(pthread_create(&w->id, NULL, work, w), 0);
}

int scene_worker_end(struct worker *w)
{
	pthread_join(w->id, NULL);
	return w->rc;
}

void workers_begin(struct journal_scene *s, struct worker workers[THREADS],
		   uint32_t first, void *(*work)(void *))
{
	for (uint32_t i = first; i < THREADS; i++)
		scene_worker_begin(s, &workers[i], i, work);
}

void workers_end(struct worker workers[THREADS])
{
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(scene_worker_end(&workers[i]), 0);
}
