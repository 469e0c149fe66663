#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include "tools/cmd.h"
#include "tools/option_line.h"

#include <stdint.h>

/* The options of the commands of ringctl. */

/* What options_parse() returns when the command shall run. */
enum { OPTIONS_RUN = -1 };

/*
 * Parse what follows the command: its own options, those that all have, and
 * its operands. Returns OPTIONS_RUN, or the exit code if the command is done:
 * help was asked for, or the line is wrong (it has been said how).
 */
int options_parse(struct call *call, const struct option_spec *specs);

/* A duration; `given` tells 0 from the default. */
struct option_wait {
	bool given;
	uint64_t ns;
};

/* Options that several commands have. */
struct option_spec option_takeover(struct call *call);
struct option_spec option_on_damage(struct call *call);
struct option_spec option_durability(struct call *call);
struct option_spec option_deliver(struct call *call);
struct option_spec option_consumer(const char **ret);
struct option_spec option_for_wait(struct option_wait *ret, const char *help);

/* Readers beside those of option_line.h. */
const char *option_u32(const char *text, void *ret);     /* uint32_t, a size */
const char *option_seconds(const char *text, void *ret); /* option_wait */
const char *option_millis(const char *text, void *ret);  /* option_wait */

#endif
