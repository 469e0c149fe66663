#ifndef TOOLS_RINGGEN_SETUP_H
#define TOOLS_RINGGEN_SETUP_H

#include "tools/ringgen_options.h"

/* All that values go through. Zeros are nothing, which can be released. */
struct ringgen_setup {
	struct gen_schema *schema;
	struct generator *g;
	struct gen_sink *sink;
	struct gen_pump *pump;
};

/*
 * Make it: what is said on the command line first, so that a wrong one leaves
 * no file. Fills what is still open in *o. An exit code: EXIT_OK, or it has
 * been said what is wrong.
 */
int ringgen_setup_make(struct ringgen_setup *s, struct ringgen_options *o);
void ringgen_setup_release(struct ringgen_setup *s);

#endif
