#ifndef TOOLS_STOP_H
#define TOOLS_STOP_H

#include <stdbool.h>

/*
 * Stopping in good order on SIGINT and SIGTERM. They are held back and looked
 * at where a command can end without loss; no handler, no global state.
 */

/* Hold the signals back, also in threads to come, and ignore SIGPIPE and
 * SIGXFSZ. Returns
 * a descriptor that polls readable from the first of them on, or -errno. */
int stop_open(void);

/* Whether one came; it stays true. */
bool stop_requested(int stop_fd);

/* Forget one that came, so that a further one shows. */
void stop_forget(int stop_fd);

#endif
