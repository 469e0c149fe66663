#ifndef TESTS_FUZZ_SCRIPT_H
#define TESTS_FUZZ_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An input as a small program that edits a good image. So a fuzzer that knows
 * nothing of checksums gets behind them: the target sets them right again
 * after the edits, if the program says so.
 */
struct script {
	const uint8_t *at;
	size_t left;
};

/* The next number, little-endian; behind the end all are 0. */
uint64_t script_number(struct script *s, unsigned width);

/* As many bytes as there are. */
void script_bytes(struct script *s, uint8_t *buf, size_t len);

/*
 * One edit: how, where (in units of its width), value.
 *
 *     how   bits 0-1  the field has 1, 2, 4 or 8 bytes
 *           bit 2     add the value to what is there, else set it
 *           bit 3     the value is one byte with its sign, else of full width
 */
void script_edit(struct script *s, uint8_t *image, size_t len);

/*
 * The rest of the script, for a target with one small image: a byte of flags,
 * then edits, or with RAW the image itself. Returns the flags.
 */
enum { SCRIPT_SEAL = 1, SCRIPT_RAW = 2 };
unsigned script_run(struct script *s, uint8_t *image, size_t len);

#endif
