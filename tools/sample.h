#ifndef TOOLS_SAMPLE_H
#define TOOLS_SAMPLE_H

#include "ring/ring.h"

/* A snapshot of the ring and when it was taken. */
struct sample {
	uint64_t at_ns; /* monotonic; 0: there is none */
	struct ring_info info;
};

/* What went on between two samples, per second. */
struct rate {
	bool known;
	double items;
	double bytes;
};

/* What became visible. */
struct rate sample_rate_in(const struct sample *before,
			   const struct sample *now);

/* What cursor number i of `now` consumed. */
struct rate sample_rate_out(const struct sample *before,
			    const struct sample *now, unsigned i);

#endif
