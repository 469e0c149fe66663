#ifndef TOOLS_PUBLISHER_H
#define TOOLS_PUBLISHER_H

#include "ring/ring.h"
#include "tools/options.h"
#include "tools/progress.h"

/* Publishes items and waits for a full or suspended ring. */
struct publisher {
	struct ring_producer *p;
	int stop_fd;
	struct option_wait wait; /* default: for ever */
	bool whole;              /* a batch appears all together */

	uint64_t items; /* published */
	uint64_t bytes;
	uint64_t position;
	struct progress progress;
};

/*
 * Publish all entries, in one or, unless `whole`, several commits. 0, or what
 * the ring says; FULL and SUSPENDED when it was given up. pub->items tells how
 * many are published in any case.
 */
int publisher_publish(struct publisher *pub, const struct ring_entry *entries,
		      size_t count);

/* Expose what an earlier producer pushed. The same results. */
int publisher_expose(struct publisher *pub);

#endif
