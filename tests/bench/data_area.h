#ifndef BENCH_DATA_AREA_H
#define BENCH_DATA_AREA_H

#include "tests/bench/store.h"

#include <sys/types.h>

/*
 * The data area of the ring that is drained beside a bare contestant, which
 * opens its file a second time in the same mode, for the speed of a disk
 * differs from file to file. It is read round and round, as a ring is.
 */
struct data_area {
	int fd;
	uint64_t start, end; /* in the file */
	uint64_t at;         /* where the next piece begins */
};

struct piece {
	off_t offset;
	size_t len_bytes;
};

/* The ring is that of the contestant beside the directory `dir`. 0, or as
 * store_open_failed(), after it was said. */
int data_area_open(struct data_area *a, const struct workload *w,
		   const char *dir);

/* Also of one that was zeroed, or that failed to open. */
void data_area_close(struct data_area *a);

/* The next bytes, at most so many, and step behind them. */
struct piece data_area_next(struct data_area *a, uint64_t most_bytes);

/* What the ring stores for an item, and for the backlog (FORMAT.md 4). */
size_t data_area_record_bytes(const struct workload *w);
uint64_t data_area_stored_bytes(const struct workload *w);

#endif
