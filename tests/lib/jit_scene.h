#ifndef TESTS_JIT_SCENE_H
#define TESTS_JIT_SCENE_H

#include "generator/generator.h"

enum { JIT_PATH_BYTES = 128 };

/* A compiler that counts its runs, and a cache, in a directory of their own.
 * Each call fails the test if it can't do what it says. */
struct jit_scene {
	char dir[JIT_PATH_BYTES];      /* all is in here */
	char cache[JIT_PATH_BYTES];    /* the cache, not there yet */
	char aside[JIT_PATH_BYTES];    /* where things may be moved to */
	char compiler[JIT_PATH_BYTES]; /* a script that runs cc */
	char runs[JIT_PATH_BYTES];     /* a line for each run: its arguments */
};

/* Skips the test where there is no cc, if that is needed. */
void jit_scene_set_up(struct jit_scene *s, bool needs_cc);
void jit_scene_tear_down(struct jit_scene *s);

/* Another script, in sh, which sees the compiler's arguments. */
void jit_scene_write_compiler(const struct jit_scene *s, const char *body);

int jit_scene_count_runs(const struct jit_scene *s);

/* A type of which values are made. */
extern const char jit_scene_usual[];

/* A generator of row-binary. */
struct generator *jit_scene_create(const struct jit_scene *s,
				   const struct gen_schema *schema,
				   enum gen_engine engine);

/* The next values of both are the same. */
void jit_scene_compare(struct generator *g, struct generator *other);

/* Values of the type are made as the interpreter makes them, with this in the
 * note (NULL: there is none). */
void jit_scene_make(const struct jit_scene *s, const char *type,
		    const char *note);

/* Say why the test that runs can't, and leave it. */
void jit_scene_skip(const char *reason);

#endif
