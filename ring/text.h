#ifndef RING_TEXT_H
#define RING_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts in fixed fields on the device: UTF-8, padded with NUL. FORMAT.md. */

/* Whether a field of field_bytes bytes holds a NUL. */
bool text_is_terminated(const uint8_t *field, size_t field_bytes);

/*
 * Whether a user may store this: shorter than the field, no control
 * characters. NULL and "" are valid texts, but not valid names.
 */
bool text_is_valid(const char *text, size_t field_bytes);
bool name_is_valid(const char *name);

/* Store a valid text (NULL: ""); the rest of the field becomes 0. */
void text_put(void *field, size_t field_bytes, const char *text);

#endif
