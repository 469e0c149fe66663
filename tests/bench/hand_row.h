#ifndef BENCH_HAND_ROW_H
#define BENCH_HAND_ROW_H

#include <stddef.h>
#include <stdint.h>

/*
 * What the generator makes of one schema in row-binary, written by hand: the
 * limit of what an engine can reach. It has the same random numbers and makes
 * the same bytes.
 */
#define HAND_ROW_SCHEMA \
	"{id:u64; ts:u64; user:string; amount:float; tag:u16?; flags:u8[5]}"

/* The words for its fields: ts counts, user is hexadecimal. */
extern const char *const hand_row_words[];

/* Bytes of a row at most, and of what may be overwritten behind the last. */
enum { HAND_ROW_BYTES = 56 };

/* Write the blocks from number `block` on to p. Returns how many bytes. */
size_t hand_rows(uint64_t seed, uint64_t block, unsigned blocks, uint8_t *p);

#endif
