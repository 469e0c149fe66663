#ifndef JOURNAL_SKIP_H
#define JOURNAL_SKIP_H

#include <stddef.h>
#include <stdint.h>

/*
 * What the journal has skipped over its life: the cursor's cookie, durable with
 * the very advance that skips (docs/JOURNAL.md, "Skipping").
 */
struct skips {
	uint64_t count;
	uint64_t last_number;
};

enum { SKIPS_BYTES = 24 };

void skips_encode(const struct skips *s, uint8_t ret[SKIPS_BYTES]);

/* All zero if the cookie is none of a journal. */
void skips_decode(const uint8_t *cookie, size_t len_bytes, struct skips *ret);

#endif
