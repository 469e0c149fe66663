#ifndef TESTS_LATENT_FAULT_H
#define TESTS_LATENT_FAULT_H

#include "tests/latent/truth.h"

/* One latent fault of the storage, made on the disk of a story and undone. */
enum fault_kind {
	FAULT_FLIP,        /* a bit is the other one */
	FAULT_LOST,        /* a write never reached the medium */
	FAULT_MISDIRECTED, /* it reached another place instead */
	FAULT_STALE,       /* a block is as some writes ago */
	FAULT_KINDS,
};

struct fault {
	enum fault_kind kind;
	uint64_t offset; /* flip, stale: where; misdirected: to where */
	unsigned bit;    /* flip */
	size_t write;    /* lost, misdirected: which; stale: the first of
			  * those that the block has not seen */
};

/* What to put back, and where bytes have changed. */
struct made {
	struct hit hit;
	uint8_t *old[2];
};

/* Make it. False: no byte changes, and nothing is to be undone. */
bool fault_make(struct story *s, const struct fault *f, struct made *made);
void fault_undo(struct story *s, struct made *made);

const char *fault_kind_text(enum fault_kind kind);

/* As text and back, to repeat it. */
void fault_print(const struct fault *f, char *buf, size_t len);
bool fault_parse(const char *text, struct fault *ret);

#endif
