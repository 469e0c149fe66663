#ifndef TESTS_RING_MODEL_H
#define TESTS_RING_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a ring must hold, as a plain queue in memory. Items are numbers: their
 * bytes follow from them.
 */
enum {
	MODEL_CURSORS = 3,
	MODEL_ITEMS = 512, /* more than any ring here holds */
	MODEL_BODY_MAX = 20480,
};

struct model_item {
	uint32_t tag;
	uint32_t len;
};

struct model {
	uint64_t pushed, exposed; /* sequence numbers: the next one */
	uint64_t consumed[MODEL_CURSORS];
	bool suspended[MODEL_CURSORS];        /* its suspend is acknowledged */
	struct model_item items[MODEL_ITEMS]; /* by sequence number */
};

/* The bytes of an item; its len of them. */
void model_fill(const struct model_item *item, uint8_t *buf);

/* One more item at the end. */
void model_push(struct model *m, struct model_item item);

const struct model_item *model_item(const struct model *m, uint64_t sequence);

bool model_is_suspended(const struct model *m);

/* Fits in 128 bytes. */
void model_text(const struct model *m, unsigned cursors, char *buf, size_t len);

#endif
