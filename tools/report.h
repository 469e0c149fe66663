#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include "tools/cmd.h"

/*
 * Say what went wrong: on stderr as one line; with --json on stdout, as one
 * document {"error": {...}} with the members of call->detail behind it.
 * Each returns the exit code that fits.
 */

/* A wrong command line. */
int report_usage(const struct call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A call of the library returned `code` for call->path. */
int report_code(struct call *call, int code);

/* The same, in the command's own words. */
int report_text(struct call *call, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Something worth knowing that is no error: a line on stderr. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Items that reading passed over: a line on stderr. */
void report_loss(const char *path, const struct ring_loss *loss);

/* The exit code for a result of the library. */
int report_exit(int code);

/* The member "error" of a document about `code`; `text` may be NULL. */
json_t *report_error_json(const struct call *call, int code, const char *text);

#endif
