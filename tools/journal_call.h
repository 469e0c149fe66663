#ifndef TOOLS_JOURNAL_CALL_H
#define TOOLS_JOURNAL_CALL_H

#include "journal/journal.h"
#include "tools/cmd.h"
#include "tools/options.h"

/* What the commands that take part in a journal share. */

/* --size, for storage that is not a ring yet. */
struct option_spec journal_option_size(struct journal_options *o);

/*
 * Start it, as a command does: *o gets the options of the call. 0, or an exit
 * code above 0 after the error was told.
 */
int journal_call_start(struct call *call, struct journal_options *o,
		       journal_perform_fn *perform, void *ctx,
		       struct journal **ret_journal);

/* The journal failed with `code`: tell it in its own words. An exit code. */
int journal_call_report(struct call *call, struct journal *j, int code);

#endif
