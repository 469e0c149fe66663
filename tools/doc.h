#ifndef TOOLS_DOC_H
#define TOOLS_DOC_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/*
 * JSON documents. Builders needn't look for memory that runs out: a member is
 * missing then, or the document is NULL, and printing that is an error.
 */

/* A string; bytes that are no UTF-8 become U+FFFD. */
json_t *doc_text(const char *text);

/* The bytes as a string if they are UTF-8, else NULL. */
json_t *doc_utf8(const void *bytes, size_t len_bytes);

/* The bytes in base64. */
json_t *doc_base64(const void *bytes, size_t len_bytes);

/* Member `name` as text, or `name`_base64 if it isn't UTF-8. */
void doc_set_bytes(json_t *object, const char *name, const void *bytes,
		   size_t len_bytes);

/* 128 bits as a UUID. */
json_t *doc_uuid(const uint8_t id[16]);

/* Members `name`_ns and `name` (ISO 8601), or null for 0. */
void doc_set_time(json_t *object, const char *name, uint64_t ns);

/* A 64-bit number that may be above 2^63: as hex text. */
json_t *doc_hex(uint64_t value);

/*
 * Print one document in several lines, or in one (for streams of them), and
 * release it. An exit code; that stdout failed shows when it is flushed.
 */
int doc_print(json_t *doc);
int doc_print_line(json_t *doc);

#endif
