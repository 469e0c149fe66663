#ifndef TOOLS_RINGGEN_ENV_H
#define TOOLS_RINGGEN_ENV_H

#include "tools/option_line.h"

#include <stddef.h>

enum { RINGGEN_CACHE_BYTES = 4096, RINGGEN_VARIABLE_BYTES = 64 };

/*
 * Options from the environment: RINGGEN_NAME, or, with `bare`, also NAME as
 * datasino has it. A variable that is empty is none.
 */
struct ringgen_env {
	bool bare;
	char wrong[OPTION_WRONG_BYTES]; /* what is, with RINGGEN_ENV_WRONG */
};

enum ringgen_env_result {
	RINGGEN_ENV_NONE,
	RINGGEN_ENV_TAKEN,
	RINGGEN_ENV_WRONG,
};

enum ringgen_env_result ringgen_env_apply(struct ringgen_env *env,
					  const struct option_spec *spec,
					  const char *name);

/* Where compiled programs go: below XDG_CACHE_HOME or HOME. NULL: nowhere. */
const char *ringgen_env_cache(char buf[RINGGEN_CACHE_BYTES]);

#endif
