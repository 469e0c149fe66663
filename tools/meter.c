#include "tools/meter.h"

static const double ns_per_second = 1e9;

/* Samples don't come on the dot: a window may be a little short. */
static const double slack_ns = METER_EVERY_NS / 4;

void meter_init(struct meter *m, uint64_t now_ns)
{
	*m = (struct meter){ .first = { .time_ns = now_ns } };
	m->samples[0] = m->first;
	m->count = 1;
}

uint64_t meter_due_ns(const struct meter *m)
{
	return m->samples[m->newest].time_ns + METER_EVERY_NS;
}

void meter_sample(struct meter *m, uint64_t now_ns, uint64_t values)
{
	m->newest = (m->newest + 1) % METER_SAMPLES;
	m->samples[m->newest] = (struct meter_sample){ now_ns, values };
	if (m->count < METER_SAMPLES)
		m->count++;
}

static double rate_between(const struct meter_sample *from,
			   const struct meter_sample *to)
{
	const double ns = (double)(to->time_ns - from->time_ns);

	if (ns <= 0)
		return -1;
	return (double)(to->values - from->values) / ns * ns_per_second;
}

/* Since the newest sample that is old enough. */
static double window_rate(const struct meter *m, double window_ns)
{
	const struct meter_sample *last = &m->samples[m->newest];

	for (unsigned age = 1; age < m->count; age++) {
		const unsigned at =
			(m->newest + METER_SAMPLES - age) % METER_SAMPLES;
		const struct meter_sample *sample = &m->samples[at];

		if ((double)(last->time_ns - sample->time_ns) >=
		    window_ns - slack_ns)
			return rate_between(sample, last);
	}
	return -1;
}

struct meter_rates meter_rates(const struct meter *m)
{
	static const double seconds[METER_WINDOWS] = { 10, 60, 300 };
	struct meter_rates rates;

	for (unsigned i = 0; i < METER_WINDOWS; i++)
		rates.windows[i] = window_rate(m, seconds[i] * ns_per_second);
	rates.global = rate_between(&m->first, &m->samples[m->newest]);
	return rates;
}
