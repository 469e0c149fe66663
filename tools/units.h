#ifndef TOOLS_UNITS_H
#define TOOLS_UNITS_H

#include <stdint.h>

/*
 * Numbers as people type them. Each returns NULL, or what is wrong with the
 * text; *ret is written on success only.
 */

/* A decimal number without sign. */
const char *units_count(const char *text, uint64_t *ret);

/* The same, and not above max. */
const char *units_count_to(const char *text, uint64_t max, uint64_t *ret);

/* Bytes: a decimal number, and k, K, M, G or T for powers of 1024. */
const char *units_size(const char *text, uint64_t *ret_bytes);

/* Seconds with up to nine decimals: "5", "0.25". At most 10^9 seconds. */
const char *units_seconds(const char *text, uint64_t *ret_ns);

#endif
