#ifndef TOOLS_METER_H
#define TOOLS_METER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Rates over the last 10 seconds, minute and 5 minutes, and since the start,
 * from samples that the caller takes every METER_EVERY_NS. Pure.
 */
#define METER_EVERY_NS UINT64_C(10000000000)

enum { METER_WINDOWS = 3, METER_SAMPLES = 31 };

struct meter_sample {
	uint64_t time_ns;
	uint64_t values;
};

struct meter {
	struct meter_sample samples[METER_SAMPLES]; /* a ring of them */
	unsigned newest, count;
	struct meter_sample first;
};

struct meter_rates {
	/* Over 10 s, 1 min, 5 min; negative: it has not lasted that long. */
	double windows[METER_WINDOWS];
	double global; /* negative: no time has passed */
};

void meter_init(struct meter *m, uint64_t now_ns);

/* When the next sample is to be taken. */
uint64_t meter_due_ns(const struct meter *m);

/* So many values in all until now. */
void meter_sample(struct meter *m, uint64_t now_ns, uint64_t values);

/* As of the last sample. */
struct meter_rates meter_rates(const struct meter *m);

#endif
