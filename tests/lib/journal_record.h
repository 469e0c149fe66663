#ifndef TESTS_JOURNAL_RECORD_H
#define TESTS_JOURNAL_RECORD_H

#include "journal/journal.h"
#include "tests/lib/sim_disk.h"

/*
 * What a perform has done, on a simulated disk of its own: a list of entries,
 * one a sector, in the order of the deeds. It ends where no entry follows.
 */
enum { JOURNAL_RECORD_SECTOR = 512, JOURNAL_RECORD_ENTRIES = 192 };

struct journal_entry {
	uint64_t magic;
	uint64_t number; /* of the operation */
	uint32_t tag;    /* its first bytes */
};

struct journal_record {
	_Alignas(4096)
		uint8_t bytes[JOURNAL_RECORD_ENTRIES * JOURNAL_RECORD_SECTOR];
	unsigned count;
};

struct journal_entry journal_record_at(const struct journal_record *r,
				       unsigned i);

/* What a process reads, also what is in its page cache only. Static storage,
 * until the next call: one thread at a time. */
const struct journal_record *journal_record_read(struct sim_disk *disk);

/* Add entries behind the first `at`, and flush. 0, or the storage's error. */
int journal_record_add(struct ring_io *io, unsigned at,
		       const struct journal_op *ops, size_t count);

#endif
