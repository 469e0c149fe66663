#ifndef TESTS_SWEEP_SCENE_H
#define TESTS_SWEEP_SCENE_H

#include "journal/state.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/ring_fixture.h"

/* A call's surroundings, made anew for each of its runs. */
struct scene {
	struct fixture *f;
	struct fake_system system; /* of all handles here */
	struct ring_options options;
	struct ring_producer *p; /* NULL: there is none */
	struct ring_consumer *c;
	struct journal *j; /* without threads: theirs would not be seen */
	struct ring_io *io;
	uint64_t position; /* for the call, set by enter() */
	char said[256];    /* what the call gave, besides its result */
};

enum {
	SCENE_WRAPPING = 3000,
	SCENE_ANSWER_MS = 5000, /* to wait at most, by the scene's clock */
};

/* ---- handles of any scene ------------------------------------------------ */

/* Attach, asserting that it succeeds. */
struct ring_producer *scene_producer(struct scene *s);
struct ring_consumer *scene_consumer(struct scene *s, const char *name);

/* A journal that consumer "a" stands for; asserted, or its result. */
void scene_enter_journal(struct scene *s);
int scene_open_journal(struct scene *s);

/* Detach and free what is there. */
void scene_leave(struct scene *s);

/* Leave it behind as a process does that is killed. */
void scene_crash(struct scene *s);

/* What rings here are made with. */
struct ring_create_options scene_small_ring(const struct scene *s);

/* An item's worth of one letter; valid until the next call. */
const char *scene_letters(char c, size_t count);

/* Publish nearly half of the data area in a batch. */
int scene_publish_much(struct scene *s);

/* ---- rings: the file that a row's runs begin with ------------------------- */

void scene_make_no_file(struct scene *s);
void scene_make_empty_file(struct scene *s);
void scene_make_data(struct scene *s); /* somebody's file */
void scene_make_new(struct scene *s);  /* a ring, never used */

/* "a b c" are consumed, "d e f" visible, "g h" and then "i" pushed. */
void scene_make_used(struct scene *s);
void scene_make_crashed(struct scene *s);   /* and both sides were killed */
void scene_make_foreign(struct scene *s);   /* likewise, on another host */
void scene_make_suspended(struct scene *s); /* and "a" has suspended it */
void scene_make_third(struct scene *s);     /* and "c" has joined */
void scene_make_damaged(struct scene *s);   /* likewise, and a superblock */

/* All is consumed. */
void scene_make_empty_ring(struct scene *s);

/* An item of SCENE_WRAPPING bytes reaches across the end of the data area. */
void scene_make_before_wrap(struct scene *s);

/* ---- what is attached and done when the call is made ---------------------- */

void scene_enter_producer(struct scene *s);
void scene_enter_consumer(struct scene *s);
void scene_enter_both(struct scene *s);
void scene_enter_before_wrap(struct scene *s);
void scene_enter_before_checkpoint(struct scene *s);
void scene_enter_before_part(struct scene *s);
void scene_enter_before_old_part(struct scene *s);
void scene_enter_request(struct scene *s);
void scene_enter_resumed(struct scene *s);
void scene_enter_claim(struct scene *s);
void scene_enter_before_advance(struct scene *s);
void scene_enter_with_taken(struct scene *s);
void scene_enter_with_news(struct scene *s);
void scene_enter_acked(struct scene *s);
void scene_enter_io(struct scene *s);
void scene_enter_brought(struct scene *s);
void scene_enter_beside_producer(struct scene *s);
void scene_enter_brought_beside(struct scene *s);
void scene_enter_operator_acked(struct scene *s);

#endif
