#ifndef TOOLS_RUNNER_H
#define TOOLS_RUNNER_H

#include "tools/output.h"

/*
 * Run a command, found as a shell finds it, with the bytes of `input` on its
 * standard input, and wait for its end. Nothing is cut off: a command that
 * reads all of it gets all, then the end; one that does not read it is no
 * error. Takes what is in `input`. Returns its exit code, 128 and the signal
 * that ended it, or -errno if it could not be run.
 */
int runner_run(char *const argv[], struct output *input);

#endif
