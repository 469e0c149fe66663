#ifndef TOOLS_TORTURE_ITEM_H
#define TOOLS_TORTURE_ITEM_H

#include "ring/ring.h"

#include <stdint.h>

/*
 * What an item of the torture test has in it. All of it follows from these
 * numbers, so that one who knows them can tell the right item from a damaged
 * one, and from one that was discarded and had the same sequence number.
 */
struct torture_item {
	uint64_t seed;     /* of the run */
	uint64_t sequence; /* its number in the ring */
	uint64_t call;     /* the number of the call that pushed it */
	uint64_t max_bytes;
};

enum { TORTURE_META_BYTES = 16 /* or 0 */ };

/*
 * Write the item's metadata and data to `buf`, which has room for
 * TORTURE_META_BYTES + item->max_bytes, and describe it.
 */
void torture_item_make(const struct torture_item *item, uint8_t *buf,
		       struct ring_entry *ret_entry);

enum torture_match {
	TORTURE_SAME,
	TORTURE_OTHER,   /* whole, but not the one expected here */
	TORTURE_DAMAGED, /* nothing that was ever pushed */
};

/* Compare what was delivered with what it has to be. `buf` as above. */
enum torture_match torture_item_compare(const struct torture_item *item,
					uint8_t *buf,
					const struct ring_item *got);

#endif
