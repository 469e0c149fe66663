#ifndef GENERATOR_JIT_CACHE_H
#define GENERATOR_JIT_CACHE_H

#include "generator/generator.h"
#include "generator/jit_file.h"

#include <stdbool.h>

/*
 * Shared objects of earlier runs, each in a file that is named by a hash of its
 * key. What is found there becomes part of the process, so it must come from
 * this user: a directory or a file that anybody else might have written is not
 * believed. Any number of processes may use a cache at once.
 */

/* Open the directory, which is made if need be. A descriptor; or -EINVAL, and
 * the note says why it is not used. */
int jit_cache_open(const char *path, struct gen_error *note);

/* Whether there is one for exactly this key. The note says so if one was there
 * that is not believed. */
bool jit_cache_get(int cache, const char *key, struct gen_error *note,
		   struct jit_object *ret_object);

/* Keep it, in place of what may be there. A failure is noted. */
void jit_cache_put(int cache, const char *key, const struct jit_object *object,
		   struct gen_error *note);

#endif
