#include "tools/ringgen_env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_BYTES = RINGGEN_VARIABLE_BYTES + 8 }; /* with the prefix */

static const char *nonempty(const char *text)
{
	return text == NULL || text[0] == '\0' ? NULL : text;
}

/* The variable's name goes to ret_name. */
static const char *find(const struct ringgen_env *env, const char *name,
			char ret_name[NAME_BYTES])
{
	const char *text;

	snprintf(ret_name, NAME_BYTES, "RINGGEN_%s", name);
	text = nonempty(getenv(ret_name));
	if (text != NULL || !env->bare)
		return text;
	snprintf(ret_name, NAME_BYTES, "%s", name);
	return nonempty(getenv(ret_name));
}

/* 1, 0, or -1: it is no word for a flag. */
static int flag_of(const char *text)
{
	static const char *const words[][4] = {
		{ "0", "false", "no", "n" },
		{ "1", "true", "yes", "y" },
	};

	for (int value = 0; value < 2; value++)
		for (unsigned i = 0; i < 4; i++)
			if (strcasecmp(text, words[value][i]) == 0)
				return value;
	return -1;
}

static enum ringgen_env_result refuse(struct ringgen_env *env,
				      const char *variable, const char *text,
				      const char *wrong)
{
	snprintf(env->wrong, sizeof(env->wrong), "variable '%s': '%s': %s",
		 variable, text, wrong);
	return RINGGEN_ENV_WRONG;
}

enum ringgen_env_result ringgen_env_apply(struct ringgen_env *env,
					  const struct option_spec *spec,
					  const char *name)
{
	char variable[NAME_BYTES];
	const char *text = find(env, name, variable), *wrong;
	const int flag = text == NULL ? 0 : flag_of(text);

	if (text == NULL)
		return RINGGEN_ENV_NONE;
	if (spec->value == NULL && flag < 0)
		return refuse(env, variable, text, "must be true or false");
	if (spec->value == NULL && flag == 0)
		return RINGGEN_ENV_NONE;
	wrong = option_line_apply(spec, text);
	return wrong == NULL ? RINGGEN_ENV_TAKEN
			     : refuse(env, variable, text, wrong);
}

const char *ringgen_env_cache(char buf[RINGGEN_CACHE_BYTES])
{
	const char *cache = nonempty(getenv("XDG_CACHE_HOME"));
	const char *home = nonempty(getenv("HOME"));
	int len;

	if (cache != NULL)
		len = snprintf(buf, RINGGEN_CACHE_BYTES, "%s/ringgen", cache);
	else if (home != NULL)
		len = snprintf(buf, RINGGEN_CACHE_BYTES, "%s/.cache/ringgen",
			       home);
	else
		return NULL;
	return len < RINGGEN_CACHE_BYTES ? buf : NULL;
}
