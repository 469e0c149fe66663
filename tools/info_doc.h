#ifndef TOOLS_INFO_DOC_H
#define TOOLS_INFO_DOC_H

#include "tools/cmd.h"

/* Everything in *info as JSON; ringctl(1) lists the members. */
json_t *info_doc(const struct ring_info *info);

/* Its member "consumers": an array. */
json_t *info_doc_consumers(const struct ring_info *info);

/* Print it, with the path before it. An exit code. */
int info_doc_print(const struct call *call, const struct ring_info *info);

#endif
