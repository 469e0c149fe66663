#ifndef TOOLS_RESTORE_H
#define TOOLS_RESTORE_H

#include "tools/cmd.h"

/*
 * Undo a repair: write back what the backup `file` holds, the last change
 * first. An exit code; what is wrong was said.
 */
int restore_backup(struct call *call, const char *file);

#endif
