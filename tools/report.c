#include "tools/report.h"

#include "tools/doc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES = 512 };

/* The library's own words, if it left any about this code. */
static const char *fault_text(const struct call *call, int code)
{
	if (call->fault.code == code && call->fault.text[0] != '\0')
		return call->fault.text;
	return ring_strerror(code);
}

int report_exit(int code)
{
	if (code >= 0)
		return EXIT_OK;
	return ring_error_is_retry(code) ? EXIT_RETRY : EXIT_ERROR;
}

json_t *report_error_json(const struct call *call, int code, const char *text)
{
	static const struct ring_fault none = { 0 };
	const struct ring_fault *fault =
		call->fault.code == code ? &call->fault : &none;

	if (text == NULL)
		text = fault_text(call, code);
	return json_pack("{s:s, s:o, s:I, s:I, s:I}", "code",
			 ring_error_name(code), "text", doc_text(text),
			 "offset", (json_int_t)fault->offset_bytes, "length",
			 (json_int_t)fault->length_bytes, "position",
			 (json_int_t)fault->position);
}

static void print_doc(const struct call *call, json_t *doc)
{
	if (call->stream)
		doc_print_line(doc);
	else
		doc_print(doc);
}

static void print_error(struct call *call, int code, const char *text)
{
	json_t *doc;

	if (!call->json) {
		fprintf(stderr, "ringctl: %s\n", text);
		return;
	}
	doc = json_pack("{s:o}", "error", report_error_json(call, code, text));
	if (call->detail != NULL && doc != NULL)
		json_object_update(doc, call->detail);
	print_doc(call, doc);
}

int report_text(struct call *call, int code, const char *format, ...)
{
	char text[TEXT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	print_error(call, code, text);
	return report_exit(code);
}

int report_code(struct call *call, int code)
{
	const char *text = fault_text(call, code);

	/* A fault may name the ring already. */
	if (strstr(text, call->path) != NULL)
		return report_text(call, code, "%s", text);
	return report_text(call, code, "'%s': %s", call->path, text);
}

int report_usage(const struct call *call, const char *format, ...)
{
	char text[TEXT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (call->json)
		print_doc(call, json_pack("{s:{s:s, s:o}}", "error", "code",
					  "USAGE", "text", doc_text(text)));
	fprintf(stderr, "ringctl: %s\nTry 'ringctl %s%s--help'.\n", text,
		call->cmd->name, call->cmd->name[0] == '\0' ? "" : " ");
	return EXIT_USAGE;
}

void report_note(const char *format, ...)
{
	va_list args;

	fputs("ringctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void report_loss(const char *path, const struct ring_loss *loss)
{
	if (loss->items == 0)
		report_note("'%s': passed damage from position %" PRIu64
			    " to %" PRIu64,
			    path, loss->position, loss->next);
	else
		report_note("'%s': %" PRIu64 " item%s from %" PRIu64
			    " on lost, from position %" PRIu64 " to %" PRIu64,
			    path, loss->items, loss->items == 1 ? "" : "s",
			    loss->sequence, loss->position, loss->next);
}
