#include "tests/crash/workload.h"

#include "ring/producer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char workload_alphabet[WORKLOAD_LETTERS + 1] = "01abcsmAPMOCSRDTdtx";

const struct start starts[STARTS] = {
	{ "fresh", 0, 0, "", "" },
	{ "wrap", 1, 2, "", "" },
	{ "half", 2, 5, "", "" },
	{ "backlog", 1, 0, "PPcA", "P" },
	{ "pending", 1, 0, "P1b", "0" },
	{ "lag", 1, 0, "", "ME" },
	{ "full", 1, 0, "", "mAbA1" },
	{ "silent", 1, 0, "P", "S" },
	{ "epochs", 1, 0,
	  "PDTPDTPDTPDTPDTPDTPDTPDTPDTPDTPDTPDTPDTPDT"
	  "PDTPDTPDTPDTPDTPDTPDTPDTPDTPDTPDTPDT",
	  "" },
};

static bool is_there(const struct world *w, const struct start *start)
{
	const uint64_t lap = world_sizes(w->shape).data_bytes;
	const uint64_t end = world_end(w);

	if (end < (1 + start->laps) * lap)
		return false;
	return start->eighths == 0 ||
	       (lap - end % lap) * 8 <= w->shape->block * start->eighths ||
	       w->shape->padded; /* ends are at blocks there */
}

void workload_prepare(const struct shape *shape, const struct start *start,
		      struct census *census, struct prepared *ret)
{
	struct world *w = calloc(1, sizeof(*w));
	struct sim_disk created;

	if (w == NULL)
		abort();
	world_create(shape, &created);
	w->census = census;
	world_open(w, shape, &created, &(struct judge_expected){ 0 });
	while (w->wrong[0] == '\0' && !is_there(w, start)) {
		world_do(w, 'P');
		world_do(w, 'E');
	}
	for (const char *c = start->first; *c != '\0'; c++)
		world_do(w, *c);
	if (w->wrong[0] != '\0') {
		fprintf(stderr, "crashtest: preparing %s %s: %s\n", shape->name,
			start->name, w->wrong);
		exit(2);
	}
	ret->expected = w->expected;
	w->producer_system.random_seed = 9;
	/* Left by processes that died: every workload begins with a recovery. */
	world_kill_producer(w);
	for (unsigned i = 0; i < shape->cursors; i++)
		world_kill_consumer(w, i);
	sim_disk_complete(&w->disk);
	sim_disk_flush(&w->disk, &(struct sim_access){ 0 }, false);
	sim_disk_flatten(&w->disk, &ret->disk);
	world_close(w);
	sim_disk_release(&created);
	free(w);
}

uint64_t workload_count(unsigned length)
{
	uint64_t n = 1;

	while (length-- > 0)
		n *= WORKLOAD_LETTERS;
	return n;
}

void workload_word(unsigned length, uint64_t n, char *ret)
{
	ret[length] = '\0';
	while (length-- > 0) {
		ret[length] = workload_alphabet[n % WORKLOAD_LETTERS];
		n /= WORKLOAD_LETTERS;
	}
}

bool workload_is_producers(char letter)
{
	return strchr("01abcsmAPMDT", letter) != NULL;
}
