#ifndef TESTS_GEN_SCENE_H
#define TESTS_GEN_SCENE_H

#include "generator/generator.h"

#include <stdint.h>

/*
 * A generator of numbers of 8 bytes (u64, row-binary), a sink that the test
 * makes, and a pump between them; and what should come out.
 */
enum { SCENE_VALUE_BYTES = 8 };

struct gen_scene {
	struct gen_schema *schema;
	struct generator *g;
	struct gen_sink *sink; /* the test's to make, the scene's to free */
	struct gen_pump *pump;
	struct gen_error error; /* of the last step */
};

/* Any schema; NULL: the numbers. Asserts that it works. */
void gen_scene_init(struct gen_scene *s, const char *schema);
void gen_scene_pump(struct gen_scene *s, const struct gen_pump_options *o);
void gen_scene_release(struct gen_scene *s);

/* The first `count` values of that schema, as one text. To be freed. */
uint8_t *gen_scene_values(const char *schema, uint64_t count, size_t *ret_len);

/* Steps with a clock that jumps to when the pump wants to be called, until it
 * is done, waits for a descriptor, or fails: the step's result. */
int gen_scene_run(struct gen_scene *s, struct gen_step *ret_step);

/* Run, and assert that it was done. */
void gen_scene_finish(struct gen_scene *s);

#endif
