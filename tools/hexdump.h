#ifndef TOOLS_HEXDUMP_H
#define TOOLS_HEXDUMP_H

#include <stddef.h>
#include <stdint.h>

/* Print bytes on stdout, 16 to a line: offset, hex, text. */
void hexdump(const uint8_t *bytes, size_t len_bytes);

#endif
