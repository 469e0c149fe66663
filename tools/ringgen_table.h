#ifndef TOOLS_RINGGEN_TABLE_H
#define TOOLS_RINGGEN_TABLE_H

#include "tools/option_line.h"

#include <stddef.h>

/* Who an option is for; it makes no sense without that. */
enum ringgen_group { FOR_ALL, FOR_RING, FOR_KAFKA };

/* One option of ringgen; see struct option_spec. */
struct ringgen_row {
	const char *name, *value, *help;
	option_read_fn *read;
	size_t at; /* where `ret` is in struct ringgen_options */
	char letter;
	/* The variable that datasino has; also behind RINGGEN_. NULL: it has
	 * none, and behind RINGGEN_ comes the name. "": there is none. */
	const char *env;
	enum ringgen_group group;
	bool repeats;
};

/* Ends with a row of zeros. */
extern const struct ringgen_row ringgen_rows[];

#endif
