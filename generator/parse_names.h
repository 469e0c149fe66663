#ifndef GENERATOR_PARSE_NAMES_H
#define GENERATOR_PARSE_NAMES_H

#include "generator/parse.h"

/* Names and where they are written, to be held against each other. */
struct parse_names {
	struct parse_place {
		struct slice name;
		const char *at;
	} * list;
	size_t count;
};

/* The name is not copied. -ENOMEM. */
int parse_names_add(struct parse_names *names, struct slice name,
		    const char *at);

/* Read a name and add it; `what` it is the name of. */
int parse_new_name(struct parse *p, struct parse_names *names, const char *what,
		   struct slice *ret_name);

/* The first name that is there twice is an error; `what` has it. */
int parse_names_differ(struct parse *p, struct parse_names *names,
		       const char *what);

/* A word of `used` that is none of the names is an error; `what` has it. */
int parse_names_known(struct parse *p, struct parse_names *names,
		      const struct parse_names *used, const char *what);

void parse_names_release(struct parse_names *names);

#endif
