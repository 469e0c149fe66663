#include "tests/lib/journal_record.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC UINT64_C(0x6465746172657065)

struct journal_entry journal_record_at(const struct journal_record *r,
				       unsigned i)
{
	struct journal_entry e;

	memcpy(&e, r->bytes + (size_t)i * JOURNAL_RECORD_SECTOR, sizeof(e));
	return e;
}

const struct journal_record *journal_record_read(struct sim_disk *disk)
{
	static struct journal_record r;
	struct ring_io *io = sim_disk_open(disk);
	struct ring_io_batch batch = {
		.ops = { { RING_IO_READ, 0, r.bytes, sizeof(r.bytes) } },
		.count = 1,
	};

	if (ring_io_run(io, &batch) < 0)
		abort();
	ring_io_close(io);
	r.count = 0;
	while (r.count < JOURNAL_RECORD_ENTRIES &&
	       journal_record_at(&r, r.count).magic == MAGIC + r.count)
		r.count++;
	return &r;
}

static struct journal_entry new_entry(unsigned at, const struct journal_op *op)
{
	struct journal_entry e = { .magic = MAGIC + at, .number = op->number };

	memcpy(&e.tag, op->bytes, sizeof(e.tag));
	return e;
}

int journal_record_add(struct ring_io *io, unsigned at,
		       const struct journal_op *ops, size_t count)
{
	/* Not static: others perform while this is under way. */
	_Alignas(4096)
		uint8_t sectors[RING_IO_BATCH_MAX][JOURNAL_RECORD_SECTOR] = {
			0
		};
	struct ring_io_batch batch = { .count = (unsigned)count,
				       .flush = true };

	if (at + count > JOURNAL_RECORD_ENTRIES || count > RING_IO_BATCH_MAX)
		abort();
	for (unsigned i = 0; i < count; i++) {
		const struct journal_entry e = new_entry(at + i, &ops[i]);

		memcpy(sectors[i], &e, sizeof(e));
		batch.ops[i] = (struct ring_io_op){
			.kind = RING_IO_WRITE,
			.offset_bytes =
				(uint64_t)(at + i) * JOURNAL_RECORD_SECTOR,
			.buf = sectors[i],
			.len_bytes = JOURNAL_RECORD_SECTOR,
		};
	}
	return ring_io_run(io, &batch);
}
