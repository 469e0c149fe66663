#ifndef TESTS_LATENT_SCENES_H
#define TESTS_LATENT_SCENES_H

#include "tests/latent/story.h"

/* The rings that faults are made on: each shape in each of some states. */
unsigned scenes_count(void);

/* Tell scene number `i`; story_release() it. Its name is in the story. */
void scenes_tell(unsigned i, uint64_t seed, struct story *s);

/* The number of the scene of that name, or scenes_count(). */
unsigned scenes_find(const char *name, size_t len);

/* The one scene whose every bit is flipped in a short run; those of a long. */
bool scenes_is_exhaustive(unsigned i, bool in_long_run);

#endif
