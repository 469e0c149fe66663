#include "tools/progress.h"

#include "tools/deadline.h"
#include "tools/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { FIRST_NS = 1000000000, EVERY_NS = 200000000 };

void progress_init(struct progress *p, const char *verb)
{
	uint64_t now_ns = deadline_now_ns();

	*p = (struct progress){
		.enabled = isatty(STDERR_FILENO) == 1,
		.verb = verb,
		.start_ns = now_ns,
		.next_ns = now_ns + FIRST_NS,
	};
}

bool progress_due(struct progress *p)
{
	uint64_t now_ns;

	if (!p->enabled)
		return false;
	now_ns = deadline_now_ns();
	if (now_ns < p->next_ns)
		return false;
	p->next_ns = now_ns + EVERY_NS;
	p->shown = true;
	return true;
}

void progress_tick(struct progress *p, uint64_t items, uint64_t bytes)
{
	char size[HUMAN_BYTES], rate[HUMAN_BYTES];
	double seconds;

	if (!progress_due(p))
		return;
	seconds = (double)(deadline_now_ns() - p->start_ns) / 1e9;
	fprintf(stderr, "\r%s %" PRIu64 " items, %s, %s/s\033[K", p->verb,
		items, human_size(size, bytes),
		human_size(rate, (uint64_t)((double)bytes / seconds)));
}

void progress_clear(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
